//! The running queue: one task that owns the board, lets actions run in their lanes, and publishes what it knows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::batch::{After, Wanted, Wish};
use super::cx::{JobCx, Outcome, Progress, Record};
use super::queue::Queue;
use super::second_look::second_look;
use super::verbs::perform;
use super::waits::{Turn, Waits};
use crate::action::{Action, Board, Job, JobId, JobState, Standing};
use crate::diag::Diagnostic;

/// Reports on their way to the board. Full means: the job waits until the board has caught up.
const REPORTS: usize = 256;
/// News that are taken together before the board is published.
const TOGETHER: usize = 64;
/// How long one step may take to converge.
const PATIENCE: Duration = Duration::from_secs(600);

/// What a job's task gives back.
type Ended = (JobId, Result<Outcome, Diagnostic>);

/// The running queue's own state; only its task touches it.
struct Floor {
    queue: Queue,
    now: Board,
    waits: Waits,
    /// Something came or ended since it was looked who may begin.
    stirred: bool,
    running: JoinSet<Ended>,
    /// Ends of courses on their way to the disk.
    writing: JoinSet<()>,
    by_task: BTreeMap<tokio::task::Id, JobId>,
    stops: BTreeMap<JobId, CancellationToken>,
    reports: mpsc::Sender<Progress>,
    stop: CancellationToken,
}

/// Runs the queue until `stop`, then lets running jobs end their step.
pub async fn run(queue: Queue, stop: CancellationToken) {
    let (reports, mut heard) = mpsc::channel(REPORTS);
    let mut floor = Floor {
        queue,
        now: Board::default(),
        waits: Waits::default(),
        stirred: false,
        running: JoinSet::new(),
        writing: JoinSet::new(),
        by_task: BTreeMap::new(),
        stops: BTreeMap::new(),
        reports,
        stop,
    };
    loop {
        tokio::select! {
            biased;
            () = floor.stop.cancelled() => break,
            Some(report) = heard.recv() => floor.report(report),
            Some(ended) = floor.running.join_next_with_id() => floor.ended(ended),
            // Who shows the journal looks at it then.
            Some(_) = floor.writing.join_next() => floor.now.written += 1,
            wish = floor.queue.wishes.recv() => match wish {
                Some(wish) => floor.heed(wish),
                None => break,
            },
        }
        // What came together is shown together.
        for _ in 0..TOGETHER {
            let Ok(report) = heard.try_recv() else { break };
            floor.report(report);
        }
        floor.start_waiting();
        floor.publish();
    }
    for stop in floor.stops.values() {
        stop.cancel();
    }
    floor.leave_waiting().await;
    loop {
        tokio::select! {
            ended = floor.running.join_next_with_id() => match ended {
                Some(ended) => floor.ended(ended),
                None => break,
            },
            Some(report) = heard.recv() => floor.report(report),
        }
        floor.publish();
    }
    while floor.writing.join_next().await.is_some() {}
}

impl Floor {
    fn publish(&mut self) {
        let now = &self.now;
        self.queue.board.renew(|_| now.clone());
    }

    /// What waits when the program ends is written down: a course as what broke off, what stands alone as not begun. A
    /// gate changes nothing.
    async fn leave_waiting(&self) {
        let waits = |job: &&Arc<Job>| matches!(job.state, JobState::Waiting { .. }) && job.action.kind() != "gate";
        let left: Vec<Arc<Job>> = self.now.jobs.iter().filter(waits).map(Arc::clone).collect();
        let swarm = self.queue.swarm.latest().swarm.cluster.id.clone();
        self.queue.ledger.not_begun(left, swarm).await;
    }

    fn heed(&mut self, wish: Wish) {
        self.stirred = true;
        match wish {
            Wish::Submit(wanted) => wanted.into_iter().for_each(|wanted| self.submit(wanted)),
            Wish::Cancel(ids) => ids.into_iter().for_each(|id| self.cancel(id)),
        }
    }

