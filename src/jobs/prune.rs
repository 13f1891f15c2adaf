//! Prune: what nothing needs is thrown away, node by node. A node that fails is told, and the others go on.

use super::cx::{JobCx, Outcome};
use crate::action::prune::Sweep;
use crate::diag::{Diagnostic, Explain};
use crate::engine::Engine;
use crate::model::text::counted;
use crate::model::{Amount, State, Waste};

/// Prunes the nodes one after the other.
///
/// # Errors
/// When some nodes failed; the steps say which, and the others are done.
pub async fn run(cx: &JobCx, sweeps: &[Sweep]) -> Result<Outcome, Diagnostic> {
    cx.steps(sweeps.iter().map(|sweep| sweep.name.clone())).await;
    let mut failed: Vec<(&str, Diagnostic)> = Vec::new();
    for (done, sweep) in sweeps.iter().enumerate() {
        if cx.stop.is_cancelled() {
            return Ok(Outcome::Stopped { done, left: sweeps.len() - done });
        }
        match one(cx, done, sweep).await {
            Ok(gone) => cx.step(done, State::Done, told(gone)).await,
            Err(fault) => {
                cx.step(done, State::Failed, fault.line()).await;
                failed.push((&sweep.name, fault));
            }
        }
    }
    let Some((_, first)) = failed.first() else { return Ok(Outcome::Whole) };
    let what = format!("{} of {} failed", failed.len(), counted(sweeps.len() as u64, "node"));
    let fault = Diagnostic::new(what, first.mend.clone());
    Err(failed.iter().fold(fault, |all, (name, fault)| all.because(format!("{name}: {}", fault.line()))))
}

fn told(gone: Amount) -> String {
    format!("{} gone, {} free", counted(gone.count, "thing"), crate::model::text::sized(gone.bytes))
}

/// The engine of a node that was shown.
pub(super) async fn reach(cx: &JobCx, index: usize, sweep: &Sweep) -> Result<Engine, Diagnostic> {
    cx.step(index, State::Converging, "reaching its engine").await;
    let picture = cx.swarm.latest();
    let node = picture.swarm.nodes.get(&sweep.id).ok_or_else(|| {
        Diagnostic::new(format!("{} is no node of the swarm any more", sweep.name), "look at the nodes: press 2")
    })?;
    cx.fleet.engine(node).await
}

async fn one(cx: &JobCx, index: usize, sweep: &Sweep) -> Result<Amount, Diagnostic> {
    let engine = reach(cx, index, sweep).await?;
    let mut gone = Amount::default();
    for kind in &sweep.kinds {
        cx.step(index, State::Converging, format!("throwing away {}s", kind.noun())).await;
        gone = gone.plus(engine.prune(*kind).await.map_err(|error| error.explain())?);
    }
    if sweep.volumes.is_empty() {
        return Ok(gone);
    }
    cx.step(index, State::Converging, format!("removing {}", counted(sweep.volumes.len() as u64, "volume"))).await;
    Ok(gone.plus(volumes(&engine, &sweep.volumes).await?))
}

/// Removes the volumes that were shown, by name: what fell out of use since then was not agreed to.
async fn volumes(engine: &Engine, names: &[String]) -> Result<Amount, Diagnostic> {
    let sizes = engine.disk().await.map(|disk| disk.unused_volumes).unwrap_or_default();
    let (mut gone, mut kept) = (Amount::default(), Vec::new());
    for name in names {
        match engine.remove_volume(name).await {
            Ok(()) => gone = gone.and(sizes.iter().find(|(known, _)| known == name).map_or(0, |(_, size)| *size)),
            // Somebody was quicker: that it is gone is what was wanted.
            Err(error) if error.is_not_found() => {}
            Err(error) => kept.push(error.explain().line()),
        }
    }
    if kept.is_empty() {
        return Ok(gone);
    }
    let what = format!("{} stayed: {}", counted(kept.len() as u64, Waste::Volumes.noun()), told(gone));
    let fault = Diagnostic::new(what, "look at what uses them: press V on the node");
    Err(kept.into_iter().fold(fault, Diagnostic::because))
}
