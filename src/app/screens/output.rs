//! What a command says on machines: a row each with how it ended, and below it the lines.

use std::collections::BTreeMap;

use super::World;
use crate::app::Subject;
use crate::app::format::count;
use crate::app::list::{Cell, Column, Row};
use crate::model::{Ran, RanEnd, RanOn, State};

/// The columns.
pub const COLUMNS: &[Column] =
    &[Column::words("NODE", 6, 24), Column::words("STATE", 9, 14).keep(1), Column::words("OUTPUT", 16, 4096).grows()];

/// One row a machine and, unless it is folded, one for each line, in the order they came.
pub fn rows(ran: &Ran, world: World<'_>, unfolded: &BTreeMap<Subject, bool>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (group, host) in (0_u32..).step_by(2).zip(&ran.hosts) {
        let subject = Subject::Node(host.node.clone());
        let open = unfolded.get(&subject).copied().unwrap_or(true);
        let name = world.picture.swarm.hostname(&host.node);
        let parent = rows.len();
        let (state, word, said) = told(host);
        let cells = vec![Cell::text_of(name), Cell::state_as(state, &word), Cell::Text(said)];
        let mut head = Row::new(subject, state, cells).placed(group, 0);
        head.unfolds = (!host.lines.is_empty()).then_some(open);
        head.node = Some(host.node.clone());
        rows.push(head);
        if !open {
            continue;
        }
        for (at, line) in host.lines.iter().enumerate() {
            let cells = vec![Cell::text_of(name), Cell::None, Cell::text_of(line.as_ref())];
            let subject = Subject::Line(host.node.clone(), at);
            let mut row = Row::new(subject, state, cells).placed(group + 1, u32::try_from(at).unwrap_or(u32::MAX));
            row.parent = Some(parent);
            row.depth = 1;
            row.node = Some(host.node.clone());
            rows.push(row);
        }
    }
    rows
}

fn told(host: &RanOn) -> (State, String, String) {
    let mut said = count(host.lines.len() as u64, "line");
    if host.left_out > 0 {
        said = format!("{said}, and {} more that are not kept", host.left_out);
    }
    match &host.end {
        None => (State::Converging, "running".to_owned(), said),
        Some(RanEnd::Code(0)) => (State::Done, "exit 0".to_owned(), said),
        Some(RanEnd::Code(code)) => (State::Failed, format!("exit {code}"), said),
        Some(RanEnd::Broke(why)) => (State::Unknown, "broke off".to_owned(), why.clone()),
        Some(RanEnd::Unreached { why, mend }) => (State::Unknown, "no answer".to_owned(), format!("{why} · {mend}")),
    }
}
