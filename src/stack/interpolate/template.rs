//! A text with variables in it, cut into parts. The rules are those of the docker CLI's pattern: the first `}` ends a
//! default, and a default may also stand behind a name without braces.

/// A part of a text; `at` counts the bytes before its `$`.
#[derive(Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text as it is.
    Text(&'a str),
    /// `$$`.
    Dollar,
    /// A variable.
    Use {
        /// Where.
        at: usize,
        /// Which, and what if it is missing.
        variable: Use<'a>,
    },
    /// A `$` that begins nothing known.
    Wrong {
        /// Where.
        at: usize,
    },
}

/// A variable and what is to be done if it is missing.
#[derive(Debug, PartialEq, Eq)]
pub struct Use<'a> {
    /// Its name.
    pub name: &'a str,
    /// What if it is missing.
    pub form: Form<'a>,
}

/// What is to be done if a variable is missing.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Form<'a> {
    /// Nothing stands for it.
    Plain,
    /// `:-`, a default if it is not set or empty.
    IfEmpty(&'a str),
    /// `-`, a default if it is not set.
    IfUnset(&'a str),
    /// `:?`, a fault if it is not set or empty.
    MustHaveText(&'a str),
    /// `?`, a fault if it is not set.
    MustBeSet(&'a str),
}

/// The parts of a text, in order.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        let at = text.len() - after.len() - 1;
        let (part, left) = part(at, after);
        parts.push(part);
        rest = left;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

/// What begins behind a `$`, and the rest.
fn part(at: usize, after: &str) -> (Part<'_>, &str) {
    if let Some(rest) = after.strip_prefix('$') {
        return (Part::Dollar, rest);
    }
    if let Some((inside, rest)) = split(after) {
        return (Part::Use { at, variable: variable(inside) }, rest);
    }
    if let Some((inside, rest)) = after.strip_prefix('{').and_then(split)
        && let Some(rest) = rest.strip_prefix('}')
    {
        return (Part::Use { at, variable: variable(inside) }, rest);
    }
    (Part::Wrong { at }, after)
}

/// A name with what may follow it, and the rest.
fn split(text: &str) -> Option<(&str, &str)> {
    let begins = |sign: char| sign == '_' || sign.is_ascii_alphabetic() || matches!(sign, '\u{17f}' | '\u{212a}');
    if !text.starts_with(begins) {
        return None;
    }
    let end = text.find(|sign: char| !begins(sign) && !sign.is_ascii_digit()).unwrap_or(text.len());
    let (_, tail) = text.split_at_checked(end)?;
    let sign = tail.strip_prefix(':').unwrap_or(tail);
    let length = match sign.strip_prefix(['-', '?']) {
        Some(default) => tail.len() - default.len() + default.find('}').unwrap_or(default.len()),
        None => 0,
    };
    text.split_at_checked(end + length)
}

/// The CLI looks for the signs in this order, wherever they stand.
fn variable(inside: &str) -> Use<'_> {
    if let Some((name, default)) = inside.split_once(":-") {
        Use { name, form: Form::IfEmpty(default) }
    } else if let Some((name, default)) = inside.split_once('-') {
        Use { name, form: Form::IfUnset(default) }
    } else if let Some((name, message)) = inside.split_once(":?") {
        Use { name, form: Form::MustHaveText(message) }
    } else if let Some((name, message)) = inside.split_once('?') {
        Use { name, form: Form::MustBeSet(message) }
    } else {
        Use { name: inside, form: Form::Plain }
    }
}
