//! The embedded demo is the platform of this repository: what its compose files and its inventory say, it shows.
//!
//! The simulator reads no YAML, so each stack lies beside it as the requests that `docker stack deploy` would send
//! (`src/sim/demo/stacks/STACK.json`). They are written by `BLESS=1 cargo test --test demo_platform`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may stop")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use quarterdeck::clock::FixedClock;
use quarterdeck::sim::{self, Sim};
use serde_json::{Map, Value, json};

/// What a platform without an environment of its own is told.
const VARIABLES: &[(&str, &str)] = &[
    ("DOMAIN", "example.net"),
    ("ACME_EMAIL", "harbourmaster@example.net"),
    ("SSH_PUBLIC_KEY", "the-body-of-a-public-key"),
    ("WOODPECKER_ADMIN", "harbourmaster"),
];

const SERVICE: &str = "image logging deploy volumes networks environment healthcheck configs command user secrets \
                       entrypoint stop_grace_period ports init cap_add";
const DEPLOY: &str = "resources restart_policy update_config rollback_config placement labels mode replicas";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn quiet() -> Sim {
    sim::demo_quiet(&FixedClock(Timestamp::from_second(1_800_000_000).unwrap()))
}

fn yaml(path: &Path) -> Value {
    let mut document: serde_yaml::Value = serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    document.apply_merge().unwrap();
    serde_json::to_value(document).unwrap()
}

/// The stacks by name, as their compose files say them, with variables filled in.
fn stacks() -> Vec<(String, Value)> {
    let folders = |dir: PathBuf| fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_dir());
    let mut stacks: Vec<(String, Value)> = folders(root().join("stacks"))
        .flat_map(folders)
        .filter(|folder| folder.join("compose.yaml").is_file())
        .map(|folder| {
            let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
            (name, filled(yaml(&folder.join("compose.yaml"))))
        })
        .collect();
    stacks.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(stacks.len() > 10, "the stacks were not found");
    stacks
}

fn filled(value: Value) -> Value {
    match value {
        Value::String(text) => json!(substituted(&text)),
        Value::Array(list) => list.into_iter().map(filled).collect(),
        Value::Object(map) => Value::Object(map.into_iter().map(|(k, v)| (k, filled(v))).collect()),
        other => other,
    }
}

fn substituted(text: &str) -> String {
    let Some((before, rest)) = text.split_once("${") else { return text.to_owned() };
    let (inside, after) = rest.split_once('}').unwrap();
    let name = inside.split(':').next().unwrap();
    let value = match (inside.split_once(":-"), VARIABLES.iter().find(|(key, _)| *key == name)) {
        (Some((_, default)), _) => default,
        (None, Some((_, value))) => value,
        (None, None) => panic!("nothing says what {name} is"),
    };
    format!("{before}{value}{}", substituted(after))
}

fn entries(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn items(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// A scalar as text, as an environment or a label holds it.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `5s`, `2m`, `26h` in nanoseconds.
fn duration(value: &Value) -> Value {
    let Some(text) = value.as_str() else { return Value::Null };
    let (number, unit) = text.split_at(text.len() - 1);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        other => panic!("{other} is no unit"),
    };
    json!(number.parse::<i64>().unwrap() * seconds * 1_000_000_000)
}

/// `32M`, `1G` in bytes.
fn bytes(text: &str) -> u64 {
    let (number, unit) = text.split_at(text.len() - 1);
    let shift = match unit {
        "M" => 20,
        "G" => 30,
        other => panic!("{other} is no unit"),
    };
    number.parse::<u64>().unwrap() << shift
}

/// An object of what is there.
fn object<const N: usize>(parts: [(&str, Value); N]) -> Value {
    let empty = |v: &Value| v.is_null() || v.as_array().is_some_and(Vec::is_empty);
    Value::Object(parts.into_iter().filter(|(_, v)| !empty(v)).map(|(k, v)| (k.to_owned(), v)).collect())
}

/// A compose section may hold these keys and no others: nothing is left out unseen.
fn holds_only(section: &Value, known: &str) {
    for key in entries(section).keys() {
        assert!(known.split(' ').any(|word| word == key), "the conversion does not know `{key}`");
    }
}

/// Turns the compose file of a stack into what `docker stack deploy` asks of the engine.
struct Deployed<'a> {
    stack: &'a str,
    compose: &'a Value,
}

