//! The letters of `.env`: one line after the other, as godotenv takes them apart. Judges nothing.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use zeroize::Zeroizing;

/// An assignment, or a line that is none.
pub struct Scanned {
    /// Counted from 1.
    pub line: u32,
    /// Where the name begins.
    pub column: u32,
    /// What is set.
    pub name: String,
    /// To what, before references are put in.
    pub value: Zeroizing<String>,
    /// What Ansible's line pattern sees.
    pub verbatim: Option<Zeroizing<String>>,
    /// The line begins with `export`.
    pub exported: bool,
    /// The value is in these quotes.
    pub quote: Option<char>,
    /// A comment follows on the line.
    pub comment: bool,
    /// There are spaces around the `=`.
    pub spaced: bool,
    /// Why the line is no assignment.
    pub broken: Option<&'static str>,
}

/// All assignments and broken lines of a text.
pub fn lines(text: &str) -> Vec<Scanned> {
    let all: Vec<&str> = text.split('\n').collect();
    let mut scanned = Vec::new();
    let mut at = 0;
    while let Some(line) = all.get(at) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') || trimmed == "---" {
            at += 1;
            continue;
        }
        let (one, taken) = assignment(all.get(at..).unwrap_or_default(), at);
        scanned.push(one);
        at += taken;
    }
    scanned
}

/// The assignment that begins with the first of these lines, and how many of them it takes.
fn assignment(lines: &[&str], at: usize) -> (Scanned, usize) {
    let line = lines.first().map_or("", |line| line.strip_suffix('\r').unwrap_or(line));
    let body = line.trim_start();
    let stripped = body.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t']));
    let exported = stripped.is_some();
    let body = stripped.map_or(body, str::trim_start);
    let column = line.chars().count() - body.chars().count() + 1;
    let mut one = Scanned {
        line: u32::try_from(at + 1).unwrap_or_default(),
        column: u32::try_from(column).unwrap_or_default(),
        name: String::new(),
        value: Zeroizing::default(),
        verbatim: lines.first().and_then(|line| verbatim(line)),
        exported,
        quote: None,
        comment: false,
        spaced: false,
        broken: None,
    };
    let Some((name, rest)) = body.split_once(['=', ':']) else {
        one.broken = Some("it has no =");
        return (one, 1);
    };
    let equals = body.chars().nth(name.chars().count()) == Some('=');
    let value = rest.trim_start();
    one.spaced = equals && (name.ends_with([' ', '\t']) || (value.len() < rest.len() && !value.is_empty()));
    one.name = name.trim_end().to_owned();
    if one.name.is_empty() || !one.name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.') {
        one.broken = Some("its name has other signs than letters, digits and _");
        return (one, 1);
    }
    let taken = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => quoted(&mut one, quote, value, lines),
        _ => {
            plain(&mut one, value);
            1
        }
    };
    (one, taken)
}

/// A value that ends with the line. Only the last `#` after a space begins a comment.
fn plain(one: &mut Scanned, value: &str) {
    let comment = value
        .char_indices()
        .filter(|(at, c)| {
            *c == '#' && (*at == 0 || value.get(..*at).is_some_and(|before| before.ends_with([' ', '\t'])))
        })
        .map(|(at, _)| at)
        .next_back();
    let kept = match comment {
        Some(_) if value.starts_with('#') => "",
        Some(at) => value.get(..at).unwrap_or_default(),
        None => value,
    };
    one.comment = comment.is_some();
    one.value = Zeroizing::new(kept.trim().to_owned());
}

/// A value in quotes, which may go over several lines; how many it takes.
fn quoted(one: &mut Scanned, quote: char, value: &str, lines: &[&str]) -> usize {
    let rest = lines.get(1..).unwrap_or_default().iter().map(|line| line.strip_suffix('\r').unwrap_or(line));
    let whole: Zeroizing<String> = Zeroizing::new(std::iter::once(value).chain(rest).collect::<Vec<_>>().join("\n"));
    let mut before = quote;
    let mut end = None;
    for (at, c) in whole.char_indices().skip(1) {
        if c == quote && before != '\\' {
            end = Some(at);
            break;
        }
        before = c;
    }
    let Some(end) = end else {
        one.broken = Some("its quotes are not closed");
        return 1;
    };
    let inner = whole.get(1..end).unwrap_or_default();
    one.quote = Some(quote);
    one.value = Zeroizing::new(if quote == '"' { unescaped(inner) } else { inner.to_owned() });
    let after = whole.get(end + 1..).unwrap_or_default();
    one.comment = after.lines().next().is_some_and(|rest| rest.trim_start().starts_with('#'));
    inner.matches('\n').count() + 1
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                // A dollar keeps its backslash until references are put in.
                Some('$') => out.push_str("\\$"),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            (c, false) => out.push(c),
        }
    }
    out
}

/// What Ansible's pattern `NAME=rest` takes from a line, to its very end.
fn verbatim(line: &str) -> Option<Zeroizing<String>> {
    let (name, rest) = line.split_once('=')?;
    let first = name.chars().next()?;
    let fits =
        (first.is_ascii_alphabetic() || first == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    fits.then(|| Zeroizing::new(rest.to_owned()))
}

static REFERENCE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(\\)?(\$)(\()?\{?([A-Z0-9_]+)?\}?").ok());

/// Puts the values of other names in, with godotenv's pattern.
pub fn expand(text: &str, get: impl Fn(&str) -> Option<String>) -> Zeroizing<String> {
    let Some(pattern) = REFERENCE.as_ref() else { return Zeroizing::new(text.to_owned()) };
    let put = |found: &Captures<'_>| {
        let whole = found.get(0).map_or("", |whole| whole.as_str());
        if found.get(1).is_some() || found.get(3).is_some() {
            return whole.chars().skip(1).collect();
        }
        found.get(4).map_or_else(|| whole.to_owned(), |name| get(name.as_str()).unwrap_or_default())
    };
    Zeroizing::new(pattern.replace_all(text, put).into_owned())
}
