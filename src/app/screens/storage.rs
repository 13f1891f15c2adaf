//! What machines keep data on, as they say themselves: mounts, iSCSI, OCFS2, ZFS, NFS exports. What is wrong first.

use std::cmp::Reverse;

use super::{World, silent};
use crate::app::Subject;
use crate::app::format::bytes;
use crate::app::list::{Cell, Column, Row, rows};
use crate::model::{Holding, NodeId, State, Told};

/// The columns.
pub const COLUMNS: &[Column] = &[
    Column::words("STATE", 9, 13),
    Column::words("NAME", 12, 64),
    Column::words("NODE", 6, 24).keep(1),
    Column::words("KIND", 5, 10).keep(4),
    Column::numbers("FREE", 8).keep(3),
    Column::numbers("SIZE", 8).keep(6),
    Column::words("USED BY", 8, 32).keep(5),
    Column::numbers("SNAPSHOTS", 9).keep(7),
    Column::words("SOURCE", 10, 48).keep(8).quiet(),
    Column::words("REASON", 16, 32).keep(2).grows(),
];

/// Silence before trouble before order, and then machine by machine.
type Rank = (u8, Reverse<State>, usize);

/// Machines that do not answer, what is wrong, and then machine by machine what is as it should be.
pub fn rows(world: World<'_>) -> Vec<Row> {
    let mut all: Vec<(Rank, Row)> = Vec::new();
    for (at, (id, reply)) in world.survey.nodes.iter().enumerate() {
        match super::told(reply) {
            Ok(Told::Storage(held)) => {
                let rank = |row: &Holding| (1, Reverse(row.state.max(State::Ready)), at);
                all.extend(held.iter().map(|holding| (rank(holding), row(holding, id, world))));
            }
            Ok(_) => {}
            Err(why) => all.push(((0, Reverse(State::Ready), at), silent::row(id, why, world, COLUMNS))),
        }
    }
    // What a machine told keeps its order.
    rows::ranked(all)
}

fn row(holding: &Holding, node: &NodeId, world: World<'_>) -> Row {
    let amount = |amount: Option<u64>| amount.map_or(Cell::None, |amount| Cell::Number(amount, bytes(amount)));
    let words = |text: &str| if text.is_empty() { Cell::None } else { Cell::text_of(text) };
    let cells = vec![
        Cell::state_as(holding.state, &holding.word),
        Cell::text_of(holding.name.as_str()),
        Cell::text_of(world.picture.swarm.hostname(node)),
        Cell::text_of(holding.kind.as_str()),
        amount(holding.free),
        amount(holding.size),
        words(&holding.users.join(" ")),
        holding.snapshots.map_or(Cell::None, Cell::number),
        words(&holding.source),
        words(&holding.why),
    ];
    let subject = Subject::Holding(node.clone(), holding.holds, holding.name.clone());
    let mut row = Row::new(subject, holding.state, cells);
    row.node = Some(node.clone());
    row
}
