//! The story DSL: what there is at the start, how images behave, what happens later.
//! The same story gives the same ids, the same placement, the same lines.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Sim;
use super::behaviour::{Behaviour, plain_image};
use super::build::{make_predefined, make_service};
use super::deed::Deed;
use super::wish::{Wish, service};
use super::world::World;
use crate::clock::Clock;

#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) hostname: String,
    pub(super) address: Option<String>,
    pub(super) manager: bool,
    pub(super) cpus: i64,
    pub(super) gibibytes: i64,
    pub(super) arch: String,
    pub(super) system: String,
    pub(super) engine: Option<String>,
    pub(super) availability: String,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) engine_labels: BTreeMap<String, String>,
}

/// What there is, and what happens.
#[derive(Debug, Clone)]
pub struct Scenario {
    seed: u64,
    now: Option<Timestamp>,
    age: Duration,
    history: Duration,
    api: (u32, u32),
    api_min: (u32, u32),
    pub(super) engine: String,
    pub(super) machines: Vec<Machine>,
    pub(super) networks: Vec<Value>,
    pub(super) secrets: Vec<(String, String)>,
    pub(super) configs: Vec<(String, String)>,
    pub(super) asked_configs: Vec<Value>,
    wishes: Vec<Wish>,
    stack: String,
    behaviours: BTreeMap<String, Behaviour>,
    unknown: BTreeSet<String>,
    later: Vec<(Duration, Deed)>,
    converged: bool,
    chatty: bool,
    down: Vec<String>,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            seed: 1,
            now: None,
            age: Duration::from_secs(3 * 86_400),
            history: Duration::from_secs(30),
            api: (1, 51),
            api_min: (1, 24),
            engine: "28.5.2".into(),
            machines: Vec::new(),
            networks: Vec::new(),
            secrets: Vec::new(),
            configs: Vec::new(),
            asked_configs: Vec::new(),
            wishes: Vec::new(),
            stack: String::new(),
            behaviours: BTreeMap::new(),
            unknown: BTreeSet::new(),
            later: Vec::new(),
            converged: true,
            chatty: true,
            down: Vec::new(),
        }
    }
}

impl Scenario {
    /// An empty story. Without nodes it gets one manager, `m1`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A swarm of five nodes with so many services that share so many tasks, quiet: for measuring.
    #[must_use]
    pub fn big(services: u64, tasks: u64) -> Self {
        let mut scenario = Self::new().managers(["m1", "m2", "m3"]).workers(["w1", "w2"]).silent();
        scenario.history = Duration::ZERO;
        for machine in &mut scenario.machines {
            (machine.cpus, machine.gibibytes) = (10_000, 100_000);
        }
        for n in 0..services {
            let share = tasks / services.max(1) + u64::from(n < tasks % services.max(1));
            let stack = format!("stack{:03}", n / 10);
            scenario =
                scenario.stack(&stack).service(service(&format!("service{n:04}")).image("nginx:1.27").replicas(share));
        }
        scenario
    }

    /// Another seed: other ids, other durations.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Simulated time starts at this clock's present.
    #[must_use]
    pub fn clock(self, clock: &dyn Clock) -> Self {
        self.starting(clock.now())
    }

    /// Simulated time starts at this moment. Unless told, that is 2026-03-14 12:00 UTC.
    #[must_use]
    pub fn starting(mut self, now: Timestamp) -> Self {
        self.now = Some(now);
        self
    }

    /// The API version offered and the least accepted, and the engine's own version.
    #[must_use]
    pub fn api(mut self, version: (u32, u32), least: (u32, u32), engine: &str) -> Self {
        (self.api, self.api_min, self.engine) = (version, least, engine.to_owned());
        self
    }

    /// Starts with nothing running yet: the services are there, their tasks are new.
    #[must_use]
    pub fn unconverged(mut self) -> Self {
        self.converged = false;
        self
    }

    /// Containers write no lines but their first.
    #[must_use]
    pub fn silent(mut self) -> Self {
        self.chatty = false;
        self
    }

    /// How much of their logs containers have written before the start.
    #[must_use]
    pub fn history(mut self, time: Duration) -> Self {
        self.history = time;
        self
    }

    /// Managers; the first of all leads.
    #[must_use]
    pub fn managers<const N: usize>(self, names: [&str; N]) -> Self {
        names.into_iter().fold(self, |s, name| s.machine(name, true))
    }

    /// Workers.
    #[must_use]
    pub fn workers<const N: usize>(self, names: [&str; N]) -> Self {
        names.into_iter().fold(self, |s, name| s.machine(name, false))
    }

    fn machine(mut self, name: &str, manager: bool) -> Self {
        self.machines.push(Machine {
            hostname: name.to_owned(),
            address: None,
            manager,
            cpus: 4,
            gibibytes: 8,
            arch: "x86_64".into(),
            system: "Debian GNU/Linux 13 (trixie)".into(),
            engine: None,
            availability: "active".into(),
            labels: BTreeMap::new(),
            engine_labels: BTreeMap::new(),
        });
        self
    }

    fn change(mut self, name: &str, change: impl FnOnce(&mut Machine)) -> Self {
        if let Some(machine) = self.machines.iter_mut().find(|m| m.hostname == name) {
            change(machine);
        }
        self
    }

    /// CPUs and GiB of a node.
    #[must_use]
    pub fn hardware(self, node: &str, cpus: i64, gibibytes: i64) -> Self {
        self.change(node, |m| (m.cpus, m.gibibytes) = (cpus, gibibytes))
    }

