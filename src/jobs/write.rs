//! Making and removing one object. An answer that was lost is no reason to ask twice: first it is looked whether what
//! was asked for has happened.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::cx::JobCx;
use super::registries::{Header, Registries};
use crate::diag::{Diagnostic, Explain};
use crate::engine::{EngineError, Part};
use crate::model::text::{clean, counted};
use crate::model::{NodeId, ServiceId};
use crate::plan::Thing;
use crate::stack::NAMESPACE;

/// How long what is in use may stay so: tasks that end let go of their networks a little later.
const RELEASE: Duration = Duration::from_secs(90);
/// How often it is tried meanwhile.
const AGAIN: Duration = Duration::from_millis(500);
/// How often a change is sent at most; each time but the first only after a look has shown that it did not happen.
pub(super) const WRITES: usize = 3;
/// How long the managers may take to say what is: they find a new leader in seconds.
const VOTE: Duration = Duration::from_secs(60);
/// How long to wait before they are asked again.
const ASKED_AGAIN: Duration = Duration::from_secs(1);

/// Looks what is, at whichever manager answers; waits while they look for a leader. The one look after every write that
/// leaves doubt.
pub(super) async fn patiently<T, A>(ask: impl Fn() -> A) -> Result<T, EngineError>
where
    A: Future<Output = Result<T, EngineError>>,
{
    let begun = Instant::now();
    loop {
        match ask().await {
            Err(error) if is_for_now(&error) && begun.elapsed() <= VOTE => {
                tracing::debug!(%error, "no manager says yet what is");
                tokio::time::sleep(ASKED_AGAIN).await;
            }
            answer => return answer,
        }
    }
}

fn is_for_now(error: &EngineError) -> bool {
    error.is_of_the_line() || error.is_leaderless()
}

/// The fault of a look that told nothing, after a write that left doubt.
pub(super) fn not_known(what: &str, looked: &EngineError, written: &EngineError) -> Diagnostic {
    if !is_for_now(looked) {
        return looked.explain().caused_by(written);
    }
    let fault = Diagnostic::new(
        format!("whether {what} was changed is not known"),
        "look at it as soon as a manager answers, before you ask again",
    );
    fault.because(looked.explain().line()).caused_by(written)
}

/// The kind as the engine names it; none for services, and for nodes, which no plan of a stack makes or removes.
fn part(kind: Thing) -> Option<Part> {
    match kind {
        Thing::Network => Some(Part::Network),
        Thing::Secret => Some(Part::Secret),
        Thing::Config => Some(Part::Config),
        Thing::Service | Thing::Node => None,
    }
}

async fn create_once(cx: &JobCx, kind: Thing, body: &Value) -> Result<String, EngineError> {
    if let Some(part) = part(kind) {
        return cx.engine.create_part(part, body).await;
    }
    let header = header(cx, body).await;
    cx.engine.create_service(body, Registries::text(header.as_ref())).await.map(|(id, _)| id.as_str().to_owned())
}

/// Who we are at the registry of a service's image, for the nodes that are to pull it.
pub(super) async fn header(cx: &JobCx, spec: &Value) -> Option<Header> {
    let image = spec.pointer("/TaskTemplate/ContainerSpec/Image").and_then(Value::as_str)?;
    cx.registries.of_image(image).await
}

/// An object by name or id.
pub(super) async fn look(cx: &JobCx, kind: Thing, id: &str) -> Result<Value, EngineError> {
    match part(kind) {
        Some(part) => cx.engine.part(part, id).await,
        None if kind == Thing::Node => cx.engine.node_spec(&NodeId::new(id)).await.map(|(_, object)| object),
        None => cx.engine.service_spec(&ServiceId::new(id)).await.map(|(_, object)| object),
    }
}

