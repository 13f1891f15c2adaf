//! A node that was asked and has not answered: a row of its own in every list of what nodes tell.

use super::{Unheard, World};
use crate::app::Subject;
use crate::app::list::{Cell, Column, Row};
use crate::model::{NodeId, State};

/// Its row: the node under `NODE`, why under `REASON`.
pub fn row(node: &NodeId, why: Unheard<'_>, world: World<'_>, columns: &[Column]) -> Row {
    let (state, word, reason) = match why {
        Unheard::Waiting => (State::Converging, "asking", String::new()),
        Unheard::Silent { why, mend } => (State::Unknown, "no answer", format!("{why} · {mend}")),
    };
    let cells = columns.iter().map(|column| match column.title {
        "STATE" => Cell::state_as(state, word),
        // The name always stays on screen, however narrow it is.
        "NAME" => Cell::Text(format!("{}: {word}", world.picture.swarm.hostname(node))),
        "NODE" => Cell::text_of(world.picture.swarm.hostname(node)),
        "REASON" => Cell::text_of(reason.as_str()),
        _ => Cell::None,
    });
    let mut row = Row::new(Subject::Node(node.clone()), state, cells.collect());
    row.node = Some(node.clone());
    row
}
