//! The variables that a stack file uses, as docker reads them: `$NAME`, `${NAME}` and the forms with a default, a
//! demand or a replacement. Fills nothing in.

use super::page::Page;
use crate::diag::Spot;
use crate::stack::{Node, Value};

/// What happens when a variable is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unset {
    /// It becomes empty.
    Empty,
    /// The file says what stands in its place.
    Default,
    /// The deploy is refused.
    Refused,
    /// The deploy is refused, and so it is when the variable is empty.
    RefusedOrEmpty,
}

/// A use of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The variable.
    pub name: String,
    /// What happens when it is not set.
    pub unset: Unset,
    /// What stands in its place then; empty if nothing does.
    pub default: String,
    /// Its default names a variable again, which is put in nowhere: docker ends it at the first `}`.
    pub nests: bool,
    /// The value that it stands in.
    pub spot: Spot,
}

/// All uses in the values of a page, in the order of the file. Keys hold none.
#[must_use]
pub fn of_page(page: &Page) -> Vec<Usage> {
    let mut usages = Vec::new();
    if let Some(root) = &page.root {
        of_node(root, page, &mut usages);
    }
    usages
}

/// The names that a text uses.
pub fn names(text: &str) -> Vec<String> {
    let mut usages = Vec::new();
    of_text(text, &Spot::default(), &mut usages);
    usages.into_iter().map(|usage| usage.name).collect()
}

fn of_node(node: &Node, page: &Page, usages: &mut Vec<Usage>) {
    match &node.value {
        Value::Text(text) => of_text(text, &page.at(node.place), usages),
        Value::List(list) => list.iter().for_each(|node| of_node(node, page, usages)),
        Value::Map(map) => map.0.iter().for_each(|entry| of_node(&entry.node, page, usages)),
        _ => {}
    }
}

/// All uses in one text.
fn of_text(text: &str, spot: &Spot, usages: &mut Vec<Usage>) {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('$') {
        rest = after;
        if let Some(escaped) = after.strip_prefix('$') {
            rest = escaped;
            continue;
        }
        let braced = after.strip_prefix('{');
        let body = braced.unwrap_or(after);
        let length = body.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(body.len());
        let (name, tail) = body.split_at(length);
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let unset = match (braced, tail) {
            (None, _) => Unset::Empty,
            (Some(_), tail) if tail.starts_with(":?") => Unset::RefusedOrEmpty,
            (Some(_), tail) if tail.starts_with('?') => Unset::Refused,
            (Some(_), tail) if tail.starts_with('}') => Unset::Empty,
            // What is replaced only when it is set may be unset.
            (Some(_), _) => Unset::Default,
        };
        let default = tail.strip_prefix(":-").or(tail.strip_prefix('-')).filter(|_| unset == Unset::Default);
        let default = default.and_then(|rest| rest.split_once('}')).map(|(default, _)| default.to_owned());
        let default = default.unwrap_or_default();
        let nests = default.contains("${");
        usages.push(Usage { name: name.to_owned(), unset, default, nests, spot: spot.clone() });
        // What stands behind the name may use variables of its own, so the search goes on right there.
        rest = if nests { tail.split_once('}').map_or("", |(_, behind)| behind) } else { tail };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_says_what_happens_when_it_is_not_set() {
        for (text, expected) in [
            ("${A}", vec![("A", Unset::Empty)]),
            ("x$A-$B_1", vec![("A", Unset::Empty), ("B_1", Unset::Empty)]),
            ("${A:-x.y/z:1}", vec![("A", Unset::Default)]),
            ("${A-}", vec![("A", Unset::Default)]),
            ("${A:?set it}", vec![("A", Unset::RefusedOrEmpty)]),
            ("${A?}", vec![("A", Unset::Refused)]),
            ("${A:+x}${B+y}", vec![("A", Unset::Default), ("B", Unset::Default)]),
            ("${A:-${B}}", vec![("A", Unset::Default)]),
            ("${A:-${B:-x}} ${C}", vec![("A", Unset::Default), ("C", Unset::Empty)]),
            ("$$A $${B} ${C}", vec![("C", Unset::Empty)]),
            ("{{upstreams 80}} {env.X} $1 costs 5$", vec![]),
        ] {
            let mut usages = Vec::new();
            of_text(text, &Spot::default(), &mut usages);
            let found: Vec<(&str, Unset)> = usages.iter().map(|usage| (usage.name.as_str(), usage.unset)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
