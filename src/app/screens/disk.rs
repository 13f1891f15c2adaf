//! What the engines keep on the disks of their nodes, and how much of it nothing needs.

use super::{World, silent};
use crate::app::Subject;
use crate::app::format::bytes;
use crate::app::list::{Cell, Column, Row, rows};
use crate::model::{Disk, NodeId, Pile, State, Told, Waste};

/// The columns. Beside each kind stands how much of it nothing needs.
pub const COLUMNS: &[Column] = &[
    Column::words("STATE", 9, 12).keep(1),
    Column::words("NODE", 6, 24),
    Column::numbers("SIZE", 8),
    Column::numbers("PRUNE FREES", 11),
    Column::numbers("IMAGES", 8).keep(3),
    Column::numbers("UNUSED", 8).keep(7),
    Column::numbers("VOLUMES", 8).keep(4),
    Column::numbers("UNUSED", 8).keep(8),
    Column::numbers("CACHE", 8).keep(5),
    Column::numbers("UNUSED", 8).keep(9),
    Column::numbers("CONTAINERS", 10).keep(6),
    Column::numbers("ENDED", 8).keep(10),
    Column::words("REASON", 16, 200).keep(2).grows(),
];

/// One row a node, in the order of the nodes.
pub fn rows(world: World<'_>) -> Vec<Row> {
    let rows = world.survey.nodes.iter().filter_map(|(id, reply)| match super::told(reply) {
        Ok(Told::Disk(disk)) => Some(row(disk, id, world)),
        Ok(_) => None,
        Err(why) => Some(silent::row(id, why, world, COLUMNS)),
    });
    let mut all: Vec<Row> = rows.collect();
    rows::rank(&mut all);
    all
}

fn row(disk: &Disk, node: &NodeId, world: World<'_>) -> Row {
    let amount = |bytes_in: u64| Cell::Number(bytes_in, bytes(bytes_in));
    let goes: u64 = Waste::HARMLESS.iter().map(|kind| disk.waste(*kind).bytes).sum();
    let mut cells = vec![
        Cell::state_as(State::Ready, "answers"),
        Cell::text_of(world.picture.swarm.hostname(node)),
        amount(disk.size()),
        amount(goes),
    ];
    for Pile { size, reclaimable, .. } in [disk.images, disk.volumes, disk.cache, disk.containers] {
        cells.extend([amount(size), amount(reclaimable)]);
    }
    cells.push(Cell::None);
    let mut row = Row::new(Subject::Node(node.clone()), State::Ready, cells);
    row.node = Some(node.clone());
    row
}
