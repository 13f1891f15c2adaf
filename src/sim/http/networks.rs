//! `/networks`: list, inspect, create, remove.

use hyper::Method;
use serde_json::{Value, json};

use super::{Answer, Ask, Refusal, Reply, World, nowhere};
use crate::sim::world::check::check_dns_name;
use crate::sim::world::parts::Network;
use crate::sim::world::{Id, text};

pub(super) fn route(world: &mut World, ask: &Ask, path: &[&str]) -> Answer<Reply> {
    match (&ask.method, path) {
        (&Method::GET, ["networks"]) => list(world, ask),
        (&Method::POST, ["networks", "create"]) => {
            let id = create(world, ask.json()?)?;
            Ok(Reply::Json(201, json!({"Id": id, "Warning": ""})))
        }
        (&Method::GET, ["networks", name]) => {
            let id = find(world, name)?;
            let network = world.networks.get(&id).ok_or_else(|| Refusal::missing("network", name))?;
            if ask.query.get("scope").is_some_and(|s| !s.is_empty() && s != network.scope) {
                return Err(Refusal::missing("network", name));
            }
            Ok(Reply::Json(200, network.view()))
        }
        (&Method::DELETE, ["networks", name]) => {
            let id = find(world, name)?;
            remove(world, &id)?;
            Ok(Reply::Empty(204))
        }
        (&Method::POST, ["networks", "prune"]) => Ok(Reply::Json(200, json!({"NetworksDeleted": []}))),
        _ => nowhere(),
    }
}

fn find(world: &World, name: &str) -> Answer<Id> {
    if world.networks.contains_key(name) {
        return Ok(name.to_owned());
    }
    if let Some(network) = world.networks.values().find(|n| n.name == name) {
        return Ok(network.id.clone());
    }
    let found = world.networks.keys().filter(|id| !name.is_empty() && id.starts_with(name)).cloned().collect();
    super::query_one("network", name, found)
}

fn list(world: &World, ask: &Ask) -> Answer<Reply> {
    let filters = ask.query.filters(&["id", "name", "label", "driver", "scope", "type", "dangling"])?;
    let leaderless = !world.has_leader();
    let shown = world.networks.values().filter(|n| {
        let label = |key: &str| n.asked.get("Labels").and_then(|l| l.get(key)).and_then(Value::as_str);
        !(leaderless && n.scope == "swarm")
            && filters.any("id", |v| n.id.starts_with(v))
            // Of a network that is the swarm's the whole name is wanted, of one of the node's a part will do.
            && filters.any("name", |v| if n.scope == "swarm" { n.name == v } else { n.name.contains(v) })
            && filters.any("driver", |v| n.driver == v)
            && filters.any("scope", |v| n.scope == v)
            && filters.any("type", |v| (v == "builtin") == n.predefined)
            && filters.labels("label", label)
    });
    Ok(Reply::Json(200, shown.map(Network::view).collect()))
}

/// A new network. Overlays are swarm-scoped, all others are local to the node.
pub(crate) fn create(world: &mut World, asked: Value) -> Answer<Id> {
    let known = [
        "Name",
        "CheckDuplicate",
        "Driver",
        "Scope",
        "EnableIPv4",
        "EnableIPv6",
        "IPAM",
        "Internal",
        "Attachable",
        "Ingress",
        "ConfigOnly",
        "ConfigFrom",
        "Options",
        "Labels",
    ];
    if let Some(key) = asked.as_object().and_then(|m| m.keys().find(|k| !known.contains(&k.as_str()))) {
        return Err(Refusal::bad(format!("invalid JSON: json: unknown field \"{key}\"")));
    }
    let name = text(&asked, "/Name").to_owned();
    if name.is_empty() {
        return Err(Refusal::bad("invalid network name: name is empty"));
    }
    if world.networks.values().any(|n| n.name == name) {
        return Err(Refusal::new(409, format!("network with name {name} already exists")));
    }
    let driver = Some(text(&asked, "/Driver")).filter(|d| !d.is_empty()).unwrap_or("bridge").to_owned();
    let swarm = driver == "overlay";
    if swarm {
        check_dns_name(&name)?;
        if !world.has_leader() {
            return Err(Refusal::no_leader());
        }
    }
    let id = if swarm { world.rng.id() } else { world.rng.hex(64) };
    let subnet = world.networks.values().filter_map(|n| n.subnet).max().unwrap_or(0) + 1;
    let network = Network {
        id: id.clone(),
        name: name.clone(),
        created: world.now,
        driver,
        scope: if swarm { "swarm" } else { "local" }.into(),
        ingress: asked.get("Ingress").and_then(Value::as_bool).unwrap_or(false),
        predefined: false,
        subnet: swarm.then_some(subnet),
        asked,
    };
    world.networks.insert(id.clone(), network);
    world.bump();
    world.tell("network", "create", &id, &[("name", name)]);
    Ok(id)
}

fn remove(world: &mut World, id: &Id) -> Answer<()> {
    let Some(network) = world.networks.get(id) else { return Err(Refusal::missing("network", id)) };
    if network.predefined {
        return Err(Refusal::new(403, format!("{} is a pre-defined network and cannot be removed", network.name)));
    }
    let uses =
        |template: &Value| crate::sim::world::list(template, "/Networks").iter().any(|n| text(n, "/Target") == id);
    if let Some(service) = world.services.values().find(|s| uses(&s.template)) {
        return Err(Refusal::precondition(format!("network {id} is in use by service {}", service.id)));
    }
    if let Some(task) = world.tasks.values().find(|t| t.is_live() && !t.is_dead() && uses(&t.spec)) {
        return Err(Refusal::precondition(format!("network {id} is in use by task {}", task.id)));
    }
    let name = network.name.clone();
    world.networks.remove(id);
    world.bump();
    world.tell("network", "remove", id, &[("name", name)]);
    Ok(())
}
