//! Jobs of one course in the queue: a row for all of it, one for each tier, and below a tier its jobs. The operator sees
//! how far it has come and what failed without reading thirty rows.

use super::queue::{self, Tree};
use crate::action::{Course, Job, JobState, Standing};
use crate::app::Subject;
use crate::app::format::lasting;
use crate::app::list::{Cell, Row};
use crate::model::{State, Tier};

/// Titles that are told side by side.
const BESIDE: usize = 3;

/// The rows of a course. Jobs come in the order of their numbers, and so do the tiers.
pub fn rows(course: &Course, jobs: &[&Job], tree: &mut Tree<'_>) {
    let standing = Standing::of(jobs.iter().copied());
    let head = row(Subject::Course(course.first), course.title.as_ref(), jobs);
    let well = standing.state().0 == State::Done;
    let Some(parent) = tree.add(head, None, Some(!well)) else { return };
    let mut tiers: Vec<&Tier> = Vec::new();
    for course in jobs.iter().filter_map(|job| job.course.as_ref()) {
        if !tiers.contains(&&course.tier) {
            tiers.push(&course.tier);
        }
    }
    for tier in tiers {
        let mut of_tier: Vec<&Job> = jobs.iter().copied().filter(|job| job.is_in(tier)).collect();
        let calls = |job: &&&Job| matches!(job.state, JobState::Running | JobState::Failed(_));
        let calling = of_tier.iter().any(|job| calls(&job));
        let leg = row(Subject::Leg(course.first, tier.clone()), tier.name(), &of_tier);
        let Some(parent) = tree.add(leg, Some(parent), Some(calling)) else { continue };
        of_tier.sort_by_key(|job| (job.state.urgency(), job.id));
        for job in of_tier {
            queue::job(job, Some(parent), tree);
        }
    }
}

fn row(subject: Subject, title: &str, jobs: &[&Job]) -> Row {
    let standing = Standing::of(jobs.iter().copied());
    let (state, word) = standing.state();
    let since = match standing.is_over() {
        true => jobs.iter().filter_map(|job| job.ended).max(),
        false => jobs.iter().filter_map(|job| job.started).min(),
    };
    let cells = vec![
        Cell::text_of(title),
        Cell::state_as(state, word),
        Cell::Share(standing.count("done"), standing.total()),
        Cell::When(since.or_else(|| jobs.first().map(|job| job.submitted))),
        Cell::Text(detail(jobs, &standing)),
    ];
    let mut row = Row::new(subject, state, cells);
    row.quiet = matches!(state, State::Done | State::Off);
    row
}

/// Why it stands as it does: what failed where it is over, else what runs, or what is waited for.
fn detail(jobs: &[&Job], standing: &Standing) -> String {
    let first = |told: fn(&Job) -> Option<String>| jobs.iter().find_map(|job| told(job));
    let failed = first(|job| match &job.state {
        JobState::Failed(fault) => Some(format!("{}: {}", job.action.title(), fault.line())),
        _ => None,
    });
    let held = first(|job| match &job.state {
        JobState::Waiting { behind } => Some(format!("waits for {behind}")),
        _ => None,
    });
    let skipped = first(|job| match &job.state {
        JobState::Skipped { because } => Some(because.clone()),
        _ => None,
    });
    if !standing.is_over() {
        let failures = Some(standing.count("failed")).filter(|count| *count > 0).map(|count| format!("{count} failed"));
        return failures.into_iter().chain(running(jobs).or(held)).collect::<Vec<_>>().join(" · ");
    }
    failed.or(skipped).unwrap_or_else(|| tally(jobs))
}

fn running(jobs: &[&Job]) -> Option<String> {
    let all: Vec<String> =
        jobs.iter().filter(|job| matches!(job.state, JobState::Running)).map(|job| job.action.title()).collect();
    let (shown, more) = all.split_at_checked(BESIDE).unwrap_or((&all, &[]));
    let more = (!more.is_empty()).then(|| format!("{} more", more.len()));
    (!all.is_empty()).then(|| shown.iter().cloned().chain(more).collect::<Vec<_>>().join(", "))
}

/// How a course that is over went, in numbers.
pub fn tally(jobs: &[&Job]) -> String {
    let standing = Standing::of(jobs.iter().copied());
    let took = jobs.iter().filter_map(|job| job.started).min().zip(jobs.iter().filter_map(|job| job.ended).max());
    let took = took.map(|(from, to)| format!(" in {}", lasting(to.duration_since(from).as_secs()))).unwrap_or_default();
    format!("{}{took}", standing.told().unwrap_or_else(|| "done".to_owned()))
}