    /// Architecture of a node (`x86_64`, `aarch64`) and the name of its system.
    #[must_use]
    pub fn system(self, node: &str, arch: &str, system: &str) -> Self {
        self.change(node, |m| (m.arch, m.system) = (arch.to_owned(), system.to_owned()))
    }

    /// The engine version of one node, where it differs.
    #[must_use]
    pub fn engine(self, node: &str, version: &str) -> Self {
        self.change(node, |m| m.engine = Some(version.to_owned()))
    }

    /// The address of a node, unless the next of the documentation range will do.
    #[must_use]
    pub fn address(self, node: &str, address: &str) -> Self {
        self.change(node, |m| m.address = Some(address.to_owned()))
    }

    /// A label of a node.
    #[must_use]
    pub fn node_label(self, node: &str, key: &str, value: &str) -> Self {
        self.change(node, |m| drop(m.labels.insert(key.to_owned(), value.to_owned())))
    }

    /// A label of a node's engine.
    #[must_use]
    pub fn engine_label(self, node: &str, key: &str, value: &str) -> Self {
        self.change(node, |m| drop(m.engine_labels.insert(key.to_owned(), value.to_owned())))
    }

    /// Availability of a node: `active`, `pause`, `drain`.
    #[must_use]
    pub fn availability(self, node: &str, availability: &str) -> Self {
        self.change(node, |m| m.availability = availability.to_owned())
    }

    /// A node that is down at the start.
    #[must_use]
    pub fn down(mut self, node: &str) -> Self {
        self.down.push(node.to_owned());
        self
    }

    /// An overlay network, by its full name.
    #[must_use]
    pub fn network(self, name: &str) -> Self {
        self.asked_network(json!({"Name": name, "Driver": "overlay", "Attachable": true, "Labels": {}}))
    }

    /// A network as a client asks for it.
    pub(super) fn asked_network(mut self, asked: Value) -> Self {
        self.networks.push(asked);
        self
    }

    /// A secret, by its full name.
    #[must_use]
    pub fn secret(mut self, name: &str) -> Self {
        self.secrets.push((name.to_owned(), self.stack.clone()));
        self
    }

    /// A config, by its full name.
    #[must_use]
    pub fn config(mut self, name: &str) -> Self {
        self.configs.push((name.to_owned(), self.stack.clone()));
        self
    }

    /// A config as a client asks for it.
    pub(super) fn asked_config(mut self, asked: Value) -> Self {
        self.asked_configs.push(asked);
        self
    }

    /// The services (secrets, configs) that follow belong to this stack; the empty name ends that.
    #[must_use]
    pub fn stack(mut self, name: &str) -> Self {
        name.clone_into(&mut self.stack);
        self
    }

    /// A service. In a stack its full name is `STACK_NAME`, and without a network of its own it joins the stack's.
    #[must_use]
    pub fn service(mut self, wish: Wish) -> Self {
        self.wishes.push(if self.stack.is_empty() { wish } else { wish.in_stack(&self.stack) });
        self
    }

    /// A service whose whole spec is known, its stack included.
    pub(super) fn exactly(mut self, spec: Value) -> Self {
        self.wishes.push(Wish::exactly(spec));
        self
    }

    /// A one-shot that is to end well once.
    #[must_use]
    pub fn job(self, wish: Wish) -> Self {
        self.service(wish.job(1))
    }

    /// A service with one task on every node.
    #[must_use]
    pub fn global(self, wish: Wish) -> Self {
        self.service(wish.global())
    }

    /// What the containers of an image do.
    #[must_use]
    pub fn behaviour(mut self, image: &str, behaviour: Behaviour) -> Self {
        self.behaviours.insert(plain_image(image), behaviour);
        self
    }

    /// An image that the registry does not give.
    #[must_use]
    pub fn unknown_image(mut self, image: &str) -> Self {
        self.unknown.insert(plain_image(image));
        self
    }

    /// Something that happens so long after the start.
    #[must_use]
    pub fn after(mut self, time: Duration, deed: Deed) -> Self {
        self.later.push((time, deed));
        self
    }

    /// Makes the world. Its time stands still until the [`Sim`] is told otherwise.
    #[must_use]
    pub fn start(mut self) -> Sim {
        if self.machines.is_empty() {
            self = self.managers(["m1"]);
        }
        let start = self.now.unwrap_or_else(|| Timestamp::from_second(1_773_489_600).unwrap_or(Timestamp::UNIX_EPOCH));
        let before = SignedDuration::try_from(self.age + self.history).unwrap_or_default();
        let mut world = World::new(start.checked_sub(before).unwrap_or(start), self.seed);
        (world.cluster.api, world.cluster.api_min) = (self.api, self.api_min);
        world.cluster.engine.clone_from(&self.engine);
        world.images.behaviours = std::mem::take(&mut self.behaviours);
        world.images.unknown_to_registry = std::mem::take(&mut self.unknown);
        world.chatty = self.chatty;
        self.make_nodes(&mut world);
        make_predefined(&mut world);
        self.make_parts(&mut world);
        let first_tick = Duration::from_millis(100);
        if !self.converged {
            world.leap(start);
        }
        for wish in std::mem::take(&mut self.wishes) {
            make_service(&mut world, wish);
        }
        if self.converged {
            world.tick(first_tick);
            world.settle(Duration::from_secs(60));
            for node in &self.down {
                world.carry_out(Deed::NodeDown(node.clone()));
            }
            world.settle(Duration::from_secs(60));
            let history = SignedDuration::try_from(self.history).unwrap_or_default();
            world.leap(start.checked_sub(history).unwrap_or(start));
            world.tick(self.history);
        }
        for (time, deed) in self.later {
            world.after(time, deed);
        }
        Sim::new(world)
    }
}