    fn submit(&mut self, wanted: Wanted) {
        let Wanted { id, action, after, course } = wanted;
        let (lane, thing, is_deploy) = (action.lane(), action.thing(), action.is_deploy());
        let in_lane: Vec<JobId> = self.waits.in_lane(&lane).collect();
        let blocked = self.waits.enter(id, (lane, is_deploy), &after, &self.now);
        // A newer wish for the same thing replaces the one that still waits, unless others wait for that one.
        for old in in_lane {
            let waits = |job: &Job| matches!(job.state, JobState::Waiting { .. }) && job.action.thing() == thing;
            if self.now.job(old).is_some_and(waits) && !self.waits.is_awaited(old) {
                self.over(old, JobState::Cancelled { done: 0, left: 0 });
            }
        }
        tracing::info!(job = id.0, action = action.title(), "submitted");
        self.now.add(Job {
            id,
            action,
            course,
            after: after.well,
            past: after.over,
            submitted: self.queue.clock.now(),
            started: None,
            ended: None,
            state: JobState::Waiting { behind: String::new() },
            steps: Vec::new(),
            why: String::new(),
        });
        if let Some(because) = blocked {
            self.over(id, JobState::Skipped { because });
        }
    }

    fn cancel(&mut self, id: JobId) {
        if let Some(stop) = self.stops.get(&id) {
            stop.cancel();
        }
        if self.now.job(id).is_some_and(|job| matches!(job.state, JobState::Waiting { .. })) {
            self.over(id, JobState::Cancelled { done: 0, left: 0 });
        }
    }

    /// A job is over, and so are those that stood on it if it did not end well. The only way off the floor.
    fn over(&mut self, first: JobId, state: JobState) {
        let now = self.queue.clock.now();
        let mut ending = vec![(first, state)];
        let mut known = Vec::new();
        while let Some((id, state)) = ending.pop() {
            let Some(job) = self.now.job_mut(id).filter(|job| !job.state.is_over()) else { continue };
            if job.started.is_none() {
                self.queue.desk.forget(&job.action);
            }
            if matches!(state, JobState::Done) {
                let course = job.course.clone();
                known.extend(self.queue.seams.registrar.after(&job.action).map(|action| (action, course)));
            }
            let title = job.action.title();
            tracing::info!(job = id.0, action = title, outcome = ?state.state(), "ended");
            let blocks = state.blocks(&title);
            job.state = state;
            job.ended = Some(now);
            self.queue.open.fetch_sub(1, Ordering::Relaxed);
            let stood = self.waits.leave(id);
            if let Some(because) = blocks {
                ending.extend(stood.into_iter().map(|id| (id, JobState::Skipped { because: because.clone() })));
            }
        }
        self.stirred = true;
        // Beside the deploy and never a part of it: on the board before anybody hears that the deploy has ended.
        for (action, course) in known {
            self.queue.open.fetch_add(1, Ordering::Relaxed);
            let id = JobId(self.queue.next.fetch_add(1, Ordering::Relaxed));
            self.submit(Wanted { id, action: Arc::new(action), after: After::default(), course });
        }
        self.course_over(first);
    }

    /// With its last job a course is over. What the end of the program has stopped is not: it can be taken up again.
    fn course_over(&mut self, id: JobId) {
        let Some(course) = self.now.job(id).and_then(|job| job.course.as_ref()) else { return };
        let standing = Standing::of(self.now.course(course.first));
        let stopped = self.stop.is_cancelled() && standing.state().1 != "done";
        if standing.is_over() && !stopped {
            let (ledger, first) = (self.queue.ledger.clone(), course.first);
            self.writing.spawn(async move { ledger.course_over(first, standing).await });
        }
    }

