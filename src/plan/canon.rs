//! A service spec in one form, whoever wrote it: what the engine fills in is left out, ids are names, and lists whose
//! order means nothing are mappings. Two specs of one form ask for the same.

use serde_json::{Map, Value, json};

use super::change::Thing;
use super::truth::{Truth, text};

/// Words that mean the same as saying nothing. Where: a list of steps, `*` for an entry of a list.
const DEFAULTS: &[(&str, &str)] = &[
    ("EndpointSpec.Mode", "vip"),
    ("EndpointSpec.Ports.*.Protocol", "tcp"),
    ("EndpointSpec.Ports.*.PublishMode", "ingress"),
    ("UpdateConfig.FailureAction", "pause"),
    ("UpdateConfig.Order", "stop-first"),
    ("RollbackConfig.FailureAction", "pause"),
    ("RollbackConfig.Order", "stop-first"),
    ("TaskTemplate.Runtime", "container"),
    ("TaskTemplate.RestartPolicy.Condition", "any"),
    ("TaskTemplate.ContainerSpec.Isolation", "default"),
];

/// Numbers that mean the same as saying nothing, other than zero.
const DEFAULT_NUMBERS: &[(&str, u64)] = &[
    ("TaskTemplate.RestartPolicy.Delay", 5_000_000_000),
    ("TaskTemplate.ContainerSpec.StopGracePeriod", 10_000_000_000),
];

/// Where zero or false says something that silence does not.
const MEANT: &[&str] = &[
    "Mode.Replicated.Replicas",
    "Mode.ReplicatedJob.MaxConcurrent",
    "Mode.ReplicatedJob.TotalCompletions",
    "UpdateConfig.Parallelism",
    "RollbackConfig.Parallelism",
    "TaskTemplate.RestartPolicy.Delay",
    "TaskTemplate.ContainerSpec.StopGracePeriod",
    "TaskTemplate.ContainerSpec.Init",
];

/// What the engine stores nowhere, or what is not wished but found.
const IGNORED: &[&str] = &[
    "TaskTemplate.ContainerSpec.Mounts.*.Consistency",
    "TaskTemplate.ContainerSpec.Secrets.*.SecretID",
    "TaskTemplate.ContainerSpec.Configs.*.ConfigID",
];

/// Mappings whose keys are the user's: an empty value is a value.
const FREE: &[&str] = &[
    "Labels",
    "TaskTemplate.ContainerSpec.Labels",
    "TaskTemplate.ContainerSpec.Sysctls",
    "TaskTemplate.LogDriver.Options",
    "TaskTemplate.Networks.*.DriverOpts",
    "TaskTemplate.ContainerSpec.Mounts.*.VolumeOptions.Labels",
    "TaskTemplate.ContainerSpec.Mounts.*.VolumeOptions.DriverConfig.Options",
];

/// The one form of a part of a spec; none if it says nothing. `path` is where the part stands.
pub fn canon(path: &str, value: &Value, truth: &Truth) -> Option<Value> {
    if IGNORED.contains(&path) {
        return None;
    }
    if path == "Mode" {
        return Some(mode(Some(value)));
    }
    match value {
        Value::Null => None,
        Value::Bool(false) => MEANT.contains(&path).then(|| value.clone()),
        Value::String(word) if word.is_empty() || DEFAULTS.contains(&(path, word.as_str())) => None,
        Value::String(word) => Some(Value::from(named(path, word, truth))),
        Value::Number(number) => {
            let meant = MEANT.contains(&path);
            let default = number.as_u64().is_some_and(|number| DEFAULT_NUMBERS.contains(&(path, number)));
            let zero = number.as_f64() == Some(0.0) && !meant;
            (!default && !zero).then(|| value.clone())
        }
        Value::Bool(true) => Some(value.clone()),
        Value::Array(list) => entries(path, list, truth),
        Value::Object(map) => mapping(path, map, truth),
    }
}

/// Ids as names, where a spec may hold either.
fn named<'a>(path: &str, word: &'a str, truth: &'a Truth) -> &'a str {
    match path {
        "TaskTemplate.Networks.*.Target" => truth.name_of(Thing::Network, word),
        "TaskTemplate.ContainerSpec.Privileges.CredentialSpec.Config" => truth.name_of(Thing::Config, word),
        _ => word,
    }
}

fn mapping(path: &str, map: &Map<String, Value>, truth: &Truth) -> Option<Value> {
    if FREE.contains(&path) {
        return (!map.is_empty()).then(|| Value::Object(map.clone()));
    }
    let mut said: Map<String, Value> =
        map.iter().filter_map(|(key, value)| Some((key.clone(), canon(&below(path, key), value, truth)?))).collect();
    match path {
        // An update config that is there and says no number means: all at once. Silence means: one by one.
        "UpdateConfig" | "RollbackConfig" => {
            said.entry("Parallelism").or_insert_with(|| json!(0));
        }
        "" => {
            said.entry("Mode").or_insert_with(|| mode(None));
        }
        _ => {}
    }
    (!said.is_empty()).then_some(Value::Object(said))
}

