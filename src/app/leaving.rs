//! Leaving the console. Who leaves in the midst of jobs is asked once, for they end with it.

use super::popup::{Confirm, Item};
use super::{App, Effect, Popup};
use crate::model::text::counted;

impl App {
    /// Leaves; while jobs run or wait, only after a yes, or when it is asked for again.
    pub(super) fn leave(&mut self) -> Vec<Effect> {
        let asked = matches!(self.popups.last(), Some(Popup::Confirm(confirm)) if confirm.leaves());
        let (run, wait, _) = self.board.counts();
        if asked || run + wait == 0 {
            return vec![Effect::Quit];
        }
        let runs = format!("{} {}", counted(run as u64, "job"), if run == 1 { "runs" } else { "run" });
        let waits = format!("{wait} {}", if wait == 1 { "waits" } else { "wait" });
        let open = self.board.jobs.iter().filter(|job| !job.state.is_over());
        let items =
            open.map(|job| Item { name: job.action.title(), amount: job.state.word().to_owned(), how: String::new() });
        self.popups.push(Popup::Confirm(Confirm {
            title: "leave in the midst of jobs".to_owned(),
            sums_up: format!("{runs}, {waits}: leaving cancels what waits and stops following what runs."),
            items: items.collect(),
            notes: vec!["Afterwards: quarterdeck history tells how far each came. ctrl-c again leaves now.".to_owned()],
            typing: None,
            actions: Vec::new(),
            rolls: None,
            yes: "Leave",
            on_yes: false,
            scroll: 0,
        }));
        self.unseen_until = None;
        self.dirty = true;
        Vec::new()
    }
}
