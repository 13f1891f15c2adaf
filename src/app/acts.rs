//! What the keys of a screen do. An act asks first and goes through the queue; the picture is never edited.

use std::collections::BTreeSet;

use super::keymap::Place;
use super::popup::Confirm;
use super::screens::What;
use super::{App, DescribeView, Effect, Level, Move, Popup, Screen, Subject, format, redeploy};
use crate::action::Job;
use crate::model::StackHealth;

impl App {
    pub(super) fn step(&mut self, step: Move) {
        let picture = std::sync::Arc::clone(&self.picture);
        match self.views.top_mut() {
            Screen::Overview(view) => view.go(step, &picture),
            Screen::List(screen) => {
                screen.list.step(step);
            }
            Screen::Page(page) => page.go(step),
            Screen::Plan(plan) => plan.go(step),
            Screen::Logs(log) => log.view.go(step),
        }
    }

    /// To a place by its key.
    pub(super) fn go(&mut self, place: Place) -> Vec<Effect> {
        if place == Place::Logs {
            self.go_to_logs();
            return Vec::new();
        }
        self.views.jump(place, || match place {
            Place::Overview | Place::Logs => Screen::Overview(super::OverviewView::default()),
            Place::Nodes => Screen::list(What::Nodes),
            Place::Stacks => Screen::list(What::Stacks),
            Place::Services => Screen::list(What::Services(None)),
            Place::Tasks => Screen::list(What::Tasks(None)),
            Place::Queue => Screen::list(What::Queue),
            Place::Events => Screen::list(What::Events),
            Place::Usage => Screen::list(What::Usage(None)),
            Place::Volumes => Screen::list(What::Volumes(None)),
            Place::Images => Screen::list(What::Images(None)),
            Place::Disk => Screen::list(What::Disk),
            Place::Storage => Screen::list(What::Storage(None)),
            Place::Lint => Screen::list(What::Lint),
        });
        self.refresh();
        Vec::new()
    }

    fn go_to_logs(&mut self) {
        let subject = self.views.top().subject(&self.picture);
        if let Some(subject @ (Subject::Service(_) | Subject::Task(..))) = subject {
            self.logs_of(subject);
        } else if let Some(last) = self.last_log.clone() {
            self.logs_of(last);
        } else {
            self.tell(Level::Warning, "point at a service or a task, then 6 or l shows its log");
        }
    }

    /// Opens what is under the cursor.
    pub(super) fn open(&mut self) {
        if let Screen::List(screen) = self.views.top_mut()
            && screen.fold()
        {
            self.refresh();
            return;
        }
        match (self.views.top(), self.views.top().subject(&self.picture)) {
            // There is nothing to go to from here.
            (
                Screen::List(_),
                Some(subject @ (Subject::Course(_) | Subject::Leg(..) | Subject::Job(_) | Subject::Step(..))),
            ) => self.page_of(subject, false),
            (_, Some(subject)) => self.open_subject(subject),
            (_, None) => {}
        }
    }

    /// A stack opens its services, a service and a node their tasks, a task its log.
    pub(super) fn open_subject(&mut self, subject: Subject) {
        let screen = match subject {
            Subject::Stack(_) | Subject::Tier(_) => Screen::list(What::Services(Some(subject))),
            Subject::Service(_) | Subject::Node(_) => Screen::list(What::Tasks(Some(subject))),
            Subject::Task(..) => return self.page_of(subject, false),
            Subject::Quorum => Screen::list(What::Nodes),
            Subject::Course(_) | Subject::Leg(..) | Subject::Job(_) | Subject::Step(..) => {
                self.go(Place::Queue);
                if let Screen::List(screen) = self.views.top_mut() {
                    screen.list.select(&subject);
                }
                return;
            }
            Subject::Event(_) => return self.open_event(),
            Subject::Message(_) | Subject::Line(..) => return,
            Subject::Deed(_) | Subject::Trodden(..) => return self.page_of(subject, false),
            Subject::Finding(..)
            | Subject::Container(..)
            | Subject::Volume(..)
            | Subject::Image(..)
            | Subject::Holding(..) => {
                return self.page_of(subject, false);
            }
        };
        self.views.push(screen);
        self.refresh();
    }

