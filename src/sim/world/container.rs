//! What the engine of one node knows of the containers of its tasks, and how much they use.
//! Must never decide what runs; tasks say that.

use serde_json::{Value, json};

use super::ids::digest;
use super::refusal::{Answer, Refusal};
use super::task::{Place, State, Task};
use super::{Id, World, list, stamp, text};
use crate::sim::behaviour::plain_image;

/// A full container id has so many digits.
const FULL_ID: usize = 64;

impl Task {
    /// The engine of its node has a container for it.
    fn has_container(&self) -> bool {
        self.state >= State::Starting && self.state != State::Rejected && !self.container.is_empty()
    }

    /// Its container runs.
    pub(crate) fn is_contained(&self) -> bool {
        self.has_container() && self.state <= State::Running
    }

    /// `service.slot.task`, as swarm names containers.
    pub(crate) fn container_name(&self) -> String {
        let place = match &self.place {
            Place::Slot(0) => self.node.clone().unwrap_or_default(),
            Place::Slot(slot) => slot.to_string(),
            Place::Node(node) => node.clone(),
        };
        format!("{}.{place}.{}", self.service_name, self.id)
    }

    pub(crate) fn image(&self) -> &str {
        text(&self.spec, "/ContainerSpec/Image")
    }

    fn container_labels(&self) -> Value {
        let name = self.container_name();
        let mut labels = self.spec.pointer("/ContainerSpec/Labels").cloned().unwrap_or_else(|| json!({}));
        if let Some(map) = labels.as_object_mut() {
            for (key, value) in [
                ("com.docker.swarm.node.id", self.node.as_deref().unwrap_or_default()),
                ("com.docker.swarm.service.id", self.service.as_str()),
                ("com.docker.swarm.service.name", self.service_name.as_str()),
                ("com.docker.swarm.task", ""),
                ("com.docker.swarm.task.id", self.id.as_str()),
                ("com.docker.swarm.task.name", name.as_str()),
            ] {
                map.insert(key.into(), json!(value));
            }
        }
        labels
    }

    /// The volumes it mounts, by name.
    pub(crate) fn volumes(&self) -> impl Iterator<Item = &str> {
        list(&self.spec, "/ContainerSpec/Mounts")
            .iter()
            .filter(|mount| text(mount, "/Type") == "volume")
            .map(|mount| text(mount, "/Source"))
            .filter(|name| !name.is_empty())
    }

    /// What the spec says of a volume: labels and options of its driver.
    pub(crate) fn said_of_volume(&self, name: &str) -> Value {
        let mounts = list(&self.spec, "/ContainerSpec/Mounts");
        let mount = mounts.iter().find(|mount| text(mount, "/Source") == name);
        mount.and_then(|mount| mount.get("VolumeOptions")).cloned().unwrap_or_default()
    }

    fn mounts(&self) -> Vec<Value> {
        let mount = |mount: &Value| {
            let (kind, source, target) = (text(mount, "/Type"), text(mount, "/Source"), text(mount, "/Target"));
            match kind {
                "volume" => {
                    json!({"Type": "volume", "Name": source, "Source": format!("/var/lib/docker/volumes/{source}/_data"),
                    "Destination": target, "Driver": "local", "Mode": "z", "RW": true, "Propagation": ""})
                }
                _ => {
                    json!({"Type": kind, "Source": source, "Destination": target, "Mode": "", "RW": true, "Propagation": "rprivate"})
                }
            }
        };
        list(&self.spec, "/ContainerSpec/Mounts").iter().map(mount).collect()
    }

    /// As an element of `GET /containers/json`.
    pub(crate) fn container_row(&self, world: &World) -> Value {
        let running = self.is_contained();
        let old = world.now.duration_since(self.at).as_secs().max(0);
        let status = match (running, self.exit) {
            (true, _) => format!("Up {}", spoken(old)),
            (false, code) => format!("Exited ({code}) {} ago", spoken(old)),
        };
        json!({
            "Id": self.container,
            "Names": [format!("/{}", self.container_name())],
            "Image": self.image(),
            "ImageID": image_id(self.image()),
            "Command": "/entrypoint.sh",
            "Created": self.created.as_second(),
            "Ports": [],
            "Labels": self.container_labels(),
            "State": if running { "running" } else { "exited" },
            "Status": status,
            "HostConfig": {"NetworkMode": "default"},
            "NetworkSettings": {"Networks": {}},
            "Mounts": self.mounts(),
        })
    }

