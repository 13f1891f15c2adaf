//! Being stopped by somebody else than us, and going on: the operator has the terminal meanwhile, and a whole screen after.

use std::process::{Command, id};
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use super::terminal;

/// SIGTSTP and SIGCONT, for which tokio has no names.
const STOP: i32 = if cfg!(target_os = "linux") { 20 } else { 18 };
const GO_ON: i32 = if cfg!(target_os = "linux") { 18 } else { 19 };

/// Steps aside whenever this process is to stop, and says when it goes on. Never ends, unless it cannot listen.
pub async fn stopping(goes_on: Arc<Notify>) {
    let (stop, go_on) = (SignalKind::from_raw(STOP), SignalKind::from_raw(GO_ON));
    let (Ok(mut stop), Ok(mut go_on)) = (signal(stop), signal(go_on)) else { return std::future::pending().await };
    loop {
        tokio::select! {
            _ = stop.recv() => {
                terminal::step_aside();
                // Listened to, the signal itself stops nobody any more; this one is heard by none.
                let stopped = Command::new("kill").args(["-STOP", &id().to_string()]).status();
                if !stopped.is_ok_and(|status| status.success()) {
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
