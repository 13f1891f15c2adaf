//! Where the operator is on a page about one thing. The page is made anew as the swarm changes; the place stays.

use super::{Description, Stated, describe, raw, raw_yaml};
use crate::app::format::width;
use crate::app::logs::Pattern;
use crate::app::screens::World;
use crate::app::wrap::words;
use crate::app::{Move, Subject};

/// Most columns for labels.
const LABEL: usize = 34;

/// One row of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// The title of a section.
    pub heading: bool,
    /// The label, on the first row of a value.
    pub label: String,
    /// The value, or a part of it.
    pub text: String,
    /// The state of the value, on its first row.
    pub state: Option<Stated>,
}

/// A page about one thing, as it is read.
#[derive(Debug, Clone)]
pub struct DescribeView {
    /// What it is about.
    pub subject: Subject,
    /// As the engine sent it, not in words.
    pub raw: bool,
    /// The title of the page.
    pub title: String,
    /// How the thing is doing.
    pub state: Option<Stated>,
    /// The thing is no more; the page is how it was.
    pub gone: bool,
    /// What is wrong with the pattern typed last.
    pub fault: Option<String>,
    described: Option<Description>,
    yaml: String,
    rows: Vec<Row>,
    label: usize,
    size: (u16, u16),
    top: usize,
    search: Option<Pattern>,
    found: Vec<usize>,
    at: Option<usize>,
}

impl DescribeView {
    /// A page that is still empty: [`DescribeView::refresh`] fills it.
    #[must_use]
    pub fn new(subject: Subject, raw: bool) -> Self {
        Self {
            subject,
            raw,
            title: String::new(),
            state: None,
            gone: false,
            fault: None,
            described: None,
            yaml: String::new(),
            rows: Vec::new(),
            label: 0,
            size: (80, 20),
            top: 0,
            search: None,
            found: Vec::new(),
            at: None,
        }
    }

    /// Reads the thing again. Of one that is gone, the last page stays.
    pub fn refresh(&mut self, world: World<'_>) {
        let described = describe(&self.subject, world);
        self.gone = described.is_none();
        if let Some(described) = described {
            self.title.clone_from(&described.title);
            self.state.clone_from(&described.state);
            self.described = Some(described);
            self.yaml = raw(&self.subject, world.picture).map_or_else(
                || "# the engine knows no such object: it is made by this console".to_owned(),
                |raw| raw_yaml(raw, &world.picture.catalogue.secrets),
            );
        }
        self.lay_out();
    }

    /// Shows it in words, or as the engine sent it.
    pub fn set_raw(&mut self, raw: bool) {
        self.raw = raw;
        self.top = 0;
        self.at = None;
        self.lay_out();
    }

    /// The size of the room for rows.
    pub fn resize(&mut self, width: u16, height: u16) {
        if self.size != (width, height) {
            self.size = (width, height);
            self.lay_out();
        }
    }

    /// Moves through the page.
    pub fn go(&mut self, to: Move) {
        let page = usize::from(self.size.1).saturating_sub(1).max(1);
        self.top = to.from(self.top(), page);
        self.top = self.top();
    }

    /// Looks for rows with this pattern and goes to the first from here; an empty one ends the search.
    pub fn search(&mut self, typed: &str) {
        match Pattern::read(typed, false) {
            Ok(pattern) => {
                self.fault = None;
                self.search = pattern;
                self.at = None;
                self.find();
                let from = self.top();
                if let Some(row) = self.found.iter().find(|row| **row >= from).or(self.found.first()).copied() {
                    self.show(row);
                }
            }
            Err(fault) => self.fault = Some(fault),
        }
    }

    /// To the next row found, or to the one before.
    pub fn go_to_found(&mut self, next: bool) {
        let at = self.at.unwrap_or_else(|| self.top());
        let row = match next {
            true => self.found.iter().find(|row| **row > at).or(self.found.first()),
            false => self.found.iter().rev().find(|row| **row < at).or(self.found.last()),
        };
        if let Some(row) = row.copied() {
            self.show(row);
        }
    }

