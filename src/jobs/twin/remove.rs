//! `stack rm`: services first, then secrets, configs and networks, all found by the label of the stack. Volumes stay.

use std::time::Duration;

use futures_util::try_join;
use serde_json::Value;

use super::fleet::{self, Fleet};
use super::there::text;
use super::{Said, Say, failed, label};
use crate::diag::{Diagnostic, Explain};
use crate::engine::{Engine, EngineError, Part};
use crate::jobs::write::patiently;
use crate::model::ServiceId;

/// A network is in use until the last task of its service has gone: it is tried again so often.
const TRIES: u32 = 20;
/// How long to wait between two tries.
const PAUSE: Duration = Duration::from_millis(500);

/// Removes a stack. One that is not there is told and is no fault.
///
/// # Errors
/// With what could not be removed; everything else is.
pub async fn remove(engine: &Engine, stack: &str, say: Say<'_>) -> Result<(), Diagnostic> {
    let label = &label(stack);
    let lists = try_join!(
        engine.services_with(label),
        engine.parts(Part::Secret, Some(label)),
        engine.parts(Part::Config, Some(label)),
        engine.parts(Part::Network, Some(label)),
    );
    let (services, secrets, configs, networks) = lists.map_err(|error| error.explain())?;
    if [&services, &secrets, &configs, &networks].into_iter().all(Vec::is_empty) {
        say(Said::Warning(format!("Nothing found in stack: {stack}")));
        return Ok(());
    }
    let mut all = Fleet::default();
    let mut add = |fleet: Fleet| {
        all.done.extend(fleet.done);
        all.failed.extend(fleet.failed);
        all.left.extend(fleet.left);
    };
    add(each("service", services, say, |id| async move { service(engine, &id).await }).await);
    add(each("secret", secrets, say, |id| part(engine, Part::Secret, id)).await);
    add(each("config", configs, say, |id| part(engine, Part::Config, id)).await);
    add(each("network", networks, say, |id| part(engine, Part::Network, id)).await);
    all.told("removed").map(drop)
}

async fn each<F>(word: &str, objects: Vec<Value>, say: Say<'_>, deed: impl Fn(String) -> F) -> Fleet
where
    F: Future<Output = Result<(), EngineError>>,
{
    let named = |raw: &Value| match text(raw, "/Spec/Name") {
        "" => text(raw, "/Name").to_owned(),
        name => name.to_owned(),
    };
    let mut items: Vec<(String, String)> =
        objects.iter().map(|raw| (named(raw), [text(raw, "/ID"), text(raw, "/Id")].concat())).collect();
    items.sort();
    let (deed, word) = (&deed, &word);
    fleet::each(items.into_iter().map(|(name, id)| (format!("{word} {name}"), (name, id))), |(name, id)| async move {
        say(Said::Doing(format!("Removing {word} {name}")));
        deed(id).await.map_err(|error| failed(format!("the {word} {name} could not be removed"), &error))
    })
    .await
}

/// Removes a service; one that is gone is removed.
pub async fn service(engine: &Engine, id: &str) -> Result<(), EngineError> {
    let id = ServiceId::new(id);
    gone(match engine.remove_service(&id).await {
        Err(error) if error.leaves_doubt() => match patiently(|| engine.service_spec(&id)).await {
            Ok(_) => engine.remove_service(&id).await,
            Err(error) => Err(error),
        },
        removed => removed,
    })
}

/// Removes a part, and tries again while it is in use by tasks that are ending.
async fn part(engine: &Engine, kind: Part, id: String) -> Result<(), EngineError> {
    let mut tries = 0;
    loop {
        let removed = gone(engine.remove_part(kind, &id).await);
        tries += 1;
        match removed {
            Err(error) if error.leaves_doubt() && tries < TRIES => match patiently(|| engine.part(kind, &id)).await {
                Ok(_) => {}
                looked => return gone(looked.map(drop)),
            },
            Err(EngineError::Refused { status: 400 | 403 | 409, message, .. })
                if tries < TRIES && message.contains("in use") => {}
            removed => return removed,
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn gone(removed: Result<(), EngineError>) -> Result<(), EngineError> {
    match removed {
        Err(error) if error.is_not_found() => Ok(()),
        removed => removed,
    }
}
