//! The board: what runs, what waits and what has ended, as data that every screen may read.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Action, Course};
use crate::diag::Diagnostic;
use crate::model::State;

/// How many ended jobs stay on the board.
const ENDED_KEPT: usize = 200;

/// The number of a job, counted from 1 since the program began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// How far a job has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobState {
    /// Its lane is taken, or all hands are busy.
    Waiting {
        /// The title of the job it waits for.
        behind: String,
    },
    /// Under way.
    Running,
    /// Converged.
    Done,
    /// Ended badly; what was done is in the steps.
    Failed(Diagnostic),
    /// Stopped between two steps, or while one was waited for.
    Cancelled {
        /// Steps done.
        done: usize,
        /// Steps not begun, or not waited for.
        left: usize,
    },
    /// Never begun, because something it stands on did not end well.
    Skipped {
        /// What that was, and why.
        because: String,
    },
}

impl JobState {
    /// Nothing more will happen.
    #[must_use]
    pub fn is_over(&self) -> bool {
        !matches!(self, JobState::Waiting { .. } | JobState::Running)
    }

    /// The sign for it.
    #[must_use]
    pub fn state(&self) -> State {
        match self {
            JobState::Waiting { .. } => State::Waiting,
            JobState::Running => State::Converging,
            JobState::Done => State::Done,
            JobState::Failed(_) => State::Failed,
            JobState::Cancelled { .. } | JobState::Skipped { .. } => State::Off,
        }
    }

    /// The word for it, where that of its state would say less.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            JobState::Running => "running",
            JobState::Cancelled { .. } => "cancelled",
            JobState::Skipped { .. } => "skipped",
            JobState::Waiting { .. } | JobState::Done | JobState::Failed(_) => self.state().word(),
        }
    }

    /// Why what stands on a job of this title is not begun; none if it may be.
    #[must_use]
    pub fn blocks(&self, title: &str) -> Option<String> {
        match self {
            JobState::Failed(fault) => Some(format!("blocked by {title}, because {}", fault.line())),
            JobState::Cancelled { .. } => Some(format!("blocked by {title}, because it was cancelled")),
            // What was at the root of it says more than what lies between.
            JobState::Skipped { because } => Some(because.clone()),
            JobState::Waiting { .. } | JobState::Running | JobState::Done => None,
        }
    }
}

/// One step of a job, as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReport {
    /// What it is about, such as the name of a service.
    pub name: String,
    /// How it is doing.
    pub state: State,
    /// In words.
    pub detail: String,
}

/// An action on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// What is done.
    pub action: Arc<Action>,
    /// Where it belongs, if it is one of many that were asked for together.
    pub course: Option<Course>,
    /// Jobs that must have ended well before it begins; if one did not, it is skipped.
    pub after: Vec<JobId>,
    /// Jobs that must be over before it begins, however they ended.
    pub past: Vec<JobId>,
    /// When it was asked for.
    pub submitted: Timestamp,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// How far it has come.
    pub state: JobState,
    /// Its steps.
    pub steps: Vec<StepReport>,
    /// Why it was done although something spoke against it, in the words of who decided; empty most of the time.
    pub why: String,
}

/// All jobs, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Board {
    /// The jobs. Shared: a board of a thousand is published whenever one of them has moved.
    pub jobs: Vec<Arc<Job>>,
    /// How many courses have their end in the journal. A job's stands there before it is over here; theirs comes later.
    pub written: u64,
}

impl FromIterator<Job> for Board {
    fn from_iter<T: IntoIterator<Item = Job>>(jobs: T) -> Self {
        Self { jobs: jobs.into_iter().map(Arc::new).collect(), written: 0 }
    }
}

impl Board {
    /// One job.
    #[must_use]
    pub fn job(&self, id: JobId) -> Option<&Job> {
        self.place(id).and_then(|place| self.jobs.get(place)).map(AsRef::as_ref)
    }

    /// The queue keeps them in the order of their numbers; whoever makes a board by hand need not.
    fn place(&self, id: JobId) -> Option<usize> {
        let sorted = self.jobs.binary_search_by_key(&id, |job| job.id).ok();
        sorted.or_else(|| self.jobs.iter().position(|job| job.id == id))
    }

    /// One job, to be changed by the queue, which alone owns a board.
    pub fn job_mut(&mut self, id: JobId) -> Option<&mut Job> {
        self.place(id).and_then(|place| self.jobs.get_mut(place)).map(Arc::make_mut)
    }

    /// Puts a new job to its place.
    pub fn add(&mut self, job: Job) {
        let place = self.jobs.partition_point(|known| known.id < job.id);
        self.jobs.insert(place, Arc::new(job));
    }

    /// What the newest job of a stack waits for, or why it never began.
    #[must_use]
    pub fn holds_up(&self, stack: &str) -> Option<String> {
        let job = self.jobs.iter().rev().find(|job| job.action.stack() == Some(stack))?;
        match &job.state {
            JobState::Waiting { behind } if !behind.is_empty() => Some(format!("waits for {behind}")),
            JobState::Skipped { because } => Some(because.clone()),
            _ => None,
        }
    }

    /// Jobs that run, wait, and failed.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |is: fn(&JobState) -> bool| self.jobs.iter().filter(|job| is(&job.state)).count();
        (
            count(|state| matches!(state, JobState::Running)),
            count(|state| matches!(state, JobState::Waiting { .. })),
            count(|state| matches!(state, JobState::Failed(_))),
        )
    }

    /// Forgets the oldest ended jobs beyond the limit. What belongs to a course under way stays with it.
    pub fn trim(&mut self) {
        let under_way = |job: &&Arc<Job>| !job.state.is_over();
        let open: BTreeSet<JobId> =
            self.jobs.iter().filter(under_way).filter_map(|job| Some(job.course.as_ref()?.first)).collect();
        let mut surplus = self.jobs.iter().filter(|job| job.state.is_over()).count().saturating_sub(ENDED_KEPT);
        if surplus == 0 {
            return;
        }
        self.jobs.retain(|job| {
            let needed = job.course.as_ref().is_some_and(|course| open.contains(&course.first));
            let forget = surplus > 0 && job.state.is_over() && !needed;
            surplus -= usize::from(forget);
            !forget
        });
    }
}
