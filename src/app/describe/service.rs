//! A service: how it is, what it runs, how it changes, and where it may run.

use super::task::{by_slot, reserves};
use super::{Description, Section, deployed, labels, when};
use crate::app::format::span;
use crate::app::screens::World;
use crate::model::{Availability, Mode, Node, Port, RECORD, Service, ServiceHealth, State, unmet_constraint};

pub fn describe(service: &Service, world: World<'_>) -> Description {
    let health = world.picture.health(&service.id).cloned().unwrap_or_default();
    let tasks = by_slot(world.picture.swarm.tasks_of(&service.id), world);
    Description {
        title: format!("service {}", service.name),
        state: Some(health.state.into()),
        sections: vec![
            state(service, &health, world),
            runs(service, world),
            update(service, world),
            tasks,
            placement(service, world),
            network(service, world),
            deployed(service.deployed().as_ref(), world),
            labels("labels", service.labels.iter().filter(|(key, _)| !RECORD.contains(&key.as_str()))),
        ],
    }
}

fn state(service: &Service, health: &ServiceHealth, world: World<'_>) -> Section {
    let mut section = Section::new("state");
    let count = match service.mode.is_one_shot() {
        true => format!("{} of {} completed", health.completed, health.desired),
        false => format!("{} of {} tasks run", health.running, health.desired),
    };
    section.stated("state", count, health.state);
    section.each("why", health.reasons.iter().cloned());
    section.add("since", when(health.since, world.now));
    section.add(
        "unknown",
        if health.unknown > 0 { format!("{} tasks, their node is away", health.unknown) } else { String::new() },
    );
    section.add(
        "failed",
        if health.failures > 0 { format!("{} times in 10 min", health.failures) } else { String::new() },
    );
    let nodes: Vec<&str> = health.nodes.iter().map(|id| world.picture.swarm.hostname(id)).collect();
    section.add("runs on", nodes.join(" "));
    section.add("stack", service.stack.clone().unwrap_or_else(|| "none".to_owned()));
    section
}

fn runs(service: &Service, world: World<'_>) -> Section {
    let mut section = Section::new("what runs");
    section.add("image", service.image.clone());
    section.add("digest", service.digest.clone().unwrap_or_else(|| "not pinned".to_owned()));
    let mode = match &service.mode {
        Mode::Replicated(wanted) => format!("replicated, {wanted} wanted"),
        Mode::ReplicatedJob { total, at_once } => format!("replicated-job, {total} in all, {at_once} at once"),
        other => other.word().to_owned(),
    };
    section.add("mode", mode);
    section.add("restart", service.restart.clone());
    section.add(
        "health check",
        match service.has_health_check {
            true => "in the service",
            false => "none in the service; the image may have one",
        },
    );
    section.add("task reserves", reserves(service.reserved_cpus, service.reserved_memory));
    section.add("terminal", if service.tty { "yes: its log is raw text" } else { "" });
    section.add("made", when(service.created, world.now)).add("changed", when(service.updated, world.now));
    section.add("version", service.version.to_string());
    section.add(
        "redeployed",
        if service.force_update > 0 { format!("{} times by force", service.force_update) } else { String::new() },
    );
    section.add("id", service.id.as_str());
    section
}

fn update(service: &Service, world: World<'_>) -> Section {
    let mut section = Section::new("updates");
    match &service.update {
        Some(update) => {
            section.add("last", update.state.to_string()).add("", update.message.clone());
            section.add("began", when(update.started, world.now)).add("ended", when(update.completed, world.now));
        }
        None => drop(section.add("last", "none yet")),
    }
    let order = match service.update_order.as_str() {
        "start-first" => "the new task starts before the old one stops",
        _ => "the old task stops before the new one starts",
    };
    section.add("order", format!("{}: {order}", service.update_order));
    let at_once = match service.parallelism {
        0 => "all tasks at once".to_owned(),
        1 => "one task at a time".to_owned(),
        n => format!("{n} tasks at a time"),
    };
    section.add("pace", at_once);
    let watched = span(i64::try_from(service.monitor / 1_000_000_000).unwrap_or(i64::MAX));
    section.add("on failure", format!("{}; each new task is watched for {watched}", service.failure_action));
    section.add("way back", if service.has_previous { "there is a previous version" } else { "no previous version" });
    section
}

fn network(service: &Service, world: World<'_>) -> Section {
    let mut section = Section::new("network");
    section.each("ports", service.ports.iter().map(port));
    let networks = service.networks.iter().map(|id| match world.picture.swarm.networks.get(id) {
        Some(network) => format!("{} ({})", network.name, network.driver),
        None => format!("{} (not known)", id.short()),
    });
    section.each("networks", networks);
    section
}

fn port(port: &Port) -> String {
    let published = if port.published == 0 { "any".to_owned() } else { port.published.to_string() };
    format!("{published} → {}/{} ({})", port.target, port.protocol, port.mode)
}

/// Each constraint with the nodes that meet it, and what is left of them.
fn placement(service: &Service, world: World<'_>) -> Section {
    let mut section = Section::new("placement");
    let nodes: Vec<&Node> = world.picture.swarm.nodes.values().map(AsRef::as_ref).collect();
    for (at, constraint) in service.constraints.iter().enumerate() {
        let only = std::slice::from_ref(constraint);
        let meet = names(nodes.iter().filter(|node| unmet_constraint(node, only).is_none()));
        let label = if at == 0 { "constraints" } else { "" };
        match meet.as_str() {
            "" => section.stated(label, format!("{constraint}: no node"), State::Waiting),
            meet => section.add(label, format!("{constraint}: {meet}")),
        };
    }
    let platforms = service.platforms.iter().map(|(os, arch)| format!("{os}/{arch}")).collect::<Vec<_>>();
    section.add("platforms", platforms.join(" "));
    section.add(
        "per node",
        if service.max_per_node > 0 { format!("at most {}", service.max_per_node) } else { String::new() },
    );
    let may = |node: &&&Node| {
        node.is_ready()
            && node.availability == Availability::Active
            && unmet_constraint(node, &service.constraints).is_none()
    };
    match names(nodes.iter().filter(may)).as_str() {
        "" => section.stated("may go to", "no node that is ready and active", State::Waiting),
        names => section.add("may go to", names),
    };
    section
}

fn names<'a>(nodes: impl Iterator<Item = &'a &'a Node>) -> String {
    let mut names: Vec<&str> = nodes.map(|node| node.hostname.as_str()).collect();
    names.sort_unstable();
    names.join(" ")
}
