//! `/nodes`: list, inspect, update, remove.

use hyper::Method;
use serde_json::Value;

use super::{Answer, Ask, Refusal, Reply, World, nowhere};
use crate::sim::world::Id;

pub(super) fn route(world: &mut World, ask: &Ask, path: &[&str]) -> Answer<Reply> {
    match (&ask.method, path) {
        (&Method::GET, ["nodes"]) => list(world, ask),
        (&Method::GET, ["nodes", id]) => {
            let id = find(world, ask, id)?;
            let node = world.nodes.get(&id).ok_or_else(|| Refusal::missing("node", &id))?;
            Ok(Reply::Json(200, node.view(world.leader.as_ref() == Some(&id))))
        }
        (&Method::POST, ["nodes", id, "update"]) => {
            let version = ask.version("node")?;
            let id = find(world, ask, id)?;
            if world.nodes.get(&id).is_some_and(|n| n.index != version) {
                return Err(Refusal::out_of_sequence());
            }
            let spec = ask.json()?;
            let known = ["Name", "Labels", "Role", "Availability"];
            if let Some(key) = spec.as_object().and_then(|m| m.keys().find(|k| !known.contains(&k.as_str()))) {
                return Err(Refusal::bad(format!("invalid JSON: json: unknown field \"{key}\"")));
            }
            world.update_node(&id, spec)?;
            Ok(Reply::Empty(200))
        }
        (&Method::DELETE, ["nodes", id]) => {
            let id = find(world, ask, id)?;
            world.remove_node(&id, ask.query.flag("force"))?;
            Ok(Reply::Empty(200))
        }
        _ => nowhere(),
    }
}

/// By id, host name or the beginning of an id; `self` is the node that answers.
pub(super) fn find(world: &World, ask: &Ask, name: &str) -> Answer<Id> {
    let name = if name == "self" { ask.door.as_str() } else { name };
    if world.nodes.contains_key(name) {
        return Ok(name.to_owned());
    }
    let pick = |test: &dyn Fn(&crate::sim::world::node::Node) -> bool| -> Vec<Id> {
        world.nodes.values().filter(|n| test(n)).map(|n| n.id.clone()).collect()
    };
    let mut found = pick(&|n| n.hostname == name);
    if found.is_empty() {
        found = pick(&|n| !name.is_empty() && n.id.starts_with(name));
    }
    super::query_one("node", name, found)
}

fn list(world: &World, ask: &Ask) -> Answer<Reply> {
    let filters = ask.query.filters(&["id", "name", "role", "membership", "label", "node.label"])?;
    let shown = world.nodes.values().filter(|n| {
        filters.any("id", |v| n.id.starts_with(v))
            && filters.any("name", |v| n.hostname.starts_with(v))
            && filters.any("role", |v| n.role() == v)
            && filters.any("membership", |v| v == "accepted")
            && filters.labels("node.label", |k| n.label(k))
            && filters.labels("label", |k| n.engine_labels.get(k).map(String::as_str).or(n.label(k)))
    });
    let nodes: Vec<Value> = shown.map(|n| n.view(world.leader.as_ref() == Some(&n.id))).collect();
    Ok(Reply::Json(200, Value::Array(nodes)))
}
