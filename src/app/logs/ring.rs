//! The lines that are kept: a ring with a limit in lines and in bytes that counts what it let go.

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::model::LogLine;

/// One row of a log before it is broken into rows of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A line that was read.
    Line(LogLine),
    /// A rule drawn by the console: a mark, or the end of the log.
    Rule {
        /// When.
        at: Option<Timestamp>,
        /// What it says.
        text: String,
    },
}

/// Bytes counted for an entry beside its text.
const OVERHEAD: usize = 128;

impl Entry {
    fn bytes(&self) -> usize {
        OVERHEAD
            + match self {
                Entry::Line(line) => line.text.len(),
                Entry::Rule { text, .. } => text.len(),
            }
    }
}

/// The ring. Each entry has a number that it keeps; numbers grow by one.
#[derive(Debug, Clone)]
pub struct Ring {
    entries: VecDeque<Entry>,
    first: u64,
    bytes: usize,
    /// Most lines.
    pub max_lines: usize,
    /// Most bytes.
    pub max_bytes: usize,
    /// Lines let go because of the limits.
    pub let_go: u64,
}

impl Default for Ring {
    fn default() -> Self {
        Self { entries: VecDeque::new(), first: 0, bytes: 0, max_lines: 10_000, max_bytes: 16 << 20, let_go: 0 }
    }
}

impl Ring {
    /// Adds an entry and lets the oldest go where a limit is reached. Gives its number.
    pub fn push(&mut self, entry: Entry) -> u64 {
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
        while self.entries.len() > self.max_lines.max(1) || (self.bytes > self.max_bytes && self.entries.len() > 1) {
            if let Some(gone) = self.entries.pop_front() {
                self.bytes -= gone.bytes();
                self.first += 1;
                self.let_go += 1;
            }
        }
        self.end() - 1
    }

    /// Forgets all entries; numbers go on.
    pub fn clear(&mut self) {
        self.first = self.end();
        self.entries.clear();
        self.bytes = 0;
    }

    /// The entry with this number.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// The number of the oldest entry.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.first
    }

    /// One more than the number of the newest entry.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// Entries with their numbers, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Entry)> {
        (self.first..).zip(&self.entries)
    }
}