impl Deployed<'_> {
    fn labels(&self) -> Value {
        json!({"com.docker.stack.namespace": self.stack})
    }

    fn is_external(&self, kind: &str, name: &str) -> bool {
        self.compose[kind][name]["external"] == json!(true)
    }

    fn full_name(&self, kind: &str, name: &str) -> String {
        match &self.compose[kind][name]["name"] {
            Value::String(name) => name.clone(),
            _ if self.is_external(kind, name) => name.to_owned(),
            _ => format!("{}_{name}", self.stack),
        }
    }

    fn own(&self, kind: &str) -> Vec<String> {
        let names = entries(&self.compose[kind]).into_iter().map(|(name, _)| name);
        names.filter(|name| !self.is_external(kind, name)).collect()
    }

    fn whole(&self) -> Value {
        let mut networks = self.own("networks");
        let services = entries(&self.compose["services"]);
        if !networks.contains(&"default".to_owned()) && services.values().any(|s| s.get("networks").is_none()) {
            networks.push("default".to_owned());
        }
        let networks: Vec<Value> = networks.iter().map(|name| self.network(name)).collect();
        let configs: Vec<String> = self.own("configs").iter().map(|name| self.full_name("configs", name)).collect();
        let secrets = entries(&self.compose["secrets"]);
        let secrets: Vec<String> = secrets.keys().map(|name| self.full_name("secrets", name)).collect();
        assert_eq!(self.own("secrets"), Vec::<String>::new(), "all secrets are made by hand");
        let services: Vec<Value> = services.iter().map(|(name, service)| self.service(name, service)).collect();
        json!({"stack": self.stack, "networks": networks, "secrets": secrets, "configs": configs, "services": services})
    }

    fn network(&self, name: &str) -> Value {
        let network = &self.compose["networks"][name];
        holds_only(network, "name driver attachable internal");
        object([
            ("Name", json!(self.full_name("networks", name))),
            ("Driver", json!("overlay")),
            ("Attachable", network["attachable"].clone()),
            ("Internal", network["internal"].clone()),
            ("Labels", self.labels()),
        ])
    }

    fn service(&self, name: &str, service: &Value) -> Value {
        holds_only(service, SERVICE);
        let deploy = &service["deploy"];
        holds_only(deploy, DEPLOY);
        let mut labels = self.labels();
        labels["com.docker.stack.image"] = service["image"].clone();
        for (key, value) in entries(&deploy["labels"]) {
            labels[key] = json!(word(&value));
        }
        let logging = &service["logging"];
        object([
            ("Name", json!(format!("{}_{name}", self.stack))),
            ("Labels", labels),
            (
                "TaskTemplate",
                object([
                    ("ContainerSpec", self.container(service)),
                    ("Resources", resources(&deploy["resources"])),
                    ("RestartPolicy", restart_policy(&deploy["restart_policy"])),
                    ("Placement", placement(&deploy["placement"])),
                    ("Networks", self.attachments(name, &service["networks"])),
                    ("LogDriver", json!({"Name": logging["driver"], "Options": logging["options"]})),
                    ("ForceUpdate", json!(0)),
                ]),
            ),
            ("Mode", mode(deploy)),
            ("UpdateConfig", update_config(&deploy["update_config"])),
            ("RollbackConfig", update_config(&deploy["rollback_config"])),
            ("EndpointSpec", object([("Ports", ports(&service["ports"]))])),
        ])
    }

    fn container(&self, service: &Value) -> Value {
        let mut env: Vec<String> =
            entries(&service["environment"]).iter().map(|(k, v)| format!("{k}={}", word(v))).collect();
        env.sort();
        let args = match &service["command"] {
            Value::String(line) => json!(line.split_whitespace().collect::<Vec<_>>()),
            other => other.clone(),
        };
        object([
            ("Image", service["image"].clone()),
            ("Labels", self.labels()),
            ("Command", service["entrypoint"].clone()),
            ("Args", args),
            ("Env", json!(env)),
            ("User", service["user"].clone()),
            ("Init", service["init"].clone()),
            ("CapabilityAdd", service["cap_add"].clone()),
            ("StopGracePeriod", duration(&service["stop_grace_period"])),
            ("Healthcheck", healthcheck(&service["healthcheck"])),
            ("Mounts", items(&service["volumes"]).iter().map(|volume| self.mount(volume)).collect()),
            ("Secrets", self.parts(&service["secrets"], "secrets", "SecretName")),
            ("Configs", self.parts(&service["configs"], "configs", "ConfigName")),
        ])
    }

    fn mount(&self, volume: &Value) -> Value {
        let Some(line) = volume.as_str() else {
            assert_eq!(volume["type"], "tmpfs");
            let size = &volume["tmpfs"]["size"];
            return json!({"Type": "tmpfs", "Target": volume["target"], "TmpfsOptions": {"SizeBytes": size}});
        };
        let parts: Vec<&str> = line.split(':').collect();
        let (kind, source) = match parts[0].starts_with('/') {
            true => ("bind", parts[0].to_owned()),
            false => ("volume", self.full_name("volumes", parts[0])),
        };
        let read_only = if parts.get(2) == Some(&"ro") { json!(true) } else { Value::Null };
        object([("Type", json!(kind)), ("Source", json!(source)), ("Target", json!(parts[1])), ("ReadOnly", read_only)])
    }

    fn parts(&self, list: &Value, kind: &str, key: &str) -> Value {
        let part = |part: &Value| {
            let source = part.as_str().or(part["source"].as_str()).unwrap();
            let or = |key: &str, default: &str| part[key].as_str().unwrap_or(default).to_owned();
            let mode = match &part["mode"] {
                Value::String(octal) => u64::from_str_radix(octal, 8).unwrap(),
                Value::Null => 0o444,
                other => u64::from_str_radix(&other.to_string(), 8).unwrap(),
            };
            let file =
                json!({"Name": or("target", source), "UID": or("uid", "0"), "GID": or("gid", "0"), "Mode": mode});
            json!({"File": file, key: self.full_name(kind, source)})
        };
        items(list).iter().map(part).collect()
    }

    fn attachments(&self, service: &str, networks: &Value) -> Value {
        let joined: Vec<(String, Vec<Value>)> = match networks {
            Value::Array(names) => names.iter().map(|name| (word(name), Vec::new())).collect(),
            Value::Object(map) => map.iter().map(|(name, how)| (name.clone(), items(&how["aliases"]))).collect(),
            _ => vec![("default".to_owned(), Vec::new())],
        };
        let attachment = |(name, mut aliases): (String, Vec<Value>)| {
            aliases.push(json!(service));
            json!({"Target": self.full_name("networks", &name), "Aliases": aliases})
        };
        joined.into_iter().map(attachment).collect()
    }
}

