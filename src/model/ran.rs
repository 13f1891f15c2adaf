//! A command that was run on machines: what each said, and how it ended there.

use std::sync::Arc;

use super::NodeId;

/// How a command ended on a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RanEnd {
    /// With this code.
    Code(u32),
    /// It ran, and its end is not known, because.
    Broke(String),
    /// It never ran.
    Unreached {
        /// Why.
        why: String,
        /// What to do.
        mend: String,
    },
}

/// One machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RanOn {
    /// Its node.
    pub node: NodeId,
    /// What was said there, safe to show, oldest first.
    pub lines: Vec<Arc<str>>,
    /// Lines that came after, and are not kept.
    pub left_out: u64,
    /// How it ended; none while it runs.
    pub end: Option<RanEnd>,
}

/// All machines it was run on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ran {
    /// The line of shell.
    pub line: String,
    /// Machine by machine.
    pub hosts: Vec<RanOn>,
}

impl Ran {
    /// A line that is about to run on these nodes.
    #[must_use]
    pub fn begun(line: &str, nodes: impl IntoIterator<Item = NodeId>) -> Self {
        let on = |node| RanOn { node, lines: Vec::new(), left_out: 0, end: None };
        Self { line: line.to_owned(), hosts: nodes.into_iter().map(on).collect() }
    }

    /// It runs somewhere still.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.hosts.iter().any(|host| host.end.is_none())
    }
}
