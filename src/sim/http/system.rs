//! What the engine says of itself and of the cluster: ping, version, info, swarm, distribution.

use hyper::Method;
use serde_json::{Value, json};

use super::{Answer, Ask, Refusal, Reply, World, nowhere};
use crate::sim::behaviour::plain_image;
use crate::sim::world::ids::digest;
use crate::sim::world::node::tls_info;
use crate::sim::world::stamp;

pub(super) fn route(world: &mut World, ask: &Ask, path: &[&str]) -> Answer<Reply> {
    match (&ask.method, path) {
        (&Method::GET | &Method::HEAD, ["_ping"]) => Ok(Reply::Ping),
        (&Method::GET, ["version"]) => Ok(Reply::Json(200, version(world))),
        (&Method::GET, ["info"]) => Ok(Reply::Json(200, info(world, ask))),
        (&Method::GET, ["swarm"]) => {
            let mut out = cluster(world);
            let tokens = json!({"Worker": world.cluster.worker_token, "Manager": world.cluster.manager_token});
            if let Some(map) = out.as_object_mut() {
                map.insert("JoinTokens".into(), tokens);
            }
            Ok(Reply::Json(200, out))
        }
        (&Method::POST, ["swarm", "update"]) => rotate(world, ask),
        (&Method::GET, ["swarm", "unlockkey"]) => Ok(Reply::Json(200, json!({"UnlockKey": ""}))),
        (&Method::GET, ["distribution", .., "json"]) => {
            let name = path.get(1..path.len() - 1).unwrap_or(&[]).join("/");
            distribution(world, &name)
        }
        (&Method::GET, ["plugins"]) => Ok(Reply::Json(200, json!([]))),
        (&Method::POST, ["auth"]) => Ok(Reply::Json(200, json!({"Status": "Login Succeeded", "IdentityToken": ""}))),
        _ => nowhere(),
    }
}

fn version(world: &World) -> Value {
    let ((max, max_minor), (min, min_minor)) = (world.cluster.api, world.cluster.api_min);
    let (api, min) = (format!("{max}.{max_minor}"), format!("{min}.{min_minor}"));
    let engine = &world.cluster.engine;
    json!({
        "Platform": {"Name": "Docker Engine - Community"},
        "Components": [
            {"Name": "Engine", "Version": engine, "Details": {
                "ApiVersion": api, "Arch": "amd64", "BuildTime": "2025-11-05T14:40:11.000000000+00:00", "Experimental": "false",
                "GitCommit": "3f7b6b1", "GoVersion": "go1.24.9", "KernelVersion": "6.12.41", "MinAPIVersion": min, "Os": "linux"}},
            {"Name": "containerd", "Version": "1.7.28", "Details": {"GitCommit": "b98a3aace656320842a23f4a392a33f46af97866"}},
            {"Name": "runc", "Version": "1.3.3", "Details": {"GitCommit": "v1.3.3-0-gd842d771"}},
            {"Name": "docker-init", "Version": "0.19.0", "Details": {"GitCommit": "de40ad0"}},
        ],
        "Version": engine,
        "ApiVersion": api,
        "MinAPIVersion": min,
        "GitCommit": "3f7b6b1",
        "GoVersion": "go1.24.9",
        "Os": "linux",
        "Arch": "amd64",
        "KernelVersion": "6.12.41",
        "BuildTime": "2025-11-05T14:40:11.000000000+00:00",
    })
}

fn cluster(world: &World) -> Value {
    let c = &world.cluster;
    json!({
        "ID": c.id,
        "Version": {"Index": c.index},
        "CreatedAt": stamp(c.created),
        "UpdatedAt": stamp(c.updated),
        "Spec": {
            "Name": "default",
            "Labels": {},
            "Orchestration": {"TaskHistoryRetentionLimit": 5},
            "Raft": {"SnapshotInterval": 10000, "KeepOldSnapshots": 0, "LogEntriesForSlowFollowers": 500, "ElectionTick": 10, "HeartbeatTick": 1},
            "Dispatcher": {"HeartbeatPeriod": 5_000_000_000_i64},
            "CAConfig": {"NodeCertExpiry": 7_776_000_000_000_000_i64},
            "TaskDefaults": {},
            "EncryptionConfig": {"AutoLockManagers": false},
        },
        "TLSInfo": tls_info(),
        "RootRotationInProgress": false,
        "DefaultAddrPool": ["10.0.0.0/8"],
        "SubnetSize": 24,
        "DataPathPort": 4789,
    })
}

fn info(world: &World, ask: &Ask) -> Value {
    let node = world.nodes.values().find(|n| n.hostname == ask.door);
    let tasks = |dead: bool| {
        world.tasks.values().filter(|t| t.node.as_deref() == node.map(|n| n.id.as_str()) && t.is_dead() == dead).count()
    };
    let (running, stopped) = (tasks(false), tasks(true));
    let mut out = what_it_can();
    let about = json!({
        "ID": world.cluster.id,
        "Containers": running + stopped,
        "ContainersRunning": running,
        "ContainersPaused": 0,
        "ContainersStopped": stopped,
        "Images": world.images.versions.len(),
        "Driver": "overlay2",
        "DriverStatus": [["Backing Filesystem", "extfs"]],
        "SystemTime": stamp(world.now),
        "OperatingSystem": node.map_or("", |n| n.system.as_str()),
        "OSVersion": "",
        "OSType": node.map_or("linux", |n| n.os.as_str()),
        "Architecture": node.map_or("x86_64", |n| n.arch.as_str()),
        "NCPU": node.map_or(0, |n| n.nano_cpus / 1_000_000_000),
        "MemTotal": node.map_or(0, |n| n.memory),
        "Name": node.map_or("", |n| n.hostname.as_str()),
        "Labels": node.map(|n| n.engine_labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>()).unwrap_or_default(),
        "ServerVersion": world.cluster.engine,
        "Swarm": swarm(world, ask),
    });
    if let (Some(out), Value::Object(about)) = (out.as_object_mut(), about) {
        out.extend(about);
    }
    out
}

