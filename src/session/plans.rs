//! Plans that are being made for the screen. A newer question for one ends the older.

use tokio::task::JoinSet;

use std::sync::Arc;

use crate::action::Deed;
use crate::action::undo::Back;
use crate::app::{Msg, PlanId, PlanOffer};
use crate::hub::Handle;

/// The question under way.
#[derive(Debug, Default)]
pub struct Plans(JoinSet<Msg>);

impl Plans {
    /// Begins to make one.
    pub fn begin(&mut self, handle: &Handle, id: PlanId, stack: String, rotate: bool) {
        self.0.abort_all();
        let handle = handle.clone();
        self.0.spawn(async move {
            Msg::Planned {
                id,
                answer: handle.plan(&stack, rotate).await.map(|(plan, action)| Box::new(PlanOffer { plan, action })),
            }
        });
    }

    /// Begins to make the plan of an undo.
    pub fn take_back(&mut self, handle: &Handle, id: PlanId, back: Back) {
        self.0.abort_all();
        let handle = handle.clone();
        self.0.spawn(async move {
            let answer = handle.take_back(&back).await.map_err(|fault| vec![fault]);
            Msg::Planned { id, answer: answer.map(|(plan, action)| Box::new(PlanOffer { plan, action })) }
        });
    }

    /// Begins to make the plan of what is left of a deed.
    pub fn finish(&mut self, handle: &Handle, id: PlanId, deed: Arc<Deed>) {
        self.0.abort_all();
        let handle = handle.clone();
        self.0.spawn(async move {
            let answer = handle.resume(&deed).await;
            Msg::Planned { id, answer: answer.map(|(plan, action)| Box::new(PlanOffer { plan, action })) }
        });
    }

    /// The next one that is made.
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
