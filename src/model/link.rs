//! How the swarm is reached at the moment.

use std::time::Duration;

use jiff::Timestamp;

/// The connection to the swarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// Nothing was heard yet.
    Connecting {
        /// Where to.
        to: String,
        /// Why it has not worked so far.
        why: Option<String>,
    },
    /// What is shown is what is.
    Live {
        /// How long a request takes.
        latency: Duration,
    },
    /// What is shown is how it was.
    Stale {
        /// When the line was lost.
        since: Timestamp,
        /// Why.
        why: String,
        /// When the next attempt will be made.
        retry_at: Option<Timestamp>,
    },
}

impl Link {
    /// The picture is current.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self, Link::Live { .. })
    }
}

/// Which swarm this is, and through whom it is seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cluster {
    /// The swarm's id.
    pub id: String,
    /// The node whose engine answers.
    pub through: String,
    /// The address it is reached at, as typed.
    pub endpoint: String,
    /// The version of the engine that answers.
    pub engine_version: String,
    /// The API version spoken with it.
    pub api_version: String,
    /// Addresses that were given for managers of this swarm and lead to none.
    pub passed: Vec<Passed>,
}

/// An address that is not used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Passed {
    /// The address, as typed.
    pub endpoint: String,
    /// What is there instead of a manager of this swarm, such as "a worker".
    pub why: String,
}
