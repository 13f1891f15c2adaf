//! The question before snapshots are taken: of the dataset under the cursor, or of all marked ones. Changes nothing.

use super::format::{bytes, count};
use super::popup::{Confirm, Item};
use super::{App, Level, Popup, Screen, Subject, redeploy};
use crate::action::{Action, Shot};
use crate::model::{Holding, Holds, NodeId, Reply, Told};

impl App {
    /// Asks before snapshots are taken.
    pub(super) fn ask_snapshot(&mut self) {
        if let Some(why) = redeploy::refusal(&self.picture, self.settings.read_only) {
            return self.tell(Level::Warning, why);
        }
        let Screen::List(screen) = self.views.top() else { return };
        let pointed = screen.list.pointed();
        let found: Vec<(&NodeId, &Holding)> = pointed.iter().filter_map(|subject| self.dataset(subject)).collect();
        if found.is_empty() {
            return self.tell(Level::Warning, "point at a dataset of ZFS, then T takes a snapshot of it");
        }
        let name = format!("quarterdeck-{}", self.now.strftime("%Y%m%d-%H%M%S"));
        let host = |node: &NodeId| self.picture.swarm.hostname(node).to_owned();
        let items = found.iter().map(|(node, row)| Item {
            name: format!("{}@{name}", row.name),
            amount: row.free.map(|free| format!("{} free", bytes(free))).unwrap_or_default(),
            how: format!("on {}", host(node)),
        });
        let shots =
            found.iter().map(|(node, row)| Shot { node: (*node).clone(), host: host(node), dataset: row.name.clone() });
        let action = Action::Snapshot { shots: shots.collect(), name: name.clone() };
        let left = pointed.len() - found.len();
        let confirm = Confirm {
            title: action.title(),
            sums_up: format!(
                "{} of this moment, kept until someone destroys it.",
                count(found.len() as u64, "snapshot")
            ),
            items: items.collect(),
            notes: (left > 0).then(|| format!("{left} marked are no datasets and are left out")).into_iter().collect(),
            typing: None,
            actions: vec![action],
            rolls: None,
            yes: "Snapshot",
            on_yes: false,
            scroll: 0,
        };
        self.popups.push(Popup::Confirm(confirm));
    }

    fn dataset(&self, subject: &Subject) -> Option<(&NodeId, &Holding)> {
        let Subject::Holding(node, Holds::Dataset, name) = subject else { return None };
        let (node, reply) = self.survey().nodes.iter().find(|(id, _)| id == node)?;
        let Reply::Told(Told::Storage(rows)) = reply else { return None };
        Some((node, rows.iter().find(|row| row.holds == Holds::Dataset && row.name == *name)?))
    }
}
