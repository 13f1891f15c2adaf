//! Which services are on their way somewhere, and when each should be looked at again: there are no events of tasks.
//! The longer nothing moves, the rarer the look, so that a service that waits for ever costs nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use crate::model::{Mode, Service, ServiceId, Task, TaskState, UpdateState};

/// How long after the last look the next one comes, by how long nothing has moved. None: the whole list will do.
fn rhythm(quiet: Duration) -> Option<Duration> {
    match quiet.as_secs() {
        0..30 => Some(Duration::from_secs(1)),
        30..300 => Some(Duration::from_secs(5)),
        _ => None,
    }
}

/// The services that are not settled.
#[derive(Debug, Default)]
pub(super) struct Pace(BTreeMap<ServiceId, Watched>);

#[derive(Debug)]
struct Watched {
    print: u64,
    moved: Duration,
    next: Option<Duration>,
}

impl Pace {
    /// Takes note of how a service is at a moment.
    pub(super) fn note(&mut self, service: &Service, tasks: &[&Task], now: Duration) {
        if is_settled(service, tasks) {
            self.0.remove(&service.id);
            return;
        }
        let print = print(service, tasks);
        let watched = self.0.entry(service.id.clone()).or_insert(Watched { print, moved: now, next: None });
        if watched.print != print {
            *watched = Watched { print, moved: now, next: None };
        }
        watched.next = rhythm(now.saturating_sub(watched.moved)).map(|wait| now + wait);
    }

    /// A service is gone.
    pub(super) fn gone(&mut self, id: &ServiceId) {
        self.0.remove(id);
    }

    /// Only these are left.
    pub(super) fn keep(&mut self, there: &BTreeSet<&ServiceId>) {
        self.0.retain(|id, _| there.contains(id));
    }

    /// Those to be looked at by now.
    pub(super) fn due(&self, now: Duration) -> impl Iterator<Item = &ServiceId> {
        self.0.iter().filter(move |(_, watched)| watched.next.is_some_and(|next| next <= now)).map(|(id, _)| id)
    }

    /// When the next look is due.
    pub(super) fn next(&self) -> Option<Duration> {
        self.0.values().filter_map(|watched| watched.next).min()
    }
}

/// Nothing more is to be expected of its own accord.
fn is_settled(service: &Service, tasks: &[&Task]) -> bool {
    let updating = |state: &UpdateState| matches!(state, UpdateState::Updating | UpdateState::RollbackStarted);
    if service.update.as_ref().is_some_and(|update| updating(&update.state)) {
        return false;
    }
    let is_up = |task: &Task| task.state == TaskState::Running;
    let moves = |task: &&&Task| {
        if task.is_wanted() { task.state.is_starting() } else { is_up(task) || task.state.is_starting() }
    };
    if tasks.iter().any(|task| moves(&task)) {
        return false;
    }
    let running = tasks.iter().filter(|task| task.is_wanted() && is_up(task)).count() as u64;
    match &service.mode {
        Mode::Replicated(wanted) => running == *wanted,
        Mode::ReplicatedJob { .. } | Mode::GlobalJob => running == 0,
        Mode::Global | Mode::Other(_) => true,
    }
}

/// The same for the same states, in whatever order the tasks come.
fn print(service: &Service, tasks: &[&Task]) -> u64 {
    let hash = |part: &dyn Fn(&mut DefaultHasher)| {
        let mut hasher = DefaultHasher::new();
        part(&mut hasher);
        hasher.finish()
    };
    let own = hash(&|hasher| (service.version, service.update.as_ref().map(|update| &update.state)).hash(hasher));
    tasks.iter().fold(own, |sum, task| {
        sum.wrapping_add(hash(&|hasher| (&task.id, task.version, &task.state, &task.desired).hash(hasher)))
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::read;
    use super::*;

    fn service(replicas: u64) -> Service {
        read::service(&format!(r#"{{"ID":"s","Spec":{{"Mode":{{"Replicated":{{"Replicas":{replicas}}}}}}}}}"#)).unwrap()
    }

    fn task(state: &str, desired: &str) -> Task {
        let json = format!(r#"{{"ID":"t","ServiceID":"s","DesiredState":"{desired}","Status":{{"State":"{state}"}}}}"#);
        read::task(&json).unwrap()
    }

    #[test]
    fn a_service_is_settled_when_what_should_run_runs_and_nothing_else_does() {
        for (replicas, tasks, settled) in [
            (1, vec![("running", "running")], true),
            (0, vec![], true),
            (1, vec![], false),
            (2, vec![("running", "running")], false),
            (1, vec![("starting", "running")], false),
            (1, vec![("running", "running"), ("running", "shutdown")], false),
            (1, vec![("running", "running"), ("shutdown", "shutdown"), ("failed", "shutdown")], true),
            (1, vec![("pending", "running")], false),
        ] {
            let tasks: Vec<Task> = tasks.into_iter().map(|(state, desired)| task(state, desired)).collect();
            let tasks: Vec<&Task> = tasks.iter().collect();
            assert_eq!(is_settled(&service(replicas), &tasks), settled, "{replicas} {tasks:?}");
        }
    }

    #[test]
    fn a_service_that_does_not_move_is_looked_at_ever_more_rarely() {
        let (mut pace, service, pending) = (Pace::default(), service(1), task("pending", "running"));
        let mut looks = 0;
        let mut now = Duration::ZERO;
        pace.note(&service, &[&pending], now);
        while let Some(next) = pace.next() {
            now = next;
            assert_eq!(pace.due(now).count(), 1);
            pace.note(&service, &[&pending], now);
            looks += 1;
        }
        assert_eq!(now.as_secs(), 300);
        assert_eq!(looks, 30 + 54);
        pace.note(&service, &[&task("starting", "running")], now);
        assert_eq!(pace.next(), Some(now + Duration::from_secs(1)));
        pace.note(&service, &[&task("running", "running")], now);
        assert_eq!(pace.next(), None);
    }
}
