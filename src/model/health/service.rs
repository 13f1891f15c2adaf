//! How one service is doing. Desired against running by slot; what is on a node that is away is unknown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::constraint::{arch, meets};
use super::picture::ServiceHealth;
use super::reasons;
use crate::model::{
    Availability, Mode, Node, NodeId, NodeState, Service, Snapshot, State, Task, TaskState, UpdateState,
};

/// Failures are counted over this time.
pub const CRASH_WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// So many failures in that time are a crash loop.
pub const CRASH_LOOP: u64 = 3;
/// A crash loop is not over before it has been quiet for so long.
const CALM: SignedDuration = SignedDuration::from_mins(1);

/// What a service's tasks come to, before it is judged.
#[derive(Debug, Default)]
pub struct Tally<'a> {
    /// The tasks that the swarm wants, newest of each slot.
    pub wanted: Vec<&'a Task>,
    /// Nodes with a running task.
    pub running_on: BTreeSet<NodeId>,
    /// Slots with a running task.
    pub running: u64,
    /// Slots whose only task is on a node that is away.
    pub unknown: Vec<&'a Task>,
    /// Slots or nodes that should have a task.
    pub desired: u64,
    /// Completed in this round.
    pub completed: u64,
    /// Failed tasks of the last ten minutes.
    pub failures: u64,
    /// No task has failed for twice the longest pause between those failures, and for a while at least.
    pub calm: bool,
    /// The task that failed last.
    pub last_failure: Option<&'a Task>,
}

/// Judges one service.
pub fn judge(swarm: &Snapshot, service: &Service, now: Timestamp) -> ServiceHealth {
    let tally = tally(swarm, service, now);
    let (state, reasons) = if service.mode.is_one_shot() {
        one_shot(swarm, service, &tally)
    } else {
        long_running(swarm, service, &tally)
    };
    let since = tally.wanted.iter().filter_map(|task| task.since).max();
    ServiceHealth {
        state,
        running: tally.running,
        desired: tally.desired,
        completed: tally.completed,
        unknown: tally.unknown.len() as u64,
        failures: tally.failures,
        reasons,
        since: if state.is_trouble() { trouble_since(&tally).or(since) } else { since },
        nodes: tally.running_on.into_iter().collect(),
    }
}

fn trouble_since(tally: &Tally<'_>) -> Option<Timestamp> {
    let waiting =
        tally.wanted.iter().filter(|task| task.state != TaskState::Running).filter_map(|task| task.since).min();
    tally.last_failure.and_then(|task| task.since).into_iter().chain(waiting).min()
}

fn tally<'a>(swarm: &'a Snapshot, service: &'a Service, now: Timestamp) -> Tally<'a> {
    let tasks = swarm.tasks_of(&service.id);
    let mut tally = Tally { desired: desired(swarm, service), ..Tally::default() };
    // A slot that had to be run again, and whose first task ended well after all, is one completion.
    let mut completed: BTreeSet<(Option<u64>, Option<&NodeId>)> = BTreeSet::new();
    let mut slots: BTreeMap<(Option<u64>, Option<&NodeId>), Vec<&Task>> = BTreeMap::new();
    for task in tasks.iter().map(Arc::as_ref).filter(|task| of_this_round(service, task)) {
        if task.state == TaskState::Complete && service.mode.is_one_shot() {
            completed.insert(place(task));
        }
        if task.state.is_failure() && tally.last_failure.is_none_or(|last| last.since < task.since) {
            tally.last_failure = Some(task);
        }
        if task.is_wanted() && !task.is_over() {
            slots.entry(place(task)).or_default().push(task);
        }
    }
    tally.completed = completed.len() as u64;
    for tasks in slots.into_values() {
        let known_running = tasks.iter().find(|task| task.state == TaskState::Running && !is_away(swarm, task));
        let newest = tasks.iter().max_by_key(|task| (task.created, &task.id));
        if let Some(task) = known_running {
            tally.running += 1;
            tally.running_on.extend(task.node.clone());
        } else if let Some(task) = newest.filter(|task| is_away(swarm, task)) {
            tally.unknown.push(task);
        }
        tally.wanted.extend(newest);
    }
    // What failed before the last update began failed under another spec, and says nothing of this one.
    let began = service.update.as_ref().and_then(|update| update.started);
    let counts = |at: &Timestamp| now.duration_since(*at) <= CRASH_WINDOW && began.is_none_or(|began| *at >= began);
    let failures = swarm.failures.get(&service.id).into_iter().flat_map(|failures| failures.iter());
    let times: Vec<Timestamp> = failures.map(|failure| failure.at).filter(counts).collect();
    tally.failures = times.len() as u64;
    tally.calm = is_calm(times, now);
    tally
}

/// Who fails every three minutes is not well after two; who failed every five seconds is, after one.
fn is_calm(mut failures: Vec<Timestamp>, now: Timestamp) -> bool {
    failures.sort_unstable();
    let pauses = failures.iter().zip(failures.iter().skip(1)).map(|(one, next)| next.duration_since(*one));
    let longest = pauses.max().unwrap_or_default();
    failures.last().is_none_or(|last| now.duration_since(*last) > CALM.max(longest * 2))
}

