//! A list of things: rows, cursor, marks, sort, filter. Knows no terminal and no kind of thing.
//! The cursor holds an id: rows move under it, it never moves to a neighbour by itself.

mod fields;
mod filter;
pub(crate) mod rows;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::Subject;
use super::keymap::{Move, Sort};
use crate::action::Board;
use crate::model::Picture;

pub use filter::Filter;
pub use rows::{Align, Cell, Column, Row};

/// Where the operator stands in a list, and what of it is shown.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// All rows, in no particular order.
    rows: Vec<Row>,
    /// Indices of the rows to show, in the order to show them.
    shown: Vec<usize>,
    /// What the cursor is on.
    selected: Option<Subject>,
    /// What that lies below, the nearest first: when it folds away, the cursor goes there.
    lineage: Vec<Subject>,
    /// Where it was last: what stands there is next when the thing is gone.
    position: usize,
    /// The first row on screen.
    offset: usize,
    /// Rows that fit on screen.
    page: usize,
    /// What is looked for.
    pub filter: Filter,
    /// Column to sort by, and whether the other way round.
    sort: Option<(usize, bool)>,
    /// Marked things.
    marks: BTreeSet<Subject>,
    /// Only what is wrong.
    pub faults_only: bool,
    /// With the columns for wide terminals.
    pub wide: bool,
    /// The columns.
    columns: &'static [Column],
    /// Rows shown and rows in all, without headers.
    counts: (usize, usize),
    /// Some rows lie below others.
    is_tree: bool,
    /// The widest cell of each column so far.
    widths: Vec<usize>,
}

impl List {
    /// Takes new rows. Says whether anything is different now.
    pub fn take(&mut self, rows: Vec<Row>, columns: &'static [Column], world: (&Picture, &Board)) -> bool {
        if self.rows == rows && self.widths.len() == columns.len() {
            return false;
        }
        self.rows = rows;
        self.columns = columns;
        self.widths.resize(columns.len(), 0);
        for row in &self.rows {
            // One step to the right has room in every tree; what stands deeper needs more.
            let deeper = usize::from(row.depth.saturating_sub(1)) * 2;
            for (at, (width, cell)) in self.widths.iter_mut().zip(&row.cells).enumerate() {
                *width = (*width).max(cell.width() + if at == 0 { deeper } else { 0 });
            }
        }
        if !self.marks.is_empty() {
            let known: BTreeSet<&Subject> = self.rows.iter().map(|row| &row.subject).collect();
            self.marks.retain(|mark| known.contains(mark));
        }
        self.arrange(world);
        true
    }

    /// Filters and sorts again, and puts the cursor back on its thing.
    pub fn arrange(&mut self, (picture, board): (&Picture, &Board)) {
        let hits: Vec<bool> = self.rows.iter().map(|row| !row.header && self.is_hit(row, picture, board)).collect();
        // What lies below a hit is shown, and so is all that a hit lies below. Parents stand before their children.
        let mut keep = hits;
        let parents: Vec<(usize, usize)> =
            self.rows.iter().enumerate().filter_map(|(at, row)| Some((at, row.parent?))).collect();
        let mut spread = |from: usize, to: usize| {
            if let (true, Some(kept)) = (keep.get(from).copied().unwrap_or(false), keep.get_mut(to)) {
                *kept = true;
            }
        };
        parents.iter().for_each(|(at, parent)| spread(*parent, *at));
        parents.iter().rev().for_each(|(at, parent)| spread(*at, *parent));
        let mut shown: Vec<usize> = keep.iter().enumerate().filter(|(_, kept)| **kept).map(|(at, _)| at).collect();
        shown.sort_by(|a, b| match (self.rows.get(*a), self.rows.get(*b)) {
            (Some(a), Some(b)) => self.order(a, b),
            _ => Ordering::Equal,
        });
        self.shown = shown;
        // Titles and what lies below a row that counts itself are not counted.
        let is_title = |at: usize| self.rows.get(at).is_some_and(|row| row.header);
        let plain = |row: &&Row| !row.header && row.parent.is_none_or(is_title);
        self.counts = (self.visible().filter(plain).count(), self.rows.iter().filter(plain).count());
        self.is_tree = self.rows.iter().any(|row| row.unfolds.is_some() || row.depth > 0);
        self.settle();
    }

    fn is_hit(&self, row: &Row, picture: &Picture, board: &Board) -> bool {
        (!self.faults_only || row.state.is_trouble())
            && self.filter.matches(
                |test| {
                    let cells = row.cells.iter().zip(self.columns).filter(|(_, column)| !column.common);
                    cells.filter_map(|(cell, _)| cell.text()).any(test)
                },
                |field, test| fields::any(field, row, (picture, board), test),
            )
    }

    fn order(&self, a: &Row, b: &Row) -> Ordering {
        let by_column = self.sort.map_or(Ordering::Equal, |(column, flipped)| {
            let order = match (a.cells.get(column), b.cells.get(column)) {
                (Some(a), Some(b)) => a.order(b),
                _ => Ordering::Equal,
            };
            if flipped { order.reverse() } else { order }
        });
        a.group
            .cmp(&b.group)
            .then(by_column)
            .then_with(|| if self.sort.is_some() { Ordering::Equal } else { a.rank.cmp(&b.rank) })
    }

    /// Puts the cursor on its thing, or on what that lay below, or on what took its place, and scrolls so that it is
    /// seen.
    fn settle(&mut self) {
        let mut wanted = self.selected.iter().chain(&self.lineage);
        let found = wanted.find_map(|id| self.visible().position(|row| row.subject == *id));
        self.position = found.unwrap_or(self.position).min(self.shown.len().saturating_sub(1));
        self.point();
        self.scroll();
    }

