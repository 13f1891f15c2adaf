//! Rollback: the swarm brings the spec back that a service had before.

use futures_util::FutureExt;
use serde_json::Value;

use super::converge::{Awaited, By, Reached, wait};
use super::cx::{JobCx, Outcome};
use super::redeploy::{changed, each};
use super::write::{look, not_known, patiently};
use crate::action::Pinned;
use crate::diag::{Diagnostic, Explain};
use crate::engine::EngineError;
use crate::model::State;
use crate::model::text::clean;
use crate::plan::Thing;

/// Rolls the services back one after the other; stops at the first that does not converge.
///
/// # Errors
/// With what went wrong; the steps say what was done and what is left.
pub async fn run(cx: &JobCx, services: &[Pinned]) -> Result<Outcome, Diagnostic> {
    each(cx, services, |index, pinned| one(cx, index, pinned).boxed()).await
}

async fn one(cx: &JobCx, index: usize, pinned: &Pinned) -> Result<Reached, Diagnostic> {
    cx.step(index, State::Converging, "asking for the previous spec").await;
    let (version, object) = cx.engine.service_spec(&pinned.id).await.map_err(|error| error.explain())?;
    if version != pinned.version {
        return Err(changed(pinned, version));
    }
    still_there(cx, pinned, object.get("PreviousSpec").unwrap_or(&Value::Null)).await?;
    let spec = object.get("Spec").cloned().unwrap_or_default();
    match cx.engine.rollback_service(&pinned.id, version, &spec).await {
        Ok(_) => {}
        Err(error) if error.leaves_doubt() => {
            let (now, object) = patiently(|| cx.engine.service_spec(&pinned.id))
                .await
                .map_err(|again| not_known(&pinned.name, &again, &error))?;
            let state = object.pointer("/UpdateStatus/State").and_then(Value::as_str).unwrap_or_default();
            if now == version || !state.starts_with("rollback") {
                return Err(error.explain());
            }
        }
        Err(EngineError::Conflict { .. }) => {
            let (now, _) = cx.engine.service_spec(&pinned.id).await.map_err(|error| error.explain())?;
            return Err(changed(pinned, now));
        }
        Err(error) => return Err(error.explain()),
    }
    let awaited = Awaited { id: pinned.id.clone(), name: pinned.name.clone(), beyond: Some(version), by: By::Back };
    wait(cx, index, &awaited).await
}

/// The engine takes a way back to a secret or config that is gone, and then no task ever starts: so it is asked before.
async fn still_there(cx: &JobCx, pinned: &Pinned, previous: &Value) -> Result<(), Diagnostic> {
    for (list, id, name, kind) in
        [("Secrets", "SecretID", "SecretName", Thing::Secret), ("Configs", "ConfigID", "ConfigName", Thing::Config)]
    {
        let parts = previous.pointer(&format!("/TaskTemplate/ContainerSpec/{list}")).and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            let text = |key: &str| part.get(key).and_then(Value::as_str).unwrap_or_default();
            match look(cx, kind, text(id)).await {
                Ok(_) => {}
                Err(error) if error.is_not_found() => {
                    let what = format!("{} cannot be rolled back", pinned.name);
                    let why = format!("the {} {} that it used is gone", kind.word(), clean(text(name)));
                    return Err(Diagnostic::new(what, "deploy the file of an earlier commit instead").because(why));
                }
                Err(error) => return Err(error.explain()),
            }
        }
    }
    Ok(())
}
