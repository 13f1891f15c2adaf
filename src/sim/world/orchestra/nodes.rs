//! What a change of a node means for the tasks: it dies, comes back, is drained, gets a label.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use super::super::node::Node;
use super::super::service::Mode;
use super::super::task::{Place, State};
use super::super::{Id, World};
use super::constraint::fits_constraints;

impl World {
    /// A node stops answering. What ran there is said to run still; others take over.
    pub(crate) fn node_dies(&mut self, id: &Id) {
        self.set_up(id, false);
        self.give_up_tasks(id, false);
        self.node_changed();
    }

    /// A node answers again: its old tasks are found dead, and it takes new ones.
    pub(crate) fn node_returns(&mut self, id: &Id) {
        self.set_up(id, true);
        let there: Vec<(Id, State, State)> = self
            .tasks
            .values()
            .filter(|t| t.node.as_ref() == Some(id) && !t.is_dead())
            .map(|t| (t.id.clone(), t.state, t.desired))
            .collect();
        for (task, state, desired) in there {
            if state == State::Running && desired > State::Complete {
                self.fail(&task, 255, "");
            } else {
                let wait = self.millis(200, 400);
                self.wake_task(&task, wait);
            }
        }
        self.node_changed();
    }

    /// A machine becomes a member: global services come to it, and what waits may be placed there.
    pub(crate) fn join(&mut self, hostname: &str, manager: bool) -> Id {
        let (id, index) = (self.rng.id(), self.bump());
        let role = if manager { "manager" } else { "worker" };
        let node = Node {
            id: id.clone(),
            index,
            created: self.now,
            updated: self.now,
            spec: json!({"Labels": {}, "Role": role, "Availability": "active"}),
            hostname: hostname.to_owned(),
            addr: format!("192.0.2.{}", 10 + self.nodes.len()),
            nano_cpus: 4_000_000_000,
            memory: 8 << 30,
            os: "linux".into(),
            arch: "x86_64".into(),
            engine: self.cluster.engine.clone(),
            system: "Debian GNU/Linux 13 (trixie)".into(),
            engine_labels: BTreeMap::new(),
            up: true,
        };
        self.nodes.insert(id.clone(), node);
        self.tell("node", "create", &id, &[("name", hostname.to_owned())]);
        self.lead_anew();
        self.node_changed();
        id
    }

    fn set_up(&mut self, id: &Id, up: bool) {
        let index = self.bump();
        let Some(node) = self.nodes.get_mut(id) else { return };
        if node.up == up {
            return;
        }
        (node.up, node.index, node.updated) = (up, index, self.now);
        let name = node.hostname.clone();
        let (old, new) = if up { ("down", "ready") } else { ("ready", "down") };
        let mut attributes = vec![("name", name), ("state.new", new.to_owned()), ("state.old", old.to_owned())];
        if node.is_manager() {
            let (old, new) = if up { ("unreachable", "reachable") } else { ("reachable", "unreachable") };
            attributes.push(("reachability.new", new.to_owned()));
            attributes.push(("reachability.old", old.to_owned()));
        }
        self.tell("node", "update", id, &attributes);
        self.lead_anew();
    }

    /// Lets the managers choose, and tells of it if the choice is another.
    pub(crate) fn lead_anew(&mut self) {
        let before = self.leader.clone();
        self.elect();
        if before == self.leader {
            return;
        }
        for (id, new, old) in [(before, "false", "true"), (self.leader.clone(), "true", "false")] {
            let index = self.bump();
            let now = self.now;
            let Some(node) = id.and_then(|id| self.nodes.get_mut(&id)) else { continue };
            (node.index, node.updated) = (index, now);
            let (id, name) = (node.id.clone(), node.hostname.clone());
            let attributes = [("leader.new", new.to_owned()), ("leader.old", old.to_owned()), ("name", name)];
            self.tell("node", "update", &id, &attributes);
        }
    }

    /// Ends the tasks of a node that keeps none, and tries replicated ones and jobs elsewhere.
    pub(in super::super) fn give_up_tasks(&mut self, node: &Id, stop: bool) {
        let there: Vec<(Id, bool)> = self
            .tasks
            .values()
            .filter(|t| t.node.as_ref() == Some(node) && t.is_live() && !t.is_dead())
            .map(|t| (t.id.clone(), matches!(t.place, Place::Node(_))))
            .collect();
        for (task, global) in there {
            let state = self.tasks.get(&task).map_or(State::New, |t| t.state);
            if global {
                self.order_stop(&task, State::Shutdown);
                continue;
            }
            self.replace(&task);
            if stop && state <= State::Running {
                self.stop_soon(&task);
            }
        }
    }

    fn stop_soon(&mut self, task: &Id) {
        let grace = self.millis(250, 900);
        if self.tasks.get(task).is_some_and(|t| t.state >= State::Assigned) {
            self.wake_task(task, grace);
        } else {
            self.wake_task(task, Duration::from_millis(1));
        }
    }

    /// Looks again at all that depends on which nodes there are and what they bear.
    pub(in super::super) fn node_changed(&mut self) {
        self.may_place = true;
        let global = self.services.values().filter(|s| s.mode.is_global()).map(|s| s.id.clone());
        self.dirty.extend(global);
        // The constraint enforcer: what runs where it no longer may is rejected and tried elsewhere.
        let misplaced: Vec<Id> = self
            .tasks
            .values()
            .filter(|t| t.is_live() && !t.is_dead() && t.state >= State::Assigned)
            .filter(|t| self.services.get(&t.service).is_some_and(|s| matches!(s.mode, Mode::Replicated(_))))
            .filter(|t| {
                let node = t.node.as_ref().and_then(|n| self.nodes.get(n));
                node.is_some_and(|n| n.up && !fits_constraints(&t.spec, n))
            })
            .map(|t| t.id.clone())
            .collect();
        for id in misplaced {
            if let Some(task) = self.tasks.get_mut(&id) {
                task.err = Some("assigned node no longer meets constraints".into());
            }
            self.walk(&id, State::Rejected);
        }
    }
}
