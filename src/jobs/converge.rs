//! Whether a service has become what was asked for, as the picture shows it. Shared by all that changes services.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::cx::JobCx;
use super::refusals::Refusals;
use crate::diag::Diagnostic;
use crate::model::{Mode, Picture, Service, ServiceId, State, Task, TaskState, UpdateState, Version};

/// How long the swarm watches a new task where nothing else is said.
const WATCH: Duration = Duration::from_secs(5);
/// So many tasks are named when time is up.
const NAMED: usize = 6;

/// What is waited for.
#[derive(Debug, Clone)]
pub struct Awaited {
    /// Which service.
    pub id: ServiceId,
    /// Its name, for messages.
    pub name: String,
    /// The version before the change: what is shown must be newer. None for what was made just now.
    pub beyond: Option<Version>,
    /// What was done to it.
    pub by: By,
}

/// What was done to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// It was made.
    Create,
    /// It was changed so that tasks are replaced.
    Roll {
        /// By nothing but a forced update: its end is told by that alone.
        forced: bool,
    },
    /// It was changed so that its tasks go on.
    Change,
    /// It was told to go back.
    Back,
}

/// How waiting ended that did not fail.
#[derive(Debug)]
pub enum Reached {
    /// It is there; the last words on it.
    There(String),
    /// It was told to wait no longer; the swarm goes on with it.
    Left(String),
}

/// How far it is.
#[derive(Debug)]
enum Verdict {
    /// There.
    Yes(String),
    /// There, if it stays so for this long.
    Hold(Duration, String),
    /// Not yet, because.
    NotYet(String),
    /// It will not come.
    Fault(Box<Diagnostic>),
}

/// Waits until a service has converged, and tells the step what is missing meanwhile. Told to stop, it waits no longer:
/// what was written goes on in the swarm.
///
/// # Errors
/// If it failed, was rolled back, or patience ended; then with what each task waits for.
pub async fn wait(cx: &JobCx, index: usize, awaited: &Awaited) -> Result<Reached, Diagnostic> {
    let mut swarm = cx.swarm.clone();
    let mut picture = swarm.snapshot();
    let until = Instant::now() + cx.patience;
    let mut held: Option<Instant> = None;
    let mut told = String::new();
    let mut refusals = Refusals::default();
    loop {
        if let Some(fault) = refusals.look(cx, &picture, awaited).await {
            return Err(fault);
        }
        let (wake, words) = match verdict(&picture, awaited) {
            Verdict::Yes(words) => return Ok(Reached::There(words)),
            Verdict::Fault(fault) => return Err(*fault),
            Verdict::Hold(window, words) => {
                let end = *held.get_or_insert_with(Instant::now) + window;
                if Instant::now() >= end {
                    return Ok(Reached::There(words));
                }
                (end.min(until), format!("{words}; watched for {} s", window.as_secs_f32().ceil()))
            }
            Verdict::NotYet(words) => {
                held = None;
                (until, words)
            }
        };
        if words != told {
            cx.step(index, State::Converging, words.clone()).await;
            told = words;
        }
        if cx.stop.is_cancelled() {
            return Ok(Reached::Left(format!("not waited for, the swarm goes on with it; {told}")));
        }
        if Instant::now() >= until {
            return Err(late(&picture, awaited, cx.patience, &told));
        }
        tokio::select! {
            next = swarm.changed() => match next {
                Ok(next) => picture = next,
                Err(_) => return Err(Diagnostic::new("the program is ending", "run it again to see the swarm as it is")),
            },
            () = cx.stop.cancelled() => {}
            () = tokio::time::sleep_until(wake) => {}
        }
    }
}

fn verdict(picture: &Picture, awaited: &Awaited) -> Verdict {
    if !picture.swarm.link.is_live() {
        return Verdict::NotYet("the swarm does not answer; waiting for it".to_owned());
    }
    let (Some(service), Some(health)) = (picture.swarm.services.get(&awaited.id), picture.health(&awaited.id)) else {
        if awaited.beyond.is_none() {
            return Verdict::NotYet("the swarm has not shown it yet".to_owned());
        }
        let gone = Diagnostic::new(format!("{} was removed meanwhile", awaited.name), "deploy its stack again");
        return Verdict::Fault(Box::new(gone));
    };
    // By its version alone: a rollback takes the number of a forced update back, too.
    if awaited.beyond.is_some_and(|seen| service.version <= seen) {
        return Verdict::NotYet("the swarm has not shown the change yet".to_owned());
    }
    let why = health.reasons.first().cloned().unwrap_or_default();
    let update = service.update.as_ref().map(|update| &update.state);
    let there = format!("{} of {} run", health.running, health.desired);
    match (update, health.state) {
        (Some(UpdateState::RollbackCompleted), _) if awaited.by == By::Back => {
            if health.running >= health.desired {
                Verdict::Yes(there)
            } else {
                Verdict::NotYet(progress(picture, service, &why))
            }
        }
        (Some(UpdateState::RollbackStarted), _) if awaited.by != By::Back => {
            Verdict::NotYet(format!("it failed; {why}"))
        }
        (Some(UpdateState::Paused | UpdateState::RollbackCompleted | UpdateState::RollbackPaused), _) => {
            Verdict::Fault(Box::new(broken(service, &why)))
        }
        (_, State::Failed) if service.mode.is_one_shot() => Verdict::Fault(Box::new(broken(service, &why))),
        _ if gave_up(picture, service, health.failures) => Verdict::Fault(Box::new(broken(service, &why))),
        (_, State::Done | State::Off) => Verdict::Yes(health.state.word().to_owned()),
        (Some(UpdateState::Completed), State::Ready) => Verdict::Yes(there),
        (None, State::Ready) if awaited.by == By::Change => Verdict::Yes(there),
        // Without an update to tell its end, it must stay as it is for as long as the swarm watches a new task.
        (None, State::Ready) if awaited.by != (By::Roll { forced: true }) => Verdict::Hold(window(service), there),
        _ => Verdict::NotYet(progress(picture, service, &why)),
    }
}

