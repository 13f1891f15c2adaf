//! A stack, a tier, and the managers together.

use super::{Description, Section, deployed};
use crate::app::screens::World;
use crate::model::text::counted;
use crate::model::{Drift, MANAGED, Reachability, StackHealth, State, TierHealth};

pub fn stack(stack: &StackHealth, world: World<'_>) -> Description {
    let swarm = &world.picture.swarm;
    let mut now = Section::new("state");
    now.stated(
        "state",
        format!("{} of {} ready", stack.ready, counted(stack.long_running as u64, "service")),
        stack.state,
    );
    now.add(
        "one-shots",
        if stack.one_shots > 0 { format!("{} of {} done", stack.done, stack.one_shots) } else { String::new() },
    );
    now.each("why", stack.reasons.iter().cloned());
    now.add("tier", stack.tier.name());
    now.add("file", stack.file.clone().unwrap_or_else(|| "in no folder".to_owned()));
    let governor = world.picture.catalogue.governor(&stack.name);
    now.add("driven", governor.map(|place| format!("{MANAGED}: {place}")).unwrap_or_default());
    now.add("against it", world.drift.get(&stack.name).map(Drift::sentence).unwrap_or_default());
    let nodes: Vec<&str> = stack.nodes.iter().map(|id| swarm.hostname(id)).collect();
    now.add("runs on", nodes.join(" "));

    let mut services = Section::new("services");
    for service in stack.services.iter().filter_map(|id| swarm.services.get(id)) {
        let health = world.picture.health(&service.id).cloned().unwrap_or_default();
        let running = if service.mode.is_one_shot() { health.completed } else { health.running };
        let why = health.reasons.first().map(|why| format!("  {why}")).unwrap_or_default();
        services.stated(service.short_name(), format!("{running}/{}{why}", health.desired), health.state);
    }
    let mut images = Section::new("images");
    for service in stack.services.iter().filter_map(|id| swarm.services.get(id)) {
        images.add(service.short_name(), service.image.clone());
    }
    let newest = stack.services.iter().filter_map(|id| swarm.services.get(id)?.deployed()).max();
    let record = deployed(newest.as_ref(), world);
    let name =
        if stack.name.is_empty() { "services outside any stack".to_owned() } else { format!("stack {}", stack.name) };
    Description { title: name, state: Some(stack.state.into()), sections: vec![now, record, services, images] }
}

pub fn tier(tier: &TierHealth, world: World<'_>) -> Description {
    let mut now = Section::new("state");
    now.stated("state", format!("{} of {} ready", tier.ready, counted(tier.stacks.len() as u64, "stack")), tier.state);
    now.add("why", tier.reason.clone().unwrap_or_default());
    let mut stacks = Section::new("stacks");
    for stack in tier.stacks.iter().filter_map(|name| world.picture.stack(name)) {
        let why = stack.reasons.first().map(|why| format!("  {why}")).unwrap_or_default();
        let name = if stack.name.is_empty() { "no stack" } else { &stack.name };
        stacks.stated(name, format!("{}/{}{why}", stack.ready, stack.long_running), stack.state);
    }
    Description {
        title: format!("tier {}", tier.tier.name()),
        state: Some(tier.state.into()),
        sections: vec![now, stacks],
    }
}

pub fn quorum(world: World<'_>) -> Description {
    let quorum = world.picture.quorum;
    let state = if quorum.held { State::Ready } else { State::Failed };
    let mut now = Section::new("state");
    now.stated("state", format!("{} of {} managers reachable", quorum.reachable, quorum.managers), state);
    now.add("changes", if quorum.held { "can be made" } else { "cannot be made until most managers are back" });
    now.add("can lose", format!("{} more", quorum.can_lose));
    let mut managers = Section::new("managers");
    let nodes = world.picture.swarm.nodes.values();
    for (node, manager) in nodes.filter_map(|node| Some((node, node.manager.as_ref()?))) {
        let state = if manager.reachability == Reachability::Reachable { State::Ready } else { State::Failed };
        let leads = if manager.leader { ", leads" } else { "" };
        managers.stated(&node.hostname, format!("{}{leads}, {}", manager.reachability, manager.address), state);
    }
    Description { title: "managers".to_owned(), state: Some(state.into()), sections: vec![now, managers] }
}
