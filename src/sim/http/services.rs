//! `/services`: list, inspect, create, update, remove, and the way to their logs.

use hyper::Method;
use serde_json::{Value, json};

use super::{Answer, Ask, Refusal, Reply, World, logs, nowhere};
use crate::sim::world::Id;
use crate::sim::world::check::{insert_defaults, spell_service};
use crate::sim::world::service::{Mode, Service};
use crate::sim::world::task::State;

pub(super) fn route(world: &mut World, ask: &Ask, path: &[&str]) -> Answer<Reply> {
    match (&ask.method, path) {
        (&Method::GET, ["services"]) => list(world, ask),
        (&Method::POST, ["services", "create"]) => {
            let mut spec = ask.json()?;
            spell_service(&mut spec)?;
            let id = world.create_service(spec)?;
            Ok(Reply::Json(201, json!({"ID": id, "Warnings": null})))
        }
        (&Method::GET, ["services", id]) => {
            let id = find(world, id)?;
            let service = world.services.get(&id).ok_or_else(|| Refusal::missing("service", &id))?;
            Ok(Reply::Json(200, view(world, ask, service, false)))
        }
        (&Method::GET, ["services", id, "logs"]) => {
            let id = find(world, id)?;
            logs::open(world, ask, logs::Whose::Service(id))
        }
        (&Method::POST, ["services", id, "update"]) => {
            let version = ask.version("service")?;
            let id = find(world, id)?;
            let mut spec = ask.json()?;
            spell_service(&mut spec)?;
            let back = match ask.query.get("rollback").unwrap_or("") {
                "" | "none" => false,
                "previous" => true,
                odd => return Err(Refusal::new(500, format!("unrecognized rollback option {odd}"))),
            };
            world.update_service(&id, spec, version, back)?;
            Ok(Reply::Json(200, json!({"Warnings": null})))
        }
        (&Method::DELETE, ["services", id]) => {
            let id = find(world, id)?;
            world.remove_service(&id);
            Ok(Reply::Empty(200))
        }
        _ => nowhere(),
    }
}

/// By id, full name or the beginning of an id.
pub(super) fn find(world: &World, name: &str) -> Answer<Id> {
    if world.services.contains_key(name) {
        return Ok(name.to_owned());
    }
    if let Some(service) = world.services.values().find(|s| s.name == name) {
        return Ok(service.id.clone());
    }
    let found = world.services.keys().filter(|id| !name.is_empty() && id.starts_with(name)).cloned().collect();
    super::query_one("service", name, found)
}

fn view(world: &World, ask: &Ask, service: &Service, status: bool) -> Value {
    let mut out = service.view();
    if ask.query.flag("insertDefaults")
        && let Some(spec) = out.get_mut("Spec")
    {
        insert_defaults(spec);
    }
    if status && let Some(map) = out.as_object_mut() {
        map.insert("ServiceStatus".into(), count(world, service));
    }
    out
}

fn count(world: &World, service: &Service) -> Value {
    let (mut running, mut completed, mut desired) = (0_u64, 0_u64, 0_u64);
    for task in world.tasks_of(&service.id) {
        if service.mode.is_job() && task.iteration != Some(service.iteration) {
            continue;
        }
        // As swarm counts: what a dead node is said to run is counted too, so that 6/5 is possible.
        if task.state == State::Running {
            running += 1;
        }
        if service.mode.is_job() && task.state == State::Complete {
            completed += 1;
        }
        let wanted = match service.mode {
            Mode::Global => task.desired == State::Running,
            Mode::GlobalJob => task.desired == State::Complete && task.state != State::Complete,
            _ => false,
        };
        desired += u64::from(wanted);
    }
    let desired = match service.mode {
        Mode::Replicated(replicas) => replicas,
        Mode::Job { at_once, .. } => at_once,
        _ => desired,
    };
    json!({"RunningTasks": running, "DesiredTasks": desired, "CompletedTasks": completed})
}

fn list(world: &World, ask: &Ask) -> Answer<Reply> {
    let filters = ask.query.filters(&["id", "name", "label", "mode", "runtime"])?;
    let status = ask.query.flag("status");
    let shown = world.services.values().filter(|s| {
        filters.any("id", |v| s.id.starts_with(v))
            && filters.any("name", |v| s.name.starts_with(v))
            && filters.any("mode", |v| s.mode.name() == v)
            && filters.any("runtime", |v| v == "container")
            && filters.labels("label", |k| s.label(k))
    });
    Ok(Reply::Json(200, shown.map(|s| view(world, ask, s, status)).collect()))
}
