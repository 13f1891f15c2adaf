//! The log of one service or task as it is read: what is kept, what is shown, and where the operator stands in it.
//! Asks for nothing by itself: where another tail is needed, it gives the query.

mod columns;
mod level;
mod ring;
mod scroll;
mod sieve;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

use super::LogIntent;
use super::wrap::plain;
use crate::model::{LogLine, LogQuery, LogStream, LogTarget, Picture};

pub use columns::{Columns, Names};
pub use level::{Level, guess};
pub use ring::Entry;
pub use scroll::Visible;
pub use sieve::Pattern;

/// Lines of each task that are asked for at first, and at the most.
const TAIL: u64 = 200;
const TAIL_MOST: u64 = 10_000;

/// What is on and off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Show {
    /// The time before each line.
    pub times: bool,
    /// Replica and node before each line.
    pub names: bool,
    /// Long lines are broken.
    pub wrap: bool,
}

/// A log as it is read.
#[derive(Debug, Clone)]
pub struct LogsView {
    /// Whose lines.
    pub target: LogTarget,
    /// What a person calls it.
    pub title: String,
    /// What is on and off.
    pub show: Show,
    /// Names of tasks and nodes.
    pub names: Names,
    /// What is wrong with the pattern typed last.
    pub fault: Option<String>,
    /// Lines that came too fast to be taken.
    pub dropped: u64,
    /// Lines of the last second or so.
    pub per_second: u64,
    /// So many lines of each task are asked for, and all that come.
    tail: u64,
    ring: ring::Ring,
    sieve: sieve::Sieve,
    place: scroll::Place,
    size: (u16, u16),
    received: u64,
    measured: Option<(Timestamp, u64)>,
}

impl LogsView {
    /// An empty log that follows the newest line.
    #[must_use]
    pub fn new(target: LogTarget, title: impl Into<String>) -> Self {
        let names = matches!(target, LogTarget::Service { .. });
        Self {
            target,
            title: title.into(),
            show: Show { times: true, names, wrap: false },
            names: Names::default(),
            fault: None,
            dropped: 0,
            per_second: 0,
            tail: TAIL,
            ring: ring::Ring::default(),
            sieve: sieve::Sieve::default(),
            place: scroll::Place::default(),
            size: (80, 20),
            received: 0,
            measured: None,
        }
    }

    /// The lines to ask for.
    #[must_use]
    pub fn query(&self) -> LogQuery {
        LogQuery { target: self.target.clone(), follow: true, tail: Some(self.tail), since: None }
    }

    /// Takes lines, oldest first, and how many were dropped before them.
    pub fn lines(&mut self, lines: Vec<LogLine>, dropped: u64) {
        self.dropped += dropped;
        self.received += lines.len() as u64;
        if dropped > 0 {
            let text = format!("{dropped} lines came too fast and were dropped");
            self.push(Entry::Rule { at: None, text });
        }
        for line in lines {
            self.push(Entry::Line(line));
        }
    }

    fn push(&mut self, entry: Entry) {
        let taken = self.sieve.is_active() || self.sieve.search.is_some();
        if !taken {
            self.ring.push(entry);
            return;
        }
        let number = self.ring.end();
        self.sieve.take(number, &entry);
        self.ring.push(entry);
        self.sieve.forget_before(self.ring.first());
    }

    /// Learns the names of replicas and nodes.
    pub fn learn(&mut self, picture: &Picture) {
        self.names.learn(&self.target, picture);
    }

    /// Draws a rule that says how the log ended.
    pub fn ended(&mut self, why: &str, at: Option<Timestamp>) {
        self.push(Entry::Rule { at, text: why.to_owned() });
    }

    /// Time passed: counts lines per second.
    pub fn tick(&mut self, now: Timestamp) {
        let Some((then, received)) = self.measured else {
            self.measured = Some((now, self.received));
            return;
        };
        let passed = u64::try_from(now.duration_since(then).as_millis()).unwrap_or(0);
        if passed >= 900 {
            self.per_second = (self.received - received) * 1000 / passed;
            self.measured = Some((now, self.received));
        }
    }