    /// The first row on screen.
    #[must_use]
    pub fn top(&self) -> usize {
        self.top.min(self.rows.len().saturating_sub(usize::from(self.size.1)))
    }

    /// The rows on screen, with their numbers.
    pub fn visible(&self) -> impl Iterator<Item = (usize, &Row)> {
        self.rows.iter().enumerate().skip(self.top()).take(usize::from(self.size.1))
    }

    /// Columns of the labels.
    #[must_use]
    pub fn label_columns(&self) -> usize {
        self.label
    }

    /// Rows in all.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// The pattern looked for, how many rows have it, and the row the operator went to.
    #[must_use]
    pub fn searched(&self) -> Option<(&Pattern, usize, Option<usize>)> {
        Some((self.search.as_ref()?, self.found.len(), self.at))
    }

    /// All of it, for the clipboard.
    #[must_use]
    pub fn copied(&self) -> String {
        if self.raw {
            return self.yaml.clone();
        }
        let mut text = self.title.clone();
        for section in self.described.iter().flat_map(|described| &described.sections) {
            text.push_str(&format!("\n\n{}", section.title));
            for field in &section.fields {
                let state = field.state.as_ref().map(|stated| format!("{} ", stated.word)).unwrap_or_default();
                text.push_str(&format!("\n  {}: {state}{}", field.label, field.value));
            }
        }
        text
    }

    fn show(&mut self, row: usize) {
        self.at = Some(row);
        let height = usize::from(self.size.1);
        if row < self.top() || row >= self.top() + height {
            self.top = row.saturating_sub(height / 3);
        }
    }

    fn lay_out(&mut self) {
        let columns = usize::from(self.size.0).saturating_sub(2);
        (self.label, self.rows) = match (&self.described, self.raw) {
            (_, true) => (0, yaml(&self.yaml)),
            (Some(described), false) => rows(described, columns),
            (None, false) => (0, Vec::new()),
        };
        self.find();
    }

    fn find(&mut self) {
        self.found = match &self.search {
            Some(search) => {
                let is_found = |row: &Row| search.regex.is_match(&row.text) || search.regex.is_match(&row.label);
                self.rows.iter().enumerate().filter(|(_, row)| is_found(row)).map(|(at, _)| at).collect()
            }
            None => Vec::new(),
        };
    }
}

fn yaml(text: &str) -> Vec<Row> {
    text.lines().map(|line| Row { text: line.to_owned(), ..Row::default() }).collect()
}

/// Labels' width, and a description as rows of this width.
#[must_use]
pub fn rows(described: &Description, columns: usize) -> (usize, Vec<Row>) {
    let fields = described.sections.iter().flat_map(|section| &section.fields);
    let longest = fields.map(|field| width(&field.label)).max().unwrap_or(0);
    let label = longest.min(LABEL).min(columns * 2 / 5);
    let mut rows = Vec::new();
    for section in &described.sections {
        if !rows.is_empty() {
            rows.push(Row::default());
        }
        rows.push(Row { heading: true, text: section.title.clone(), ..Row::default() });
        for field in &section.fields {
            let sign = field.state.as_ref().map_or(0, |stated| width(&stated.word) + 4);
            let room = columns.saturating_sub(label + 2 + sign).max(8);
            for (at, text) in words(&field.value, room).into_iter().enumerate() {
                let first = at == 0;
                rows.push(Row {
                    heading: false,
                    label: if first { field.label.clone() } else { String::new() },
                    // What goes on stands under what it goes on from, not under the sign.
                    text: if first { text } else { format!("{}{text}", " ".repeat(sign)) },
                    state: field.state.clone().filter(|_| first),
                });
            }
        }
    }
    (label, rows)
}
