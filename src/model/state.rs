//! The eight states that everything on screen is in, each with its one sign and its one word.

use std::fmt;

/// How something is. Ordered from best to worst, so that the worst of several is their maximum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum State {
    /// A one-shot that completed.
    Done,
    /// Off on purpose.
    Off,
    /// As it should be.
    #[default]
    Ready,
    /// On its way there.
    Converging,
    /// Waits for something that is named.
    Waiting,
    /// Cannot be known.
    Unknown,
    /// Works in part, or only after a rollback.
    Degraded,
    /// Does not work.
    Failed,
}

impl State {
    /// All of them, best first.
    pub const ALL: [State; 8] = [
        State::Done,
        State::Off,
        State::Ready,
        State::Converging,
        State::Waiting,
        State::Unknown,
        State::Degraded,
        State::Failed,
    ];

    /// The word that stands for it everywhere.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            State::Done => "done",
            State::Off => "off",
            State::Ready => "ready",
            State::Converging => "converging",
            State::Waiting => "waiting",
            State::Unknown => "unknown",
            State::Degraded => "degraded",
            State::Failed => "failed",
        }
    }

    /// The sign that stands beside the word.
    #[must_use]
    pub fn sign(self) -> char {
        match self {
            State::Done => '✓',
            State::Off => '○',
            State::Ready => '●',
            State::Converging => '◐',
            State::Waiting => '◌',
            State::Unknown => '?',
            State::Degraded => '▲',
            State::Failed => '✖',
        }
    }

    /// The sign where only ASCII can be shown.
    #[must_use]
    pub fn ascii_sign(self) -> char {
        match self {
            State::Done => '+',
            State::Off => 'o',
            State::Ready => '*',
            State::Converging => '~',
            State::Waiting => '.',
            State::Unknown => '?',
            State::Degraded => '!',
            State::Failed => 'x',
        }
    }

    /// Nothing is left to wait for and nothing is wrong.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, State::Done | State::Off | State::Ready)
    }

    /// A person should look.
    #[must_use]
    pub fn is_trouble(self) -> bool {
        matches!(self, State::Waiting | State::Unknown | State::Degraded | State::Failed)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_states_share_a_sign_or_a_word() {
        let signs: BTreeSet<_> = State::ALL.iter().map(|state| state.sign()).collect();
        let ascii: BTreeSet<_> = State::ALL.iter().map(|state| state.ascii_sign()).collect();
        let words: BTreeSet<_> = State::ALL.iter().map(|state| state.word()).collect();
        assert_eq!((signs.len(), ascii.len(), words.len()), (8, 8, 8));
    }
}