fn window(service: &Service) -> Duration {
    match service.monitor {
        0 => WATCH,
        nanos => Duration::from_nanos(nanos),
    }
}

/// No task is wanted any more although some failed: the restart policy has ended. A task that has just failed is still
/// wanted until the swarm has judged it, in the write that makes its successor.
fn gave_up(picture: &Picture, service: &Service, failures: u64) -> bool {
    let tasks = picture.swarm.tasks_of(&service.id);
    let long_running = !service.mode.is_one_shot() && service.restart != "any";
    long_running && failures > 0 && !tasks.iter().any(|task| task.is_wanted())
}

fn broken(service: &Service, why: &str) -> Diagnostic {
    let rolled_back = service.update.as_ref().is_some_and(|update| update.state == UpdateState::RollbackCompleted);
    let what = if rolled_back {
        format!("{} failed and was rolled back", service.name)
    } else {
        format!("{} did not come up again", service.name)
    };
    Diagnostic::new(what, format!("read its logs: quarterdeck logs {}", service.name))
        .because(why)
        .because(service.update.as_ref().map(|update| update.message.clone()).unwrap_or_default())
}

fn progress(picture: &Picture, service: &Service, why: &str) -> String {
    if service.mode.is_one_shot() {
        return if why.is_empty() { "its tasks run".to_owned() } else { why.to_owned() };
    }
    let health = picture.health(&service.id);
    // The swarm says "updated" again when an update ends: its tasks are those since it began.
    let began = service.update.as_ref().and_then(|update| update.started).or(service.updated);
    let new = picture
        .swarm
        .tasks_of(&service.id)
        .iter()
        .filter(|task| task.is_wanted() && task.created >= began)
        .filter(|task| task.state == TaskState::Running)
        .count();
    let of = match (&service.mode, health) {
        (Mode::Global, Some(health)) | (Mode::Replicated(_), Some(health)) => health.desired,
        _ => 0,
    };
    if why.is_empty() { format!("{new} of {of} new tasks run") } else { format!("{new} of {of} new tasks run; {why}") }
}

/// Time is up: which task waits for what.
fn late(picture: &Picture, awaited: &Awaited, patience: Duration, told: &str) -> Diagnostic {
    let mut fault = Diagnostic::new(
        format!("{} has not converged within {} s", awaited.name, patience.as_secs()),
        "look at the tasks it waits for; the change itself has been made",
    );
    let tasks = picture.swarm.tasks_of(&awaited.id);
    let mut waiting: Vec<&Task> = tasks
        .iter()
        .map(AsRef::as_ref)
        .filter(|task| task.is_wanted() && !matches!(task.state, TaskState::Running | TaskState::Complete))
        .collect();
    waiting.sort_by_key(|task| (task.slot, task.node.clone(), std::cmp::Reverse(task.created)));
    waiting.dedup_by_key(|task| (task.slot, if task.slot.is_some() { None } else { task.node.clone() }));
    for task in waiting.iter().take(NAMED) {
        fault = fault.because(waits_for(picture, awaited, task));
    }
    if waiting.len() > NAMED {
        fault = fault.because(format!("{} more tasks wait", waiting.len() - NAMED));
    }
    fault.because(told)
}

fn waits_for(picture: &Picture, awaited: &Awaited, task: &Task) -> String {
    let name = match task.slot {
        Some(slot) => format!("{}.{slot}", awaited.name),
        None => awaited.name.clone(),
    };
    let at = task.node.as_ref().map(|node| format!(" on {}", picture.swarm.hostname(node))).unwrap_or_default();
    let words = |task: &Task| if task.error.is_empty() { task.message.clone() } else { task.error.clone() };
    // A task that is tried again and again says nothing; the one before it does.
    let same = |other: &&Arc<Task>| {
        other.state.is_failure() && (other.slot, other.slot.is_some() || other.node == task.node) == (task.slot, true)
    };
    let tasks = picture.swarm.tasks_of(&awaited.id);
    let before = tasks.iter().filter(same).max_by_key(|other| other.created);
    let before =
        before.map(|failed| format!("; the one before it {}: {}", failed.state, words(failed))).unwrap_or_default();
    format!("{name}{at} is {}: {}{before}", task.state, words(task))
}
