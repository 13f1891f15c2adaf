//! Questions from below on their way to the screen, and answers on their way back.

use std::collections::BTreeMap;

use tokio::sync::mpsc;

use crate::app::{AskId, Msg};
use crate::ask::{Answer, Asked};

/// What was asked and not answered yet. What is left when the session ends counts as a no.
#[derive(Debug, Default)]
pub struct Questions {
    from: Option<mpsc::Receiver<Asked>>,
    open: BTreeMap<AskId, Asked>,
    asked: u64,
}

impl Questions {
    /// Those that come out here.
    #[must_use]
    pub fn new(from: mpsc::Receiver<Asked>) -> Self {
        Self { from: Some(from), ..Self::default() }
    }

    /// The next one, as the console hears of it. Where nobody can ask, it never comes.
    pub async fn next(&mut self) -> Msg {
        let asked = match &mut self.from {
            Some(from) => from.recv().await,
            None => None,
        };
        let Some(asked) = asked else { return std::future::pending().await };
        self.asked += 1;
        let id = AskId(self.asked);
        let question = asked.question.clone();
        self.open.insert(id, asked);
        Msg::Asked(id, question)
    }

    /// Hands an answer down.
    pub fn answer(&mut self, id: AskId, answer: Answer) {
        if let Some(asked) = self.open.remove(&id) {
            asked.answer(answer);
        }
    }
}
