//! Mounts: what the kernel has, what the machine's fstab expects, and whether a mount answers.

use super::Answer;
use crate::model::text::clean;

/// Kinds of file systems that behave alike when something goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// NFS of any version.
    Nfs,
    /// SMB.
    Cifs,
    /// A cluster file system on a shared block device.
    Ocfs2,
    /// ZFS.
    Zfs,
    /// Another one over the network.
    Network,
    /// On a disk of the machine.
    Local,
}

impl Family {
    /// By the name the kernel uses; none for what holds no data (proc, tmpfs, overlay and their like).
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "nfs" | "nfs4" => Family::Nfs,
            "cifs" | "smb3" => Family::Cifs,
            "ocfs2" => Family::Ocfs2,
            "zfs" => Family::Zfs,
            "ceph" | "glusterfs" | "fuse.glusterfs" | "fuse.sshfs" | "gfs2" | "9p" | "virtiofs" | "lustre" => {
                Family::Network
            }
            "ext2" | "ext3" | "ext4" | "xfs" | "btrfs" | "f2fs" | "bcachefs" | "jfs" | "vfat" | "exfat" | "ntfs3" => {
                Family::Local
            }
            _ => return None,
        })
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Family::Nfs => "nfs",
            Family::Cifs => "cifs",
            Family::Ocfs2 => "ocfs2",
            Family::Zfs => "zfs",
            Family::Network => "network",
            Family::Local => "local",
        }
    }
}

/// Something mounted, or expected to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where.
    pub path: String,
    /// What: a device, `server:/export`, `//server/share`, a dataset.
    pub source: String,
    /// Which kind.
    pub family: Family,
    /// The part of the file system that is seen here; `/` unless it is a bind mount.
    pub root: String,
    /// Only reading is possible.
    pub read_only: bool,
}

/// What the kernel has mounted, from `/proc/self/mountinfo` (proc_pid_mountinfo(5)), by path. Of mounts over one
/// another the uppermost counts.
#[must_use]
pub fn mounted(text: &str) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = Vec::new();
    for mount in text.lines().filter_map(mount_line) {
        mounts.retain(|below| below.path != mount.path);
        mounts.push(mount);
    }
    mounts.sort_by(|a, b| a.path.cmp(&b.path));
    mounts
}

fn mount_line(line: &str) -> Option<Mount> {
    // Optional fields end with a dash of its own.
    let (head, tail) = line.split_once(" - ")?;
    let mut head = head.split(' ').skip(3);
    let (root, path, options) = (head.next()?, head.next()?, head.next()?);
    let mut tail = tail.split(' ');
    let (kind, source) = (tail.next()?, tail.next()?);
    Some(Mount {
        path: unescaped(path),
        source: unescaped(source),
        family: Family::of(kind)?,
        root: unescaped(root),
        read_only: options.split(',').any(|option| option == "ro"),
    })
}

/// What should be mounted, from `/etc/fstab` (fstab(5)); entries that are mounted by hand only are left out.
#[must_use]
pub fn expected(text: &str) -> Vec<Mount> {
    text.lines().filter_map(fstab_line).collect()
}

fn fstab_line(line: &str) -> Option<Mount> {
    let mut words = line.split('#').next()?.split_whitespace();
    let (source, path, kind) = (words.next()?, words.next()?, words.next()?);
    let options: Vec<&str> = words.next().unwrap_or("defaults").split(',').collect();
    if options.contains(&"noauto") && !options.iter().any(|option| option.starts_with("x-systemd.automount")) {
        return None;
    }
    let is_bind = options.iter().any(|option| matches!(*option, "bind" | "rbind"));
    let family = if is_bind { Some(Family::Local) } else { Family::of(kind) };
    Some(Mount {
        path: trimmed(&unescaped(path)),
        source: unescaped(source),
        family: family?,
        root: "/".to_owned(),
        read_only: options.contains(&"ro"),
    })
}

fn trimmed(path: &str) -> String {
    let short = path.trim_end_matches('/');
    if short.is_empty() { "/".to_owned() } else { short.to_owned() }
}

/// Blanks and backslashes are written as three octal digits. What controls a terminal is taken out.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if let (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..]) = (first, tail) {
            bytes.push((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'));
            rest = after;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    clean(&String::from_utf8_lossy(&bytes))
}

/// Room on a file system, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Room {
    /// All of it.
    pub size: u64,
    /// What an ordinary user may still take.
    pub free: u64,
}

/// Whether a mount answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// It does.
    Real(Room),
    /// Its handle is stale: the export was replaced behind it.
    Stale,
    /// It does not answer within [`super::PATIENCE`].
    Hung,
    /// It answers with a fault.
    Broken(String),
}

/// The answer to [`super::Question::probe`].
#[must_use]
pub fn probe_answer(answer: &Answer) -> Probe {
    match answer.code {
        0 => {
            let mut numbers = answer.out.split_whitespace().map_while(|word| word.parse::<u64>().ok());
            match (numbers.next(), numbers.next(), numbers.next()) {
                (Some(blocks), Some(free), Some(block)) => {
                    Probe::Real(Room { size: blocks.saturating_mul(block), free: free.saturating_mul(block) })
                }
                _ => Probe::Broken("its answer cannot be read".to_owned()),
            }
        }
        // timeout(1): 124 when it ended the question, 137 when it had to kill it.
        124 | 137 => Probe::Hung,
        _ if answer.err.contains("Stale file handle") => Probe::Stale,
        _ => Probe::Broken(answer.why()),
    }
}
