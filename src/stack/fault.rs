//! A fault of a stack file while it is still known by its place, so that faults can be put in the order of the file
//! before they are told.

use super::place::{Place, Source};
use crate::diag::Diagnostic;

/// A fault and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What, why and how to mend it; its own place is filled in by [`Fault::told`].
    pub diagnostic: Diagnostic,
}

impl Fault {
    /// A fault with its mend.
    #[must_use]
    pub fn new(place: Place, what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { place, diagnostic: Diagnostic::new(what, mend) }
    }

    /// Adds a cause.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.diagnostic = self.diagnostic.because(why);
        self
    }

    /// The fault as a person reads it, with the name of the file.
    #[must_use]
    pub fn told(self, source: &Source) -> Diagnostic {
        let name = source.name.display();
        let place = match self.place.line {
            0 => name.to_string(),
            line => format!("{name}:{line}:{}", self.place.column),
        };
        self.diagnostic.at(place)
    }
}

/// Faults as they are found. After many of them nobody reads on, so no more are kept.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// So many are kept.
    const MOST: usize = 300;

    /// One more.
    pub fn push(&mut self, fault: Fault) {
        if self.0.len() < Self::MOST {
            self.0.push(fault);
        }
    }

    /// Several more.
    pub fn extend(&mut self, faults: impl IntoIterator<Item = Fault>) {
        let room = Self::MOST.saturating_sub(self.0.len());
        self.0.extend(faults.into_iter().take(room));
    }

    /// Those that were kept.
    #[must_use]
    pub fn into_vec(self) -> Vec<Fault> {
        self.0
    }
}

/// All faults in the order of the file, each told once.
#[must_use]
pub fn tell(mut faults: Vec<Fault>, source: &Source) -> Vec<Diagnostic> {
    faults.sort_by_key(|fault| fault.place);
    faults.dedup();
    faults.into_iter().map(|fault| fault.told(source)).collect()
}
