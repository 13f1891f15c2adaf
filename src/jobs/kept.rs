//! What a job will change, as the swarm has it now: the raw objects, so that they can be brought back.

use serde_json::Value;

use super::cx::JobCx;
use super::write::{look, patiently};
use crate::action::{Action, Pinned};
use crate::diag::{Diagnostic, Explain};
use crate::engine::EngineError;
use crate::journal::Kept;
use crate::plan::{Change, Effect, Plan, Thing};
use crate::stack::NAMESPACE;

/// The objects that an action changes, as they are at this moment. Empty where it changes none that could be kept.
///
/// # Errors
/// When the swarm does not say.
pub async fn all(cx: &JobCx, action: &Action) -> Result<Vec<Kept>, Diagnostic> {
    let found = match action {
        Action::Deploy { plan, .. } | Action::Teardown { plan, .. } | Action::Undo { plan, .. } => {
            of_plan(cx, plan).await
        }
        Action::Redeploy { services, .. } | Action::Rollback { services, .. } => of_pins(cx, services).await,
        Action::Scale { service, .. } => of_pins(cx, std::slice::from_ref(service)).await,
        Action::Availability { node, .. } => {
            let found = there(patiently(|| look(cx, Thing::Node, node.id.as_str())).await);
            found.map(|object| vec![Kept { kind: Thing::Node.word().to_owned(), name: node.name.clone(), object }])
        }
        Action::Gate(_)
        | Action::Prepare(_)
        | Action::Prune { .. }
        | Action::Register { .. }
        | Action::Snapshot { .. } => Ok(Vec::new()),
    };
    found.map_err(|error| {
        let fault = error.explain();
        let what = "what would be replaced cannot be looked at, and so not be kept";
        Diagnostic::new(what, fault.mend.clone()).because(fault.line())
    })
}

/// All services of a stack in one question.
async fn of_stack(cx: &JobCx, stack: &str) -> Result<Vec<Value>, EngineError> {
    let label = format!("{NAMESPACE}={stack}");
    patiently(|| cx.engine.services_with(&label)).await
}

fn id_of(object: &Value) -> &str {
    object.get("ID").and_then(Value::as_str).unwrap_or_default()
}

fn name_of(object: &Value) -> &str {
    object.pointer("/Spec/Name").and_then(Value::as_str).unwrap_or_default()
}

async fn of_pins(cx: &JobCx, pins: &[Pinned]) -> Result<Vec<Kept>, EngineError> {
    let mut kept = Vec::new();
    for pin in pins {
        let found = patiently(|| cx.engine.service_spec(&pin.id)).await;
        let object = there(found.map(|(_, object)| object))?;
        kept.push(Kept { kind: Thing::Service.word().to_owned(), name: pin.name.clone(), object });
    }
    Ok(kept)
}

/// What is gone is none; what cannot be asked is a fault.
fn there<T>(found: Result<T, EngineError>) -> Result<Option<T>, EngineError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn of_plan(cx: &JobCx, plan: &Plan) -> Result<Vec<Kept>, EngineError> {
    // What is of no stack is looked at one by one.
    let together = !plan.stack.is_empty() && plan.work().any(|change| change.kind == Thing::Service);
    let services = if together { of_stack(cx, &plan.stack).await? } else { Vec::new() };
    let mut kept = Vec::new();
    for change in plan.work() {
        let object = match change.kind {
            Thing::Service if together => services.iter().find(|live| is(live, change)).cloned(),
            // It is not there yet; once it is, its name leads to it.
            _ => there(patiently(|| look_at(cx, change)).await)?,
        };
        kept.push(Kept { kind: change.kind.word().to_owned(), name: change.name.clone(), object });
    }
    Ok(kept)
}

fn is(live: &Value, change: &Change) -> bool {
    match (&change.seen, change.effect) {
        (Some(seen), effect) if effect != Effect::Create => id_of(live) == seen.id,
        _ => name_of(live) == change.name,
    }
}

async fn look_at(cx: &JobCx, change: &Change) -> Result<Value, EngineError> {
    let id = change.seen.as_ref().map_or(change.name.as_str(), |seen| seen.id.as_str());
    look(cx, change.kind, id).await
}
