//! Jobs: what was asked for, how far it is, and how it ended. What runs stands first, then what waits, in the order in
//! which it will begin, then what is over, newest first. Below them what was done before, and by others, as the journal
//! tells it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use std::sync::Arc;

use super::{World, past};
use crate::action::{Deed, Job, JobId, JobState};
use crate::app::Subject;
use crate::app::format;
use crate::app::list::{Cell, Column, Row};

/// The columns.
pub const COLUMNS: &[Column] = &[
    Column::words("JOB", 20, 44),
    Column::words("STATE", 12, 14),
    Column::numbers("STEPS", 5).keep(3),
    Column::numbers("AGE", 4).keep(1),
    Column::words("DETAIL", 16, 200).keep(2).grows(),
];

/// A row for each job and, where it is unfolded, one for each of its steps. What runs is unfolded by itself.
pub fn rows(world: World<'_>, unfolded: &BTreeMap<Subject, bool>) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut jobs: Vec<&Job> = world.board.jobs.iter().map(AsRef::as_ref).collect();
    jobs.sort_by_key(|job| turn(job));
    for (group, job) in (0_u32..).step_by(2).zip(jobs) {
        let subject = Subject::Job(job.id);
        let open = unfolded
            .get(&subject)
            .copied()
            .unwrap_or(matches!(job.state, JobState::Running | JobState::Failed(_)) && !job.steps.is_empty());
        let parent = rows.len();
        let mut head = row(job, subject).placed(group, 0);
        head.unfolds = (!job.steps.is_empty()).then_some(open);
        rows.push(head);
        if !open {
            continue;
        }
        for (at, step) in job.steps.iter().enumerate() {
            let mut row = Row::new(
                Subject::Step(job.id, at),
                step.state,
                vec![
                    Cell::text_of(&step.name),
                    Cell::state(step.state),
                    Cell::None,
                    Cell::None,
                    Cell::text_of(&step.detail),
                ],
            )
            .placed(group + 1, u32::try_from(at).unwrap_or(u32::MAX));
            row.parent = Some(parent);
            row.depth = 1;
            rows.push(row);
        }
    }
    let jobs = u32::try_from(world.board.jobs.len()).unwrap_or(u32::MAX / 4);
    let is_here = |deed: &&Arc<Deed>| deed.own && world.board.job(JobId(deed.begun.number)).is_some();
    let before = world.done.deeds.iter().filter(|deed| !is_here(deed));
    for (group, deed) in (jobs.saturating_mul(2)..).step_by(2).zip(before) {
        past::rows(deed, group, unfolded, &mut rows);
    }
    rows
}

/// Where a job stands: a course of thirty has one that runs, and whoever looks wants to see that one.
fn turn(job: &Job) -> (u8, i128) {
    let number = i128::from(job.id.0);
    match job.state {
        JobState::Running => (0, number),
        JobState::Waiting { .. } => (1, number),
        _ => (2, -number),
    }
}

fn row(job: &Job, subject: Subject) -> Row {
    let done = job.steps.iter().filter(|step| step.state.is_settled()).count();
    let steps = if job.steps.is_empty() { Cell::None } else { Cell::Share(done as u64, job.steps.len() as u64) };
    let state = job.state.state();
    let mut row = Row::new(
        subject,
        state,
        vec![
            Cell::Text(job.action.title()),
            Cell::state_as(state, job.state.word()),
            steps,
            Cell::When(Some(job.ended.or(job.started).unwrap_or(job.submitted))),
            Cell::Text(detail(job)),
        ],
    );
    row.quiet = job.state.is_over() && !matches!(job.state, JobState::Failed(_));
    row
}

fn detail(job: &Job) -> String {
    match &job.state {
        JobState::Waiting { behind } => format!("waits for {behind}"),
        JobState::Running => job
            .steps
            .iter()
            .find(|step| !step.state.is_settled())
            .map(|step| format!("{}: {}", step.name, step.detail))
            .unwrap_or_default(),
        JobState::Done => took(job).map(|took| format!("done in {took}")).unwrap_or_default(),
        JobState::Failed(fault) => fault.line(),
        JobState::Skipped { because } => because.clone(),
        JobState::Cancelled { done, left } => format::steps_of(*done, *left),
    }
}

/// How long a job that ended took.
pub fn took(job: &Job) -> Option<String> {
    let (from, to): (Timestamp, Timestamp) = (job.started?, job.ended?);
    Some(format::lasting(to.duration_since(from).as_secs()))
}
