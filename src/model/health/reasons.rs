//! Why a service is as it is, in words a tired person understands.

use std::collections::BTreeMap;

use super::constraint::unmet;
use super::service::{CRASH_LOOP, Tally};
use crate::model::{Availability, Mode, Service, Snapshot, Task, TaskState, Update, UpdateState};

/// Why nothing should run.
pub fn off(swarm: &Snapshot, service: &Service) -> String {
    match service.mode {
        Mode::Global | Mode::GlobalJob if swarm.nodes.is_empty() => "no node is known".to_owned(),
        Mode::Global | Mode::GlobalJob => match no_node(swarm, service) {
            Some(why) => format!("no node is eligible: {why}"),
            None => "no node is eligible".to_owned(),
        },
        _ => "scaled to 0".to_owned(),
    }
}

/// What the last update has to say, unless it simply completed.
pub fn update(service: &Service, update: &Update) -> Option<String> {
    let said = if update.message.is_empty() { String::new() } else { format!(": {}", update.message) };
    match &update.state {
        UpdateState::Updating => {
            let order = if service.update_order == "start-first" { "new tasks first" } else { "old tasks stop first" };
            Some(format!("update under way, {order}"))
        }
        UpdateState::Paused => Some(format!("update paused{said}")),
        UpdateState::RollbackStarted => Some(format!("update failed, rolling back{said}")),
        UpdateState::RollbackPaused => Some(format!("rollback paused{said}")),
        UpdateState::RollbackCompleted => Some("last update was rolled back: the previous version runs".to_owned()),
        UpdateState::Completed => None,
        UpdateState::Other(word) => Some(format!("update {word}{said}")),
    }
}

/// What went wrong last, and how often.
pub fn failures(swarm: &Snapshot, tally: &Tally<'_>) -> Option<String> {
    let task = tally.last_failure?;
    let what = failure(swarm, task);
    Some(match tally.failures {
        0 | 1 => what,
        // What never started does not loop: it is refused again and again.
        n if task.state == TaskState::Rejected => format!("{what} ({n} times)"),
        n if n >= CRASH_LOOP => format!("crash loop ×{n}: {what}"),
        n => format!("{what} ({n} times)"),
    })
}

/// How one task ended, with its node.
fn failure(swarm: &Snapshot, task: &Task) -> String {
    let at = task.node.as_ref().map(|node| format!(" on {}", swarm.hostname(node))).unwrap_or_default();
    let lived = match (task.created, task.since) {
        (Some(created), Some(ended)) if task.state == TaskState::Failed => {
            format!(" after {}", seconds(ended.duration_since(created).as_secs()))
        }
        _ => String::new(),
    };
    match (&task.state, task.exit_code) {
        (TaskState::Rejected, _) => format!("rejected{at}: {}", or(&task.error, &task.message)),
        (TaskState::Orphaned, _) => format!("lost{at}: its node was away too long"),
        _ if task.error.contains("unhealthy container") => format!("became unhealthy{at}{lived}"),
        (_, Some(code)) if code != 0 && (task.error.is_empty() || task.error.contains("non-zero exit")) => {
            format!("exits {code}{at}{lived}")
        }
        _ => format!("failed{at}{lived}: {}", or(&task.error, &task.message)),
    }
}

fn or<'a>(error: &'a str, message: &'a str) -> &'a str {
    match (error.is_empty(), message.is_empty()) {
        (false, _) => error,
        (true, false) => message,
        (true, true) => "the engine gives no reason",
    }
}

fn seconds(secs: i64) -> String {
    match secs {
        s if s < 120 => format!("{s} s"),
        s if s < 7200 => format!("{} min", s / 60),
        s => format!("{} h", s / 3600),
    }
}

/// The scheduler said that no node will do.
pub fn is_stuck(tally: &Tally<'_>) -> bool {
    tally.wanted.iter().any(|task| is_waiting(task))
}

