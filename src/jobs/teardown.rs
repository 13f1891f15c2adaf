//! Teardown: a stack goes, services first, then what they used. Nothing is removed that was not shown.

use super::cx::{JobCx, Outcome};
use super::write;
use crate::diag::Diagnostic;
use crate::model::State;
use crate::plan::{Change, Plan, Thing};

/// Removes everything that a plan says.
///
/// # Errors
/// With what could not be removed, and what is left.
pub async fn run(cx: &JobCx, plan: &Plan) -> Result<Outcome, Diagnostic> {
    let work: Vec<&Change> = plan.work().collect();
    cx.steps(work.iter().map(|change| change.title())).await;
    let services: Vec<String> = work
        .iter()
        .filter(|change| change.kind == Thing::Service)
        .filter_map(|change| change.seen.as_ref().map(|seen| seen.id.clone()))
        .collect();
    let mut waited = services.is_empty();
    for (index, change) in work.iter().enumerate() {
        if cx.stop.is_cancelled() {
            return Ok(Outcome::Stopped { done: index, left: work.len() - index });
        }
        let ended = one(cx, index, change, plan, (&mut waited, &services)).await;
        match ended {
            Ok(words) => cx.step(index, State::Done, words).await,
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
        let away = write::tasks_gone(cx, last, &plan.stack, &services).await?;
        cx.step(last, State::Done, words(away)).await;
    }
    Ok(Outcome::Whole)
}

async fn one(
    cx: &JobCx,
    index: usize,
    change: &Change,
    plan: &Plan,
    (waited, services): (&mut bool, &[String]),
) -> Result<String, Diagnostic> {
    let Some(seen) = &change.seen else { return Ok(String::new()) };
    cx.step(index, State::Converging, "removing").await;
    let mut away = 0;
    if change.kind != Thing::Service && !*waited {
        away = write::tasks_gone(cx, index, &plan.stack, services).await?;
        *waited = true;
    }
    write::remove(cx, change.kind, &seen.id).await.map_err(|fault| fault.at(change.title()))?;
    Ok(words(away))
}

fn words(away: usize) -> String {
    match away {
        0 => "removed".to_owned(),
        1 => "removed; 1 task on a machine that does not answer ends when it is back".to_owned(),
        many => format!("removed; {many} tasks on machines that do not answer end when they are back"),
    }
}
