//! The queue: one task that owns the board, lets actions run in their lanes, and publishes what it knows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::cx::{JobCx, Outcome, Progress};
use super::desk::{Desk, Prepared};
use super::ledger::Ledger;
use super::registries::Registries;
use super::{deploy, prune, redeploy, rollback, scale, snapshot, teardown, undo};
use crate::action::{Action, Board, Job, JobId, JobState, Kept};
use crate::clock::SharedClock;
use crate::diag::Diagnostic;
use crate::engine::Engine;
use crate::fleet::Fleet;
use crate::model::Picture;
use crate::store::{Reader, Writer};

/// Wishes that wait to be read by the queue. Full means: the wish is refused, and the operator told.
const WISHES: usize = 64;
/// Reports on their way to the board. Full means: the job waits until the board has caught up.
const REPORTS: usize = 256;
/// Jobs that run at once.
const HANDS: usize = 8;
/// How long one step may take to converge.
const PATIENCE: Duration = Duration::from_secs(600);

enum Wish {
    Submit(JobId, Arc<Action>),
    Cancel(JobId),
}

/// The way into the queue. Neither call waits.
#[derive(Debug, Clone)]
pub struct QueueHandle {
    wishes: mpsc::Sender<Wish>,
    next: Arc<AtomicU64>,
    desk: Desk,
}

impl QueueHandle {
    /// Puts an action into the queue.
    ///
    /// # Errors
    /// If the queue is full or has ended.
    pub fn submit(&self, action: Action) -> Result<JobId, Diagnostic> {
        let id = JobId(self.next.fetch_add(1, Ordering::Relaxed));
        let title = action.title();
        self.wishes.try_send(Wish::Submit(id, Arc::new(action))).map(|()| id).map_err(|_| {
            Diagnostic::new(
                format!("{title} was not taken: the queue is full"),
                "wait until a job has ended and try again",
            )
        })
    }

    /// Keeps a wish until the deploy that names it begins.
    #[must_use]
    pub fn keep(&self, prepared: Prepared) -> Kept {
        self.desk.keep(prepared)
    }

    /// Asks a job to stop between two steps.
    pub fn cancel(&self, id: JobId) {
        // A full queue has 64 wishes waiting; the operator sees that the job still runs and presses again.
        let _ = self.wishes.try_send(Wish::Cancel(id));
    }
}

/// The queue before it runs.
#[derive(Debug)]
pub struct Queue {
    wishes: mpsc::Receiver<Wish>,
    board: Writer<Board>,
    engine: Engine,
    registries: Registries,
    fleet: Fleet,
    swarm: Reader<Picture>,
    clock: SharedClock,
    desk: Desk,
    ledger: Ledger,
}

impl std::fmt::Debug for Wish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Wish::Submit(id, action) => write!(f, "submit {} {}", id.0, action.title()),
            Wish::Cancel(id) => write!(f, "cancel {}", id.0),
        }
    }
}

impl Queue {
    /// A queue that writes to this board, and the way into it.
    #[must_use]
    pub fn new(
        board: Writer<Board>,
        (engine, registries, fleet): (Engine, Registries, Fleet),
        swarm: Reader<Picture>,
        ledger: Ledger,
    ) -> (Self, QueueHandle) {
        let (wishes, read) = mpsc::channel(WISHES);
        let desk = Desk::default();
        let handle = QueueHandle { wishes, next: Arc::new(AtomicU64::new(1)), desk: desk.clone() };
        let clock = ledger.clock();
        (Self { wishes: read, board, engine, registries, fleet, swarm, clock, desk, ledger }, handle)
    }
}

/// What a job's task gives back.
type Ended = (JobId, Result<Outcome, Diagnostic>);

/// The running queue's own state; only its task touches it.
struct Floor {
    queue: Queue,
    now: Board,
    running: JoinSet<Ended>,
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
        running: JoinSet::new(),
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
            wish = floor.queue.wishes.recv() => match wish {
                Some(Wish::Submit(id, action)) => floor.submit(id, action),
                Some(Wish::Cancel(id)) => floor.cancel(id),
                None => break,
            },
        }
        floor.start_waiting();
        floor.publish();
    }
    for stop in floor.stops.values() {
        stop.cancel();
    }
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
}

impl Floor {
    fn publish(&mut self) {
        let now = &self.now;
        self.queue.board.renew(|_| now.clone());
    }

