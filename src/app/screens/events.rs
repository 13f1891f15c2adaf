//! What the engine told lately, newest first.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::World;
use crate::app::Subject;
use crate::app::list::{Cell, Column, Row, rows};
use crate::model::{State, SwarmEvent};

/// The columns.
pub const COLUMNS: &[Column] = &[
    Column::numbers("AGE", 4),
    Column::words("KIND", 7, 10),
    Column::words("ACTION", 6, 10),
    Column::words("NAME", 12, 44),
    Column::words("DETAIL", 10, 200).keep(1).grows(),
    Column::words("ID", 12, 12).keep(2).wide().quiet(),
];

/// One row an event.
pub fn rows(world: World<'_>) -> Vec<Row> {
    let mut all: Vec<Row> = world.picture.swarm.events.iter().rev().map(row).collect();
    rows::rank(&mut all);
    all
}

fn row(event: &SwarmEvent) -> Row {
    let name = if event.name.is_empty() { event.id.get(..12).unwrap_or(&event.id) } else { &event.name };
    Row::new(
        Subject::Event(number(event)),
        state(event),
        vec![
            Cell::When(Some(event.at)),
            Cell::text_of(&event.kind),
            Cell::text_of(&event.action),
            Cell::text_of(name),
            Cell::text_of(&event.detail),
            Cell::text_of(event.id.get(..12).unwrap_or(&event.id)),
        ],
    )
}

/// A node that went down is trouble; anything else an event tells is not judged.
fn state(event: &SwarmEvent) -> State {
    if event.kind == "node" && event.detail.contains("down") { State::Failed } else { State::Ready }
}

fn number(event: &SwarmEvent) -> u64 {
    let mut hasher = DefaultHasher::new();
    (event.at, &event.kind, &event.action, &event.id, &event.detail).hash(&mut hasher);
    hasher.finish()
}
