//! Services: what should run, what does, and why not.

use std::cmp::Reverse;

use super::World;
use crate::app::Subject;
use crate::app::format;
use crate::app::list::{Cell, Column, Row, rows};
use crate::model::{Port, Service, ServiceHealth, State};

/// The columns.
pub const COLUMNS: &[Column] = &[
    Column::words("STATE", 12, 14),
    Column::words("NAME", 10, 44),
    Column::words("MODE", 6, 14).keep(6).quiet().common(),
    Column::numbers("TASKS", 5),
    Column::words("IMAGE", 8, 44).keep(3).quiet(),
    Column::words("PORTS", 5, 24).keep(5),
    Column::words("NODES", 5, 30).keep(7).wide(),
    Column::numbers("AGE", 4).keep(4).quiet(),
    Column::words("REASON", 16, 200).keep(1).grows(),
];

/// One row a service: what is wrong first, then by name.
pub fn rows(world: World<'_>, of: Option<&Subject>) -> Vec<Row> {
    let picture = world.picture;
    let mut services: Vec<(&Service, &ServiceHealth)> = picture
        .swarm
        .services
        .values()
        .filter_map(|service| Some((service.as_ref(), picture.health(&service.id)?)))
        .filter(|(service, health)| belongs(world, service, health, of))
        .collect();
    services.sort_by(|(a, a_health), (b, b_health)| {
        Reverse(trouble(a_health)).cmp(&Reverse(trouble(b_health))).then_with(|| a.name.cmp(&b.name))
    });
    let mut all: Vec<Row> = services.iter().map(|(service, health)| row(service, health, world)).collect();
    rows::rank(&mut all);
    all
}

/// What asks for attention comes first; what moves or is well keeps its place in the alphabet.
fn trouble(health: &ServiceHealth) -> State {
    if health.state.is_trouble() { health.state } else { State::Done }
}

fn belongs(world: World<'_>, service: &Service, health: &ServiceHealth, of: Option<&Subject>) -> bool {
    let stack = service.stack.as_deref().unwrap_or_default();
    match of {
        Some(Subject::Stack(name)) => stack == name,
        Some(Subject::Tier(tier)) => world.picture.catalogue.tier_of(stack) == *tier,
        Some(Subject::Node(node)) => health.nodes.contains(node),
        Some(Subject::Service(id)) => service.id == *id,
        _ => true,
    }
}

fn row(service: &Service, health: &ServiceHealth, world: World<'_>) -> Row {
    let have = if service.mode.is_one_shot() { health.completed } else { health.running };
    let nodes: Vec<&str> = health.nodes.iter().map(|node| world.picture.swarm.hostname(node)).collect();
    Row::new(
        Subject::Service(service.id.clone()),
        health.state,
        vec![
            Cell::state(health.state),
            Cell::text_of(&service.name),
            Cell::text_of(service.mode.word()),
            Cell::Share(have, health.desired),
            Cell::text_of(format::image(&service.image)),
            Cell::Text(ports(&service.ports)),
            Cell::Text(nodes.join(" ")),
            Cell::When(service.updated),
            Cell::Text(health.reasons.first().cloned().unwrap_or_default()),
        ],
    )
}

fn ports(ports: &[Port]) -> String {
    let said: Vec<String> = ports
        .iter()
        .map(|port| {
            let protocol = if port.protocol == "tcp" { String::new() } else { format!("/{}", port.protocol) };
            if port.published == port.target || port.published == 0 {
                format!("{}{protocol}", port.target)
            } else {
                format!("{}→{}{protocol}", port.published, port.target)
            }
        })
        .collect();
    said.join(" ")
}
