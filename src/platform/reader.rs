//! Reads a page strictly: what is not known or has the wrong shape is a finding with its place, and the rest counts.

use super::page::{Page, spoken, word};
use super::suggest;
use crate::diag::{Finding, Rule, Spot};
use crate::stack::{Map, Node, Place, Value};

/// A page being read, the rule that its faults break, and the findings so far.
pub struct Reader<'a> {
    /// What is read.
    pub page: &'a Page,
    /// What a fault breaks.
    pub rule: &'static Rule,
    /// What was found.
    pub findings: &'a mut Vec<Finding>,
}

impl<'a> Reader<'a> {
    /// Reads a page under a rule.
    pub fn new(page: &'a Page, rule: &'static Rule, findings: &'a mut Vec<Finding>) -> Self {
        Self { page, rule, findings }
    }

    /// Where something of the page is.
    pub fn at(&self, place: Place) -> Spot {
        self.page.at(place)
    }

    /// Something is wrong here.
    pub fn wrong(&mut self, place: Place, what: impl Into<String>, mend: impl Into<String>) {
        let spot = self.at(place);
        self.findings.push(self.rule.broken(spot, what, mend));
    }

    /// The mapping, or a finding; nothing at all is an empty mapping.
    pub fn map<'n>(&mut self, name: &str, node: &'n Node) -> Option<&'n Map> {
        match &node.value {
            Value::Map(map) => Some(map),
            Value::Null => None,
            _ => {
                self.wrong(node.place, format!("{name} is no mapping"), format!("write {name} as `key: value` lines"));
                None
            }
        }
    }

    /// The items of a list, or a finding; nothing at all is an empty list.
    pub fn list<'n>(&mut self, name: &str, node: &'n Node) -> &'n [Node] {
        match &node.value {
            Value::List(list) => list,
            Value::Null => &[],
            _ => {
                self.wrong(
                    node.place,
                    format!("{name} is no list"),
                    format!("write {name} as lines that begin with `-`"),
                );
                &[]
            }
        }
    }

    /// One scalar as text, or a finding.
    pub fn word(&mut self, name: &str, node: &Node) -> Option<String> {
        match word(node) {
            Some(word) if !word.trim().is_empty() => Some(word),
            None if matches!(node.value, Value::List(_) | Value::Map(_)) => {
                self.wrong(node.place, format!("{name} is no single value"), format!("write one value for {name}"));
                None
            }
            _ => {
                self.wrong(node.place, format!("{name} is empty"), format!("give {name} a value, or take it out"));
                None
            }
        }
    }

    /// The words of a list, each with its place. One word alone is a list of one.
    pub fn words(&mut self, name: &str, node: &Node) -> Vec<(String, Spot)> {
        let items = if word(node).is_some() { std::slice::from_ref(node) } else { self.list(name, node) };
        items
            .iter()
            .filter_map(|item| Some((self.word(&format!("an item of {name}"), item)?, self.at(item.place))))
            .collect()
    }

    /// A truth value, or a finding.
    pub fn truth(&mut self, name: &str, node: &Node) -> Option<bool> {
        match &node.value {
            Value::Bool(truth) => Some(*truth),
            // Words of YAML 1.1, as Ansible reads them where they stand without quotes.
            Value::Text(text) if !self.page.is_quoted(node) && matches!(spoken(text).as_str(), "true" | "false") => {
                Some(spoken(text) == "true")
            }
            _ => {
                self.wrong(node.place, format!("{name} is neither true nor false"), "write true or false");
                None
            }
        }
    }

    /// Tells every key that is not known, with the one that was probably meant.
    pub fn known(&mut self, name: &str, map: &Map, known: &[&str]) {
        for entry in map.0.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            self.wrong(entry.place, format!("{name} has no key `{}`", entry.key), suggest::mend(&entry.key, known));
        }
    }
}
