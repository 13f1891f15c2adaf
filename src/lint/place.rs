//! Where services may run, judged against the hosts of the inventory. Labels that only Ansible knows, and machines that
//! the inventory leaves out, may fit: only what certainly fits nowhere is told.

use std::collections::{BTreeMap, BTreeSet};

use super::Folder;
use super::service::Service;
use super::stack::{Scene, Word};
use crate::diag::{Finding, Spot};
use crate::platform::{Host, machine_of, mend, rules};

/// A constraint, taken apart.
struct Constraint<'a> {
    key: &'a str,
    equal: bool,
    value: &'a str,
}

/// The hosts that a service may run on.
pub struct Hosts<'a> {
    known: &'a BTreeMap<String, Host>,
    /// Machines that the folder names and the inventory does not.
    others: BTreeSet<String>,
}

impl<'a> Hosts<'a> {
    /// Those of the folder.
    pub fn of(folder: &'a Folder<'_>) -> Self {
        let known = &folder.platform.inventory.hosts;
        let servers = folder.platform.registry.servers.iter().map(|server| machine_of(server, known));
        Self { known, others: servers.filter(|name| !known.contains_key(name)).collect() }
    }

    /// Whether the service can run on one host only.
    pub fn pins(&self, service: &Service) -> bool {
        is_pinned(service) || (self.others.is_empty() && !self.known.is_empty() && self.fitting(service).len() == 1)
    }

    /// Names of hosts of the inventory that the service may run on.
    pub fn fitting(&self, service: &Service) -> BTreeSet<&'a str> {
        let fits = |name: &str, host: &Host| constraints(service).all(|one| fits(name, host, &one) != Some(false));
        // Where roles are given, a machine without one, as one that only stores, is no part of the swarm.
        let roles = self.known.values().any(|host| host.note.role.is_some());
        let joins = |host: &Host| !roles || host.note.role.is_some();
        self.known
            .iter()
            .filter(|(name, host)| joins(host) && fits(name, host))
            .map(|(name, _)| name.as_str())
            .collect()
    }
}

fn parse(text: &str) -> Option<Constraint<'_>> {
    let (equal, (key, value)) = match (text.split_once("=="), text.split_once("!=")) {
        (Some(pair), _) => (true, pair),
        (None, pair) => (false, pair?),
    };
    let (key, value) = (key.trim(), value.trim());
    (!key.is_empty() && !value.is_empty() && !key.contains(' ')).then_some(Constraint { key, equal, value })
}

fn constraints(service: &Service) -> impl Iterator<Item = Constraint<'_>> {
    service.constraints.iter().filter(|word| !word.is_open()).filter_map(|word| parse(&word.text))
}

/// The name of the host that the service is bound to, if it says one.
fn bound_to(service: &Service) -> Option<&str> {
    let names = |one: &Constraint<'_>| one.equal && one.key.eq_ignore_ascii_case("node.hostname");
    constraints(service).find(names).map(|one| one.value)
}

/// It names the one node that it may run on.
pub fn is_pinned(service: &Service) -> bool {
    let by_id = |one: Constraint<'_>| one.equal && one.key.eq_ignore_ascii_case("node.id");
    bound_to(service).is_some() || constraints(service).any(by_id)
}

/// Whether a host meets a constraint, where that can be known.
fn fits(name: &str, host: &Host, one: &Constraint<'_>) -> Option<bool> {
    let actual = match one.key.to_ascii_lowercase().as_str() {
        "node.hostname" => name,
        "node.role" => host.note.role.as_ref()?.as_str(),
        _ => {
            let label = label(one.key)?;
            match host.labels.get(label) {
                Some(label) if label.value.is_empty() => return None,
                Some(label) => label.value.as_str(),
                None => "",
            }
        }
    };
    Some(actual.eq_ignore_ascii_case(one.value) == one.equal)
}

/// The label of a node that a key asks for.
fn label(key: &str) -> Option<&str> {
    const LABELS: &str = "node.labels.";
    key.get(..LABELS.len()).filter(|start| start.eq_ignore_ascii_case(LABELS)).and_then(|_| key.get(LABELS.len()..))
}

/// Constraints that nobody can read.
pub fn shapes(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services() {
        for word in service.constraints.iter().filter(|word| !word.is_open() && parse(&word.text).is_none()) {
            let what = format!("the constraint `{}` of {} of {} is none", word.text, service.key, stack.name());
            let mend = "write it as `node.labels.NAME == VALUE`, with == or !=";
            findings.push(rules::CONSTRAINT_SHAPE.broken(word.spot.clone(), what, mend));
        }
    }
}

