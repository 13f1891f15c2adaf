//! What follows a task's end: another try, or none, as the restart policy says.

use std::time::Duration;

use super::super::task::{Place, State};
use super::super::{Id, Timer, World};

impl World {
    /// A task ended. If nobody wanted that, the policy decides.
    pub(super) fn ended(&mut self, id: &Id) {
        self.may_place = true;
        let Some(task) = self.tasks.get(id) else { return };
        let (service, desired, state, is_job) =
            (task.service.clone(), task.desired, task.state, task.iteration.is_some());
        if desired > State::Complete {
            self.touched.insert(service);
            return;
        }
        if is_job && state == State::Complete {
            self.dirty.insert(service);
            return;
        }
        self.replace(id);
    }

    /// Gives a task up and, where the policy allows, tries its place again.
    pub(in super::super) fn replace(&mut self, id: &Id) -> Option<Id> {
        let index = self.bump();
        let task = self.tasks.get_mut(id)?;
        let (service, place, state, was) = (task.service.clone(), task.place.clone(), task.state, task.desired);
        if task.desired < State::Shutdown {
            (task.desired, task.index) = (State::Shutdown, index);
            self.pending.remove(id);
        }
        let delay = self.restart_delay(&service, &place, state)?;
        let node = self.tasks.get(id)?.node.clone();
        let drained = node.and_then(|n| self.nodes.get(&n)).is_some_and(|n| n.availability() == "drain");
        let wanted = if was == State::Complete { State::Complete } else { State::Running };
        let wait = if drained { Duration::from_secs(1) } else { delay };
        let fresh = self.create_task(&service, place, if wait.is_zero() { wanted } else { State::Ready })?;
        if !wait.is_zero() {
            self.at(self.now + wait, Timer::Deed(Box::new(crate::sim::deed::Deed::LetRun { task: fresh.clone() })));
        }
        Some(fresh)
    }

    /// How long to wait before the next try; nothing if there is to be none.
    fn restart_delay(&mut self, service: &Id, place: &Place, state: State) -> Option<Duration> {
        let now = self.now;
        let service = self.services.get_mut(service)?;
        let policy = service.restart_policy();
        let asked = match policy.condition.as_str() {
            "none" => false,
            "on-failure" => state != State::Complete,
            _ => true,
        };
        if !asked {
            return None;
        }
        let tries = service.restarts.entry(place.clone()).or_default();
        if !policy.window.is_zero() {
            tries.retain(|at| *at + policy.window > now);
        }
        if policy.attempts > 0 && tries.len() as u64 >= policy.attempts {
            return None;
        }
        tries.push(now);
        Some(policy.delay)
    }

    /// Lets a task that was held ready go on.
    pub(in super::super) fn let_run(&mut self, id: &Id) {
        let index = self.bump();
        let Some(task) = self.tasks.get_mut(id) else { return };
        if task.desired == State::Ready {
            let wanted = if task.iteration.is_some() { State::Complete } else { State::Running };
            (task.desired, task.index, task.updated) = (wanted, index, self.now);
            if task.state == State::Ready {
                self.wake_task(id, Duration::from_millis(20));
            }
        }
    }
}
