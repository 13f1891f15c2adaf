//! A stack as the rules look at it: short and long forms alike, each thing with its place. Tolerant: what has an odd
//! shape is left out, for the rule about shapes tells it.

use std::collections::{BTreeMap, BTreeSet};

use super::Folder;
use super::service::{Service, pairs, words};
use crate::diag::{Finding, Spot};
use crate::model::Filed;
use crate::platform::{StackNote, word};
use crate::stack::document::Survey;
use crate::stack::{Map, Node, Place, Value};

/// A stack whose file could be read.
#[derive(Debug)]
pub struct Stack<'a> {
    /// Its place in the folder.
    pub filed: &'a Filed,
    /// What is known of it.
    pub note: &'a StackNote,
    /// What a swarm says to its file.
    pub survey: &'a Survey,
    /// Its services, in the order of the file.
    pub services: Vec<Service>,
    /// Its networks, by key.
    pub networks: BTreeMap<String, Part>,
    /// Its volumes, by key.
    pub volumes: BTreeMap<String, Part>,
    /// Its secrets, by key.
    pub secrets: BTreeMap<String, Part>,
    /// Its configs, by key.
    pub configs: BTreeMap<String, Part>,
    file: Spot,
}

/// Who uses something, with the verb; of many, the first ones and how many more.
pub fn users(stacks: &BTreeSet<&str>) -> String {
    const NAMED: usize = 3;
    let named: Vec<&str> = stacks.iter().copied().take(NAMED).collect();
    match stacks.len().saturating_sub(NAMED) {
        0 if stacks.len() == 1 => format!("{} uses", named.concat()),
        0 => format!("{} use", named.join(" and ").replacen(" and ", ", ", named.len().saturating_sub(2))),
        more => format!("{} and {more} more use", named.join(", ")),
    }
}

/// A network, volume, secret or config of a stack.
#[derive(Debug, Default)]
pub struct Part {
    /// Its name in the swarm.
    pub name: String,
    /// Where it is written.
    pub spot: Spot,
    /// Another makes it.
    pub external: bool,
    /// The file that it is made from.
    pub file: Option<Word>,
    /// The engine's own driver makes it.
    pub is_local: bool,
    /// The options of its driver.
    pub options: BTreeMap<String, Word>,
}

/// A text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Word {
    /// The text.
    pub text: String,
    /// Where.
    pub spot: Spot,
}

impl Word {
    /// A variable that nobody has set stands in it, so nobody knows what it will be.
    pub fn is_open(&self) -> bool {
        self.text.contains("${")
    }
}

impl<'a> Stack<'a> {
    /// Every stack of the folder that says something.
    pub fn all(folder: &Folder<'a>) -> Vec<Self> {
        let filed = folder.platform.catalogue.stacks.values();
        filed
            .filter_map(|filed| {
                let note = folder.depth.stacks.get(&filed.name)?;
                Self::of(filed, note, note.sketch.survey.as_ref()?)
            })
            .collect()
    }

    fn of(filed: &'a Filed, note: &'a StackNote, survey: &'a Survey) -> Option<Self> {
        let root = survey.root.map()?;
        let file = Spot::of(&filed.file.to_string_lossy());
        let part = |key: &str| parts(root, key, &filed.name, &file);
        let services = root.get("services").and_then(Node::map).map(|map| map.0.as_slice()).unwrap_or_default();
        Some(Self {
            services: services.iter().filter_map(|entry| Service::of(entry, &file)).collect(),
            networks: part("networks"),
            volumes: part("volumes"),
            secrets: part("secrets"),
            configs: part("configs"),
            filed,
            note,
            survey,
            file,
        })
    }

    /// It is deployed to the swarm, and not run by docker compose on one host.
    pub fn is_swarm(&self) -> bool {
        self.filed.host.is_none()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.filed.name
    }

    /// One of its services, as people are told of it.
    pub fn own(&self, service: &Service) -> String {
        format!("{} of {}", service.key, self.name())
    }

    /// The place is in its file.
    pub fn is_in(&self, spot: &Spot) -> bool {
        spot.file == self.file.file
    }

    /// Where something of its file is.
    pub fn at(&self, place: Place) -> Spot {
        self.file.line(place.line, place.column)
    }

    /// The name in the swarm of a network that a service names.
    pub fn network(&self, key: &str) -> String {
        match self.networks.get(key) {
            Some(part) => part.name.clone(),
            None => format!("{}_{key}", self.name()),
        }
    }

    /// The networks of a service, by their names in the swarm.
    pub fn networks_of(&self, service: &Service) -> Vec<String> {
        match service.networks.as_slice() {
            [] => vec![self.network("default")],
            some => some.iter().map(|word| self.network(&word.text)).collect(),
        }
    }
}

fn parts(root: &Map, key: &str, stack: &str, file: &Spot) -> BTreeMap<String, Part> {
    let entries = root.get(key).and_then(Node::map).map(|map| map.0.as_slice()).unwrap_or_default();
    let part = |entry: &crate::stack::Entry| {
        let empty = Map::default();
        let body = entry.node.map().unwrap_or(&empty);
        let said = |map: &Map| map.get("name").and_then(word);
        let (external, old) = match body.get("external").map(|node| &node.value) {
            Some(Value::Bool(external)) => (*external, None),
            Some(Value::Text(text)) => (text == "true", None),
            Some(Value::Map(inner)) => (true, said(inner)),
            _ => (false, None),
        };
        let name = said(body).or(old);
        let own = || if external { entry.key.clone() } else { format!("{stack}_{}", entry.key) };
        Part {
            name: name.unwrap_or_else(own),
            spot: file.line(entry.place.line, entry.place.column),
            external,
            file: words(body.get("file"), file).into_iter().next(),
            is_local: body.get("driver").and_then(Node::text).is_none_or(|driver| driver == "local"),
            options: pairs(body.get("driver_opts"), file)
                .into_iter()
                .map(|label| (label.key, Word { text: label.value, spot: label.spot }))
                .collect(),
        }
    };
    entries.iter().map(|entry| (entry.key.clone(), part(entry))).collect()
}

/// What the rules about services are given.
pub struct Scene<'a> {
    /// The folder.
    pub folder: &'a Folder<'a>,
    /// Its stacks.
    pub stacks: &'a [Stack<'a>],
}

/// A rule about the services of all stacks.
pub type Check = fn(&Scene<'_>, &mut Vec<Finding>);

impl<'a> Scene<'a> {
    /// Stacks of the swarm.
    pub fn swarm(&self) -> impl Iterator<Item = &'a Stack<'a>> {
        self.stacks.iter().filter(|stack| stack.is_swarm())
    }

    /// Services of the swarm, each with its stack.
    pub fn services(&self) -> impl Iterator<Item = (&'a Stack<'a>, &'a Service)> {
        self.swarm().flat_map(|stack| stack.services.iter().map(move |service| (stack, service)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_uses_something_is_told_in_one_breath() {
        for (stacks, said) in [
            (&["a"][..], "a uses"),
            (&["a", "b"], "a and b use"),
            (&["a", "b", "c"], "a, b and c use"),
            (&["a", "b", "c", "d", "e"], "a, b, c and 2 more use"),
        ] {
            assert_eq!(users(&stacks.iter().copied().collect()), said);
        }
    }
}
