//! Which lines are shown and which were found. Kept up to date line by line, so that drawing looks at what it shows only.

use std::collections::{HashMap, VecDeque};

use regex::{Regex, RegexBuilder};

use super::level::{Level, guess};
use super::ring::{Entry, Ring};
use crate::app::wrap::plain;
use crate::model::{LogLine, LogStream, TaskId};

/// A pattern as typed: a regular expression; small letters stand for capitals too; `!` before it inverts a filter.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As typed.
    pub typed: String,
    /// What it means.
    pub regex: Regex,
    inverted: bool,
}

impl Pattern {
    /// Reads a pattern; an empty one is none.
    ///
    /// # Errors
    /// Says in one line what is wrong with it.
    pub fn read(typed: &str, may_invert: bool) -> Result<Option<Self>, String> {
        let (inverted, source) = match typed.strip_prefix('!') {
            Some(rest) if may_invert => (true, rest),
            _ => (false, typed),
        };
        if source.is_empty() {
            return Ok(None);
        }
        let regex = RegexBuilder::new(source)
            .case_insensitive(!source.chars().any(char::is_uppercase))
            .size_limit(1 << 20)
            .build()
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(_) => "the pattern is too large".to_owned(),
                error => error.to_string().lines().last().unwrap_or("cannot be read").trim().to_owned(),
            })?;
        Ok(Some(Self { typed: typed.to_owned(), regex, inverted }))
    }

    fn passes(&self, text: &str) -> bool {
        self.regex.is_match(text) != self.inverted
    }
}

/// What is let through, and what is looked for.
#[derive(Debug, Clone, Default)]
pub struct Sieve {
    /// Only lines that match.
    pub filter: Option<Pattern>,
    /// Lines to be found.
    pub search: Option<Pattern>,
    /// Only lines that the search found.
    pub found_only: bool,
    /// Only lines at least as grave; those without a level count as `info`.
    pub level: Option<Level>,
    /// Only standard error.
    pub stderr_only: bool,
    /// Numbers of the lines let through; unused while all are.
    shown: VecDeque<u64>,
    /// Numbers of the lines that are shown and were found.
    found: VecDeque<u64>,
    /// The level of the last line of each task, for lines that continue it.
    last: HashMap<Option<TaskId>, Level>,
}

impl Sieve {
    /// Not every line is shown.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.filter.is_some() || self.level.is_some() || self.stderr_only || self.hides_unfound()
    }

    fn hides_unfound(&self) -> bool {
        self.found_only && self.search.is_some()
    }

    /// Looks at a new line.
    pub fn take(&mut self, number: u64, entry: &Entry) {
        if !self.is_active() && self.search.is_none() {
            return;
        }
        let Entry::Line(line) = entry else {
            self.shown.extend(self.is_active().then_some(number));
            return;
        };
        let text = plain(&line.text);
        if !self.lets_through(line, &text) {
            return;
        }
        let found = self.search.as_ref().is_some_and(|search| search.regex.is_match(&text));
        if self.hides_unfound() && !found && line.stream != LogStream::System {
            return;
        }
        self.shown.extend(self.is_active().then_some(number));
        self.found.extend(found.then_some(number));
    }

    fn lets_through(&mut self, line: &LogLine, text: &str) -> bool {
        // What the engine says about missing lines is never hidden.
        if line.stream == LogStream::System {
            return true;
        }
        if let Some(least) = self.level {
            let level = self.level_of(line, text);
            if level < least {
                return false;
            }
        }
        let stream = !self.stderr_only || line.stream == LogStream::Stderr;
        stream && self.filter.as_ref().is_none_or(|filter| filter.passes(text))
    }

    /// The level of a line; one that continues another has the level of that.
    fn level_of(&mut self, line: &LogLine, text: &str) -> Level {
        let level = guess(text).or_else(|| {
            let goes_on = text.starts_with([' ', '}', ')', ']']) || text.starts_with("Caused by");
            goes_on.then(|| self.last.get(&line.task).copied()).flatten()
        });
        let level = level.unwrap_or(Level::Info);
        self.last.insert(line.task.clone(), level);
        level
    }

    /// Forgets lines that the ring let go.
    pub fn forget_before(&mut self, first: u64) {
        for numbers in [&mut self.shown, &mut self.found] {
            while numbers.front().is_some_and(|number| *number < first) {
                numbers.pop_front();
            }
        }
    }

    /// Looks at all lines anew, after what is let through has changed.
    pub fn again(&mut self, ring: &Ring) {
        self.shown.clear();
        self.found.clear();
        self.last.clear();
        for (number, entry) in ring.iter() {
            self.take(number, entry);
        }
    }

    /// How many lines were found.
    #[must_use]
    pub fn found(&self) -> usize {
        self.found.len()
    }

    /// The next line found after this one; from the last to the first.
    #[must_use]
    pub fn found_after(&self, number: u64) -> Option<u64> {
        let at = self.found.partition_point(|found| *found <= number);
        self.found.get(at).or_else(|| self.found.front()).copied()
    }

    /// The line found before this one; from the first to the last.
    #[must_use]
    pub fn found_before(&self, number: u64) -> Option<u64> {
        let at = self.found.partition_point(|found| *found < number);
        at.checked_sub(1).and_then(|at| self.found.get(at)).or_else(|| self.found.back()).copied()
    }

    /// How many lines are shown.
    #[must_use]
    pub fn count(&self, ring: &Ring) -> usize {
        if self.is_active() { self.shown.len() } else { ring.count() }
    }

    /// The number of the line at this place among those shown.
    #[must_use]
    pub fn number_at(&self, place: usize, ring: &Ring) -> Option<u64> {
        if self.is_active() {
            return self.shown.get(place).copied();
        }
        (place < ring.count()).then(|| ring.first() + place as u64)
    }

    /// The place of a line among those shown; of the next one, if it is not.
    #[must_use]
    pub fn place_of(&self, number: u64, ring: &Ring) -> usize {
        if self.is_active() {
            return self.shown.partition_point(|shown| *shown < number);
        }
        usize::try_from(number.saturating_sub(ring.first())).unwrap_or(usize::MAX).min(ring.count())
    }
}