    /// Keeps in mind what the cursor is on now.
    fn point(&mut self) {
        let Some(row) = self.row_at(self.position) else { return };
        let above = |row: &Row| row.parent.and_then(|at| self.rows.get(at)).filter(|parent| !parent.header);
        let parents = std::iter::successors(above(row), |row| above(row));
        (self.lineage, self.selected) = (parents.map(|row| row.subject.clone()).collect(), Some(row.subject.clone()));
    }

    fn scroll(&mut self) {
        let page = self.page.max(1);
        self.offset = self.offset.min(self.shown.len().saturating_sub(page));
        if self.position < self.offset {
            self.offset = self.position;
        } else if self.position >= self.offset + page {
            self.offset = self.position + 1 - page;
        }
    }

    /// So many rows fit on screen now.
    pub fn fit(&mut self, page: usize) {
        self.page = page;
        self.scroll();
    }

    /// Moves the cursor. Says whether it moved.
    pub fn step(&mut self, step: Move) -> bool {
        let last = self.shown.len().saturating_sub(1);
        let page = self.page.max(2) - 1;
        let to = step.from(self.position, page).min(last);
        let moved = to != self.position;
        self.position = to;
        self.point();
        self.scroll();
        moved
    }

    /// Sorts in another way.
    pub fn sort_by(&mut self, sort: Sort, columns: &[Column]) {
        let last = columns.len().saturating_sub(1);
        let named = |names: &[&str]| columns.iter().position(|column| names.contains(&column.title));
        self.sort = match (sort, self.sort) {
            (Sort::Next, None) => Some((0, false)),
            (Sort::Next, Some((at, _))) if at >= last => None,
            (Sort::Next, Some((at, flipped))) => Some((at + 1, flipped)),
            (Sort::Previous, None) => Some((last, false)),
            (Sort::Previous, Some((0, _))) => None,
            (Sort::Previous, Some((at, flipped))) => Some((at - 1, flipped)),
            (Sort::Flip, sort) => sort.map(|(at, flipped)| (at, !flipped)).or(Some((0, true))),
            (Sort::Name, _) => named(&["NAME", "NODE", "STACK", "TASK"]).map(|at| (at, false)),
            (Sort::State, _) => named(&["STATE"]).map(|at| (at, false)),
            (Sort::Age, _) => named(&["AGE", "SINCE", "WHEN"]).map(|at| (at, false)),
        };
    }

    /// Marks the row under the cursor, or takes the mark away, and goes on to the next.
    pub fn mark(&mut self) {
        if let Some(id) = self.selected.clone() {
            if !self.marks.remove(&id) {
                self.marks.insert(id);
            }
            self.step(Move::Down);
        }
    }

    /// Takes all marks away.
    pub fn unmark(&mut self) {
        self.marks.clear();
    }

    /// Puts the cursor on a thing, if it is there.
    pub fn select(&mut self, id: &Subject) {
        (self.selected, self.lineage) = (Some(id.clone()), Vec::new());
        self.settle();
    }

    /// The thing under the cursor. None if no row is shown.
    #[must_use]
    pub fn selected(&self) -> Option<&Subject> {
        self.row_at(self.position).map(|row| &row.subject)
    }

    /// The row under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&Row> {
        self.row_at(self.position)
    }

    /// Marked things.
    #[must_use]
    pub fn marks(&self) -> &BTreeSet<Subject> {
        &self.marks
    }

    /// What a key acts on: the marked things as far as they are shown, else the one under the cursor.
    #[must_use]
    pub fn pointed(&self) -> Vec<Subject> {
        let marked = self.marks_seen();
        let pointed = if marked.is_empty() { self.selected().into_iter().collect() } else { marked };
        pointed.into_iter().cloned().collect()
    }

    /// Marked things that are shown.
    #[must_use]
    pub fn marks_seen(&self) -> BTreeSet<&Subject> {
        self.visible().map(|row| &row.subject).filter(|id| self.marks.contains(id)).collect()
    }

    /// Marked things that the filter hides: no key acts on what nobody sees.
    #[must_use]
    pub fn hidden_marks(&self) -> usize {
        self.marks.len() - self.marks_seen().len()
    }

    /// The column sorted by, and whether the other way round.
    #[must_use]
    pub fn sort(&self) -> Option<(usize, bool)> {
        self.sort
    }

    /// The widest cell of each column that was ever in it.
    #[must_use]
    pub fn widths(&self) -> &[usize] {
        &self.widths
    }

    /// Rows that pass the filter, in order.
    pub fn visible(&self) -> impl Iterator<Item = &Row> {
        self.shown.iter().filter_map(|at| self.rows.get(*at))
    }

    /// The rows on screen, each with whether the cursor is on it.
    pub fn on_screen(&self, page: usize) -> impl Iterator<Item = (bool, &Row)> {
        let from = self.offset;
        self.shown
            .iter()
            .enumerate()
            .skip(from)
            .take(page)
            .filter_map(move |(at, row)| Some((at == self.position, self.rows.get(*row)?)))
    }

    /// Rows shown and rows in all, without headers.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        self.counts
    }

    /// Some rows lie below others.
    #[must_use]
    pub fn is_tree(&self) -> bool {
        self.is_tree
    }

    /// Rows above and below the screen.
    #[must_use]
    pub fn beyond(&self, page: usize) -> (usize, usize) {
        (self.offset, self.shown.len().saturating_sub(self.offset + page))
    }

    fn row_at(&self, position: usize) -> Option<&Row> {
        self.shown.get(position).and_then(|at| self.rows.get(*at))
    }
}

#[cfg(test)]
mod tests;
