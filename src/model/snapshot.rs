//! The swarm at one moment. A snapshot is never changed: [`Snapshot::after`] gives the next one.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;

use super::{
    Change, Cluster, Link, Listing, Network, NetworkId, Node, NodeId, Service, ServiceId, SwarmEvent, Task, TaskId,
};

/// How many events are remembered.
const EVENTS_KEPT: usize = 500;
/// How many failures of one service are remembered: enough to count a crash loop.
const FAILURES_KEPT: usize = 100;

/// A task that ended badly. Remembered here because the swarm forgets after five a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which task.
    pub task: TaskId,
    /// Which replica.
    pub slot: Option<u64>,
    /// When it ended.
    pub at: Timestamp,
}

/// The swarm at one moment. Cheap to clone: the parts are shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// How the swarm is reached.
    pub link: Link,
    /// Which swarm this is.
    pub cluster: Arc<Cluster>,
    /// Whether a whole list was ever heard.
    pub known: bool,
    /// Nodes by id.
    pub nodes: Arc<BTreeMap<NodeId, Arc<Node>>>,
    /// Services by id.
    pub services: Arc<BTreeMap<ServiceId, Arc<Service>>>,
    /// Tasks by the service they belong to.
    pub tasks: Arc<BTreeMap<ServiceId, Arc<Vec<Arc<Task>>>>>,
    /// Networks by id.
    pub networks: Arc<BTreeMap<NetworkId, Arc<Network>>>,
    /// What the engine told lately, oldest first.
    pub events: Arc<VecDeque<SwarmEvent>>,
    /// Tasks that ended badly, by service, oldest first.
    pub failures: Arc<BTreeMap<ServiceId, Arc<VecDeque<Failure>>>>,
}

impl Default for Snapshot {
    fn default() -> Self {
        Self {
            link: Link::Connecting { to: String::new(), why: None },
            cluster: Arc::default(),
            known: false,
            nodes: Arc::default(),
            services: Arc::default(),
            tasks: Arc::default(),
            networks: Arc::default(),
            events: Arc::default(),
            failures: Arc::default(),
        }
    }
}

impl Snapshot {
    /// The picture after this change. An object older than the one already known is ignored.
    #[must_use]
    pub fn after(&self, change: Change) -> Snapshot {
        let mut next = self.clone();
        match change {
            Change::Everything(listing) => next.replace(*listing),
            Change::Node(node) => {
                if next.nodes.get(&node.id).is_none_or(|known| known.version <= node.version) {
                    Arc::make_mut(&mut next.nodes).insert(node.id.clone(), Arc::from(node));
                }
            }
            Change::NodeGone(id) => {
                Arc::make_mut(&mut next.nodes).remove(&id);
            }
            Change::Service(service) => {
                if next.services.get(&service.id).is_none_or(|known| known.version <= service.version) {
                    Arc::make_mut(&mut next.services).insert(service.id.clone(), Arc::from(service));
                }
            }
            Change::ServiceGone(id) => {
                Arc::make_mut(&mut next.services).remove(&id);
                Arc::make_mut(&mut next.tasks).remove(&id);
                Arc::make_mut(&mut next.failures).remove(&id);
            }
            Change::Tasks { of, tasks } => next.replace_tasks(&of, tasks),
            Change::Event(event) => {
                let events = Arc::make_mut(&mut next.events);
                while events.len() >= EVENTS_KEPT {
                    events.pop_front();
                }
                events.push_back(event);
            }
            Change::Link(link) => next.link = link,
        }
        next
    }

    /// The tasks of one service, newest last.
    #[must_use]
    pub fn tasks_of(&self, service: &ServiceId) -> &[Arc<Task>] {
        self.tasks.get(service).map_or(&[], |tasks| tasks.as_slice())
    }

    /// Every task there is.
    pub fn all_tasks(&self) -> impl Iterator<Item = &Arc<Task>> {
        self.tasks.values().flat_map(|tasks| tasks.iter())
    }

    /// The name of a node; its short id if it is not known.
    #[must_use]
    pub fn hostname<'a>(&'a self, id: &'a NodeId) -> &'a str {
        self.nodes.get(id).map_or_else(|| id.short(), |node| node.hostname.as_str())
    }

