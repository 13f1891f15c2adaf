//! An inventory in Ansible's INI form, as the tree that the same inventory would be in YAML.

use std::path::Path;

use super::super::files::Files;
use super::super::page::{self, Page};
use super::super::rules;
use crate::diag::Finding;
use crate::stack::{self, Entry, Map, Node, Place, Value};

/// The group of hosts that stand before every section.
const UNGROUPED: &str = "ungrouped";

/// Reads the file; none if it is not there, is a program that prints an inventory, or cannot be read.
pub fn read(files: &Files, path: &Path, findings: &mut Vec<Finding>) -> Option<Page> {
    let (spot, text) = page::open(files, path, findings)?;
    if text.starts_with("#!") {
        return None;
    }
    let begin = Place { file: 0, line: 1, column: 1 };
    let mut sections = vec![Section { group: UNGROUPED.to_owned(), part: "hosts".to_owned(), begin, entries: vec![] }];
    for (line, number) in text.lines().zip(1_u32..) {
        let column = line.chars().take_while(|c| c.is_whitespace()).count() + 1;
        let place = Place { file: 0, line: number, column: u32::try_from(column).unwrap_or(1) };
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some((head, _)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            let (group, part) = head.split_once(':').unwrap_or((head, "hosts"));
            let (group, part) = (group.to_owned(), part.to_owned());
            sections.push(Section { group, part, begin: place, entries: vec![] });
        } else if line.starts_with('[') {
            // What stands below it must not count as the group before.
            sections.push(Section { group: String::new(), part: "hosts".to_owned(), begin: place, entries: vec![] });
            let what = "the name of a group is not closed; what stands below it is in no group".to_owned();
            findings.push(rules::INVENTORY_SHAPE.broken(
                spot.line(place.line, place.column),
                what,
                "write it as [name]",
            ));
        } else if let Some(section) = sections.last_mut()
            && let Err(what) = section.take(line, place)
        {
            let spot = spot.line(place.line, place.column);
            findings.push(rules::INVENTORY_SHAPE.broken(spot, what, "write it as name=value"));
        }
    }
    let filled = sections.into_iter().filter(|section| match section.group.as_str() {
        "" => false,
        UNGROUPED => !section.entries.is_empty(),
        _ => true,
    });
    let root = Node { place: begin, value: Value::Map(Map(filled.map(Section::group).collect())) };
    Some(Page { spot, text: text.into(), root: Some(root) })
}

/// What stands below `[group]`, `[group:vars]` or `[group:children]`.
struct Section {
    group: String,
    part: String,
    begin: Place,
    entries: Vec<Entry>,
}

impl Section {
    /// One line of it; what cannot be understood is told, and the rest of the line counts.
    fn take(&mut self, line: &str, place: Place) -> Result<(), String> {
        let mut told = Ok(());
        let (key, value) = match self.part.as_str() {
            "vars" => {
                let pair = line.split_once('=').ok_or_else(|| format!("a variable of {} has no value", self.group))?;
                (pair.0.trim().to_owned(), value(pair.1))
            }
            "children" => (line.split([' ', '#']).next().unwrap_or_default().to_owned(), Value::Null),
            _ => {
                let words = words(line);
                let (name, said) = words.split_first().ok_or_else(|| "a line names no host".to_owned())?;
                let mut pairs = Vec::new();
                for word in said {
                    match word.split_once('=') {
                        Some((key, said)) => pairs.push(entry(key.to_owned(), place, value(said))),
                        None => told = Err(format!("`{word}` of {name} has no value")),
                    }
                }
                (name.clone(), Value::Map(Map(pairs)))
            }
        };
        self.entries.push(entry(key, place, value));
        told
    }

    /// The group as YAML would have it. One that comes in several sections is merged by whoever reads it.
    fn group(self) -> Entry {
        let part = entry(self.part, self.begin, Value::Map(Map(self.entries)));
        entry(self.group, self.begin, Value::Map(Map(vec![part])))
    }
}

fn entry(key: String, place: Place, value: Value) -> Entry {
    Entry { key, place, node: Node { place, value } }
}

/// A value as Python would read it: a number, True, a list or mapping with a comment behind it, or all its letters.
fn value(text: &str) -> Value {
    let before = text.split_once(" #").map(|(before, _)| before.trim());
    let short =
        before.map(literal).filter(|value| !matches!(value, Value::Text(text) if Some(text.as_str()) == before));
    short.unwrap_or_else(|| literal(text))
}

fn literal(text: &str) -> Value {
    let text = text.trim();
    let own = || Value::Text(text.to_owned());
    let bare = ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    match (bare, text.to_ascii_lowercase().as_str()) {
        (Some(bare), _) => Value::Text(bare.to_owned()),
        (None, "true") => Value::Bool(true),
        (None, "false") => Value::Bool(false),
        _ if text.starts_with(['{', '[']) => {
            stack::read_tree(0, text).ok().flatten().map_or_else(own, |node| node.value)
        }
        _ => text.parse().map_or_else(|_| own(), Value::Int),
    }
}

/// The words of a line, those in quotes whole, up to a comment.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for sign in line.chars() {
        match (quote, sign) {
            (None, '#') if word.is_empty() => break,
            (None, sign) if sign.is_whitespace() => words.extend(Some(std::mem::take(&mut word))),
            (None, '"' | '\'') => quote = Some(sign),
            (Some(open), sign) if open == sign => quote = None,
            (_, sign) => word.push(sign),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}
