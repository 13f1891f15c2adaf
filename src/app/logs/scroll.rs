//! Where the operator stands: at the newest line, or at a row that stays while lines come.
//! Looks only at as many lines as fit on the screen.

use super::{Entry, LogsView};
use crate::app::Move;
use crate::app::wrap::{height, plain};
use crate::model::LogStream;

/// Columns that one step to the right takes.
const STEP: usize = 16;

/// The place in the log.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The row at the top: number of the line, and which of its rows; none while following.
    top: Option<(u64, usize)>,
    /// Columns that are out of sight at the left.
    left: usize,
    /// The found line the operator went to.
    pub found: Option<u64>,
}

/// A line on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visible {
    /// Its number.
    pub number: u64,
    /// Its first row on screen; not 0 if the line begins above the screen.
    pub row: usize,
    /// Its rows in all.
    pub rows: usize,
}

impl LogsView {
    /// Goes with the newest line.
    #[must_use]
    pub fn is_following(&self) -> bool {
        self.place.top.is_none()
    }

    /// Goes with the newest line, or stands still where it is.
    pub fn set_following(&mut self, following: bool) {
        self.place.top = if following { None } else { self.top().and_then(|at| self.numbered(at)).or(Some((0, 0))) };
        if following {
            self.place.found = None;
        }
    }

    /// Columns that are out of sight at the left.
    #[must_use]
    pub fn left(&self) -> usize {
        if self.show.wrap { 0 } else { self.place.left }
    }

    /// Columns for the text of a line.
    #[must_use]
    pub fn text_columns(&self) -> usize {
        usize::from(self.size.0).saturating_sub(self.columns().total()).max(8)
    }

    /// Moves through the lines. Going up stops following; only the bottom begins it again.
    pub fn go(&mut self, to: Move) {
        let page = usize::from(self.size.1).saturating_sub(1).max(1);
        match to {
            Move::Up => self.up(1),
            Move::PageUp => self.up(page),
            Move::Down => self.down(1),
            Move::PageDown => self.down(page),
            Move::Top => self.place.top = Some((0, 0)),
            Move::Bottom => self.set_following(true),
            Move::Left => self.place.left = self.place.left.saturating_sub(STEP),
            Move::Right => self.place.left = self.place.left.saturating_add(STEP),
        }
    }

    fn up(&mut self, rows: usize) {
        let top = self.top().map(|at| self.back(at, rows)).and_then(|at| self.numbered(at));
        self.place.top = top.or(self.place.top);
    }

    fn down(&mut self, rows: usize) {
        if self.is_following() {
            return;
        }
        let Some((mut place, mut row)) = self.top() else { return };
        row += rows;
        loop {
            let height = self.rows_at(place);
            if row < height || place + 1 >= self.shown() {
                break;
            }
            row -= height;
            place += 1;
        }
        self.place.top = self.numbered((place, row)).or(self.place.top);
    }

    /// Goes to a found line and stands still there, a third down the screen.
    pub(super) fn go_to_found(&mut self, next: bool) {
        let found = match (self.place.found, next) {
            (Some(at), true) => self.sieve.found_after(at),
            (Some(at), false) => self.sieve.found_before(at),
            // From the newest line, the nearest is the last one; from elsewhere the next one down or up.
            (None, _) if self.is_following() => self.sieve.found_before(u64::MAX),
            (None, down) => {
                let top = self.top().and_then(|at| self.numbered(at)).map_or(0, |(number, _)| number);
                if down { self.sieve.found_after(top.saturating_sub(1)) } else { self.sieve.found_before(top) }
            }
        };
        let Some(number) = found else { return };
        let place = self.sieve.place_of(number, &self.ring);
        let top = self.back((place, 0), usize::from(self.size.1) / 3);
        self.place.top = self.numbered(top);
        self.place.found = Some(number);
    }

    /// The lines on screen, from the top.
    #[must_use]
    pub fn visible(&self) -> Vec<Visible> {
        let mut visible = Vec::new();
        let Some((mut place, mut row)) = self.top() else { return visible };
        let mut used = 0;
        while used < usize::from(self.size.1) {
            let Some(number) = self.sieve.number_at(place, &self.ring) else { break };
            let rows = self.rows_of(number);
            visible.push(Visible { number, row, rows });
            used += rows.saturating_sub(row);
            row = 0;
            place += 1;
        }
        visible
    }

    /// The place and row at the top of the screen. The screen is never left empty below the last line.
    fn top(&self) -> Option<(usize, usize)> {
        let last = self.shown().checked_sub(1)?;
        let lowest = self.back((last, self.rows_at(last)), usize::from(self.size.1));
        let Some((number, row)) = self.place.top else { return Some(lowest) };
        let place = self.sieve.place_of(number, &self.ring);
        let is_shown = self.sieve.number_at(place, &self.ring) == Some(number);
        // Lines have fewer rows after the screen became wider, or long lines are broken no more.
        let row = if is_shown { row.min(self.rows_of(number).saturating_sub(1)) } else { 0 };
        Some((place, row).min(lowest))
    }

    /// So many rows further up.
    fn back(&self, (mut place, mut row): (usize, usize), mut rows: usize) -> (usize, usize) {
        while rows > row {
            rows -= row;
            if place == 0 {
                return (0, 0);
            }
            place -= 1;
            row = self.rows_at(place);
        }
        (place, row - rows)
    }

    fn numbered(&self, (place, row): (usize, usize)) -> Option<(u64, usize)> {
        Some((self.sieve.number_at(place, &self.ring)?, row))
    }

    fn rows_at(&self, place: usize) -> usize {
        self.sieve.number_at(place, &self.ring).map_or(1, |number| self.rows_of(number))
    }

    fn rows_of(&self, number: u64) -> usize {
        match self.entry(number) {
            Some(Entry::Line(line)) if self.show.wrap && line.stream != LogStream::System => {
                height(&plain(&line.text), self.text_columns())
            }
            _ => 1,
        }
    }
}
