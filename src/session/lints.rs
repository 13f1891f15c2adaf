//! Looking through the folder, beside the loop. A newer look ends the older.

use tokio::task::JoinSet;

use crate::app::{LintId, Msg};
use crate::hub::Handle;

/// The look under way.
#[derive(Debug, Default)]
pub struct Lints(JoinSet<Msg>);

impl Lints {
    /// Begins one.
    pub fn begin(&mut self, handle: &Handle, id: LintId) {
        self.0.abort_all();
        let handle = handle.clone();
        self.0.spawn(async move { Msg::Linted { id, answer: handle.lint().await } });
    }

    /// What the next one found.
    pub async fn next(&mut self) -> Msg {
        loop {
            match self.0.join_next().await {
                Some(Ok(msg)) => return msg,
                // One that was given up.
                Some(Err(_)) => {}
                None => return std::future::pending().await,
            }
        }
    }
}
