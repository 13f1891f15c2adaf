//! Being stopped by somebody else than us, and going on: the operator has the terminal meanwhile, and a whole screen after.

use std::sync::Arc;

use rustix::process::{Signal, getpid, kill_process};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use super::terminal;

/// Steps aside whenever this process is to stop, and says when it goes on. Never ends, unless it cannot listen.
pub async fn stopping(goes_on: Arc<Notify>) {
    let heard = |which: Signal| signal(SignalKind::from_raw(which.as_raw()));
    let (Ok(mut stop), Ok(mut go_on)) = (heard(Signal::TSTP), heard(Signal::CONT)) else {
        return std::future::pending().await;
    };
    loop {
        tokio::select! {
            _ = stop.recv() => {
                terminal::step_aside();
                // Listened to, the signal itself stops nobody any more; this one is heard by none.
                if kill_process(getpid(), Signal::STOP).is_err() {
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
}
