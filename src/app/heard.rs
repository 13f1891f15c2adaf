//! What reaches the console from outside: the swarm, the jobs, log lines, answers. A late or equal one is no news.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::format::steps_of;
use super::{App, Effect, Level, Screen};
use crate::action::{Action, Board, History, Job, JobId, JobState, Standing};
use crate::diag::Diagnostic;
use crate::model::{Drifts, Link, Picture, State};

impl App {
    pub(super) fn on_size(&mut self, width: u16, height: u16) -> Vec<Effect> {
        if self.size != (width, height) {
            self.size = (width, height);
            self.refresh();
            self.dirty = true;
        }
        Vec::new()
    }

    pub(super) fn on_swarm(&mut self, picture: Arc<Picture>) -> Vec<Effect> {
        let before = std::mem::replace(&mut self.picture, picture);
        let link = self.link_changed(&before.swarm.link);
        if same(&before, &self.picture) {
            self.dirty |= link;
            return Vec::new();
        }
        self.learn();
        let rows = self.refresh();
        let is_list = matches!(self.views.top(), Screen::List(_));
        let beside = self.size.0 >= super::layout::WIDE;
        let header = before.tiers != self.picture.tiers
            || before.quorum != self.picture.quorum
            || before.nodes != self.picture.nodes
            || before.catalogue.name != self.picture.catalogue.name
            || before.swarm.cluster != self.picture.swarm.cluster
            || before.swarm.known != self.picture.swarm.known;
        self.dirty |= link || rows || header || beside || !is_list || !self.popups.is_empty();
        Vec::new()
    }

    /// Takes the latency over if it differs enough to matter. Says whether the line looks different.
    fn link_changed(&mut self, before: &Link) -> bool {
        match (before, &self.picture.swarm.link) {
            (Link::Live { .. }, Link::Live { latency }) => {
                // What is shown is whole milliseconds, at least one.
                let (shown, heard) = (self.latency.max(Duration::from_millis(1)), *latency);
                let differs = heard > shown * 3 / 2 + Duration::from_millis(2) || heard * 2 < shown;
                let differs = differs && shown.as_millis() != heard.as_millis().max(1);
                if differs {
                    self.latency = heard;
                }
                differs
            }
            (_, Link::Live { latency }) => {
                self.latency = *latency;
                true
            }
            (before, now) => before != now,
        }
    }

    pub(super) fn on_drift(&mut self, drift: Arc<Drifts>) -> Vec<Effect> {
        if *drift != *self.drift {
            self.drift = drift;
            let rows = self.refresh();
            self.dirty |= rows;
        }
        Vec::new()
    }

    pub(super) fn on_done(&mut self, done: Arc<History>) -> Vec<Effect> {
        if *done != *self.done {
            self.done = done;
            let rows = self.refresh();
            self.dirty |= rows;
        }
        Vec::new()
    }

    pub(super) fn on_board(&mut self, board: Arc<Board>) -> Vec<Effect> {
        if *board == *self.board {
            self.heard_board = true;
            return Vec::new();
        }
        let before = std::mem::replace(&mut self.board, board);
        let ended: Vec<Arc<Job>> = self
            .board
            .jobs
            .iter()
            .filter(|job| job.state.is_over())
            // What had ended before this console first saw the board is no news.
            .filter(|job| before.job(job.id).map_or(self.heard_board, |known| !known.state.is_over()))
            .cloned()
            .collect();
        self.heard_board = true;
        let courses: BTreeSet<JobId> = ended.iter().filter_map(|job| Some(job.course.as_ref()?.first)).collect();
        let swept = ended.iter().any(|job| matches!(*job.action, Action::Prune { .. } | Action::Snapshot { .. }));
        for job in ended {
            self.tell_end(&job);
        }
        for first in courses {
            self.tell_end_of_course(first);
        }
        self.refresh();
        self.dirty = true;
        // What was thrown away is not there any more.
        if swept { self.survey_again().into_iter().collect() } else { Vec::new() }
    }

    fn tell_end(&mut self, job: &Job) {
        let title = job.action.title();
        match &job.state {
            JobState::Done => {
                let took = super::screens::took(job).map(|took| format!(" in {took}")).unwrap_or_default();
                self.tell(Level::Info, format!("{title}: done{took}"));
            }
            JobState::Failed(fault) => {
                self.messages.add(self.now, Level::Error, format!("{title}: {}", fault.line()), Some(fault.clone()));
            }
            JobState::Cancelled { done, left } => {
                self.tell(Level::Warning, format!("{title}: cancelled, {}", steps_of(*done, *left)));
            }
            // Of many that stand on one that failed, the course tells the number.
            JobState::Skipped { .. } if job.course.is_some() => {}
            JobState::Skipped { because } => self.tell(Level::Warning, format!("{title}: skipped, {because}")),
            JobState::Waiting { .. } | JobState::Running => {}
        }
    }

    fn tell_end_of_course(&mut self, first: JobId) {
        let jobs: Vec<&Job> = self.board.course(first).collect();
        let standing = Standing::of(jobs.iter().copied());
        let Some(title) = jobs.first().and_then(|job| job.course.as_ref()).map(|course| Arc::clone(&course.title))
        else {
            return;
        };
        if standing.is_over() {
            let level = if standing.state().0 == State::Done { Level::Info } else { Level::Warning };
            self.tell(level, format!("{title}: {}", super::screens::tally(&jobs)));
        }
    }

    pub(super) fn on_submitted(&mut self, outcome: Result<JobId, Diagnostic>) -> Vec<Effect> {
        match outcome {
            Ok(id) => {
                let title = self.board.job(id).map(|job| job.action.title()).unwrap_or_default();
                self.tell(
                    Level::Info,
                    format!("queued as job {}{}{title}", id.0, if title.is_empty() { "" } else { ": " }),
                );
            }
            Err(fault) => {
                self.on_fault(fault);
            }
        }
        Vec::new()
    }

    pub(super) fn on_fault(&mut self, fault: Diagnostic) -> Vec<Effect> {
        self.messages.add(self.now, Level::Error, fault.line(), Some(fault));
        self.dirty = true;
        Vec::new()
    }
}

/// Nothing but the line may differ. Shared parts are compared by where they are first.
fn same(a: &Picture, b: &Picture) -> bool {
    Arc::ptr_eq(&a.services, &b.services)
        && Arc::ptr_eq(&a.swarm.tasks, &b.swarm.tasks)
        && Arc::ptr_eq(&a.swarm.nodes, &b.swarm.nodes)
        && Arc::ptr_eq(&a.swarm.services, &b.swarm.services)
        && Arc::ptr_eq(&a.swarm.events, &b.swarm.events)
        && Arc::ptr_eq(&a.stacks, &b.stacks)
        && a.swarm.known == b.swarm.known
        && a.swarm.cluster == b.swarm.cluster
}
