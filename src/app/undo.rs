//! Taking back what was done, and what becomes of what broke off. Shows a plan first; nothing is done that was not shown.

use std::sync::Arc;

use super::plan_screen::PlanId;
use super::{App, Effect, Level, PlanScreen, Screen, Subject};
use crate::action::{Deed, undo};

impl App {
    /// The deed under the cursor.
    pub(super) fn deed(&self) -> Option<&Arc<Deed>> {
        match self.views.top().subject(&self.picture)? {
            Subject::Deed(key) | Subject::Trodden(key, _) => self.done.find(&key),
            Subject::Job(id) | Subject::Step(id, _) => {
                let part = |deed: &&Arc<Deed>| deed.begun.request().is_none();
                self.done.deeds.iter().filter(part).find(|deed| deed.own && deed.begun.number == id.0)
            }
            Subject::Course(first) => {
                let whole = |deed: &&Arc<Deed>| deed.begun.request().is_some();
                self.done.deeds.iter().filter(whole).find(|deed| deed.own && deed.begun.number == first.0)
            }
            _ => None,
        }
    }

    /// Shows what it takes to bring back what the deed under the cursor replaced.
    pub(super) fn undo(&mut self) -> Vec<Effect> {
        let Some(key) = self.deed().map(|deed| deed.begun.job.clone()) else {
            self.tell(Level::Warning, "point at something that was done, then u shows what it takes to undo it");
            return Vec::new();
        };
        match undo::undo(&self.done, Some(&key), &self.picture.swarm.cluster.id) {
            Ok(back) => {
                let title = back.title.clone();
                self.plan_other(title, Effect::TakeBack { id: self.plans, back })
            }
            Err(fault) => {
                self.tell(Level::Warning, format!("refused: {}", fault.line()));
                Vec::new()
            }
        }
    }

    /// Shows what is left of the deed under the cursor.
    pub(super) fn finish(&mut self) -> Vec<Effect> {
        match self.deed().cloned() {
            Some(deed) if deed.is_interrupted() => {
                let title = format!("the rest of {}", deed.begun.what);
                self.plan_other(title, Effect::Finish { id: self.plans, deed })
            }
            _ => {
                self.tell(Level::Warning, "only what broke off can be finished");
                Vec::new()
            }
        }
    }

    /// Lets the deed under the cursor be.
    pub(super) fn let_be(&mut self) -> Vec<Effect> {
        if self.settings.read_only {
            self.tell(Level::Warning, "refused: this console is read-only");
            return Vec::new();
        }
        match self.deed().cloned() {
            Some(deed) if deed.is_interrupted() => {
                self.tell(Level::Info, format!("{}: let be; what it had done by then stays", deed.begun.what));
                vec![Effect::LetBe(deed.begun.job.clone())]
            }
            _ => {
                self.tell(Level::Warning, "only what broke off can be let be");
                Vec::new()
            }
        }
    }

    /// Lets the next job of the lane of the job under the cursor pass over a holder who is gone.
    pub(super) fn take_over(&mut self) -> Vec<Effect> {
        if self.settings.read_only {
            self.tell(Level::Warning, "refused: this console is read-only");
            return Vec::new();
        }
        let lane = match self.views.top().subject(&self.picture) {
            Some(Subject::Job(id) | Subject::Step(id, _)) => self.board.job(id).map(|job| job.action.lane()),
            _ => None,
        };
        let Some(lane) = lane else {
            self.tell(Level::Warning, "point at the job that was refused, then T lets the next one take the lock over");
            return Vec::new();
        };
        let text = format!("{}: the next job takes its lock over, if its holder is gone: ask for it again", lane.0);
        self.tell(Level::Info, text);
        vec![Effect::TakeOver(lane)]
    }

    /// Opens the plan of something that is no deploy, or makes the one on screen anew.
    pub(super) fn plan_other(&mut self, title: String, effect: Effect) -> Vec<Effect> {
        self.plans = PlanId(self.plans.0 + 1);
        let id = self.plans;
        let effect = match effect {
            Effect::TakeBack { back, .. } => Effect::TakeBack { id, back },
            Effect::Finish { deed, .. } => Effect::Finish { id, deed },
            Effect::Sync(_) => Effect::Sync(id),
            Effect::PlanSome { stacks, .. } => Effect::PlanSome { id, stacks },
            other => other,
        };
        match self.views.top_mut() {
            Screen::Plan(screen) if screen.stack == title => screen.again(id),
            _ => {
                let mut screen = PlanScreen::new(title, id);
                screen.other = Some(effect.clone());
                self.views.push(Screen::Plan(Box::new(screen)));
            }
        }
        self.refresh();
        vec![effect]
    }
}
