//! All about one thing, as a page that scrolls.

use super::{LogIntent, Move, Subject};

/// Where the operator is on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageScreen {
    /// What it is about.
    pub subject: Subject,
    /// As the engine sent it, not in words.
    pub raw: bool,
    /// Rows scrolled away.
    pub scroll: usize,
    /// What is searched for.
    pub search: String,
}

impl PageScreen {
    /// The page about a thing.
    #[must_use]
    pub fn new(subject: Subject, raw: bool) -> Self {
        Self { subject, raw, scroll: 0, search: String::new() }
    }

    /// Scrolls. The view keeps the last row on screen.
    pub fn step(&mut self, step: Move) {
        self.scroll = match step {
            Move::Up => self.scroll.saturating_sub(1),
            Move::Down => self.scroll.saturating_add(1),
            Move::PageUp => self.scroll.saturating_sub(20),
            Move::PageDown => self.scroll.saturating_add(20),
            Move::Top => 0,
            Move::Bottom => usize::MAX,
            Move::Left | Move::Right => self.scroll,
        };
    }

    /// To the next place found, or the one before.
    pub fn found(&mut self, _intent: LogIntent) {}
}
