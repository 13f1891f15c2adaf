//! The pieces that YAML text is cut into, before they are put together to sequences and mappings.

use crate::stack::place::Place;

/// A piece and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Where it begins.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
}

/// What a piece can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The text is over.
    StreamEnd,
    /// `%YAML major.minor`.
    Version(u32, u32),
    /// `%TAG handle prefix`.
    TagPrefix(String, String),
    /// `---`.
    DocumentStart,
    /// `...`.
    DocumentEnd,
    /// A sequence of lines with `-` begins.
    BlockList,
    /// A mapping of lines begins.
    BlockMap,
    /// What was indented is over.
    BlockEnd,
    /// `[`.
    FlowList,
    /// `]`.
    FlowListEnd,
    /// `{`.
    FlowMap,
    /// `}`.
    FlowMapEnd,
    /// `-`.
    Entry,
    /// `,`.
    Comma,
    /// `?`, or nothing at all before a key on one line.
    Key,
    /// `:`.
    Colon,
    /// `*name`.
    Alias(String),
    /// `&name`.
    Anchor(String),
    /// `!handle!suffix`; the handle of `!<suffix>` is empty.
    Tag(String, String),
    /// A value; true if it is plain.
    Scalar(String, bool),
}
