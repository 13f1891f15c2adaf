//! Names with values: labels, options, variables, hosts; as a mapping or as a list of `name=value`.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::cx::Cx;
use super::lists::scalar;
use super::shape::{Shape, Written};
use crate::stack::tree::{Node, Value};

/// Names with texts. Never written differs from empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs(pub Option<BTreeMap<String, String>>);

impl Pairs {
    /// What is in it.
    pub fn items(&self) -> BTreeMap<String, String> {
        self.0.clone().unwrap_or_default()
    }
}

impl Shape for Pairs {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        let pairs =
            read(node, cx).map(|pairs| pairs.into_iter().map(|(name, value)| (name, value.unwrap_or_default())));
        Self(pairs.map(Iterator::collect))
    }
    fn merge(&mut self, over: Self) {
        if let Some(over) = over.0 {
            self.0.get_or_insert_default().extend(over);
        }
    }
    fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(BTreeMap::is_empty)
    }
    fn emit(&self) -> Json {
        self.items().into_iter().map(|(name, value)| (name, Json::String(value))).collect()
    }
}

/// Names with values or none, by mapping or list.
fn read(node: &Node, cx: &mut Cx<'_>) -> Option<Vec<(String, Option<String>)>> {
    match &node.value {
        Value::Map(map) => {
            let pair = |cx: &mut Cx<'_>, key: &str, node| cx.within(key, |cx| scalar(node, cx));
            Some(map.0.iter().map(|entry| (entry.key.clone(), pair(cx, &entry.key, &entry.node))).collect())
        }
        Value::List(items) => {
            let texts = items.iter().map(|item| Written::decode(item, cx).text);
            Some(
                texts
                    .map(|text| match text.split_once('=') {
                        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                        None => (text, None),
                    })
                    .collect(),
            )
        }
        _ => {
            cx.not_a(node, "a mapping or a list");
            None
        }
    }
}

/// Variables; one without a value is handed on by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables(pub BTreeMap<String, Option<String>>);

impl Variables {
    /// Puts others over these; what is unset or empty takes the value of the environment, if it has one.
    pub fn put(&mut self, over: impl IntoIterator<Item = (String, Option<String>)>, cx: &Cx<'_>) {
        for (name, value) in over {
            let given = cx.environment.get(&name).filter(|_| value.as_ref().is_none_or(String::is_empty));
            let value = given.cloned().or(value);
            self.0.insert(name, value);
        }
    }
}

impl Shape for Variables {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        Self(read(node, cx).unwrap_or_default().into_iter().collect())
    }
    fn merge(&mut self, over: Self) {
        for (name, value) in over.0 {
            let base = self.0.entry(name).or_default();
            // An empty value overrides only what is empty itself.
            if base.as_ref().is_none_or(String::is_empty) || value.as_ref().is_some_and(|value| !value.is_empty()) {
                *base = value;
            }
        }
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn emit(&self) -> Json {
        self.0.iter().map(|(name, value)| (name.clone(), Json::from(value.clone()))).collect()
    }
}

/// Names with addresses, each as `name:address`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts(pub Vec<String>);

impl Shape for Hosts {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        let mut lines: Vec<String> = match &node.value {
            Value::Map(map) => {
                let mut lines: Vec<String> = map.0.iter().filter_map(|entry| line(&entry.key, &entry.node)).collect();
                lines.sort();
                lines
            }
            Value::List(items) => {
                let texts: Vec<String> = items.iter().filter_map(|item| scalar(item, cx)).collect();
                // What has neither sign in it is left out, as the CLI leaves it out.
                let pair = |text: &String| {
                    let (name, address) = text.split_once('=').or_else(|| text.split_once(':'))?;
                    Some(format!("{name}:{address}"))
                };
                texts.iter().filter_map(pair).collect()
            }
            _ => {
                cx.not_a(node, "a mapping or a list");
                Vec::new()
            }
        };
        for line in &mut lines {
            let (name, address) = line.split_once(':').unwrap_or((line, ""));
            let bare =
                address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).filter(|bare| !bare.is_empty());
            *line = format!("{name}:{}", bare.unwrap_or(address));
        }
        Self(lines)
    }
    fn merge(&mut self, over: Self) {
        self.0.extend(over.0);
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn emit(&self) -> Json {
        self.0.clone().into()
    }
}

/// One host of a mapping. A number becomes the words that Go prints for a value of the wrong kind.
fn line(name: &str, node: &Node) -> Option<String> {
    let address = match &node.value {
        Value::Text(text) | Value::Time(text) => text.clone(),
        Value::Int(number) => format!("%!s(int={number})"),
        Value::Big(number) => format!("%!s(uint64={number})"),
        Value::Float(number) => format!("%!s(float64={})", crate::stack::grammar::sprint::float(*number)),
        _ => return None,
    };
    Some(format!("{name}:{address}"))
}

/// Keys that begin with `x-`, kept for printing only.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extras(pub BTreeMap<String, Json>);

impl Extras {
    /// Those of a mapping.
    pub fn of(node: &Node) -> Self {
        let entries = node.map().into_iter().flat_map(|map| &map.0);
        let extra = entries.filter(|entry| entry.key.starts_with("x-"));
        Self(extra.map(|entry| (entry.key.clone(), json(&entry.node))).collect())
    }

    /// Overridden by those of a later file.
    pub fn merge(&mut self, over: Self) {
        for (key, value) in over.0 {
            merge_json(self.0.entry(key).or_default(), value);
        }
    }

    /// Adds them to what is printed.
    pub fn print_into(&self, printed: &mut Json) {
        if let Some(object) = printed.as_object_mut() {
            object.extend(self.0.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
    }
}

fn merge_json(base: &mut Json, over: Json) {
    match (base, over) {
        (Json::Object(base), Json::Object(over)) => {
            for (key, value) in over {
                merge_json(base.entry(key).or_insert(Json::Null), value);
            }
        }
        (Json::Array(base), Json::Array(over)) => base.extend(over),
        (base, over) => *base = over,
    }
}

/// A piece of the tree as it is, its keys sorted.
fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Int(number) => (*number).into(),
        Value::Big(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Time(text) | Value::Text(text) => text.clone().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(map) => {
            let sorted: BTreeMap<&str, Json> =
                map.0.iter().map(|entry| (entry.key.as_str(), json(&entry.node))).collect();
            sorted.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
        }
    }
}
