//! What the following of a swarm asks an engine, and what comes back.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::model::{Listing, Node, NodeId, Service, ServiceId, Task};

/// Parts of the swarm by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub services: BTreeSet<ServiceId>,
    pub nodes: BTreeSet<NodeId>,
}

impl Parts {
    pub(super) fn len(&self) -> usize {
        self.services.len() + self.nodes.len()
    }
}

/// A question to the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    /// Find out who answers, then open the stream of events.
    Open,
    /// Everything there is.
    Whole,
    /// These as they are now; what is missing in the answer is gone.
    Parts(Parts),
    /// Is anybody there?
    Ping,
}

/// The answer to a question.
#[derive(Debug)]
pub(super) enum Answer {
    Opened {
        latency: Duration,
    },
    Whole {
        listing: Box<Listing>,
        took: Duration,
    },
    Parts {
        asked: Parts,
        services: Vec<(Service, Vec<Task>)>,
        nodes: Vec<Node>,
    },
    Pong(Duration),
    Failed(String),
    /// As failed, and what failed is the managers' majority.
    Leaderless(String),
}