/// The part of `/info` that is the same for every node.
fn what_it_can() -> Value {
    json!({
        "Plugins": {"Volume": ["local"], "Network": ["bridge", "host", "ipvlan", "macvlan", "null", "overlay"], "Authorization": null,
            "Log": ["json-file", "local", "journald", "syslog", "fluentd", "gelf"]},
        "MemoryLimit": true, "SwapLimit": true, "CpuCfsPeriod": true, "CpuCfsQuota": true, "CPUShares": true, "CPUSet": true,
        "PidsLimit": true, "IPv4Forwarding": true, "Debug": false, "NFd": 48, "OomKillDisable": false, "NGoroutines": 180,
        "LoggingDriver": "json-file",
        "CgroupDriver": "systemd",
        "CgroupVersion": "2",
        "NEventsListener": 0,
        "KernelVersion": "6.12.41",
        "IndexServerAddress": "https://index.docker.io/v1/",
        "RegistryConfig": {"InsecureRegistryCIDRs": ["127.0.0.0/8"], "IndexConfigs": {}, "Mirrors": []},
        "GenericResources": null,
        "DockerRootDir": "/var/lib/docker",
        "ExperimentalBuild": false,
        "Runtimes": {"runc": {"path": "runc"}},
        "DefaultRuntime": "runc",
        "LiveRestoreEnabled": false,
        "Isolation": "",
        "InitBinary": "docker-init",
        "SecurityOptions": ["name=seccomp,profile=builtin", "name=cgroupns"],
        "Warnings": [],
    })
}

fn swarm(world: &World, ask: &Ask) -> Value {
    let Some(node) = world.nodes.values().find(|n| n.hostname == ask.door) else {
        return json!({"NodeID": "", "NodeAddr": "", "LocalNodeState": "inactive", "ControlAvailable": false, "Error": "", "RemoteManagers": null});
    };
    let managers: Vec<Value> = world
        .nodes
        .values()
        .filter(|n| n.is_manager())
        .map(|n| json!({"NodeID": n.id, "Addr": format!("{}:2377", n.addr)}))
        .collect();
    let error = if node.is_manager() && !world.has_leader() { Refusal::no_leader().message } else { String::new() };
    let mut out = json!({
        "NodeID": node.id,
        "NodeAddr": node.addr,
        "LocalNodeState": "active",
        "ControlAvailable": node.is_manager(),
        "Error": error,
        "RemoteManagers": managers,
    });
    if node.is_manager()
        && world.has_leader()
        && let Some(map) = out.as_object_mut()
    {
        map.insert("Nodes".into(), json!(world.nodes.len()));
        map.insert("Managers".into(), json!(managers.len()));
        map.insert("Cluster".into(), cluster(world));
    }
    out
}

fn rotate(world: &mut World, ask: &Ask) -> Answer<Reply> {
    if ask.version("swarm")? != world.cluster.index {
        return Err(Refusal::out_of_sequence());
    }
    for (flag, worker) in [("rotateWorkerToken", true), ("rotateManagerToken", false)] {
        if ask.query.flag(flag) {
            let token = format!("SWMTKN-1-{}{}-{}", world.rng.id(), world.rng.id(), world.rng.id());
            if worker {
                world.cluster.worker_token = token;
            } else {
                world.cluster.manager_token = token;
            }
        }
    }
    world.cluster.index = world.bump();
    world.cluster.updated = world.now;
    Ok(Reply::Empty(200))
}

/// What a registry says of a tag: the same digest for the same tag, until the story pushes a newer one.
fn distribution(world: &World, name: &str) -> Answer<Reply> {
    let image = plain_image(name);
    if world.images.unknown_to_registry.contains(&image) {
        let repository = image.rsplit_once(':').map_or(image.as_str(), |(name, _)| name);
        let private = repository.split('/').next().is_some_and(|host| host.contains('.'));
        return Err(if private {
            Refusal::new(404, format!("manifest unknown: manifest unknown: {image}"))
        } else {
            Refusal::new(
                403,
                format!(
                    "errors:\ndenied: requested access to the resource is denied\nunauthorized: authentication required: {repository}"
                ),
            )
        });
    }
    let version = world.images.versions.get(&image).map_or("", String::as_str);
    let digest = match name.split_once('@') {
        Some((_, digest)) => digest.to_owned(),
        None => digest(&format!("{image}{version}")),
    };
    let out = json!({
        "Descriptor": {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest, "size": 1609},
        "Platforms": [{"architecture": "amd64", "os": "linux"}, {"architecture": "arm64", "os": "linux", "variant": "v8"}],
    });
    Ok(Reply::Json(200, out))
}
