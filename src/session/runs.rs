//! The command that this session runs on machines, and what it says as messages. It goes on when its page is left.

use tokio_util::sync::{CancellationToken, DropGuard};

use crate::app::{Msg, RunId};
use crate::hub::{Handle, Output};
use crate::model::NodeId;

/// The run, if there is one. Dropping it hangs up on the command.
#[derive(Debug, Default)]
pub struct Runs {
    run: Option<(RunId, Output, Option<DropGuard>)>,
}

impl Runs {
    /// Begins one; any other ends.
    pub fn begin(&mut self, handle: &Handle, id: RunId, (line, nodes): (&str, &[NodeId])) {
        let stop = CancellationToken::new();
        let output = handle.run_line(line, nodes, stop.clone());
        self.run = Some((id, output, Some(stop.drop_guard())));
    }

    /// Hangs up; how it ended is told still.
    pub fn end(&mut self) {
        if let Some((_, _, guard)) = &mut self.run {
            *guard = None;
        }
    }

    /// What was said newest; waits for ever where nothing more will come.
    pub async fn next(&mut self) -> Msg {
        let Some((id, output, _)) = &mut self.run else { return std::future::pending().await };
        match output.changed().await {
            Ok(ran) => Msg::Ran { id: *id, ran },
            Err(_) => std::future::pending().await,
        }
    }
}
