//! Where in the file the `$` of a value stands. A `$` in a value is one in the file, in the same order, whatever
//! quotes and folding lie around it; only one that was written as an escape cannot be found.

use crate::stack::place::Place;

/// Where the lines of a text begin, in bytes.
#[derive(Debug)]
pub struct Lines(Vec<usize>);

impl Lines {
    /// Counted as the reader of YAML counts them.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len()];
        let mut signs = text.char_indices().peekable();
        while let Some((at, sign)) = signs.next() {
            let cut = match sign {
                '\r' => signs.peek().is_none_or(|(_, next)| *next != '\n'),
                '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => true,
                _ => false,
            };
            if cut {
                starts.push(at + sign.len_utf8());
            }
        }
        Self(starts)
    }

    fn start(&self, line: u32) -> Option<usize> {
        self.0.get(usize::try_from(line).ok()?.checked_sub(1)?).copied()
    }
}

/// Finds one `$` of a value after the other.
pub struct Dollars<'a> {
    start: Place,
    lines: &'a Lines,
    text: &'a str,
    /// Bytes of the file that were passed; none if the value cannot be found in it.
    passed: Option<usize>,
    /// Bytes of the value that were passed.
    seen: usize,
    /// Where the last one stands.
    line: u32,
    column: u32,
    /// A place in the line, in bytes of the file and in characters of the line.
    counted: (usize, u32),
}

impl<'a> Dollars<'a> {
    /// For the value that begins at a place.
    pub fn new(text: &'a str, lines: &'a Lines, start: Place) -> Self {
        let passed = lines.start(start.line).and_then(|line| {
            let before = usize::try_from(start.column).ok()?.checked_sub(1)?;
            let rest = text.get(line..)?;
            let at = rest.char_indices().nth(before).map_or(rest.len(), |(at, _)| at);
            let value = rest.get(at..)?;
            // The header of a block may have a comment with a `$` in it.
            let header = if value.starts_with(['|', '>']) { value.find('\n').unwrap_or(0) } else { 0 };
            Some(line + at + header)
        });
        Self { start, lines, text, passed, seen: 0, line: start.line, column: start.column, counted: (0, 0) }
    }

    /// The place of the `$` so many bytes into the value. Asked in the order in which they stand.
    pub fn at(&mut self, value: &str, at: usize) -> Place {
        let skipped = value.get(self.seen..at).unwrap_or_default().matches('$').count();
        self.seen = at + 1;
        let next = value.get(at + 1..).and_then(|rest| rest.chars().next());
        for _ in 0..=skipped {
            self.step();
        }
        let good = self.passed.is_some_and(|passed| {
            let found = self.text.get(passed..).and_then(|rest| rest.chars().next());
            found == next || next.is_none_or(|next| !next.is_ascii_alphanumeric() && !matches!(next, '_' | '{'))
        });
        if good { Place { line: self.line, column: self.column, ..self.start } } else { self.start }
    }

    /// To behind the next `$` of the file.
    fn step(&mut self) {
        self.passed = self.passed.and_then(|passed| {
            let found = passed + self.text.get(passed..)?.find('$')?;
            // The last line that begins at or before it.
            let line = self.lines.0.partition_point(|start| *start <= found);
            let start = *self.lines.0.get(line.checked_sub(1)?)?;
            // Counted on from the one before if that stands in the same line, so that a long line is counted once.
            let (from, column) = if start >= self.counted.0 { (start, 0) } else { self.counted };
            let column = column + u32::try_from(self.text.get(from..found)?.chars().count()).ok()?;
            self.counted = (found, column);
            self.line = u32::try_from(line).ok()?;
            self.column = column + 1;
            Some(found + 1)
        });
    }
}
