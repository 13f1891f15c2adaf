//! What lies over the screen, as one stack of data: a question, the help, the messages.

use super::asked::Asking;
use super::keymap::{Move, Scopes};
use super::plan_screen::PlanId;
use crate::action::Action;

/// Rows that a page of what lies over the screen goes by.
const PAGE: usize = 10;

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
    /// What has to be typed before, where data is destroyed.
    pub typing: Option<Typing>,
    /// What is put into the queue on yes.
    pub actions: Vec<Action>,
    /// The plan from files that is carried out on yes.
    pub rolls: Option<Rolls>,
    /// The word on the button that does it.
    pub yes: &'static str,
    /// The cursor is on that button. It never is when the question opens.
    pub on_yes: bool,
    /// Rows scrolled away.
    pub scroll: usize,
}

/// A plan from files that is carried out on yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rolls {
    /// Which.
    pub id: PlanId,
    /// Every task is replaced, whether anything differs or not; none where that is not offered.
    pub all_tasks: Option<bool>,
    /// What comes to it then.
    pub rest: Vec<Item>,
}

/// A word that has to be typed before the question can be answered with yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typing {
    /// The word.
    pub word: String,
    /// What was typed so far.
    pub typed: String,
}

impl Confirm {
    /// It may be answered with yes.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.typing.as_ref().is_none_or(|typing| typing.typed == typing.word) && !self.is_idle()
    }

    /// It puts nothing into the queue: yes ends the console.
    #[must_use]
    pub fn leaves(&self) -> bool {
        self.actions.is_empty() && self.rolls.is_none()
    }

    /// It would do nothing.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.rolls.is_some() && self.items.is_empty()
    }

    /// Takes every task along, or only what differs again. Says whether that is offered.
    pub fn take_all(&mut self) -> bool {
        let Some(Rolls { all_tasks: Some(all), rest, .. }) = &mut self.rolls else { return false };
        *all = !*all;
        if *all {
            self.items.extend(rest.iter().cloned());
        } else {
            let kept = self.items.len().saturating_sub(rest.len());
            self.items.truncate(kept);
        }
        true
    }

    /// Takes a letter of the word, or takes one back. Says whether the key was one.
    pub fn type_key(&mut self, key: &str) -> bool {
        let Some(typing) = &mut self.typing else { return false };
        let mut letters = key.chars();
        match (key, letters.next(), letters.next()) {
            ("backspace", ..) => drop(typing.typed.pop()),
            ("ctrl-u", ..) => typing.typed.clear(),
            (_, Some(c), None) if !c.is_control() && typing.typed.len() < 100 => typing.typed.push(c),
            _ => return false,
        }
        true
    }
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
    /// Rows scrolled away.
    #[must_use]
    pub fn scrolled(&self) -> usize {
        match self {
            Popup::Confirm(Confirm { scroll, .. }) | Popup::Help { scroll, .. } | Popup::Messages { scroll } => *scroll,
            Popup::Ask(asking) => asking.scroll,
            Popup::OwnLog => 0,
        }
    }

    /// Moves within it, no further than to this row.
    pub fn step(&mut self, step: Move, last: usize) {
        let scroll = match self {
            Popup::Confirm(confirm) => {
                confirm.on_yes ^= matches!(step, Move::Left | Move::Right);
                &mut confirm.scroll
            }
            Popup::Help { scroll, .. } | Popup::Messages { scroll } => scroll,
            Popup::Ask(asking) => &mut asking.scroll,
            Popup::OwnLog => return,
        };
        // The terminal may have grown since.
        *scroll = step.from((*scroll).min(last), PAGE).min(last);
    }
}
