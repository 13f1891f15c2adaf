//! Jobs: what was asked for, how far it is, and how it ended. What runs stands first, then what waits, in the order in
//! which it will begin, then what is over, newest first. Below them what was done before, and by others, as the journal
//! tells it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{World, course, past};
use crate::action::{Deed, Job, JobId, JobState, Standing};
use crate::app::Subject;
use crate::app::format;
use crate::app::list::{Cell, Column, Row};

/// The columns.
pub const COLUMNS: &[Column] = &[
    Column::words("JOB", 20, 48),
    Column::words("STATE", 12, 14),
    Column::numbers("STEPS", 5).keep(3),
    Column::numbers("AGE", 4).keep(1),
    Column::words("DETAIL", 16, 200).keep(2).grows(),
];

/// Rows one below the other. A row is a group of its own, and so are those below a job: no sort tears them apart.
pub struct Tree<'a> {
    unfolded: &'a BTreeMap<Subject, bool>,
    rows: Vec<Row>,
}

impl Tree<'_> {
    /// Adds a row below another. It is open as the operator left it, or as said here; not foldable where nothing is said.
    /// Gives its place, if what lies below it is to be shown.
    pub fn add(&mut self, mut row: Row, parent: Option<usize>, open: Option<bool>) -> Option<usize> {
        let at = self.rows.len();
        let open = open.map(|open| self.unfolded.get(&row.subject).copied().unwrap_or(open));
        row.group = u32::try_from(at).unwrap_or(u32::MAX);
        row.parent = parent;
        row.depth = parent.and_then(|parent| self.rows.get(parent)).map_or(0, |parent| parent.depth + 1);
        row.unfolds = open;
        self.rows.push(row);
        open.unwrap_or(false).then_some(at)
    }
}

/// A row for each course, each job and, where it is unfolded, each of its steps. What runs is unfolded by itself.
pub fn rows(world: World<'_>, unfolded: &BTreeMap<Subject, bool>) -> Vec<Row> {
    let mut tree = Tree { unfolded, rows: Vec::new() };
    let mut items: BTreeMap<JobId, Vec<&Job>> = BTreeMap::new();
    for job in world.board.jobs.iter().map(AsRef::as_ref) {
        items.entry(job.course.as_ref().map_or(job.id, |course| course.first)).or_default().push(job);
    }
    let mut items: Vec<(JobId, Vec<&Job>)> = items.into_iter().collect();
    items.sort_by_key(|(first, jobs)| turn(*first, jobs));
    for (_, jobs) in items {
        match jobs.as_slice() {
            [first, ..] if first.course.is_some() => {
                if let Some(course) = &first.course {
                    course::rows(course, &jobs, &mut tree);
                }
            }
            lone => lone.iter().for_each(|lone| job(lone, None, &mut tree)),
        }
    }
    let is_here = |deed: &&Deed| deed.own && world.board.job(JobId(deed.begun.number)).is_some();
    let past: Vec<&Deed> = world.done.deeds.iter().map(AsRef::as_ref).filter(|deed| !is_here(deed)).collect();
    let mut parts: BTreeMap<&str, Vec<&Deed>> = past
        .iter()
        .filter(|deed| deed.begun.request().is_some())
        .map(|deed| (deed.begun.job.as_str(), Vec::new()))
        .collect();
    // The newest comes first, and within a course the oldest.
    for deed in past.iter().rev() {
        if let Some(parts) = parts.get_mut(deed.begun.course.as_str()) {
            parts.push(deed);
        }
    }
    for deed in past.iter().filter(|deed| !parts.contains_key(deed.begun.course.as_str())) {
        past::rows(deed, parts.get(deed.begun.job.as_str()).map_or(&[], Vec::as_slice), &mut tree);
    }
    tree.rows
}

/// A job and, where it is unfolded, its steps.
pub fn job(job: &Job, parent: Option<usize>, tree: &mut Tree<'_>) {
    let calls = matches!(job.state, JobState::Running | JobState::Failed(_));
    let Some(parent) = tree.add(row(job, Subject::Job(job.id)), parent, (!job.steps.is_empty()).then_some(calls))
    else {
        return;
    };
    for (at, step) in job.steps.iter().enumerate() {
        let cells = vec![
            Cell::text_of(&step.name),
            Cell::state(step.state),
            Cell::None,
            Cell::None,
            Cell::text_of(&step.detail),
        ];
        tree.add(Row::new(Subject::Step(job.id, at), step.state, cells), Some(parent), None);
    }
}

/// Where a job or a course stands: what is under way first, then what waits, then what is over, the newest first.
fn turn(first: JobId, jobs: &[&Job]) -> (u8, i128) {
    let number = i128::from(first.0);
    match Standing::of(jobs.iter().copied()).state().1 {
        "running" => (0, number),
        "waiting" => (1, number),
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
