//! Volumes of nodes: what needs them, and how much lies in them.

use super::{World, silent};
use crate::app::Subject;
use crate::app::format::bytes;
use crate::app::list::{Cell, Column, Row, rows};
use crate::model::{NodeId, State, Told, Volume};

/// The columns.
pub const COLUMNS: &[Column] = &[
    Column::words("STATE", 9, 12),
    Column::words("NAME", 12, 64),
    Column::words("NODE", 6, 24).keep(1),
    Column::numbers("SIZE", 8),
    Column::numbers("USED BY", 7).keep(3),
    Column::numbers("AGE", 4).keep(4),
    Column::words("DRIVER", 6, 16).keep(5).quiet().common(),
    Column::words("PLACE", 10, 120).keep(6).wide().quiet(),
    Column::words("REASON", 16, 200).keep(2).grows(),
];

/// One row a volume: nodes that do not answer, what nothing needs, what is needed.
pub fn rows(world: World<'_>) -> Vec<Row> {
    let mut all: Vec<((u8, String), Row)> = Vec::new();
    for (id, reply) in &world.survey.nodes {
        match super::told(reply) {
            Ok(Told::Volumes(volumes)) => {
                all.extend(volumes.iter().map(|v| ((1 + u8::from(v.used_by > 0), v.name.clone()), row(v, id, world))));
            }
            Ok(_) => {}
            Err(why) => all.push(((0, String::new()), silent::row(id, why, world, COLUMNS))),
        }
    }
    rows::ranked(all)
}

fn row(volume: &Volume, node: &NodeId, world: World<'_>) -> Row {
    let used = volume.used_by > 0;
    let (state, word) = if used { (State::Ready, "in use") } else { (State::Off, "unused") };
    let name = match volume.anonymous {
        true => format!("{} (nameless)", volume.name.get(..12).unwrap_or(&volume.name)),
        false => volume.name.clone(),
    };
    let cells = vec![
        Cell::state_as(state, word),
        Cell::Text(name),
        Cell::text_of(world.picture.swarm.hostname(node)),
        volume.size.map_or(Cell::None, |size| Cell::Number(size, bytes(size))),
        Cell::number(volume.used_by),
        Cell::When(volume.created),
        Cell::text_of(&volume.driver),
        Cell::text_of(&volume.place),
        Cell::None,
    ];
    let mut row = Row::new(Subject::Volume(node.clone(), volume.name.clone()), state, cells);
    row.node = Some(node.clone());
    row
}
