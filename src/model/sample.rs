//! Swarms for tests of pure code, built in the words of a story.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Availability, Change, Link, Listing, Manager, Mode, Node, NodeId, NodeState, Reachability, Role, Service,
    ServiceId, Snapshot, Task, TaskId, TaskState, Version,
};

/// The moment at which every sample is taken.
#[must_use]
pub fn noon() -> Timestamp {
    Timestamp::from_second(1_788_264_000).unwrap_or_default()
}

/// Builds a [`Node`].
#[derive(Debug, Clone)]
pub struct NodeSample(Node);

/// A ready worker; its id is its name.
#[must_use]
pub fn node(name: &str) -> NodeSample {
    NodeSample(Node {
        id: NodeId::new(name),
        version: Version(1),
        hostname: name.to_owned(),
        role: Role::Worker,
        availability: Availability::Active,
        state: NodeState::Ready,
        message: String::new(),
        address: "192.0.2.1".to_owned(),
        manager: None,
        engine_version: "28.5.2".to_owned(),
        os: "linux".to_owned(),
        arch: "x86_64".to_owned(),
        nano_cpus: 4_000_000_000,
        memory: 8 << 30,
        labels: BTreeMap::new(),
        engine_labels: BTreeMap::new(),
        raw: "{}".into(),
    })
}

impl NodeSample {
    /// With a node label.
    #[must_use]
    pub fn label(mut self, key: &str, value: &str) -> Self {
        self.0.labels.insert(key.to_owned(), value.to_owned());
        self
    }

    /// As a manager.
    #[must_use]
    pub fn manager(mut self, leader: bool) -> Self {
        self.0.role = Role::Manager;
        self.0.manager =
            Some(Manager { leader, reachability: Reachability::Reachable, address: "192.0.2.1:2377".to_owned() });
        self
    }

    /// Not answering.
    #[must_use]
    pub fn down(mut self) -> Self {
        self.0.state = NodeState::Down;
        if let Some(manager) = &mut self.0.manager {
            manager.reachability = Reachability::Unreachable;
        }
        self
    }

    /// With another availability.
    #[must_use]
    pub fn availability(mut self, availability: Availability) -> Self {
        self.0.availability = availability;
        self
    }

    /// Changed by hand.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Node)) -> Self {
        change(&mut self.0);
        self
    }

    /// The node.
    #[must_use]
    pub fn build(self) -> Node {
        self.0
    }
}

/// Builds a [`Service`] with its tasks.
#[derive(Debug, Clone)]
pub struct ServiceSample {
    service: Service,
    tasks: Vec<Task>,
}

/// A replicated service of one; `stack_name` belongs to `stack`; its id is its name.
#[must_use]
pub fn service(name: &str) -> ServiceSample {
    ServiceSample {
        service: Service {
            id: ServiceId::new(name),
            version: Version(1),
            name: name.to_owned(),
            stack: name.split_once('_').map(|(stack, _)| stack.to_owned()),
            image: format!("{name}:1"),
            digest: None,
            mode: Mode::Replicated(1),
            constraints: Vec::new(),
            platforms: Vec::new(),
            max_per_node: 0,
            update: None,
            failure_action: "pause".to_owned(),
            monitor: 5_000_000_000,
            update_order: "stop-first".to_owned(),
            parallelism: 1,
            has_previous: false,
            job_iteration: None,
            has_health_check: false,
            tty: false,
            ports: Vec::new(),
            networks: Vec::new(),
            labels: BTreeMap::new(),
            restart: "any".to_owned(),
            force_update: 0,
            reserved_cpus: 0,
            reserved_memory: 0,
            created: Some(noon()),
            updated: Some(noon()),
            raw: "{}".into(),
        },
        tasks: Vec::new(),
    }
}

impl ServiceSample {
    /// In another mode.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.service.mode = mode;
        self
    }

    /// Changed by hand.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Service)) -> Self {
        change(&mut self.service);
        self
    }

    /// With one more task, wanted to run; slot 0 stands for none.
    #[must_use]
    pub fn task(mut self, slot: u64, node: &str, state: TaskState) -> Self {
        let ended = state.is_failure() || matches!(state, TaskState::Complete | TaskState::Shutdown);
        self.tasks.push(Task {
            id: TaskId::new(&format!("{}.{}", self.service.name, self.tasks.len())),
            version: Version(1),
            service: self.service.id.clone(),
            slot: (slot > 0).then_some(slot),
            node: (!node.is_empty()).then(|| NodeId::new(node)),
            desired: match (&self.service.mode, ended) {
                (mode, _) if mode.is_one_shot() && !state.is_failure() => TaskState::Complete,
                (_, true) => TaskState::Shutdown,
                _ => TaskState::Running,
            },
            state,
            message: String::new(),
            error: String::new(),
            since: Some(noon()),
            created: Some(noon()),
            exit_code: None,
            container: None,
            image: self.service.image.clone(),
            job_iteration: self.service.job_iteration,
            reserved_cpus: self.service.reserved_cpus,
            reserved_memory: self.service.reserved_memory,
            raw: "{}".into(),
        });
        self
    }

    /// Changes the task added last.
    #[must_use]
    pub fn and(mut self, change: impl FnOnce(&mut Task)) -> Self {
        if let Some(task) = self.tasks.last_mut() {
            change(task);
        }
        self
    }

    /// The service alone.
    #[must_use]
    pub fn build(self) -> Service {
        self.service
    }
}

/// A live snapshot of these nodes and services.
#[must_use]
pub fn swarm(
    nodes: impl IntoIterator<Item = NodeSample>,
    services: impl IntoIterator<Item = ServiceSample>,
) -> Snapshot {
    let mut listing = Listing { nodes: nodes.into_iter().map(NodeSample::build).collect(), ..Listing::default() };
    for sample in services {
        listing.services.push(sample.service);
        listing.tasks.extend(sample.tasks);
    }
    Snapshot::default()
        .after(Change::Everything(Box::new(listing)))
        .after(Change::Link(Link::Live { latency: std::time::Duration::from_millis(2) }))
}
