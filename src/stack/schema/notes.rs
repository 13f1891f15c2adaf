//! What is no fault and should be known: keys that a swarm does not heed.

use crate::stack::fault::Fault;
use crate::stack::tree::{Entry, Map, Node};

/// Keys of services of which the docker CLI says that it ignores them. `restart` is in its list too, and heeded.
const IGNORED: &[&str] = &[
    "build",
    "cgroup_parent",
    "cgroupns_mode",
    "devices",
    "domainname",
    "external_links",
    "ipc",
    "links",
    "mac_address",
    "network_mode",
    "pid",
    "privileged",
    "security_opt",
    "shm_size",
    "userns_mode",
];

/// Keys of services that it ignores and says nothing.
const SILENT: &[&str] = &["tmpfs", "oom_score_adj"];

/// All of them, in the order of the file.
pub fn notes(root: &Map) -> Vec<Fault> {
    let mut notes = Vec::new();
    for (name, service) in entries(root, "services") {
        for entry in service {
            notes.extend(of_key(name, entry));
        }
    }
    for section in ["networks", "volumes", "secrets", "configs"] {
        for (name, part) in entries(root, section) {
            for entry in part {
                if entry.key == "external" && entry.node.map().is_some_and(|map| map.get("name").is_some()) {
                    let what = format!("{section}.{name}.external.name is an old form");
                    notes.push(Fault::new(entry.place, what, "write `external: true` and `name:` beside it"));
                }
            }
        }
    }
    notes
}

fn of_key(service: &str, entry: &Entry) -> Option<Fault> {
    let key = entry.key.as_str();
    let what = format!("services.{service}.{key} has no effect in a swarm");
    let mend = match key {
        "container_name" => "take it away: tasks are named after their service",
        "expose" => "take it away: services on one network reach each other on every port",
        "tmpfs" => "mount it in `volumes`, in the long form with `type: tmpfs`",
        "shm_size" => "mount a tmpfs of that size at /dev/shm in `volumes`, with `tmpfs: {size: …}`",
        "build" => "build the image beforehand and push it where the nodes can pull it",
        "network_mode" => "name networks in `networks`; the network `host` of a node is an external network",
        "links" | "external_links" => "take it away: services on one network find each other by name",
        key if IGNORED.contains(&key) || SILENT.contains(&key) => "take it away",
        _ => return None,
    };
    Some(Fault::new(entry.place, what, mend))
}

fn entries<'a>(root: &'a Map, section: &str) -> impl Iterator<Item = (&'a str, &'a [Entry])> {
    let parts = root.get(section).and_then(Node::map).map(|map| map.0.as_slice()).unwrap_or_default();
    parts.iter().map(|entry| (entry.key.as_str(), entry.node.map().map(|map| map.0.as_slice()).unwrap_or_default()))
}
