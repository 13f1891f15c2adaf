//! Where the inventory and the swarm say different things of a machine, and what others in the folder say of it. A
//! swarm that knows more than the inventory is no fault, and neither is the reverse: both are told.

use std::collections::BTreeMap;

use super::{Catalogue, HostNote, Node, Snapshot};

/// Labels that the playbooks of the folder leave alone.
const RESERVED: &str = "machine.";

/// What somebody beside the inventory says of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claim {
    /// Who says it, such as `the registry`.
    pub by: String,
    /// The machine.
    pub host: String,
    /// Its address; empty if nothing is said of it.
    pub address: String,
    /// Booted from the network, it is installed anew.
    pub installs: bool,
    /// Where it is written.
    pub place: String,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Apart {
    /// The machine.
    pub host: String,
    /// In one word: `missing`, `extra`, `address`, `role`, `label`, `claim`, `reinstall`.
    pub kind: &'static str,
    /// What differs.
    pub what: String,
    /// Where the folder says it; empty where only the swarm does.
    pub place: String,
    /// What to do.
    pub mend: String,
}

/// All differences, by machine. An inventory without hosts wishes nothing.
#[must_use]
pub fn apart(catalogue: &Catalogue, claims: &[Claim], swarm: &Snapshot) -> Vec<Apart> {
    let nodes: BTreeMap<&str, &Node> =
        swarm.nodes.values().map(|node| (node.hostname.as_str(), node.as_ref())).collect();
    let mut found = Vec::new();
    if !catalogue.hosts.is_empty() {
        let someone_has_a_role = catalogue.hosts.values().any(|note| note.role.is_some());
        for (name, note) in &catalogue.hosts {
            match nodes.get(name.as_str()) {
                Some(node) => differing(name, note, node, &mut found),
                // A machine without a role, as one that only stores, is no part of the swarm.
                None if note.role.is_none() && someone_has_a_role => {}
                None => {
                    let mend = "join it to the swarm, or take it out of the inventory";
                    tell(
                        &mut found,
                        name,
                        ("missing", note.place.clone()),
                        "it is in the inventory and not in the swarm".to_owned(),
                        mend,
                    );
                }
            }
        }
        for (name, node) in nodes.iter().filter(|(name, _)| !catalogue.hosts.contains_key(**name)) {
            let what = format!("it is in the swarm, at {}, and not in the inventory", node.reached_at());
            tell(
                &mut found,
                name,
                ("extra", String::new()),
                what,
                "add it to the inventory, or remove it from the swarm",
            );
        }
    }
    claimed(catalogue, claims, &nodes, &mut found);
    found.sort();
    found
}

