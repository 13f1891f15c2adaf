//! What the operator can point at: by id, never by row number, so that a moving row takes the cursor along.

use crate::action::JobId;
use crate::model::{Holds, NodeId, ServiceId, TaskId, Tier, TroubleAt};

/// One thing on screen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A machine.
    Node(NodeId),
    /// A service.
    Service(ServiceId),
    /// A task, with the service it belongs to.
    Task(ServiceId, TaskId),
    /// A stack, by name; empty for services outside any stack.
    Stack(String),
    /// A tier of the platform.
    Tier(Tier),
    /// The managers together.
    Quorum,
    /// Jobs of the queue that were asked for together, by the first of them.
    Course(JobId),
    /// Those of them that belong to one tier.
    Leg(JobId, Tier),
    /// A job of the queue.
    Job(JobId),
    /// One step of a job.
    Step(JobId, usize),
    /// Something that was done, by the key that the journal gave it.
    Deed(String),
    /// One step of it.
    Trodden(String, usize),
    /// Something the engine told, by a number made of all it says.
    Event(u64),
    /// A message of this console, by its number.
    Message(u64),
    /// A container on a node, which belongs to no task.
    Container(NodeId, String),
    /// A volume on a node, by name.
    Volume(NodeId, String),
    /// An image on a node, by its id.
    Image(NodeId, String),
    /// What holds data on a node, by kind and name.
    Holding(NodeId, Holds, String),
    /// A line that a command said on a node, by its number.
    Line(NodeId, usize),
    /// Something that is wrong in the folder: its rule, its place, and what it is.
    Finding(String, String, String),
}

impl Subject {
    /// The word for its kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Subject::Node(_) => "node",
            Subject::Service(_) => "service",
            Subject::Task(..) => "task",
            Subject::Stack(_) => "stack",
            Subject::Tier(_) => "tier",
            Subject::Quorum => "quorum",
            Subject::Course(_) | Subject::Leg(..) => "course",
            Subject::Job(_) => "job",
            Subject::Step(..) | Subject::Trodden(..) => "step",
            Subject::Deed(_) => "deed",
            Subject::Event(_) => "event",
            Subject::Message(_) => "message",
            Subject::Container(..) => "container",
            Subject::Volume(..) => "volume",
            Subject::Image(..) => "image",
            Subject::Holding(..) => "storage",
            Subject::Line(..) => "line",
            Subject::Finding(..) => "finding",
        }
    }
}

impl From<&TroubleAt> for Subject {
    fn from(at: &TroubleAt) -> Self {
        match at {
            TroubleAt::Node(id) => Subject::Node(id.clone()),
            TroubleAt::Service(id) => Subject::Service(id.clone()),
            TroubleAt::Quorum => Subject::Quorum,
        }
    }
}
