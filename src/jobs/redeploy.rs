//! Redeploy: every task of a service is replaced by a new one of the same spec.
//! The spec is read, changed and written as raw JSON, so that what we do not know of survives.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::converge::{Awaited, By, Reached, wait};
use super::cx::{JobCx, Outcome};
use super::registries::{Header, Registries};
use super::write::{WRITES, not_known, patiently, unanswered};
use crate::action::Pinned;
use crate::diag::{Diagnostic, Explain};
use crate::model::{State, Version};

/// Redeploys the services one after the other; stops at the first that does not converge.
///
/// # Errors
/// With what went wrong; the steps say what was done and what is left.
pub async fn run(cx: &JobCx, services: &[Pinned]) -> Result<Outcome, Diagnostic> {
    each(cx, services, |index, pinned| one(cx, index, pinned).boxed()).await
}

/// Does something to one service after the other, a step each, and stops at the first that fails.
pub(super) async fn each<'a>(
    cx: &'a JobCx,
    services: &'a [Pinned],
    act: impl Fn(usize, &'a Pinned) -> BoxFuture<'a, Result<Reached, Diagnostic>>,
) -> Result<Outcome, Diagnostic> {
    cx.steps(services.iter().map(|service| service.name.clone())).await;
    for (done, pinned) in services.iter().enumerate() {
        if cx.stop.is_cancelled() {
            return Ok(Outcome::Stopped { done, left: services.len() - done });
        }
        match act(done, pinned).await {
            Ok(Reached::There(detail)) => cx.step(done, State::Done, detail).await,
            Ok(Reached::Left(detail)) => {
                cx.step(done, State::Off, detail).await;
                return Ok(Outcome::Stopped { done, left: services.len() - done });
            }
            Err(fault) => {
                cx.step(done, State::Failed, fault.line()).await;
                let left = services.len() - done - 1;
                return Err(if left == 0 {
                    fault
                } else {
                    fault.because(format!("{left} more services were left as they are"))
                });
            }
        }
    }
    Ok(Outcome::Whole)
}

async fn one(cx: &JobCx, index: usize, pinned: &Pinned) -> Result<Reached, Diagnostic> {
    cx.step(index, State::Converging, "reading the spec").await;
    let (version, object) = cx.engine.service_spec(&pinned.id).await.map_err(|error| error.explain())?;
    let now = Pinned { version, ..pinned.clone() };
    if version != pinned.version && pinned.version != Pinned::AS_LEFT {
        return Err(changed(pinned, version));
    }
    let (spec, round) = forced(&object).ok_or_else(|| {
        Diagnostic::new(
            format!("{} has no spec that can be written back", pinned.name),
            "look at it with y and redeploy it with the docker CLI",
        )
    })?;
    cx.step(index, State::Converging, "asking for new tasks").await;
    let is_there = |now: &Value| now.pointer("/TaskTemplate/ForceUpdate").and_then(Value::as_u64) == Some(round);
    let header = super::write::header(cx, &spec).await;
    write(cx, &now, (&spec, header.as_ref()), is_there).await?;
    let by = By::Roll { forced: true };
    wait(cx, index, &Awaited { id: pinned.id.clone(), name: pinned.name.clone(), beyond: Some(version), by }).await
}

/// The spec with one more forced update, and the number of that round.
fn forced(object: &Value) -> Option<(Value, u64)> {
    let mut spec = object.get("Spec")?.clone();
    let template = spec.get_mut("TaskTemplate")?.as_object_mut()?;
    let round = template.get("ForceUpdate").and_then(Value::as_u64).unwrap_or(0) + 1;
    template.insert("ForceUpdate".to_owned(), json!(round));
    Some((spec, round))
}

/// Writes once. When the answer is lost, the version index tells whether the write happened, at whichever manager
/// answers; only if it did not is it sent again, and then against the same version, so that it counts once at most.
pub(super) async fn write(
    cx: &JobCx,
    pinned: &Pinned,
    (spec, header): (&Value, Option<&Header>),
    is_there: impl Fn(&Value) -> bool,
) -> Result<(), Diagnostic> {
    let mut lost = None;
    for _ in 0..WRITES {
        let auth = Registries::text(header);
        let error = match cx.engine.update_service(&pinned.id, pinned.version, spec, auth).await {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        if !error.is_conflict() && !error.leaves_doubt() {
            return Err(error.explain());
        }
        tracing::warn!(service = pinned.name, %error, "looking whether the write happened");
        let (version, object) = patiently(|| cx.engine.service_spec(&pinned.id))
            .await
            .map_err(|again| not_known(&pinned.name, &again, &error).because(error.explain().line()))?;
        // A conflict may be with our own write, whose answer was lost before.
        if object.get("Spec").is_some_and(&is_there) && (lost.is_some() || !error.is_conflict()) {
            return Ok(());
        }
        if version != pinned.version || error.is_conflict() {
            return Err(changed(pinned, version));
        }
        lost = Some(error);
    }
    Err(unanswered(&pinned.name, lost.as_ref()))
}

/// Somebody was faster.
pub(super) fn changed(pinned: &Pinned, now: Version) -> Diagnostic {
    Diagnostic::new(
        format!("{} was changed since you looked at it", pinned.name),
        "look at what changed (d) and ask again; nothing was forced",
    )
    .because(format!("it was version {} and is version {now}", pinned.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_force_update_changes_and_unknown_fields_stay() {
        let object = json!({"ID": "x", "Version": {"Index": 7}, "Spec": {
            "Name": "web", "FromTheFuture": [1], "TaskTemplate": {
                "ContainerSpec": {"Image": "a:1", "Healthcheck": {"Test": ["CMD", "true"]}, "Odd": null},
                "ForceUpdate": 4}}});
        let (mut spec, round) = forced(&object).unwrap();
        assert_eq!(round, 5);
        assert_eq!(spec["TaskTemplate"]["ForceUpdate"], 5);
        spec["TaskTemplate"]["ForceUpdate"] = json!(4);
        assert_eq!(spec, object["Spec"]);
    }

    #[test]
    fn a_spec_that_never_was_forced_gets_round_one() {
        let object = json!({"Spec": {"TaskTemplate": {}}});
        assert_eq!(forced(&object).unwrap().1, 1);
        assert!(forced(&json!({"Spec": {}})).is_none());
    }
}
