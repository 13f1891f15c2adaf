//! The groups of an inventory and the hosts in them, merged over all its files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::page::{Page, word};
use super::super::reader::Reader;
use super::super::rules;
use super::range;
use super::vars::{self, Vars};
use crate::diag::{Finding, Spot};
use crate::stack::{Map, Node};

/// What the body of a group may hold.
const KEYS: [&str; 3] = ["hosts", "vars", "children"];

/// A group.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// Where it is first written.
    pub spot: Spot,
    /// Its variables.
    pub vars: Vars,
    /// Groups in it.
    pub children: BTreeSet<String>,
}

/// A host as the groups name it.
#[derive(Debug, Clone, Default)]
pub struct Member {
    /// Where it is first written.
    pub spot: Spot,
    /// Groups that name it.
    pub groups: BTreeSet<String>,
    /// Variables beside its name.
    pub vars: Vars,
    /// The port behind its name.
    pub port: Option<u16>,
}

/// All groups and hosts by name.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    /// Groups by name.
    pub groups: BTreeMap<String, Group>,
    /// Hosts by name.
    pub hosts: BTreeMap<String, Member>,
    /// How many groups lie above each group, where any do.
    depths: BTreeMap<String, usize>,
}

impl Groups {
    /// Merges one file in; what it says wins over what came before.
    pub fn read(&mut self, page: &Page, findings: &mut Vec<Finding>) {
        let page = Arc::new(page.clone());
        let Some(root) = &page.root else { return };
        let mut reader = Reader::new(&page, &rules::INVENTORY_SHAPE, findings);
        let Some(top) = reader.map("the inventory", root) else { return };
        if let Some(plugin) = top.entry("plugin").filter(|entry| entry.node.text().is_some()) {
            let what =
                format!("the plugin {} finds hosts that Ansible alone knows", plugin.node.text().unwrap_or_default());
            let mend = "nothing needs to be done, unless Quarterdeck should know those hosts";
            let finding = rules::INVENTORY_OPAQUE.broken(reader.at(plugin.place), what, mend);
            reader.findings.push(finding);
            return;
        }
        self.groups(top, None, &page, &mut reader);
    }

    fn groups(&mut self, groups: &Map, parent: Option<&str>, page: &Arc<Page>, reader: &mut Reader<'_>) {
        for entry in &groups.0 {
            if let Some(parent) = parent.and_then(|parent| self.groups.get_mut(parent)) {
                parent.children.insert(entry.key.clone());
            }
            let spot = reader.at(entry.place);
            self.groups.entry(entry.key.clone()).or_insert_with(|| Group { spot, ..Group::default() });
            self.group(&entry.key, &entry.node, page, reader);
        }
    }

    fn group(&mut self, name: &str, body: &Node, page: &Arc<Page>, reader: &mut Reader<'_>) {
        let Some(body) = reader.map(&format!("the group {name}"), body) else { return };
        reader.known(&format!("the group {name}"), body, &KEYS);
        if let Some(vars) = body.get("vars").and_then(|node| reader.map(&format!("vars of {name}"), node))
            && let Some(group) = self.groups.get_mut(name)
        {
            group.vars.extend(vars::of_map(vars, page));
        }
        if let Some(hosts) = body.get("hosts").and_then(|node| reader.map(&format!("hosts of {name}"), node)) {
            self.hosts(name, hosts, page, reader);
        }
        if let Some(children) = body.get("children").and_then(|node| reader.map(&format!("children of {name}"), node)) {
            self.groups(children, Some(name), page, reader);
        }
    }

    fn hosts(&mut self, group: &str, hosts: &Map, page: &Arc<Page>, reader: &mut Reader<'_>) {
        for entry in &hosts.0 {
            let (names, port) = match range::names(&entry.key) {
                Ok(names) => names,
                Err(why) => {
                    let what = format!("`{}` names no hosts: {why}", entry.key);
                    reader.wrong(entry.place, what, "write the name of a host, or a range such as node[01:03]");
                    continue;
                }
            };
            let vars = reader.map(&format!("the host {}", entry.key), &entry.node);
            for name in names {
                let spot = reader.at(entry.place);
                let member = self.hosts.entry(name).or_insert_with(|| Member { spot, ..Member::default() });
                member.groups.insert(group.to_owned());
                member.port = port.or(member.port);
                if let Some(vars) = vars {
                    member.vars.extend(vars::of_map(vars, page));
                }
            }
        }
    }

    /// Takes out each child through which a group would hold itself, and tells it.
    pub fn break_circles(&mut self, findings: &mut Vec<Finding>) {
        let names: Vec<String> = self.groups.keys().cloned().collect();
        for name in &names {
            let children = self.groups.get(name).map(|group| group.children.clone()).unwrap_or_default();
            for child in &children {
                if !self.below(child).contains(name) {
                    continue;
                }
                let Some(group) = self.groups.get_mut(name) else { continue };
                group.children.remove(child);
                let what = format!("the group {name} holds itself, through {child}");
                let mend = format!("take {child} out of the children of {name}");
                findings.push(rules::INVENTORY_SHAPE.broken(group.spot.clone(), what, mend));
            }
        }
        self.measure();
    }

    /// A group and all groups in it.
    fn below(&self, name: &str) -> BTreeSet<String> {
        let mut below = BTreeSet::new();
        let mut waiting = vec![name.to_owned()];
        while let Some(name) = waiting.pop() {
            if let Some(group) = self.groups.get(&name) {
                waiting.extend(group.children.iter().filter(|child| !below.contains(*child)).cloned());
            }
            below.insert(name);
        }
        below
    }

    /// All groups that hold a host, parents before children.
    pub fn of_host(&self, host: &str) -> Vec<String> {
        let Some(member) = self.hosts.get(host) else { return Vec::new() };
        let mut holding: BTreeSet<String> = member.groups.clone();
        let mut waiting: Vec<String> = member.groups.iter().cloned().collect();
        while let Some(name) = waiting.pop() {
            for (parent, _) in self.groups.iter().filter(|(_, group)| group.children.contains(&name)) {
                if holding.insert(parent.clone()) {
                    waiting.push(parent.clone());
                }
            }
        }
        let mut holding: Vec<String> = holding.into_iter().filter(|name| name != "all").collect();
        holding.sort_by_cached_key(|name| (self.depths.get(name).copied(), self.priority(name), name.clone()));
        holding
    }

    /// Of groups that lie equally deep the one with the higher number wins.
    fn priority(&self, name: &str) -> i64 {
        let said = self.groups.get(name).and_then(|group| group.vars.get("ansible_group_priority"));
        said.and_then(|said| word(&said.node)?.parse().ok()).unwrap_or(1)
    }

    /// How many groups lie above each group, on the longest way. Circles were broken before, so no way is longer than
    /// there are groups.
    fn measure(&mut self) {
        for _ in 0..self.groups.len() {
            let mut moved = false;
            for (parent, group) in &self.groups {
                let below = self.depths.get(parent).copied().unwrap_or_default() + 1;
                for child in &group.children {
                    if self.depths.get(child).is_none_or(|depth| *depth < below) {
                        self.depths.insert(child.clone(), below);
                        moved = true;
                    }
                }
            }
            if !moved {
                return;
            }
        }
    }
}
