//! The swarm at one moment of its own time, and how that time passes.
//! Knows nothing of HTTP, never waits, never asks the machine for time or randomness.

pub(crate) mod chatter;
pub(crate) mod check;
pub(crate) mod container;
pub(crate) mod event;
pub(crate) mod exec;
pub(crate) mod ids;
pub(crate) mod node;
pub(crate) mod orchestra;
pub(crate) mod parts;
pub(crate) mod refusal;
pub(crate) mod service;
pub(crate) mod storage;
pub(crate) mod task;
mod voices;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use self::event::EventLog;
use self::exec::Exec;
use self::ids::Rng;
use self::node::Node;
use self::parts::{Network, Part};
use self::service::Service;
use self::storage::Storage;
use self::task::{State, Task};
pub(crate) use self::write::set;
use super::behaviour::{Behaviour, plain_image};
use super::deed::Deed;

pub(crate) type Id = String;

/// What happens at a moment.
#[derive(Debug)]
enum Timer {
    Task(Id),
    Line(Id),
    Service(Id),
    Drop(Id),
    Deed(Box<Deed>),
}

/// What the engine says of itself and of the cluster.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    pub(crate) id: Id,
    pub(crate) index: u64,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) api: (u32, u32),
    pub(crate) api_min: (u32, u32),
    pub(crate) engine: String,
    pub(crate) worker_token: String,
    pub(crate) manager_token: String,
}

/// What is known of images.
#[derive(Debug, Default)]
pub(crate) struct Images {
    pub(crate) behaviours: BTreeMap<String, Behaviour>,
    pub(crate) unknown_to_registry: BTreeSet<String>,
    pub(crate) versions: BTreeMap<String, String>,
    /// Which node has pulled what.
    pub(crate) pulled: BTreeSet<(Id, String)>,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) rng: Rng,
    pub(crate) index: u64,
    pub(crate) cluster: Cluster,
    pub(crate) nodes: BTreeMap<Id, Node>,
    pub(crate) services: BTreeMap<Id, Service>,
    pub(crate) tasks: BTreeMap<Id, Task>,
    pub(crate) by_service: BTreeMap<Id, BTreeSet<Id>>,
    pub(crate) networks: BTreeMap<Id, Network>,
    pub(crate) secrets: BTreeMap<Id, Part>,
    pub(crate) configs: BTreeMap<Id, Part>,
    pub(crate) images: Images,
    /// Containers that were removed from their node while their task is still remembered.
    pub(crate) gone: BTreeSet<String>,
    /// What lies on each node.
    pub(crate) storages: BTreeMap<Id, Storage>,
    /// Commands in containers, by their id.
    pub(crate) execs: BTreeMap<String, Exec>,
    pub(crate) events: EventLog,
    pub(crate) leader: Option<Id>,
    pub(crate) leaderless: bool,
    timers: BTreeMap<(Timestamp, u64), Timer>,
    timer_seq: u64,
    line_seq: u64,
    names_given: u64,
    pending: BTreeSet<Id>,
    touched: BTreeSet<Id>,
    dirty: BTreeSet<Id>,
    may_place: bool,
    pub(crate) chatty: bool,
}

impl World {
    pub(crate) fn new(now: Timestamp, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let cluster = Cluster {
            id: rng.id(),
            index: 10,
            created: now,
            updated: now,
            api: (1, 51),
            api_min: (1, 24),
            engine: "28.5.2".into(),
            worker_token: token(&mut rng),
            manager_token: token(&mut rng),
        };
        Self {
            now,
            rng,
            index: 10,
            cluster,
            nodes: BTreeMap::new(),
            services: BTreeMap::new(),
            tasks: BTreeMap::new(),
            by_service: BTreeMap::new(),
            networks: BTreeMap::new(),
            secrets: BTreeMap::new(),
            configs: BTreeMap::new(),
            images: Images::default(),
            gone: BTreeSet::new(),
            storages: BTreeMap::new(),
            execs: BTreeMap::new(),
            events: EventLog::default(),
            leader: None,
            leaderless: false,
            timers: BTreeMap::new(),
            timer_seq: 0,
            line_seq: 0,
            names_given: 0,
            pending: BTreeSet::new(),
            touched: BTreeSet::new(),
            dirty: BTreeSet::new(),
            may_place: false,
            chatty: true,
        }
    }

    /// Lets this much time pass, doing all that falls due on the way in its order.
    pub(crate) fn tick(&mut self, dt: Duration) {
        let until = self.now + dt;
        self.obey();
        while let Some((&(at, _), _)) = self.timers.first_key_value() {
            if at > until {
                break;
            }
            self.now = self.now.max(at);
            while let Some(entry) = self.timers.first_entry() {
                if entry.key().0 > self.now {
                    break;
                }
                let timer = entry.remove();
                self.fire(timer);
            }
            self.obey();
        }
        self.now = until;
    }

    /// Is another one after anything that a stream may show, and with each second.
    pub(crate) fn progress(&self) -> (u64, u64, u64, i64) {
        (self.index, self.line_seq, self.events.last(), self.now.as_second())
    }

    /// Jumps forward without anything happening: what was due falls due from there.
    pub(crate) fn leap(&mut self, to: Timestamp) {
        if to <= self.now {
            return;
        }
        let by = to.duration_since(self.now);
        let moved = std::mem::take(&mut self.timers).into_iter().map(|((at, seq), timer)| ((at + by, seq), timer));
        self.timers = moved.collect();
        for task in self.tasks.values_mut() {
            task.due = task.due.map(|at| at + by);
        }
        self.now = to;
    }

