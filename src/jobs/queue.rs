//! The queue before it runs, and the way into it: neither waits for anything.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::mpsc;

use super::batch::{After, Batch, Wish};
use super::desk::{Desk, Prepared};
use super::guard::Guard;
use super::ledger::Ledger;
use super::registries::Registries;
use super::rollout::Rollout;
use super::seams::Seams;
use super::waits::Hands;
use crate::action::gate::Mode as GateMode;
use crate::action::{Action, Board, How, JobId, Kept};
use crate::clock::SharedClock;
use crate::diag::Diagnostic;
use crate::engine::Engine;
use crate::fleet::Fleet;
use crate::model::Picture;
use crate::store::{Reader, Writer};

/// Wishes that wait to be read by the queue. Full means: the wish is refused, and the operator told.
const WISHES: usize = 64;
/// Jobs that may wait or run. More are refused, and the operator told.
const OPEN: usize = 4096;

/// The way into the queue. Neither call waits.
#[derive(Debug, Clone)]
pub struct QueueHandle {
    wishes: mpsc::Sender<Wish>,
    next: Arc<AtomicU64>,
    open: Arc<AtomicUsize>,
    desk: Desk,
}

impl QueueHandle {
    /// Puts an action into the queue.
    ///
    /// # Errors
    /// If the queue is full or has ended.
    pub fn submit(&self, action: Action) -> Result<JobId, Diagnostic> {
        self.submit_after(action, Vec::new())
    }

    /// Puts an action into the queue that begins when all of these have ended well, and is skipped if one has not.
    ///
    /// # Errors
    /// If the queue is full or has ended.
    pub fn submit_after(&self, action: Action, after: Vec<JobId>) -> Result<JobId, Diagnostic> {
        let mut batch = self.batch();
        let id = batch.add(action, After { well: after, over: Vec::new() });
        self.submit_all(batch).map(|()| id)
    }

    /// Wishes to be put into the queue together.
    #[must_use]
    pub fn batch(&self) -> Batch {
        Batch::new(Arc::clone(&self.next))
    }

    /// Puts wishes into the queue: all of them or, if there is no room, none.
    ///
    /// # Errors
    /// If the queue is full or has ended.
    pub fn submit_all(&self, batch: Batch) -> Result<(), Diagnostic> {
        let Some(title) = batch.wanted.first().map(|wanted| wanted.action.title()) else { return Ok(()) };
        let many = batch.len();
        let room = self.open.fetch_add(many, Ordering::Relaxed) + many <= OPEN;
        if room && self.wishes.try_send(Wish::Submit(batch.wanted)).is_ok() {
            return Ok(());
        }
        self.open.fetch_sub(many, Ordering::Relaxed);
        Err(Diagnostic::new(
            format!("{title} was not taken: the queue is full"),
            "wait until a job has ended and try again",
        ))
    }

    /// The jobs of a rollout, to be put into the queue together.
    #[must_use]
    pub fn enlist(&self, rollout: &Rollout, how: How, gate: GateMode) -> Batch {
        let mut batch = self.batch();
        rollout.enlist(&mut batch, &self.desk, how, gate);
        batch
    }

    /// Keeps a wish until the deploy that names it begins.
    #[must_use]
    pub fn keep(&self, prepared: Prepared) -> Kept {
        self.desk.keep(prepared)
    }

    /// Asks jobs to stop between two steps.
    pub fn cancel_all(&self, ids: Vec<JobId>) {
        // A full queue has 64 wishes waiting; the operator sees that the job still runs and presses again.
        let _ = self.wishes.try_send(Wish::Cancel(ids));
    }
}

/// The queue before it runs.
#[derive(Debug)]
pub struct Queue {
    pub(super) wishes: mpsc::Receiver<Wish>,
    pub(super) board: Writer<Board>,
    pub(super) engine: Engine,
    pub(super) registries: Registries,
    pub(super) fleet: Fleet,
    pub(super) swarm: Reader<Picture>,
    pub(super) clock: SharedClock,
    pub(super) desk: Desk,
    pub(super) ledger: Ledger,
    pub(super) guard: Guard,
    pub(super) next: Arc<AtomicU64>,
    pub(super) open: Arc<AtomicUsize>,
    pub(super) hands: Hands,
    pub(super) seams: Seams,
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
        let open = Arc::new(AtomicUsize::new(0));
        let next = Arc::new(AtomicU64::new(1));
        let handle = QueueHandle { wishes, next: Arc::clone(&next), open: Arc::clone(&open), desk: desk.clone() };
        let (hands, seams) = (Hands::default(), Seams::default());
        let (guard, clock) = (Guard::default(), ledger.clock());
        let queue = Self {
            wishes: read,
            board,
            engine,
            registries,
            fleet,
            swarm,
            clock,
            desk,
            ledger,
            guard,
            next,
            open,
            hands,
            seams,
        };
        (queue, handle)
    }

    /// The same queue, which asks before somebody is disturbed.
    #[must_use]
    pub fn guarded(self, guard: Guard) -> Self {
        Self { guard, ..self }
    }

    /// With these ways to the world outside the swarm.
    #[must_use]
    pub fn with_seams(self, seams: Seams) -> Self {
        Self { seams, ..self }
    }
}
