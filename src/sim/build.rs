//! From a scenario to its world: nodes, networks, parts, services, in the order in which they need each other.

use std::time::Duration;

use serde_json::{Value, json};

use super::http::{networks, parts};
use super::scenario::Scenario;
use super::wish::Wish;
use super::world::node::Node;
use super::world::parts::Network;
use super::world::{Id, World};

impl Scenario {
    pub(super) fn make_nodes(&self, world: &mut World) {
        for (n, machine) in self.machines.iter().enumerate() {
            let (id, index) = (world.rng.id(), world.bump());
            let role = if machine.manager { "manager" } else { "worker" };
            let created = world.now + Duration::from_secs(60 * n as u64);
            let node = Node {
                id: id.clone(),
                index,
                created,
                updated: created,
                spec: json!({"Labels": machine.labels, "Role": role, "Availability": machine.availability}),
                hostname: machine.hostname.clone(),
                addr: machine.address.clone().unwrap_or_else(|| format!("192.0.2.{}", 10 + n)),
                nano_cpus: machine.cpus * 1_000_000_000,
                memory: machine.gibibytes << 30,
                os: "linux".into(),
                arch: machine.arch.clone(),
                engine: machine.engine.clone().unwrap_or_else(|| self.engine.clone()),
                system: machine.system.clone(),
                engine_labels: machine.engine_labels.clone(),
                up: true,
            };
            world.nodes.insert(id, node);
        }
        world.elect();
    }

    pub(super) fn make_parts(&self, world: &mut World) {
        // Their names come from the author of the scenario: a refusal would only repeat what a test sees anyway.
        for asked in &self.networks {
            let _ = networks::create(world, asked.clone());
        }
        for asked in &self.asked_configs {
            let _ = parts::create(world, asked.clone(), false);
        }
        for (all, secret) in [(&self.secrets, true), (&self.configs, false)] {
            for (name, stack) in all {
                let labels = if stack.is_empty() { json!({}) } else { json!({"com.docker.stack.namespace": stack}) };
                let _ = parts::create(world, json!({"Name": name, "Labels": labels, "Data": "c2ltdWxhdGVk"}), secret);
            }
        }
    }
}

pub(super) fn make_predefined(world: &mut World) {
    for (name, driver, scope, ingress) in [
        ("bridge", "bridge", "local", false),
        ("host", "host", "local", false),
        ("none", "null", "local", false),
        ("docker_gwbridge", "bridge", "local", false),
        ("ingress", "overlay", "swarm", true),
    ] {
        let id: Id = if scope == "swarm" { world.rng.id() } else { world.rng.hex(64) };
        let network = Network {
            id: id.clone(),
            name: name.into(),
            created: world.now,
            driver: driver.into(),
            scope: scope.into(),
            ingress,
            predefined: !ingress && name != "docker_gwbridge",
            subnet: ingress.then_some(0),
            asked: json!({}),
        };
        world.networks.insert(id, network);
    }
}

pub(super) fn make_service(world: &mut World, mut wish: Wish) {
    if wish.networks.is_empty() && !wish.stack.is_empty() {
        let name = format!("{}_default", wish.stack);
        if !world.networks.values().any(|n| n.name == name) {
            let labels = json!({"com.docker.stack.namespace": wish.stack});
            let _ = networks::create(world, json!({"Name": name, "Driver": "overlay", "Labels": labels}));
        }
        wish.networks.push(name);
    }
    let alias = wish.name.rsplit('_').next().unwrap_or(&wish.name).to_owned();
    let networks: Vec<Value> = wish.networks.iter().map(|n| json!({"Target": n, "Aliases": [alias]})).collect();
    if !networks.is_empty() {
        super::world::set(&mut wish.spec, "/TaskTemplate", "Networks", Value::Array(networks));
    }
    for (key, id, named, names, store) in [
        ("Secrets", "SecretID", "SecretName", &wish.secrets, &world.secrets),
        ("Configs", "ConfigID", "ConfigName", &wish.configs, &world.configs),
    ] {
        let Some(container) = wish.spec.pointer_mut("/TaskTemplate/ContainerSpec") else { continue };
        let mut refs = super::world::list(container, &format!("/{key}")).to_vec();
        let file = |name: &str| json!({"Name": name, "UID": "0", "GID": "0", "Mode": 292});
        refs.extend(names.iter().map(|name| json!({"File": file(name), named: name})));
        for one in &mut refs {
            let found = store.values().find(|part| one.get(named).is_some_and(|name| name == part.name()));
            if let Some(part) = found {
                super::world::set(one, "", id, json!(part.id));
            }
        }
        if !refs.is_empty() {
            super::world::set(container, "", key, Value::Array(refs));
        }
    }
    if let Err(refusal) = world.create_service(wish.spec) {
        tracing::error!(service = wish.name, why = refusal.message, "the scenario's service was refused");
    }
}
