//! The rolling update of one service: so many slots at once, watched, and undone if it must be.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::service::{Service, UpdateStatus};
use super::super::task::{Place, State, Task};
use super::super::{Id, Timer, World, text};
use super::constraint::fits_constraints;

/// The settings of an update, with the engine's defaults.
#[derive(Debug, Clone)]
struct Settings {
    at_once: u64,
    delay: Duration,
    monitor: Duration,
    on_failure: String,
    ratio: f64,
    start_first: bool,
}

impl Settings {
    fn of(spec: &Value, section: &str) -> Self {
        let part = |name: &str| spec.get(section).and_then(|s| s.get(name));
        let nanos = |name: &str| Duration::from_nanos(part(name).and_then(Value::as_u64).unwrap_or(0));
        let monitor = nanos("Monitor");
        Self {
            at_once: part("Parallelism").and_then(Value::as_u64).unwrap_or(1),
            delay: nanos("Delay"),
            monitor: if monitor.is_zero() { Duration::from_secs(5) } else { monitor },
            on_failure: part("FailureAction")
                .and_then(Value::as_str)
                .filter(|s| !s.is_empty())
                .unwrap_or("pause")
                .into(),
            ratio: part("MaxFailureRatio").and_then(Value::as_f64).unwrap_or(0.0),
            start_first: part("Order").and_then(Value::as_str) == Some("start-first"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    /// The old tasks are on their way out; the new one waits for that.
    Stopping,
    /// The new task is on its way.
    Starting,
    /// Done; the pause between two slots runs until then.
    Resting(Timestamp),
}

#[derive(Debug, Clone)]
struct Work {
    place: Place,
    fresh: Id,
    phase: Phase,
}

/// A rolling update under way.
#[derive(Debug)]
pub(crate) struct Updater {
    settings: Settings,
    queue: VecDeque<Place>,
    work: Vec<Work>,
    total: usize,
    /// Tasks of this update, and since when they run.
    fresh: BTreeMap<Id, Option<Timestamp>>,
    failed: BTreeSet<Id>,
    quiet_since: Option<Timestamp>,
}

fn is_dirty(service: &Service, task: &Task, world: &World) -> bool {
    if *task.endpoint != *service.endpoint {
        return true;
    }
    if *task.spec == *service.template {
        return false;
    }
    // Only the placement differs, and the node still fits: swarm leaves the task alone.
    let without = |value: &Value| {
        let mut value = value.clone();
        if let Some(map) = value.as_object_mut() {
            map.shift_remove("Placement");
        }
        value
    };
    if without(&task.spec) != without(&service.template) {
        return true;
    }
    let node = task.node.as_ref().and_then(|n| world.nodes.get(n));
    node.is_none_or(|n| !fits_constraints(&service.template, n))
}

impl World {
    fn dirty_places(&self, id: &Id) -> BTreeSet<Place> {
        let Some(service) = self.services.get(id) else { return BTreeSet::new() };
        self.tasks_of(id).filter(|t| t.is_live() && is_dirty(service, t, self)).map(|t| t.place.clone()).collect()
    }

    /// Begins (or begins anew) to bring the tasks to the present spec.
    pub(super) fn begin_update(&mut self, id: &Id) {
        let Some(service) = self.services.get(id) else { return };
        if service.mode.is_job() {
            return;
        }
        let rolling_back = service.update.as_ref().is_some_and(|u| u.state == "rollback_started");
        let settings = Settings::of(&service.spec, if rolling_back { "RollbackConfig" } else { "UpdateConfig" });
        let places = self.dirty_places(id);
        if places.is_empty() && service.updater.is_none() {
            if service.update.as_ref().is_some_and(|u| u.state == "updating" || u.state == "rollback_started") {
                self.complete(id);
            }
            return;
        }
        if let Some(updater) = &service.updater
            && places
                .is_subset(&updater.queue.iter().cloned().chain(updater.work.iter().map(|w| w.place.clone())).collect())
        {
            return;
        }
        if service.update.is_none() {
            self.set_update(id, "updating", "update in progress");
        }
        let now = self.now;
        if let Some(service) = self.services.get_mut(id) {
            service.updater = Some(Updater {
                settings,
                total: places.len().max(1),
                queue: places.into_iter().collect(),
                work: Vec::new(),
                fresh: BTreeMap::new(),
                failed: BTreeSet::new(),
                quiet_since: None,
            });
            service.restarts.clear();
        }
        self.at(now, Timer::Service(id.clone()));
    }

    /// Looks at an update under way and does what has become possible.
    pub(in super::super) fn poll_update(&mut self, id: &Id) {
        let Some(mut updater) = self.services.get_mut(id).and_then(|s| s.updater.take()) else { return };
        if let Some(failed) = self.new_failure(&mut updater) {
            return self.update_failed(id, updater, &failed);
        }
        let work = std::mem::take(&mut updater.work);
        for mut one in work {
            if !self.advance(id, &mut updater, &mut one) {
                updater.work.push(one);
            }
        }
        let room = if updater.settings.at_once == 0 { u64::MAX } else { updater.settings.at_once };
        while (updater.work.len() as u64) < room {
            let Some(place) = updater.queue.pop_front() else { break };
            if let Some(one) = self.begin_work(id, &updater.settings, place) {
                updater.fresh.insert(one.fresh.clone(), None);
                updater.work.push(one);
            }
        }
        if updater.work.is_empty() && updater.queue.is_empty() {
            let since = *updater.quiet_since.get_or_insert(self.now);
            let watched = updater.settings.on_failure == "continue" || self.now >= since + updater.settings.monitor;
            if watched {
                return self.complete(id);
            }
            self.at(since + updater.settings.monitor, Timer::Service(id.clone()));
        }
        if let Some(service) = self.services.get_mut(id) {
            service.updater = Some(updater);
        }
    }

    /// A failure that counts and is more than the update may bear.
    fn new_failure(&self, updater: &mut Updater) -> Option<Id> {
        let monitor = updater.settings.monitor;
        for (id, since) in &mut updater.fresh {
            let Some(task) = self.tasks.get(id) else { continue };
            if task.state == State::Running && since.is_none() {
                *since = Some(task.at);
            }
            let early = since.is_none_or(|at| self.now.duration_since(at) <= monitor.try_into().unwrap_or_default());
            let by_itself = matches!(task.state, State::Failed | State::Rejected | State::Complete);
            if by_itself && early && updater.failed.insert(id.clone()) {
                #[expect(clippy::cast_precision_loss, reason = "counts of slots are small")]
                let ratio = updater.failed.len() as f64 / updater.total as f64;
                if ratio > updater.settings.ratio {
                    return Some(id.clone());
                }
            }
        }
        None
    }

    fn update_failed(&mut self, id: &Id, mut updater: Updater, task: &Id) {
        let because = |what: &str| format!("{what} due to failure or early termination of task {task}");
        let rolling_back =
            self.services.get(id).and_then(|s| s.update.as_ref()).is_some_and(|u| u.state == "rollback_started");
        match (updater.settings.on_failure.as_str(), rolling_back) {
            ("continue", _) => {
                updater.settings.ratio = f64::INFINITY;
                if let Some(service) = self.services.get_mut(id) {
                    service.updater = Some(updater);
                }
                self.touched.insert(id.clone());
            }
            (_, true) => self.set_update(id, "rollback_paused", &because("rollback paused")),
            ("rollback", false) => self.roll_back(id, &because("update rolled back")),
            _ => self.set_update(id, "paused", &because("update paused")),
        }
    }

    fn roll_back(&mut self, id: &Id, message: &str) {
        let Some(previous) = self.services.get_mut(id).and_then(|s| s.previous.take()) else {
            return self.set_update(id, "paused", message);
        };
        self.set_update(id, "rollback_started", message);
        self.adopt_spec(id, previous);
        self.dirty.insert(id.clone());
    }

    fn begin_work(&mut self, id: &Id, settings: &Settings, place: Place) -> Option<Work> {
        let service = self.services.get(id)?;
        let here: Vec<(Id, bool)> = self
            .tasks_of(id)
            .filter(|t| t.is_live() && t.place == place)
            .map(|t| (t.id.clone(), is_dirty(service, t, self)))
            .collect();
        if here.is_empty() {
            return None;
        }
        let clean = here.iter().find(|(_, dirty)| !dirty).map(|(id, _)| id.clone());
        let start_first = settings.start_first || clean.is_some();
        let fresh = match clean {
            Some(clean) => clean,
            None => {
                let desired = if start_first { State::Running } else { State::Ready };
                self.create_task(id, place.clone(), desired)?
            }
        };
        if !start_first || !settings.start_first {
            for (old, _) in here.iter().filter(|(old, _)| *old != fresh) {
                self.order_stop(old, State::Shutdown);
            }
        }
        let phase = if start_first { Phase::Starting } else { Phase::Stopping };
        Some(Work { place, fresh, phase })
    }

    /// One slot's work goes on. True when it is done.
    fn advance(&mut self, id: &Id, updater: &mut Updater, work: &mut Work) -> bool {
        if work.phase == Phase::Stopping {
            let stopping = self.tasks_of(id).any(|t| {
                t.place == work.place
                    && t.id != work.fresh
                    && !t.is_dead()
                    && t.node.as_ref().and_then(|n| self.nodes.get(n)).is_some_and(|n| n.up)
            });
            if stopping {
                return false;
            }
            self.let_run(&work.fresh);
            work.phase = Phase::Starting;
        }
        if work.phase == Phase::Starting {
            let state = self.tasks.get(&work.fresh).map_or(State::Remove, |t| t.state);
            if state < State::Running {
                return false;
            }
            if state == State::Running {
                let old: Vec<Id> = self
                    .tasks_of(id)
                    .filter(|t| t.is_live() && t.place == work.place && t.id != work.fresh)
                    .map(|t| t.id.clone())
                    .collect();
                for task in old {
                    self.order_stop(&task, State::Shutdown);
                }
            }
            let until = self.now + updater.settings.delay;
            work.phase = Phase::Resting(until);
            self.at(until, Timer::Service(id.clone()));
        }
        match work.phase {
            Phase::Resting(until) => updater.queue.is_empty() || self.now >= until,
            _ => false,
        }
    }

    fn complete(&mut self, id: &Id) {
        let rolling_back =
            self.services.get(id).and_then(|s| s.update.as_ref()).is_some_and(|u| u.state.starts_with("rollback"));
        let (state, message) =
            if rolling_back { ("rollback_completed", "rollback completed") } else { ("completed", "update completed") };
        self.set_update(id, state, message);
    }

    /// Writes the update status and tells of it. What is over ends the updater.
    pub(in super::super) fn set_update(&mut self, id: &Id, state: &'static str, message: &str) {
        let index = self.bump();
        let now = self.now;
        let Some(service) = self.services.get_mut(id) else { return };
        let old = service.update.take();
        let started = match &old {
            Some(old) if state != "rollback_started" && state != "updating" => old.started,
            _ => now,
        };
        let over = matches!(state, "completed" | "rollback_completed");
        if state != "updating" {
            service.updater = None;
        }
        service.update =
            Some(UpdateStatus { state, started, completed: over.then_some(now), message: message.to_owned() });
        (service.index, service.updated) = (index, now);
        let mut attributes = vec![("name", service.name.clone()), ("updatestate.new", state.to_owned())];
        if let Some(old) = old {
            attributes.push(("updatestate.old", old.state.to_owned()));
        }
        self.tell("service", "update", id, &attributes);
    }
}

/// The image in a service spec, for the words of an event.
pub(crate) fn image_of(spec: &Value) -> &str {
    text(spec, "/TaskTemplate/ContainerSpec/Image")
}

/// An empty object where a spec leaves a part out.
pub(crate) fn or_object(value: Option<&Value>) -> Value {
    value.filter(|v| v.is_object()).cloned().unwrap_or_else(|| json!({}))
}
