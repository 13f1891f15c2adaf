//! Images of nodes: what was made of them, and how much room they take.

use super::{World, silent};
use crate::app::Subject;
use crate::app::format::{self, bytes};
use crate::app::list::{Cell, Column, Row, rows};
use crate::model::{Image, NodeId, State, Told};

/// The columns.
pub const COLUMNS: &[Column] = &[
    Column::words("STATE", 9, 12),
    Column::words("NAME", 12, 72).shrinks(),
    Column::words("NODE", 6, 24).keep(1),
    Column::numbers("SIZE", 8),
    Column::numbers("USED BY", 7).keep(3),
    Column::numbers("AGE", 4).keep(4),
    Column::words("ID", 12, 12).keep(5).wide().quiet(),
    Column::words("REASON", 16, 200).keep(2).grows(),
];

/// One row an image: nodes that do not answer, what lost its name, what nothing needs, what is needed.
pub fn rows(world: World<'_>) -> Vec<Row> {
    let mut all: Vec<((u8, String), Row)> = Vec::new();
    for (id, reply) in &world.survey.nodes {
        match super::told(reply) {
            Ok(Told::Images(images)) => all.extend(images.iter().map(|image| row(image, id, world))),
            Ok(_) => {}
            Err(why) => all.push(((0, String::new()), silent::row(id, why, world, COLUMNS))),
        }
    }
    rows::ranked(all)
}

fn row(image: &Image, node: &NodeId, world: World<'_>) -> ((u8, String), Row) {
    let (state, word, place) = match (image.used_by > 0, image.is_dangling()) {
        (true, _) => (State::Ready, "in use", 3),
        (false, true) => (State::Off, "dangling", 1),
        (false, false) => (State::Off, "unused", 2),
    };
    let names: Vec<&str> = image.tags.iter().map(|tag| format::image(tag)).collect();
    let name = if names.is_empty() { format!("(nameless) {}", short(&image.id)) } else { names.join(", ") };
    let cells = vec![
        Cell::state_as(state, word),
        Cell::Text(name.clone()),
        Cell::text_of(world.picture.swarm.hostname(node)),
        Cell::Number(image.size, bytes(image.size)),
        Cell::number(image.used_by),
        Cell::When(image.created),
        Cell::text_of(short(&image.id)),
        Cell::None,
    ];
    let mut row = Row::new(Subject::Image(node.clone(), image.id.clone()), state, cells);
    row.node = Some(node.clone());
    ((place, name), row)
}

/// An image's id as docker prints it.
pub fn short(id: &str) -> &str {
    let id = id.strip_prefix("sha256:").unwrap_or(id);
    id.get(..12).unwrap_or(id)
}
