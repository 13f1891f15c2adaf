//! A row and its cells as data: what they say and how they are compared, not how they look.

use std::cmp::Ordering;

use jiff::Timestamp;

use crate::app::Subject;
use crate::app::format;
use crate::model::{NodeId, State};

/// On which side a column's cells stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A column of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its title, in capitals.
    pub title: &'static str,
    /// On which side its cells stand.
    pub align: Align,
    /// It is never narrower.
    pub min: usize,
    /// It is never wider, unless it takes what is left.
    pub max: usize,
    /// 0 always stays; of the others, the greatest goes first where room is short.
    pub keep: u8,
    /// Only shown when wide columns are asked for, or on a wide terminal.
    pub wide: bool,
    /// Takes the room that is left.
    pub grows: bool,
    /// Where room is short it is narrowed before any column goes, and its cells lose their beginning.
    pub shrinks: bool,
    /// Secondary: dimmed.
    pub quiet: bool,
    /// Its words are the same in many rows: a filter does not look at them.
    pub common: bool,
}

impl Column {
    /// A column of words that always stays.
    #[must_use]
    pub const fn words(title: &'static str, min: usize, max: usize) -> Self {
        Self {
            title,
            align: Align::Left,
            min,
            max,
            keep: 0,
            wide: false,
            grows: false,
            shrinks: false,
            quiet: false,
            common: false,
        }
    }

    /// A column of numbers that always stays.
    #[must_use]
    pub const fn numbers(title: &'static str, min: usize) -> Self {
        Self { align: Align::Right, ..Self::words(title, min, 24) }
    }

    /// Goes when room is short; the greatest number first.
    #[must_use]
    pub const fn keep(mut self, keep: u8) -> Self {
        self.keep = keep;
        self
    }

    /// Only with wide columns.
    #[must_use]
    pub const fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// Takes the room that is left.
    #[must_use]
    pub const fn grows(mut self) -> Self {
        self.grows = true;
        self
    }

    /// Narrowed before any column goes; the end of its cells stays.
    #[must_use]
    pub const fn shrinks(mut self) -> Self {
        self.shrinks = true;
        self
    }

    /// Not looked at by a filter.
    #[must_use]
    pub const fn common(mut self) -> Self {
        self.common = true;
        self
    }

    /// Dimmed.
    #[must_use]
    pub const fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }
}

/// What stands in one column of one row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Cell {
    /// Nothing.
    #[default]
    None,
    /// Words.
    Text(String),
    /// A sign and its word.
    State(State, String),
    /// A number, and how it is written.
    Number(u64, String),
    /// So many of so many.
    Share(u64, u64),
    /// An age.
    When(Option<Timestamp>),
}

impl Cell {
    /// Words, from anything that gives them.
    pub fn text_of(text: impl Into<String>) -> Self {
        Cell::Text(text.into())
    }

    /// A plain number.
    #[must_use]
    pub fn number(number: u64) -> Self {
        Cell::Number(number, number.to_string())
    }

    /// A state in its own word.
    #[must_use]
    pub fn state(state: State) -> Self {
        Cell::State(state, state.word().to_owned())
    }

    /// A state in the engine's word for it.
    #[must_use]
    pub fn state_as(state: State, word: &str) -> Self {
        Cell::State(state, word.to_owned())
    }

    /// What a filter looks at.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Cell::Text(text) | Cell::State(_, text) => Some(text),
            _ => None,
        }
    }

    /// The columns it takes.
    #[must_use]
    pub fn width(&self) -> usize {
        match self {
            Cell::None => 0,
            Cell::Text(text) | Cell::Number(_, text) => format::width(text),
            Cell::State(_, word) => 2 + format::width(word),
            Cell::Share(have, want) => digits(*have) + 1 + digits(*want),
            Cell::When(_) => 4,
        }
    }

    /// How two cells of a column are ordered: states worst first, times newest first, numbers greatest first.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Cell::Text(a), Cell::Text(b)) => words(a, b),
            (Cell::State(a, a_word), Cell::State(b, b_word)) => b.cmp(a).then_with(|| a_word.cmp(b_word)),
            (Cell::Number(a, _), Cell::Number(b, _)) => b.cmp(a),
            (Cell::Share(a, of_a), Cell::Share(b, of_b)) => {
                // The one that lacks most comes first.
                of_b.saturating_sub(*b).cmp(&of_a.saturating_sub(*a)).then_with(|| of_b.cmp(of_a))
            }
            (Cell::When(a), Cell::When(b)) => b.cmp(a),
            (Cell::None, Cell::None) => Ordering::Equal,
            (Cell::None, _) => Ordering::Greater,
            (_, Cell::None) => Ordering::Less,
            _ => Ordering::Equal,
        }
    }
}

/// Words are compared without regard to case; what is empty comes last.
fn words(a: &str, b: &str) -> Ordering {
    a.is_empty().cmp(&b.is_empty()).then_with(|| {
        let mut both = a.bytes().zip(b.bytes()).map(|(a, b)| a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase()));
        both.find(|order| order.is_ne()).unwrap_or_else(|| a.len().cmp(&b.len()))
    })
}

fn digits(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it stands for.
    pub subject: Subject,
    /// How that is.
    pub state: State,
    /// One cell for each column.
    pub cells: Vec<Cell>,
    /// Rows of a lower group come first, however the list is sorted.
    pub group: u32,
    /// The order within the group while no sort is chosen.
    pub rank: u32,
    /// How far it is indented.
    pub depth: u8,
    /// It can be opened in place: whether it is.
    pub unfolds: Option<bool>,
    /// The row it belongs under.
    pub parent: Option<usize>,
    /// Only a title for those below it.
    pub header: bool,
    /// Of the past: dimmed.
    pub quiet: bool,
    /// The node it is on, for filters.
    pub node: Option<NodeId>,
}

impl Row {
    /// A plain row.
    #[must_use]
    pub fn new(subject: Subject, state: State, cells: Vec<Cell>) -> Self {
        Self {
            subject,
            state,
            cells,
            group: 0,
            rank: 0,
            depth: 0,
            unfolds: None,
            parent: None,
            header: false,
            quiet: false,
            node: None,
        }
    }

    /// The row in a group, at a rank in it.
    #[must_use]
    pub fn placed(mut self, group: u32, rank: u32) -> Self {
        self.group = group;
        self.rank = rank;
        self
    }
}

/// Rows in the order of what is beside them, and ranked so. What is alike there stays in its given order.
pub fn ranked<K: Ord>(mut keyed: Vec<(K, Row)>) -> Vec<Row> {
    keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut rows: Vec<Row> = keyed.into_iter().map(|(_, row)| row).collect();
    rank(&mut rows);
    rows
}

/// Ranks rows by their place, so that their given order is the order without a sort.
pub fn rank(rows: &mut [Row]) {
    for (rank, row) in rows.iter_mut().enumerate() {
        row.rank = u32::try_from(rank).unwrap_or(u32::MAX);
    }
}
