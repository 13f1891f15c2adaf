//! What surrounds every job: it is written down before it begins, what it will replace is kept, and how it ended is
//! written down. A job whose line is not on the disk is refused, and nothing is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use super::cx::{JobCx, Outcome, Progress};
use super::desk::Prepared;
use super::kept;
use super::lock::{self, Held, Refusal, Wanted};
use super::mask::Mask;
use crate::action::{Action, Course, End, Job, JobId, Lane, Standing, StepReport, Trodden, told};
use crate::clock::SharedClock;
use crate::diag::Diagnostic;
use crate::journal::{Journal, Keepsake};
use crate::model::{AT, BY, COMMIT, DEED};

/// Reports of one job on their way through the ledger. Full means: the job waits.
const REPORTS: usize = 64;

/// A label of the record that a deploy leaves.
type Told = (&'static str, String);

/// The journal as the queue holds it.
#[derive(Debug, Clone)]
pub struct Ledger {
    journal: Journal,
    clock: SharedClock,
    locks: Locks,
    /// Lanes whose lock may be taken over from a holder who is gone, once.
    passed: Arc<Mutex<BTreeSet<Lane>>>,
    /// The keys of the courses under way. Held, away from the runtime, while one is written down: no part begins before.
    courses: Arc<Mutex<BTreeMap<JobId, String>>>,
}

/// Whether lanes are locked in the swarm, so that no other console writes to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locks {
    /// Nobody else is there: the swarm is simulated.
    #[default]
    None,
    /// They are.
    Held,
    /// They are, and a holder who is gone is passed over.
    Stolen,
}

/// What a job has said of itself.
#[derive(Debug, Default)]
struct Said {
    steps: Vec<StepReport>,
    although: String,
}

/// What a job says, on its way to the board.
#[derive(Debug)]
pub struct Ear {
    heard: mpsc::Receiver<Progress>,
    cx: JobCx,
    /// What must not be written down of what it says.
    mask: Mask,
}

impl Ledger {
    /// A ledger on this journal.
    #[must_use]
    pub fn new(journal: Journal, clock: SharedClock, locks: Locks) -> Self {
        Self { journal, clock, locks, passed: Arc::default(), courses: Arc::default() }
    }

    /// The lock of a lane may be taken over once, if its holder is gone.
    pub fn may_take_over(&self, lane: Lane) {
        self.passed.lock().unwrap_or_else(PoisonError::into_inner).insert(lane);
    }

    /// What time it is.
    #[must_use]
    pub fn clock(&self) -> SharedClock {
        SharedClock::clone(&self.clock)
    }

    /// The journal it writes.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What a job reports is heard here before it goes on to the board.
    #[must_use]
    pub fn listen(&self, cx: JobCx, wished: Option<Prepared>) -> (Ear, JobCx) {
        let (reports, heard) = mpsc::channel(REPORTS);
        let inner = JobCx { reports, ..cx.clone() };
        let mask = wished.map(|prepared| Mask::of(&prepared.wish)).unwrap_or_default();
        (Ear { heard, cx, mask }, inner)
    }

    /// Does an action between two lines of the journal.
    ///
    /// # Errors
    /// As the action itself; and when it cannot be written down, or what it replaces cannot be kept: then it does not begin.
    pub async fn keep(
        &self,
        mut ear: Ear,
        action: &Action,
        doing: impl Future<Output = Result<Outcome, Diagnostic>>,
    ) -> Result<Outcome, Diagnostic> {
        let cx = ear.cx.clone();
        let (job, begun) = self.begin(&cx, action).await?;
        // The inner job holds the same record: it is set before that begins.
        let _ = cx.record.set(begun);
        let held = match self.lock(&cx, action, &job).await {
            Ok(held) => held,
            Err(fault) => return self.refuse(&job, fault).await,
        };
        let keepsake = match self.before(&cx, action, &job).await {
            Ok(keepsake) => keepsake,
            Err(fault) => {
                give_back(held).await;
                return self.refuse(&job, fault).await;
            }
        };
        let mask = std::mem::take(&mut ear.mask).and(action, &keepsake);
        let (outcome, said) = through(ear, doing).await;
        self.after(&cx, action, keepsake).await;
        // What the end of the program has stopped broke off: it has no end in the journal, and can be taken up again.
        if matches!(outcome, Ok(Outcome::Whole)) || !cx.ending.is_cancelled() {
            self.end(&job, &outcome, said, &mask).await;
        }
        give_back(held).await;
        outcome
    }

