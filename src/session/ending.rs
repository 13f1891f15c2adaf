//! What ends a session: signals, a parent that is gone, and what cannot be gone on with.

use std::io;
use std::os::unix::process::parent_id;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

/// How often the parent is looked for. A killed parent leaves no signal where the session is not its terminal's.
const PARENT_LOOK: Duration = Duration::from_secs(1);

/// Why a session could not go on.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The terminal cannot be taken over or drawn on.
    #[error("the terminal does not answer: {0}")]
    Terminal(String),
    /// What keeps the picture has ended: going on would show an old one as the present.
    #[error("following the swarm broke off; this is a bug in quarterdeck, and its log says more")]
    Bug,
}

/// Listens from now on, and waits until the program should end; says why.
///
/// # Errors
/// If the signals cannot be listened to.
pub fn ending() -> io::Result<impl Future<Output = &'static str>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut quit = signal(SignalKind::quit())?;
    let parent = parent_id();
    Ok(async move {
        let mut look = tokio::time::interval(PARENT_LOOK);
        loop {
            tokio::select! {
                _ = terminate.recv() => return "terminated",
                _ = hang_up.recv() => return "hung up",
                _ = interrupt.recv() => return "interrupted",
                _ = quit.recv() => return "told to quit",
                _ = look.tick() => if parent_id() != parent {
                    return "the parent process is gone";
                },
            }
        }
    })
}
