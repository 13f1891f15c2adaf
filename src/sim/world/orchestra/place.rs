//! The scheduler: which node takes a pending task. Always the same way, so that a story repeats itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::node::Node;
use super::super::task::{Place, State, Task};
use super::super::{Id, World, list, number, text};
use super::constraint::{fits_constraints, fits_platforms};

/// What a node already bears.
#[derive(Debug, Default)]
struct Load {
    tasks: u64,
    cpus: u64,
    memory: u64,
    host_ports: BTreeSet<String>,
    of_service: BTreeMap<Id, u64>,
}

impl Load {
    fn add(&mut self, task: &Task) {
        self.tasks += 1;
        self.cpus += number(&task.spec, "/Resources/Reservations/NanoCPUs");
        self.memory += number(&task.spec, "/Resources/Reservations/MemoryBytes");
        self.host_ports.extend(host_ports(&task.endpoint));
        *self.of_service.entry(task.service.clone()).or_default() += 1;
    }
}

fn host_ports(endpoint: &Value) -> impl Iterator<Item = String> + '_ {
    list(endpoint, "/Ports")
        .iter()
        .filter(|p| text(p, "/PublishMode") == "host" && number(p, "/PublishedPort") > 0)
        .map(|p| format!("{}/{}", number(p, "/PublishedPort"), text(p, "/Protocol")))
}

/// Why nodes did not fit, in the order swarm asks.
const REASONS: [(&str, &str); 6] = [
    ("1 node not available for new tasks", "{n} nodes not available for new tasks"),
    ("insufficient resources on 1 node", "insufficient resources on {n} nodes"),
    ("scheduling constraints not satisfied on 1 node", "scheduling constraints not satisfied on {n} nodes"),
    ("unsupported platform on 1 node", "unsupported platform on {n} nodes"),
    ("host-mode port already in use on 1 node", "host-mode port already in use on {n} nodes"),
    ("max replicas per node limit exceed", "max replicas per node limit exceed"),
];

fn first_objection(task: &Task, node: &Node, load: &Load) -> Option<usize> {
    let spec = &*task.spec;
    let free = |have: i64, used: u64| u64::try_from(have).unwrap_or(0).saturating_sub(used);
    let limit = number(spec, "/Placement/MaxReplicas");
    let of_service = load.of_service.get(&task.service).copied().unwrap_or(0);
    let objections = [
        !node.takes_tasks(),
        number(spec, "/Resources/Reservations/NanoCPUs") > free(node.nano_cpus, load.cpus)
            || number(spec, "/Resources/Reservations/MemoryBytes") > free(node.memory, load.memory),
        !fits_constraints(spec, node),
        !fits_platforms(spec, node),
        host_ports(&task.endpoint).any(|port| load.host_ports.contains(&port)),
        limit > 0 && of_service >= limit,
    ];
    objections.iter().position(|yes| *yes)
}

fn explain(objections: &BTreeMap<usize, u64>) -> String {
    let mut sorted: Vec<(usize, u64)> = objections.iter().map(|(why, n)| (*why, *n)).collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let said: Vec<String> = sorted
        .iter()
        .filter_map(|(why, n)| {
            let (one, many) = REASONS.get(*why)?;
            Some(if *n == 1 { (*one).to_owned() } else { many.replace("{n}", &n.to_string()) })
        })
        .collect();
    if said.is_empty() { "no suitable node".into() } else { format!("no suitable node ({})", said.join("; ")) }
}

impl World {
    /// Tries to place every task that waits for a node.
    pub(in super::super) fn place_pending(&mut self) {
        if self.pending.is_empty() || !self.has_leader() {
            return;
        }
        let mut loads: BTreeMap<Id, Load> = self.nodes.keys().map(|id| (id.clone(), Load::default())).collect();
        for task in self.tasks.values().filter(|t| t.state >= State::Assigned && t.state <= State::Running) {
            if let Some(load) = task.node.as_ref().and_then(|n| loads.get_mut(n)) {
                load.add(task);
            }
        }
        let mut waiting: Vec<(u64, Id)> =
            self.pending.iter().filter_map(|id| Some((self.tasks.get(id)?.index, id.clone()))).collect();
        waiting.sort();
        for (_, id) in waiting {
            self.place_one(&id, &mut loads);
        }
    }

    fn place_one(&mut self, id: &Id, loads: &mut BTreeMap<Id, Load>) {
        let Some(task) = self.tasks.get(id) else {
            self.pending.remove(id);
            return;
        };
        let chosen = match choose(task, &self.nodes, loads) {
            Ok(node) => node,
            Err(why) => {
                if let Some(task) = self.tasks.get_mut(id)
                    && task.err.as_deref() != Some(why.as_str())
                {
                    self.index += 1;
                    task.index = self.index;
                    task.updated = self.now;
                    task.at = self.now;
                    task.err = Some(why);
                }
                return;
            }
        };
        self.pending.remove(id);
        if let Some(task) = self.tasks.get_mut(id) {
            task.node = Some(chosen.clone());
            task.err = None;
            if let Some(load) = loads.get_mut(&chosen) {
                load.add(task);
            }
        }
        self.walk(id, State::Assigned);
        let wait = self.millis(20, 80);
        self.wake_task(id, wait);
    }
}

fn choose(task: &Task, nodes: &BTreeMap<Id, Node>, loads: &BTreeMap<Id, Load>) -> Result<Id, String> {
    let none = Load::default();
    let load = |id: &Id| loads.get(id).unwrap_or(&none);
    let mut objections: BTreeMap<usize, u64> = BTreeMap::new();
    let mut fit: Vec<&Node> = Vec::new();
    let preset = match &task.place {
        Place::Node(id) => Some(id),
        Place::Slot(_) => None,
    };
    for node in nodes.values().filter(|n| preset.is_none_or(|id| *id == n.id)) {
        match first_objection(task, node, load(&node.id)) {
            Some(why) => *objections.entry(why).or_default() += 1,
            None => fit.push(node),
        }
    }
    // Spread by the preferred label first: the value that bears least of this service wins.
    let spread = list(&task.spec, "/Placement/Preferences")
        .iter()
        .find_map(|p| text(p, "/Spread/SpreadDescriptor").strip_prefix("node.labels."));
    let of_service = |n: &Node| load(&n.id).of_service.get(&task.service).copied().unwrap_or(0);
    let in_group = |n: &Node| match spread {
        Some(label) => nodes.values().filter(|o| o.label(label) == n.label(label)).map(of_service).sum(),
        None => 0,
    };
    fit.into_iter()
        .min_by(|a, b| {
            let key = |n: &Node| (in_group(n), of_service(n), load(&n.id).tasks);
            key(a).cmp(&key(b)).then_with(|| a.hostname.cmp(&b.hostname))
        })
        .map(|n| n.id.clone())
        .ok_or_else(|| explain(&objections))
}
