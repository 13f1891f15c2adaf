//! Containers on an engine, from JSON: which task and which volumes each has.

use serde::Deserialize;

use super::super::soft::{Count, Labels, List, Text, Whole};
use super::{labels, object, seconds};
use crate::model::text::clean;
use crate::model::{Container, ServiceId, TaskId};

/// The label that says which task a container belongs to.
const TASK: &str = "com.docker.swarm.task.id";

/// The label that says which service.
const SERVICE: &str = "com.docker.swarm.service.id";

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ContainerJson {
    id: Text,
    names: List<Text>,
    image: Text,
    #[serde(rename = "ImageID")]
    image_id: Text,
    pub(super) state: Text,
    labels: Labels,
    mounts: List<MountJson>,
    created: Whole,
    pub(super) size_rw: Count,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct MountJson {
    #[serde(rename = "Type")]
    kind: Text,
    name: Text,
}

/// Reads an element of the list of containers.
pub fn container(raw: &str) -> Result<Container, String> {
    let json: ContainerJson = object(raw, |json: &ContainerJson| &json.id)?;
    let labels = labels(json.labels);
    let id = |label: &str| labels.get(label).filter(|id| !id.is_empty());
    let task = id(SERVICE).zip(id(TASK)).map(|(service, task)| (ServiceId::new(service), TaskId::new(task)));
    let name = json.names.0.first().map(|name| clean(name.0.trim_start_matches('/'))).unwrap_or_default();
    let volumes = json.mounts.0.iter().filter(|mount| mount.kind.0 == "volume" && !mount.name.0.is_empty());
    Ok(Container {
        name: if name.is_empty() { clean(json.id.0.get(..12).unwrap_or(&json.id.0)) } else { name },
        image: clean(&json.image.0),
        image_id: json.image_id.0,
        running: is_running(&json.state.0),
        task,
        volumes: volumes.map(|mount| clean(&mount.name.0)).collect(),
        created: seconds(json.created.0),
        id: json.id.0,
    })
}

pub(super) fn is_running(state: &str) -> bool {
    matches!(state, "running" | "paused" | "restarting")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_knows_its_task_and_hides_no_control_sequence() {
        let raw = r#"{"Id":"c1","Names":["/web\u001b[2J.1"],"State":"running","Labels":{"com.docker.swarm.service.id":"s","com.docker.swarm.task.id":"t"},
            "Mounts":[{"Type":"volume","Name":"data"},{"Type":"bind","Source":"/x"}]}"#;
        let container = container(raw).unwrap();
        assert_eq!((container.name.as_str(), container.running), ("web.1", true));
        assert_eq!(container.task, Some((ServiceId::new("s"), TaskId::new("t"))));
        assert_eq!(container.volumes, ["data"]);
    }
}