fn mode(deploy: &Value) -> Value {
    let replicas = deploy["replicas"].as_u64().unwrap_or(1);
    match deploy["mode"].as_str().unwrap_or("replicated") {
        "replicated" => json!({"Replicated": {"Replicas": replicas}}),
        "global" => json!({"Global": {}}),
        "replicated-job" => json!({"ReplicatedJob": {"MaxConcurrent": replicas, "TotalCompletions": replicas}}),
        other => panic!("{other} is no mode"),
    }
}

fn placement(placement: &Value) -> Value {
    holds_only(placement, "constraints preferences max_replicas_per_node");
    let spread = |p: &Value| json!({"Spread": {"SpreadDescriptor": p["spread"]}});
    object([
        ("Constraints", placement["constraints"].clone()),
        ("Preferences", items(&placement["preferences"]).iter().map(spread).collect()),
        ("MaxReplicas", placement["max_replicas_per_node"].clone()),
    ])
}

fn resources(resources: &Value) -> Value {
    let section = |name: &str| {
        let section = &resources[name];
        holds_only(section, "cpus memory");
        let thousandths = (section["cpus"].as_str().unwrap().parse::<f64>().unwrap() * 1000.0).round();
        json!({"NanoCPUs": thousandths as u64 * 1_000_000, "MemoryBytes": bytes(section["memory"].as_str().unwrap())})
    };
    json!({"Limits": section("limits"), "Reservations": section("reservations")})
}

