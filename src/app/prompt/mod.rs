//! The line that is typed into: a filter, a search, or where to go. It is there only while it is typed into.

mod palette;

use tui_input::{Input, InputRequest};

pub use palette::{Candidate, Target, candidates, nearest};

/// What is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A filter for the list below.
    Filter,
    /// A search in the text or log below.
    Search,
    /// Which lines of the log below to show.
    Sift,
    /// Where to go, or what to do.
    Palette,
    /// A line of shell for machines.
    Command,
}

/// The line.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// What is typed.
    pub kind: Kind,
    /// The text and its cursor.
    pub input: Input,
    /// What the palette offers for it, best first.
    pub offers: Vec<Candidate>,
    /// Which of them is chosen.
    pub at: usize,
    /// How far back in the history; 0 is what is typed now.
    pub recalled: usize,
}

/// What a key did to the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// The text is another.
    Text,
    /// Only the cursor moved.
    Cursor,
    /// It is no key for a line.
    Nothing,
}

impl Prompt {
    /// A line that already holds this text.
    #[must_use]
    pub fn new(kind: Kind, text: &str) -> Self {
        Self { kind, input: Input::new(text.to_owned()), offers: Vec::new(), at: 0, recalled: 0 }
    }

    /// What is typed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// The part that would be completed, shown dimmed behind the cursor.
    #[must_use]
    pub fn ghost(&self) -> Option<&str> {
        let text = self.text();
        let label = self.offers.get(self.at)?.label.as_str();
        let start = label.get(..text.len())?;
        (!text.is_empty() && start.eq_ignore_ascii_case(text)).then(|| label.get(text.len()..)).flatten()
    }

    /// Takes the offered text over.
    pub fn complete(&mut self) -> bool {
        let Some(label) = self.offers.get(self.at).map(|offer| offer.label.clone()) else { return false };
        self.input = Input::new(label);
        true
    }

    /// Replaces the text.
    pub fn set(&mut self, text: &str) {
        self.input = Input::new(text.to_owned());
    }

    /// Pasted text goes in as typed, on one line.
    pub fn paste(&mut self, text: &str) {
        for c in crate::model::text::clean(text).chars() {
            let _ = self.input.handle(InputRequest::InsertChar(c));
        }
    }

    /// A key while the line is open.
    pub fn key(&mut self, key: &str) -> Typed {
        use InputRequest as R;
        let mut letters = key.chars();
        let request = match (key, letters.next(), letters.next()) {
            ("space", ..) => R::InsertChar(' '),
            ("backspace" | "ctrl-h", ..) => R::DeletePrevChar,
            ("delete", ..) => R::DeleteNextChar,
            ("left" | "ctrl-b", ..) => R::GoToPrevChar,
            ("right" | "ctrl-f", ..) => R::GoToNextChar,
            ("home" | "ctrl-a", ..) => R::GoToStart,
            ("end" | "ctrl-e", ..) => R::GoToEnd,
            ("ctrl-left" | "alt-b", ..) => R::GoToPrevWord,
            ("ctrl-right" | "alt-f", ..) => R::GoToNextWord,
            ("ctrl-w" | "alt-backspace", ..) => R::DeletePrevWord,
            ("ctrl-u", ..) => R::DeleteFromStart,
            ("ctrl-k", ..) => R::DeleteTillEnd,
            (_, Some(c), None) if !c.is_control() => R::InsertChar(c),
            _ => return Typed::Nothing,
        };
        match self.input.handle(request) {
            Some(change) if change.value => Typed::Text,
            _ => Typed::Cursor,
        }
    }
}
