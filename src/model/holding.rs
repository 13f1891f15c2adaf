//! What a machine keeps data on, one row each: mounts, block devices, datasets, exports. As it was told, judged below.

use super::State;

/// What kind of thing holds data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holds {
    /// Something mounted, or that should be.
    Mount,
    /// A session with an iSCSI target.
    Iscsi,
    /// The cluster under OCFS2.
    Cluster,
    /// A dataset of ZFS.
    Dataset,
    /// A folder given out over NFS.
    Export,
    /// Something that could not be asked.
    Unasked,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// What it is.
    pub holds: Holds,
    /// Its kind in a word, such as `nfs`.
    pub kind: String,
    /// How it is.
    pub state: State,
    /// The word for that, such as `stale`.
    pub word: String,
    /// Its path or name.
    pub name: String,
    /// Where it comes from, or to whom it goes.
    pub source: String,
    /// Bytes, where they are known.
    pub size: Option<u64>,
    /// Bytes that are free, where they are known.
    pub free: Option<u64>,
    /// Services that use it.
    pub users: Vec<String>,
    /// Snapshots of a dataset.
    pub snapshots: Option<u64>,
    /// What is wrong and what to do; empty if nothing is.
    pub why: String,
}

impl Holding {
    /// One that is in order, of which no more is known.
    #[must_use]
    pub fn new(holds: Holds, kind: &str, name: &str) -> Self {
        Self {
            holds,
            kind: kind.to_owned(),
            state: State::Ready,
            word: "ready".to_owned(),
            name: name.to_owned(),
            source: String::new(),
            size: None,
            free: None,
            users: Vec::new(),
            snapshots: None,
            why: String::new(),
        }
    }

    /// The same, as it is.
    #[must_use]
    pub fn being(mut self, state: State, word: &str) -> Self {
        self.state = state;
        word.clone_into(&mut self.word);
        self
    }
}
