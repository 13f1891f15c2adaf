//! Which services a redeploy rolls, pinned as they are in the picture the operator looks at.

use super::{Action, Pinned, Scope};
use crate::diag::Diagnostic;
use crate::model::{Link, Picture, Service, ServiceId, State};
use crate::plan::{Effect, Plan, Thing};

/// A redeploy that could be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The action, with everything pinned.
    pub action: Action,
    /// What is left out, and why, one sentence each.
    pub left_out: Vec<String>,
}

/// The redeploy of one service.
///
/// # Errors
/// If it cannot be redeployed now, with the reason.
pub fn service(picture: &Picture, id: &ServiceId) -> Result<Offer, Diagnostic> {
    allowed(picture)?;
    let service = picture
        .swarm
        .services
        .get(id)
        .ok_or_else(|| Diagnostic::new("the service is gone", "go back to the list: it shows what is there now"))?;
    if let Some(why) = nothing_to_roll(picture, service) {
        return Err(Diagnostic::new(format!("{} has nothing to roll", service.name), "scale it up first").because(why));
    }
    let services = vec![pin(picture, service)];
    Ok(Offer {
        action: Action::Redeploy { scope: Scope::Service(service.name.clone()), services },
        left_out: Vec::new(),
    })
}

/// The redeploy of a stack: its long-running services that should run. One-shots are not run again unasked.
///
/// # Errors
/// If nothing of it can be redeployed now, with the reason.
pub fn stack(picture: &Picture, name: &str) -> Result<Offer, Diagnostic> {
    allowed(picture)?;
    let unknown = || Diagnostic::new(format!("no stack is called {name}"), "list the stacks: quarterdeck status");
    let members = &picture.stack(name).ok_or_else(unknown)?.services;
    let mut services = Vec::new();
    let (mut one_shots, mut off) = (Vec::new(), Vec::new());
    for service in members.iter().filter_map(|id| picture.swarm.services.get(id)) {
        if service.mode.is_one_shot() {
            one_shots.push(service.short_name());
        } else if nothing_to_roll(picture, service).is_some() {
            off.push(service.short_name());
        } else {
            services.push(pin(picture, service));
        }
    }
    let left_out: Vec<String> = [("one-shots are not run again", one_shots), ("left off, no task is wanted", off)]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(why, names)| format!("{why}: {}", names.join(", ")))
        .collect();
    if services.is_empty() {
        return Err(Diagnostic::new(format!("{name} has nothing to roll"), "deploy it, or scale a service up")
            .because(left_out.join("; ")));
    }
    Ok(Offer { action: Action::Redeploy { scope: Scope::Stack(name.to_owned()), services }, left_out })
}

/// What a redeploy of every task does beside the deploy of this plan: services whose tasks the plan leaves running. Those
/// that it changes in place are taken as it leaves them. None where nothing is left.
#[must_use]
pub fn rest(picture: &Picture, plan: &Plan) -> Option<Action> {
    let Ok(Offer { action: Action::Redeploy { scope, services }, .. }) = stack(picture, &plan.stack) else {
        return None;
    };
    let as_left = |pin: Pinned| match plan.change(Thing::Service, &pin.name).map(|change| change.effect) {
        Some(Effect::Create | Effect::Restart | Effect::Remove) => None,
        Some(Effect::InPlace) => Some(Pinned { version: Pinned::AS_LEFT, ..pin }),
        Some(Effect::None) | None => Some(pin),
    };
    let services: Vec<Pinned> = services.into_iter().filter_map(as_left).collect();
    (!services.is_empty()).then_some(Action::Redeploy { scope, services })
}

/// Changes are refused on a picture that may be wrong, and where the swarm would refuse them.
///
/// # Errors
/// With why nothing can be changed now.
pub fn allowed(picture: &Picture) -> Result<(), Diagnostic> {
    let refused = Diagnostic::new("the swarm does not answer", "wait until the header says live, or press R");
    match &picture.swarm.link {
        Link::Live { .. } => {}
        Link::Stale { why, .. } | Link::Connecting { why: Some(why), .. } => return Err(refused.because(why)),
        Link::Connecting { why: None, .. } => return Err(refused),
    }
    if !picture.quorum.held {
        let quorum = picture.quorum;
        return Err(Diagnostic::new("the managers have no majority", "bring a manager back first")
            .because(format!("{} of {} managers are reachable", quorum.reachable, quorum.managers)));
    }
    Ok(())
}

fn nothing_to_roll(picture: &Picture, service: &Service) -> Option<String> {
    let health = picture.health(&service.id)?;
    (health.state == State::Off).then(|| health.reasons.first().cloned().unwrap_or_else(|| "off".to_owned()))
}

/// A service as it is in the picture.
pub(super) fn pin(picture: &Picture, service: &Service) -> Pinned {
    Pinned {
        id: service.id.clone(),
        name: service.name.clone(),
        version: service.version,
        tasks: picture.health(&service.id).map_or(0, |health| health.desired),
        stack: service.stack.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::sample::{node, noon, service as sample, swarm};
    use crate::model::{Catalogue, Mode, TaskState, Version};
    use crate::plan::Change;

    fn picture() -> Picture {
        let services = [
            sample("media_plex").task(1, "barbary", TaskState::Running).with(|s| s.version = Version(42)),
            sample("media_seed").mode(Mode::ReplicatedJob { total: 1, at_once: 1 }).task(
                1,
                "barbary",
                TaskState::Complete,
            ),
            sample("media_off").mode(Mode::Replicated(0)),
        ];
        Picture::of(swarm([node("barbary").manager(true)], services), &Arc::new(Catalogue::default()), noon())
    }

    #[test]
    fn a_stack_rolls_what_should_run_and_says_what_it_leaves() {
        let offer = stack(&picture(), "media").unwrap();
        let services = offer.action.services();
        assert_eq!(services.len(), 1);
        assert_eq!((services[0].name.as_str(), services[0].version, services[0].tasks), ("media_plex", Version(42), 1));
        assert_eq!(offer.left_out.len(), 2);
    }

    #[test]
    fn every_task_is_those_that_the_plan_leaves_running_as_it_leaves_them() {
        let change = |effect| Change { effect, ..Change::none(Thing::Service, "media_plex") };
        let plan = |effect| Plan { stack: "media".into(), changes: vec![change(effect)], ..Plan::default() };
        let version = |effect| rest(&picture(), &plan(effect)).map(|action| action.services()[0].version);
        assert_eq!(version(Effect::None), Some(Version(42)));
        assert_eq!(version(Effect::InPlace), Some(Pinned::AS_LEFT));
        assert_eq!((version(Effect::Restart), version(Effect::Remove)), (None, None));
    }

    #[test]
    fn a_stale_picture_allows_nothing() {
        let stale =
            picture().with_link(crate::model::Link::Stale { since: noon(), why: "gone".into(), retry_at: None });
        let refused = stack(&stale, "media").unwrap_err();
        assert!(refused.what.contains("does not answer") && refused.why == ["gone"]);
    }

    #[test]
    fn without_a_majority_nothing_is_offered() {
        let nodes = [node("a").manager(true), node("b").manager(false).down(), node("c").manager(false).down()];
        let picture =
            Picture::of(swarm(nodes, [sample("x_y").task(1, "a", TaskState::Running)]), &Arc::default(), noon());
        assert!(stack(&picture, "x").unwrap_err().what.contains("no majority"));
    }
}
