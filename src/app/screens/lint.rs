//! What is wrong in the folder, the worst first.

use super::World;
use crate::app::Subject;
use crate::app::list::{Cell, Column, Row, rows};
use crate::diag::{Finding, Severity};
use crate::model::State;
use crate::model::text::clean;

/// The columns.
pub const COLUMNS: &[Column] = &[
    Column::words("SEVERITY", 9, 12),
    Column::words("RULE", 10, 24).keep(2),
    Column::words("PLACE", 24, 60).keep(1).shrinks().quiet(),
    Column::words("WHAT", 20, 400).grows(),
    Column::words("MEND", 20, 200).wide().quiet(),
];

/// One row a finding; one that says that somebody looks, before there is any.
pub fn rows(world: World<'_>) -> Vec<Row> {
    let Some(findings) = world.lint else {
        let state = Cell::state_as(State::Converging, "looking");
        let cells = vec![state, Cell::None, Cell::None, Cell::text_of("looking through the folder"), Cell::None];
        return vec![Row::new(Subject::Finding(String::new(), String::new(), String::new()), State::Converging, cells)];
    };
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by(|a, b| (a.severity, &a.spot, a.rule).cmp(&(b.severity, &b.spot, b.rule)));
    let mut all: Vec<Row> = sorted.into_iter().map(row).collect();
    rows::rank(&mut all);
    all
}

fn row(finding: &Finding) -> Row {
    let state = state(finding.severity);
    Row::new(
        subject(finding),
        state,
        vec![
            Cell::state_as(state, finding.severity.word()),
            Cell::text_of(finding.rule),
            Cell::text_of(clean(&finding.spot.to_string())),
            Cell::text_of(clean(&finding.what)),
            Cell::text_of(clean(&finding.mend)),
        ],
    )
}

/// How grave it looks.
pub fn state(severity: Severity) -> State {
    match severity {
        Severity::Error => State::Failed,
        Severity::Warning => State::Degraded,
        Severity::Info => State::Off,
    }
}

/// By what it is known, also when it is found again.
pub fn subject(finding: &Finding) -> Subject {
    Subject::Finding(finding.rule.to_owned(), clean(&finding.spot.to_string()), finding.what.clone())
}
