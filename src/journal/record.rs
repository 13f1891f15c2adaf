//! A line of the journal: that something began, or that it ended.

use serde::{Deserialize, Serialize};

use crate::action::{Begun, End};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Record {
    /// An action begins.
    Begun(Box<Begun>),
    /// It ended.
    Ended {
        /// The key of the deed.
        job: String,
        /// How.
        #[serde(flatten)]
        end: End,
    },
}

impl Record {
    /// Without the end of the line; there is none within it either.
    pub fn line(&self) -> String {
        // Plain data with text keys: there is nothing in it that JSON cannot say.
        serde_json::to_string(self).unwrap_or_default()
    }
}
