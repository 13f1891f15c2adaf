//! Where something was written, and where files come from.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A line and column of one of the [`Sources`]. Both count from 1; 0 means that it was written nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    /// The number of the file in [`Sources`].
    pub file: u16,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1, in characters.
    pub column: u32,
}

/// A text that was read, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// As the user named it; `-` is standard input.
    pub name: PathBuf,
    /// All of it.
    pub text: Arc<str>,
}

/// The files of one stack, in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sources(pub Vec<Source>);

impl Sources {
    /// `file:line:column` of a place, as a diagnostic says it.
    #[must_use]
    pub fn name(&self, place: Place) -> String {
        let name = self.0.get(usize::from(place.file)).map(|source| source.name.display().to_string());
        match (name, place.line) {
            (None, _) => String::new(),
            (Some(name), 0) => name,
            (Some(name), line) => format!("{name}:{line}:{}", place.column),
        }
    }
}

/// Where the files lie that a stack names: on disk, or in the program itself.
pub trait Folder: Send + Sync {
    /// All bytes of a file.
    ///
    /// # Errors
    /// As reading a file does.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Who makes a file that is not there yet, before the stack is deployed; none where nobody does.
    fn maker(&self, _path: &Path) -> Option<String> {
        None
    }
}
