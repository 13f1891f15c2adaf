//! What a deploy had nothing to do for must stand all the same: deployed means converged.

use std::time::Duration;

use tokio::time::Instant;

use super::connect::World;
use super::follow::with_hub;
use super::{Ending, Stopped, print};
use crate::action::gate::{Standing, judge};
use crate::diag::Diagnostic;
use crate::hub::Handle;
use crate::jobs::Rollout;
use crate::model::{Picture, State};
use crate::plan::Thing;

/// What does not move is looked at for so long: an engine that was just restarted says so late.
const GRACE: Duration = Duration::from_secs(10);
/// What converges is waited for, where nothing else is said.
const PATIENCE: Duration = Duration::from_secs(300);

/// The stacks of a rollout that are as their files say, and run something.
pub fn unchanged(rollout: &Rollout) -> Vec<String> {
    let runs = |planned: &&crate::jobs::Planned| {
        let plan = &planned.plan;
        plan.is_empty() && plan.faults.is_empty() && plan.changes.iter().any(|change| change.kind == Thing::Service)
    };
    rollout.stacks.iter().filter(runs).map(|planned| planned.plan.stack.clone()).collect()
}

/// Looks whether these stand, with a hub of its own.
pub async fn look(world: &World, stacks: &[String], patience: Option<Duration>) -> Result<Ending, Stopped> {
    if stacks.is_empty() {
        return Ok(Ending::Done);
    }
    with_hub(world, async |handle, _| stand(handle, stacks, patience).await).await
}

/// Waits until these stand. What is sick and does not move is a failure, and says why.
pub async fn stand(handle: &Handle, stacks: &[String], patience: Option<Duration>) -> Result<Ending, Stopped> {
    let begun = Instant::now();
    let patience = patience.unwrap_or(PATIENCE);
    let mut swarm = handle.swarm.clone();
    let mut picture = swarm.snapshot();
    let mut told = false;
    loop {
        let lacking = lacking(&picture, stacks);
        if lacking.is_empty() {
            return Ok(Ending::Done);
        }
        let moves = lacking.iter().any(|(_, state, _)| matches!(state, State::Converging | State::Unknown));
        let until = begun + if moves { patience } else { GRACE.min(patience) };
        if Instant::now() >= until {
            return Err(sick(lacking));
        }
        if moves && !std::mem::replace(&mut told, true) {
            let names: Vec<&str> = lacking.iter().map(|(stack, ..)| stack.as_str()).collect();
            print::remark(&format!("nothing is written; waiting until it stands: {}", names.join(", ")));
        }
        tokio::select! {
            next = swarm.changed() => match next {
                Ok(next) => picture = next,
                Err(_) => return Ok(Ending::Failed),
            },
            () = tokio::time::sleep_until(until) => {}
            _ = tokio::signal::ctrl_c() => return Ok(Ending::Cancelled),
        }
    }
}

fn lacking(picture: &Picture, stacks: &[String]) -> Vec<(String, State, String)> {
    let lacks = |stack: &String| match judge(picture, stack) {
        Standing::Lacks(state, why) => Some((stack.clone(), state, why)),
        Standing::Stands(_) | Standing::Shaky(_) => None,
    };
    stacks.iter().filter_map(lacks).collect()
}

fn sick(lacking: Vec<(String, State, String)>) -> Stopped {
    let names: Vec<&str> = lacking.iter().map(|(stack, ..)| stack.as_str()).collect();
    let what = format!("as the files say, and sick all the same: {}", names.join(", "));
    let fault = Diagnostic::new(what, "read their logs: quarterdeck logs STACK; redeploy --all-tasks rolls them");
    let whys = lacking.into_iter().map(|(stack, state, why)| format!("{stack} is {}: {why}", state.word()));
    Stopped::new(Ending::Failed, whys.fold(fault, Diagnostic::because))
}
