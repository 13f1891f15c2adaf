//! The program itself in a real terminal, on a simulated swarm that the test holds in its hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on should stop")]

#[cfg(test)]
mod bad_input;
#[cfg(test)]
#[path = "../support/console.rs"]
mod console;
#[cfg(test)]
mod history;
#[cfg(test)]
mod managers;
#[cfg(test)]
mod new;
#[cfg(test)]
mod shell;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod world;

/// What the shared console wants to know of its surroundings.
#[cfg(test)]
mod lab {
    use std::time::Duration;

    /// How long a state is waited for. Long, because a machine may be busy; a test ends as soon as the state is there.
    pub fn patience() -> Duration {
        Duration::from_secs(60)
    }
}

#[cfg(test)]
mod verbs {
    use tempfile::TempDir;

    /// A home with nothing in it.
    pub fn nowhere() -> TempDir {
        tempfile::tempdir().expect("a folder")
    }
}
