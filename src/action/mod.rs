//! A change to the swarm as data: it can be shown before it is done, queued, refused, logged and told apart.
//! Nothing here does anything.

mod board;
pub mod prune;
pub mod redeploy;

use std::fmt;

use crate::model::{ServiceId, Version};

pub use board::{Board, Job, JobId, JobState, StepReport};

/// An object as it was when the operator saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// Its id.
    pub id: ServiceId,
    /// Its name, for messages.
    pub name: String,
    /// The version that was shown. A write to any other is refused.
    pub version: Version,
    /// How many tasks will be replaced.
    pub tasks: u64,
}

/// What to redeploy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All services of a stack.
    Stack(String),
    /// One service.
    Service(String),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Stack(name) => write!(f, "stack {name}"),
            Scope::Service(name) => write!(f, "service {name}"),
        }
    }
}

/// A change to the swarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Replaces every task of these services by a new one of the same spec.
    Redeploy {
        /// What the operator pointed at.
        scope: Scope,
        /// The services as they were seen, in the order in which they roll.
        services: Vec<Pinned>,
    },
    /// Throws away what nothing needs.
    Prune {
        /// What goes, node by node.
        sweeps: Vec<prune::Sweep>,
    },
}

/// Actions in one lane run one after the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(pub String);

impl Action {
    /// The lane it belongs to: one writer per stack.
    #[must_use]
    pub fn lane(&self) -> Lane {
        match self {
            Action::Prune { .. } => Lane("prune".to_owned()),
            Action::Redeploy { scope: Scope::Stack(name), .. } => Lane(format!("stack {name}")),
            Action::Redeploy { scope: Scope::Service(name), .. } => {
                Lane(format!("stack {}", name.split_once('_').map_or(name.as_str(), |(stack, _)| stack)))
            }
        }
    }

    /// What a person calls it.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Action::Redeploy { scope, .. } => format!("redeploy {scope}"),
            Action::Prune { sweeps } => {
                let some = |is: fn(&prune::Sweep) -> bool| sweeps.iter().any(is);
                let (things, data) = (some(|sweep| !sweep.kinds.is_empty()), some(|sweep| !sweep.volumes.is_empty()));
                let what = match (things, data) {
                    (false, true) => "prune volumes of",
                    (true, true) => "prune things and volumes of",
                    _ => "prune",
                };
                match sweeps.as_slice() {
                    [only] => format!("{what} {}", only.name),
                    many => format!("{what} {} nodes", many.len()),
                }
            }
        }
    }
}
