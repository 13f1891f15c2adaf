//! Snapshots of datasets, one step each, taken on the machines that hold them. One that fails is told, and the others
//! are taken all the same.

use super::cx::{JobCx, Outcome};
use super::storage::take_snapshot;
use crate::action::Shot;
use crate::diag::Diagnostic;
use crate::model::State;
use crate::model::text::counted;

/// Takes them one after the other.
///
/// # Errors
/// When some were not taken; the steps say which.
pub async fn run(cx: &JobCx, shots: &[Shot], name: &str) -> Result<Outcome, Diagnostic> {
    cx.steps(shots.iter().map(|shot| format!("{} on {}", shot.dataset, shot.host))).await;
    let mut failed: Vec<Diagnostic> = Vec::new();
    for (done, shot) in shots.iter().enumerate() {
        if cx.stop.is_cancelled() {
            return Ok(Outcome::Stopped { done, left: shots.len() - done });
        }
        cx.step(done, State::Converging, "taking the snapshot").await;
        match one(cx, shot, name).await {
            Ok(whole) => cx.step(done, State::Done, whole).await,
            Err(fault) => {
                cx.step(done, State::Failed, fault.line()).await;
                failed.push(fault);
            }
        }
    }
    let Some(first) = failed.first() else { return Ok(Outcome::Whole) };
    let what = format!("{} of {} not taken", failed.len(), counted(shots.len() as u64, "snapshot"));
    let fault = Diagnostic::new(what, first.mend.clone());
    Err(failed.iter().fold(fault, |all, fault| all.because(fault.line())))
}

async fn one(cx: &JobCx, shot: &Shot, name: &str) -> Result<String, Diagnostic> {
    let picture = cx.swarm.latest();
    let node = picture.swarm.nodes.get(&shot.node).ok_or_else(|| {
        Diagnostic::new(format!("{} is no node of the swarm any more", shot.host), "look at the nodes: press 2")
    })?;
    let host = cx.fleet.host(node).await?;
    take_snapshot(&host, &shot.dataset, name).await
}
