//! What went wrong, where, why, and how to mend it. One shape for terminal, popup and JSON.

mod finding;

use std::fmt;

pub use finding::{Finding, Rule, Severity, Spot, arrange};

/// A fault, told to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, in the user's words, with the name of the thing.
    pub what: String,
    /// Where: a place in a file, a host, a service. Empty if it is nowhere in particular.
    pub place: String,
    /// The causes, nearest first.
    pub why: Vec<String>,
    /// What to do, as one imperative sentence.
    pub mend: String,
}

impl Diagnostic {
    /// A fault with its mend; no fault is told without one.
    pub fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.into(), place: String::new(), why: Vec::new(), mend: mend.into() }
    }

    /// Says where it is.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }

    /// Adds a cause, further from the fault than those before.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        let why = why.into();
        if !why.is_empty() && !self.why.contains(&why) {
            self.why.push(why);
        }
        self
    }

    /// Adds an error and all that lies under it as causes.
    #[must_use]
    pub fn caused_by(mut self, error: &(dyn std::error::Error + 'static)) -> Self {
        let mut cause = Some(error);
        while let Some(error) = cause {
            self = self.because(error.to_string());
            cause = error.source();
        }
        self
    }

    /// All of it on one line, for places with no room.
    #[must_use]
    pub fn line(&self) -> String {
        match self.why.first() {
            Some(why) => format!("{}: {why}", self.what),
            None => self.what.clone(),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        if !self.place.is_empty() {
            write!(f, "\n  --> {}", self.place)?;
        }
        for why in &self.why {
            write!(f, "\n  why: {why}")?;
        }
        write!(f, "\n mend: {}", self.mend)
    }
}

/// An error that can be told to a person.
pub trait Explain {
    /// The fault with its causes and its mend.
    fn explain(&self) -> Diagnostic;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_what_where_why_and_how_to_mend_it() {
        let fault = Diagnostic::new("manager 10.0.0.9 does not answer", "start its SSH server")
            .at("inventory/hosts.yml:4:9")
            .because("connection refused")
            .because("connection refused");
        assert_eq!(
            fault.to_string(),
            "error: manager 10.0.0.9 does not answer\n  --> inventory/hosts.yml:4:9\n  why: connection refused\n mend: start its SSH server"
        );
        assert_eq!(fault.line(), "manager 10.0.0.9 does not answer: connection refused");
    }
}
