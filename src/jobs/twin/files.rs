//! Secrets and configs are made, or written over: the engine takes other labels and refuses other content.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::fleet;
use super::there::{Object, There, object};
use super::{Cx, failed};
use crate::diag::Diagnostic;
use crate::engine::{EngineError, Part};
use crate::jobs::write::patiently;
use crate::stack::{Ids, WishedPart};

/// Writes all secrets and configs, and gives the ids of all that services may refer to.
pub async fn write(cx: &Cx<'_>, there: &There) -> Result<Ids, Diagnostic> {
    let wish = cx.deploy.wish;
    let secrets = wish.secrets.iter().map(|part| (Part::Secret, "secret", part, there.secrets.get(&part.name)));
    let configs = wish.configs.iter().map(|part| (Part::Config, "config", part, there.configs.get(&part.name)));
    let all = secrets.chain(configs).map(|item| (format!("{} {}", item.1, item.2.name), item));
    let made: Mutex<Vec<(Part, String, String)>> = Mutex::default();
    let fleet = fleet::each(all, |(kind, word, part, known)| {
        let made = &made;
        async move {
            let (id, deed) = match known {
                Some(known) => (update(cx, kind, part, known).await.map(|()| known.id.clone()), "updated"),
                None => {
                    cx.doing(format!("Creating {word} {}", part.name));
                    (create(cx, kind, part).await, "created")
                }
            };
            let id = id.map_err(|error| {
                let fault = failed(format!("the {word} {} could not be {deed}", part.name), &error);
                match deed {
                    "updated" => fault.because("the content of a secret or config cannot change; give it a new name"),
                    _ => fault,
                }
            })?;
            made.lock().unwrap_or_else(PoisonError::into_inner).push((kind, part.name.clone(), id));
            Ok(())
        }
    })
    .await;
    fleet.told("written")?;
    let mut ids = Ids { secrets: known(&there.secrets), configs: known(&there.configs) };
    for (kind, name, id) in made.into_inner().unwrap_or_else(PoisonError::into_inner) {
        let ids = if kind == Part::Secret { &mut ids.secrets } else { &mut ids.configs };
        ids.insert(name, id);
    }
    Ok(ids)
}

fn known(objects: &BTreeMap<String, Object>) -> BTreeMap<String, String> {
    objects.iter().map(|(name, object)| (name.clone(), object.id.clone())).collect()
}

/// The body with its content; nothing stands for empty.
fn body(part: &WishedPart) -> Value {
    let mut body = part.body.clone();
    if let (Some(payload), Some(fields)) =
        (part.payload.as_ref().filter(|payload| !payload.0.is_empty()), body.as_object_mut())
    {
        fields.insert("Data".to_owned(), STANDARD.encode(&*payload.0).into());
    }
    body
}

async fn create(cx: &Cx<'_>, kind: Part, part: &WishedPart) -> Result<String, EngineError> {
    match cx.engine.create_part(kind, &body(part)).await {
        Err(error) if error.leaves_doubt() => match patiently(|| cx.engine.part(kind, &part.name)).await {
            Ok(made) => Ok(object(made).id),
            Err(error) if error.is_not_found() => cx.engine.create_part(kind, &body(part)).await,
            Err(error) => Err(error),
        },
        made => made,
    }
}

/// A version that is not the newest any more, or an answer that was lost: it is read again and written once more,
/// which changes nothing if it was written.
async fn update(cx: &Cx<'_>, kind: Part, part: &WishedPart, known: &Object) -> Result<(), EngineError> {
    match cx.engine.update_part(kind, &known.id, known.version, &body(part)).await {
        Err(error) if error.leaves_doubt() || error.is_conflict() => {
            let now = object(patiently(|| cx.engine.part(kind, &known.id)).await?);
            cx.engine.update_part(kind, &now.id, now.version, &body(part)).await
        }
        written => written,
    }
}
