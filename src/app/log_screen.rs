//! Placeholder for the log screen.

use super::Subject;
use crate::model::LogQuery;

/// A log on screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogsScreen {
    /// Whose.
    pub subject: Option<Subject>,
    /// What is asked for.
    pub query: Option<LogQuery>,
}
