//! From a service's wish to the tasks there should be: slots up and down, one a node, jobs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::super::service::Mode;
use super::super::task::{Place, State, Task};
use super::super::{Id, Timer, World};
use super::constraint::fits_constraints;

impl World {
    /// Brings the number of tasks to what the service asks for; changed specs are the updater's work.
    pub(in super::super) fn reconcile(&mut self, id: &Id) {
        let Some(service) = self.services.get(id) else { return };
        match service.mode {
            Mode::Replicated(want) => self.reconcile_slots(id, want),
            Mode::Global => self.reconcile_global(id),
            Mode::Job { at_once, total } => self.reconcile_job(id, at_once, total),
            Mode::GlobalJob => self.reconcile_global_job(id),
        }
        let paused = self
            .services
            .get(id)
            .and_then(|s| s.update.as_ref())
            .is_some_and(|u| u.state == "paused" || u.state == "rollback_paused");
        if !paused {
            self.begin_update(id);
        }
    }

    fn reconcile_slots(&mut self, id: &Id, want: u64) {
        let mut slots: BTreeMap<u64, (bool, Option<Id>)> = BTreeMap::new();
        for task in self.tasks_of(id).filter(|t| t.is_live()) {
            if let Place::Slot(slot) = task.place {
                let entry = slots.entry(slot).or_insert((false, None));
                entry.0 |= task.state == State::Running;
                entry.1 = entry.1.take().or(task.node.clone());
            }
        }
        let have = slots.len() as u64;
        if have < want {
            let free: Vec<u64> = (1..)
                .filter(|slot| !slots.contains_key(slot))
                .take(usize::try_from(want - have).unwrap_or(0))
                .collect();
            for slot in free {
                self.create_task(id, Place::Slot(slot), State::Running);
            }
            return;
        }
        for _ in want..have {
            let mut crowd: BTreeMap<&Option<Id>, usize> = BTreeMap::new();
            for (_, node) in slots.values() {
                *crowd.entry(node).or_default() += 1;
            }
            let gone = slots
                .iter()
                .max_by_key(|(slot, (running, node))| (!running, crowd.get(node).copied().unwrap_or(0), **slot))
                .map(|(slot, _)| *slot);
            let Some(gone) = gone else { return };
            slots.remove(&gone);
            self.end_place(id, &Place::Slot(gone), State::Remove);
        }
    }

    /// Ends every live task of one slot or node.
    pub(super) fn end_place(&mut self, id: &Id, place: &Place, desired: State) {
        let ending: Vec<Id> =
            self.tasks_of(id).filter(|t| t.is_live() && t.place == *place).map(|t| t.id.clone()).collect();
        for task in ending {
            self.order_stop(&task, desired);
        }
    }

    fn eligible_nodes(&self, id: &Id) -> (BTreeSet<Id>, BTreeSet<Id>) {
        let Some(service) = self.services.get(id) else { return Default::default() };
        let fit = || self.nodes.values().filter(|n| fits_constraints(&service.template, n));
        let keep = fit().filter(|n| n.keeps_tasks()).map(|n| n.id.clone()).collect();
        let take = fit().filter(|n| n.takes_tasks()).map(|n| n.id.clone()).collect();
        (keep, take)
    }

    fn reconcile_global(&mut self, id: &Id) {
        let (keep, take) = self.eligible_nodes(id);
        let mut covered: BTreeSet<Id> = BTreeSet::new();
        let mut ending = Vec::new();
        for task in self.tasks_of(id).filter(|t| t.is_live()) {
            let Place::Node(node) = &task.place else { continue };
            if keep.contains(node) {
                covered.insert(node.clone());
            } else {
                ending.push(task.id.clone());
            }
        }
        for task in ending {
            self.order_stop(&task, State::Shutdown);
        }
        for node in take.difference(&covered) {
            self.create_task(id, Place::Node(node.clone()), State::Running);
        }
    }

