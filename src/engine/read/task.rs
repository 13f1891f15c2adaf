//! A task from JSON.

use serde::Deserialize;

use super::super::soft::{Count, Object, Text, Whole};
use super::{ResourcesJson, VersionJson, or};
use crate::model::text::clean;
use crate::model::{NodeId, ServiceId, Task, TaskId, TaskState};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct TaskJson {
    #[serde(rename = "ID")]
    id: Text,
    version: Object<VersionJson>,
    created_at: Text,
    spec: Object<SpecJson>,
    #[serde(rename = "ServiceID")]
    service_id: Text,
    slot: Count,
    #[serde(rename = "NodeID")]
    node_id: Text,
    status: Object<StatusJson>,
    desired_state: Text,
    job_iteration: Object<VersionJson>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct SpecJson {
    container_spec: Object<ContainerJson>,
    resources: Object<super::service::NeedsJson>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ContainerJson {
    image: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct StatusJson {
    timestamp: Text,
    state: Text,
    message: Text,
    err: Text,
    container_status: Object<ContainerStatusJson>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContainerStatusJson {
    #[serde(rename = "ContainerID")]
    container_id: Text,
    #[serde(rename = "ExitCode")]
    exit_code: Whole,
}

/// Reads a task.
pub(crate) fn task(raw: &str) -> Result<Task, String> {
    let json: TaskJson = super::object(raw, |json: &TaskJson| &json.id)?;
    let (spec, status) = (json.spec.or_empty(), json.status.or_empty());
    let reserved: ResourcesJson = spec.resources.or_empty().reservations.or_empty();
    let container = status.container_status.or_empty();
    let state = TaskState::from(or(&status.state, "new").as_str());
    let ended = state.is_failure() || matches!(state, TaskState::Complete | TaskState::Shutdown | TaskState::Remove);
    let text = |text: &Text| (!text.0.is_empty()).then(|| clean(&text.0));
    Ok(Task {
        id: TaskId::new(&clean(&json.id.0)),
        version: super::index(json.version),
        service: ServiceId::new(&clean(&json.service_id.0)),
        slot: (json.slot.0 > 0).then_some(json.slot.0),
        node: text(&json.node_id).map(|id| NodeId::new(&id)),
        state,
        desired: TaskState::from(or(&json.desired_state, "running").as_str()),
        message: clean(&status.message.0),
        error: clean(&status.err.0),
        since: super::moment(&status.timestamp),
        created: super::moment(&json.created_at),
        exit_code: (ended && !container.container_id.0.is_empty()).then_some(container.exit_code.0),
        container: text(&container.container_id),
        image: clean(&spec.container_spec.or_empty().image.0),
        job_iteration: json.job_iteration.0.map(|round| round.index.0),
        reserved_cpus: reserved.nano_cpus.0,
        reserved_memory: reserved.memory_bytes.0,
        raw: raw.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_tells_how_it_ended() {
        let raw = r#"{"ID":"t1","Version":{"Index":9},"CreatedAt":"2026-01-01T00:00:00Z","ServiceID":"s1","Slot":2,
            "NodeID":"n1","DesiredState":"shutdown","Spec":{"ContainerSpec":{"Image":"a:1@sha256:0"}},
            "Status":{"Timestamp":"2026-01-01T00:00:05Z","State":"failed","Message":"started",
            "Err":"task: non-zero exit (137)","ContainerStatus":{"ContainerID":"c1","ExitCode":137}}}"#;
        let task = task(raw).unwrap();
        assert_eq!((task.exit_code, task.slot, task.container.as_deref()), (Some(137), Some(2), Some("c1")));
        assert!(task.state.is_failure() && task.since.is_some() && !task.is_wanted());
    }

    #[test]
    fn a_running_task_has_no_exit_code_and_a_global_one_no_slot() {
        let raw = r#"{"ID":"t","ServiceID":"s","NodeID":"","Status":{"State":"levitating",
            "ContainerStatus":{"ContainerID":"c","ExitCode":0}}}"#;
        let task = task(raw).unwrap();
        assert_eq!((task.exit_code, task.slot, task.node), (None, None, None));
        assert_eq!(task.state.as_str(), "levitating");
        assert!(super::task(r#"{"ServiceID":"s"}"#).is_err());
    }
}