    /// Begins what may begin. Looked at only if something came or ended.
    fn start_waiting(&mut self) {
        if !std::mem::take(&mut self.stirred) {
            return;
        }
        self.now.trim();
        for (id, turn) in self.waits.turns(&self.now, self.queue.hands) {
            let now = self.queue.clock.now();
            let Some(job) = self.now.job_mut(id) else { continue };
            match turn {
                Turn::Behind(behind) => job.state = JobState::Waiting { behind },
                Turn::Begins => {
                    job.state = JobState::Running;
                    job.started = Some(now);
                    let action = Arc::clone(&job.action);
                    self.start(id, action);
                }
            }
        }
    }

    fn start(&mut self, id: JobId, action: Arc<Action>) {
        let stop = CancellationToken::new();
        self.stops.insert(id, stop.clone());
        let ended_badly = |on: &JobId| self.now.job(*on).and_then(|job| job.state.blocks(&job.action.title()));
        let before = self.now.job(id).map(|job| job.past.iter().filter_map(ended_badly).collect()).unwrap_or_default();
        let course = self.now.job(id).and_then(|job| job.course.clone());
        let cx = JobCx {
            id,
            course,
            before,
            seams: self.queue.seams.clone(),
            engine: self.queue.engine.clone(),
            registries: self.queue.registries.clone(),
            fleet: self.queue.fleet.clone(),
            swarm: self.queue.swarm.clone(),
            reports: self.reports.clone(),
            stop,
            ending: self.stop.clone(),
            patience: PATIENCE,
            record: Record::default(),
        };
        let (desk, ledger) = (self.queue.desk.clone(), self.queue.ledger.clone());
        let guard = self.queue.guard.clone();
        let task = self.running.spawn(async move {
            let (action, ended) = match second_look(&cx, &desk, &action).await {
                Ok(None) => (action, None),
                Ok(Some(known)) => (Arc::new(known), None),
                Err(ended) => (action, Some(ended)),
            };
            let (ear, cx) = ledger.listen(cx, desk.wished(&action));
            let doing = Box::pin(async {
                if let Some(ended) = ended {
                    return ended;
                }
                if let Err(ended) = guard.pass(&cx, &action).await {
                    return ended;
                }
                perform(&cx, &action, (&desk, ledger.journal())).await
            });
            let outcome = ledger.keep(ear, &action, doing).await;
            // A job that was refused has not taken its wish.
            desk.forget(&action);
            (id, outcome)
        });
        self.by_task.insert(task.id(), id);
    }

    fn report(&mut self, report: Progress) {
        match report {
            Progress::Steps(id, steps) => {
                if let Some(job) = self.now.job_mut(id) {
                    job.steps = steps;
                }
            }
            Progress::Why(id, why) => {
                tracing::warn!(job = id.0, why, "goes on all the same");
                if let Some(job) = self.now.job_mut(id) {
                    job.why = why;
                }
            }
            Progress::Step(id, index, state, detail) => {
                if let Some(step) = self.now.job_mut(id).and_then(|job| job.steps.get_mut(index)) {
                    step.state = state;
                    step.detail = detail;
                }
            }
        }
    }

    fn ended(&mut self, ended: Result<(tokio::task::Id, Ended), tokio::task::JoinError>) {
        let (id, state) = match ended {
            Ok((_, (id, Ok(Outcome::Whole)))) => (id, JobState::Done),
            Ok((_, (id, Ok(Outcome::Stopped { done, left })))) => (id, JobState::Cancelled { done, left }),
            Ok((_, (id, Err(fault)))) => (id, JobState::Failed(fault)),
            Err(error) => {
                let Some(id) = self.by_task.get(&error.id()).copied() else { return };
                let fault = Diagnostic::new(
                    "the job broke off: this is a bug in quarterdeck",
                    "look at the swarm before you try again",
                )
                .because(error.to_string());
                (id, JobState::Failed(fault))
            }
        };
        self.stops.remove(&id);
        self.by_task.retain(|_, job| *job != id);
        self.over(id, state);
    }
}