fn is_waiting(task: &Task) -> bool {
    task.state == TaskState::Pending && !task.error.is_empty()
}

/// What the tasks without a node wait for.
pub fn waiting(swarm: &Snapshot, service: &Service, tally: &Tally<'_>) -> Option<String> {
    let task = tally.wanted.iter().find(|task| is_waiting(task))?;
    Some(match no_node(swarm, service) {
        Some(why) => format!("waits for a node: {why}"),
        None => format!("waits for a node: {}", scheduler(&task.error)),
    })
}

/// What the scheduler says, without its preamble and with the telling cause first: nodes that the constraints
/// leave out are no news, and on a narrow screen the end is cut off.
fn scheduler(said: &str) -> String {
    let inner = said.strip_prefix("no suitable node (").and_then(|rest| rest.strip_suffix(')'));
    let mut causes: Vec<&str> = inner.unwrap_or(said).split("; ").collect();
    causes.sort_by_key(|cause| cause.starts_with("scheduling constraints"));
    causes.join("; ")
}

/// Why no node can take a task of the service, if constraints or availability are the cause.
fn no_node(swarm: &Snapshot, service: &Service) -> Option<String> {
    let mut by_constraint: BTreeMap<&str, usize> = BTreeMap::new();
    let mut others = Vec::new();
    for node in swarm.nodes.values() {
        if let Some(constraint) = unmet(node, &service.constraints) {
            *by_constraint.entry(constraint).or_default() += 1;
        } else if !node.is_ready() {
            others.push(format!("{} is {}", node.hostname, node.state));
        } else if node.availability == Availability::Drain {
            others.push(format!("{} is drained", node.hostname));
        } else if node.availability == Availability::Pause {
            others.push(format!("{} is paused", node.hostname));
        } else {
            return None;
        }
    }
    let mut why: Vec<String> = by_constraint.iter().map(|(constraint, nodes)| plain(constraint, *nodes)).collect();
    why.extend(others);
    (!why.is_empty()).then(|| why.join("; "))
}

fn plain(constraint: &str, nodes: usize) -> String {
    let not_met = format!(
        "{nodes} node{} {} not {constraint}",
        if nodes == 1 { "" } else { "s" },
        if nodes == 1 { "is" } else { "are" }
    );
    match constraint.split_once("==") {
        Some((key, value)) if key.trim().starts_with("node.labels.") => {
            let label = key.trim().trim_start_matches("node.labels.");
            format!("{nodes} node{} without label {label}={}", if nodes == 1 { "" } else { "s" }, value.trim())
        }
        _ => not_met,
    }
}

/// Whose node is away.
pub fn unknown(swarm: &Snapshot, tally: &Tally<'_>) -> Option<String> {
    let mut by_node: BTreeMap<&str, usize> = BTreeMap::new();
    for node in tally.unknown.iter().filter_map(|task| task.node.as_ref()) {
        *by_node.entry(swarm.hostname(node)).or_default() += 1;
    }
    let said: Vec<String> = by_node
        .iter()
        .map(|(node, tasks)| {
            format!("{tasks} task{} unknown: {node} does not answer", if *tasks == 1 { "" } else { "s" })
        })
        .collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// What the tasks that are not there yet are doing.
pub fn starting(swarm: &Snapshot, tally: &Tally<'_>) -> Option<String> {
    let mut by_state: BTreeMap<String, usize> = BTreeMap::new();
    for task in tally.wanted.iter().filter(|task| task.state.is_starting() && !is_waiting(task)) {
        let at = task.node.as_ref().map(|node| format!(" on {}", swarm.hostname(node))).unwrap_or_default();
        *by_state.entry(format!("{}{at}", task.state)).or_default() += 1;
    }
    let said: Vec<String> = by_state.iter().map(|(what, tasks)| format!("{tasks} {what}")).collect();
    (!said.is_empty()).then(|| said.join(", "))
}
