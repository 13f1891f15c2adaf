//! What can happen to the picture of the swarm.

use super::{Cluster, Link, Network, Node, NodeId, Service, ServiceId, SwarmEvent, Task};

/// Everything there is, asked for at one time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Which swarm, and through whom.
    pub cluster: Cluster,
    /// All nodes.
    pub nodes: Vec<Node>,
    /// All services.
    pub services: Vec<Service>,
    /// All tasks.
    pub tasks: Vec<Task>,
    /// Networks that services can attach to.
    pub networks: Vec<Network>,
}

/// One step from an older picture to a newer one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// All that is; what is not in it is gone.
    Everything(Box<Listing>),
    /// One node, as it is now.
    Node(Box<Node>),
    /// A node left.
    NodeGone(NodeId),
    /// One service, as it is now.
    Service(Box<Service>),
    /// A service was removed, and its tasks with it.
    ServiceGone(ServiceId),
    /// All tasks of one service.
    Tasks {
        /// Whose.
        of: ServiceId,
        /// All of them; what is not in it is gone.
        tasks: Vec<Task>,
    },
    /// The engine told something.
    Event(SwarmEvent),
    /// The line changed.
    Link(Link),
}
