//! What a job holds while it runs: the engine, the swarm as it is, a way to report, and an ear for "stop".

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::registries::Registries;
use super::seams::Seams;
use serde_json::{Value, json};

use crate::action::{Course, JobId, StepReport};
use crate::engine::Engine;
use crate::fleet::Fleet;
use crate::model::{Picture, RECORD, State};
use crate::store::Reader;

/// What a job tells the queue.
#[derive(Debug)]
pub enum Progress {
    /// It began, with these steps.
    Steps(JobId, Vec<StepReport>),
    /// It goes on although something speaks against it, and why.
    Why(JobId, String),
    /// One step has come so far.
    Step(JobId, usize, State, String),
}

/// How a job ended.
#[derive(Debug)]
pub enum Outcome {
    /// All steps done and verified.
    Whole,
    /// Stopped between two steps.
    Stopped {
        /// Steps done.
        done: usize,
        /// Steps not begun, or not waited for.
        left: usize,
    },
}

/// What a job holds while it runs.
#[derive(Debug, Clone)]
pub struct JobCx {
    /// Its number.
    pub id: JobId,
    /// The course it is a part of.
    pub course: Option<Course>,
    /// How those of the jobs that it came after ended that did not end well.
    pub before: Vec<String>,
    /// What it asks of the world outside the swarm.
    pub seams: Seams,
    /// Where changes are written.
    pub engine: Engine,
    /// Who we are at registries.
    pub registries: Registries,
    /// The engines of all nodes.
    pub fleet: Fleet,
    /// The swarm as it is.
    pub swarm: Reader<Picture>,
    /// To the queue; a full channel makes the job wait, for a report must not be lost.
    pub reports: mpsc::Sender<Progress>,
    /// Heard between two steps.
    pub stop: CancellationToken,
    /// The program ends: what stops now has not been stopped by anybody who wanted that.
    pub ending: CancellationToken,
    /// How long a step may take to converge.
    pub patience: Duration,
    /// What a deploy leaves on services: labels, known once the deed is written down.
    pub record: Record,
}

/// The labels of our own that tell who deployed a service, when, from which commit.
pub type Record = Arc<OnceLock<Vec<(&'static str, String)>>>;

impl JobCx {
    /// The spec with the record of this deploy on it: on the service and never on its tasks, which would be replaced.
    #[must_use]
    pub fn marked(&self, mut body: Value) -> Value {
        let Some(record) = self.record.get() else { return body };
        let Some(spec) = body.as_object_mut() else { return body };
        let labels = spec.entry("Labels").or_insert_with(|| json!({}));
        if labels.is_null() {
            *labels = json!({});
        }
        if let Some(labels) = labels.as_object_mut() {
            // What an earlier deploy told is not true any more.
            labels.retain(|key, _| !RECORD.contains(&key.as_str()));
            labels.extend(record.iter().map(|(key, value)| ((*key).to_owned(), json!(value))));
        }
        body
    }

    /// Says which steps there will be.
    pub async fn steps(&self, names: impl IntoIterator<Item = String>) {
        let steps =
            names.into_iter().map(|name| StepReport { name, state: State::Waiting, detail: String::new() }).collect();
        let _ = self.reports.send(Progress::Steps(self.id, steps)).await;
    }

    /// Says why it goes on although something speaks against it.
    pub async fn why(&self, why: String) {
        let _ = self.reports.send(Progress::Why(self.id, why)).await;
    }

    /// Says how far a step has come.
    pub async fn step(&self, index: usize, state: State, detail: impl Into<String>) {
        let _ = self.reports.send(Progress::Step(self.id, index, state, detail.into())).await;
    }
}
