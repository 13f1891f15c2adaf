//! A task: one attempt to run one slot of a service on one node. States only move forward.

use std::sync::Arc;

use jiff::Timestamp;

use super::words::open_words;
use super::{NodeId, ServiceId, TaskId, Version};

open_words! {
    /// Where a task is on its way, in the order of that way.
    TaskState {
        /// Just made.
        New = "new",
        /// Waits for a node.
        Pending = "pending",
        /// Has a node.
        Assigned = "assigned",
        /// The node took it.
        Accepted = "accepted",
        /// The node fetches what it needs.
        Preparing = "preparing",
        /// Could start.
        Ready = "ready",
        /// Starts; with a health check, until the first success.
        Starting = "starting",
        /// Runs.
        Running = "running",
        /// Ended well.
        Complete = "complete",
        /// Was told to end.
        Shutdown = "shutdown",
        /// Ended badly.
        Failed = "failed",
        /// The node could not take it.
        Rejected = "rejected",
        /// Its service is gone.
        Remove = "remove",
        /// Its node was away too long.
        Orphaned = "orphaned",
    }
}

impl TaskState {
    /// On the way to running, not there yet.
    #[must_use]
    pub fn is_starting(&self) -> bool {
        use TaskState::{Accepted, Assigned, New, Pending, Preparing, Ready, Starting};
        matches!(self, New | Pending | Assigned | Accepted | Preparing | Ready | Starting)
    }

    /// Nothing more comes after it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self, TaskState::Complete | TaskState::Shutdown | TaskState::Remove) || self.is_failure()
    }

    /// Ended because something went wrong.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self, TaskState::Failed | TaskState::Rejected | TaskState::Orphaned)
    }
}

/// One attempt to run one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Grows with every change of the task.
    pub version: Version,
    /// The service it belongs to.
    pub service: ServiceId,
    /// Number among the replicas; none for global services.
    pub slot: Option<u64>,
    /// Where it runs, once that is decided.
    pub node: Option<NodeId>,
    /// Where it is on its way.
    pub state: TaskState,
    /// Where the swarm wants it to be.
    pub desired: TaskState,
    /// The engine's words on the state.
    pub message: String,
    /// The engine's words on what went wrong; empty if nothing did.
    pub error: String,
    /// When the state was reached.
    pub since: Option<Timestamp>,
    /// When the task was made.
    pub created: Option<Timestamp>,
    /// The exit code of an ended container.
    pub exit_code: Option<i64>,
    /// The container on its node.
    pub container: Option<String>,
    /// The image it runs, with digest where known.
    pub image: String,
    /// The round of a job it belongs to.
    pub job_iteration: Option<u64>,
    /// CPU it reserves, in billionths of a core.
    pub reserved_cpus: u64,
    /// Memory it reserves, in bytes.
    pub reserved_memory: u64,
    /// The object as the engine sent it, JSON.
    pub raw: Arc<str>,
}

impl Task {
    /// It has ended, one way or the other.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state.is_over()
    }

    /// The swarm wants it to run (or, for a job, to complete).
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        matches!(self.desired, TaskState::Running | TaskState::Ready | TaskState::Complete)
    }

    /// Another attempt at the same slot, or on the same node where a service has one on each.
    #[must_use]
    pub fn has_place_of(&self, other: &Self) -> bool {
        self.id != other.id && self.slot == other.slot && (self.slot.is_some() || self.node == other.node)
    }
}
