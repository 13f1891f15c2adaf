//! A course for tests: three tiers, of which one stands, one has a stack that failed, and one was skipped.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::gate::{Gate, Mode};
use super::{Action, Board, Course, Job, JobId, JobState, Scope, StepReport};
use crate::diag::Diagnostic;
use crate::model::{State, Tier};

/// Its jobs; those of the platform end only if it is `over`.
pub fn course(now: Timestamp, over: bool) -> Board {
    let (low, middle, high) = (Tier::Infrastructure, Tier::Platform, Tier::Application);
    let shut = "platform does not stand: exits 1 on dhow";
    let because = || JobState::Skipped { because: format!("blocked by gate of platform, because {shut}") };
    let fault = || Diagnostic::new("authentik_server was rolled back", "read its log: l").because("exits 1 on dhow");
    let behind = |title: &str| JobState::Waiting { behind: title.to_owned() };
    let later = |now: JobState, then: JobState| if over { then } else { now };
    let failed = || JobState::Failed(Diagnostic::new(shut, "mend what is named"));
    Board::from_iter([
        job(now, 1, &low, stack("caddy"), JobState::Done),
        job(now, 2, &low, stack("pxe"), JobState::Done),
        job(now, 3, &low, gate(&low), JobState::Done),
        job(now, 4, &middle, stack("authentik"), JobState::Failed(fault())),
        job(now, 5, &middle, stack("monitoring"), later(JobState::Running, JobState::Done)),
        job(now, 6, &middle, gate(&middle), later(behind("redeploy stack monitoring"), failed())),
        job(now, 7, &high, stack("media-core"), later(behind("gate of platform"), because())),
        job(now, 8, &high, gate(&high), later(behind("redeploy stack media-core"), because())),
    ])
}

fn stack(name: &str) -> Action {
    Action::Redeploy { scope: Scope::Stack(name.into()), services: Vec::new() }
}

fn gate(tier: &Tier) -> Action {
    let patience = Duration::from_secs(300);
    Action::Gate(Gate { tier: tier.clone(), stacks: Vec::new(), inner: false, mode: Mode::Stop, patience })
}

fn job(now: Timestamp, id: u64, tier: &Tier, action: Action, state: JobState) -> Job {
    let step = |name: &str, state, detail: &str| StepReport { name: name.into(), state, detail: detail.into() };
    let steps = match &state {
        JobState::Failed(_) => vec![step("authentik_server", State::Failed, "rolled back")],
        JobState::Running => vec![step("monitoring_grafana", State::Converging, "0/1: starting on lorcha")],
        _ => Vec::new(),
    };
    Job {
        id: JobId(id),
        action: Arc::new(action),
        course: Some(Course {
            first: JobId(1),
            title: "deploy 4 stacks".into(),
            tier: tier.clone(),
            request: Arc::default(),
        }),
        after: Vec::new(),
        past: Vec::new(),
        submitted: now,
        started: (!matches!(state, JobState::Waiting { .. } | JobState::Skipped { .. })).then_some(now),
        ended: state.is_over().then(|| now + SignedDuration::from_secs(41)),
        state,
        steps,
        why: String::new(),
    }
}
