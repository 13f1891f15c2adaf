//! What lies on the disk of a node, as its engine counts it, and what of it can be thrown away.

use jiff::Timestamp;

/// An image on a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its id.
    pub id: String,
    /// Its names; none for one that lost them.
    pub tags: Vec<String>,
    /// Bytes of all its layers.
    pub size: u64,
    /// When it was built.
    pub created: Option<Timestamp>,
    /// Containers made of it, running or ended.
    pub used_by: u64,
}

impl Image {
    /// It has no name any more: a newer one took it.
    #[must_use]
    pub fn is_dangling(&self) -> bool {
        self.tags.is_empty()
    }
}

/// A volume on a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// Who keeps it.
    pub driver: String,
    /// Where it lies.
    pub place: String,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Bytes in it, where the engine can tell.
    pub size: Option<u64>,
    /// Containers that mount it, running or ended.
    pub used_by: u64,
    /// No person gave it its name.
    pub anonymous: bool,
    /// The stack that it was made for; empty if for none.
    pub stack: String,
    /// Where its content lies if that is not on this node's disk: the volume is a definition only, and its going takes
    /// no data along.
    pub elsewhere: Option<String>,
}

/// Things of one kind on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pile {
    /// How many.
    pub count: u64,
    /// How many of them are in use.
    pub active: u64,
    /// Bytes.
    pub size: u64,
    /// Bytes that nothing needs at present.
    pub reclaimable: u64,
}

/// So many things of so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// How many.
    pub count: u64,
    /// Bytes.
    pub bytes: u64,
}

impl Amount {
    /// With one more thing of this size.
    #[must_use]
    pub fn and(self, bytes: u64) -> Self {
        Self { count: self.count + 1, bytes: self.bytes.saturating_add(bytes) }
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { count: self.count + other.count, bytes: self.bytes.saturating_add(other.bytes) }
    }
}

/// What an engine keeps on the disk of its node.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Disk {
    /// Images.
    pub images: Pile,
    /// Containers: what they wrote beside their image.
    pub containers: Pile,
    /// Volumes.
    pub volumes: Pile,
    /// The build cache.
    pub cache: Pile,
    /// Images that lost their name and that no container needs.
    pub dangling: Amount,
    /// Containers that ended.
    pub stopped: Amount,
    /// Build cache that nothing uses.
    pub unused_cache: Amount,
    /// Volumes that no container mounts, with their bytes.
    pub unused_volumes: Vec<(String, u64)>,
}

impl Disk {
    /// All bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        [self.images, self.containers, self.volumes, self.cache].iter().map(|pile| pile.size).sum()
    }

    /// What a prune of this kind would take.
    #[must_use]
    pub fn waste(&self, kind: Waste) -> Amount {
        match kind {
            Waste::Containers => self.stopped,
            Waste::Images => self.dangling,
            Waste::Cache => self.unused_cache,
            Waste::Volumes => self.unused_volumes.iter().fold(Amount::default(), |all, (_, bytes)| all.and(*bytes)),
        }
    }
}

/// A kind of thing that can be thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Waste {
    /// Containers that ended, their logs with them.
    Containers,
    /// Images that lost their name.
    Images,
    /// Build cache that nothing uses.
    Cache,
    /// Volumes that no container mounts: data.
    Volumes,
}

impl Waste {
    /// What holds no data: all but volumes. In this order, for an ended container keeps its image.
    pub const HARMLESS: [Waste; 3] = [Waste::Containers, Waste::Images, Waste::Cache];

    /// What a person calls one of them.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Waste::Containers => "ended container",
            Waste::Images => "dangling image",
            Waste::Cache => "cache record",
            Waste::Volumes => "unused volume",
        }
    }
}
