//! The whole judged picture, as every screen and the `status` verb show it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::rollup;
use super::service::judge;
use crate::model::{Catalogue, NodeId, Service, ServiceId, Snapshot, State, Tier};

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

/// How each service is doing. What was not judged again is shared with the picture before.
pub type Services = BTreeMap<ServiceId, Arc<ServiceHealth>>;

/// The swarm at one moment, judged. Cheap to clone: everything in it is shared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Picture {
    /// What was judged.
    pub swarm: Snapshot,
    /// The folder it was judged against.
    pub catalogue: Arc<Catalogue>,
    /// Each service.
    pub services: Arc<Services>,
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
        Self { catalogue: Arc::clone(catalogue), ..Self::default() }.after(swarm, now)
    }

    /// The picture of a later snapshot. Only what can have changed is judged again, and what comes out the same stays
    /// shared, so that a reader sees by where a part lies that it is no news.
    #[must_use]
    pub fn after(&self, swarm: Snapshot, now: Timestamp) -> Self {
        let services = self.services_after(&swarm, now);
        let before = &self.swarm;
        let same = Arc::ptr_eq(&services, &self.services)
            && Arc::ptr_eq(&swarm.nodes, &before.nodes)
            && Arc::ptr_eq(&swarm.services, &before.services)
            && Arc::ptr_eq(&swarm.tasks, &before.tasks);
        if same && before.known {
            return Self { swarm, ..self.clone() };
        }
        self.rolled_up(swarm, services)
    }

    /// The same swarm, judged against another folder.
    #[must_use]
    pub fn against(&self, catalogue: &Arc<Catalogue>) -> Self {
        let judged = Self { catalogue: Arc::clone(catalogue), ..self.clone() };
        judged.rolled_up(self.swarm.clone(), Arc::clone(&self.services))
    }

    fn rolled_up(&self, swarm: Snapshot, services: Arc<Services>) -> Self {
        let stacks = kept(&self.stacks, rollup::stacks(&swarm, &self.catalogue, &services));
        let nodes = kept(&self.nodes, rollup::nodes(&swarm, &services));
        let quorum = rollup::quorum(&swarm);
        Self {
            tiers: kept(&self.tiers, rollup::tiers(&stacks, &self.catalogue)),
            troubles: kept(&self.troubles, rollup::troubles(&swarm, &services, &nodes, quorum)),
            catalogue: Arc::clone(&self.catalogue),
            swarm,
            services,
            stacks,
            nodes,
            quorum,
        }
    }

    fn services_after(&self, swarm: &Snapshot, now: Timestamp) -> Arc<Services> {
        let mut services = Arc::clone(&self.services);
        if services.keys().any(|id| !swarm.services.contains_key(id)) {
            Arc::make_mut(&mut services).retain(|id, _| swarm.services.contains_key(id));
        }
        for service in swarm.services.values().filter(|service| self.may_differ(swarm, service)) {
            let judged = judge(swarm, service, now);
            if services.get(&service.id).is_none_or(|known| **known != judged) {
                Arc::make_mut(&mut services).insert(service.id.clone(), Arc::new(judged));
            }
        }
        services
    }

    /// Whether anything that a judgement rests on is another than it was. Failures grow old by themselves.
    fn may_differ(&self, swarm: &Snapshot, service: &Arc<Service>) -> bool {
        let (id, before) = (&service.id, &self.swarm);
        !Arc::ptr_eq(&swarm.nodes, &before.nodes)
            || swarm.failures.contains_key(id)
            || !before.services.get(id).is_some_and(|known| Arc::ptr_eq(known, service))
            || !match (before.tasks.get(id), swarm.tasks.get(id)) {
                (Some(known), Some(tasks)) => Arc::ptr_eq(known, tasks),
                (known, tasks) => known.is_none() && tasks.is_none(),
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
        self.services.get(service).map(Arc::as_ref)
    }

    /// A stack by its name.
    #[must_use]
    pub fn stack(&self, name: &str) -> Option<&StackHealth> {
        self.stacks.iter().find(|stack| stack.name == name)
    }
}

/// What was known, if it is the same.
fn kept<T: PartialEq>(known: &Arc<T>, now: T) -> Arc<T> {
    if **known == now { Arc::clone(known) } else { Arc::new(now) }
}
