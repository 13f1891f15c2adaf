//! `/tasks`: list, inspect, and the way to their logs.

use std::collections::BTreeSet;

use hyper::Method;
use serde_json::Value;

use super::{Answer, Ask, Refusal, Reply, World, logs, nodes, nowhere, services};
use crate::sim::world::Id;
use crate::sim::world::task::{Place, State, Task};

pub(super) fn route(world: &World, ask: &Ask, path: &[&str]) -> Answer<Reply> {
    match (&ask.method, path) {
        (&Method::GET, ["tasks"]) => list(world, ask),
        (&Method::GET, ["tasks", id]) => {
            let task = world.tasks.get(&find(world, id)?).ok_or_else(|| Refusal::missing("task", id))?;
            Ok(Reply::Json(200, task.view()))
        }
        (&Method::GET, ["tasks", id, "logs"]) => {
            let id = find(world, id)?;
            logs::open(world, ask, logs::Whose::Task(id))
        }
        _ => nowhere(),
    }
}

fn find(world: &World, name: &str) -> Answer<Id> {
    if world.tasks.contains_key(name) {
        return Ok(name.to_owned());
    }
    let found = world.tasks.keys().filter(|id| !name.is_empty() && id.starts_with(name)).cloned().collect();
    super::query_one("task", name, found)
}

/// Each value of a filter as the ids it means.
fn resolve(values: Option<&[String]>, one: impl Fn(&str) -> Answer<Id>) -> Answer<Option<BTreeSet<Id>>> {
    values.map(|all| all.iter().map(|v| one(v)).collect()).transpose()
}

fn list(world: &World, ask: &Ask) -> Answer<Reply> {
    let known = ["id", "label", "name", "node", "service", "desired-state", "_up-to-date", "runtime"];
    let filters = ask.query.filters(&known)?;
    let of_services = resolve(filters.values("service"), |v| services::find(world, v))?;
    let on_nodes = resolve(filters.values("node"), |v| nodes::find(world, ask, v))?;
    for state in filters.values("desired-state").into_iter().flatten() {
        if !["running", "shutdown", "accepted"].contains(&state.as_str()) {
            return Err(Refusal::new(500, format!("Invalid desired-state filter: '{state}'")));
        }
    }
    let accepts = |task: &&Task| {
        on_nodes.as_ref().is_none_or(|all| task.node.as_ref().is_some_and(|n| all.contains(n)))
            && filters.any("id", |v| task.id.starts_with(v))
            && filters.any("name", |v| name(task).starts_with(v))
            && filters.any("desired-state", |v| match v {
                "running" => task.desired <= State::Complete,
                "shutdown" => task.desired > State::Complete,
                _ => false,
            })
            && filters.any("_up-to-date", |v| world.is_up_to_date(task) == (v == "true"))
            && filters.labels("label", |k| task.service_labels.get(k).and_then(Value::as_str))
    };
    let tasks: Vec<Value> = match &of_services {
        Some(all) => all.iter().flat_map(|id| world.tasks_of(id)).filter(accepts).map(Task::view).collect(),
        None => world.tasks.values().filter(accepts).map(Task::view).collect(),
    };
    Ok(Reply::Json(200, Value::Array(tasks)))
}

/// `service.slot.id`, as swarm names tasks.
fn name(task: &Task) -> String {
    let place = match &task.place {
        Place::Slot(0) => task.node.clone().unwrap_or_default(),
        Place::Slot(slot) => slot.to_string(),
        Place::Node(node) => node.clone(),
    };
    format!("{}.{place}.{}", task.service_name, task.id)
}