    /// The size of the room for lines, in which pages are counted.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.size = (width, height);
    }

    /// Does what a key says. Gives a query where another tail must begin.
    pub fn apply(&mut self, intent: LogIntent, now: Timestamp) -> Option<LogQuery> {
        match intent {
            LogIntent::Follow => self.set_following(!self.is_following()),
            LogIntent::Wrap => self.show.wrap = !self.show.wrap,
            LogIntent::Timestamps => self.show.times = !self.show.times,
            LogIntent::Names => self.show.names = !self.show.names,
            LogIntent::NextMatch => self.go_to_found(true),
            LogIntent::PreviousMatch => self.go_to_found(false),
            LogIntent::ErrorsOnly => self.sift(|sieve| sieve.stderr_only = !sieve.stderr_only),
            LogIntent::MatchesOnly => self.sift(|sieve| sieve.found_only = !sieve.found_only),
            LogIntent::MarkLine => self.push(Entry::Rule { at: Some(now), text: "mark".to_owned() }),
            LogIntent::Clear => self.clear(),
            LogIntent::Level => self.next_level(),
            LogIntent::Longer => return self.reach_back(),
        }
        None
    }

    /// Looks for lines with this pattern; an empty one ends the search. A broken one leaves the last good one.
    pub fn search(&mut self, typed: &str) {
        match sieve::Pattern::read(typed, false) {
            Ok(pattern) => {
                self.fault = None;
                self.place.found = None;
                self.sift(|sieve| sieve.search = pattern);
            }
            Err(fault) => self.fault = Some(fault),
        }
    }

    /// Shows only lines with this pattern, or with `!` before it those without; an empty one shows all.
    pub fn filter(&mut self, typed: &str) {
        match sieve::Pattern::read(typed, true) {
            Ok(pattern) => {
                self.fault = None;
                self.sift(|sieve| sieve.filter = pattern);
            }
            Err(fault) => self.fault = Some(fault),
        }
    }

    /// Shows only lines at least as grave.
    fn set_level(&mut self, level: Option<Level>) {
        self.sift(|sieve| sieve.level = level);
    }

    /// Goes to the next graver minimum, from the gravest to none.
    fn next_level(&mut self) {
        let next = match self.sieve.level {
            None => Some(Level::Debug),
            Some(level) => Level::ALL.into_iter().find(|graver| *graver > level),
        };
        self.set_level(next);
    }

    /// Asks for more lines of the past; those that are kept are forgotten, for they come again. None where there are no
    /// more to be had.
    fn reach_back(&mut self) -> Option<LogQuery> {
        if self.tail == TAIL_MOST {
            return None;
        }
        self.tail = (self.tail * 10).min(TAIL_MOST);
        self.clear();
        self.dropped = 0;
        self.ring.let_go = 0;
        self.set_following(true);
        Some(self.query())
    }

    /// Forgets all lines.
    pub fn clear(&mut self) {
        self.ring.clear();
        self.sieve.again(&self.ring);
        self.place.found = None;
    }

    fn sift(&mut self, change: impl FnOnce(&mut sieve::Sieve)) {
        change(&mut self.sieve);
        self.sieve.again(&self.ring);
    }

    /// The text for the clipboard: the found line the operator stands on, else the lines on screen.
    #[must_use]
    pub fn copied(&self) -> String {
        let numbers: Vec<u64> = match self.place.found {
            Some(number) => vec![number],
            None => self.visible().iter().map(|visible| visible.number).collect(),
        };
        let lines: Vec<String> =
            numbers.iter().filter_map(|number| self.entry(*number)).map(|e| self.text(e)).collect();
        lines.join("\n")
    }

    fn text(&self, entry: &Entry) -> String {
        match entry {
            Entry::Rule { text, .. } => format!("--- {text} ---"),
            Entry::Line(line) => {
                let time = line.at.filter(|_| self.show.times).map(|at| format!("{at:.3} ")).unwrap_or_default();
                let task = line.task.as_ref().filter(|_| self.show.names);
                let name = task.map(|task| format!("{} ", self.names.task(task))).unwrap_or_default();
                format!("{time}{name}{}", plain(&line.text))
            }
        }
    }

    /// The entry with this number, if it is still kept.
    #[must_use]
    pub fn entry(&self, number: u64) -> Option<&Entry> {
        self.ring.get(number)
    }

    /// What stands before each line.
    #[must_use]
    pub fn columns(&self) -> Columns {
        self.names.columns(self.size.0, (self.show.times, self.show.names))
    }

    /// Lines that are kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.ring.count()
    }

    /// Lines that are shown of those kept.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.sieve.count(&self.ring)
    }

    /// Lines that were kept once and had to go.
    #[must_use]
    pub fn let_go(&self) -> u64 {
        self.ring.let_go
    }

    /// The pattern looked for, and how many lines were found.
    #[must_use]
    pub fn searched(&self) -> Option<(&sieve::Pattern, usize)> {
        Some((self.sieve.search.as_ref()?, self.sieve.found()))
    }

    /// The line found that the operator went to.
    #[must_use]
    pub fn found(&self) -> Option<u64> {
        self.place.found
    }

    /// In words, what is shown of the log: `last 200`, `level ≥ warn`, `&timeout`.
    #[must_use]
    pub fn state(&self) -> Vec<String> {
        let following = if self.is_following() { "following" } else { "standing still" };
        let mut said = vec![following.to_owned()];
        said.extend(self.sieve.level.map(|level| format!("level ≥ {}", level.name())));
        said.extend(self.sieve.stderr_only.then(|| "stderr only".to_owned()));
        said.extend(self.sieve.filter.as_ref().map(|filter| format!("&{}", filter.typed)));
        said.extend(self.searched().map(|(search, found)| {
            let only = if self.sieve.found_only { " only" } else { "" };
            format!("/{} ({found}{only})", search.typed)
        }));
        said.push(format!("last {}", self.tail));
        said
    }

    /// A search or a filter is on.
    #[must_use]
    pub fn is_sifted(&self) -> bool {
        self.sieve.is_active() || self.sieve.search.is_some()
    }

    /// Ends search, filter, level and the like: all lines are shown again.
    pub fn show_all(&mut self) {
        self.fault = None;
        self.place.found = None;
        self.sift(|sieve| *sieve = sieve::Sieve::default());
    }
}

/// A line is marked at its left: it was written to standard error.
#[must_use]
pub fn is_stderr(line: &LogLine) -> bool {
    line.stream == LogStream::Stderr
}
