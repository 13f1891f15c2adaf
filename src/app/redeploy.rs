//! What a redeploy would do, and why it may not: a question that pins ids and versions. Changes nothing.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Subject;
use super::format::{age, count};
use super::popup::{Confirm, Item};
use crate::action::{Action, Pinned, Scope};
use crate::model::{Link, Mode, Picture, Service, ServiceId};

/// Why nothing may be changed at all now, if so.
#[must_use]
pub fn refusal(picture: &Picture, read_only: bool, now: Timestamp) -> Option<String> {
    if read_only {
        return Some("refused: this console is read-only".to_owned());
    }
    match &picture.swarm.link {
        Link::Stale { since, .. } => {
            return Some(format!("refused: the picture is {} old; R tries the line now", age(*since, now)));
        }
        Link::Connecting { .. } => return Some("refused: not connected yet".to_owned()),
        Link::Live { .. } => {}
    }
    let quorum = picture.quorum;
    (!quorum.held)
        .then(|| format!("refused: quorum is lost, {} of {} managers reachable", quorum.reachable, quorum.managers))
}

/// The question to ask before these are redeployed, or why there is none to ask.
pub fn question(picture: &Picture, subjects: &[Subject]) -> Result<Confirm, String> {
    let mut asked = Asked::default();
    for subject in subjects {
        match subject {
            Subject::Stack(name) => asked.stack(picture, name),
            Subject::Service(id) | Subject::Task(id, _) => asked.service(picture, id),
            other => return Err(format!("a {} cannot be redeployed: point at a stack or a service", other.kind())),
        }
    }
    asked.question()
}

#[derive(Default)]
struct Asked {
    seen: BTreeSet<ServiceId>,
    actions: Vec<Action>,
    items: Vec<Item>,
    notes: Vec<String>,
    tasks: u64,
}

impl Asked {
    fn stack(&mut self, picture: &Picture, name: &str) {
        let Some(stack) = picture.stack(name) else { return };
        let (mut one_shots, mut off, mut pinned) = (Vec::new(), Vec::new(), Vec::new());
        for service in stack.services.iter().filter_map(|id| picture.swarm.services.get(id)) {
            if service.mode.is_one_shot() {
                one_shots.push(service.short_name());
            } else if desired(picture, service) == 0 {
                off.push(service.short_name());
            } else if self.seen.insert(service.id.clone()) {
                pinned.push(self.pin(picture, service));
            }
        }
        if stack.services.is_empty() {
            self.notes.push(format!("{name} is not deployed"));
        }
        if !one_shots.is_empty() {
            self.notes.push(format!("one-shots are not run again: {}", one_shots.join(", ")));
        }
        if !off.is_empty() {
            self.notes.push(format!("left off, no task is wanted: {}", off.join(", ")));
        }
        if !pinned.is_empty() {
            self.actions.push(Action::Redeploy { scope: Scope::Stack(name.to_owned()), services: pinned });
        }
    }

    fn service(&mut self, picture: &Picture, id: &ServiceId) {
        let Some(service) = picture.swarm.services.get(id).filter(|service| !self.seen.contains(&service.id)) else {
            return;
        };
        if desired(picture, service) == 0 {
            self.notes.push(format!("{} is off: no task is wanted", service.name));
            return;
        }
        self.seen.insert(id.clone());
        let pinned = self.pin(picture, service);
        self.actions.push(Action::Redeploy { scope: Scope::Service(service.name.clone()), services: vec![pinned] });
    }

    fn pin(&mut self, picture: &Picture, service: &Service) -> Pinned {
        let tasks = desired(picture, service);
        self.tasks += tasks;
        self.items.push(Item { name: service.name.clone(), amount: count(tasks, "task"), how: how(service) });
        Pinned { id: service.id.clone(), name: service.name.clone(), version: service.version, tasks }
    }

    fn question(self) -> Result<Confirm, String> {
        if self.actions.is_empty() {
            let why = self.notes.first().map_or_else(|| "it is gone".to_owned(), Clone::clone);
            return Err(format!("nothing to redeploy: {why}"));
        }
        let title = match self.actions.as_slice() {
            [only] => only.title(),
            many => format!("redeploy {} marked", many.len()),
        };
        Ok(Confirm {
            title,
            sums_up: format!(
                "{} replaced in {}, same image and settings.",
                count(self.tasks, "task"),
                count(self.items.len() as u64, "service")
            ),
            items: self.items,
            notes: self.notes,
            actions: self.actions,
            yes: "Redeploy",
            on_yes: false,
            scroll: 0,
        })
    }
}

/// Names of pinned services that were changed or removed since the question opened.
#[must_use]
pub fn outdated<'a>(confirm: &'a Confirm, picture: &Picture) -> Vec<&'a str> {
    let pinned = confirm.actions.iter().flat_map(|Action::Redeploy { services, .. }| services);
    pinned
        .filter(|pin| picture.swarm.services.get(&pin.id).is_none_or(|service| service.version != pin.version))
        .map(|pin| pin.name.as_str())
        .collect()
}

fn desired(picture: &Picture, service: &Service) -> u64 {
    picture.health(&service.id).map_or(0, |health| health.desired)
}

/// How the tasks of a service are replaced, in words.
fn how(service: &Service) -> String {
    if matches!(service.mode, Mode::ReplicatedJob { .. } | Mode::GlobalJob) {
        return "runs again from the start".to_owned();
    }
    let pace = match service.parallelism {
        0 => "all at once".to_owned(),
        1 => "one at a time".to_owned(),
        many => format!("{many} at a time"),
    };
    let order = if service.update_order == "start-first" { "new starts first" } else { "old stops first" };
    let failure = match service.failure_action.as_str() {
        "rollback" => "rolls back on failure",
        "continue" => "goes on after a failure",
        _ => "pauses on failure",
    };
    format!("{pace}, {order}, {failure}")
}