    /// The key of the course that a job is a part of; written down with the first of them.
    async fn course(&self, course: &Course, swarm: String) -> Result<String, Diagnostic> {
        let (journal, courses) = (self.journal.clone(), Arc::clone(&self.courses));
        let (at, course) = (self.clock.now(), course.clone());
        on_disk(move || {
            let mut courses = courses.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(key) = courses.get(&course.first) {
                return Ok(key.clone());
            }
            let begun = journal.begin_course(&course, &swarm, at)?;
            courses.insert(course.first, begun.job.clone());
            Ok(begun.job)
        })
        .await
    }

    /// Writes down that all jobs of a course are over. One of which nothing began is in no journal.
    pub async fn course_over(&self, first: JobId, standing: Standing) {
        let job = self.courses.lock().unwrap_or_else(PoisonError::into_inner).remove(&first);
        let Some(job) = job else { return };
        let end = End::told(self.clock.now(), standing.state().1, String::new());
        let end = End { fault: standing.told().into_iter().collect(), ..end };
        let journal = self.journal.clone();
        if let Err(fault) = on_disk(move || journal.end(&job, end)).await {
            tracing::error!(fault = fault.line(), "the end of a course is not in the journal");
        }
    }

    /// Writes down that the program ended before it was the turn of these, so that they are not forgotten with it.
    pub async fn not_begun(&self, jobs: Vec<Arc<Job>>, swarm: String) {
        let (journal, now) = (self.journal.clone(), self.clock.now());
        let mut alone = Vec::new();
        for job in jobs {
            match &job.course {
                // It has no end, and is taken up again as a whole.
                Some(course) => tell(self.course(course, swarm.clone()).await),
                None => alone.push(job),
            }
        }
        let written = on_disk(move || {
            for job in alone {
                let begun = journal.begin((job.id, &job.action), &swarm, now)?;
                journal.end(&begun.job, End::told(now, "not begun", "the program ended before its turn".to_owned()))?;
            }
            Ok(())
        });
        tell(written.await);
    }

    /// The job does not begin.
    async fn refuse(&self, job: &str, fault: Diagnostic) -> Result<Outcome, Diagnostic> {
        let refused = Err(fault.because("nothing was written"));
        self.end(job, &refused, Said::default(), &Mask::default()).await;
        refused
    }

