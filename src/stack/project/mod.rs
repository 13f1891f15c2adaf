//! Stack files with all short forms written out, every value typed, and later files laid over earlier ones.
//! It never knows the name of the stack or what an engine is sent.

pub mod attach;
pub mod cx;
pub mod deploy;
pub mod lists;
pub mod pairs;
pub mod parts;
pub mod service;
pub mod shape;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use self::cx::Cx;
use self::pairs::Extras;
use self::parts::{File, Network, Part, Volume};
use self::service::Service;
use super::tree::{Entry, Map, Node};

/// One file, or several laid over each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Project {
    /// The version of its schema.
    pub version: String,
    /// Services by key.
    pub services: BTreeMap<String, Service>,
    /// Networks by key.
    pub networks: BTreeMap<String, Network>,
    /// Volumes by key.
    pub volumes: BTreeMap<String, Volume>,
    /// Secrets by key.
    pub secrets: BTreeMap<String, File>,
    /// Configs by key.
    pub configs: BTreeMap<String, File>,
    /// `x-` keys of the first file.
    pub extras: Extras,
}

impl Project {
    /// Reads one file that its schema has found sound.
    pub fn read(version: &str, root: &Node, cx: &mut Cx<'_>) -> Self {
        let Some(map) = cx.map(root) else { return Self::default() };
        let mut project = Self { version: version.to_owned(), extras: Extras::of(root), ..Self::default() };
        project.services = section(map, "services", cx, |entry, cx| Service::decode(entry.place, &entry.node, cx));
        project.networks = section(map, "networks", cx, |entry, cx| Part::decode("network", entry, cx));
        project.volumes = section(map, "volumes", cx, |entry, cx| {
            let volume = Volume::decode("volume", entry, cx);
            volume.check(&entry.key, cx);
            volume
        });
        for (key, kind, files) in
            [("secrets", "secret", &mut project.secrets), ("configs", "config", &mut project.configs)]
        {
            *files = section(map, key, cx, |entry, cx| {
                let mut file = File::decode(kind, entry, cx);
                file.locate(kind, &entry.key, cx);
                file
            });
        }
        project
    }

    /// Laid over by a later file: services are merged key by key, all else is replaced.
    pub fn merge(&mut self, over: Self) {
        for (key, service) in over.services {
            match self.services.get_mut(&key) {
                Some(base) => base.merge(service),
                None => {
                    self.services.insert(key, service);
                }
            }
        }
        self.networks.extend(over.networks);
        self.volumes.extend(over.volumes);
        self.secrets.extend(over.secrets);
        self.configs.extend(over.configs);
    }

    /// All of it as one file.
    pub fn emit(&self) -> Json {
        fn all<T>(parts: &BTreeMap<String, T>, emit: impl Fn(&T) -> Json) -> Json {
            parts.iter().map(|(key, part)| (key.clone(), emit(part))).collect()
        }
        let mut printed =
            serde_json::json!({ "version": self.version, "services": all(&self.services, Service::emit) });
        let sections = [
            ("networks", all(&self.networks, Network::emit)),
            ("volumes", all(&self.volumes, Volume::emit)),
            ("secrets", all(&self.secrets, File::emit)),
            ("configs", all(&self.configs, File::emit)),
        ];
        if let Some(object) = printed.as_object_mut() {
            let said = sections.into_iter().filter(|(_, all)| all.as_object().is_some_and(|all| !all.is_empty()));
            object.extend(said.map(|(key, all)| (key.to_owned(), all)));
        }
        self.extras.print_into(&mut printed);
        printed
    }
}

/// Every entry of a section; without one there are none.
fn section<T>(root: &Map, key: &str, cx: &mut Cx<'_>, read: impl Fn(&Entry, &mut Cx<'_>) -> T) -> BTreeMap<String, T> {
    let Some(map) = root.get(key).and_then(|node| cx.within(key, |cx| cx.map(node))) else { return BTreeMap::new() };
    cx.within(key, |cx| {
        map.0.iter().map(|entry| (entry.key.clone(), cx.within(&entry.key, |cx| read(entry, cx)))).collect()
    })
}
