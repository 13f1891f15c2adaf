//! The way to one node, from the outside: it can be shut or fall silent while the node itself is well.
//! Must never change the world behind it.

use std::collections::BTreeMap;

/// How the way to a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Door {
    /// Open: what comes is answered.
    #[default]
    Open,
    /// Connections are refused, and those that are there are cut.
    Shut,
    /// Connections are taken, and nothing is ever answered on any.
    Silent,
}

/// The ways that are not open, by hostname.
#[derive(Debug, Default)]
pub(crate) struct Doors(BTreeMap<String, Door>);

impl Doors {
    pub(crate) fn set(&mut self, hostname: &str, door: Door) {
        match door {
            Door::Open => self.0.remove(hostname),
            door => self.0.insert(hostname.to_owned(), door),
        };
    }

    pub(crate) fn of(&self, hostname: &str) -> Door {
        self.0.get(hostname).copied().unwrap_or_default()
    }
}
