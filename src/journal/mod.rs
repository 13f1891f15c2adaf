//! The journal: what is done is written down before it is done. Append-only lines of JSON, each on the disk before the
//! action goes on; several processes may write. Holds no value of a field: what was replaced lies beside it, in files of
//! its own. Must never know a swarm.

mod book;
mod files;
mod keepsake;
mod process;
mod record;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::action::{Action, Begun, Commit, Course, End, History, JobId, Process, Redo};
use crate::diag::Diagnostic;

pub use keepsake::{Keepsake, Kept};
use record::Record;

/// Tells the commit of the folder; asked anew for each action.
pub type AskCommit = Arc<dyn Fn() -> Option<Commit> + Send + Sync>;

/// Who writes.
#[derive(Clone)]
pub struct Author {
    /// The operator's name.
    pub user: String,
    /// The machine.
    pub host: String,
    /// Why, in the operator's words.
    pub why: String,
    /// What the folder is.
    pub commit: AskCommit,
}

impl fmt::Debug for Author {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Author").field("user", &self.user).field("host", &self.host).finish_non_exhaustive()
    }
}

impl Default for Author {
    fn default() -> Self {
        Self { user: "you".to_owned(), host: String::new(), why: String::new(), commit: Arc::new(|| None) }
    }
}

impl Author {
    /// As `user@host`.
    #[must_use]
    pub fn who(&self) -> String {
        if self.host.is_empty() { self.user.clone() } else { format!("{}@{}", self.user, self.host) }
    }
}

/// Where the lines lie.
#[derive(Debug)]
enum Place {
    Folder(files::Files),
    /// For simulated swarms and tests: gone with the process.
    Memory(Mutex<Memory>),
}

#[derive(Debug, Default)]
struct Memory {
    lines: Vec<String>,
    keepsakes: BTreeMap<String, Keepsake>,
}

#[derive(Debug)]
struct Inner {
    place: Place,
    author: Author,
    process: Process,
}

/// Deeds that this process began.
static BEGUN: AtomicU64 = AtomicU64::new(0);

/// A journal, as its writers and readers hold it. Clones are the same one. Its calls wait for the disk.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Inner>);

impl Default for Journal {
    fn default() -> Self {
        Self::of(Place::Memory(Mutex::default()), Author::default())
    }
}

impl Journal {
    /// A journal in this folder. Nothing is made before the first line.
    #[must_use]
    pub fn in_folder(folder: PathBuf, author: Author) -> Self {
        Self::of(Place::Folder(files::Files::new(folder)), author)
    }

    /// A journal that is gone with the process.
    #[must_use]
    pub fn in_memory(author: Author) -> Self {
        Self::of(Place::Memory(Mutex::default()), author)
    }

    fn of(place: Place, author: Author) -> Self {
        let process = process::here(&author.host);
        Self(Arc::new(Inner { place, author, process }))
    }

    /// Who writes it.
    #[must_use]
    pub fn author(&self) -> &Author {
        &self.0.author
    }

    /// This process.
    #[must_use]
    pub fn process(&self) -> &Process {
        &self.0.process
    }

    /// Writes down that an action begins that stands alone, and gives what was written.
    ///
    /// # Errors
    /// When the line is not on the disk: then the action must not begin.
    pub fn begin(&self, what: (JobId, &Action), swarm: &str, at: Timestamp) -> Result<Begun, Diagnostic> {
        self.begin_part(what, "", swarm, at)
    }

    /// As [`Journal::begin`], for an action that is a part of the course of this key.
    ///
    /// # Errors
    /// When the line is not on the disk: then the action must not begin.
    pub fn begin_part(
        &self,
        (job, action): (JobId, &Action),
        course: &str,
        swarm: &str,
        at: Timestamp,
    ) -> Result<Begun, Diagnostic> {
        self.write(Begun {
            number: job.0,
            kind: action.kind().to_owned(),
            what: action.title(),
            stack: action.stack().unwrap_or_default().to_owned(),
            changes: action.touches(),
            redo: action.redo(),
            course: course.to_owned(),
            ..self.opening(swarm, at)
        })
    }

