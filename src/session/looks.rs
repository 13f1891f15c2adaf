//! What the engines of nodes are asked for this session, and what they tell as messages.

use tokio_util::sync::{CancellationToken, DropGuard};

use crate::app::{LookId, Msg};
use crate::hub::{Handle, Look};

/// The survey of this session, if there is one. Dropping it ends it.
#[derive(Debug, Default)]
pub struct Looks {
    look: Option<(LookId, Look, DropGuard)>,
}

impl Looks {
    /// Begins to ask; any other asking ends.
    pub fn begin(&mut self, handle: &Handle, id: LookId, (asked, of): crate::app::Look) {
        let stop = CancellationToken::new();
        let look = handle.survey(asked, of.as_ref(), stop.clone());
        self.look = Some((id, look, stop.drop_guard()));
    }

    /// Asks no more.
    pub fn end(&mut self) {
        self.look = None;
    }

    /// What was told newest; waits for ever where nothing is asked, or nothing more will come.
    pub async fn next(&mut self) -> Msg {
        let Some((id, look, _)) = &mut self.look else { return std::future::pending().await };
        match look.changed().await {
            Ok(survey) => Msg::Seen { look: *id, survey },
            Err(_) => std::future::pending().await,
        }
    }
}