fn restart_policy(policy: &Value) -> Value {
    holds_only(policy, "condition delay window max_attempts");
    object([
        ("Condition", policy["condition"].clone()),
        ("Delay", duration(&policy["delay"])),
        ("Window", duration(&policy["window"])),
        ("MaxAttempts", policy["max_attempts"].clone()),
    ])
}

fn update_config(config: &Value) -> Value {
    if config.is_null() {
        return Value::Null;
    }
    holds_only(config, "parallelism order delay monitor failure_action");
    object([
        ("Parallelism", config["parallelism"].clone()),
        ("Delay", duration(&config["delay"])),
        ("FailureAction", config["failure_action"].clone()),
        ("Monitor", duration(&config["monitor"])),
        ("MaxFailureRatio", json!(0)),
        ("Order", config["order"].clone()),
    ])
}

fn healthcheck(check: &Value) -> Value {
    if check.is_null() {
        return Value::Null;
    }
    holds_only(check, "test interval timeout retries start_period");
    object([
        ("Test", check["test"].clone()),
        ("Interval", duration(&check["interval"])),
        ("Timeout", duration(&check["timeout"])),
        ("StartPeriod", duration(&check["start_period"])),
        ("Retries", check["retries"].clone()),
    ])
}

fn ports(ports: &Value) -> Value {
    let number = |value: &Value| word(value).parse::<u64>().unwrap();
    let port = |p: &Value| {
        json!({"Protocol": p["protocol"], "TargetPort": number(&p["target"]),
            "PublishedPort": number(&p["published"]), "PublishMode": p["mode"]})
    };
    items(ports).iter().map(port).collect()
}

/// JSON in which what fits into a line stands in one, so that a change is a few lines of a diff.
fn written(value: &Value, indent: usize) -> String {
    let short = value.to_string();
    let (open, close, lines): (char, char, Vec<String>) = match value {
        _ if indent > 1 && short.len() <= 100 => return short,
        Value::Object(map) => {
            let line = |(k, v): (&String, &Value)| format!("{}: {}", json!(k), written(v, indent + 1));
            ('{', '}', map.iter().map(line).collect())
        }
        Value::Array(list) => ('[', ']', list.iter().map(|v| written(v, indent + 1)).collect()),
        _ => return short,
    };
    let pad = " ".repeat(indent + 1);
    format!("{open}\n{pad}{}\n{}{close}", lines.join(&format!(",\n{pad}")), " ".repeat(indent))
}

#[test]
fn each_stack_of_the_demo_is_its_compose_file() {
    let dir = root().join("src/sim/demo/stacks");
    let bless = std::env::var_os("BLESS").is_some();
    let mut files = BTreeSet::new();
    for (stack, compose) in stacks() {
        let text = format!("{}\n", written(&Deployed { stack: &stack, compose: &compose }.whole(), 0));
        let file = format!("{stack}.json");
        if bless {
            fs::write(dir.join(&file), &text).unwrap();
        }
        let kept = fs::read_to_string(dir.join(&file)).unwrap_or_default();
        assert!(kept == text, "{file} is not its compose file any more: BLESS=1 cargo test --test demo_platform");
        files.insert(file);
    }
    let kept = fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    assert_eq!(kept.collect::<BTreeSet<_>>(), files);
}

