//! `/images`, `/volumes`, `/system/df`, `/build`: what lies on the node that is asked, and what of it is thrown away.

use hyper::Method;
use serde_json::{Value, json};

use super::query::Filters;
use super::{Answer, Ask, Refusal, Reply, World, nowhere};
use crate::sim::world::storage::{Image, Volume};
use crate::sim::world::{Id, stamp};

pub(super) fn route(world: &mut World, ask: &Ask, path: &[&str]) -> Answer<Reply> {
    let node = world.node_behind(&ask.door)?;
    match (&ask.method, path) {
        (&Method::GET, ["images", "json"]) => {
            let filters = ask.query.filters(&["dangling", "label", "before", "since", "reference", "until"])?;
            let images = images(world, &node, |image| {
                filters.any("dangling", |v| (v == "true" || v == "1") == image.tag.is_empty())
            });
            Ok(Reply::Json(200, json!(images)))
        }
        (&Method::GET, ["volumes"]) => {
            let filters = ask.query.filters(&["dangling", "label", "driver", "name"])?;
            let (_, uses) = world.uses(&node);
            let volumes: Vec<Value> = world
                .storage(&node)
                .volumes
                .values()
                .filter(|v| filters.any("dangling", |d| (d == "true" || d == "1") != uses.contains_key(&v.name)))
                .filter(|v| filters.any("name", |n| v.name.contains(n)))
                .map(|v| volume(v, None))
                .collect();
            Ok(Reply::Json(200, json!({"Volumes": volumes, "Warnings": null})))
        }
        (&Method::GET, ["system", "df"]) => usage(world, ask, &node),
        (&Method::DELETE, ["volumes", name]) => remove_volume(world, &node, name),
        (&Method::POST, ["images", "prune"]) => {
            let filters = ask.query.filters(&["dangling", "until", "label", "label!"])?;
            let all = !filters.any("dangling", |v| v == "true" || v == "1");
            Ok(Reply::Json(200, prune_images(world, &node, all)))
        }
        (&Method::POST, ["volumes", "prune"]) => {
            let filters = ask.query.filters(&["label", "label!", "all"])?;
            // Before 1.42 every unused volume went; since then the named ones only when all are asked for.
            let all = ask.is_before((1, 42)) || wants_all(&filters);
            Ok(Reply::Json(200, prune_volumes(world, &node, all)))
        }
        (&Method::POST, ["build", "prune"]) => {
            ask.query.filters(&["until", "id", "parent", "type", "description", "inuse", "shared", "private"])?;
            Ok(Reply::Json(200, prune_cache(world, &node)))
        }
        _ => nowhere(),
    }
}

fn wants_all(filters: &Filters) -> bool {
    filters.values("all").is_some_and(|all| all.iter().any(|v| v == "true" || v == "1"))
}

fn images(world: &mut World, node: &Id, keep: impl Fn(&Image) -> bool) -> Vec<Value> {
    let mut all: Vec<&Image> = world.storage(node).images.values().filter(|image| keep(image)).collect();
    all.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
    all.into_iter()
        .map(|image| {
            let (tags, repository) = match image.tag.as_str() {
                "" => (json!([]), "<none>"),
                tag => (json!([tag]), tag.rsplit_once(':').map_or(tag, |(name, _)| name)),
            };
            json!({
                "Id": image.id, "ParentId": "", "RepoTags": tags, "RepoDigests": [format!("{repository}@{}", image.id)],
                "Created": image.created.as_second(), "Size": image.size, "SharedSize": -1, "Containers": -1, "Labels": {},
            })
        })
        .collect()
}

fn volume(volume: &Volume, used: Option<(u64, u64)>) -> Value {
    let labels = if volume.anonymous { json!({"com.docker.volume.anonymous": ""}) } else { volume.labels.clone() };
    let mut out = json!({
        "CreatedAt": stamp(volume.created), "Driver": "local", "Labels": labels,
        "Mountpoint": format!("/var/lib/docker/volumes/{}/_data", volume.name),
        "Name": volume.name, "Options": volume.options, "Scope": "local",
    });
    if let (Some(map), Some((size, uses))) = (out.as_object_mut(), used) {
        map.insert("UsageData".into(), json!({"Size": size, "RefCount": uses}));
    }
    out
}