/// Makes an object and gives its id.
pub(super) async fn create(cx: &JobCx, kind: Thing, name: &str, body: &Value) -> Result<String, Diagnostic> {
    let place = format!("{} {name}", kind.word());
    let mut lost: Option<EngineError> = None;
    for _ in 0..WRITES {
        let error = match create_once(cx, kind, body).await {
            Ok(id) => return Ok(id),
            Err(error) => error,
        };
        // That the name is taken may be the work of our own write, whose answer was lost before.
        let taken = error.is_conflict() || matches!(error, EngineError::Refused { status: 409, .. });
        let looks = error.leaves_doubt() || (taken && lost.is_some());
        if !looks {
            return Err(error.explain().at(place));
        }
        tracing::warn!(kind = kind.word(), name, %error, "the answer to a write was lost: looking whether it happened");
        match patiently(|| look(cx, kind, name)).await {
            Ok(object) if stack(&object) == stack_of_body(body) => return Ok(id_of(&object)),
            Ok(_) => {
                return Err(Diagnostic::new(
                    format!("the {} {name} was made by somebody else meanwhile", kind.word()),
                    "plan again: the plan will say what is there",
                ));
            }
            Err(gone) if gone.is_not_found() => lost = Some(error),
            Err(again) => return Err(not_known(&place, &again, &error)),
        }
    }
    Err(unanswered(&place, lost.as_ref()))
}

/// Each answer was lost, and each time it was seen that nothing happened.
pub(super) fn unanswered(what: &str, lost: Option<&EngineError>) -> Diagnostic {
    let fault = Diagnostic::new(
        format!("{what} was written {WRITES} times, and each answer was lost"),
        "nothing was changed; look at the managers, then ask again",
    );
    lost.into_iter().fold(fault, |fault, error| fault.because(error.explain().line()))
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
            doubtful if doubtful.leaves_doubt() && unsure < WRITES => {
                unsure += 1;
                match patiently(|| look(cx, kind, id)).await {
                    Err(gone) if gone.is_not_found() => return Ok(()),
                    Err(again) => return Err(not_known(&format!("{} {id}", kind.word()), &again, &error)),
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
/// when they come back: they are counted and not waited for. None if it was told to wait no longer.
pub(super) async fn tasks_gone(
    cx: &JobCx,
    index: usize,
    stack: &str,
    services: &[String],
) -> Result<Option<usize>, Diagnostic> {
    let end = Instant::now() + cx.patience;
    let label = format!("{NAMESPACE}={stack}");
    let mut told = u64::MAX;
    loop {
        let tasks = cx.engine.tasks_with(&label).await.map_err(|error| error.explain())?;
        let picture = cx.swarm.latest();
        let mut away = 0;
        let mut left = 0_u64;
        for task in tasks.iter().filter(|task| is_of(task, services) && !is_over(task)) {
            let node = task.get("NodeID").and_then(Value::as_str).unwrap_or_default();
            let node = picture.swarm.nodes.get(&crate::model::NodeId::new(node));
            if node.is_some_and(|node| !node.is_ready()) { away += 1 } else { left += 1 }
        }
        if left == 0 {
            return Ok(Some(away));
        }
        if told != left {
            told = left;
            cx.step(index, crate::model::State::Converging, format!("still ending: {}", counted(left, "task"))).await;
        }
        if Instant::now() >= end {
            let what = format!("{} of {stack} not ended within {} s", counted(left, "task"), cx.patience.as_secs());
            return Err(Diagnostic::new(what, "look at the machines they run on; then tear the stack down again"));
        }
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            () = cx.stop.cancelled() => return Ok(None),
        }
    }
}

fn is_of(task: &Value, services: &[String]) -> bool {
    task.get("ServiceID").and_then(Value::as_str).is_some_and(|id| services.iter().any(|service| service == id))
}

fn is_over(task: &Value) -> bool {
    let state = task.pointer("/Status/State").and_then(Value::as_str).unwrap_or_default();
    matches!(state, "complete" | "shutdown" | "failed" | "rejected" | "remove" | "orphaned")
}
