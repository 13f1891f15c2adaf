//! What a redeploy would do, and why it may not: a question that pins ids and versions. Changes nothing.

use std::collections::BTreeSet;

use super::Subject;
use super::format::count;
use super::popup::{Confirm, Item};
use crate::action::redeploy::{self, Offer};
use crate::action::{Action, Pinned};
use crate::diag::Diagnostic;
use crate::model::{Mode, Picture, Service, ServiceId};

/// Why nothing may be changed at all now, if so.
#[must_use]
pub fn refusal(picture: &Picture, read_only: bool) -> Option<String> {
    if read_only {
        return Some("refused: this console is read-only".to_owned());
    }
    redeploy::allowed(picture).err().map(|fault| format!("refused: {}", fault.line()))
}

/// The question to ask before these are redeployed, or why there is none to ask.
pub fn question(picture: &Picture, subjects: &[Subject]) -> Result<Confirm, String> {
    let mut asked = Asked::default();
    for subject in subjects {
        match subject {
            Subject::Stack(name) => asked.take(picture, redeploy::stack(picture, name)),
            Subject::Service(id) | Subject::Task(id, _) => asked.take(picture, redeploy::service(picture, id)),
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
    fn take(&mut self, picture: &Picture, offer: Result<Offer, Diagnostic>) {
        let offer = match offer {
            Ok(offer) => offer,
            Err(fault) => return self.notes.push(fault.line()),
        };
        let Action::Redeploy { scope, services } = offer.action else { return };
        let fresh: Vec<Pinned> = services.into_iter().filter(|pin| self.seen.insert(pin.id.clone())).collect();
        for pin in &fresh {
            self.tasks += pin.tasks;
            let how = picture.swarm.services.get(&pin.id).map(|service| how(service)).unwrap_or_default();
            self.items.push(Item { name: pin.name.clone(), amount: count(pin.tasks, "task"), how });
        }
        if !fresh.is_empty() {
            self.notes.extend(offer.left_out);
            self.actions.push(Action::Redeploy { scope, services: fresh });
        }
    }

    fn question(self) -> Result<Confirm, String> {
        if self.actions.is_empty() {
            let why = self.notes.first().map_or_else(|| "it is gone".to_owned(), Clone::clone);
            return Err(why);
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
            typing: None,
            actions: self.actions,
            rolls: None,
            yes: "Redeploy",
            on_yes: false,
            scroll: 0,
        })
    }
}

/// Names of pinned services and nodes that were changed or removed since the question opened.
#[must_use]
pub fn outdated<'a>(confirm: &'a Confirm, picture: &Picture) -> Vec<&'a str> {
    let pinned = confirm.actions.iter().flat_map(Action::services);
    let services = pinned
        .filter(|pin| pin.version != Pinned::AS_LEFT)
        .filter(|pin| picture.swarm.services.get(&pin.id).is_none_or(|service| service.version != pin.version))
        .map(|pin| pin.name.as_str());
    let nodes = confirm.actions.iter().filter_map(|action| match action {
        Action::Availability { node, .. } => Some(node),
        _ => None,
    });
    let nodes = nodes
        .filter(|pin| picture.swarm.nodes.get(&pin.id).is_none_or(|node| node.version != pin.version))
        .map(|pin| pin.name.as_str());
    services.chain(nodes).collect()
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