    /// As `GET /containers/{id}/json`.
    pub(crate) fn container_view(&self) -> Value {
        let running = self.is_contained();
        json!({
            "Id": self.container,
            "Created": stamp(self.created),
            "Path": "/entrypoint.sh",
            "Args": [],
            "State": {
                "Status": if running { "running" } else { "exited" },
                "Running": running, "Paused": false, "Restarting": false, "OOMKilled": false, "Dead": false,
                "Pid": if running { self.pid } else { 0 },
                "ExitCode": if running { 0 } else { self.exit },
                "Error": "",
                "StartedAt": stamp(self.at),
                "FinishedAt": if running { "0001-01-01T00:00:00Z".to_owned() } else { stamp(self.at) },
            },
            "Image": image_id(self.image()),
            "Name": format!("/{}", self.container_name()),
            "RestartCount": 0,
            "Driver": "overlay2",
            "Platform": "linux",
            "Mounts": self.mounts(),
            "Config": {
                "Hostname": self.hostname(),
                "Tty": self.spec.pointer("/ContainerSpec/TTY").and_then(Value::as_bool).unwrap_or(false),
                "Env": self.spec.pointer("/ContainerSpec/Env").cloned().unwrap_or_else(|| json!([])),
                "Image": self.image(),
                "Labels": self.container_labels(),
            },
            "NetworkSettings": {"Networks": {}},
        })
    }

    /// What `hostname` says inside.
    pub(crate) fn hostname(&self) -> String {
        let said = text(&self.spec, "/ContainerSpec/Hostname");
        if said.is_empty() { self.container.chars().take(12).collect() } else { said.to_owned() }
    }
}

/// The id of the image under a reference, the same on every node.
pub(crate) fn image_id(image: &str) -> String {
    digest(&format!("config of {}", plain_image(image)))
}

/// A number that depends on the text alone.
pub(crate) fn number_of(text: &str) -> u64 {
    digest(text).get(7..19).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(0)
}

/// An age as the engine says it.
fn spoken(seconds: i64) -> String {
    match seconds {
        s if s < 60 => format!("{s} seconds"),
        s if s < 3_600 => format!("{} minutes", s / 60),
        s if s < 172_800 => format!("{} hours", s / 3_600),
        s => format!("{} days", s / 86_400),
    }
}

impl World {
    /// The tasks that have a container on a node, running or ended, the newest first.
    pub(crate) fn contained(&self, node: &str) -> Vec<&Task> {
        let here = |t: &&Task| t.node.as_deref() == Some(node) && t.has_container();
        let mut all: Vec<&Task> =
            self.tasks.values().filter(here).filter(|t| !self.gone.contains(&t.container)).collect();
        all.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.container.cmp(&b.container)));
        all
    }

    /// The task of a container on a node, by the container's id, the beginning of it, or its name.
    pub(crate) fn container(&self, node: &str, wanted: &str) -> Answer<&Task> {
        let all = self.contained(node);
        let exact = all.iter().find(|t| t.container == wanted || t.container_name() == wanted.trim_start_matches('/'));
        if let Some(task) = exact {
            return Ok(task);
        }
        let is_id = !wanted.is_empty() && wanted.len() < FULL_ID && wanted.bytes().all(|b| b.is_ascii_hexdigit());
        let mut found = all.into_iter().filter(|t| is_id && t.container.starts_with(wanted));
        match (found.next(), found.next()) {
            (Some(task), None) => Ok(task),
            (Some(_), Some(_)) => Err(Refusal::new(400, format!("Multiple IDs found with provided prefix: {wanted}"))),
            (None, _) => Err(Refusal::new(404, format!("No such container: {wanted}"))),
        }
    }

    /// The id of the node whose engine is asked.
    pub(crate) fn node_behind(&self, door: &str) -> Answer<Id> {
        self.node_named(door).ok_or_else(|| Refusal::new(500, "this engine runs on no node"))
    }

    /// What a container uses at this moment, in the shape of `GET /containers/{id}/stats`, without what was before.
    pub(crate) fn stats(&self, task: &Task) -> Stats {
        let node = task.node.as_ref().and_then(|id| self.nodes.get(id));
        let cpus = node.map_or(1, |n| n.nano_cpus / 1_000_000_000).max(1);
        let host = node.map_or(0, |n| n.memory).max(0);
        let limit = task.spec.pointer("/Resources/Limits/MemoryBytes").and_then(Value::as_i64).filter(|l| *l > 0);
        Stats::at(self.now.as_second(), (task.at.as_second(), &task.container), (cpus, limit.unwrap_or(host)))
    }
}