    /// An event leads to what it is about.
    fn open_event(&mut self) {
        let Screen::List(screen) = self.views.top() else { return };
        let about = screen.list.current().and_then(|row| row.cells.get(3)?.text().map(str::to_owned));
        let Some(name) = about else { return };
        let swarm = &self.picture.swarm;
        let service = swarm.services.values().find(|service| service.name == name);
        let node = swarm.nodes.values().find(|node| node.hostname == name);
        match (service, node) {
            (Some(service), _) => self.open_subject(Subject::Service(service.id.clone())),
            (None, Some(node)) => self.open_subject(Subject::Node(node.id.clone())),
            (None, None) => self.tell(Level::Warning, format!("{name} is no service or node that is here now")),
        }
    }

    pub(super) fn page(&mut self, raw: bool) {
        if let Screen::Page(page) = self.views.top_mut() {
            page.set_raw(raw);
            self.refresh();
        } else if let Some(subject) = self.views.top().subject(&self.picture) {
            self.page_of(subject, raw);
        }
    }

    pub(super) fn page_of(&mut self, subject: Subject, raw: bool) {
        self.views.push(Screen::Page(Box::new(DescribeView::new(subject, raw))));
        self.refresh();
    }

    pub(super) fn search(&mut self, text: &str) {
        match self.views.top_mut() {
            Screen::Page(page) => page.search(text),
            Screen::Logs(log) => log.view.search(text),
            _ => {}
        }
    }

    pub(super) fn sift(&mut self, text: &str) {
        if let Screen::Logs(log) = self.views.top_mut() {
            log.view.filter(text);
        }
    }

    /// Asks before the marked things, or the one under the cursor, are redeployed.
    pub(super) fn redeploy(&mut self) -> Vec<Effect> {
        if self.redeploy_shown() {
            return Vec::new();
        }
        let subjects = self.pointed();
        if subjects.is_empty() {
            self.tell(Level::Warning, "nothing is selected");
            return Vec::new();
        }
        self.ask_redeploy(&subjects)
    }

    /// The marked things that are shown, or what is under the cursor.
    pub(super) fn pointed(&self) -> Vec<Subject> {
        match self.views.top() {
            Screen::List(screen) => screen.list.pointed(),
            top => top.subject(&self.picture).into_iter().collect(),
        }
    }

    pub(super) fn ask_redeploy(&mut self, subjects: &[Subject]) -> Vec<Effect> {
        if let Some(why) = redeploy::refusal(&self.picture, self.settings.read_only) {
            self.tell(Level::Warning, why);
            return Vec::new();
        }
        let subjects: BTreeSet<Subject> = subjects.iter().flat_map(|subject| self.stacks_of_tier(subject)).collect();
        let subjects: Vec<Subject> = subjects.into_iter().collect();
        if let Some(effects) = self.redeploy_from_files(&subjects) {
            return effects;
        }
        match redeploy::question(&self.picture, &subjects) {
            Ok(confirm) => self.popups.push(Popup::Confirm(confirm)),
            Err(why) => self.tell(Level::Warning, why),
        }
        Vec::new()
    }

    /// A tier stands for its stacks that run, anything else for itself.
    fn stacks_of_tier(&self, subject: &Subject) -> Vec<Subject> {
        let Subject::Tier(tier) = subject else { return vec![subject.clone()] };
        let runs = |stack: &&StackHealth| stack.tier == *tier && !stack.services.is_empty() && !stack.name.is_empty();
        self.picture.stacks.iter().filter(runs).map(|stack| Subject::Stack(stack.name.clone())).collect()
    }

    /// Puts what was agreed to into the queue, unless the world has moved on meanwhile.
    pub(super) fn submit(&mut self, confirm: Confirm) -> Vec<Effect> {
        if let Some(why) = redeploy::refusal(&self.picture, self.settings.read_only) {
            self.tell(Level::Warning, why);
            return Vec::new();
        }
        if let Screen::List(screen) = self.views.top_mut() {
            screen.list.unmark();
        }
        let rolls =
            confirm.rolls.map(|rolls| Effect::RollOut { id: rolls.id, all_tasks: rolls.all_tasks == Some(true) });
        confirm.actions.into_iter().map(Effect::Submit).chain(rolls).collect()
    }