    /// Ticks until nothing is on its way any more. False if that took longer than `limit`.
    pub(crate) fn settle(&mut self, limit: Duration) -> bool {
        let end = self.now + limit;
        self.obey();
        while self.now < end {
            if self.is_settled() {
                return true;
            }
            self.tick(Duration::from_millis(100));
        }
        self.is_settled()
    }

    /// Whether every task is where it should be and no update runs. Tasks no node can take do not count.
    pub(crate) fn is_settled(&self) -> bool {
        if self.services.values().any(|s| s.updater.is_some()) || !self.dirty.is_empty() || self.may_place {
            return false;
        }
        self.tasks.values().all(|task| {
            let dead_node = task.node.as_ref().is_some_and(|n| self.nodes.get(n).is_none_or(|n| !n.up));
            if dead_node {
                return true;
            }
            match task.desired {
                State::Running | State::Ready => task.state == State::Running || task.state == State::Pending,
                State::Complete => task.state == State::Pending || task.is_dead(),
                State::Remove => false,
                _ => task.is_dead(),
            }
        })
    }

    fn at(&mut self, when: Timestamp, timer: Timer) {
        self.timer_seq += 1;
        self.timers.insert((when, self.timer_seq), timer);
    }

    pub(crate) fn after(&mut self, delay: Duration, deed: Deed) {
        self.at(self.now + delay, Timer::Deed(Box::new(deed)));
    }

    fn fire(&mut self, timer: Timer) {
        match timer {
            Timer::Task(id) => {
                let due = self.tasks.get_mut(&id).filter(|t| t.due.is_some_and(|at| at <= self.now));
                if let Some(task) = due {
                    task.due = None;
                    self.step(&id);
                }
            }
            Timer::Line(id) => self.write_line(&id),
            Timer::Service(id) => {
                self.touched.insert(id);
            }
            Timer::Drop(id) => self.drop_task(&id),
            Timer::Deed(deed) => self.carry_out(*deed),
        }
    }

    /// Does what the changes so far ask for, until nothing is left to do at this moment.
    fn obey(&mut self) {
        for _ in 0..64 {
            let dirty = std::mem::take(&mut self.dirty);
            let touched = std::mem::take(&mut self.touched);
            if dirty.is_empty() && touched.is_empty() && !self.may_place {
                return;
            }
            for id in &dirty {
                self.reconcile(id);
            }
            for id in touched.union(&dirty) {
                self.poll_update(id);
            }
            if std::mem::take(&mut self.may_place) {
                self.place_pending();
            }
        }
    }

    pub(crate) fn bump(&mut self) -> u64 {
        self.index += 1;
        self.index
    }

    pub(crate) fn millis(&mut self, low: u64, high: u64) -> Duration {
        Duration::from_millis(self.rng.between(low, high))
    }

    pub(crate) fn tell(&mut self, kind: &str, action: &str, id: &str, attributes: &[(&str, String)]) {
        let map: Map<String, Value> = attributes.iter().map(|(k, v)| ((*k).to_owned(), json!(v))).collect();
        self.events.tell(self.now, (kind, action), id, map);
    }

    pub(crate) fn behaviour(&self, image: &str) -> Behaviour {
        self.images.behaviours.get(&plain_image(image)).cloned().unwrap_or_default()
    }

    pub(crate) fn node_named(&self, name: &str) -> Option<Id> {
        self.nodes.values().find(|n| n.hostname == name || n.id == name).map(|n| n.id.clone())
    }

    pub(crate) fn service_named(&self, name: &str) -> Option<Id> {
        self.services.values().find(|s| s.name == name || s.id == name).map(|s| s.id.clone())
    }

    pub(crate) fn tasks_of<'a>(&'a self, service: &str) -> impl Iterator<Item = &'a Task> + use<'a> {
        self.by_service.get(service).into_iter().flatten().filter_map(|id| self.tasks.get(id))
    }

    /// Whether enough managers are up for one of them to lead.
    pub(crate) fn has_leader(&self) -> bool {
        let managers = || self.nodes.values().filter(|n| n.is_manager());
        !self.leaderless && managers().filter(|n| n.up).count() * 2 > managers().count()
    }

    /// Keeps the leader a manager that is up; another one takes over where it is not.
    pub(crate) fn elect(&mut self) {
        let fit = |n: &Node| n.is_manager() && n.up;
        let stays = self.leader.as_ref().and_then(|id| self.nodes.get(id)).is_some_and(fit);
        if !stays {
            let mut fit: Vec<&Node> = self.nodes.values().filter(|n| fit(n)).collect();
            fit.sort_by(|a, b| a.created.cmp(&b.created).then_with(|| a.addr.cmp(&b.addr)));
            self.leader = fit.first().map(|n| n.id.clone());
        }
    }
}

fn token(rng: &mut Rng) -> String {
    format!("SWMTKN-1-{}{}-{}", rng.id(), rng.id(), rng.id())
}

/// RFC 3339 with nanoseconds, as the engine writes it.
pub(crate) fn stamp(at: Timestamp) -> String {
    format!("{at:.9}")
}

/// The text at a JSON pointer, or nothing.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or("")
}

/// The number at a JSON pointer, or 0.
pub(crate) fn number(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or(0)
}

/// The list at a JSON pointer, or nothing.
pub(crate) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
