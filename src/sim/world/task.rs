//! A task: one try to keep one slot filled. Its state never goes back; [`Task::walk`] is the only door.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Id, stamp};

/// How far a task is, in swarm's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    New,
    Pending,
    Assigned,
    Accepted,
    Preparing,
    Ready,
    Starting,
    Running,
    Complete,
    Shutdown,
    Failed,
    Rejected,
    Remove,
    Orphaned,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            State::New => "new",
            State::Pending => "pending",
            State::Assigned => "assigned",
            State::Accepted => "accepted",
            State::Preparing => "preparing",
            State::Ready => "ready",
            State::Starting => "starting",
            State::Running => "running",
            State::Complete => "complete",
            State::Shutdown => "shutdown",
            State::Failed => "failed",
            State::Rejected => "rejected",
            State::Remove => "remove",
            State::Orphaned => "orphaned",
        }
    }

    fn message(self) -> &'static str {
        match self {
            State::New => "created",
            State::Pending => "pending task scheduling",
            State::Assigned => "scheduler assigned task to node",
            State::Ready => "prepared",
            State::Running | State::Failed => "started",
            State::Complete => "finished",
            State::Rejected => "preparing",
            other => other.name(),
        }
    }
}

/// What a task fills: a numbered slot, or a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Slot(u64),
    Node(Id),
}

/// One line a container wrote.
#[derive(Debug, Clone)]
pub(crate) struct LogLine {
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    pub(crate) stderr: bool,
    pub(crate) text: String,
}

/// How many lines a task keeps.
const KEPT_LINES: usize = 500;

#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) id: Id,
    pub(crate) index: u64,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) service: Id,
    pub(crate) service_name: String,
    /// Of its service, as they were when it was made: they stay when the service goes.
    pub(crate) service_labels: Arc<Value>,
    pub(crate) place: Place,
    pub(crate) node: Option<Id>,
    pub(crate) state: State,
    pub(crate) desired: State,
    pub(crate) at: Timestamp,
    pub(crate) message: Option<String>,
    pub(crate) err: Option<String>,
    pub(crate) exit: i64,
    pub(crate) container: String,
    pub(crate) pid: u64,
    pub(crate) spec: Arc<Value>,
    pub(crate) endpoint: Arc<Value>,
    pub(crate) iteration: Option<u64>,
    pub(crate) attachments: Arc<Value>,
    /// When it next does something, if it does.
    pub(crate) due: Option<Timestamp>,
    pub(crate) lines: VecDeque<LogLine>,
}

impl Task {
    /// Goes on to a later state. Going back is refused and says so.
    pub(crate) fn walk(&mut self, to: State, now: Timestamp, index: u64) -> bool {
        if to <= self.state {
            return false;
        }
        self.state = to;
        self.at = now;
        self.updated = now;
        self.index = index;
        self.message = None;
        true
    }

    pub(crate) fn is_live(&self) -> bool {
        self.desired <= State::Complete
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.state > State::Running
    }

    pub(crate) fn write(&mut self, line: LogLine) {
        if self.lines.len() >= KEPT_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    /// As `GET /tasks/{id}` gives it.
    pub(crate) fn view(&self) -> Value {
        let mut out = json!({
            "ID": self.id,
            "Version": {"Index": self.index},
            "CreatedAt": stamp(self.created),
            "UpdatedAt": stamp(self.updated),
            "Labels": {},
            "Spec": *self.spec,
            "ServiceID": self.service,
        });
        let Some(map) = out.as_object_mut() else { return out };
        if let Place::Slot(slot @ 1..) = self.place {
            map.insert("Slot".into(), json!(slot));
        }
        if let Some(node) = &self.node {
            map.insert("NodeID".into(), json!(node));
        }
        map.insert("Status".into(), self.status());
        map.insert("DesiredState".into(), json!(self.desired.name()));
        if let Some(iteration) = self.iteration {
            map.insert("JobIteration".into(), super::service::round(iteration));
        }
        if self.attachments.as_array().is_some_and(|a| !a.is_empty()) {
            map.insert("NetworksAttachments".into(), (*self.attachments).clone());
        }
        map.insert("Volumes".into(), Value::Null);
        out
    }

    fn status(&self) -> Value {
        let mut status = json!({
            "Timestamp": stamp(self.at),
            "State": self.state.name(),
            "Message": self.message.as_deref().unwrap_or(self.state.message()),
        });
        let Some(map) = status.as_object_mut() else { return status };
        if let Some(err) = &self.err {
            map.insert("Err".into(), json!(err));
        }
        if self.state >= State::Starting && self.state != State::Rejected && !self.container.is_empty() {
            let pid = if self.state > State::Running { 0 } else { self.pid };
            map.insert(
                "ContainerStatus".into(),
                json!({"ContainerID": self.container, "PID": pid, "ExitCode": self.exit}),
            );
        }
        map.insert("PortStatus".into(), json!({}));
        status
    }
}
