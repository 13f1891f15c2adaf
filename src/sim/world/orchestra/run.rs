//! What happens to one task on its node: the walk from new to its end, as its image behaves.

use std::time::Duration;

use super::super::task::{LogLine, State};
use super::super::{Id, Timer, World, text};
use crate::sim::behaviour::Behaviour;

const LINGER: Duration = Duration::from_millis(1500);

impl World {
    /// Moves a task on and tells those who wait for it.
    pub(in super::super) fn walk(&mut self, id: &Id, to: State) {
        let index = self.bump();
        let now = self.now;
        let Some(task) = self.tasks.get_mut(id) else { return };
        if !task.walk(to, now, index) {
            return;
        }
        let (service, place) = (task.service.clone(), task.place.clone());
        self.touched.insert(service.clone());
        if to > State::Running {
            self.ended(id);
            self.trim_history(&service, &place);
        }
    }

    /// The next step of a task that fell due.
    pub(in super::super) fn step(&mut self, id: &Id) {
        let Some(task) = self.tasks.get(id) else { return };
        let on_dead_node = task.node.as_ref().and_then(|n| self.nodes.get(n)).is_some_and(|n| !n.up);
        if on_dead_node && task.state >= State::Assigned {
            return;
        }
        if !task.is_live() {
            return self.stop_now(id);
        }
        match task.state {
            State::New => {
                self.walk(id, State::Pending);
                self.pending.insert(id.clone());
                self.may_place = true;
            }
            State::Assigned => self.walk_on(id, State::Accepted, (20, 60)),
            State::Accepted => {
                let pull = self.pull_time(id);
                self.walk(id, State::Preparing);
                self.wake_task(id, pull);
            }
            State::Preparing => self.prepared(id),
            State::Ready if task.desired == State::Ready => {}
            State::Ready => {
                let start = self.start_time(id);
                self.walk(id, State::Starting);
                self.wake_task(id, start);
            }
            State::Starting => self.started(id),
            State::Running => self.finished(id),
            _ => {}
        }
    }

    fn walk_on(&mut self, id: &Id, to: State, wait: (u64, u64)) {
        self.walk(id, to);
        let wait = self.millis(wait.0, wait.1);
        self.wake_task(id, wait);
    }

    fn behaviour_of(&self, id: &Id) -> Behaviour {
        let image = self.tasks.get(id).map_or("", |t| text(&t.spec, "/ContainerSpec/Image"));
        self.behaviour(image)
    }

    fn has_health_check(&self, id: &Id) -> bool {
        self.tasks
            .get(id)
            .and_then(|t| t.spec.pointer("/ContainerSpec/Healthcheck/Test"))
            .is_some_and(|test| test.get(0).and_then(|first| first.as_str()).is_some_and(|first| first != "NONE"))
    }

    fn pull_time(&mut self, id: &Id) -> Duration {
        let (image, node) = match self.tasks.get(id) {
            Some(task) => (text(&task.spec, "/ContainerSpec/Image").to_owned(), task.node.clone()),
            None => return Duration::ZERO,
        };
        let known = !self.images.pulled.insert((node.unwrap_or_default(), image));
        if known { self.millis(60, 200) } else { self.millis(600, 1800) }
    }

    fn prepared(&mut self, id: &Id) {
        let refused = match self.behaviour_of(id) {
            Behaviour::Missing => {
                let image = self.tasks.get(id).map(|task| text(&task.spec, "/ContainerSpec/Image").to_owned());
                image.map(|image| format!("No such image: {image}"))
            }
            Behaviour::Refused(words) => Some(words),
            _ => None,
        };
        if let Some(words) = refused {
            if let Some(task) = self.tasks.get_mut(id) {
                task.err = Some(words);
            }
            return self.walk(id, State::Rejected);
        }
        self.walk(id, State::Ready);
        if self.tasks.get(id).is_some_and(|t| t.desired != State::Ready) {
            self.wake_task(id, Duration::from_millis(20));
        }
    }

