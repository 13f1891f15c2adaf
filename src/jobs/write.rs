//! Making and removing one object. An answer that was lost is no reason to ask twice: first it is looked whether what
//! was asked for has happened.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::cx::JobCx;
use crate::diag::{Diagnostic, Explain};
use crate::engine::{EngineError, Part};
use crate::model::ServiceId;
use crate::model::text::clean;
use crate::plan::Thing;
use crate::stack::NAMESPACE;

/// How long what is in use may stay so: tasks that end let go of their networks a little later.
const RELEASE: Duration = Duration::from_secs(90);
/// How often it is tried meanwhile.
const AGAIN: Duration = Duration::from_millis(500);

/// The kind as the engine names it; none for services.
fn part(kind: Thing) -> Option<Part> {
    match kind {
        Thing::Network => Some(Part::Network),
        Thing::Secret => Some(Part::Secret),
        Thing::Config => Some(Part::Config),
        Thing::Service => None,
    }
}

async fn create_once(cx: &JobCx, kind: Thing, body: &Value) -> Result<String, EngineError> {
    match part(kind) {
        Some(part) => cx.engine.create_part(part, body).await,
        None => cx.engine.create_service(body, None).await.map(|(id, _)| id.as_str().to_owned()),
    }
}

/// An object by name or id.
pub(super) async fn look(cx: &JobCx, kind: Thing, id: &str) -> Result<Value, EngineError> {
    match part(kind) {
        Some(part) => cx.engine.part(part, id).await,
        None => cx.engine.service_spec(&ServiceId::new(id)).await.map(|(_, object)| object),
    }
}

/// Makes an object and gives its id.
pub(super) async fn create(cx: &JobCx, kind: Thing, name: &str, body: &Value) -> Result<String, Diagnostic> {
    let error = match create_once(cx, kind, body).await {
        Ok(id) => return Ok(id),
        Err(error) => error,
    };
    if !matches!(error, EngineError::Unsure { .. }) {
        return Err(error.explain().at(format!("{} {name}", kind.word())));
    }
    tracing::warn!(kind = kind.word(), name, %error, "the answer to a write was lost: looking whether it happened");
    match look(cx, kind, name).await {
        Ok(object) if stack(&object) == stack_of_body(body) => Ok(id_of(&object)),
        Ok(_) => Err(Diagnostic::new(
            format!("the {} {name} was made by somebody else meanwhile", kind.word()),
            "plan again: the plan will say what is there",
        )),
        Err(again) if again.is_not_found() => {
            create_once(cx, kind, body).await.map_err(|error| error.explain().at(format!("{} {name}", kind.word())))
        }
        Err(again) => Err(again.explain().caused_by(&error)),
    }
}

fn id_of(object: &Value) -> String {
    let id = object.get("ID").or_else(|| object.get("Id")).and_then(Value::as_str);
    clean(id.unwrap_or_default())
}

fn stack(object: &Value) -> Option<&str> {
    object.get("Spec").unwrap_or(object).get("Labels")?.get(NAMESPACE)?.as_str()
}

fn stack_of_body(body: &Value) -> Option<&str> {
    body.get("Labels")?.get(NAMESPACE)?.as_str()
}

async fn remove_once(cx: &JobCx, kind: Thing, id: &str) -> Result<(), EngineError> {
    match part(kind) {
        Some(part) => cx.engine.remove_part(part, id).await,
        None => cx.engine.remove_service(&ServiceId::new(id)).await,
    }
}

/// Removes an object; one that is gone already is as good. What is in use is tried again for a while.
pub(super) async fn remove(cx: &JobCx, kind: Thing, id: &str) -> Result<(), Diagnostic> {
    let end = Instant::now() + RELEASE.min(cx.patience);
    let mut unsure = 0;
    loop {
        let error = match remove_once(cx, kind, id).await {
            Ok(()) => return Ok(()),
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => error,
        };
        match &error {
            EngineError::Unsure { .. } if unsure == 0 => {
                unsure += 1;
                match look(cx, kind, id).await {
                    Err(gone) if gone.is_not_found() => return Ok(()),
                    Err(again) => return Err(again.explain().caused_by(&error)),
                    Ok(_) => {}
                }
            }
            EngineError::Refused { message, .. } if message.contains("in use") && Instant::now() < end => {
                if cx.stop.is_cancelled() {
                    return Err(error.explain());
                }
                tokio::time::sleep(AGAIN).await;
            }
            _ => return Err(error.explain()),
        }
    }
}

/// Waits until no task of the stack is left of services that were removed. Tasks on machines that do not answer end
/// when they come back: they are counted and not waited for.
pub(super) async fn tasks_gone(
    cx: &JobCx,
    index: usize,
    stack: &str,
    services: &[String],
) -> Result<usize, Diagnostic> {
    let end = Instant::now() + cx.patience;
    let label = format!("{NAMESPACE}={stack}");
    let mut told = usize::MAX;
    loop {
        let tasks = cx.engine.tasks_with(&label).await.map_err(|error| error.explain())?;
        let picture = cx.swarm.latest();
        let mut away = 0;
        let mut left = 0;
        for task in tasks.iter().filter(|task| is_of(task, services) && !is_over(task)) {
            let node = task.get("NodeID").and_then(Value::as_str).unwrap_or_default();
            let node = picture.swarm.nodes.get(&crate::model::NodeId::new(node));
            if node.is_some_and(|node| !node.is_ready()) { away += 1 } else { left += 1 }
        }
        if left == 0 {
            return Ok(away);
        }
        if told != left {
            told = left;
            cx.step(index, crate::model::State::Converging, format!("{left} tasks are still ending")).await;
        }
        if Instant::now() >= end {
            let what = format!("{left} tasks of {stack} have not ended within {} s", cx.patience.as_secs());
            return Err(Diagnostic::new(what, "look at the machines they run on; then tear the stack down again"));
        }
        tokio::time::sleep(AGAIN).await;
    }
}

fn is_of(task: &Value, services: &[String]) -> bool {
    task.get("ServiceID").and_then(Value::as_str).is_some_and(|id| services.iter().any(|service| service == id))
}

fn is_over(task: &Value) -> bool {
    let state = task.pointer("/Status/State").and_then(Value::as_str).unwrap_or_default();
    matches!(state, "complete" | "shutdown" | "failed" | "rejected" | "remove" | "orphaned")
}
