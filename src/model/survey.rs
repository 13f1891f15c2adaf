//! What the engines of the nodes, or the machines themselves, told when they were asked, node by node. A node that did not answer stands here too.

use super::{Disk, Holding, Image, NodeId, Used, Volume};

/// What is asked of the engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asked {
    /// How much containers use, again and again.
    Usage,
    /// Volumes.
    Volumes,
    /// Images.
    Images,
    /// What lies on disk.
    Disk,
    /// What the machine itself keeps data on, asked over SSH.
    Storage,
}

/// What one engine told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// How much its containers use.
    Usage(Vec<Used>),
    /// Its volumes.
    Volumes(Vec<Volume>),
    /// Its images.
    Images(Vec<Image>),
    /// What lies on its disk.
    Disk(Disk),
    /// What its machine keeps data on.
    Storage(Vec<Holding>),
}

/// How far one node has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It was asked.
    Waiting,
    /// It answered.
    Told(Told),
    /// It did not, because.
    Silent {
        /// Why.
        why: String,
        /// What to do.
        mend: String,
    },
}

/// What all nodes told that were asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Survey {
    /// Node by node, in the order they were asked in.
    pub nodes: Vec<(NodeId, Reply)>,
}

impl Survey {
    /// What one node told.
    #[must_use]
    pub fn of(&self, node: &NodeId) -> Option<&Reply> {
        self.nodes.iter().find(|(id, _)| id == node).map(|(_, reply)| reply)
    }

    /// The disks that are known.
    pub fn disks(&self) -> impl Iterator<Item = (&NodeId, &Disk)> {
        self.nodes.iter().filter_map(|(node, reply)| match reply {
            Reply::Told(Told::Disk(disk)) => Some((node, disk)),
            _ => None,
        })
    }
}
