//! The embedded demo is the platform of this repository: what its compose files and its inventory say, it shows.
//!
//! The simulator reads no YAML, so each stack lies beside it as the requests that `docker stack deploy` would send
//! (`src/sim/demo/stacks/STACK.json`). They are written by `BLESS=1 cargo test --test demo_platform`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use quarterdeck::clock::FixedClock;
use quarterdeck::model::Filed;
use quarterdeck::platform::{self, Files};
use quarterdeck::sim::{self, Sim};
use quarterdeck::stack::{self, Kind, Source, Sources, Wish, WishedPart};
use serde_json::{Map, Value, json};

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

/// The stacks by name, as the program reads them with the values that it brings along.
fn stacks() -> Vec<(String, Wish)> {
    let files = Files::shipped();
    let values = platform::values(&files, BTreeMap::new()).unwrap();
    let read = |filed: Filed| {
        let source = Source { name: filed.file.clone(), text: files.text(&filed.file).unwrap().into() };
        let wish = stack::read(&filed.name, Sources(vec![source]), filed.file.parent().unwrap(), &files, &values.all());
        let wish = wish.unwrap_or_else(|faults| panic!("{}: {faults:#?}", filed.name));
        (filed.name, wish)
    };
    let filed = platform::read(&files).catalogue.stacks.into_values().filter(Filed::is_awaited);
    let stacks: Vec<_> = filed.map(read).collect();
    assert!(stacks.len() > 10, "the stacks were not found");
    stacks
}

fn entries(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// A scalar as text, as an environment or a label holds it.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Everything a stack asks for. Its secrets are made by hand, before it.
fn whole(wish: &Wish) -> Value {
    assert!(wish.secrets.is_empty(), "all secrets are made by hand");
    let config = |part: &WishedPart| {
        let mut body = part.body.clone();
        body["Data"] = json!(STANDARD.encode(&*part.payload.as_ref().unwrap().0));
        body
    };
    let secrets = wish.externals.iter().filter(|part| part.kind == Kind::Secret).map(|part| part.name.as_str());
    json!({
        "stack": wish.stack,
        "networks": wish.networks.iter().map(|network| &network.body).collect::<Vec<_>>(),
        "secrets": secrets.collect::<Vec<_>>(),
        "configs": wish.configs.iter().map(config).collect::<Vec<_>>(),
        "services": wish.services.iter().map(|service| &service.body).collect::<Vec<_>>(),
    })
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
    for (stack, wish) in stacks() {
        let text = format!("{}\n", written(&whole(&wish), 0));
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
    for (_, wish) in stacks() {
        for wanted in &wish.services {
            let name = &wanted.name;
            let shown = sim.service(name).unwrap_or_else(|| panic!("{name} is missing"));
            let template = &shown["Spec"]["TaskTemplate"];
            for part in ["/ContainerSpec/Image", "/ContainerSpec/Env", "/ContainerSpec/Healthcheck", "/Placement"] {
                let wanted = wanted.body["TaskTemplate"].pointer(part);
                assert_eq!(template.pointer(part), wanted, "{name}{part}");
            }
            expected.insert(name.clone());
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