    fn replace(&mut self, listing: Listing) {
        let Listing { cluster, nodes, services, tasks, networks } = listing;
        self.known = true;
        keep(&mut self.cluster, cluster);
        let nodes = all_newer(&self.nodes, nodes, |node| (&node.id, node.version));
        keep(&mut self.nodes, nodes);
        let services = all_newer(&self.services, services, |service| (&service.id, service.version));
        keep(&mut self.services, services);
        keep(&mut self.networks, networks.into_iter().map(|n| (n.id.clone(), Arc::new(n))).collect());
        let mut by_service: BTreeMap<ServiceId, Vec<Task>> = BTreeMap::new();
        for task in tasks {
            by_service.entry(task.service.clone()).or_default().push(task);
        }
        if self.tasks.keys().any(|service| !by_service.contains_key(service)) {
            Arc::make_mut(&mut self.tasks).retain(|service, _| by_service.contains_key(service));
        }
        for (service, tasks) in by_service {
            if !same_tasks(self.tasks.get(&service), &tasks) {
                self.replace_tasks(&service, tasks);
            }
        }
        if self.failures.keys().any(|id| !self.services.contains_key(id)) {
            let services = Arc::clone(&self.services);
            Arc::make_mut(&mut self.failures).retain(|id, _| services.contains_key(id));
        }
    }

    fn replace_tasks(&mut self, of: &ServiceId, tasks: Vec<Task>) {
        let known = self.tasks.get(of).cloned().unwrap_or_default();
        let older: BTreeMap<&TaskId, &Arc<Task>> = known.iter().map(|task| (&task.id, task)).collect();
        let mut tasks: Vec<Arc<Task>> =
            tasks.into_iter().map(|task| newer(older.get(&task.id).copied(), task, |t| t.version)).collect();
        tasks.sort_by(|a, b| (a.slot, a.created, &a.id).cmp(&(b.slot, b.created, &b.id)));
        self.remember_failures(of, &tasks);
        Arc::make_mut(&mut self.tasks).insert(of.clone(), Arc::new(tasks));
    }

    fn remember_failures(&mut self, of: &ServiceId, tasks: &[Arc<Task>]) {
        let known = self.failures.get(of).cloned().unwrap_or_default();
        let fresh: Vec<Failure> = tasks
            .iter()
            .filter(|task| task.state.is_failure() && known.iter().all(|failure| failure.task != task.id))
            .filter_map(|task| Some(Failure { task: task.id.clone(), slot: task.slot, at: task.since? }))
            .collect();
        if fresh.is_empty() {
            return;
        }
        let mut failures: Vec<Failure> = known.iter().cloned().chain(fresh).collect();
        failures.sort_by_key(|failure| failure.at);
        let surplus = failures.len().saturating_sub(FAILURES_KEPT);
        Arc::make_mut(&mut self.failures).insert(of.clone(), Arc::new(failures.into_iter().skip(surplus).collect()));
    }
}

/// The known object where the heard one is older or the same, so that what did not change stays shared.
/// Equal versions are compared, because some parts (who leads the managers) change without a new version.
fn newer<T: PartialEq>(known: Option<&Arc<T>>, heard: T, version: impl Fn(&T) -> super::Version) -> Arc<T> {
    match known {
        Some(known) if version(known) > version(&heard) || **known == heard => Arc::clone(known),
        _ => Arc::new(heard),
    }
}

/// Each of the heard objects, or the known one in its place.
fn all_newer<I: Ord + Clone, T: PartialEq>(
    known: &BTreeMap<I, Arc<T>>,
    heard: Vec<T>,
    key: impl Fn(&T) -> (&I, super::Version),
) -> BTreeMap<I, Arc<T>> {
    let object = |heard: T| {
        let id = key(&heard).0.clone();
        let object = newer(known.get(&id), heard, |object| key(object).1);
        (id, object)
    };
    heard.into_iter().map(object).collect()
}

/// Puts the new value in the place of the known one, unless they are the same: then the known one stays shared.
fn keep<T: PartialEq>(known: &mut Arc<T>, now: T) {
    if **known != now {
        *known = Arc::new(now);
    }
}

fn same_tasks(known: Option<&Arc<Vec<Arc<Task>>>>, heard: &[Task]) -> bool {
    let Some(known) = known.filter(|known| known.len() == heard.len()) else { return false };
    let versions: HashMap<&TaskId, super::Version> = known.iter().map(|task| (&task.id, task.version)).collect();
    heard.iter().all(|task| versions.get(&task.id).is_some_and(|version| *version >= task.version))
}
