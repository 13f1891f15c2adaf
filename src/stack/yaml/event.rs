//! What a reader of YAML text reports, one thing after the other. Knows nothing of what a scalar means.

use crate::stack::place::Place;

/// One thing that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Where it begins.
    pub place: Place,
    /// What it is.
    pub what: What,
}

/// What can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// `*name`.
    Alias(String),
    /// A single value.
    Scalar {
        /// Its text, with quotes and escapes undone.
        text: String,
        /// Plain, that is without quotes and no block.
        plain: bool,
        /// Anchor and tag.
        marks: Marks,
    },
    /// A sequence begins.
    List(Marks),
    /// A mapping begins.
    Map(Marks),
    /// The sequence or mapping that began last ends.
    End,
}

/// What may stand before a value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marks {
    /// `&name`, without the sign.
    pub anchor: Option<String>,
    /// In the short form (`!!int`); the lone `!` says nothing and is none.
    pub tag: Option<String>,
}
