//! Teardown: a stack goes, services first, then what they used. Nothing is removed that was not shown.

use std::time::Duration;

use tokio::time::Instant;

use super::cx::{JobCx, Outcome};
use super::{prune, write};
use crate::action::prune::Sweep;
use crate::diag::{Diagnostic, Explain};
use crate::engine::{Engine, EngineError};
use crate::model::State;
use crate::model::text::counted;
use crate::plan::{Change, Plan, Thing};

/// How long the containers of tasks that have ended may hold a volume: their node removes them a little later.
const RELEASE: Duration = Duration::from_secs(60);
/// How often it is tried meanwhile.
const AGAIN: Duration = Duration::from_millis(500);

/// What is said of a step that was not waited for.
const ENDING: &str = "not waited for: the swarm goes on to end its tasks";

/// Removes everything that a plan says, and then these volumes.
///
/// # Errors
/// With what could not be removed, and what is left.
pub async fn run(cx: &JobCx, plan: &Plan, sweeps: &[Sweep]) -> Result<Outcome, Diagnostic> {
    let work: Vec<&Change> = plan.work().collect();
    let nodes = sweeps.iter().map(|sweep| format!("volumes on {}", sweep.name));
    cx.steps(work.iter().map(|change| change.title()).chain(nodes)).await;
    match objects(cx, plan, &work, sweeps.len()).await? {
        Outcome::Whole => volumes(cx, sweeps, work.len()).await,
        stopped => Ok(stopped),
    }
}

async fn objects(cx: &JobCx, plan: &Plan, work: &[&Change], after: usize) -> Result<Outcome, Diagnostic> {
    let services: Vec<String> = work
        .iter()
        .filter(|change| change.kind == Thing::Service)
        .filter_map(|change| change.seen.as_ref().map(|seen| seen.id.clone()))
        .collect();
    let mut waited = services.is_empty();
    for (index, change) in work.iter().enumerate() {
        if cx.stop.is_cancelled() {
            return Ok(Outcome::Stopped { done: index, left: work.len() - index + after });
        }
        let ended = one(cx, index, change, plan, (&mut waited, &services)).await;
        match ended {
            Ok(Some(words)) => cx.step(index, State::Done, words).await,
            Ok(None) => {
                cx.step(index, State::Off, ENDING).await;
                return Ok(Outcome::Stopped { done: index, left: work.len() - index + after });
            }
            Err(fault) => {
                cx.step(index, State::Failed, fault.line()).await;
                let left: Vec<String> = work.iter().skip(index).map(|change| change.title()).collect();
                return Err(fault.because(format!("not done: {}; tear it down again to finish it", left.join(", "))));
            }
        }
    }
    // A stack that has nothing but services ends when its tasks have.
    if !waited {
        let last = work.len().saturating_sub(1);
        let Some(away) = write::tasks_gone(cx, last, &plan.stack, &services).await? else {
            cx.step(last, State::Off, ENDING).await;
            return Ok(Outcome::Stopped { done: last, left: 1 + after });
        };
        cx.step(last, State::Done, words(away)).await;
    }
    Ok(Outcome::Whole)
}

/// Removes the volumes that were shown. What fails is told, volume by volume, and
/// the others go on.
async fn volumes(cx: &JobCx, sweeps: &[Sweep], first: usize) -> Result<Outcome, Diagnostic> {
    let mut failed: Vec<String> = Vec::new();
    for (number, sweep) in sweeps.iter().enumerate() {
        let index = first + number;
        if cx.stop.is_cancelled() {
            return Ok(Outcome::Stopped { done: index, left: sweeps.len() - number });
        }
        let ended = match prune::reach(cx, index, sweep).await {
            Ok(engine) => removed(cx, index, &engine, &sweep.volumes).await,
            Err(fault) => Err(fault),
        };
        match ended {
            Ok(()) => {
                let said = format!("{} removed", counted(sweep.volumes.len() as u64, "volume"));
                cx.step(index, State::Done, said).await;
            }
            Err(fault) => {
                cx.step(index, State::Failed, fault.line()).await;
                failed.push(format!("{}: {}", sweep.name, fault.line()));
            }
        }
    }
    if failed.is_empty() {
        return Ok(Outcome::Whole);
    }
    let what = format!("volumes stayed on {}", counted(failed.len() as u64, "node"));
    let fault = Diagnostic::new(what, "mend what is named here; then tear the stack down again with --volumes");
    Err(failed.into_iter().fold(fault, Diagnostic::because))
}

async fn removed(cx: &JobCx, index: usize, engine: &Engine, names: &[String]) -> Result<(), Diagnostic> {
    let end = Instant::now() + RELEASE.min(cx.patience);
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        cx.step(index, State::Converging, format!("removing {name}")).await;
        loop {
            match engine.remove_volume(name).await {
                Ok(()) => break,
                Err(error) if error.is_not_found() => break,
                Err(EngineError::Refused { message, .. }) if message.contains("in use") && Instant::now() < end => {
                    tokio::time::sleep(AGAIN).await;
                }
                Err(error) => {
                    kept.push(format!("{name}, {}", error.explain().line()));
                    break;
                }
            }
        }
    }
    if kept.is_empty() {
        return Ok(());
    }
    let what = format!("{} of {} stayed: {}", kept.len(), counted(names.len() as u64, "volume"), kept.join("; "));
    Err(Diagnostic::new(what, "look at what uses them: press V on the node"))
}

async fn one(
    cx: &JobCx,
    index: usize,
    change: &Change,
    plan: &Plan,
    (waited, services): (&mut bool, &[String]),
) -> Result<Option<String>, Diagnostic> {
    let Some(seen) = &change.seen else { return Ok(Some(String::new())) };
    cx.step(index, State::Converging, "removing").await;
    let mut away = 0;
    if change.kind != Thing::Service && !*waited {
        let Some(gone) = write::tasks_gone(cx, index, &plan.stack, services).await? else { return Ok(None) };
        away = gone;
        *waited = true;
    }
    write::remove(cx, change.kind, &seen.id).await.map_err(|fault| fault.at(change.title()))?;
    Ok(Some(words(away)))
}

fn words(away: usize) -> String {
    match away {
        0 => "removed".to_owned(),
        1 => "removed; 1 task on a machine that does not answer ends when it is back".to_owned(),
        many => format!("removed; {many} tasks on machines that do not answer end when they are back"),
    }
}
