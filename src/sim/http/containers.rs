//! `/containers` and `/exec`: what runs on the node that is asked, how much it uses, and commands in it.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::Method;
use hyper::body::Frame;
use serde_json::{Value, json};

use super::{Answer, Ask, Body, Refusal, Reply, World, nowhere};
use crate::sim::Sim;
use crate::sim::world::container::Stats;
use crate::sim::world::task::Task;
use crate::sim::world::{Id, text};

/// The filters of the list of containers.
const FILTERS: &[&str] = &[
    "ancestor",
    "before",
    "exited",
    "expose",
    "health",
    "id",
    "isolation",
    "is-task",
    "label",
    "name",
    "network",
    "publish",
    "since",
    "status",
    "volume",
];

/// What a reader of stats asked for.
pub(crate) struct Follow {
    node: Id,
    container: String,
    stream: bool,
    one_shot: bool,
}

pub(super) fn route(world: &mut World, ask: &Ask, path: &[&str]) -> Answer<Reply> {
    let node = world.node_behind(&ask.door)?;
    match (&ask.method, path) {
        (&Method::GET, ["containers", "json"]) => list(world, ask, &node),
        (&Method::POST, ["containers", "prune"]) => prune(world, ask, &node),
        (&Method::GET, ["containers", id, "json"]) => {
            Ok(Reply::Json(200, world.container(&node, id)?.container_view()))
        }
        (&Method::GET, ["containers", id, "stats"]) => {
            let container = world.container(&node, id)?.container.clone();
            let stream = ask.query.get("stream").is_none() || ask.query.flag("stream");
            let one_shot = ask.query.flag("one-shot");
            if stream && one_shot {
                return Err(Refusal::bad("cannot have stream=true and one-shot=true"));
            }
            Ok(Reply::Stats(Follow { node, container, stream, one_shot }))
        }
        (&Method::POST, ["containers", id, "exec"]) => {
            let made = world.exec_create(&node, id, &ask.json()?)?;
            Ok(Reply::Json(201, json!({"Id": made})))
        }
        (&Method::DELETE, ["containers", id]) => remove(world, ask, (&node, id)),
        (&Method::GET, ["exec", id, "json"]) => Ok(Reply::Json(200, here(world, &node, id)?.view())),
        (&Method::POST, ["exec", id, "resize"]) => resize(world, ask, (&node, id)),
        (&Method::POST, ["exec", id, "start"]) => {
            here(world, &node, id)?;
            let asked = ask.json()?;
            if asked.pointer("/Detach").and_then(Value::as_bool).unwrap_or(false) {
                return Err(Refusal::new(501, "the simulator starts no command in the background"));
            }
            if !ask.upgrade {
                return Err(Refusal::bad("the simulator wants  Connection: Upgrade  and  Upgrade: tcp"));
            }
            let tty = asked.pointer("/Tty").and_then(Value::as_bool).unwrap_or(false);
            if world.exec(id)?.tty != tty {
                return Err(Refusal::bad("Tty must be what the command was made with"));
            }
            world.exec_start(id, &asked)?;
            Ok(Reply::Upgrade { exec: (*id).to_owned(), tty })
        }
        _ => nowhere(),
    }
}

/// Only the engine that has a command knows it.
fn here<'a>(world: &'a World, node: &Id, id: &str) -> Answer<&'a crate::sim::world::exec::Exec> {
    world.exec(id).and_then(|exec| match exec.node == *node {
        true => Ok(exec),
        false => Err(Refusal::new(404, format!("No such exec instance: {id}"))),
    })
}

fn list(world: &World, ask: &Ask, node: &Id) -> Answer<Reply> {
    let filters = ask.query.filters(FILTERS)?;
    for status in filters.values("status").into_iter().flatten() {
        if !["created", "restarting", "running", "removing", "paused", "exited", "dead"].contains(&status.as_str()) {
            return Err(Refusal::bad(format!("invalid filter 'status={status}'")));
        }
    }
    let all = ask.query.flag("all") || filters.values("status").is_some();
    let sized = ask.query.flag("size");
    let rows = world.contained(node).into_iter().filter(|t| all || t.is_contained()).filter_map(|task| {
        let mut row = task.container_row(world);
        let keep = filters.any("status", |v| text(&row, "/State") == v)
            && filters.any("id", |v| task.container.starts_with(v))
            && filters.any("name", |v| task.container_name().contains(v.trim_start_matches('/')))
            && filters.any("is-task", |v| v == "true" || v == "1")
            && filters.labels("label", |k| row.get("Labels")?.get(k)?.as_str());
        if let Some(map) = row.as_object_mut().filter(|_| sized) {
            map.insert("SizeRw".into(), json!(World::written(task)));
            map.insert("SizeRootFs".into(), json!(World::written(task) + 90_000_000));
        }
        keep.then_some(row)
    });
    Ok(Reply::Json(200, rows.collect()))
}

