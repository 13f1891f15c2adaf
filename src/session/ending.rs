//! What ends a session from outside: signals, and a parent that is gone.

use std::io;
use std::os::unix::process::parent_id;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

/// How often the parent is looked for. A killed parent leaves no signal where the session is not its terminal's.
const PARENT_LOOK: Duration = Duration::from_secs(1);

/// Waits until the program should end, and says why.
///
/// # Errors
/// If the signals cannot be listened to.
pub async fn ending() -> io::Result<&'static str> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut quit = signal(SignalKind::quit())?;
    let parent = parent_id();
    let mut look = tokio::time::interval(PARENT_LOOK);
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok("terminated"),
            _ = hang_up.recv() => return Ok("hung up"),
            _ = interrupt.recv() => return Ok("interrupted"),
            _ = quit.recv() => return Ok("told to quit"),
            _ = look.tick() => if parent_id() != parent {
                return Ok("the parent process is gone");
            },
        }
    }
}
