//! Jobs that were asked for together and go tier by tier: what each of them belongs to, and how they stand as one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::gate::Mode;
use super::{Board, Job, JobId, JobState};
use crate::model::text::counted;
use crate::model::{State, Tier};
use crate::plan::{Options, Prune};

/// A deploy of stacks as it was asked for: what it takes to ask for it once more.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Request {
    /// The stacks, also those that needed nothing.
    pub stacks: Vec<String>,
    /// They were not named one by one: what others drive is left out.
    #[serde(default)]
    pub broad: bool,
    /// There are gates between all tiers.
    #[serde(default)]
    pub gated: bool,
    /// What such a gate does.
    #[serde(default)]
    pub gate: Mode,
    /// How long each service may take to converge, in seconds; none for as long as usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<u64>,
    /// What has another content gets another name.
    #[serde(default)]
    pub rotate: bool,
    /// What the files no longer have stays.
    #[serde(default)]
    pub no_prune: bool,
}

impl Request {
    /// How its plans are drawn.
    #[must_use]
    pub fn options(&self) -> Options {
        let prune = if self.no_prune { Prune::Nothing } else { Prune::Everything };
        Options { rotate: self.rotate, prune, ..Options::default() }
    }

    /// How long each service may take to converge.
    #[must_use]
    pub fn patience(&self) -> Option<Duration> {
        self.patience.map(Duration::from_secs)
    }
}

/// Where a job belongs that is one of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// The first job of it: the course goes by its number.
    pub first: JobId,
    /// What was asked for.
    pub title: Arc<str>,
    /// The tier that this job belongs to.
    pub tier: Tier,
    /// How it was asked for.
    pub request: Arc<Request>,
}

impl Job {
    /// It belongs to this tier of a course.
    #[must_use]
    pub fn is_in(&self, tier: &Tier) -> bool {
        self.course.as_ref().is_some_and(|course| course.tier == *tier)
    }
}

impl Board {
    /// The jobs of a course, in the order in which they were asked for.
    pub fn course(&self, first: JobId) -> impl Iterator<Item = &Job> {
        let belongs = move |job: &&Job| job.course.as_ref().is_some_and(|course| course.first == first);
        self.jobs.iter().map(AsRef::as_ref).filter(belongs)
    }
}

/// How jobs stand as one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    counts: BTreeMap<&'static str, u64>,
}

impl Standing {
    /// Of these jobs.
    pub fn of<'a>(jobs: impl Iterator<Item = &'a Job>) -> Self {
        let mut counts = BTreeMap::new();
        for job in jobs {
            *counts.entry(job.state.word()).or_default() += 1;
        }
        Self { counts }
    }

    /// How many are so.
    #[must_use]
    pub fn count(&self, word: &str) -> u64 {
        self.counts.get(word).copied().unwrap_or_default()
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Nothing more will happen.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.word() != "running" && self.word() != "waiting"
    }

    /// The sign and the word for all of them: what is still to come before what has ended, what went wrong before what
    /// went well.
    #[must_use]
    pub fn state(&self) -> (State, &'static str) {
        let all = [
            (State::Converging, "running"),
            (State::Waiting, "waiting"),
            (State::Failed, "failed"),
            (State::Off, "cancelled"),
            (State::Off, "skipped"),
        ];
        let begun = self.count("done") + self.count("failed") > 0;
        let found = all.into_iter().find(|(_, word)| self.count(word) > 0).unwrap_or((State::Done, "done"));
        // Between two jobs of it a course is under way all the same.
        if found.1 == "waiting" && begun { (State::Converging, "running") } else { found }
    }

    /// In numbers, where not all went well.
    #[must_use]
    pub fn told(&self) -> Option<String> {
        let words = ["failed", "cancelled", "skipped", "done"].into_iter().filter(|word| self.count(word) > 0);
        let said: Vec<String> = words.map(|word| format!("{} {word}", self.count(word))).collect();
        (self.word() != "done").then(|| format!("of {} {}", counted(self.total(), "job"), said.join(", ")))
    }

    fn word(&self) -> &'static str {
        self.state().1
    }
}

impl JobState {
    /// Whoever looks at many jobs wants to see first what runs, what failed, and what is still to come.
    #[must_use]
    pub fn urgency(&self) -> u8 {
        match self {
            JobState::Running => 0,
            JobState::Failed(_) => 1,
            JobState::Waiting { .. } => 2,
            JobState::Done | JobState::Cancelled { .. } => 3,
            JobState::Skipped { .. } => 4,
        }
    }
}
