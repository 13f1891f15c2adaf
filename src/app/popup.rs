//! What lies over the screen, as one stack of data: a question, the help, the messages.

use super::asked::Asking;
use super::keymap::{Move, Scopes};
use crate::action::Action;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Popup {
    /// A question before something is changed.
    Confirm(Confirm),
    /// A question from below.
    Ask(Asking),
    /// The keys of the screen below.
    Help {
        /// The scopes to explain.
        scopes: Scopes,
        /// Rows scrolled away.
        scroll: usize,
    },
    /// All messages.
    Messages {
        /// Rows scrolled away.
        scroll: usize,
    },
    /// What the program itself has logged, newest last.
    OwnLog,
}

/// A question before something is changed. It holds what it will do: ids and versions as they were when it opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    /// What is asked.
    pub title: String,
    /// What it comes to, in a sentence.
    pub sums_up: String,
    /// Each thing that will be touched.
    pub items: Vec<Item>,
    /// What else there is to know, such as what is left out.
    pub notes: Vec<String>,
    /// What is put into the queue on yes.
    pub actions: Vec<Action>,
    /// The word on the button that does it.
    pub yes: &'static str,
    /// The cursor is on that button. It never is when the question opens.
    pub on_yes: bool,
    /// Items scrolled away.
    pub scroll: usize,
}

/// One thing that will be touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// How much of it.
    pub amount: String,
    /// In which way.
    pub how: String,
}

impl Popup {
    /// Moves within it.
    pub fn step(&mut self, step: Move) {
        let (scroll, last) = match self {
            Popup::Confirm(confirm) => {
                if matches!(step, Move::Left | Move::Right) {
                    confirm.on_yes = !confirm.on_yes;
                }
                let last = confirm.items.len().saturating_sub(1);
                (&mut confirm.scroll, last)
            }
            Popup::Help { scopes, scroll } => {
                let last = scopes.bindings().count();
                (scroll, last)
            }
            Popup::Messages { scroll } => (scroll, usize::MAX),
            Popup::OwnLog | Popup::Ask(_) => return,
        };
        *scroll = match step {
            Move::Up => scroll.saturating_sub(1),
            Move::Down => scroll.saturating_add(1),
            Move::PageUp => scroll.saturating_sub(10),
            Move::PageDown => scroll.saturating_add(10),
            Move::Top => 0,
            Move::Bottom => last,
            Move::Left | Move::Right => *scroll,
        }
        .min(last);
    }
}
