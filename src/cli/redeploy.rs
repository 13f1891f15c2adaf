//! `redeploy`: the console's key as a verb. Shows what will roll, asks, follows to the end.

use std::io::{BufRead, IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::args::Globals;
use super::connect::World;
use super::{Ending, Stopped, print};
use crate::action::{Action, Job, JobState, redeploy};
use crate::diag::Diagnostic;
use crate::hub::{self, Handle};
use crate::model::{Link, Picture, State};

/// How long the swarm may take to show itself.
const FIRST_LOOK: Duration = Duration::from_secs(15);

/// Redeploys a stack or service and waits until it has converged.
pub async fn run(globals: &Globals, world: World, target: &str) -> Result<Ending, Stopped> {
    if globals.read_only {
        return Err(misuse("a read-only session changes nothing", "leave out --read-only"));
    }
    if !globals.yes && !std::io::stdin().is_terminal() {
        return Err(misuse("this changes the swarm, and there is no one to ask", "add --yes"));
    }
    let (handle, hub) = hub::start(world.engine.clone(), Arc::clone(&world.catalogue), Arc::clone(&world.clock));
    let result = perform(globals, &handle, target).await;
    handle.stop.cancel();
    let _ = tokio::time::timeout(Duration::from_secs(2), hub.ended()).await;
    result
}

async fn perform(globals: &Globals, handle: &Handle, target: &str) -> Result<Ending, Stopped> {
    let picture = first_look(handle).await?;
    let offer = find(&picture, target)?;
    if let (Action::Redeploy { services, .. }, false) = (&offer.action, globals.json) {
        for service in services {
            print::line(&format!("will roll {} ({} tasks)", service.name, service.tasks));
        }
        for left in &offer.left_out {
            print::line(left);
        }
    }
    if !globals.yes && !confirmed() {
        return Ok(Ending::Cancelled);
    }
    follow(globals, handle, offer.action).await
}

/// Puts an action into the queue and tells how it goes, to its end.
pub(super) async fn follow(globals: &Globals, handle: &Handle, action: Action) -> Result<Ending, Stopped> {
    let id = handle.submit(action).map_err(|fault| Stopped::new(Ending::Failed, fault))?;
    let mut board = handle.board.clone();
    let mut told: Vec<(State, String)> = Vec::new();
    loop {
        let next = tokio::select! {
            next = board.changed() => next,
            _ = tokio::signal::ctrl_c() => {
                print::remark("stopping after this step; what was asked for goes on");
                handle.cancel(id);
                continue;
            }
        };
        let Ok(board) = next else { return Ok(Ending::Failed) };
        let Some(job) = board.job(id) else { continue };
        if !globals.json {
            tell(job, &mut told);
        }
        if let Some(ending) = over(job, globals.json)? {
            return Ok(ending);
        }
    }
}

pub(super) async fn first_look(handle: &Handle) -> Result<Arc<Picture>, Stopped> {
    let mut swarm = handle.swarm.clone();
    let looking = swarm.until(|picture| picture.swarm.known && picture.swarm.link.is_live());
    if let Ok(Ok(picture)) = tokio::time::timeout(FIRST_LOOK, looking).await {
        return Ok(picture);
    }
    let why = match &handle.swarm.latest().swarm.link {
        Link::Connecting { why, .. } => why.clone().unwrap_or_default(),
        Link::Stale { why, .. } => why.clone(),
        Link::Live { .. } => String::new(),
    };
    let fault = Diagnostic::new("the swarm cannot be reached", "check the address after -H, and that its engine runs")
        .because(why);
    Err(Stopped::new(Ending::Unreachable, fault))
}

/// A stack of this name, else a service.
fn find(picture: &Picture, target: &str) -> Result<redeploy::Offer, Stopped> {
    let refused = |fault| Stopped::new(Ending::Failed, fault);
    if picture.stack(target).is_some_and(|stack| !stack.services.is_empty()) {
        return redeploy::stack(picture, target).map_err(refused);
    }
    match picture.swarm.services.values().find(|service| service.name == target || service.id.as_str() == target) {
        Some(service) => redeploy::service(picture, &service.id).map_err(refused),
        None => {
            Err(misuse(&format!("neither a stack nor a service is called {target}"), "list them: quarterdeck status"))
        }
    }
}

fn misuse(what: &str, mend: &str) -> Stopped {
    Stopped::new(Ending::Misuse, Diagnostic::new(what, mend))
}

fn confirmed() -> bool {
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "redeploy now? [y/N] ").and_then(|()| err.flush());
    let mut answer = String::new();
    let _ = std::io::stdin().lock().read_line(&mut answer);
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

/// One line for each step whose words have changed.
fn tell(job: &Job, told: &mut Vec<(State, String)>) {
    told.resize(job.steps.len(), (State::Waiting, String::new()));
    for (step, known) in job.steps.iter().zip(told) {
        if (step.state, &step.detail) != (known.0, &known.1) {
            *known = (step.state, step.detail.clone());
            print::line(&format!("{} {:<10} {}  {}", step.state.sign(), step.state.word(), step.name, step.detail));
        }
    }
}

#[derive(Debug, Serialize)]
struct Outcome<'a> {
    what: String,
    outcome: &'a str,
    steps: Vec<StepRow<'a>>,
}

#[derive(Debug, Serialize)]
struct StepRow<'a> {
    name: &'a str,
    state: &'a str,
    detail: &'a str,
}

fn over(job: &Job, json: bool) -> Result<Option<Ending>, Stopped> {
    let (ending, word) = match &job.state {
        JobState::Waiting { .. } | JobState::Running => return Ok(None),
        JobState::Done => (Ending::Done, "done"),
        JobState::Cancelled { .. } => (Ending::Cancelled, "cancelled"),
        JobState::Failed(_) => (Ending::Failed, "failed"),
    };
    if json {
        let steps =
            job.steps.iter().map(|s| StepRow { name: &s.name, state: s.state.word(), detail: &s.detail }).collect();
        print::document(&Outcome { what: job.action.title(), outcome: word, steps });
    }
    match &job.state {
        JobState::Failed(fault) => Err(Stopped::new(ending, fault.clone())),
        JobState::Cancelled { done, left } => {
            print::remark(&format!("cancelled: {done} steps done, {left} left as they are"));
            Ok(Some(ending))
        }
        _ => Ok(Some(ending)),
    }
}
