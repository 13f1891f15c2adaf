//! What surrounds every job: it is written down before it begins, what it will replace is kept, and how it ended is
//! written down. A job whose line is not on the disk is refused, and nothing is sent.

use tokio::sync::mpsc;

use super::cx::{JobCx, Outcome, Progress};
use super::desk::Prepared;
use super::kept;
use super::mask::Mask;
use crate::action::{Action, End, StepReport, Trodden, told};
use crate::clock::SharedClock;
use crate::diag::Diagnostic;
use crate::journal::{Journal, Keepsake};

/// Reports of one job on their way through the ledger. Full means: the job waits.
const REPORTS: usize = 64;

/// The journal as the queue holds it.
#[derive(Debug, Clone)]
pub struct Ledger {
    journal: Journal,
    clock: SharedClock,
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
    pub fn new(journal: Journal, clock: SharedClock) -> Self {
        Self { journal, clock }
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
        let job = self.begin(&cx, action).await?;
        let keepsake = match self.before(&cx, action, &job).await {
            Ok(keepsake) => keepsake,
            Err(fault) => {
                let refused = Err(fault.because("nothing was written"));
                self.end(&job, &refused, Said::default(), (false, &Mask::default())).await;
                return refused;
            }
        };
        let mask = std::mem::take(&mut ear.mask).and(action, &keepsake);
        let (outcome, said) = through(ear, doing).await;
        let kept = self.after(&cx, action, keepsake).await;
        self.end(&job, &outcome, said, (kept, &mask)).await;
        outcome
    }

    async fn begin(&self, cx: &JobCx, action: &Action) -> Result<String, Diagnostic> {
        let swarm = cx.swarm.latest().swarm.cluster.id.clone();
        let (journal, at, id, action) = (self.journal.clone(), self.clock.now(), cx.id, action.clone());
        on_disk(move || journal.begin((id, &action), &swarm, at)).await
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

    /// Keeps what the job has left. Gives whether it is kept; that it is not is told, the deed stands.
    async fn after(&self, cx: &JobCx, action: &Action, keepsake: Keepsake) -> bool {
        if keepsake.before.is_empty() {
            return false;
        }
        let after = match kept::all(cx, action).await {
            Ok(after) => after,
            Err(fault) => {
                tracing::warn!(fault = fault.line(), "what the job left could not be looked at");
                return true;
            }
        };
        let (journal, keepsake) = (self.journal.clone(), Keepsake { after, ..keepsake });
        if let Err(fault) = on_disk(move || journal.keep(&keepsake)).await {
            tracing::warn!(fault = fault.line(), "what the job left could not be kept");
        }
        true
    }

    async fn end(&self, job: &str, outcome: &Result<Outcome, Diagnostic>, said: Said, (kept, mask): (bool, &Mask)) {
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
            kept,
            by: String::new(),
        };
        let (journal, job) = (self.journal.clone(), job.to_owned());
        if let Err(fault) = on_disk(move || journal.end(&job, end)).await {
            // The deed stands; that its end is missing shows in the history.
            tracing::error!(fault = fault.line(), "the end of a job is not in the journal");
        }
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
