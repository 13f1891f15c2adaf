//! The whole judged picture, as every screen and the `status` verb show it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::rollup;
use super::service::judge;
use crate::model::{Catalogue, NodeId, ServiceId, Snapshot, State, Tier};

/// How a service is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceHealth {
    /// The sign and word to show.
    pub state: State,
    /// Slots (or nodes) with a task that runs and, with a health check, is healthy.
    pub running: u64,
    /// Slots (or nodes) that should have one; completions wanted for a one-shot.
    pub desired: u64,
    /// Completions of a one-shot in this round.
    pub completed: u64,
    /// Tasks whose node is away: they may run or not.
    pub unknown: u64,
    /// Failed tasks of the last ten minutes.
    pub failures: u64,
    /// Why the state is not `ready`, most telling first. May hold notes on a ready service too.
    pub reasons: Vec<String>,
    /// Since when it is like this, where the swarm tells.
    pub since: Option<Timestamp>,
    /// Nodes with a running task.
    pub nodes: Vec<NodeId>,
}

/// How a stack is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackHealth {
    /// Its name; empty for services outside any stack.
    pub name: String,
    /// The tier it belongs to.
    pub tier: Tier,
    /// The worst of its services.
    pub state: State,
    /// Why, one `service: reason` each.
    pub reasons: Vec<String>,
    /// Its services, in name order. Empty: it is in the folder but not deployed.
    pub services: Vec<ServiceId>,
    /// Long-running services that are ready or off.
    pub ready: usize,
    /// Long-running services in all.
    pub long_running: usize,
    /// One-shots that completed.
    pub done: usize,
    /// One-shots in all.
    pub one_shots: usize,
    /// Nodes that run its tasks.
    pub nodes: Vec<NodeId>,
    /// The compose file in the folder, if it has one.
    pub file: Option<String>,
}

/// How a tier is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierHealth {
    /// Which.
    pub tier: Tier,
    /// The worst of its stacks.
    pub state: State,
    /// Stacks in it, in name order.
    pub stacks: Vec<String>,
    /// How many of them are ready, done or off.
    pub ready: usize,
    /// The most telling reason, `stack: service: reason`.
    pub reason: Option<String>,
}

/// What runs on a node, and how much of it is spoken for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NodeLoad {
    /// The sign and word to show.
    pub state: State,
    /// Tasks that run here.
    pub tasks: u64,
    /// Tasks of which nothing is known, because the node is away.
    pub unknown: u64,
    /// Services with trouble here.
    pub troubled: u64,
    /// CPU reserved, in billionths of a core.
    pub reserved_cpus: u64,
    /// Memory reserved, in bytes.
    pub reserved_memory: u64,
    /// Names of stacks with a task here, in name order.
    pub stacks: Vec<String>,
    /// In words, where it is not simply ready.
    pub reason: Option<String>,
}

/// The managers and how many of them may fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quorum {
    /// Managers in all.
    pub managers: usize,
    /// Those that their peers reach.
    pub reachable: usize,
    /// How many more may fail before writes stop.
    pub can_lose: usize,
    /// A majority is reachable.
    pub held: bool,
}

/// Where something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TroubleAt {
    /// A node.
    Node(NodeId),
    /// A service.
    Service(ServiceId),
    /// The managers together.
    Quorum,
}

/// One thing that is wrong now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// How bad.
    pub state: State,
    /// Where.
    pub at: TroubleAt,
    /// The name of it.
    pub name: String,
    /// In words.
    pub why: String,
    /// The node it concerns, where that is one.
    pub node: Option<NodeId>,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// The swarm at one moment, judged. Cheap to clone: everything in it is shared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Picture {
    /// What was judged.
    pub swarm: Snapshot,
    /// The folder it was judged against.
    pub catalogue: Arc<Catalogue>,
    /// Each service.
    pub services: Arc<BTreeMap<ServiceId, ServiceHealth>>,
    /// Each stack, in tier order, then by name.
    pub stacks: Arc<Vec<StackHealth>>,
    /// Each tier that has a stack.
    pub tiers: Arc<Vec<TierHealth>>,
    /// Each node.
    pub nodes: Arc<BTreeMap<NodeId, NodeLoad>>,
    /// The managers.
    pub quorum: Quorum,
    /// What is wrong now, worst first.
    pub troubles: Arc<Vec<Trouble>>,
}

impl Picture {
    /// Judges a snapshot.
    #[must_use]
    pub fn of(swarm: Snapshot, catalogue: &Arc<Catalogue>, now: Timestamp) -> Self {
        let services: BTreeMap<ServiceId, ServiceHealth> =
            swarm.services.values().map(|service| (service.id.clone(), judge(&swarm, service, now))).collect();
        let stacks = rollup::stacks(&swarm, catalogue, &services);
        let tiers = rollup::tiers(&stacks);
        let nodes = rollup::nodes(&swarm, &services);
        let quorum = rollup::quorum(&swarm);
        let troubles = rollup::troubles(&swarm, &services, &nodes, quorum);
        Self {
            swarm,
            catalogue: Arc::clone(catalogue),
            services: Arc::new(services),
            stacks: Arc::new(stacks),
            tiers: Arc::new(tiers),
            nodes: Arc::new(nodes),
            quorum,
            troubles: Arc::new(troubles),
        }
    }

    /// The same picture over another line: judging again would give the same.
    #[must_use]
    pub fn with_link(&self, link: crate::model::Link) -> Self {
        let mut next = self.clone();
        next.swarm.link = link;
        next
    }

    /// How a service is doing.
    #[must_use]
    pub fn health(&self, service: &ServiceId) -> Option<&ServiceHealth> {
        self.services.get(service)
    }

    /// A stack by its name.
    #[must_use]
    pub fn stack(&self, name: &str) -> Option<&StackHealth> {
        self.stacks.iter().find(|stack| stack.name == name)
    }

    /// Something moves: updates, starts, waits. Used to look more often.
    #[must_use]
    pub fn is_moving(&self) -> bool {
        self.services.values().any(|health| !health.state.is_settled())
    }
}
