//! A node from JSON.

use serde::Deserialize;

use super::super::soft::{Flag, Labels, Object, Text};
use super::{ResourcesJson, VersionJson, or};
use crate::model::text::clean;
use crate::model::{Availability, Manager, Node, NodeId, NodeState, Reachability, Role};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct NodeJson {
    #[serde(rename = "ID")]
    id: Text,
    version: Object<VersionJson>,
    spec: Object<SpecJson>,
    description: Object<DescriptionJson>,
    status: Object<StatusJson>,
    manager_status: Object<ManagerJson>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct SpecJson {
    name: Text,
    role: Text,
    availability: Text,
    labels: Labels,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct DescriptionJson {
    hostname: Text,
    platform: Object<PlatformJson>,
    resources: Object<ResourcesJson>,
    engine: Object<EngineJson>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PlatformJson {
    #[serde(rename = "Architecture")]
    pub architecture: Text,
    #[serde(rename = "OS")]
    pub os: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct EngineJson {
    engine_version: Text,
    labels: Labels,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct StatusJson {
    state: Text,
    message: Text,
    addr: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ManagerJson {
    leader: Flag,
    reachability: Text,
    addr: Text,
}

/// Reads a node.
pub(crate) fn node(raw: &str) -> Result<Node, String> {
    let json: NodeJson = super::object(raw, |json: &NodeJson| &json.id)?;
    let (spec, description, status) = (json.spec.or_empty(), json.description.or_empty(), json.status.or_empty());
    let (platform, resources) = (description.platform.or_empty(), description.resources.or_empty());
    let engine = description.engine.or_empty();
    let hostname = if description.hostname.0.is_empty() { &spec.name } else { &description.hostname };
    Ok(Node {
        id: NodeId::new(&clean(&json.id.0)),
        version: super::index(json.version),
        hostname: clean(&hostname.0),
        role: Role::from(or(&spec.role, "worker").as_str()),
        availability: Availability::from(or(&spec.availability, "active").as_str()),
        state: NodeState::from(or(&status.state, "unknown").as_str()),
        message: clean(&status.message.0),
        address: clean(&status.addr.0),
        manager: json.manager_status.0.map(|manager| Manager {
            leader: manager.leader.0,
            reachability: Reachability::from(or(&manager.reachability, "unknown").as_str()),
            address: clean(&manager.addr.0),
        }),
        engine_version: clean(&engine.engine_version.0),
        os: clean(&platform.os.0),
        arch: clean(&platform.architecture.0),
        nano_cpus: resources.nano_cpus.0,
        memory: resources.memory_bytes.0,
        labels: super::labels(spec.labels),
        engine_labels: super::labels(engine.labels),
        raw: raw.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_with_unknown_words_is_read_and_keeps_them() {
        let raw = r#"{"ID":"n1","Version":{"Index":7},"Spec":{"Role":"observer","Availability":"drain","Labels":null},
            "Description":{"Hostname":"w\u001b[2J1","Platform":{"OS":"linux","Architecture":"x86_64"},
            "Resources":{"NanoCPUs":4000000000,"MemoryBytes":18446744073709551615}},
            "Status":{"State":"hibernating","Addr":"10.0.0.1"},"Future":{"x":1}}"#;
        let node = node(raw).unwrap();
        assert_eq!(node.hostname, "w1");
        assert_eq!((node.role.as_str(), node.state.as_str()), ("observer", "hibernating"));
        assert_eq!((node.availability, node.memory, node.manager), (Availability::Drain, u64::MAX, None));
        assert!(node.raw.contains("Future"));
    }
}
