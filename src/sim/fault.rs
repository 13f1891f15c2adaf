//! Faults on order: what a call gets instead of its answer. Must never change the world.

use std::collections::VecDeque;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Harm {
    /// An error of the engine.
    Status(u16, String),
    /// No head ever comes.
    Stall,
    /// The head comes, half of the body, and then nothing.
    StallBody,
    /// The connection ends before the head.
    Cut,
    /// The connection ends in the middle of the body.
    CutBody,
    /// Something that is no JSON, with status 200: a proxy that answers.
    NotJson,
}

/// A fault for calls whose method and path begin so: `"GET /tasks"`, without the version.
#[derive(Debug, Clone)]
pub struct Fault {
    on: String,
    at: Option<String>,
    pub(crate) harm: Harm,
    left: Option<usize>,
    skip: usize,
}

impl Fault {
    /// A fault on calls that begin so. Unless told otherwise it is a 500, every time.
    #[must_use]
    pub fn on(call: &str) -> Self {
        Self {
            on: call.to_owned(),
            at: None,
            harm: Harm::Status(500, "the simulator was told to fail".into()),
            left: None,
            skip: 0,
        }
    }

    fn with(mut self, harm: Harm) -> Self {
        self.harm = harm;
        self
    }

    /// Answers with this status and message.
    #[must_use]
    pub fn status(self, status: u16, message: &str) -> Self {
        self.with(Harm::Status(status, message.to_owned()))
    }

    /// Never answers.
    #[must_use]
    pub fn stall(self) -> Self {
        self.with(Harm::Stall)
    }

    /// Answers with a head and half of the body, then nothing.
    #[must_use]
    pub fn stall_body(self) -> Self {
        self.with(Harm::StallBody)
    }

    /// Ends the connection instead of an answer.
    #[must_use]
    pub fn cut(self) -> Self {
        self.with(Harm::Cut)
    }

    /// Ends the connection in the middle of the answer.
    #[must_use]
    pub fn cut_body(self) -> Self {
        self.with(Harm::CutBody)
    }

    /// Answers with HTML, as a proxy in between does.
    #[must_use]
    pub fn not_json(self) -> Self {
        self.with(Harm::NotJson)
    }

    /// Only where the call is made of this node.
    #[must_use]
    pub fn at(mut self, hostname: &str) -> Self {
        self.at = Some(hostname.to_owned());
        self
    }

    /// Only the first time.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Only so many times.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.left = Some(times);
        self
    }

    /// Only after so many calls went well.
    #[must_use]
    pub fn after(mut self, calls: usize) -> Self {
        self.skip = calls;
        self
    }

    /// Whether this call is struck; counts down.
    fn strikes(&mut self, call: &str, at: &str) -> bool {
        let elsewhere = self.at.as_ref().is_some_and(|here| here != at);
        if elsewhere || !call.starts_with(&self.on) || self.left == Some(0) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        self.left = self.left.map(|n| n - 1);
        true
    }
}

/// The faults on order, oldest first.
#[derive(Debug, Default)]
pub(crate) struct FaultBook(VecDeque<Fault>);

impl FaultBook {
    pub(crate) fn order(&mut self, fault: Fault) {
        self.0.push_back(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// What this call gets instead of its answer, if anything.
    pub(crate) fn strike(&mut self, call: &str, at: &str) -> Option<Harm> {
        let harm = self.0.iter_mut().find_map(|fault| fault.strikes(call, at).then(|| fault.harm.clone()));
        self.0.retain(|fault| fault.left != Some(0));
        harm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_as_often_as_it_was_told() {
        let mut book = FaultBook::default();
        book.order(Fault::on("GET /tasks").status(500, "no").times(2).after(1));
        assert_eq!(book.strike("GET /tasks", "m1"), None);
        assert_eq!(book.strike("GET /nodes", "m1"), None);
        assert_eq!(book.strike("GET /tasks/x", "m1"), Some(Harm::Status(500, "no".into())));
        assert!(book.strike("GET /tasks", "m1").is_some());
        assert_eq!(book.strike("GET /tasks", "m1"), None);
        book.order(Fault::on("GET /tasks").at("m2"));
        assert!(book.strike("GET /tasks", "m1").is_none() && book.strike("GET /tasks", "m2").is_some());
    }
}
