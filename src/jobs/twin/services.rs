//! Services are written on every deployment, changed or not: the engine tells by itself whether tasks must be new.

use serde_json::{Value, json};

use super::fleet::{self, Fleet};
use super::images::{self, Images};
use super::there::{Object, There, object, text};
use super::{Cx, Said, failed, idle};
use crate::diag::Diagnostic;
use crate::engine::EngineError;
use crate::jobs::Registries;
use crate::jobs::write::patiently;
use crate::model::ServiceId;
use crate::stack::{Ids, WishedService, fill, pinned, tagged};

/// How often a service that another changes meanwhile is read and written again.
const AGAIN: usize = 5;

/// Removes the services of the stack that its files do not name.
pub async fn prune(cx: &Cx<'_>, there: &There) -> Fleet {
    let named = |name: &String| cx.deploy.wish.services.iter().any(|service| service.name == *name);
    let surplus: Vec<_> = there.services.iter().filter(|(name, _)| !named(name)).collect();
    if surplus.is_empty() {
        return idle();
    }
    fleet::each(surplus.into_iter().map(|(name, known)| (name.clone(), (name, known))), |(name, known)| async move {
        cx.doing(format!("Removing service {name}"));
        super::remove::service(cx.engine, &known.id)
            .await
            .map_err(|error| failed(format!("the service {name} could not be removed"), &error))
    })
    .await
}

/// Creates or updates every service.
pub async fn write(cx: &Cx<'_>, there: &There, ids: &Ids, images: &Images) -> Fleet {
    let all = cx.deploy.wish.services.iter().map(|service| (service.name.clone(), service));
    fleet::each(all, |service| async move {
        let mut body = service.body.clone();
        fill(&mut body, ids).map_err(|missing| {
            let what = format!("the {} {} of {} is not in the swarm", missing.kind.word(), missing.name, service.name);
            Diagnostic::new(what, "create it, then deploy again")
        })?;
        let auth = images::auth(cx, &service.image).await;
        let auth = Registries::text(auth.as_ref());
        let written = match there.services.get(&service.name) {
            None => {
                set_image(&mut body, &tagged(&service.image), images);
                create(cx, service, &body, auth).await.map_err(|error| ("created", error))
            }
            Some(known) => {
                let kept = !images::is_asked(cx, there, service) && images::is_same(known, service);
                match kept {
                    true => set(&mut body, images::present(known)),
                    false => set_image(&mut body, &tagged(&service.image), images),
                }
                cx.doing(format!("Updating service {} (id: {})", service.name, known.id));
                update(cx, known, &body, auth).await.map_err(|error| ("updated", error))
            }
        };
        let warnings = written
            .map_err(|(deed, error)| failed(format!("the service {} could not be {deed}", service.name), &error))?;
        warnings.into_iter().for_each(|warning| (cx.say)(Said::Warning(warning)));
        Ok(())
    })
    .await
}

/// Names an image, with the digest and platforms that its registry knows.
fn set_image(body: &mut Value, image: &str, images: &Images) {
    let Some(found) = images.get(image) else { return set(body, image) };
    set(body, &pinned(image, &found.digest));
    let platform = |(architecture, system): &(String, String)| {
        let said = [("Architecture", architecture), ("OS", system)];
        said.into_iter().filter(|(_, word)| !word.is_empty()).map(|(key, word)| (key.to_owned(), json!(word))).collect()
    };
    let platforms: Vec<Value> = found.platforms.iter().map(platform).collect();
    if let (false, Some(Value::Object(placement))) = (platforms.is_empty(), body.pointer_mut("/TaskTemplate/Placement"))
    {
        placement.insert("Platforms".to_owned(), platforms.into());
    }
}

fn set(body: &mut Value, image: &str) {
    if let (false, Some(Value::Object(container))) = (image.is_empty(), body.pointer_mut("/TaskTemplate/ContainerSpec"))
    {
        container.insert("Image".to_owned(), image.into());
    }
}

async fn create(
    cx: &Cx<'_>,
    service: &WishedService,
    body: &Value,
    auth: Option<&str>,
) -> Result<Vec<String>, EngineError> {
    cx.doing(format!("Creating service {}", service.name));
    match cx.engine.create_service(body, auth).await {
        Err(error) if error.leaves_doubt() => {
            let id = ServiceId::new(&service.name);
            match patiently(|| cx.engine.service_spec(&id)).await {
                Ok(_) => Ok(Vec::new()),
                Err(error) if error.is_not_found() => {
                    cx.engine.create_service(body, auth).await.map(|(_, warnings)| warnings)
                }
                Err(error) => Err(error),
            }
        }
        made => made.map(|(_, warnings)| warnings),
    }
}

/// Writes over what was seen. If another changed it in between, or the answer was lost, it is read and written again:
/// the body is whole, so writing it twice does no more than writing it once.
async fn update(cx: &Cx<'_>, known: &Object, body: &Value, auth: Option<&str>) -> Result<Vec<String>, EngineError> {
    let id = ServiceId::new(&known.id);
    let mut known = known.clone();
    for _ in 0..AGAIN {
        let body = forced_as(body, &known);
        match cx.engine.update_service(&id, known.version, &body, auth).await {
            Err(error) if error.leaves_doubt() => {
                let now = object(patiently(|| cx.engine.service_spec(&id)).await?.1);
                if now.version != known.version && holds(now.raw.pointer("/Spec"), &body) {
                    return Ok(Vec::new());
                }
                known = now;
            }
            Err(error) if error.is_conflict() => {
                known = object(patiently(|| cx.engine.service_spec(&id)).await?.1);
            }
            written => return written,
        }
    }
    let body = forced_as(body, &known);
    cx.engine.update_service(&id, known.version, &body, auth).await
}

/// A forced update that was made in between is not undone.
fn forced_as(body: &Value, known: &Object) -> Value {
    let mut body = body.clone();
    let forced = known.raw.pointer("/Spec/TaskTemplate/ForceUpdate").and_then(Value::as_u64).unwrap_or_default();
    if let Some(Value::Object(template)) = body.get_mut("TaskTemplate") {
        template.insert("ForceUpdate".to_owned(), forced.into());
    }
    body
}

/// Whether a stored spec has everything that a body says; networks are told by ids, so their number counts.
fn holds(stored: Option<&Value>, body: &Value) -> bool {
    match (stored, body) {
        (_, Value::Null) => true,
        (stored, Value::Object(body)) => body.iter().all(|(key, value)| match key.as_str() {
            "Target" if body.contains_key("Aliases") => true,
            key => holds(stored.and_then(|stored| stored.get(key)), value),
        }),
        (Some(Value::Array(stored)), Value::Array(body)) => {
            stored.len() == body.len() && stored.iter().zip(body).all(|(stored, body)| holds(Some(stored), body))
        }
        (Some(stored), body) => stored == body,
        (None, body) => matches!(body, Value::Bool(false)) || body.as_u64() == Some(0) || body.as_str() == Some(""),
    }
}

/// The name of a service that an engine tells.
pub fn name(service: &Value) -> &str {
    text(service, "/Spec/Name")
}