    /// Takes the lock of the action's lane, where there is one.
    async fn lock(&self, cx: &JobCx, action: &Action, job: &str) -> Result<Option<Held>, Diagnostic> {
        let lane = action.lane();
        if self.locks == Locks::None || !lock::is_shared(&lane) {
            return Ok(None);
        }
        let passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner).remove(&lane);
        let wanted = Wanted {
            lane,
            owner: self.journal.author().who(),
            what: action.title(),
            token: job.to_owned(),
            steal: passed || self.locks == Locks::Stolen,
            over: String::new(),
        };
        let (token, fault) = match lock::take(cx, &wanted).await {
            Ok(held) => return Ok(Some(held)),
            Err(Refusal::Fault(fault)) => return Err(fault),
            Err(Refusal::Held { token, fault }) => (token, fault),
        };
        // A deed of this journal that is over lets go of nothing any more: nobody has to be asked.
        let (journal, of) = (self.journal.clone(), token.clone());
        let is_gone = move || {
            let history = journal.read()?;
            Ok(history.deeds.iter().any(|deed| deed.begun.job == of && (deed.end.is_some() || !deed.alive)))
        };
        if !on_disk(is_gone).await? {
            return Err(fault);
        }
        let wanted = Wanted { over: token, ..wanted };
        lock::take(cx, &wanted).await.map(Some).map_err(Refusal::fault)
    }

    /// Gives the key of the deed, and what it leaves on services.
    async fn begin(&self, cx: &JobCx, action: &Action) -> Result<(String, Vec<Told>), Diagnostic> {
        let swarm = cx.swarm.latest().swarm.cluster.id.clone();
        let course = match &cx.course {
            Some(course) => self.course(course, swarm.clone()).await?,
            None => String::new(),
        };
        let (journal, at, id, action) = (self.journal.clone(), self.clock.now(), cx.id, action.clone());
        let begun = on_disk(move || journal.begin_part((id, &action), &course, &swarm, at)).await?;
        let commit = begun.commit.as_ref().map(|commit| {
            let dirty = if commit.dirty { "-dirty" } else { "" };
            (COMMIT, format!("{}{dirty}", commit.id))
        });
        let told = [(AT, begun.at.to_string()), (BY, begun.who.clone()), (DEED, begun.job.clone())];
        Ok((begun.job, commit.into_iter().chain(told).collect()))
    }

    /// Keeps what the job will replace.
    async fn before(&self, cx: &JobCx, action: &Action, job: &str) -> Result<Keepsake, Diagnostic> {
        let before = kept::all(cx, action).await?;
        let keepsake = Keepsake { job: job.to_owned(), before, after: Vec::new() };
        if !keepsake.before.is_empty() {
            let (journal, kept) = (self.journal.clone(), keepsake.clone());
            on_disk(move || journal.keep(&kept)).await?;
        }
        Ok(keepsake)
    }

    /// Keeps what the job has left. That it is not kept is told, the deed stands.
    async fn after(&self, cx: &JobCx, action: &Action, keepsake: Keepsake) {
        if keepsake.before.is_empty() {
            return;
        }
        let after = match kept::all(cx, action).await {
            Ok(after) => after,
            Err(fault) => {
                tracing::warn!(fault = fault.line(), "what the job left could not be looked at");
                return;
            }
        };
        let (journal, keepsake) = (self.journal.clone(), Keepsake { after, ..keepsake });
        if let Err(fault) = on_disk(move || journal.keep(&keepsake)).await {
            tracing::warn!(fault = fault.line(), "what the job left could not be kept");
        }
    }

    async fn end(&self, job: &str, outcome: &Result<Outcome, Diagnostic>, said: Said, mask: &Mask) {
        let word = match outcome {
            Ok(Outcome::Whole) => "done",
            Ok(Outcome::Stopped { .. }) => "cancelled",
            Err(_) => "failed",
        };
        let fault = outcome.as_ref().err().map(told).unwrap_or_default();
        let end = End {
            at: self.clock.now(),
            outcome: word.to_owned(),
            fault: fault.iter().map(|line| mask.over(line)).collect(),
            although: mask.over(&said.although),
            steps: said
                .steps
                .iter()
                .map(|step| Trodden {
                    name: step.name.clone(),
                    state: step.state.word().to_owned(),
                    detail: mask.over(&step.detail),
                })
                .collect(),
            by: String::new(),
        };
        let (journal, job) = (self.journal.clone(), job.to_owned());
        if let Err(fault) = on_disk(move || journal.end(&job, end)).await {
            // The deed stands; that its end is missing shows in the history.
            tracing::error!(fault = fault.line(), "the end of a job is not in the journal");
        }
    }
}

/// That what was not begun is not in the journal is told to the log: there is nobody else any more.
fn tell<T>(written: Result<T, Diagnostic>) {
    if let Err(fault) = written {
        tracing::error!(fault = fault.line(), "what was not begun is not in the journal");
    }
}

async fn give_back(held: Option<Held>) {
    if let Some(held) = held {
        held.free().await;
    }
}

/// Waits for the disk without holding up anybody else.
pub(super) async fn on_disk<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, Diagnostic> + Send + 'static,
) -> Result<T, Diagnostic> {
    match tokio::task::spawn_blocking(act).await {
        Ok(done) => done,
        Err(error) => Err(Diagnostic::new("writing the journal broke off", "this is a bug: its log says more")
            .because(error.to_string())),
    }
}

/// Lets the job go on and hears what it says, in the order in which it says it.
async fn through(
    mut ear: Ear,
    doing: impl Future<Output = Result<Outcome, Diagnostic>>,
) -> (Result<Outcome, Diagnostic>, Said) {
    let mut said = Said::default();
    tokio::pin!(doing);
    let outcome = loop {
        tokio::select! {
            biased;
            Some(report) = ear.heard.recv() => pass(&ear.cx, (&mut said.steps, &mut said.although), report).await,
            outcome = &mut doing => break outcome,
        }
    };
    while let Ok(report) = ear.heard.try_recv() {
        pass(&ear.cx, (&mut said.steps, &mut said.although), report).await;
    }
    (outcome, said)
}

async fn pass(cx: &JobCx, (steps, although): (&mut Vec<StepReport>, &mut String), report: Progress) {
    match &report {
        Progress::Steps(_, all) => steps.clone_from(all),
        Progress::Why(_, why) => although.clone_from(why),
        Progress::Step(_, index, state, detail) => {
            if let Some(step) = steps.get_mut(*index) {
                (step.state, step.detail) = (*state, detail.clone());
            }
        }
    }
    // The board is gone when the program ends.
    let _ = cx.reports.send(report).await;
}
