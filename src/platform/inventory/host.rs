//! A host of the inventory: what is said of it, each with its place.

use std::collections::BTreeMap;

use super::super::page::{spoken, word};
use super::super::rules;
use super::super::values::Values;
use super::groups::{Groups, Member};
use super::jinja::Meaning;
use super::vars::{Variable, Vars};
use crate::diag::{Finding, Spot};
use crate::model::{HostNote, LabelNote, Role};
use crate::stack::{Node, Value};

/// A host.
#[derive(Debug, Clone, Default)]
pub struct Host {
    /// What the rest of the program needs to know of it.
    pub note: HostNote,
    /// Where its name stands first.
    pub spot: Spot,
    /// Labels it should have in the swarm.
    pub labels: BTreeMap<String, Label>,
    /// Every variable that holds for it.
    pub vars: Vars,
}

/// A wished label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Its value; empty if only Ansible knows it.
    pub value: String,
    /// Where its name stands.
    pub spot: Spot,
}

/// What a host is judged by, and what was found.
pub struct Judge<'a> {
    /// All groups.
    pub groups: &'a Groups,
    /// Values for look-ups.
    pub values: &'a Values,
    /// What was found.
    pub findings: &'a mut Vec<Finding>,
}

impl Host {
    /// A host with all that is said of it.
    pub fn of(name: &str, member: &Member, vars: Vars, judge: &mut Judge<'_>) -> Self {
        let mut asked = Asked { host: name, vars: &vars, judge };
        let port = asked.text(&["ansible_port", "ansible_ssh_port"]).and_then(|(text, variable)| {
            let port = text.trim().parse().ok().filter(|port: &u16| *port > 0);
            if port.is_none() {
                asked.wrong(
                    variable,
                    format!("the port of {name} is no number from 1 to 65535"),
                    "write a port such as 22",
                );
            }
            port
        });
        let labels = asked.labels();
        let mut plain = |names: &[&str]| asked.text(names).map(|(text, _)| text).unwrap_or_default();
        let note = HostNote {
            platform: plain(&["platform"]),
            hardware: plain(&["hardware"]),
            address: plain(&["ansible_host", "ansible_ssh_host"]),
            user: plain(&["ansible_user", "ansible_ssh_user"]),
            key: plain(&["ansible_ssh_private_key_file", "ansible_private_key_file"]),
            responsibilities: asked.words("responsibilities"),
            port: port.or(member.port),
            r#become: asked.truth("ansible_become"),
            role: asked.role(member),
            labels: labels.iter().map(|(key, label)| (key.clone(), label.note())).collect(),
            groups: asked.judge.groups.of_host(name),
            place: member.spot.to_string(),
            rank: 0,
        };
        Self { note, spot: member.spot.clone(), labels, vars }
    }
}

impl Label {
    fn note(&self) -> LabelNote {
        LabelNote { value: self.value.clone(), place: self.spot.to_string() }
    }
}

/// A host while it is asked.
struct Asked<'a, 'j> {
    host: &'a str,
    vars: &'a Vars,
    judge: &'a mut Judge<'j>,
}

impl<'a> Asked<'a, '_> {
    fn wrong(&mut self, variable: &Variable, what: String, mend: &str) {
        self.judge.findings.push(rules::INVENTORY_SHAPE.broken(variable.spot(), what, mend));
    }

    /// The known value of the first of these variables that is said. What only Ansible knows is told.
    fn text(&mut self, names: &[&str]) -> Option<(String, &'a Variable)> {
        let (name, variable) = names.iter().find_map(|name| Some((*name, self.vars.get(*name)?)))?;
        let text = match &variable.node.value {
            Value::Null => return None,
            Value::List(_) | Value::Map(_) => {
                self.wrong(variable, format!("{name} of {} is no single value", self.host), "write one value");
                return None;
            }
            _ => word(&variable.node)?,
        };
        match self.judge.values_meaning(&text) {
            Some(value) => Some((value, variable)),
            None => {
                let what = format!("{name} of {} is known to Ansible only", self.host);
                let mend = "write the value itself, or a look-up of one environment variable with a default";
                self.judge.findings.push(rules::INVENTORY_OPAQUE.broken(variable.spot(), what, mend));
                None
            }
        }
    }

    fn words(&self, name: &str) -> Vec<String> {
        match self.vars.get(name).map(|variable| &variable.node) {
            Some(Node { value: Value::List(list), .. }) => list.iter().filter_map(word).collect(),
            Some(one) => word(one).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// Ansible takes more words for true than YAML does.
    fn truth(&self, name: &str) -> bool {
        let said = self.vars.get(name).and_then(|variable| word(&variable.node)).unwrap_or_default();
        ["true", "yes", "on", "1", "y", "t"].contains(&said.to_lowercase().as_str())
    }

    /// From the groups `managers` and `workers`, else from `swarm_role`.
    fn role(&mut self, member: &Member) -> Option<Role> {
        let groups = self.judge.groups.of_host(self.host);
        let inside = |name: &str| groups.iter().any(|group| group == name);
        match (inside("managers"), inside("workers")) {
            (true, true) => {
                let what = format!("{} is in managers and in workers", self.host);
                let finding =
                    rules::INVENTORY_ROLE.broken(member.spot.clone(), what, "take it out of one of the groups");
                self.judge.findings.push(finding);
                None
            }
            (true, false) => Some(Role::Manager),
            (false, true) => Some(Role::Worker),
            (false, false) => match self.vars.get("swarm_role").and_then(|variable| word(&variable.node)).as_deref() {
                Some("manager") => Some(Role::Manager),
                Some("worker") => Some(Role::Worker),
                _ => None,
            },
        }
    }

    fn labels(&mut self) -> BTreeMap<String, Label> {
        let mut labels = BTreeMap::new();
        let Some(variable) = self.vars.get("node_labels") else { return labels };
        let map = match &variable.node.value {
            Value::Null => return labels,
            Value::Map(map) => map,
            _ => {
                let mend = "write node_labels as `label: value` lines";
                self.wrong(variable, format!("node_labels of {} is no mapping", self.host), mend);
                return labels;
            }
        };
        for entry in &map.0 {
            let spot = variable.page.at(entry.place);
            let value = match &entry.node.value {
                Value::List(_) | Value::Map(_) => {
                    let what = format!("the label {} of {} is no single value", entry.key, self.host);
                    let mend = "write one value for the label, such as true";
                    self.judge.findings.push(rules::INVENTORY_SHAPE.broken(spot, what, mend));
                    continue;
                }
                Value::Text(text) if !variable.page.is_quoted(&entry.node) => spoken(text),
                _ => word(&entry.node).unwrap_or_default(),
            };
            let value = self.judge.values_meaning(&value).unwrap_or_else(|| {
                let what = format!("the label {} of {} is known to Ansible only", entry.key, self.host);
                let mend = "write the value of the label itself";
                self.judge.findings.push(rules::INVENTORY_OPAQUE.broken(spot.clone(), what, mend));
                String::new()
            });
            labels.insert(entry.key.clone(), Label { value, spot });
        }
        labels
    }
}

impl Judge<'_> {
    fn values_meaning(&self, text: &str) -> Option<String> {
        Meaning::of(text, self.values).known().map(str::to_owned)
    }
}