    fn start_time(&mut self, id: &Id) -> Duration {
        let checked = self.has_health_check(id);
        match self.behaviour_of(id) {
            Behaviour::Slow(time) => time,
            Behaviour::Sick | Behaviour::SickQuietly if checked => self.millis(2500, 3500),
            Behaviour::Crashing { after, .. } if checked => after.min(Duration::from_millis(1500)),
            _ if checked => self.millis(1500, 3000),
            _ => self.millis(120, 400),
        }
    }

    fn started(&mut self, id: &Id) {
        let checked = self.has_health_check(id);
        match self.behaviour_of(id) {
            Behaviour::Sick if checked => self.fail(id, 137, ": dockerexec: unhealthy container"),
            Behaviour::SickQuietly if checked => self.walk(id, State::Complete),
            Behaviour::Crashing { code, line, .. } if checked => {
                self.say(id, true, line);
                self.fail(id, code, "");
            }
            behaviour => {
                self.walk(id, State::Running);
                self.run_on(id, &behaviour);
            }
        }
    }

    fn run_on(&mut self, id: &Id, behaviour: &Behaviour) {
        let is_job = self.tasks.get(id).is_some_and(|t| t.iteration.is_some());
        self.first_words(id);
        let end = match behaviour {
            Behaviour::Crashing { after, .. } => Some(*after),
            Behaviour::OneShot(after) => Some(*after),
            _ if is_job => Some(self.millis(1200, 2800)),
            _ => None,
        };
        if let Some(end) = end {
            self.wake_task(id, end);
        }
        // What is about to crash says its first and its last words alone.
        if self.chatty && !matches!(behaviour, Behaviour::Silent | Behaviour::Crashing { .. }) {
            let first = self.millis(50, 1500);
            self.at(self.now + first, Timer::Line(id.clone()));
        }
    }

    /// A running task whose container came to its own end.
    fn finished(&mut self, id: &Id) {
        match self.behaviour_of(id) {
            Behaviour::Crashing { code, line, .. } => {
                self.say(id, true, line);
                self.fail(id, code, "");
            }
            _ => self.walk(id, State::Complete),
        }
    }

    /// The container ended with a code other than 0.
    pub(crate) fn fail(&mut self, id: &Id, code: i64, why: &str) {
        if let Some(task) = self.tasks.get_mut(id) {
            task.exit = code;
            task.err = Some(format!("task: non-zero exit ({code}){why}"));
        }
        self.walk(id, State::Failed);
    }

    /// Wants a task ended: what runs gets its time to stop, what never ran ends at once.
    pub(in super::super) fn order_stop(&mut self, id: &Id, desired: State) {
        let index = self.bump();
        let Some(task) = self.tasks.get_mut(id) else { return };
        if desired <= task.desired {
            return;
        }
        (task.desired, task.index, task.updated) = (desired, index, self.now);
        let state = task.state;
        let dead_node = task.node.as_ref().and_then(|n| self.nodes.get(n)).is_some_and(|n| !n.up);
        self.pending.remove(id);
        if state > State::Running {
            if desired == State::Remove {
                self.at(self.now + LINGER, Timer::Drop(id.clone()));
            }
        } else if state < State::Assigned {
            self.stop_now(id);
        } else if !dead_node {
            let grace = self.millis(250, 900);
            self.wake_task(id, grace);
        }
    }

    fn stop_now(&mut self, id: &Id) {
        self.walk(id, State::Shutdown);
        if self.tasks.get(id).is_some_and(|t| t.desired == State::Remove) {
            self.at(self.now + LINGER, Timer::Drop(id.clone()));
        }
    }

    /// The node of a task is no member any more.
    pub(in super::super) fn orphan(&mut self, id: &Id) {
        self.order_stop(id, State::Remove);
        self.walk(id, State::Orphaned);
        self.at(self.now + LINGER, Timer::Drop(id.clone()));
    }

    /// A line of a container's output.
    pub(in super::super) fn say(&mut self, id: &Id, stderr: bool, text: String) {
        self.line_seq += 1;
        let line = LogLine { seq: self.line_seq, at: self.now, stderr, text };
        if let Some(task) = self.tasks.get_mut(id) {
            task.write(line);
        }
    }
}
