//! The words in which the table of the file format is written.

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Whatever it is.
    Any,
    /// A single value of one of these types.
    One(&'static [Type]),
    /// Text that Go reads as a duration: `1m30s`.
    Duration,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list.
    List(&'static Kind),
    /// A list in which nothing may stand twice.
    Set(&'static Kind),
    /// A list in which nothing may stand twice in versions before this one.
    SetBefore(u8, &'static Kind),
    /// A mapping whose keys are known.
    Object(&'static Object),
    /// A mapping whose keys are names.
    Named(Names, &'static Kind),
    /// One of these, told apart by their shape.
    Either(&'static [Kind]),
    /// This, from a version on.
    Since(u8, &'static Kind),
}

/// Types of single values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// Text, or a date that becomes text.
    Printed,
    /// A whole number, also if it is written as `1.0`.
    Whole,
    /// A whole number that is not negative.
    Natural,
    /// Any number.
    Number,
    /// True or false.
    Truth,
    /// Nothing.
    Null,
}

/// Which names a mapping takes as keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// Letters, digits, `.`, `_` and `-`; all else is refused.
    Strict,
    /// The same, but what stands under other names is not looked at.
    Lax,
    /// Small letters; what stands under other names is not looked at.
    Small,
    /// At least one character that is no line break; all else is refused.
    Some,
    /// The same, but what stands under other names is not looked at.
    LaxSome,
}

/// A mapping whose keys are known.
#[derive(Debug, Clone, Copy)]
pub struct Object {
    /// Its keys.
    pub keys: &'static [Key],
    /// The version since which `x-` keys may stand in it, if ever.
    pub extensions: Option<u8>,
    /// The version since which keys that are not known are let pass, if ever.
    pub open: Option<u8>,
    /// A key that must be there.
    pub required: &'static [&'static str],
}

/// A key.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// The version since which it may stand there: 3 and this behind the point.
    pub since: u8,
    /// What it leads to.
    pub kind: Kind,
}

impl Names {
    /// Whether this is such a name.
    #[must_use]
    pub fn fit(self, name: &str) -> bool {
        match self {
            Self::Strict | Self::Lax => {
                !name.is_empty()
                    && name.bytes().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, b'.' | b'_' | b'-'))
            }
            Self::Small => !name.is_empty() && name.bytes().all(|sign| sign.is_ascii_lowercase()),
            Self::Some | Self::LaxSome => name.chars().any(|sign| sign != '\n'),
        }
    }

    /// Whether other names are refused.
    #[must_use]
    pub fn strict(self) -> bool {
        matches!(self, Self::Strict | Self::Some)
    }
}

impl Type {
    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text | Self::Printed => "text",
            Self::Whole => "a whole number",
            Self::Natural => "a whole number from 0 on",
            Self::Number => "a number",
            Self::Truth => "true or false",
            Self::Null => "nothing",
        }
    }
}
