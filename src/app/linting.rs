//! Looking through the folder for the screen of what is wrong in it. The screen never waits: it shows what was found
//! last, and that somebody looks.

use std::sync::Arc;

use super::screens::What;
use super::{App, Effect, Level, Screen};
use crate::diag::{Diagnostic, Finding};

/// The number of a look, so that a late answer is not taken for the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct LintId(pub u64);

/// What was found, and whether somebody looks.
#[derive(Debug, Default)]
pub struct Linting {
    begun: LintId,
    looking: bool,
    pub(super) told: Option<Arc<[Finding]>>,
}

impl App {
    /// What is wrong in the folder; none before anybody has looked.
    #[must_use]
    pub fn lint(&self) -> Option<&[Finding]> {
        self.linting.told.as_deref()
    }

    /// Looks when a screen of it is open and nobody has looked yet.
    pub(super) fn settle_lint(&mut self, effects: &mut Vec<Effect>) {
        let wanted = self.views.open().any(|screen| matches!(screen, Screen::List(list) if list.what == What::Lint));
        if wanted && !self.linting.looking && self.linting.told.is_none() {
            effects.push(self.lint_again());
        }
    }

    /// Looks anew; an older look does not count any more.
    pub(super) fn lint_again(&mut self) -> Effect {
        self.linting.begun = LintId(self.linting.begun.0 + 1);
        self.linting.looking = true;
        Effect::Lint(self.linting.begun)
    }

    pub(super) fn on_linted(&mut self, id: LintId, answer: Result<Arc<[Finding]>, Diagnostic>) -> Vec<Effect> {
        if id != self.linting.begun {
            return Vec::new();
        }
        self.linting.looking = false;
        match answer {
            Ok(found) => self.linting.told = Some(found),
            Err(fault) => {
                // What was found before still stands; before that, nothing does.
                self.linting.told.get_or_insert_default();
                self.messages.add(self.now, Level::Error, fault.line(), Some(fault));
            }
        }
        self.refresh();
        self.dirty = true;
        Vec::new()
    }
}
