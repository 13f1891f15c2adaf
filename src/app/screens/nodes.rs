//! Machines: their state, their part among the managers, and how much of them is spoken for.

use std::cmp::Reverse;

use super::World;
use crate::app::Subject;
use crate::app::format::{bytes, cpus};
use crate::app::list::{Cell, Column, Row, rows};
use crate::model::{Apart, Availability, Node, NodeLoad, State};

/// The columns.
pub const COLUMNS: &[Column] = &[
    Column::words("STATE", 9, 14),
    Column::words("NODE", 6, 32),
    Column::words("ROLE", 6, 20),
    Column::numbers("TASKS", 5),
    Column::numbers("CPU", 5).keep(2),
    Column::numbers("MEMORY", 9).keep(3),
    Column::words("ADDRESS", 7, 24).keep(5).quiet(),
    Column::words("ENGINE", 6, 12).keep(6).quiet(),
    Column::words("PLATFORM", 8, 20).keep(7).quiet(),
    Column::words("REASON", 6, 60).keep(1).grows(),
    Column::words("LABELS", 6, 80).keep(8).wide().quiet(),
];

/// One row a node: what is wrong first, then managers, then by name.
pub fn rows(world: World<'_>) -> Vec<Row> {
    let picture = world.picture;
    let mut nodes: Vec<(&Node, NodeLoad)> = picture
        .swarm
        .nodes
        .values()
        .map(|node| (node.as_ref(), picture.nodes.get(&node.id).cloned().unwrap_or_default()))
        .collect();
    nodes.sort_by_cached_key(|(node, load)| {
        let trouble = if load.state.is_trouble() { load.state } else { State::Done };
        (Reverse(trouble), node.manager.is_none(), !node.is_leader(), node.hostname.clone())
    });
    let differences = crate::model::apart(&picture.catalogue, &[], &picture.swarm);
    let count = |node: &Node| differences.iter().filter(|one| one.host == node.hostname).count() as u64;
    let mut all: Vec<Row> = nodes.iter().map(|(node, load)| row(node, load, count(node), world)).collect();
    rows::rank(&mut all);
    all
}

fn row(node: &Node, load: &NodeLoad, differences: u64, world: World<'_>) -> Row {
    let away = load.state == State::Failed || load.state == State::Unknown;
    let tasks = match (load.unknown, away) {
        (0, _) => Cell::number(load.tasks),
        (unknown, _) => Cell::Number(unknown, format!("{unknown} ?")),
    };
    let share = |have: u64, of: u64, text: String| {
        if away { Cell::None } else { Cell::Number(have.saturating_mul(1000) / of.max(1), text) }
    };
    let platform = world.picture.catalogue.hosts.get(&node.hostname).map(|host| host.platform.clone());
    let mut row = Row::new(
        Subject::Node(node.id.clone()),
        load.state,
        vec![
            Cell::state_as(load.state, word(node, load)),
            Cell::text_of(&node.hostname),
            Cell::Text(role(node)),
            tasks,
            share(load.reserved_cpus, node.nano_cpus, pair(cpus(load.reserved_cpus), cpus(node.nano_cpus))),
            share(load.reserved_memory, node.memory, pair(bytes(load.reserved_memory), bytes(node.memory))),
            Cell::text_of(&node.address),
            Cell::text_of(&node.engine_version),
            Cell::Text(platform.filter(|p| !p.is_empty()).unwrap_or_else(|| format!("{} {}", node.os, node.arch))),
            Cell::Text(reason(node, load, differences)),
            Cell::Text(labels(node)),
        ],
    );
    row.node = Some(node.id.clone());
    row
}

/// The word for how a node is.
pub fn word<'a>(node: &'a Node, load: &NodeLoad) -> &'a str {
    match load.state {
        State::Off => "drained",
        State::Failed => node.state.as_str(),
        State::Waiting => "paused",
        state => state.word(),
    }
}

/// Why it is so, without the word itself, which stands before it wherever this is told.
pub fn why<'a>(node: &Node, load: &'a NodeLoad) -> &'a str {
    let reason = load.reason.as_deref().unwrap_or_default();
    reason.strip_prefix(word(node, load)).map_or(reason, |rest| rest.trim_start_matches(": "))
}

fn role(node: &Node) -> String {
    match &node.manager {
        Some(manager) if manager.leader => "leader".to_owned(),
        Some(manager) if manager.reachability == crate::model::Reachability::Reachable => "manager".to_owned(),
        Some(manager) => format!("manager {}", manager.reachability),
        None => node.role.to_string(),
    }
}

fn pair(have: String, of: String) -> String {
    match (have.split_once(' '), of.split_once(' ')) {
        (Some((number, unit)), Some((_, of_unit))) if unit == of_unit => format!("{number}/{of}"),
        _ => format!("{have}/{of}"),
    }
}

/// Where the inventory says something else of the node.
pub fn apart(node: &Node, world: World<'_>) -> Vec<Apart> {
    let all = crate::model::apart(&world.picture.catalogue, &[], &world.picture.swarm);
    all.into_iter().filter(|one| one.host == node.hostname).collect()
}

fn reason(node: &Node, load: &NodeLoad, differences: u64) -> String {
    let mut said = Vec::new();
    let why = why(node, load);
    // `drained` and `paused` already stand in the state.
    if !matches!(load.state, State::Off) && !why.is_empty() {
        said.push(why.to_owned());
    }
    if !node.is_ready() && node.availability != Availability::Active {
        said.push(format!("availability {}", node.availability));
    }
    if load.troubled > 0 {
        said.push(format!("{} with trouble here", crate::app::format::count(load.troubled, "service")));
    }
    if differences > 0 {
        said.push(format!("{} from the inventory", crate::app::format::count(differences, "difference")));
    }
    said.join("; ")
}

fn labels(node: &Node) -> String {
    node.labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
}