    fn submit(&mut self, id: JobId, action: Arc<Action>) {
        let lane = action.lane();
        // A newer wish for the same thing replaces the one that still waits.
        for job in self.now.jobs.iter_mut().filter(|job| matches!(job.state, JobState::Waiting { .. })) {
            if job.action.lane() == lane && job.action.title() == action.title() {
                job.state = JobState::Cancelled { done: 0, left: 0 };
                job.ended = Some(self.queue.clock.now());
                forget(&self.queue.desk, &job.action);
            }
        }
        tracing::info!(job = id.0, action = action.title(), "submitted");
        self.now.jobs.push(Job {
            id,
            action,
            submitted: self.queue.clock.now(),
            started: None,
            ended: None,
            state: JobState::Waiting { behind: String::new() },
            steps: Vec::new(),
        });
        self.now.trim();
    }

    fn cancel(&mut self, id: JobId) {
        if let Some(stop) = self.stops.get(&id) {
            stop.cancel();
        }
        let now = self.queue.clock.now();
        if let Some(job) = self.now.job_mut(id).filter(|job| matches!(job.state, JobState::Waiting { .. })) {
            job.state = JobState::Cancelled { done: 0, left: job.steps.len() };
            job.ended = Some(now);
            forget(&self.queue.desk, &job.action);
        }
    }

    fn start_waiting(&mut self) {
        let waiting: Vec<JobId> = self
            .now
            .jobs
            .iter()
            .filter(|job| matches!(job.state, JobState::Waiting { .. }))
            .map(|job| job.id)
            .collect();
        for id in waiting {
            let Some(action) = self.now.job(id).map(|job| Arc::clone(&job.action)) else { continue };
            let lane = action.lane();
            let blocker = self
                .now
                .jobs
                .iter()
                .take_while(|job| job.id != id)
                .find(|job| !job.state.is_over() && job.action.lane() == lane)
                .map(|job| job.action.title());
            let full = (self.running.len() >= HANDS).then(|| format!("{HANDS} other jobs"));
            let now = self.queue.clock.now();
            let Some(job) = self.now.job_mut(id) else { continue };
            if let Some(behind) = blocker.or(full) {
                job.state = JobState::Waiting { behind };
                continue;
            }
            job.state = JobState::Running;
            job.started = Some(now);
            self.start(id, action);
        }
    }

    fn start(&mut self, id: JobId, action: Arc<Action>) {
        let stop = CancellationToken::new();
        self.stops.insert(id, stop.clone());
        let cx = JobCx {
            id,
            engine: self.queue.engine.clone(),
            registries: self.queue.registries.clone(),
            fleet: self.queue.fleet.clone(),
            swarm: self.queue.swarm.clone(),
            reports: self.reports.clone(),
            stop,
            patience: PATIENCE,
        };
        let (desk, ledger) = (self.queue.desk.clone(), self.queue.ledger.clone());
        let task = self.running.spawn(async move {
            let (ear, cx) = ledger.listen(cx, wished(&desk, &action));
            let doing = Box::pin(async {
                match &*action {
                    Action::Redeploy { services, .. } => redeploy::run(&cx, services).await,
                    Action::Deploy { plan, wish, how } => deploy::run(&cx, plan, desk.take(*wish), *how).await,
                    Action::Teardown { plan, volumes } => teardown::run(&cx, plan, volumes).await,
                    Action::Rollback { services, .. } => rollback::run(&cx, services).await,
                    Action::Scale { service, to, .. } => scale::run(&cx, service, *to).await,
                    Action::Undo { of, plan, .. } => undo::run(&cx, ledger.journal(), of, plan).await,
                    Action::Prune { sweeps } => prune::run(&cx, sweeps).await,
                    Action::Snapshot { shots, name } => snapshot::run(&cx, shots, name).await,
                }
            });
            let outcome = ledger.keep(ear, &action, doing).await;
            // A job that was refused has not taken its wish.
            forget(&desk, &action);
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
        let now = self.queue.clock.now();
        if let Some(job) = self.now.job_mut(id) {
            tracing::info!(job = id.0, action = job.action.title(), outcome = ?state.state(), "ended");
            job.state = state;
            job.ended = Some(now);
        }
    }
}

/// What a deploy wishes for.
fn wished(desk: &Desk, action: &Action) -> Option<Prepared> {
    if let Action::Deploy { wish, .. } = action { desk.look(*wish) } else { None }
}

/// A deploy that never began takes its wish with it.
fn forget(desk: &Desk, action: &Action) {
    if let Action::Deploy { wish, .. } = action {
        drop(desk.take(*wish));
    }
}
