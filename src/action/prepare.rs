//! What is put in place before a stack is deployed, as data. What is already so is not in it, and contents lie on the
//! desk beside the queue: they may be secrets.

use std::path::PathBuf;

use super::Kept;
use crate::model::NodeId;
use crate::model::text::counted;

/// What a stack needs before it is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepare {
    /// For which stack; empty for what all of them need.
    pub stack: String,
    /// Overlay networks that are made, attachable.
    pub networks: Vec<String>,
    /// Labels that are given to nodes.
    pub labels: Vec<NodeLabel>,
    /// Secrets that are made.
    pub secrets: Vec<String>,
    /// Directories and files on a machine.
    pub places: Vec<Place>,
    /// The script that runs last.
    pub hook: Option<Hook>,
    /// What is missing, where the folder lets the operator go on without it: asked before anything is begun.
    pub asks: Vec<String>,
    /// Contents of secrets and files.
    pub contents: Kept,
}

/// A label that a node is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeLabel {
    /// The node.
    pub node: NodeId,
    /// Its name.
    pub host: String,
    /// The label.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// A directory or file on a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The node whose machine it is.
    pub node: NodeId,
    /// Its name.
    pub host: String,
    /// What must be mounted before anything is written below it.
    pub root: String,
    /// The whole path.
    pub path: String,
    /// Whose it is, if that is said.
    pub owner: Option<String>,
    /// Whose group, if that is said.
    pub group: Option<String>,
    /// Its rights.
    pub mode: u32,
    /// It is a file, with content.
    pub is_file: bool,
}

/// A script of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Where it lies on this machine.
    pub path: PathBuf,
    /// How it is called in the folder.
    pub name: String,
}

impl Prepare {
    /// Nothing yet, for this stack.
    #[must_use]
    pub fn of(stack: impl Into<String>) -> Self {
        Self {
            stack: stack.into(),
            networks: Vec::new(),
            labels: Vec::new(),
            secrets: Vec::new(),
            places: Vec::new(),
            hook: None,
            asks: Vec::new(),
            contents: Kept(0),
        }
    }

    /// There is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps().is_empty() && self.asks.is_empty()
    }

    /// Something that the swarm should have is not there.
    #[must_use]
    pub fn lacks(&self) -> bool {
        !self.labels.is_empty() || !self.secrets.is_empty()
    }

    /// What a person calls it.
    #[must_use]
    pub fn title(&self) -> String {
        match self.stack.as_str() {
            "" => format!("prepare {}", counted(self.networks.len() as u64, "network")),
            stack => format!("prepare stack {stack}"),
        }
    }

    /// What each step is about, in the order in which they go.
    #[must_use]
    pub fn steps(&self) -> Vec<String> {
        let networks = self.networks.iter().map(|name| format!("network {name}"));
        let labels = self.labels.iter().map(|label| format!("label {}={} on {}", label.key, label.value, label.host));
        let secrets = self.secrets.iter().map(|name| format!("secret {name}"));
        let places = self.places.iter().map(|place| {
            let noun = if place.is_file { "file" } else { "directory" };
            format!("{noun} {} on {}", place.path, place.host)
        });
        let hook = self.hook.iter().map(|hook| format!("script {}", hook.name));
        networks.chain(labels).chain(secrets).chain(places).chain(hook).collect()
    }
}
