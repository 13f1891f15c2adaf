//! Labels for AutoKuma, which makes monitors of them: `kuma.ID.TYPE.SETTING`.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::Finding;
use crate::lint::service::Label;
use crate::lint::stack::Scene;
use crate::platform::{nearest, rules};

/// Kinds of monitors, and of what monitors use.
const TYPES: [&str; 32] = [
    "dns",
    "docker",
    "docker_host",
    "gamedig",
    "group",
    "grpc-keyword",
    "http",
    "json-query",
    "globalping",
    "kafka-producer",
    "keyword",
    "manual",
    "mongodb",
    "mqtt",
    "mysql",
    "notification",
    "ping",
    "port",
    "postgres",
    "push",
    "radius",
    "rabbitmq",
    "real-browser",
    "redis",
    "smtp",
    "snmp",
    "system-service",
    "sqlserver",
    "status_page",
    "steam",
    "tag",
    "tailscale-ping",
];

/// What several monitors share: each of them may say the same of it.
const SHARED: [&str; 4] = ["docker_host", "group", "notification", "tag"];

/// The id, type and setting of a label; none if it is for something else. Snippets begin with two underscores.
fn parts(label: &Label) -> Option<Vec<&str>> {
    let rest = label.key.strip_prefix("kuma.")?;
    (!rest.starts_with("__")).then(|| rest.splitn(3, '.').collect())
}

/// Labels that it does not understand.
pub fn shapes(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services() {
        // A monitor of an unknown type is told by the first of its settings.
        let mut told: BTreeSet<(&str, &str)> = BTreeSet::new();
        for label in &service.labels {
            let Some(parts) = parts(label) else { continue };
            let Some((why, mend)) = fault(&parts, &label.value) else { continue };
            if let [id, kind, _] = parts.as_slice()
                && !TYPES.contains(kind)
                && !told.insert((*id, *kind))
            {
                continue;
            }
            let what = format!("{} of {} of {} {why}", label.key, service.key, stack.name());
            findings.push(rules::KUMA_SHAPE.broken(label.spot.clone(), what, mend));
        }
    }
}

fn fault(parts: &[&str], value: &str) -> Option<(String, String)> {
    let [_, kind, setting] = parts else {
        return Some(("does not name an id, a type and a setting".to_owned(), "write kuma.ID.http.url".to_owned()));
    };
    if !TYPES.contains(kind) {
        // Its type for TCP is called port.
        let near = if *kind == "tcp" { Some("port") } else { nearest(kind, &TYPES) };
        let mend = near.map_or_else(|| format!("use one of: {}", TYPES.join(", ")), |near| format!("write `{near}`"));
        return Some((format!("has the type {kind}, which does not exist"), mend));
    }
    let list = value.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let texts = |list: &str| {
        list.split(',').map(str::trim).all(|one| one.len() > 1 && one.starts_with('"') && one.ends_with('"'))
    };
    (*setting == "accepted_statuscodes" && !value.contains("${") && !list.is_some_and(texts))
        .then(|| ("is no list of texts in JSON".to_owned(), "write '[\"200-299\"]'".to_owned()))
}

/// Monitors that two services declare.
pub fn twice(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let mut first: BTreeMap<&str, (String, &Label)> = BTreeMap::new();
    let mut said: BTreeMap<&str, &str> = BTreeMap::new();
    for (stack, service) in scene.services() {
        let who = stack.own(service);
        for label in &service.labels {
            said.entry(&label.key).or_insert(&label.value);
            let Some(parts) = parts(label) else { continue };
            let (id, kind) = (parts.first().copied().unwrap_or_default(), parts.get(1).copied().unwrap_or_default());
            match first.get(id) {
                Some((other, _)) if *other == who => {}
                Some(_) if SHARED.contains(&kind) && !differs(label, &said) => {}
                Some((other, at)) => {
                    let what = format!("{other} and {who} both declare the monitor {id}");
                    let mend = format!("give one of them another id, here or at {}", at.spot);
                    let known = findings.iter().any(|one| one.rule == rules::KUMA_TWICE.id && one.what == what);
                    if !known {
                        findings.push(rules::KUMA_TWICE.broken(label.spot.clone(), what, mend));
                    }
                }
                None => {
                    first.insert(id, (who.clone(), label));
                }
            }
        }
    }
}

/// AutoKuma without a directory or volume to write to. It keeps there which monitors are its own.
pub fn forgets(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services() {
        let keeps = service.mounts.iter().any(|mount| !mount.read_only && !mount.target.ends_with(".sock"));
        if service.program().eq_ignore_ascii_case("autokuma") && !keeps && service.is_lasting() {
            let what = format!("{} of {} has nothing to keep its data on", service.key, stack.name());
            let mend = "mount a volume or a directory of one node at /data";
            findings.push(rules::KUMA_FORGETS.broken(service.spot.clone(), what, mend));
        }
    }
}

/// Somebody has said something else of it before.
fn differs(label: &Label, said: &BTreeMap<&str, &str>) -> bool {
    said.get(label.key.as_str()).is_some_and(|value| *value != label.value)
}
