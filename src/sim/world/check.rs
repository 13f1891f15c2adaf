//! What the engine would refuse in a service spec, and what it fills in. Stricter than the truth: unknown fields are refused.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::orchestra::Constraint;
use super::parts::Network;
use super::refusal::{Answer, Refusal};
use super::{Id, World, list, number, text};

const SERVICE: &[&str] =
    &["Name", "Labels", "TaskTemplate", "Mode", "UpdateConfig", "RollbackConfig", "Networks", "EndpointSpec"];
const TEMPLATE: &[&str] = &[
    "PluginSpec",
    "ContainerSpec",
    "NetworkAttachmentSpec",
    "Resources",
    "RestartPolicy",
    "Placement",
    "Networks",
    "LogDriver",
    "ForceUpdate",
    "Runtime",
];
const CONTAINER: &[&str] = &[
    "Image",
    "Labels",
    "Command",
    "Args",
    "Hostname",
    "Env",
    "Dir",
    "User",
    "Groups",
    "Privileges",
    "Init",
    "StopSignal",
    "TTY",
    "OpenStdin",
    "ReadOnly",
    "Mounts",
    "StopGracePeriod",
    "Healthcheck",
    "Hosts",
    "DNSConfig",
    "Secrets",
    "Configs",
    "Isolation",
    "Sysctls",
    "CapabilityAdd",
    "CapabilityDrop",
    "Ulimits",
    "OomScoreAdj",
];

/// Spells the keys of an object as the engine does (it reads them in any case), and refuses those it does not know.
fn spell(value: Option<&mut Value>, known: &[&str]) -> Answer<()> {
    let Some(map) = value.and_then(Value::as_object_mut) else { return Ok(()) };
    let mut spelt = Map::new();
    for (key, value) in std::mem::take(map) {
        let Some(name) = known.iter().find(|k| k.eq_ignore_ascii_case(&key)) else {
            return Err(Refusal::bad(format!("invalid JSON: json: unknown field \"{key}\"")));
        };
        spelt.insert((*name).to_owned(), value);
    }
    *map = spelt;
    Ok(())
}

/// Spells a whole service spec.
pub(crate) fn spell_service(spec: &mut Value) -> Answer<()> {
    if !spec.is_object() {
        return Err(Refusal::bad("invalid JSON: json: cannot unmarshal into Go value of type swarm.ServiceSpec"));
    }
    spell(Some(spec), SERVICE)?;
    spell(spec.get_mut("TaskTemplate"), TEMPLATE)?;
    spell(spec.pointer_mut("/TaskTemplate/ContainerSpec"), CONTAINER)
}

/// Whether a name may be one of a swarm object that DNS knows.
pub(crate) fn check_dns_name(name: &str) -> Answer<()> {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if !name.chars().all(inner) || !edge(name.chars().next()) || !edge(name.chars().last()) {
        return Err(Refusal::invalid("name must be valid as a DNS name component"));
    }
    if name.len() > 63 {
        return Err(Refusal::invalid("name must be 63 characters or fewer"));
    }
    Ok(())
}

/// Refuses what the engine would.
pub(super) fn check_service(world: &World, spec: &Value, own: Option<&Id>) -> Answer<()> {
    let Some(container) = spec.pointer("/TaskTemplate/ContainerSpec").filter(|c| c.is_object()) else {
        return Err(Refusal::bad("mismatched Runtime and *Spec fields"));
    };
    check_dns_name(text(spec, "/Name"))?;
    check_words(spec)?;
    check_mode(spec)?;
    check_image(text(container, "/Image"))?;
    for constraint in list(spec, "/TaskTemplate/Placement/Constraints").iter().filter_map(Value::as_str) {
        Constraint::parse(constraint).map_err(|why| Refusal::unknown(&why))?;
    }
    check_resources(spec)?;
    check_ports(world, spec, own)?;
    for network in list(spec, "/TaskTemplate/Networks") {
        find_network(world, text(network, "/Target"))?;
    }
    check_parts(world, container)
}

fn check_words(spec: &Value) -> Answer<()> {
    let condition = text(spec, "/TaskTemplate/RestartPolicy/Condition");
    if !["", "none", "on-failure", "any"].contains(&condition) {
        return Err(Refusal::bad(format!("invalid RestartCondition: {condition:?}")));
    }
    for (section, actions) in
        [("UpdateConfig", &["", "pause", "continue", "rollback"][..]), ("RollbackConfig", &["", "pause", "continue"])]
    {
        let action = text(spec, &format!("/{section}/FailureAction"));
        if !actions.contains(&action) {
            return Err(Refusal::bad(format!("unrecognized update failure action {action}")));
        }
        let order = text(spec, &format!("/{section}/Order"));
        if !["", "stop-first", "start-first"].contains(&order) {
            return Err(Refusal::bad(format!("unrecognized update order {order}")));
        }
    }
    let mode = text(spec, "/EndpointSpec/Mode");
    if !["", "vip", "dnsrr"].contains(&mode) {
        return Err(Refusal::bad(format!("invalid ResolutionMode: {mode:?}")));
    }
    for mount in list(spec, "/TaskTemplate/ContainerSpec/Mounts") {
        let kind = text(mount, "/Type");
        if !["", "bind", "volume", "tmpfs", "npipe", "cluster", "image"].contains(&kind) {
            return Err(Refusal::bad(format!("invalid MountType: {kind:?}")));
        }
    }
    Ok(())
}