/// The mode, with the counts that the engine fills in.
fn mode(mode: Option<&Value>) -> Value {
    let part = |name: &str| mode.and_then(|mode| mode.get(name)).filter(|part| !part.is_null());
    let count = |part: &Value, key: &str| part.get(key).and_then(Value::as_u64);
    if part("Global").is_some() {
        json!({"Global": "one on each node"})
    } else if part("GlobalJob").is_some() {
        json!({"GlobalJob": "one on each node"})
    } else if let Some(job) = part("ReplicatedJob") {
        let at_once = count(job, "MaxConcurrent").unwrap_or(1);
        let total = count(job, "TotalCompletions").unwrap_or(at_once);
        json!({"ReplicatedJob": {"MaxConcurrent": at_once, "TotalCompletions": total}})
    } else {
        let replicas = part("Replicated").and_then(|replicated| count(replicated, "Replicas")).unwrap_or(1);
        json!({"Replicated": {"Replicas": replicas}})
    }
}

/// A list: as a mapping where its order means nothing, sorted where its entries are words, else as it is.
fn entries(path: &str, list: &[Value], truth: &Truth) -> Option<Value> {
    if list.is_empty() {
        return None;
    }
    if path == "TaskTemplate.ContainerSpec.Env" {
        return Some(by_key(list, variable));
    }
    if matches!(path, "TaskTemplate.Placement.Constraints" | "TaskTemplate.Placement.Platforms") {
        let mut sorted = list.to_vec();
        sorted.sort_by_key(Value::to_string);
        return Some(Value::Array(sorted));
    }
    let inner = format!("{path}.*");
    let form = |entry: &Value| canon(&inner, entry, truth).unwrap_or_else(|| json!({}));
    let key: fn(&Value) -> String = match path {
        "EndpointSpec.Ports" => |port| {
            let protocol = Some(text(port, "/Protocol")).filter(|word| !word.is_empty()).unwrap_or("tcp");
            format!("{}/{protocol}", port.get("TargetPort").map(ToString::to_string).unwrap_or_default())
        },
        "TaskTemplate.Networks" => |network| text(network, "/Target").to_owned(),
        "TaskTemplate.ContainerSpec.Mounts" => |mount| text(mount, "/Target").to_owned(),
        "TaskTemplate.ContainerSpec.Secrets" => |secret| of_file(secret, "/SecretName"),
        "TaskTemplate.ContainerSpec.Configs" => |config| of_file(config, "/ConfigName"),
        "TaskTemplate.ContainerSpec.Ulimits" => |limit| text(limit, "/Name").to_owned(),
        _ => return Some(Value::Array(list.to_vec())),
    };
    Some(by_key(list, |entry| {
        let formed = form(entry);
        // The name of a network is known only in the one form.
        let key = if path == "TaskTemplate.Networks" { key(&formed) } else { key(entry) };
        (key, formed)
    }))
}

fn of_file(part: &Value, name: &str) -> String {
    match text(part, "/File/Name") {
        "" => text(part, name).to_owned(),
        file => file.to_owned(),
    }
}

fn variable(entry: &Value) -> (String, Value) {
    let entry = entry.as_str().unwrap_or_default();
    match entry.split_once('=') {
        Some((name, value)) => (name.to_owned(), Value::from(value)),
        None => (entry.to_owned(), Value::from("(taken away)")),
    }
}

/// Entries by their keys; a second one of a key gets a number, in the order of what they say.
fn by_key(list: &[Value], form: impl Fn(&Value) -> (String, Value)) -> Value {
    let mut formed: Vec<(String, Value)> = list.iter().map(form).collect();
    formed.sort_by_cached_key(|(key, value)| (key.clone(), value.to_string()));
    let mut map = Map::new();
    for (key, value) in formed {
        let mut name = key.clone();
        let mut number = 1;
        while map.contains_key(&name) {
            number += 1;
            name = format!("{key} ({number})");
        }
        map.insert(name, value);
    }
    Value::Object(map)
}

/// A path one step further down.
pub fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// A live spec with what the wish asks for in it. What asks for the same stays as it is, byte for byte: else the swarm
/// would take two spellings of one thing for a change, and replace tasks.
pub fn weave(path: &str, live: &Value, wish: &Value, truth: &Truth) -> Value {
    if canon(path, live, truth) == canon(path, wish, truth) {
        return live.clone();
    }
    let (Some(old), Some(new)) = (live.as_object(), wish.as_object()) else { return wish.clone() };
    if path == "Mode" || FREE.contains(&path) {
        return wish.clone();
    }
    let mut woven = Map::new();
    for (key, value) in old {
        let path = below(path, key);
        match new.get(key) {
            Some(wished) => {
                woven.insert(key.clone(), weave(&path, value, wished, truth));
            }
            None if canon(&path, value, truth).is_none() => {
                woven.insert(key.clone(), value.clone());
            }
            None => {}
        }
    }
    for (key, value) in new {
        if !woven.contains_key(key) && canon(&below(path, key), value, truth).is_some() {
            woven.insert(key.clone(), value.clone());
        }
    }
    Value::Object(woven)
}
