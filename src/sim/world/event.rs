//! What happened, in the engine's words, kept for a while for those who ask later. There are no task events.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

const KEPT: usize = 4096;

#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    pub(crate) body: Value,
}

/// The events, oldest first.
#[derive(Debug, Default)]
pub(crate) struct EventLog {
    all: VecDeque<Event>,
    last: u64,
}

impl EventLog {
    pub(crate) fn tell(
        &mut self,
        at: Timestamp,
        (kind, action): (&str, &str),
        actor: &str,
        attributes: Map<String, Value>,
    ) {
        self.last += 1;
        let body = json!({
            "Type": kind,
            "Action": action,
            "Actor": {"ID": actor, "Attributes": attributes},
            "scope": "swarm",
            "time": at.as_second(),
            "timeNano": i64::try_from(at.as_nanosecond()).unwrap_or(i64::MAX),
        });
        if self.all.len() >= KEPT {
            self.all.pop_front();
        }
        self.all.push_back(Event { seq: self.last, at, body });
    }

    /// The number of the newest event.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Those after this number.
    pub(crate) fn after(&self, seq: u64) -> impl Iterator<Item = &Event> {
        self.all.iter().filter(move |event| event.seq > seq)
    }
}
