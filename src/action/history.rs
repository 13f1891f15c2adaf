//! What was done, as the journal tells it: one deed after the other, and finding one.

use std::sync::Arc;

use super::{Deed, Redo};

/// What was done, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// The deeds.
    pub deeds: Vec<Arc<Deed>>,
    /// What is wrong with the journal, in a sentence each.
    pub notes: Vec<String>,
}

impl History {
    /// What lies on machines for a stack was put there from this commit.
    #[must_use]
    pub fn prepared(&self, stack: &str, commit: &str) -> bool {
        self.deeds.iter().any(|deed| {
            let begun = &deed.begun;
            let of = matches!(&begun.redo, Redo::Prepare { stack: of } if of == stack);
            let from = begun.commit.as_ref().is_some_and(|from| from.id == commit);
            of && from && deed.outcome() == "done"
        })
    }

    /// A deed by its key, or by what it begins with, if that is said of one alone.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<&Arc<Deed>> {
        let mut found = self.deeds.iter().filter(|deed| deed.begun.job.starts_with(key) && !key.is_empty());
        let first = found.next()?;
        let exact = self.deeds.iter().find(|deed| deed.begun.job == key);
        exact.or_else(|| found.next().is_none().then_some(first))
    }
}