fn check_mode(spec: &Value) -> Answer<()> {
    let modes = spec.get("Mode").and_then(Value::as_object);
    if modes.is_some_and(|m| m.values().filter(|v| !v.is_null()).count() > 1) {
        return Err(Refusal::bad("must specify only one service mode"));
    }
    if modes.is_some_and(|m| {
        m.keys().any(|k| !["Replicated", "Global", "ReplicatedJob", "GlobalJob"].contains(&k.as_str()))
    }) {
        return Err(Refusal::bad("invalid JSON: json: unknown field in Mode"));
    }
    if spec.pointer("/Mode/Global/Replicas").is_some() {
        return Err(Refusal::bad("invalid JSON: json: unknown field \"Replicas\""));
    }
    let job = modes.is_some_and(|m| m.contains_key("ReplicatedJob") || m.contains_key("GlobalJob"));
    if job && spec.get("UpdateConfig").is_some_and(|u| !u.is_null()) {
        return Err(Refusal::invalid("Jobs may not have an update config"));
    }
    Ok(())
}

fn check_image(image: &str) -> Answer<()> {
    if image.is_empty() {
        return Err(Refusal::invalid("ContainerSpec: image reference must be provided"));
    }
    let ok = |c: char| c.is_ascii_alphanumeric() || "-_./:@".contains(c);
    let repository = image.split('@').next().unwrap_or(image);
    let path = repository.split_once('/').map_or(repository, |(_, path)| path);
    let name = path.split(':').next().unwrap_or(path);
    let bare_id = image.len() == 64 && image.chars().all(|c| c.is_ascii_hexdigit());
    if !image.chars().all(ok)
        || name.is_empty()
        || name.chars().any(|c| c.is_ascii_uppercase())
        || image.ends_with(':')
        || bare_id
    {
        return Err(Refusal::invalid(format!("ContainerSpec: \"{image}\" is not a valid repository/tag")));
    }
    Ok(())
}

fn check_resources(spec: &Value) -> Answer<()> {
    for section in ["Limits", "Reservations"] {
        let memory = number(spec, &format!("/TaskTemplate/Resources/{section}/MemoryBytes"));
        if memory > 0 && memory < 4 << 20 {
            return Err(Refusal::invalid(format!("invalid memory value {memory}: Must be at least 4MiB")));
        }
        let cpus = number(spec, &format!("/TaskTemplate/Resources/{section}/NanoCPUs"));
        if cpus > 0 && cpus < 1_000_000 {
            #[expect(clippy::cast_precision_loss, reason = "below a million")]
            let cpus = cpus as f64 / 1e9;
            return Err(Refusal::invalid(format!("invalid cpu value {cpus}: Must be at least 0.001")));
        }
    }
    Ok(())
}

/// Published ports of a spec: number, protocol, and whether on the hosts of its tasks alone.
fn published(spec: &Value) -> Vec<(u64, String, bool)> {
    let ports = list(spec, "/EndpointSpec/Ports").iter();
    ports
        .map(|p| {
            let protocol = text(p, "/Protocol").replace("tcp", "");
            (number(p, "/PublishedPort"), protocol, text(p, "/PublishMode") == "host")
        })
        .filter(|(port, ..)| *port > 0)
        .collect()
}

fn check_ports(world: &World, spec: &Value, own: Option<&Id>) -> Answer<()> {
    let mine = published(spec);
    let mut seen = BTreeSet::new();
    if !mine.iter().filter(|(.., host)| !host).all(|port| seen.insert(port.clone())) {
        return Err(Refusal::invalid("EndpointSpec: duplicate published ports provided"));
    }
    if mine.is_empty() {
        return Ok(());
    }
    for other in world.services.values().filter(|s| Some(&s.id) != own) {
        for (port, protocol, host) in published(&other.spec) {
            let meets = |(p, q, _): &&(u64, String, bool)| (*p, q) == (port, &protocol);
            // Two on hosts may meet: the scheduler keeps them apart.
            if mine.iter().filter(meets).any(|(.., mine)| !(host && *mine)) {
                let how = if host { "a host-published port" } else { "an ingress port" };
                return Err(Refusal::invalid(format!(
                    "port '{port}' is already in use by service '{}' ({}) as {how}",
                    other.name, other.id
                )));
            }
        }
    }
    Ok(())
}

/// A network a service may join.
fn find_network<'a>(world: &'a World, target: &str) -> Answer<&'a Network> {
    let found = world.networks.get(target).or_else(|| world.networks.values().find(|n| n.name == target));
    // Not a 404: that would say that the service is missing.
    let network = found.ok_or_else(|| Refusal::new(500, format!("network {target} not found")))?;
    if network.ingress {
        return Err(Refusal::invalid("Service cannot be explicitly attached to the ingress network \"ingress\""));
    }
    if network.scope != "swarm" && !network.predefined {
        return Err(Refusal::new(
            403,
            format!(
                "The network {target} cannot be used with services. Only networks scoped to the swarm can be used, \
                 such as those created with the overlay driver."
            ),
        ));
    }
    Ok(network)
}

