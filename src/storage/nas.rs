//! What a storage server gives out: ZFS datasets, their snapshots, and NFS exports.

use jiff::Timestamp;

use super::Answer;
use crate::diag::Diagnostic;
use crate::model::text::clean;

/// A file system or volume of ZFS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// `pool/path`.
    pub name: String,
    /// Bytes it takes with all below it.
    pub used: u64,
    /// Bytes it may still take.
    pub available: u64,
    /// Bytes it refers to itself.
    pub referenced: u64,
    /// Where it is mounted; none for volumes and what is not mounted.
    pub mountpoint: Option<String>,
}

/// A snapshot of ZFS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The dataset.
    pub dataset: String,
    /// The part after the `@`.
    pub name: String,
    /// Bytes that only it holds.
    pub used: u64,
    /// When it was taken.
    pub taken: Option<Timestamp>,
}

/// A folder given out over NFS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The folder.
    pub path: String,
    /// To whom, and how: `192.0.2.0/24(rw,...)`.
    pub clients: String,
}

/// The answer to [`super::Question::datasets`]: none where there is no ZFS.
///
/// # Errors
/// With what zfs complained of.
pub fn datasets(answer: &Answer) -> Result<Option<Vec<Dataset>>, String> {
    rows(answer, |row| {
        let [name, used, available, referenced, mountpoint] = row else { return None };
        Some(Dataset {
            name: clean(name),
            used: used.parse().ok()?,
            available: available.parse().unwrap_or(0),
            referenced: referenced.parse().unwrap_or(0),
            mountpoint: mountpoint.starts_with('/').then(|| clean(mountpoint)),
        })
    })
}

/// The answer to [`super::Question::snapshots`]: none where there is no ZFS.
///
/// # Errors
/// With what zfs complained of.
pub fn snapshots(answer: &Answer) -> Result<Option<Vec<Snapshot>>, String> {
    rows(answer, |row| {
        let [name, used, creation] = row else { return None };
        let (dataset, name) = name.split_once('@')?;
        Some(Snapshot {
            dataset: clean(dataset),
            name: clean(name),
            used: used.parse().unwrap_or(0),
            taken: creation.parse().ok().and_then(|second| Timestamp::from_second(second).ok()),
        })
    })
}

/// The answer to [`super::Question::exports`]: none where there is no NFS server.
///
/// # Errors
/// With what exportfs complained of.
pub fn exports(answer: &Answer) -> Result<Option<Vec<Export>>, String> {
    if answer.is_absent() {
        return Ok(None);
    }
    if answer.code != 0 {
        return Err(answer.why());
    }
    let export = |line: &str| {
        let (path, clients) = line.trim().rsplit_once(char::is_whitespace)?;
        Some(Export { path: clean(path.trim_end()), clients: clean(clients) })
    };
    Ok(Some(answer.out.lines().filter_map(export).collect()))
}

/// Lines of fields parted by tabs, as `zfs list -H` prints them.
fn rows<T>(answer: &Answer, read: impl Fn(&[&str]) -> Option<T>) -> Result<Option<Vec<T>>, String> {
    if answer.is_absent() {
        return Ok(None);
    }
    if answer.code != 0 {
        return Err(answer.why());
    }
    Ok(Some(answer.out.lines().filter_map(|line| read(&line.split('\t').collect::<Vec<_>>())).collect()))
}

/// The whole name of a snapshot to be taken.
///
/// # Errors
/// When ZFS would not take the name.
pub fn snapshot_name(dataset: &str, name: &str) -> Result<String, Diagnostic> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    if name.is_empty() || !name.chars().all(fits) {
        let mend = "use letters, digits and - _ . : only, such as before-upgrade";
        return Err(Diagnostic::new(format!("{name:?} is no name for a snapshot"), mend));
    }
    if dataset.is_empty() || dataset.starts_with('-') || dataset.contains('@') {
        return Err(Diagnostic::new(format!("{dataset:?} is no dataset"), "choose one of those that are listed"));
    }
    Ok(format!("{dataset}@{name}"))
}