fn tell(found: &mut Vec<Apart>, host: &str, (kind, place): (&'static str, String), what: String, mend: &str) {
    found.push(Apart { host: host.to_owned(), kind, what, place, mend: mend.to_owned() });
}

/// A machine that both know.
fn differing(name: &str, note: &HostNote, node: &Node, found: &mut Vec<Apart>) {
    let place = || note.place.clone();
    // A name stands for an address that only its resolver knows.
    let is_address = note.address.parse::<std::net::IpAddr>().is_ok();
    let live = node.reached_at();
    if is_address && !live.is_empty() && note.address != live {
        let what = format!("its address is {} in the inventory and {live} in the swarm", note.address);
        tell(
            found,
            name,
            ("address", place()),
            what,
            "correct the inventory, or let the node join again at its address",
        );
    }
    if let Some(role) = note.role.as_ref().filter(|role| **role != node.role) {
        let what = format!("it is a {} in the inventory and a {} in the swarm", role.as_str(), node.role.as_str());
        tell(found, name, ("role", place()), what, "promote or demote it, or correct the inventory");
    }
    for (key, label) in &note.labels {
        let at = || ("label", label.place.clone());
        match node.labels.get(key) {
            None => tell(
                found,
                name,
                at(),
                format!("the label {key}={} is wished and not there", label.value),
                "set it on the node",
            ),
            // A value that only Ansible knows may be the one.
            Some(live) if !label.value.is_empty() && !live.eq_ignore_ascii_case(&label.value) => {
                let what = format!("the label {key} is {live}, and {} is wished", label.value);
                tell(found, name, at(), what, "set it on the node, or correct the inventory");
            }
            Some(_) => {}
        }
    }
    for key in node.labels.keys().filter(|key| !note.labels.contains_key(*key) && !key.starts_with(RESERVED)) {
        let what = format!("the label {key} is there and not in the inventory");
        tell(found, name, ("label", place()), what, "add it to its node_labels, or remove it from the node");
    }
}

/// What others say of machines, against the inventory first and then the swarm.
fn claimed(catalogue: &Catalogue, claims: &[Claim], nodes: &BTreeMap<&str, &Node>, found: &mut Vec<Apart>) {
    for claim in claims {
        let (note, node) = (catalogue.hosts.get(&claim.host), nodes.get(claim.host.as_str()));
        let at = |kind| (kind, claim.place.clone());
        if note.is_none() && node.is_none() {
            let what = format!("{} has it, and neither the inventory nor the swarm does", claim.by);
            tell(found, &claim.host, at("claim"), what, "add it to the inventory, or take it out there");
            continue;
        }
        let known = note.map(|note| note.address.as_str()).filter(|address| !address.is_empty());
        let known = known.or(node.map(|node| node.reached_at())).unwrap_or_default();
        if claim.address.parse::<std::net::IpAddr>().is_ok() && !known.is_empty() && claim.address != known {
            let what = format!("{} has the address {}, and it is {known}", claim.by, claim.address);
            tell(found, &claim.host, at("claim"), what, "make both addresses the same");
        }
        if claim.installs && node.is_some_and(|node| node.is_ready()) {
            let what = format!("{} installs it anew when it boots from the network, and it is a ready node", claim.by);
            tell(found, &claim.host, at("reinstall"), what, "give it a profile that boots its disk");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::sample::node;
    use crate::model::{LabelNote, Role};

    fn note(address: &str, role: Role, labels: &[(&str, &str)]) -> HostNote {
        let label = |value: &str| LabelNote { value: value.to_owned(), place: "hosts.yml:9:1".to_owned() };
        HostNote {
            address: address.to_owned(),
            role: Some(role),
            labels: labels.iter().map(|(key, value)| ((*key).to_owned(), label(value))).collect(),
            place: "hosts.yml:2:1".to_owned(),
            ..HostNote::default()
        }
    }

    fn found(hosts: Vec<(&str, HostNote)>, claims: &[Claim], nodes: Vec<Node>) -> Vec<String> {
        let hosts = hosts.into_iter().map(|(name, note)| (name.to_owned(), note)).collect();
        let catalogue = Catalogue { hosts, ..Catalogue::default() };
        let nodes = nodes.into_iter().map(|node| (node.id.clone(), Arc::new(node))).collect();
        let swarm = Snapshot { nodes: Arc::new(nodes), ..Snapshot::default() };
        apart(&catalogue, claims, &swarm).into_iter().map(|one| format!("{} {}", one.host, one.kind)).collect()
    }

    fn at(mut node: Node, address: &str) -> Node {
        address.clone_into(&mut node.address);
        node
    }

    #[test]
    fn what_differs_is_told_and_what_agrees_is_not() {
        let live = || at(node("a").label("gpu", "True").label("machine.id", "x").build(), "192.0.2.1");
        let same = || note("192.0.2.1", Role::Worker, &[("gpu", "true")]);
        assert_eq!(found(vec![("a", same())], &[], vec![live()]), [""; 0]);
        for (wished, expected) in [
            (note("192.0.2.9", Role::Worker, &[("gpu", "true")]), vec!["a address"]),
            (note("a.example.test", Role::Worker, &[("gpu", "true")]), vec![]),
            (note("192.0.2.1", Role::Manager, &[("gpu", "true")]), vec!["a role"]),
            (note("192.0.2.1", Role::Worker, &[("gpu", "false")]), vec!["a label"]),
            (note("192.0.2.1", Role::Worker, &[]), vec!["a label"]),
            (note("192.0.2.1", Role::Worker, &[("gpu", ""), ("tor", "true")]), vec!["a label"]),
        ] {
            assert_eq!(found(vec![("a", wished)], &[], vec![live()]), expected);
        }
        assert_eq!(found(vec![("b", same())], &[], vec![live()]), ["a extra", "b missing"]);
        let store = || HostNote { role: None, ..same() };
        assert_eq!(found(vec![("a", same()), ("nas", store())], &[], vec![live()]), [""; 0], "it only stores");
        assert_eq!(
            found(vec![("a", store()), ("nas", store())], &[], vec![live()]),
            ["nas missing"],
            "no roles at all"
        );
        assert_eq!(found(vec![], &[], vec![live()]), [""; 0], "an inventory without hosts wishes nothing");
    }

    #[test]
    fn a_leader_that_sees_itself_nowhere_is_where_its_peers_reach_it() {
        let mut leader = at(node("a").manager(true).build(), "0.0.0.0");
        if let Some(manager) = &mut leader.manager {
            "192.0.2.1:2377".clone_into(&mut manager.address);
        }
        let wished = |address: &str| vec![("a", note(address, Role::Manager, &[]))];
        assert_eq!(found(wished("192.0.2.1"), &[], vec![leader.clone()]), [""; 0]);
        assert_eq!(found(wished("192.0.2.9"), &[], vec![leader]), ["a address"]);
    }

    #[test]
    fn what_others_say_of_machines_is_held_against_both() {
        let claim = |host: &str, address: &str, installs| Claim {
            by: "the registry".to_owned(),
            host: host.to_owned(),
            address: address.to_owned(),
            installs,
            place: "komodo/resources.toml:2:8".to_owned(),
        };
        let live = || vec![at(node("a").build(), "192.0.2.1")];
        let hosts = || vec![("a", note("192.0.2.1", Role::Worker, &[]))];
        assert_eq!(found(hosts(), &[claim("a", "192.0.2.1", false), claim("a", "a.test", false)], live()), [""; 0]);
        assert_eq!(
            found(hosts(), &[claim("a", "192.0.2.2", false), claim("z", "", false)], live()),
            ["a claim", "z claim"]
        );
        assert_eq!(found(hosts(), &[claim("a", "", true)], live()), ["a reinstall"]);
        assert_eq!(found(hosts(), &[claim("a", "", true)], vec![at(node("a").down().build(), "192.0.2.1")]), [""; 0]);
    }
}
