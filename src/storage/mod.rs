//! What a machine keeps data on, read from its own command lines: mounts and whether they are real, free space, iSCSI
//! sessions, the OCFS2 cluster, ZFS and NFS exports. Pure: questions as argument vectors, and readers of the answers.
//! It never runs anything, and never puts an answer together that was not given.

mod blocks;
mod judge;
mod mounts;
mod nas;
mod uses;

pub use blocks::{Iscsi, O2cb, iscsi_sessions, o2cb_status};
pub use judge::{Held, Trouble, User, judge};
pub use mounts::{Family, Mount, Probe, Room, expected, mounted, probe_answer};
pub use nas::{Dataset, Export, Snapshot, datasets, exports, snapshot_name, snapshots};
pub use uses::uses;

/// Seconds that a question about one mount may take on the machine: a mount whose server is gone hangs for ever.
pub const PATIENCE: u32 = 5;

/// A question to a machine: what to run there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The program and its arguments, never a shell line.
    pub argv: Vec<String>,
    /// It is answered to root only.
    pub root: bool,
}

impl Question {
    fn new(argv: &[&str]) -> Self {
        Self { argv: argv.iter().map(|word| (*word).to_owned()).collect(), root: false }
    }

    fn for_root(mut self) -> Self {
        self.root = true;
        self
    }

    /// What is mounted.
    #[must_use]
    pub fn mounted() -> Self {
        Self::new(&["cat", "/proc/self/mountinfo"])
    }

    /// What should be mounted.
    #[must_use]
    pub fn expected() -> Self {
        Self::new(&["cat", "/etc/fstab"])
    }

    /// Whether a mount answers, and how much room it has. Killed on the machine itself when it hangs.
    #[must_use]
    pub fn probe(path: &str) -> Self {
        let patience = PATIENCE.to_string();
        Self::new(&["timeout", "-k", "1", &patience, "stat", "-f", "-c", "%b %a %S", "--", path])
    }

    /// Sessions with iSCSI targets.
    #[must_use]
    pub fn iscsi() -> Self {
        Self::new(&["iscsiadm", "-m", "session"]).for_root()
    }

    /// Whether the cluster of an OCFS2 is online.
    #[must_use]
    pub fn o2cb() -> Self {
        Self::new(&["o2cb", "cluster-status"]).for_root()
    }

    /// File systems and volumes of ZFS.
    #[must_use]
    pub fn datasets() -> Self {
        Self::new(&["zfs", "list", "-H", "-p", "-t", "filesystem,volume", "-o", "name,used,avail,refer,mountpoint"])
            .for_root()
    }

    /// Snapshots of ZFS, newest last.
    #[must_use]
    pub fn snapshots() -> Self {
        Self::new(&["zfs", "list", "-H", "-p", "-t", "snapshot", "-s", "creation", "-o", "name,used,creation"])
            .for_root()
    }

    /// Takes a snapshot. The name was made by [`snapshot_name`].
    #[must_use]
    pub fn take_snapshot(name: &str) -> Self {
        Self::new(&["zfs", "snapshot", "--", name]).for_root()
    }

    /// What is exported over NFS.
    #[must_use]
    pub fn exports() -> Self {
        Self::new(&["exportfs", "-s"]).for_root()
    }
}

/// What a machine answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Answer {
    /// The program is not installed there.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.code == 127 || (self.code == 1 && self.err.contains("command not found"))
    }

    /// The last line of what went wrong, safe to show.
    #[must_use]
    pub fn why(&self) -> String {
        let line = self.err.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let line = crate::model::text::clean(line);
        if line.is_empty() { format!("it ended with {}", self.code) } else { line }
    }
}

/// All that is known of one machine's storage.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Survey {
    /// Mounts, real or missing, with who uses them.
    pub mounts: Vec<Held>,
    /// Sessions with iSCSI targets; none where iSCSI is not installed.
    pub iscsi: Option<Vec<Iscsi>>,
    /// The cluster under OCFS2; none where it is not installed.
    pub o2cb: Option<O2cb>,
    /// Datasets of ZFS; none where there is no ZFS.
    pub datasets: Option<Vec<Dataset>>,
    /// Snapshots of ZFS, newest last.
    pub snapshots: Vec<Snapshot>,
    /// Folders given out over NFS; none where there is no NFS server.
    pub exports: Option<Vec<Export>>,
    /// What could not be asked, and why.
    pub unknown: Vec<String>,
}

#[cfg(test)]
mod tests;
