//! The one log tail that a session may have, and its lines as messages.

use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::app::{Msg, TailId};
use crate::hub::Handle;
use crate::jobs::TailNews;
use crate::model::LogQuery;

/// The tail of this session, if there is one. Dropping it ends it.
#[derive(Debug, Default)]
pub struct Lines {
    tail: Option<(TailId, mpsc::Receiver<TailNews>, DropGuard)>,
}

impl Lines {
    /// Begins a tail; any other ends.
    pub fn begin(&mut self, handle: &Handle, id: TailId, query: LogQuery) {
        let stop = CancellationToken::new();
        let read = handle.tail(query, stop.clone());
        self.tail = Some((id, read, stop.drop_guard()));
    }

    /// Ends the tail.
    pub fn end(&mut self) {
        self.tail = None;
    }

    /// The next thing the tail tells; waits for ever where there is none.
    pub async fn next(&mut self) -> Option<Msg> {
        let Some((id, read, _)) = &mut self.tail else {
            return std::future::pending().await;
        };
        let tail = *id;
        match read.recv().await {
            Some(TailNews::Lines(lines, dropped)) => Some(Msg::Lines { tail, lines, dropped }),
            Some(TailNews::Cut(fault)) => Some(Msg::TailEnded { tail, fault: Some(fault) }),
            Some(TailNews::Ended) => Some(Msg::TailEnded { tail, fault: None }),
            None => {
                self.tail = None;
                None
            }
        }
    }
}
