//! The smaller nouns: networks, and what the engine tells as it happens.

use jiff::Timestamp;

use super::NetworkId;

/// A network that services attach to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Its id.
    pub id: NetworkId,
    /// Its name.
    pub name: String,
    /// `overlay`, `bridge` and the like.
    pub driver: String,
    /// `swarm` or `local`.
    pub scope: String,
}

/// Something the engine said has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwarmEvent {
    /// When.
    pub at: Timestamp,
    /// `service`, `node`, `network`, `secret`, `config`, and others.
    pub kind: String,
    /// `create`, `update`, `remove`, and others.
    pub action: String,
    /// The id of what it happened to.
    pub id: String,
    /// Its name, where the engine gave one.
    pub name: String,
    /// What changed, as `key old → new` or `key=value`.
    pub detail: String,
}
