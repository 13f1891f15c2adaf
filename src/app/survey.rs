//! What open screens ask the engines of nodes, as long as they are open, and what was told.

use std::sync::Arc;

use super::keymap::Place;
use super::screens::What;
use super::{App, Effect, Screen, Subject};
use crate::model::{Asked, NodeId, Reply, Survey};

/// The number of a survey, so that what an old one tells is not taken for the new one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct LookId(pub u64);

/// What is asked, and of which node; of all where none is named.
pub type Look = (Asked, Option<NodeId>);

/// The survey of a console: what is asked at present, and what was told.
#[derive(Debug, Default)]
pub struct Surveying {
    begun: u64,
    look: Option<(LookId, Look)>,
    pub(super) told: Arc<Survey>,
}

impl App {
    /// What the engines of nodes told.
    #[must_use]
    pub fn survey(&self) -> &Survey {
        &self.surveying.told
    }

    /// What is asked at present.
    #[must_use]
    pub fn surveying_now(&self) -> Option<(LookId, &Look)> {
        self.surveying.look.as_ref().map(|(id, look)| (*id, look))
    }

    pub(super) fn on_seen(&mut self, id: LookId, survey: &Survey) -> Vec<Effect> {
        if self.surveying.look.as_ref().is_none_or(|(known, _)| *known != id) {
            return Vec::new();
        }
        let told = &self.surveying.told;
        // Asked again, a node shows what it told before until it tells anew.
        let nodes = survey.nodes.iter().map(|(node, reply)| match (reply, told.of(node)) {
            (Reply::Waiting, Some(before)) => (node.clone(), before.clone()),
            (reply, _) => (node.clone(), reply.clone()),
        });
        let next = Survey { nodes: nodes.collect() };
        if next != **told {
            self.surveying.told = Arc::new(next);
            let rows = self.refresh();
            self.dirty |= rows && matches!(self.views.top(), Screen::List(screen) if screen.what.asked().is_some());
        }
        Vec::new()
    }

    /// Begins what the open screens want to know, and ends what none wants to know any more.
    pub(super) fn settle_survey(&mut self, effects: &mut Vec<Effect>) {
        let mut open = self.views.open().rev();
        let wanted = open.find_map(|screen| match screen {
            Screen::List(screen) => screen.what.asked(),
            _ => None,
        });
        drop(open);
        if wanted.as_ref() == self.surveying.look.as_ref().map(|(_, look)| look) {
            return;
        }
        self.surveying.told = Arc::default();
        self.surveying.look = None;
        match wanted {
            Some(look) => effects.push(self.begin_survey(look)),
            None => effects.push(Effect::StopLook),
        }
        self.refresh();
    }

    fn begin_survey(&mut self, look: Look) -> Effect {
        self.surveying.begun += 1;
        let id = LookId(self.surveying.begun);
        self.surveying.look = Some((id, look.clone()));
        Effect::Look { id, asked: look.0, of: look.1 }
    }

    /// Asks the same again. Readings of usage come by themselves.
    pub(super) fn survey_again(&mut self) -> Option<Effect> {
        let (_, look) = self.surveying.look.clone()?;
        (look.0 != Asked::Usage).then(|| self.begin_survey(look))
    }

    /// Shows what a key asks of the node under the cursor; pressed again there, of all nodes.
    pub(super) fn show_survey(&mut self, asked: Asked) -> Vec<Effect> {
        let (here, pointed) = match self.views.top() {
            Screen::List(screen) => (screen.what.asked(), screen.list.selected().cloned()),
            _ => (None, None),
        };
        let node = match (&here, pointed) {
            (Some((same, Some(_))), _) if *same == asked => None,
            (Some((_, of)), _) => of.clone(),
            (None, Some(Subject::Node(node))) => Some(node),
            (None, _) => None,
        };
        let of = node.clone().filter(|_| asked != Asked::Disk).map(Subject::Node);
        if here.is_some() && !self.views.pop() {
            // The first screen of a stack cannot be taken away: it goes among the earlier views.
            self.go(Place::Nodes);
        }
        self.views.push(Screen::list(match asked {
            Asked::Usage => What::Usage(of),
            Asked::Volumes => What::Volumes(of),
            Asked::Images => What::Images(of),
            Asked::Disk => What::Disk,
            Asked::Storage => What::Storage(of),
        }));
        if let (Screen::List(screen), Some(node)) = (self.views.top_mut(), node) {
            screen.list.select(&Subject::Node(node));
        }
        self.refresh();
        Vec::new()
    }
}
