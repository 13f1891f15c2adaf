//! A service from JSON.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::soft::{Count, Flag, Labels, List, Object, Text};
use super::node::PlatformJson;
use super::{ResourcesJson, VersionJson, or};
use crate::model::text::clean;
use crate::model::{Mode, NetworkId, Port, Service, ServiceId, Update, UpdateState};

/// The label by which a service says to which stack it belongs.
const STACK_LABEL: &str = "com.docker.stack.namespace";
/// How long the engine watches a new task unless it is told otherwise, in nanoseconds.
const MONITOR: u64 = 5_000_000_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ServiceJson {
    #[serde(rename = "ID")]
    id: Text,
    version: Object<VersionJson>,
    created_at: Text,
    updated_at: Text,
    spec: Object<SpecJson>,
    previous_spec: Object<serde::de::IgnoredAny>,
    endpoint: Object<EndpointJson>,
    update_status: Object<UpdateStatusJson>,
    job_status: Object<JobStatusJson>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct SpecJson {
    name: Text,
    labels: Labels,
    task_template: Object<TaskTemplateJson>,
    mode: Object<BTreeMap<String, Object<ModeJson>>>,
    update_config: Object<UpdateConfigJson>,
    endpoint_spec: Object<EndpointJson>,
    networks: List<Object<NetworkJson>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct TaskTemplateJson {
    container_spec: Object<ContainerJson>,
    resources: Object<NeedsJson>,
    restart_policy: Object<RestartJson>,
    placement: Object<PlacementJson>,
    force_update: Count,
    networks: List<Object<NetworkJson>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContainerJson {
    #[serde(rename = "Image")]
    image: Text,
    #[serde(rename = "TTY")]
    tty: Flag,
    // The engine writes it without the capital C, some clients with it.
    #[serde(rename = "Healthcheck", alias = "HealthCheck")]
    health_check: Object<HealthJson>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct HealthJson {
    test: List<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct NeedsJson {
    pub reservations: Object<ResourcesJson>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RestartJson {
    condition: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct PlacementJson {
    constraints: List<Text>,
    max_replicas: Count,
    platforms: List<Object<PlatformJson>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct NetworkJson {
    target: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct ModeJson {
    replicas: Option<Count>,
    max_concurrent: Option<Count>,
    total_completions: Option<Count>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct UpdateConfigJson {
    parallelism: Count,
    monitor: Count,
    failure_action: Text,
    order: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct EndpointJson {
    ports: List<Object<PortJson>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct PortJson {
    protocol: Text,
    target_port: Count,
    published_port: Count,
    publish_mode: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct UpdateStatusJson {
    state: Text,
    message: Text,
    started_at: Text,
    completed_at: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct JobStatusJson {
    job_iteration: Object<VersionJson>,
}

/// Reads a service.
pub(crate) fn service(raw: &str) -> Result<Service, String> {
    let json: ServiceJson = super::object(raw, |json: &ServiceJson| &json.id)?;
    let spec = json.spec.or_empty();
    let template = spec.task_template.or_empty();
    let (container, placement) = (template.container_spec.or_empty(), template.placement.or_empty());
    let (update, (image, digest)) = (rollout(spec.update_config), super::image(&container.image.0));
    let reserved = template.resources.or_empty().reservations.or_empty();
    // The endpoint has the ports that were really given; the spec is all there is before that.
    let given = ports(json.endpoint);
    let ports = if given.is_empty() { ports(spec.endpoint_spec) } else { given };
    let labels = super::labels(spec.labels);
    let health = container.health_check.or_empty().test.0;
    Ok(Service {
        id: ServiceId::new(&clean(&json.id.0)),
        version: super::index(json.version),
        name: clean(&spec.name.0),
        stack: labels.get(STACK_LABEL).filter(|stack| !stack.is_empty()).cloned(),
        image,
        digest,
        mode: mode(spec.mode.or_empty()),
        constraints: placement.constraints.0.iter().map(|constraint| clean(&constraint.0)).collect(),
        platforms: placement.platforms.0.into_iter().map(platform).collect(),
        max_per_node: placement.max_replicas.0,
        update: json.update_status.0.filter(|update| !update.state.0.is_empty()).map(progress),
        failure_action: update.failure_action,
        monitor: update.monitor,
        update_order: update.order,
        parallelism: update.parallelism,
        has_previous: json.previous_spec.0.is_some(),
        job_iteration: json.job_status.0.map(|job| job.job_iteration.or_empty().index.0),
        has_health_check: health.first().is_some_and(|first| first.0 != "NONE"),
        tty: container.tty.0,
        ports,
        networks: networks(template.networks, spec.networks),
        labels,
        restart: or(&template.restart_policy.or_empty().condition, "any"),
        force_update: template.force_update.0,
        reserved_cpus: reserved.nano_cpus.0,
        reserved_memory: reserved.memory_bytes.0,
        created: super::moment(&json.created_at),
        updated: super::moment(&json.updated_at),
        raw: raw.into(),
    })
}

/// How an update goes, with the engine's defaults in place of what is not said.
struct Rollout {
    failure_action: String,
    order: String,
    monitor: u64,
    parallelism: u64,
}

fn rollout(config: Object<UpdateConfigJson>) -> Rollout {
    let parallelism = config.0.as_ref().map_or(1, |config| config.parallelism.0);
    let config = config.or_empty();
    Rollout {
        failure_action: or(&config.failure_action, "pause"),
        order: or(&config.order, "stop-first"),
        monitor: if config.monitor.0 == 0 { MONITOR } else { config.monitor.0 },
        parallelism,
    }
}

fn progress(update: UpdateStatusJson) -> Update {
    Update {
        state: UpdateState::from(clean(&update.state.0).as_str()),
        message: clean(&update.message.0),
        started: super::moment(&update.started_at),
        completed: super::moment(&update.completed_at),
    }
}

fn mode(mode: BTreeMap<String, Object<ModeJson>>) -> Mode {
    let Some((word, numbers)) = mode.into_iter().next() else { return Mode::Replicated(1) };
    let numbers = numbers.or_empty();
    let or_one = |number: Option<Count>| number.map_or(1, |number| number.0);
    match word.as_str() {
        "Replicated" => Mode::Replicated(or_one(numbers.replicas)),
        "Global" => Mode::Global,
        "ReplicatedJob" => {
            let at_once = or_one(numbers.max_concurrent);
            Mode::ReplicatedJob { total: numbers.total_completions.map_or(at_once, |total| total.0), at_once }
        }
        "GlobalJob" => Mode::GlobalJob,
        other => Mode::Other(clean(other).into()),
    }
}

fn platform(platform: Object<PlatformJson>) -> (String, String) {
    let platform = platform.or_empty();
    (clean(&platform.os.0), clean(&platform.architecture.0))
}

fn ports(endpoint: Object<EndpointJson>) -> Vec<Port> {
    let number = |count: Count| u16::try_from(count.0).unwrap_or_default();
    let port = |port: PortJson| Port {
        published: number(port.published_port),
        target: number(port.target_port),
        protocol: or(&port.protocol, "tcp"),
        mode: or(&port.publish_mode, "ingress"),
    };
    endpoint.or_empty().ports.0.into_iter().filter_map(|json| json.0.map(port)).collect()
}

/// The networks of the tasks; of the service itself where an old client put them there.
fn networks(template: List<Object<NetworkJson>>, spec: List<Object<NetworkJson>>) -> Vec<NetworkId> {
    let named = if template.0.is_empty() { spec } else { template };
    named.0.into_iter().filter_map(|network| Some(NetworkId::new(&clean(&network.0?.target.0)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_mode(mode: &str) -> Mode {
        service(&format!(r#"{{"ID":"s","Spec":{{"Mode":{mode}}}}}"#)).unwrap().mode
    }

    #[test]
    fn every_mode_is_read_and_an_unknown_one_is_kept() {
        assert_eq!(with_mode(r#"{"Replicated":{"Replicas":18446744073709551615}}"#), Mode::Replicated(u64::MAX));
        assert_eq!(with_mode(r#"{"Replicated":{}}"#), Mode::Replicated(1));
        assert_eq!(with_mode(r#"{"Global":{"Surprise":1}}"#), Mode::Global);
        assert_eq!(
            with_mode(r#"{"ReplicatedJob":{"MaxConcurrent":2,"TotalCompletions":9}}"#),
            Mode::ReplicatedJob { total: 9, at_once: 2 }
        );
        assert_eq!(with_mode(r#"{"ReplicatedJob":{"MaxConcurrent":2}}"#), Mode::ReplicatedJob { total: 2, at_once: 2 });
        assert_eq!(with_mode(r#"{"GlobalJob":{}}"#), Mode::GlobalJob);
        assert_eq!(with_mode(r#"{"Sometimes":{"Chance":0.5}}"#), Mode::Other("Sometimes".into()));
        assert_eq!(with_mode("null"), Mode::Replicated(1));
    }

    #[test]
    fn a_whole_service_is_read() {
        let raw = r#"{"ID":"s1","Version":{"Index":12},"PreviousSpec":{"Name":"web"},
            "Spec":{"Name":"shop_web","Labels":{"com.docker.stack.namespace":"shop"},
              "TaskTemplate":{"ContainerSpec":{"Image":"nginx:1@sha256:ab","Healthcheck":{"Test":["CMD","true"]},"TTY":true},
                "Resources":{"Reservations":{"NanoCPUs":500000000,"MemoryBytes":1024}},"ForceUpdate":3,
                "Placement":{"Constraints":["node.role==worker"],"MaxReplicas":2,
                  "Platforms":[{"Architecture":"amd64","OS":"linux"},{"OS":"linux"}]},
                "Networks":[{"Target":"net1"}]},
              "Mode":{"Replicated":{"Replicas":3}},
              "EndpointSpec":{"Ports":[{"TargetPort":80}]}},
            "Endpoint":{"Ports":[{"Protocol":"tcp","TargetPort":80,"PublishedPort":30000,"PublishMode":"ingress"}]},
            "UpdateStatus":{"State":"meditating","Message":"x","StartedAt":"2026-01-01T00:00:00Z"}}"#;
        let service = service(raw).unwrap();
        assert_eq!((service.short_name(), service.image.as_str()), ("web", "nginx:1"));
        assert_eq!(service.digest.as_deref(), Some("sha256:ab"));
        assert_eq!(service.update.as_ref().unwrap().state.as_str(), "meditating");
        assert!(service.has_previous && service.has_health_check && service.tty);
        assert_eq!((service.ports[0].published, service.max_per_node, service.force_update), (30000, 2, 3));
        assert_eq!((service.parallelism, service.monitor, service.failure_action.as_str()), (1, MONITOR, "pause"));
        assert_eq!(service.platforms.len(), 2);
    }

    #[test]
    fn an_object_of_wrong_shapes_is_still_a_service() {
        let raw = r#"{"ID":"s1","Version":"seven","Spec":{"Name":5,"Mode":[],"TaskTemplate":{"ContainerSpec":3,
            "Placement":{"Constraints":"x","Platforms":[1]}},"Networks":[null]},"Endpoint":[],"UpdateStatus":{}}"#;
        let service = service(raw).unwrap();
        assert_eq!((service.name.as_str(), service.update, service.version.0), ("5", None, 0));
    }
}
