//! A machine in the swarm.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::words::open_words;
use super::{NodeId, Version};

open_words! {
    /// What a node is for.
    Role {
        /// Takes part in the raft quorum.
        Manager = "manager",
        /// Only runs tasks.
        Worker = "worker",
    }
}

open_words! {
    /// What the operator allows on a node.
    Availability {
        /// Takes tasks.
        Active = "active",
        /// Keeps its tasks, takes no new ones.
        Pause = "pause",
        /// Runs nothing.
        Drain = "drain",
    }
}

open_words! {
    /// What the managers see of a node.
    NodeState {
        /// Answers.
        Ready = "ready",
        /// Does not answer.
        Down = "down",
        /// Not heard from since the leader changed.
        Unknown = "unknown",
        /// Left the swarm on its own.
        Disconnected = "disconnected",
    }
}

open_words! {
    /// Whether a manager is reached by the other managers.
    Reachability {
        /// Takes part.
        Reachable = "reachable",
        /// Does not answer its peers.
        Unreachable = "unreachable",
        /// Not known.
        Unknown = "unknown",
    }
}

/// The manager side of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manager {
    /// Leads the raft group.
    pub leader: bool,
    /// As seen by its peers.
    pub reachability: Reachability,
    /// Host and port of its raft address.
    pub address: String,
}

/// A member of the swarm, as a manager reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// The version a write to it must name.
    pub version: Version,
    /// Its name on the network.
    pub hostname: String,
    /// What it is for.
    pub role: Role,
    /// What the operator allows on it.
    pub availability: Availability,
    /// Whether it answers.
    pub state: NodeState,
    /// The engine's own words on its state, often empty.
    pub message: String,
    /// Its address as the swarm sees it.
    pub address: String,
    /// Present on managers.
    pub manager: Option<Manager>,
    /// The version of its Docker Engine.
    pub engine_version: String,
    /// `linux` or `windows`.
    pub os: String,
    /// As the engine calls it, such as `x86_64`.
    pub arch: String,
    /// Processing power, in billionths of a core.
    pub nano_cpus: u64,
    /// Memory in bytes.
    pub memory: u64,
    /// Labels given through the swarm.
    pub labels: BTreeMap<String, String>,
    /// Labels of the engine itself.
    pub engine_labels: BTreeMap<String, String>,
    /// The object as the engine sent it, JSON.
    pub raw: Arc<str>,
}

fn without_port(address: &str) -> &str {
    address.rsplit_once(':').map_or(address, |(host, _)| host).trim_matches(['[', ']'])
}

impl Node {
    /// Answers.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.state == NodeState::Ready
    }

    /// Where it is reached, as far as the swarm knows: a manager may see itself at no address, and its peers know one.
    #[must_use]
    pub fn reached_at(&self) -> &str {
        match self.address.as_str() {
            "" | "0.0.0.0" | "::" => self.manager.as_ref().map_or("", |manager| without_port(&manager.address)),
            address => address,
        }
    }

    /// Leads the managers.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.manager.as_ref().is_some_and(|manager| manager.leader)
    }

    /// Is a manager that its peers reach.
    #[must_use]
    pub fn is_reachable_manager(&self) -> bool {
        self.manager.as_ref().is_some_and(|manager| manager.reachability == Reachability::Reachable)
    }
}