    /// Ends the tasks of former runs; gives which places this run has covered and how many of them still work.
    fn begin_iteration(&mut self, id: &Id) -> (BTreeSet<Place>, u64) {
        let Some(iteration) = self.services.get(id).map(|s| s.iteration) else { return Default::default() };
        let former: Vec<Id> = self
            .tasks_of(id)
            .filter(|t| t.iteration != Some(iteration) && t.desired != State::Remove)
            .map(|t| t.id.clone())
            .collect();
        for task in former {
            self.order_stop(&task, State::Remove);
        }
        let this = || self.tasks_of(id).filter(|t| t.iteration == Some(iteration));
        let working = this().filter(|t| t.is_live() && !t.is_dead()).count() as u64;
        (this().map(|t| t.place.clone()).collect(), working)
    }

    fn reconcile_job(&mut self, id: &Id, at_once: u64, total: u64) {
        let (begun, mut working) = self.begin_iteration(id);
        for slot in 0..total {
            let place = Place::Slot(slot);
            if working < at_once.max(1) && !begun.contains(&place) {
                self.create_task(id, place, State::Complete);
                working += 1;
            }
        }
    }

    fn reconcile_global_job(&mut self, id: &Id) {
        let (begun, _) = self.begin_iteration(id);
        for node in self.eligible_nodes(id).1 {
            let place = Place::Node(node);
            if !begun.contains(&place) {
                self.create_task(id, place, State::Complete);
            }
        }
    }

    /// Adds a task for a place, after the service's present spec.
    pub(super) fn create_task(&mut self, service: &Id, place: Place, desired: State) -> Option<Id> {
        let id = self.rng.id();
        let index = self.bump();
        let (container, pid) = (self.rng.hex(64), self.rng.between(1000, 400_000));
        let owner = self.services.get(service)?;
        let node = match &place {
            Place::Node(node) => Some(node.clone()),
            Place::Slot(_) => None,
        };
        let task = Task {
            id: id.clone(),
            index,
            created: self.now,
            updated: self.now,
            service: service.clone(),
            service_name: owner.name.clone(),
            service_labels: Arc::clone(&owner.labels),
            place,
            node,
            state: State::New,
            desired,
            at: self.now,
            message: None,
            err: None,
            exit: 0,
            container,
            pid,
            spec: Arc::clone(&owner.template),
            endpoint: Arc::clone(&owner.endpoint),
            iteration: owner.mode.is_job().then_some(owner.iteration),
            attachments: Arc::clone(&owner.attachments),
            due: None,
            lines: Default::default(),
        };
        self.tasks.insert(id.clone(), task);
        self.by_service.entry(service.clone()).or_default().insert(id.clone());
        self.wake_task(&id, Duration::from_millis(20));
        Some(id)
    }

    /// Keeps the last five tasks of a place, as swarm's task history limit says.
    pub(super) fn trim_history(&mut self, service: &Id, place: &Place) {
        let mut dead: Vec<(u64, Id, bool)> = Vec::new();
        let mut all = 0_usize;
        for task in self.tasks_of(service).filter(|t| t.place == *place) {
            all += 1;
            if task.is_dead() && !task.is_live() {
                dead.push((task.index, task.id.clone(), true));
            }
        }
        dead.sort();
        for (_, id, _) in dead.into_iter().take(all.saturating_sub(5)) {
            self.drop_task(&id);
        }
    }

    /// Takes a task out of the store.
    pub(in super::super) fn drop_task(&mut self, id: &Id) {
        if let Some(task) = self.tasks.remove(id) {
            self.pending.remove(id);
            self.may_place = true;
            if let Some(all) = self.by_service.get_mut(&task.service) {
                all.remove(id);
                if all.is_empty() {
                    self.by_service.remove(&task.service);
                }
            }
        }
    }

    pub(in super::super) fn wake_task(&mut self, id: &Id, after: Duration) {
        let when = self.now + after;
        if let Some(task) = self.tasks.get_mut(id) {
            task.due = Some(when);
            self.at(when, Timer::Task(id.clone()));
        }
    }
}