/// `type` narrows the answer since 1.42; what was not asked for is null.
fn usage(world: &mut World, ask: &Ask, node: &Id) -> Answer<Reply> {
    let wanted = ask.query.get("type").filter(|_| !ask.is_before((1, 42)));
    if let Some(kind) = wanted.filter(|kind| !["container", "image", "volume", "build-cache"].contains(kind)) {
        return Err(Refusal::bad(format!("unknown object type: {kind}")));
    }
    let wants = |kind: &str| wanted.is_none_or(|wanted| wanted == kind);
    let (image_uses, volume_uses) = world.uses(node);
    let mut shown = images(world, node, |_| true);
    for image in &mut shown {
        let id = image.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(map) = image.as_object_mut() {
            map.insert("SharedSize".into(), json!(0));
            map.insert("Containers".into(), json!(image_uses.get(&id).copied().unwrap_or(0)));
        }
    }
    let layers: u64 = world.storage(node).images.values().map(|image| image.size).sum();
    let containers: Vec<Value> = world
        .contained(node)
        .into_iter()
        .map(|task| {
            let mut row = task.container_row(world);
            if let Some(map) = row.as_object_mut() {
                map.insert("SizeRw".into(), json!(World::written(task)));
                map.insert("SizeRootFs".into(), json!(World::written(task) + 90_000_000));
            }
            row
        })
        .collect();
    let storage = world.storage(node);
    let volumes: Vec<Value> = storage
        .volumes
        .values()
        .map(|v| volume(v, Some((v.size, volume_uses.get(&v.name).copied().unwrap_or(0)))))
        .collect();
    let cache: Vec<Value> = storage
        .cache
        .iter()
        .map(|c| {
            json!({"ID": c.id, "Type": "regular", "Description": "mount / from exec /bin/sh -c make", "InUse": c.in_use,
                "Shared": false, "Size": c.size, "CreatedAt": stamp(c.created), "LastUsedAt": stamp(c.created), "UsageCount": 1})
        })
        .collect();
    let or_null = |kind: &str, list: Vec<Value>| if wants(kind) { json!(list) } else { Value::Null };
    Ok(Reply::Json(
        200,
        json!({
            "LayersSize": if wants("image") { layers } else { 0 },
            "Images": or_null("image", shown),
            "Containers": or_null("container", containers),
            "Volumes": or_null("volume", volumes),
            "BuildCache": or_null("build-cache", cache),
        }),
    ))
}

fn remove_volume(world: &mut World, node: &Id, name: &str) -> Answer<Reply> {
    let user = world.contained(node).into_iter().find(|t| t.volumes().any(|v| v == name)).map(|t| t.container.clone());
    let storage = world.storage(node);
    if !storage.volumes.contains_key(name) {
        return Err(Refusal::new(404, format!("get {name}: no such volume")));
    }
    if let Some(container) = user {
        return Err(Refusal::new(409, format!("remove {name}: volume is in use - [{container}]")));
    }
    storage.volumes.remove(name);
    Ok(Reply::Empty(204))
}

/// The names of what goes, or null as the engine writes an empty list.
fn gone(names: Vec<Value>) -> Value {
    if names.is_empty() { Value::Null } else { Value::Array(names) }
}

fn prune_images(world: &mut World, node: &Id, all: bool) -> Value {
    let (uses, _) = world.uses(node);
    let storage = world.storage(node);
    let goes: Vec<Image> = storage
        .images
        .values()
        .filter(|image| !uses.contains_key(&image.id) && (all || image.tag.is_empty()))
        .cloned()
        .collect();
    let mut told = Vec::new();
    for image in &goes {
        storage.images.remove(&image.id);
        if !image.tag.is_empty() {
            told.push(json!({"Untagged": image.tag}));
        }
        told.push(json!({"Deleted": image.id}));
    }
    json!({"ImagesDeleted": gone(told), "SpaceReclaimed": goes.iter().map(|image| image.size).sum::<u64>()})
}

fn prune_volumes(world: &mut World, node: &Id, all: bool) -> Value {
    let (_, uses) = world.uses(node);
    let storage = world.storage(node);
    let goes: Vec<Volume> = storage
        .volumes
        .values()
        .filter(|volume| !uses.contains_key(&volume.name) && (all || volume.anonymous))
        .cloned()
        .collect();
    for volume in &goes {
        storage.volumes.remove(&volume.name);
    }
    let space: u64 = goes.iter().map(|volume| volume.size).sum();
    json!({"VolumesDeleted": gone(goes.into_iter().map(|v| json!(v.name)).collect()), "SpaceReclaimed": space})
}

fn prune_cache(world: &mut World, node: &Id) -> Value {
    let storage = world.storage(node);
    let (stays, goes): (Vec<_>, Vec<_>) = std::mem::take(&mut storage.cache).into_iter().partition(|c| c.in_use);
    storage.cache = stays;
    let space: u64 = goes.iter().map(|c| c.size).sum();
    json!({"CachesDeleted": gone(goes.into_iter().map(|c| json!(c.id)).collect()), "SpaceReclaimed": space})
}
