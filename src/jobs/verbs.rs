//! Which verb does an action. Nothing else.

use super::cx::{JobCx, Outcome};
use super::desk::Desk;
use super::{availability, deploy, gate, prepare, prune, redeploy, rollback, scale, snapshot, teardown, undo};
use crate::action::Action;
use crate::diag::Diagnostic;
use crate::journal::Journal;

/// Does it.
///
/// # Errors
/// With what went wrong; the steps say what was done and what is left.
pub async fn perform(cx: &JobCx, action: &Action, (desk, journal): (&Desk, &Journal)) -> Result<Outcome, Diagnostic> {
    match action {
        Action::Redeploy { services, .. } => redeploy::run(cx, services).await,
        Action::Deploy { plan, wish, how } => deploy::run(cx, plan, desk.take(*wish), *how).await,
        Action::Teardown { plan, volumes } => teardown::run(cx, plan, volumes).await,
        Action::Rollback { services, .. } => rollback::run(cx, services).await,
        Action::Scale { service, to, .. } => scale::run(cx, service, *to).await,
        Action::Undo { of, plan, .. } => undo::run(cx, journal, of, plan).await,
        Action::Gate(gate) => gate::run(cx, gate).await,
        Action::Prepare(prepare) => prepare::run(cx, prepare, desk.take_contents(prepare.contents)).await,
        Action::Register { stack, gone, labels } => cx.seams.registrar.run(cx, (stack, *gone), labels).await,
        Action::Availability { node, to } => availability::run(cx, node, *to).await,
        Action::Prune { sweeps } => prune::run(cx, sweeps).await,
        Action::Snapshot { shots, name } => snapshot::run(cx, shots, name).await,
    }
}