    pub(super) fn cancel(&mut self) -> Vec<Effect> {
        if matches!(self.views.top(), Screen::List(screen) if matches!(screen.what, What::Output(_))) {
            return self.stop_command();
        }
        let Some(subject) = self.views.top().subject(&self.picture) else { return Vec::new() };
        let open: Vec<_> = self.jobs_of(&subject).into_iter().filter(|job| !job.state.is_over()).collect();
        let what = match open.as_slice() {
            [] => {
                self.tell(Level::Warning, "that is over: there is nothing to cancel");
                return Vec::new();
            }
            [job] => job.action.title(),
            jobs => format::count(jobs.len() as u64, "job"),
        };
        let ids = open.iter().map(|job| job.id).collect();
        self.tell(Level::Info, format!("{what}: asked to stop after the step under way"));
        vec![Effect::Cancel(ids)]
    }

    /// The jobs that are pointed at.
    pub(super) fn jobs_of(&self, subject: &Subject) -> Vec<&Job> {
        match subject {
            Subject::Job(id) | Subject::Step(id, _) => self.board.job(*id).into_iter().collect(),
            Subject::Course(id) => self.board.course(*id).collect(),
            Subject::Leg(id, tier) => self.board.course(*id).filter(|job| job.is_in(tier)).collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn look_again(&mut self) -> Vec<Effect> {
        if matches!(self.views.top(), Screen::List(screen) if screen.what == What::Lint) {
            self.tell(Level::Info, "looking through the folder again");
            return vec![self.lint_again()];
        }
        let text = if self.picture.swarm.link.is_live() { "looking again" } else { "trying the line now" };
        self.tell(Level::Info, text);
        self.survey_again().into_iter().chain([Effect::Nudge]).collect()
    }

    /// Copies the id; pressed again on the same thing, its name, then its image.
    pub(super) fn copy(&mut self) -> Vec<Effect> {
        let text = match self.views.top() {
            Screen::Logs(log) => Some(log.view.copied()),
            Screen::Page(page) => Some(page.copied()),
            _ => None,
        };
        if let Some(text) = text {
            self.tell(Level::Info, format!("copied {}", format::count(text.lines().count() as u64, "line")));
            return vec![Effect::Copy(text)];
        }
        let Some(subject) = self.views.top().subject(&self.picture) else { return Vec::new() };
        let parts = self.parts(&subject);
        let turn = match &self.copied {
            Some((last, turn)) if *last == subject => turn + 1,
            _ => 0,
        };
        let Some((what, text)) = parts.get(turn % parts.len().max(1)).cloned() else { return Vec::new() };
        self.tell(Level::Info, format!("copied the {what}: {text}"));
        self.copied = Some((subject, turn));
        vec![Effect::Copy(text)]
    }

    fn parts(&self, subject: &Subject) -> Vec<(&'static str, String)> {
        let name = super::screen::name(subject, &self.picture);
        let swarm = &self.picture.swarm;
        match subject {
            Subject::Node(id) => {
                let address = swarm.nodes.get(id).map(|node| ("address", node.address.clone()));
                [("id", id.to_string()), ("name", name)].into_iter().chain(address).collect()
            }
            Subject::Service(id) => {
                let image = swarm.services.get(id).map(|service| ("image", service.image.clone()));
                [("id", id.to_string()), ("name", name)].into_iter().chain(image).collect()
            }
            Subject::Task(service, id) => {
                let image = swarm.services.get(service).map(|service| ("image", service.image.clone()));
                [("id", id.to_string()), ("name", name)].into_iter().chain(image).collect()
            }
            Subject::Container(_, id) | Subject::Image(_, id) => vec![("id", id.clone()), ("name", name)],
            Subject::Volume(_, volume) => vec![("name", volume.clone())],
            _ => vec![("name", name)],
        }
    }
}