fn prune(world: &mut World, ask: &Ask, node: &Id) -> Answer<Reply> {
    ask.query.filters(&["until", "label", "label!"])?;
    let ended: Vec<(String, u64)> = world
        .contained(node)
        .into_iter()
        .filter(|t| !t.is_contained())
        .map(|t| (t.container.clone(), World::written(t)))
        .collect();
    let space: u64 = ended.iter().map(|(_, size)| size).sum();
    let ids: Vec<String> = ended.into_iter().map(|(id, _)| id).collect();
    world.gone.extend(ids.iter().cloned());
    Ok(Reply::Json(
        200,
        json!({"ContainersDeleted": if ids.is_empty() { Value::Null } else { json!(ids) }, "SpaceReclaimed": space}),
    ))
}

/// With force, a container that runs is killed: swarm makes another.
fn remove(world: &mut World, ask: &Ask, (node, id): (&Id, &str)) -> Answer<Reply> {
    let task = world.container(node, id)?;
    let (container, name, owner, running) =
        (task.container.clone(), task.container_name(), task.id.clone(), task.is_contained());
    if running && !ask.query.flag("force") {
        return Err(Refusal::new(
            409,
            format!(
                "cannot remove container \"/{name}\": container is running: stop the container before removing or force remove"
            ),
        ));
    }
    world.gone.insert(container);
    if running {
        world.fail(&owner, 137, "");
    }
    Ok(Reply::Empty(204))
}

fn resize(world: &mut World, ask: &Ask, (node, id): (&Id, &str)) -> Answer<Reply> {
    here(world, node, id)?;
    let side = |key: &str| {
        let text = ask.query.get(key).unwrap_or("");
        text.parse::<u64>().map_err(|_| {
            Refusal::bad(format!("invalid resize {} {text:?}", if key == "h" { "height" } else { "width" }))
        })
    };
    let size = (side("h")?, side("w")?);
    match world.execs.get_mut(id) {
        Some(exec) if exec.running => exec.size = size,
        _ => return Err(Refusal::new(500, "exec process is not started")),
    }
    Ok(Reply::Empty(200))
}

/// Readings, one for each second of the swarm's time; the first has no counters before it.
pub(super) fn stats(sim: &Sim, follow: Follow) -> Body {
    let begun: (Sim, Follow, Option<Stats>, bool) = (sim.clone(), follow, None, false);
    let pieces = stream::unfold(begun, |(sim, follow, before, ended)| async move {
        if ended {
            return None;
        }
        let mut pulse = sim.pulse();
        let mut last = before.is_some().then(|| sim.now().as_second());
        loop {
            let read = sim.look(|s| reading(&s.world, &follow, before))?;
            let now = sim.now().as_second();
            // A reading that is no stream comes at once; the others keep the pace of the engine.
            if last != Some(now) || !follow.stream {
                let ended = !follow.stream;
                let (line, stats) = read;
                return Some((Ok::<_, io::Error>(Frame::data(line)), (sim, follow, Some(stats), ended)));
            }
            last = Some(now);
            // The second may pass without anything to tell.
            let _ = tokio::time::timeout(Duration::from_millis(250), pulse.changed()).await;
        }
    });
    StreamBody::new(pieces).boxed_unsync()
}

/// The reading of this moment; none once the container is gone.
fn reading(world: &World, follow: &Follow, before: Option<Stats>) -> Option<(Bytes, Stats)> {
    let task: &Task = world.container(&follow.node, &follow.container).ok()?;
    let stats = world.stats(task);
    if !task.is_contained() {
        return (!follow.stream).then(|| {
            (
                Bytes::from(format!(
                    "{}\n",
                    json!({"id": task.container, "name": format!("/{}", task.container_name())})
                )),
                stats,
            )
        });
    }
    // Without a stream the engine takes two readings, unless told to take one.
    let before = match (before, follow.stream, follow.one_shot) {
        (None, false, false) => Some(Stats::before(world, task)),
        (before, ..) => before,
    };
    Some((Bytes::from(format!("{}\n", stats.json(before, task))), stats))
}
