//! A machine: how it is, what it is, what is spoken for, and what runs there.

use super::task::{line, slot, stated};
use super::{Description, Section, labels};
use crate::app::format::{bytes, count, cpus};
use crate::app::screens::{World, nodes};
use crate::model::text::clean;
use crate::model::{Node, NodeLoad, Task};

pub fn describe(node: &Node, world: World<'_>) -> Description {
    let load = world.picture.nodes.get(&node.id).cloned().unwrap_or_default();
    Description {
        title: format!("node {}", node.hostname),
        state: Some((load.state, nodes::word(node, &load)).into()),
        sections: vec![
            state(node, &load),
            machine(node, world),
            inventory(node, world),
            reserved(node, &load),
            tasks(node, world),
            labels("labels", &node.labels),
            labels("engine labels", &node.engine_labels),
        ],
    }
}

fn state(node: &Node, load: &NodeLoad) -> Section {
    let mut section = Section::new("state");
    section.stated("state", nodes::why(node, load), (load.state, nodes::word(node, load)));
    section.add("engine says", node.message.clone());
    let may = match node.availability.as_str() {
        "active" => "active: takes tasks",
        "pause" => "pause: keeps its tasks, takes no new ones",
        "drain" => "drain: runs nothing",
        other => other,
    };
    section.add("availability", may);
    let role = match &node.manager {
        None => node.role.to_string(),
        Some(manager) if manager.leader => "manager, leads".to_owned(),
        Some(manager) => format!(
            "manager, {} by its peers",
            match manager.reachability.as_str() {
                "reachable" => "reached",
                "unreachable" => "not reached",
                _ => "perhaps reached",
            }
        ),
    };
    section.add("role", role);
    section.add("raft address", node.manager.as_ref().map(|manager| manager.address.clone()).unwrap_or_default());
    section.add("address", node.address.clone());
    section.add("version", node.version.to_string()).add("id", node.id.as_str());
    section
}

fn machine(node: &Node, world: World<'_>) -> Section {
    let mut section = Section::new("machine");
    if let Some(note) = world.picture.catalogue.hosts.get(&node.hostname) {
        section.add("platform", note.platform.clone()).add("hardware", note.hardware.clone());
        section.each("is there for", note.responsibilities.iter().cloned());
        section.add("inventory", note.address.clone());
    }
    section.add("system", format!("{} {}", node.os, node.arch));
    section.add("engine", node.engine_version.clone());
    section.add("has", format!("{} cpu, {}", cpus(node.nano_cpus), bytes(node.memory)));
    section
}

/// Where the inventory says something else.
fn inventory(node: &Node, world: World<'_>) -> Section {
    let mut section = Section::new("other than in the inventory");
    for one in nodes::apart(node, world) {
        let place = if one.place.is_empty() { String::new() } else { format!(" ({})", one.place) };
        section.add(one.kind, format!("{}{place}: {}", clean(&one.what), one.mend));
    }
    section
}

fn reserved(node: &Node, load: &NodeLoad) -> Section {
    let mut section = Section::new("reserved, not measured");
    section.add("cpu", share(load.reserved_cpus, node.nano_cpus, cpus));
    section.add("memory", share(load.reserved_memory, node.memory, bytes));
    section.add("tasks", count(load.tasks, "task"));
    section.add("unknown", if load.unknown > 0 { count(load.unknown, "task") } else { String::new() });
    section.add("stacks", load.stacks.join(" "));
    section
}

fn share(part: u64, whole: u64, show: fn(u64) -> String) -> String {
    let percent =
        part.saturating_mul(100).checked_div(whole).map(|percent| format!(", {percent} %")).unwrap_or_default();
    format!("{} of {}{percent}", show(part), show(whole))
}

/// Those that should run here, then those that failed here.
fn tasks(node: &Node, world: World<'_>) -> Section {
    let mut section = Section::new("tasks");
    let here = |task: &&Task| task.node.as_ref() == Some(&node.id) && (task.is_wanted() || task.state.is_failure());
    let mut tasks: Vec<(String, bool, &Task)> = world
        .picture
        .swarm
        .all_tasks()
        .map(AsRef::as_ref)
        .filter(here)
        .map(|task| {
            let service = world.picture.swarm.services.get(&task.service);
            let name = service.map_or_else(|| task.service.short().to_owned(), |service| service.name.clone());
            (format!("{name}{}", slot(task, world)), !task.is_wanted(), task)
        })
        .collect();
    tasks.sort_by(|a, b| (a.1, &a.0, std::cmp::Reverse(a.2.since)).cmp(&(b.1, &b.0, std::cmp::Reverse(b.2.since))));
    for (name, _, task) in tasks {
        section.stated(&name, line(task, Some(&node.id), world), stated(task, world));
    }
    section
}
