//! What is, as far as a plan needs it: the raw objects of the swarm and the digests that registries gave.

use std::collections::BTreeMap;

use serde_json::Value;

use super::change::{Seen, Thing};
use crate::stack::NAMESPACE;

/// The objects of the swarm at one moment, as the engine gives them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Truth {
    /// All services.
    pub services: Vec<Value>,
    /// All networks.
    pub networks: Vec<Value>,
    /// All secrets.
    pub secrets: Vec<Value>,
    /// All configs.
    pub configs: Vec<Value>,
    /// What registries say of the images that are wished, by their names as [`super::full_name`] gives them.
    pub images: BTreeMap<String, Image>,
}

/// What a registry says of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Image {
    /// It is there.
    Found {
        /// `sha256:…`
        digest: String,
        /// What it can run on, as (architecture, os) in the engine's words; an empty architecture fits all.
        platforms: Vec<(String, String)>,
    },
    /// It could not be asked.
    Unknown(String),
}

impl Truth {
    /// All objects of a kind.
    #[must_use]
    pub fn all(&self, kind: Thing) -> &[Value] {
        match kind {
            Thing::Service => &self.services,
            Thing::Network => &self.networks,
            Thing::Secret => &self.secrets,
            Thing::Config => &self.configs,
            Thing::Node => &[],
        }
    }

    /// An object by its name.
    #[must_use]
    pub fn named(&self, kind: Thing, name: &str) -> Option<&Value> {
        let mut found = self.all(kind).iter().filter(|object| name_of(object) == name);
        let first = found.next();
        // Of two networks of one name, the swarm's counts.
        found.find(|object| text(object, "/Scope") == "swarm").or(first)
    }

    /// The objects of a stack.
    pub fn of_stack<'a>(&'a self, kind: Thing, stack: &'a str) -> impl Iterator<Item = &'a Value> {
        self.all(kind).iter().filter(move |object| stack_of(object) == Some(stack))
    }

    /// The name of the network or config of this id; the id where nothing is known of it.
    #[must_use]
    pub fn name_of<'a>(&'a self, kind: Thing, id: &'a str) -> &'a str {
        self.all(kind).iter().find(|object| id_of(object) == id).map_or(id, |object| name_of(object))
    }

    /// Names of the services that use a secret or config.
    #[must_use]
    pub fn users_of(&self, kind: Thing, id: &str) -> Vec<&str> {
        let (list, key) = match kind {
            Thing::Secret => ("/Spec/TaskTemplate/ContainerSpec/Secrets", "/SecretID"),
            Thing::Config => ("/Spec/TaskTemplate/ContainerSpec/Configs", "/ConfigID"),
            Thing::Network => ("/Spec/TaskTemplate/Networks", "/Target"),
            Thing::Service | Thing::Node => return Vec::new(),
        };
        let uses = |service: &&Value| {
            service.pointer(list).and_then(Value::as_array).into_iter().flatten().any(|one| text(one, key) == id)
        };
        self.services.iter().filter(uses).map(name_of).collect()
    }
}

/// The text at a pointer; empty where there is none.
pub fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The name of an object.
pub fn name_of(object: &Value) -> &str {
    match text(object, "/Spec/Name") {
        "" => text(object, "/Name"),
        name => name,
    }
}

/// The id of an object.
pub fn id_of(object: &Value) -> &str {
    match text(object, "/ID") {
        "" => text(object, "/Id"),
        id => id,
    }
}

/// The labels of an object.
pub fn labels_of(object: &Value) -> Option<&serde_json::Map<String, Value>> {
    let labels = match object.get("Spec") {
        Some(spec) => spec.get("Labels"),
        None => object.get("Labels"),
    };
    labels.and_then(Value::as_object)
}

/// One label of an object.
pub fn label<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    labels_of(object)?.get(key)?.as_str()
}

/// The stack that an object says it belongs to.
pub fn stack_of(object: &Value) -> Option<&str> {
    label(object, NAMESPACE)
}

/// The object as it was looked at.
pub fn seen(object: &Value) -> Seen {
    let version = object.pointer("/Version/Index").and_then(Value::as_u64).unwrap_or(0);
    Seen { id: id_of(object).to_owned(), version }
}
