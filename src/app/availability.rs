//! The question before nodes are told to do something else: what moves, what can run nowhere else, which data stays.
//! Changes nothing.

use super::format::count;
use super::popup::{Confirm, Item};
use super::{App, Level, Popup, Subject, redeploy};
use crate::action::Duty;
use crate::action::availability::{self, Offer};
use crate::model::NodeId;

impl App {
    /// Asks before the marked nodes, or the one under the cursor, are told to do this.
    pub(super) fn ask_duty(&mut self, to: Duty) {
        let nodes: Vec<NodeId> = self
            .pointed()
            .into_iter()
            .filter_map(|subject| if let Subject::Node(id) = subject { Some(id) } else { None })
            .collect();
        if nodes.is_empty() {
            return self.tell(Level::Warning, format!("point at a node, then this key tells it to {}", to.verb()));
        }
        self.ask_duty_of(&nodes, to);
    }

    /// Asks before these nodes are told to do this.
    pub(super) fn ask_duty_of(&mut self, nodes: &[NodeId], to: Duty) {
        if let Some(why) = redeploy::refusal(&self.picture, self.settings.read_only) {
            return self.tell(Level::Warning, why);
        }
        match self.duty_question(nodes, to) {
            Ok(confirm) => self.popups.push(Popup::Confirm(confirm)),
            Err(why) => self.tell(Level::Warning, why),
        }
    }

    fn duty_question(&self, nodes: &[NodeId], to: Duty) -> Result<Confirm, String> {
        let beside: &[NodeId] = if to == Duty::Drain { nodes } else { &[] };
        let mut offers: Vec<Offer> = Vec::new();
        let mut already = Vec::new();
        for id in nodes {
            match availability::node(&self.picture, id.as_str(), to, beside) {
                Ok(Some(offer)) => offers.push(offer),
                Ok(None) => already.push(self.picture.swarm.hostname(id).to_owned()),
                Err(fault) => return Err(fault.line()),
            }
        }
        if offers.is_empty() {
            return Err(format!("{} already: {}", already.join(", "), to.word()));
        }
        let title = match offers.as_slice() {
            [only] => only.action.title(),
            many => format!("{} {}", to.verb(), count(many.len() as u64, "node")),
        };
        let item = |leaves: &availability::Leaves| Item {
            name: leaves.service.name.clone(),
            amount: count(leaves.tasks, "task"),
            how: leaves.words(),
        };
        let each: Vec<String> = offers.iter().map(Offer::sums_up).collect();
        Ok(Confirm {
            title,
            sums_up: each.join(" "),
            items: offers.iter().flat_map(|offer| offer.leaves.iter().map(item)).collect(),
            notes: offers.iter().flat_map(|offer| offer.notes.iter().cloned()).collect(),
            typing: None,
            actions: offers.into_iter().map(|offer| offer.action).collect(),
            rolls: None,
            yes: match to {
                Duty::Active => "Activate",
                Duty::Pause => "Pause",
                Duty::Drain => "Drain",
            },
            on_yes: false,
            scroll: 0,
        })
    }
}