fn check_parts(world: &World, container: &Value) -> Answer<()> {
    for (kind, pointer, key, store) in
        [("secret", "/Secrets", "/SecretID", &world.secrets), ("config", "/Configs", "/ConfigID", &world.configs)]
    {
        let mut targets = BTreeSet::new();
        for part in list(container, pointer) {
            if !store.contains_key(text(part, key)) {
                let name = part.get(if kind == "secret" { "SecretName" } else { "ConfigName" }).and_then(Value::as_str);
                return Err(Refusal::invalid(format!("{kind} {} not found", name.unwrap_or_else(|| text(part, key)))));
            }
            let target = text(part, "/File/Name");
            if !target.is_empty() && !targets.insert(target.to_owned()) {
                return Err(Refusal::invalid(format!("{kind} references with a conflicting target {target}")));
            }
        }
    }
    Ok(())
}

/// Fills in what the engine stores although it was not sent.
pub(super) fn fill_defaults(world: &World, spec: &mut Value) {
    let Some(map) = spec.as_object_mut() else { return };
    let mode = map.entry("Mode").or_insert_with(|| json!({"Replicated": {"Replicas": 1}}));
    if mode.as_object().is_none_or(Map::is_empty) {
        *mode = json!({"Replicated": {"Replicas": 1}});
    }
    default(mode.get_mut("Replicated"), "Replicas", json!(1));
    default(mode.get_mut("ReplicatedJob"), "MaxConcurrent", json!(1));
    let at_once = mode.pointer("/ReplicatedJob/MaxConcurrent").cloned().unwrap_or(json!(1));
    default(mode.get_mut("ReplicatedJob"), "TotalCompletions", at_once);
    if let Some(endpoint) = map.get_mut("EndpointSpec") {
        default(Some(endpoint), "Mode", json!("vip"));
        for port in endpoint.get_mut("Ports").and_then(Value::as_array_mut).into_iter().flatten() {
            default(Some(port), "Protocol", json!("tcp"));
            default(Some(port), "PublishMode", json!("ingress"));
        }
    }
    for section in ["UpdateConfig", "RollbackConfig"] {
        default(map.get_mut(section), "Parallelism", json!(0));
        default(map.get_mut(section), "MaxFailureRatio", json!(0));
    }
    default(map.get_mut("TaskTemplate"), "ForceUpdate", json!(0));
    default(map.get_mut("TaskTemplate").and_then(|task| task.get_mut("RestartPolicy")), "MaxAttempts", json!(0));
    default(map.get_mut("TaskTemplate"), "Runtime", json!("container"));
    for network in spec.pointer_mut("/TaskTemplate/Networks").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Ok(found) = find_network(world, text(network, "/Target")) {
            super::write::set(network, "", "Target", json!(found.id));
        }
    }
    let Some(container) = spec.pointer_mut("/TaskTemplate/ContainerSpec") else { return };
    for mount in container.get_mut("Mounts").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(mount) = mount.as_object_mut() {
            mount.shift_remove("Consistency");
            if mount.get("BindOptions").is_some_and(|o| o.as_object().is_some_and(Map::is_empty)) {
                mount.shift_remove("BindOptions");
            }
        }
    }
    default(Some(container), "Isolation", json!("default"));
}

fn default(part: Option<&mut Value>, key: &str, value: Value) {
    let Some(part) = part else { return };
    if part.is_null() {
        *part = json!({});
    }
    let Some(map) = part.as_object_mut() else { return };
    let absent = map.get(key).is_none_or(|v| v.is_null() || v.as_str() == Some(""));
    if absent {
        map.insert(key.to_owned(), value);
    }
}

/// What `?insertDefaults=true` adds.
pub(crate) fn insert_defaults(spec: &mut Value) {
    let config = json!({"Parallelism": 1, "FailureAction": "pause", "Monitor": 5_000_000_000_i64, "MaxFailureRatio": 0, "Order": "stop-first"});
    let job = spec.pointer("/Mode").is_some_and(|m| m.get("ReplicatedJob").is_some() || m.get("GlobalJob").is_some());
    if !job {
        for section in ["UpdateConfig", "RollbackConfig"] {
            default(Some(spec), section, config.clone());
        }
    }
    let policy = json!({"Condition": "any", "Delay": 5_000_000_000_i64, "MaxAttempts": 0});
    default(spec.get_mut("TaskTemplate"), "RestartPolicy", policy);
    default(spec.get_mut("TaskTemplate"), "Resources", json!({}));
    default(spec.get_mut("TaskTemplate"), "Placement", json!({}));
    default(spec.pointer_mut("/TaskTemplate/ContainerSpec"), "DNSConfig", json!({}));
    default(spec.pointer_mut("/TaskTemplate/ContainerSpec"), "StopGracePeriod", json!(10_000_000_000_i64));
}