/// Services that fit nowhere. An inventory without hosts tells nothing.
pub fn unmet(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let hosts = Hosts::of(scene.folder);
    if hosts.known.is_empty() || !hosts.others.is_empty() {
        return;
    }
    for (stack, service) in scene.services().filter(|(_, service)| service.is_lasting() || service.is_job) {
        let Some(first) = service.constraints.first().filter(|_| hosts.fitting(service).is_empty()) else { continue };
        // A host that is in no inventory is told by itself, once.
        if bound_to(service).is_some_and(|name| !hosts.known.keys().any(|known| known.eq_ignore_ascii_case(name))) {
            continue;
        }
        let said: Vec<&str> = service.constraints.iter().map(|word| word.text.as_str()).collect();
        let what = format!("no host meets {} of {} of {}", said.join(", "), service.key, stack.name());
        findings.push(rules::CONSTRAINT_UNMET.broken(first.spot.clone(), what, hint(service, hosts.known)));
    }
}

fn hint(service: &Service, hosts: &BTreeMap<String, Host>) -> String {
    let known: BTreeSet<&str> = hosts.values().flat_map(|host| host.labels.keys()).map(String::as_str).collect();
    let known: Vec<&str> = known.into_iter().collect();
    let lacking = constraints(service).find_map(|one| {
        let label = label(one.key).filter(|_| one.equal)?;
        (!known.contains(&label)).then(|| (label.to_owned(), one.value.to_owned()))
    });
    match lacking {
        Some((label, value)) if known.is_empty() => format!("add {label}: {value} to the node_labels of a host"),
        Some((label, value)) => {
            format!("add {label}: {value} to the node_labels of a host, or {}", mend(&label, &known))
        }
        None => "change the constraints, or the labels and roles of the hosts".to_owned(),
    }
}

/// Machines that the folder relies on and that the inventory leaves out, each once.
pub fn left_out(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let folder = scene.folder;
    let hosts = &folder.platform.inventory.hosts;
    if hosts.is_empty() {
        return;
    }
    let servers = folder.platform.registry.servers.iter();
    let mut named: Vec<(String, Spot, &str)> =
        servers.map(|server| (machine_of(server, hosts), server.spot.clone(), "is registered as a server")).collect();
    for (_, service) in scene.services() {
        if let (Some(name), Some(Word { spot, .. })) = (bound_to(service), service.constraints.first()) {
            named.push((name.to_owned(), spot.clone(), "is named by constraints"));
        }
    }
    let names: Vec<&str> = hosts.keys().map(String::as_str).collect();
    let mut told: BTreeSet<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    for (name, spot, how) in named {
        if told.insert(name.to_ascii_lowercase()) {
            let what = format!("{name} {how}, and the inventory does not have it");
            let mend = format!("add {name} to the inventory, or {}", mend(&name, &names));
            findings.push(rules::INVENTORY_LACKS.broken(spot, what, mend));
        }
    }
}

/// Labels that services are placed by and pre-flights do not demand, where the folder checks labels so at all.
pub fn undemanded(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let demands = |note: &crate::platform::StackNote| {
        let labels = note.preflight.iter().flat_map(|preflight| &preflight.labels);
        labels.map(|label| label.key.clone()).collect::<BTreeSet<String>>()
    };
    if scene.folder.depth.stacks.values().all(|note| demands(note).is_empty()) {
        return;
    }
    for stack in scene.swarm() {
        let mut known = demands(stack.note);
        for service in &stack.services {
            for word in &service.constraints {
                let Some(one) = parse(&word.text).filter(|one| one.equal) else { continue };
                let Some(label) = label(one.key) else { continue };
                if known.insert(label.to_owned()) {
                    let what = format!(
                        "{} is placed by the label {label}, and its pre-flight does not ask for it",
                        stack.name()
                    );
                    let mend = format!("add `- {label}: \"{}\"` to validate.labels of its pre-flight.yml", one.value);
                    findings.push(rules::PREFLIGHT_UNLABELLED.broken(word.spot.clone(), what, mend));
                }
            }
        }
    }
}

/// How labels of hosts with a graphics card begin. A chip that every processor has is made to be shared.
const CARDS: [&str; 2] = ["gpu", "nvidia"];

/// Services that only the one host with a card can take.
pub fn cards(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let hosts = &scene.folder.platform.inventory.hosts;
    let mut takers: BTreeMap<&str, Vec<(String, &Spot)>> = BTreeMap::new();
    for (stack, service) in scene.services().filter(|(stack, one)| stack.filed.off.is_none() && one.is_lasting()) {
        for word in &service.constraints {
            let wanted = parse(&word.text).filter(|one| one.equal).and_then(|one| label(one.key));
            if let Some(label) = wanted.filter(|label| CARDS.iter().any(|card| label.starts_with(card))) {
                takers.entry(label).or_default().push((stack.own(service), &word.spot));
            }
        }
    }
    for (label, takers) in takers.iter().filter(|(_, takers)| takers.len() > 1) {
        let mut having = hosts.iter().filter(|(_, host)| host.labels.contains_key(*label));
        let (Some((host, _)), None, Some((_, spot))) = (having.next(), having.next(), takers.last()) else { continue };
        let who: Vec<&str> = takers.iter().map(|(who, _)| who.as_str()).collect();
        let what = format!("{} all run on {host}, the only host with the label {label}", who.join(", "));
        let mend = "see that its card holds them all, or give the label to another host";
        findings.push(rules::GPU_SHARED.broken((*spot).clone(), what, mend));
    }
}