#[test]
fn the_demo_shows_every_service_as_its_compose_file_says_it() {
    let sim = quiet();
    let mut expected = BTreeSet::new();
    for (stack, compose) in stacks() {
        for (short, wanted) in entries(&compose["services"]) {
            let name = format!("{stack}_{short}");
            let shown = sim.service(&name).unwrap_or_else(|| panic!("{name} is missing"));
            let template = &shown["Spec"]["TaskTemplate"];
            assert_eq!(template["ContainerSpec"]["Image"], wanted["image"], "{name}");
            assert_eq!(shown["Spec"]["Mode"], mode(&wanted["deploy"]), "{name}");
            let constraints = &wanted["deploy"]["placement"]["constraints"];
            assert_eq!(items(&template["Placement"]["Constraints"]), items(constraints), "{name}");
            let is_checked = template["ContainerSpec"].get("Healthcheck").is_some();
            assert_eq!(is_checked, wanted.get("healthcheck").is_some(), "{name}");
            expected.insert(name);
        }
    }
    let (scratch, shown): (BTreeSet<_>, BTreeSet<_>) =
        sim.services().into_iter().partition(|name| name.starts_with("scratch_"));
    assert_eq!(shown, expected);
    assert!(!scratch.is_empty(), "one stack has no folder");
    assert!(!root().join("stacks/application/scratch").exists());
}

#[test]
fn the_machines_of_the_demo_are_those_of_the_inventory() {
    let sim = quiet();
    let inventory = yaml(&root().join("inventory/hosts.yml"));
    let mut hosts = 0;
    for group in entries(&inventory["all"]["children"]).values() {
        for (name, host) in entries(&group["hosts"]) {
            let node = sim.node(&name).unwrap_or_else(|| panic!("{name} is missing"));
            assert_eq!(node["Spec"]["Role"], group["vars"]["swarm_role"], "{name}");
            assert_eq!(node["Status"]["Addr"], host["ansible_host"], "{name}");
            let labels = entries(&host["node_labels"]).into_iter().map(|(key, value)| (key, json!(word(&value))));
            assert_eq!(node["Spec"]["Labels"], Value::Object(labels.collect()), "{name}");
            let (cores, memory) = host["hardware"].as_str().unwrap().split_once(" cores, ").unwrap();
            let gibibytes = memory.split(' ').next().unwrap().parse::<u64>().unwrap();
            let resources = &node["Description"]["Resources"];
            assert_eq!(resources["NanoCPUs"], cores.parse::<u64>().unwrap() * 1_000_000_000, "{name}");
            assert_eq!(resources["MemoryBytes"], gibibytes << 30, "{name}");
            hosts += 1;
        }
    }
    assert_eq!(sim.nodes().len(), hosts);
}

#[test]
fn nothing_is_wrong_in_the_quiet_demo() {
    let sim = quiet();
    for _ in 0..60 {
        for name in sim.services() {
            let mode = &sim.service(&name).unwrap()["Spec"]["Mode"];
            let tasks = sim.tasks(&name);
            let state = |task: &Value| word(&task["Status"]["State"]);
            if mode.get("ReplicatedJob").is_some() {
                assert!(tasks.iter().all(|task| state(task) == "complete") && tasks.len() == 1, "{name}: {tasks:?}");
                continue;
            }
            let wanted = mode["Replicated"]["Replicas"].as_u64().unwrap_or(sim.nodes().len() as u64);
            assert_eq!(tasks.len() as u64, wanted, "{name} never needed another try");
            assert!(tasks.iter().all(|task| state(task) == "running"), "{name}: {tasks:?}");
        }
        sim.advance(std::time::Duration::from_secs(10));
    }
}
