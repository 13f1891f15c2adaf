//! Scale: a service gets another number of tasks, and nothing else of its spec changes.

use futures_util::FutureExt;
use serde_json::{Value, json};

use super::converge::{Awaited, By, Reached, wait};
use super::cx::{JobCx, Outcome};
use super::redeploy::{changed, each, write};
use crate::action::Pinned;
use crate::diag::{Diagnostic, Explain};
use crate::model::State;

/// Where the number stands.
const REPLICAS: &str = "/Mode/Replicated/Replicas";

/// Scales one service and waits until the tasks are there, or gone.
///
/// # Errors
/// With what went wrong.
pub async fn run(cx: &JobCx, service: &Pinned, to: u64) -> Result<Outcome, Diagnostic> {
    each(cx, std::slice::from_ref(service), |index, pinned| one(cx, index, pinned, to).boxed()).await
}

async fn one(cx: &JobCx, index: usize, pinned: &Pinned, to: u64) -> Result<Reached, Diagnostic> {
    cx.step(index, State::Converging, format!("asking for {to} tasks")).await;
    let (version, object) = cx.engine.service_spec(&pinned.id).await.map_err(|error| error.explain())?;
    if version != pinned.version {
        return Err(changed(pinned, version));
    }
    let spec = scaled(&object, to).ok_or_else(|| {
        Diagnostic::new(format!("{} has no number of tasks", pinned.name), "change its mode in the stack's file")
    })?;
    // Other credentials would be another spec, and replace the tasks that are there.
    write(cx, pinned, (&spec, None), |now| now.pointer(REPLICAS).and_then(Value::as_u64) == Some(to)).await?;
    let awaited = Awaited { id: pinned.id.clone(), name: pinned.name.clone(), beyond: Some(version), by: By::Change };
    wait(cx, index, &awaited).await
}

fn scaled(object: &Value, to: u64) -> Option<Value> {
    let mut spec = object.get("Spec")?.clone();
    spec.pointer_mut("/Mode/Replicated")?.as_object_mut()?.insert("Replicas".to_owned(), json!(to));
    Some(spec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_number_changes() {
        let object = json!({"Spec": {"Name": "web", "Mode": {"Replicated": {"Replicas": 2}}, "FromTheFuture": [1]}});
        let mut spec = scaled(&object, 5).unwrap();
        assert_eq!(spec.pointer(REPLICAS), Some(&json!(5)));
        spec["Mode"]["Replicated"]["Replicas"] = json!(2);
        assert_eq!(spec, object["Spec"]);
        assert!(scaled(&json!({"Spec": {"Mode": {"Global": {}}}}), 5).is_none());
    }
}