    /// Writes down that a course begins, before any part of it does.
    ///
    /// # Errors
    /// When the line is not on the disk: then no part of it must begin.
    pub fn begin_course(&self, course: &Course, swarm: &str, at: Timestamp) -> Result<Begun, Diagnostic> {
        self.write(Begun {
            number: course.first.0,
            kind: "course".to_owned(),
            what: course.title.to_string(),
            redo: Redo::Course(course.request.as_ref().clone()),
            ..self.opening(swarm, at)
        })
    }

    /// What is alike in all deeds that begin now.
    fn opening(&self, swarm: &str, at: Timestamp) -> Begun {
        let inner = &self.0;
        let count = BEGUN.fetch_add(1, Ordering::Relaxed);
        Begun {
            job: format!("{:x}-{:x}-{count:x}", at.as_millisecond(), inner.process.pid),
            number: 0,
            at,
            who: inner.author.who(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            swarm: swarm.to_owned(),
            kind: String::new(),
            what: String::new(),
            stack: String::new(),
            why: inner.author.why.clone(),
            commit: (inner.author.commit)(),
            process: inner.process.clone(),
            changes: Vec::new(),
            redo: Redo::Nothing,
            course: String::new(),
        }
    }

    fn write(&self, begun: Begun) -> Result<Begun, Diagnostic> {
        self.append(&Record::Begun(Box::new(begun.clone()))).map_err(|fault| {
            let told = Diagnostic::new(format!("{} was not begun: the journal takes no line", begun.what), fault.mend);
            let told = told.at(fault.place).because(fault.what);
            fault.why.into_iter().fold(told, Diagnostic::because).because("nothing was sent to the swarm")
        })?;
        Ok(begun)
    }

    /// Writes down how a deed ended.
    ///
    /// # Errors
    /// When the line is not on the disk.
    pub fn end(&self, job: &str, end: End) -> Result<(), Diagnostic> {
        self.append(&Record::Ended { job: job.to_owned(), end })
    }

    /// Keeps what a deed replaces.
    ///
    /// # Errors
    /// When it is not on the disk.
    pub fn keep(&self, keepsake: &Keepsake) -> Result<(), Diagnostic> {
        match &self.0.place {
            Place::Folder(files) => files.keep(keepsake),
            Place::Memory(memory) => {
                let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
                memory.keepsakes.insert(keepsake.job.clone(), keepsake.clone());
                Ok(())
            }
        }
    }

    /// What a deed replaced; none if it is not kept any more.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn kept(&self, job: &str) -> Result<Option<Keepsake>, Diagnostic> {
        match &self.0.place {
            Place::Folder(files) => files.kept(job),
            Place::Memory(memory) => {
                Ok(memory.lock().unwrap_or_else(PoisonError::into_inner).keepsakes.get(job).cloned())
            }
        }
    }

    /// All that is written down, newest first.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read(&self) -> Result<History, Diagnostic> {
        let (pages, kept) = match &self.0.place {
            Place::Folder(files) => (files.pages()?, files.keepsakes()),
            Place::Memory(memory) => {
                let memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
                let lines = memory.lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
                (vec![("memory".to_owned(), lines)], memory.keepsakes.keys().cloned().collect())
            }
        };
        Ok(book::read(&pages, &kept, &self.0.process))
    }

    /// Something that is another whenever a line was added.
    #[must_use]
    pub fn stamp(&self) -> u64 {
        match &self.0.place {
            Place::Folder(files) => files.stamp(),
            Place::Memory(memory) => memory.lock().unwrap_or_else(PoisonError::into_inner).lines.len() as u64,
        }
    }

    fn append(&self, record: &Record) -> Result<(), Diagnostic> {
        let line = record.line();
        match &self.0.place {
            Place::Folder(files) => files.append(&line),
            Place::Memory(memory) => {
                memory.lock().unwrap_or_else(PoisonError::into_inner).lines.push(line);
                Ok(())
            }
        }
    }
}