/// Counters of one container at one second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stats {
    second: i64,
    cpus: i64,
    cpu: u64,
    memory: u64,
    cache: u64,
    limit: i64,
    net: (u64, u64),
    block: (u64, u64),
}

impl Stats {
    /// Counters only grow, and each container has its own pace and its own wave.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "made up")]
    fn at(second: i64, (since, id): (i64, &str), (cpus, limit): (i64, i64)) -> Self {
        let seed = number_of(id);
        let lived = second.saturating_sub(since).max(0) as f64;
        let wave = |period: f64| (lived * std::f64::consts::TAU / period + (seed % 628) as f64 / 100.0).sin();
        // The slope of what is summed up stays above zero.
        let grown = |pace: f64, period: f64| {
            (pace * (lived + 0.8 * period / std::f64::consts::TAU * (wave(period) + 1.0))).max(0.0) as u64
        };
        let busy = 0.002 + (seed % 97) as f64 / 97.0 * if seed.is_multiple_of(11) { 0.9 } else { 0.08 };
        let whole = limit.max(1) as f64;
        let share = (0.1 + (seed % 53) as f64 / 100.0) * (1.0 + 0.06 * wave(47.0));
        let used = (whole * share).min(6.0e8 + (seed % 700) as f64 * 1.0e6);
        Self {
            second,
            cpus,
            cpu: grown(busy * 1.0e9, 20.0 + (seed % 40) as f64),
            memory: used as u64,
            cache: (used * 0.2) as u64,
            limit,
            net: (grown(2_000.0 + (seed % 90_000) as f64, 31.0), grown(900.0 + (seed % 40_000) as f64, 23.0)),
            block: (grown((seed % 3_000) as f64, 61.0), grown((seed % 20_000) as f64, 37.0)),
        }
    }

    fn cpu_json(self) -> Value {
        let per_second = u64::try_from(self.cpus).unwrap_or(1) * 1_000_000_000;
        json!({
            "cpu_usage": {"total_usage": self.cpu, "usage_in_kernelmode": self.cpu / 4, "usage_in_usermode": self.cpu / 4 * 3},
            "system_cpu_usage": u64::try_from(self.second).unwrap_or(0).saturating_mul(per_second),
            "online_cpus": self.cpus,
            "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
        })
    }

    /// One reading, with the counters of the reading before it. Without one they are zero, as the engine sends them.
    pub(crate) fn json(self, before: Option<Self>, task: &Task) -> Value {
        let at = |second: i64| jiff::Timestamp::from_second(second).map(stamp).unwrap_or_default();
        let zero = json!({"cpu_usage": {"total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0},
            "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0}});
        let block = |op: &str, value: u64| json!({"major": 8, "minor": 0, "op": op, "value": value});
        json!({
            "name": format!("/{}", task.container_name()),
            "id": task.container,
            "read": at(self.second),
            "preread": before.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), |b| at(b.second)),
            "pids_stats": {"current": 7, "limit": 18_446_744_073_709_551_615_u64},
            "blkio_stats": {
                "io_service_bytes_recursive": [block("read", self.block.0), block("write", self.block.1)],
                "io_serviced_recursive": null,
            },
            "num_procs": 0,
            "storage_stats": {},
            "cpu_stats": self.cpu_json(),
            "precpu_stats": before.map_or(zero, Self::cpu_json),
            "memory_stats": {"usage": self.memory + self.cache, "limit": self.limit,
                "stats": {"anon": self.memory, "file": self.cache, "inactive_file": self.cache}},
            "networks": {"eth0": {"rx_bytes": self.net.0, "rx_packets": self.net.0 / 900, "rx_errors": 0, "rx_dropped": 0,
                "tx_bytes": self.net.1, "tx_packets": self.net.1 / 900, "tx_errors": 0, "tx_dropped": 0}},
        })
    }

    /// The counters of the second before.
    pub(crate) fn before(world: &World, task: &Task) -> Self {
        let now = world.stats(task);
        let since = (task.at.as_second(), task.container.as_str());
        Self::at(now.second - 1, since, (now.cpus, now.limit))
    }
}
