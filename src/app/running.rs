//! A line of shell on machines: typed, run, and what it says on a page of its own. One at a time.

use std::sync::Arc;

use super::format::count;
use super::prompt::{Kind, Prompt};
use super::screens::What;
use super::{App, Effect, Level, Screen, Subject};
use crate::model::{NodeId, Ran, RanEnd, RanOn};

/// The number of a run, so that what an old one tells is not taken for the new one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct RunId(pub u64);

/// What was run last, and where the line that is typed will run.
#[derive(Debug, Default)]
pub struct Running {
    id: RunId,
    ran: Arc<Ran>,
    aimed: Vec<NodeId>,
}

impl App {
    /// How many machines the line that is typed will run on.
    #[must_use]
    pub fn aimed(&self) -> usize {
        self.running.aimed.len()
    }

    /// Lets a line be typed for the marked nodes, or the one under the cursor. While one runs, shows its page.
    pub(super) fn begin_command(&mut self) {
        if self.settings.read_only {
            return self.tell(Level::Warning, "refused: this console is read-only");
        }
        if self.running.ran.goes_on() {
            self.show_output();
            return self.tell(Level::Warning, "a command still runs: x on its page stops it");
        }
        let Screen::List(screen) = self.views.top() else { return };
        let nodes = screen.list.pointed().into_iter().filter_map(|subject| match subject {
            Subject::Node(id) => Some(id),
            _ => None,
        });
        self.running.aimed = nodes.collect();
        if self.running.aimed.is_empty() {
            return self.tell(Level::Warning, "point at a node, or mark some, then x runs a command there");
        }
        self.prompt = Some(Prompt::new(Kind::Command, ""));
    }

    /// Runs what was typed on the nodes that were pointed at when the typing began.
    pub(super) fn run_typed(&mut self) -> Vec<Effect> {
        let Some(prompt) = self.prompt.take() else { return Vec::new() };
        let line = prompt.text().trim().to_owned();
        let nodes = std::mem::take(&mut self.running.aimed);
        if line.is_empty() || nodes.is_empty() {
            return Vec::new();
        }
        if let Screen::List(screen) = self.views.top_mut() {
            screen.list.unmark();
        }
        let id = RunId(self.running.id.0 + 1);
        self.running.id = id;
        self.running.ran = Arc::new(Ran::begun(&line, nodes.iter().cloned()));
        self.show_output();
        self.tell(Level::Info, format!("running on {}", count(nodes.len() as u64, "node")));
        vec![Effect::Run { id, line, nodes }]
    }

    fn show_output(&mut self) {
        let ran = Arc::clone(&self.running.ran);
        if !matches!(self.views.top(), Screen::List(screen) if matches!(screen.what, What::Output(_))) {
            self.views.push(Screen::list(What::Output(ran)));
        }
        self.refresh();
    }

    pub(super) fn on_ran(&mut self, id: RunId, ran: Arc<Ran>) -> Vec<Effect> {
        if id != self.running.id {
            return Vec::new();
        }
        let was = self.running.ran.goes_on();
        let over = was && !ran.goes_on();
        for screen in self.views.open_mut() {
            if let Screen::List(screen) = screen
                && let What::Output(shown) = &mut screen.what
            {
                *shown = Arc::clone(&ran);
                self.dirty = true;
            }
        }
        if over {
            let well = |host: &&RanOn| matches!(host.end, Some(RanEnd::Code(0)));
            let (all, well) = (ran.hosts.len(), ran.hosts.iter().filter(well).count());
            let over = format!("the command is over on {}", count(all as u64, "node"));
            match all - well {
                0 => self.tell(Level::Info, over),
                ill => self.tell(Level::Warning, format!("{over}, and went wrong on {ill}")),
            }
        }
        self.running.ran = ran;
        self.refresh();
        Vec::new()
    }

    /// Hangs up on the command, if it runs still.
    pub(super) fn stop_command(&mut self) -> Vec<Effect> {
        if self.running.ran.goes_on() {
            self.tell(Level::Info, "hanging up on the command");
            return vec![Effect::StopRun];
        }
        self.tell(Level::Warning, "the command is over: there is nothing to stop");
        Vec::new()
    }
}