/// The place of a service that a task fills: its slot, or its node where each node has one.
fn place(task: &Task) -> (Option<u64>, Option<&NodeId>) {
    (task.slot, if task.slot.is_some() { None } else { task.node.as_ref() })
}

fn of_this_round(service: &Service, task: &Task) -> bool {
    !service.mode.is_one_shot() || task.job_iteration.unwrap_or(0) == service.job_iteration.unwrap_or(0)
}

fn is_away(swarm: &Snapshot, task: &Task) -> bool {
    let node = task.node.as_ref().and_then(|id| swarm.nodes.get(id));
    node.is_some_and(|node| node.state != NodeState::Ready)
}

fn desired(swarm: &Snapshot, service: &Service) -> u64 {
    match &service.mode {
        Mode::Replicated(replicas) => *replicas,
        Mode::ReplicatedJob { total, .. } => *total,
        Mode::Global | Mode::GlobalJob => {
            swarm.nodes.values().filter(|node| node.is_ready() && is_eligible(service, node)).count() as u64
        }
        Mode::Other(_) => swarm.tasks_of(&service.id).iter().filter(|task| task.is_wanted()).count() as u64,
    }
}

/// A global service should have a task on this node, if it answers.
#[must_use]
pub fn is_eligible(service: &Service, node: &Node) -> bool {
    let platform = service.platforms.is_empty()
        || service
            .platforms
            .iter()
            .any(|(os, cpu)| (os.is_empty() || *os == node.os) && (cpu.is_empty() || arch(cpu) == arch(&node.arch)));
    node.availability != Availability::Drain && platform && meets(node, &service.constraints)
}

fn long_running(swarm: &Snapshot, service: &Service, tally: &Tally<'_>) -> (State, Vec<String>) {
    if tally.desired == 0 && tally.wanted.is_empty() {
        return (State::Off, vec![reasons::off(swarm, service)]);
    }
    let mut reasons = Vec::new();
    let update = service.update.as_ref().map(|update| &update.state);
    let crash_loop = tally.failures >= CRASH_LOOP;
    let complete = tally.running >= tally.desired;
    // What was refused, and is there now, is over: a node that boots refuses tasks until it is in the swarm again.
    let refused = tally.last_failure.is_some_and(|task| task.state == TaskState::Rejected);
    let over = complete && (refused || tally.calm);
    let crash_loop = crash_loop && !over;
    reasons.extend(service.update.as_ref().and_then(|update| reasons::update(service, update)));
    if crash_loop || (!complete && tally.failures > 0) {
        reasons.extend(reasons::failures(swarm, tally));
    }
    reasons.extend(reasons::waiting(swarm, service, tally));
    reasons.extend(reasons::unknown(swarm, tally));
    reasons.extend(reasons::starting(swarm, tally));
    let broken = if tally.running == 0 { State::Failed } else { State::Degraded };
    let state = match update {
        Some(UpdateState::Paused | UpdateState::RollbackPaused | UpdateState::RollbackStarted) => State::Degraded,
        Some(UpdateState::RollbackCompleted) if complete => State::Degraded,
        _ if crash_loop && !complete => broken,
        _ if crash_loop => State::Degraded,
        Some(UpdateState::Updating) => State::Converging,
        _ if complete => State::Ready,
        _ if !tally.unknown.is_empty() => State::Unknown,
        _ if reasons::is_stuck(tally) => {
            if tally.running == 0 {
                State::Waiting
            } else {
                State::Degraded
            }
        }
        _ if is_restarting(tally) => broken,
        _ => State::Converging,
    };
    if state != State::Ready && reasons.is_empty() {
        reasons.push(format!("{} of {} tasks run", tally.running, tally.desired));
    }
    (state, reasons)
}

/// What failed last has not come up again: from the first failure on that is told, not from the third.
fn is_restarting(tally: &Tally<'_>) -> bool {
    let Some(failed) = tally.last_failure.filter(|_| tally.failures > 0) else { return false };
    let is_its_place = |task: &Task| task.slot == failed.slot && (task.slot.is_some() || task.node == failed.node);
    tally.wanted.iter().any(|task| is_its_place(task) && task.state != TaskState::Running)
}

fn one_shot(swarm: &Snapshot, service: &Service, tally: &Tally<'_>) -> (State, Vec<String>) {
    if tally.desired == 0 {
        return (State::Off, vec![reasons::off(swarm, service)]);
    }
    if tally.completed >= tally.desired {
        return (State::Done, Vec::new());
    }
    let mut reasons = Vec::new();
    reasons.extend(reasons::failures(swarm, tally));
    reasons.extend(reasons::waiting(swarm, service, tally));
    reasons.extend(reasons::unknown(swarm, tally));
    let state = if tally.wanted.is_empty() && tally.last_failure.is_some() {
        State::Failed
    } else if tally.failures >= CRASH_LOOP {
        State::Degraded
    } else if !tally.unknown.is_empty() {
        State::Unknown
    } else if reasons::is_stuck(tally) {
        State::Waiting
    } else {
        State::Converging
    };
    reasons.push(format!("{} of {} completed", tally.completed, tally.desired));
    (state, reasons)
}
