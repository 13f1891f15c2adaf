//! `/secrets` and `/configs`: one resource with two names, of which one keeps its data to itself.

use std::collections::BTreeMap;

use hyper::Method;
use serde_json::{Value, json};

use super::{Answer, Ask, Refusal, Reply, World, nowhere};
use crate::sim::world::parts::Part;
use crate::sim::world::{Id, list, text};

#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    secret: bool,
}

impl Kind {
    fn store(self, world: &mut World) -> &mut BTreeMap<Id, Part> {
        if self.secret { &mut world.secrets } else { &mut world.configs }
    }
}

pub(super) fn route(world: &mut World, ask: &Ask, path: &[&str]) -> Answer<Reply> {
    let secret = path.first() == Some(&"secrets");
    let kind = Kind { name: if secret { "secret" } else { "config" }, secret };
    match (&ask.method, path) {
        (&Method::GET, [_]) => all(world, ask, kind),
        (&Method::POST, [_, "create"]) => {
            let id = create(world, ask.json()?, secret)?;
            Ok(Reply::Json(201, json!({"ID": id})))
        }
        (&Method::GET, [_, name]) => {
            let id = find(world, kind, name)?;
            let part = kind.store(world).get(&id).ok_or_else(|| Refusal::missing(kind.name, name))?;
            Ok(Reply::Json(200, part.view(secret)))
        }
        (&Method::POST, [_, name, "update"]) => {
            let version = ask.version(kind.name)?;
            let id = find(world, kind, name)?;
            update(world, kind, &id, ask.json()?, version)?;
            Ok(Reply::Empty(200))
        }
        (&Method::DELETE, [_, name]) => {
            let id = find(world, kind, name)?;
            remove(world, kind, &id)?;
            Ok(Reply::Empty(204))
        }
        _ => nowhere(),
    }
}

fn find(world: &mut World, kind: Kind, name: &str) -> Answer<Id> {
    let store = kind.store(world);
    if store.contains_key(name) {
        return Ok(name.to_owned());
    }
    if let Some(part) = store.values().find(|p| p.name() == name) {
        return Ok(part.id.clone());
    }
    let found = store.keys().filter(|id| !name.is_empty() && id.starts_with(name)).cloned().collect();
    super::query_one(kind.name, name, found)
}

fn all(world: &mut World, ask: &Ask, kind: Kind) -> Answer<Reply> {
    let filters = ask.query.filters(&["id", "name", "names", "label"])?;
    let shown = kind.store(world).values().filter(|p| {
        let label = |key: &str| p.spec.get("Labels").and_then(|l| l.get(key)).and_then(Value::as_str);
        filters.any("id", |v| p.id.starts_with(v))
            && filters.any("name", |v| p.name().starts_with(v))
            && filters.any("names", |v| p.name() == v)
            && filters.labels("label", label)
    });
    Ok(Reply::Json(200, shown.map(|p| p.view(kind.secret)).collect()))
}

/// A new secret or config.
pub(crate) fn create(world: &mut World, mut spec: Value, secret: bool) -> Answer<Id> {
    let kind = Kind { name: if secret { "secret" } else { "config" }, secret };
    let known = ["Name", "Labels", "Data", "Driver", "Templating"];
    if let Some(key) = spec.as_object().and_then(|m| m.keys().find(|k| !known.contains(&k.as_str()))) {
        return Err(Refusal::bad(format!("invalid JSON: json: unknown field \"{key}\"")));
    }
    let name = text(&spec, "/Name").to_owned();
    let ok = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if name.len() > 64 || !name.chars().all(ok) || !edge(name.chars().next()) || !edge(name.chars().last()) {
        return Err(Refusal::invalid(
            "invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]",
        ));
    }
    let (size, limit) = (text(&spec, "/Data").len() * 3 / 4, if secret { 512_000 } else { 1_024_000 });
    let driven = spec.get("Driver").is_some_and(|d| !d.is_null());
    if !driven && (size == 0 || size >= limit) {
        return Err(Refusal::invalid(format!("{} data must be larger than 0 and less than {limit} bytes", kind.name)));
    }
    if kind.store(world).values().any(|p| p.name() == name) {
        return Err(Refusal::exists(&format!("{} {name}", kind.name)));
    }
    if let Some(map) = spec.as_object_mut()
        && map.get("Labels").is_none_or(Value::is_null)
    {
        map.insert("Labels".into(), json!({}));
    }
    let (id, index, now) = (world.rng.id(), world.bump(), world.now);
    kind.store(world).insert(id.clone(), Part { id: id.clone(), index, created: now, updated: now, spec });
    world.tell(kind.name, "create", &id, &[("name", name)]);
    Ok(id)
}

fn update(world: &mut World, kind: Kind, id: &Id, spec: Value, version: u64) -> Answer<()> {
    let (index, now) = (world.bump(), world.now);
    let Some(part) = kind.store(world).get_mut(id) else { return Err(Refusal::missing(kind.name, id)) };
    if part.index != version {
        return Err(Refusal::out_of_sequence());
    }
    let data = |spec: &Value| text(spec, "/Data").to_owned();
    let other_data = !data(&spec).is_empty() && data(&spec) != data(&part.spec);
    if text(&spec, "/Name") != part.name() || other_data {
        return Err(Refusal::invalid("only updates to Labels are allowed"));
    }
    let labels = spec.get("Labels").filter(|l| l.is_object()).cloned().unwrap_or_else(|| json!({}));
    if let Some(map) = part.spec.as_object_mut() {
        map.insert("Labels".into(), labels);
    }
    (part.index, part.updated) = (index, now);
    let name = part.name().to_owned();
    world.tell(kind.name, "update", id, &[("name", name)]);
    Ok(())
}

fn remove(world: &mut World, kind: Kind, id: &Id) -> Answer<()> {
    let (pointer, key) =
        if kind.secret { ("/ContainerSpec/Secrets", "/SecretID") } else { ("/ContainerSpec/Configs", "/ConfigID") };
    let mut users: Vec<String> = world
        .services
        .values()
        .filter(|s| list(&s.template, pointer).iter().any(|p| text(p, key) == id))
        .map(|s| s.name.clone())
        .collect();
    users.sort();
    let Some(name) = kind.store(world).get(id).map(|p| p.name().to_owned()) else {
        return Err(Refusal::missing(kind.name, id));
    };
    if !users.is_empty() {
        let services = if users.len() == 1 { "service" } else { "services" };
        let users = users.join(", ");
        return Err(Refusal::invalid(format!("{} '{name}' is in use by the following {services}: {users}", kind.name)));
    }
    kind.store(world).remove(id);
    world.bump();
    world.tell(kind.name, "remove", id, &[("name", name)]);
    Ok(())
}
