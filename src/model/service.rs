//! A service: what should run, and how often.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::words::open_words;
use super::{Deployed, NetworkId, ServiceId, Version};

/// How many tasks a service should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// So many at a time, for ever.
    Replicated(u64),
    /// One on each eligible node, for ever.
    Global,
    /// So many successful ends in all, at most `at_once` at a time.
    ReplicatedJob {
        /// Completions wanted.
        total: u64,
        /// Most tasks at a time.
        at_once: u64,
    },
    /// One successful end on each eligible node.
    GlobalJob,
    /// A mode that this version does not know.
    Other(Arc<str>),
}

impl Mode {
    /// Ends by itself.
    #[must_use]
    pub fn is_one_shot(&self) -> bool {
        matches!(self, Mode::ReplicatedJob { .. } | Mode::GlobalJob)
    }

    /// It has one task on each node that fits.
    #[must_use]
    pub fn is_global(&self) -> bool {
        matches!(self, Mode::Global | Mode::GlobalJob)
    }

    /// The word for it, as `docker service ls` says.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Mode::Replicated(_) => "replicated",
            Mode::Global => "global",
            Mode::ReplicatedJob { .. } => "replicated-job",
            Mode::GlobalJob => "global-job",
            Mode::Other(word) => word,
        }
    }
}

open_words! {
    /// How far an update of a service has come.
    UpdateState {
        /// Under way.
        Updating = "updating",
        /// Stopped half-way, waits for a person.
        Paused = "paused",
        /// All tasks are new.
        Completed = "completed",
        /// Failed; the old spec is coming back.
        RollbackStarted = "rollback_started",
        /// The way back failed too.
        RollbackPaused = "rollback_paused",
        /// Failed; the old spec is back.
        RollbackCompleted = "rollback_completed",
    }
}

/// The last update of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// How far it has come.
    pub state: UpdateState,
    /// The engine's words on it.
    pub message: String,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub completed: Option<Timestamp>,
}

/// A published port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Seen from outside; 0 where the engine chooses.
    pub published: u16,
    /// Inside the container.
    pub target: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// `ingress` or `host`.
    pub mode: String,
}

/// What should run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// The version a write to it must name.
    pub version: Version,
    /// Its full name, stack included.
    pub name: String,
    /// The stack it says it belongs to.
    pub stack: Option<String>,
    /// The image with its tag, without digest.
    pub image: String,
    /// The digest the image is pinned to, `sha256:…`.
    pub digest: Option<String>,
    /// How many tasks it should have.
    pub mode: Mode,
    /// Placement constraints as written.
    pub constraints: Vec<String>,
    /// Platforms it can run on, as (os, arch); empty: all.
    pub platforms: Vec<(String, String)>,
    /// Most tasks on one node; 0: any number.
    pub max_per_node: u64,
    /// The last update, if there was one.
    pub update: Option<Update>,
    /// What an update does when a task fails: `pause`, `continue` or `rollback`.
    pub failure_action: String,
    /// How long a new task is watched, in nanoseconds.
    pub monitor: u64,
    /// `stop-first` or `start-first`.
    pub update_order: String,
    /// How many tasks an update changes at a time; 0: all.
    pub parallelism: u64,
    /// Whether there is a previous spec to return to.
    pub has_previous: bool,
    /// The round of a job.
    pub job_iteration: Option<u64>,
    /// Has a health check of its own in the spec.
    pub has_health_check: bool,
    /// Logs are raw text of a terminal, not frames.
    pub tty: bool,
    /// Published ports.
    pub ports: Vec<Port>,
    /// Networks it is attached to.
    pub networks: Vec<NetworkId>,
    /// Service labels.
    pub labels: BTreeMap<String, String>,
    /// Restart condition: `any`, `on-failure`, `none`.
    pub restart: String,
    /// How often it was redeployed by force.
    pub force_update: u64,
    /// CPU that each task reserves, in billionths of a core.
    pub reserved_cpus: u64,
    /// Memory that each task reserves, in bytes.
    pub reserved_memory: u64,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it was changed.
    pub updated: Option<Timestamp>,
    /// The object as the engine sent it, JSON.
    pub raw: Arc<str>,
}

impl Service {
    /// The last deploy from here that wrote it.
    #[must_use]
    pub fn deployed(&self) -> Option<Deployed> {
        Deployed::of(&self.labels)
    }

    /// The name without the stack before it.
    #[must_use]
    pub fn short_name(&self) -> &str {
        self.stack
            .as_deref()
            .and_then(|stack| self.name.strip_prefix(stack))
            .and_then(|rest| rest.strip_prefix('_'))
            .unwrap_or(&self.name)
    }
}
