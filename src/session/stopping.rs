//! Being stopped by somebody else than us, and going on: the operator has the terminal meanwhile, and a whole screen after.

use std::io;
use std::sync::Arc;

use futures_util::FutureExt;
use rustix::process::{Signal, getpid, kill_process};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use super::terminal;

/// Listens from now on. Steps aside whenever this process is to stop, and says when it goes on. Never ends.
///
/// # Errors
/// If the signals cannot be listened to.
pub fn stopping(goes_on: Arc<Notify>) -> io::Result<impl Future<Output = ()>> {
    let heard = |which: Signal| signal(SignalKind::from_raw(which.as_raw()));
    let (mut stop, mut go_on) = (heard(Signal::TSTP)?, heard(Signal::CONT)?);
    Ok(async move {
        loop {
            tokio::select! {
                biased;
                _ = stop.recv() => {
                    terminal::step_aside();
                    // Who was told to go on meanwhile does not stop. The signal itself stops nobody who listens to it; the
                    // one that is sent here is heard by none.
                    let is_over = go_on.recv().now_or_never().is_some();
                    if is_over || kill_process(getpid(), Signal::STOP).is_err() {
                        terminal::step_back();
                        goes_on.notify_one();
                    }
                }
                _ = go_on.recv() => {
                    terminal::step_back();
                    goes_on.notify_one();
                }
            }
        }
    })
}
