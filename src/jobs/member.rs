//! A member of the swarm as a plan needs it: what constraints look at, and how large it is.

use serde_json::Value;

use crate::model::text::clean;
use crate::model::{Availability, Node, NodeId, NodeState, Role, Version};

/// Reads one of the engine's list. What a plan does not look at is left out.
pub fn member(raw: &Value) -> Node {
    let text = |pointer: &str| clean(raw.pointer(pointer).and_then(Value::as_str).unwrap_or_default());
    let number = |pointer: &str| raw.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
    let labels = |pointer: &str| {
        let labels = raw.pointer(pointer).and_then(Value::as_object).into_iter().flatten();
        labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
    };
    Node {
        id: NodeId::new(&text("/ID")),
        version: Version(number("/Version/Index")),
        hostname: text("/Description/Hostname"),
        role: Role::from(text("/Spec/Role").as_str()),
        availability: Availability::from(text("/Spec/Availability").as_str()),
        state: NodeState::from(text("/Status/State").as_str()),
        message: String::new(),
        address: String::new(),
        manager: None,
        engine_version: String::new(),
        os: text("/Description/Platform/OS"),
        arch: text("/Description/Platform/Architecture"),
        nano_cpus: number("/Description/Resources/NanoCPUs"),
        memory: number("/Description/Resources/MemoryBytes"),
        labels: labels("/Spec/Labels"),
        engine_labels: labels("/Description/Engine/Labels"),
        raw: "".into(),
    }
}
