//! The screens, and what each of them is about.

use super::keymap::{Place, Scopes};
use super::log_screen::LogsScreen;
use super::plan_screen::ALL;
use super::screens::{ListScreen, What};
use super::{DescribeView, OverviewView, PlanScreen, Subject};
use crate::model::Picture;

/// One screen.
#[derive(Debug, Clone)]
pub enum Screen {
    /// What is wrong, who runs, what stands.
    Overview(OverviewView),
    /// A list.
    List(Box<ListScreen>),
    /// Log lines.
    Logs(Box<LogsScreen>),
    /// All about one thing.
    Page(Box<DescribeView>),
    /// What a deploy would do.
    Plan(Box<PlanScreen>),
}

impl Screen {
    /// A list.
    #[must_use]
    pub fn list(what: What) -> Self {
        Screen::List(Box::new(ListScreen::new(what)))
    }

    /// The keys that hold.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        match self {
            Screen::Overview(_) => Scopes::OVERVIEW,
            Screen::List(screen) => screen.what.scopes(),
            Screen::Logs(_) => Scopes::LOGS,
            Screen::Page(_) => Scopes::PAGE,
            Screen::Plan(_) => Scopes::PLAN,
        }
    }

    /// The place it belongs to.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        match self {
            Screen::Overview(_) => Some(Place::Overview),
            Screen::List(screen) => Some(screen.what.place()),
            Screen::Logs(_) => Some(Place::Logs),
            Screen::Page(_) | Screen::Plan(_) => None,
        }
    }

    /// What the operator points at.
    #[must_use]
    pub fn subject(&self, picture: &Picture) -> Option<Subject> {
        match self {
            Screen::Overview(view) => view.selected(picture),
            Screen::List(screen) => screen.list.selected().cloned(),
            Screen::Logs(screen) => Some(screen.subject.clone()),
            Screen::Page(screen) => Some(screen.subject.clone()),
            Screen::Plan(screen) => Some(Subject::Stack(screen.stack.clone())),
        }
    }

    /// Its name among the breadcrumbs.
    #[must_use]
    pub fn crumb(&self, picture: &Picture) -> String {
        match self {
            Screen::Overview(_) => "overview".to_owned(),
            Screen::List(screen) => match (screen.what.of(), &screen.what) {
                (None, super::screens::What::Output(ran)) => format!("$ {}", ran.line),
                (None, what) => what.place().name().to_owned(),
                (Some(of), what) => format!("{} of {}", what.place().name(), name(of, picture)),
            },
            Screen::Logs(screen) => format!("log of {}", name(&screen.subject, picture)),
            Screen::Plan(screen) if screen.stack == ALL => "plan of all stacks".to_owned(),
            Screen::Plan(screen) => format!("plan of {}", screen.stack),
            Screen::Page(screen) => {
                format!("{} {}", if screen.raw { "raw" } else { "about" }, name(&screen.subject, picture))
            }
        }
    }
}

/// What a person calls it.
#[must_use]
pub fn name(subject: &Subject, picture: &Picture) -> String {
    let service =
        |id| picture.swarm.services.get(id).map_or_else(|| "a service that is gone".to_owned(), |s| s.name.clone());
    match subject {
        Subject::Node(id) => picture.swarm.hostname(id).to_owned(),
        Subject::Service(id) => service(id),
        Subject::Task(id, task) => {
            let found = picture.swarm.tasks_of(id).iter().find(|t| t.id == *task);
            match found.and_then(|task| task.slot) {
                Some(slot) => format!("{}.{slot}", service(id)),
                None => format!("{}.{}", service(id), task.short()),
            }
        }
        Subject::Stack(name) if name.is_empty() => "no stack".to_owned(),
        Subject::Stack(name) => name.clone(),
        Subject::Tier(tier) => tier.name().to_owned(),
        Subject::Course(id) => format!("the course of job {}", id.0),
        Subject::Leg(id, tier) => format!("{} in the course of job {}", tier.name(), id.0),
        Subject::Job(id) | Subject::Step(id, _) => format!("job {}", id.0),
        Subject::Deed(key) | Subject::Trodden(key, _) => format!("deed {key}"),
        Subject::Container(_, id) => format!("container {}", id.get(..12).unwrap_or(id)),
        Subject::Volume(_, name) => format!("volume {}", name.get(..24).unwrap_or(name)),
        Subject::Image(_, id) => format!("image {}", super::screens::images::short(id)),
        Subject::Holding(_, _, name) => name.clone(),
        Subject::Finding(rule, place, _) => format!("{rule} at {place}"),
        Subject::Quorum | Subject::Event(_) | Subject::Message(_) | Subject::Line(..) => subject.kind().to_owned(),
    }
}
