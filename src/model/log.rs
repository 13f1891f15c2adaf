//! A line of a log, and which lines are asked for.

use jiff::Timestamp;

use super::{NodeId, ServiceId, TaskId};

/// Whose lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogTarget {
    /// All tasks of a service.
    Service {
        /// Which.
        id: ServiceId,
        /// Its lines are raw terminal text.
        tty: bool,
    },
    /// One task.
    Task {
        /// Which.
        id: TaskId,
        /// The service it belongs to.
        service: ServiceId,
        /// Its lines are raw terminal text.
        tty: bool,
    },
}

/// Which lines are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuery {
    /// Whose.
    pub target: LogTarget,
    /// Go on as they come.
    pub follow: bool,
    /// The last so many of each task; none: all.
    pub tail: Option<u64>,
    /// Only newer ones.
    pub since: Option<Timestamp>,
}

/// Where a line was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// The engine's own words: it could not fetch all lines.
    System,
}

/// One line, free of control sequences except colours (SGR).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written, as the engine says.
    pub at: Option<Timestamp>,
    /// Where the task runs.
    pub node: Option<NodeId>,
    /// The service it belongs to.
    pub service: ServiceId,
    /// The task that wrote it.
    pub task: Option<TaskId>,
    /// Where it was written to.
    pub stream: LogStream,
    /// The text.
    pub text: String,
}
