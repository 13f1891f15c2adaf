//! A file of the folder as a tree with places, whatever it is written in. A file that cannot be read is a finding, and
//! the rest of the folder still loads.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use regex::{Captures, Regex};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::files::Files;
use super::rules;
use crate::diag::{Finding, Spot};
use crate::stack::{self, Entry, Map, Node, Place, Value};

/// A file that was read.
#[derive(Debug, Clone)]
pub struct Page {
    /// Its name, relative to the folder, as a spot without a line.
    pub spot: Spot,
    /// All of it.
    pub text: Arc<str>,
    /// What it says; none if it says nothing.
    pub root: Option<Node>,
}

impl Page {
    /// A YAML file. JSON is YAML, so this reads both. None if the file is not there or cannot be read.
    pub fn yaml(files: &Files, path: &Path, findings: &mut Vec<Finding>) -> Option<Self> {
        let (spot, text) = open(files, path, findings)?;
        let plain = if path.extension().is_some_and(|end| end == "json") { unescaped(&text) } else { None };
        match stack::read_tree(0, plain.as_deref().unwrap_or(&text)) {
            Ok(root) => Some(Self { spot, text: text.into(), root }),
            Err(faults) => {
                findings.extend(faults.into_iter().map(|fault| {
                    let spot = spot.line(fault.place.line, fault.place.column);
                    let fault = fault.diagnostic;
                    let finding = rules::FILE_BROKEN.broken(spot, fault.what, fault.mend);
                    if fault.why.is_empty() { finding } else { finding.because(fault.why.join("; ")) }
                }));
                None
            }
        }
    }

    /// A TOML file. What can still be read of a broken one counts.
    pub fn toml(files: &Files, path: &Path, findings: &mut Vec<Finding>) -> Option<Self> {
        let (spot, text) = open(files, path, findings)?;
        let (table, faults) = DeTable::parse_recoverable(&text);
        let lines = Lines::of(&text);
        for fault in faults {
            let place = lines.place(fault.span().map_or(0, |span| span.start));
            let what = format!("the file is no TOML: {}", fault.message());
            let mend = "mend the line named here; the rest of the file counts meanwhile";
            findings.push(rules::FILE_BROKEN.broken(spot.line(place.line, place.column), what, mend));
        }
        let root = Node { place: lines.place(0), value: Value::Map(from_table(table.get_ref(), &lines)) };
        Some(Self { spot, text: text.into(), root: Some(root) })
    }

    /// Where something of this page is written.
    #[must_use]
    pub fn at(&self, place: Place) -> Spot {
        self.spot.line(place.line, place.column)
    }

    /// The value was written in quotes, so that it means its letters and nothing else.
    #[must_use]
    pub fn is_quoted(&self, node: &Node) -> bool {
        let line = self.text.lines().nth((node.place.line.max(1) - 1) as usize).unwrap_or_default();
        matches!(line.chars().nth((node.place.column.max(1) - 1) as usize), Some('"' | '\''))
    }
}

/// JSON escapes two things that this reader of YAML does not know: a slash, and a sign beyond the first plane as a pair
/// of halves. None if nothing is escaped.
fn unescaped(text: &str) -> Option<String> {
    static ESCAPE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|.)").ok());
    let pattern = ESCAPE.as_ref().filter(|_| text.contains('\\'))?;
    let whole = |found: &Captures<'_>| {
        let all = found.get(0).map_or("", |all| all.as_str());
        if found.get(1).is_none() {
            return if all == "\\/" { "/".to_owned() } else { all.to_owned() };
        }
        let half = |at: usize| found.get(at).and_then(|half| u32::from_str_radix(half.as_str(), 16).ok());
        let (high, low) = (half(1).unwrap_or(0xd800) - 0xd800, half(2).unwrap_or(0xdc00) - 0xdc00);
        format!("\\U{:08x}", 0x1_0000 + (high << 10) + low)
    };
    Some(pattern.replace_all(text, whole).into_owned())
}

/// The text of a file; one that is there and cannot be read is told.
pub fn open(files: &Files, path: &Path, findings: &mut Vec<Finding>) -> Option<(Spot, String)> {
    let spot = Spot::of(&path.to_string_lossy());
    match files.found(path) {
        Ok(text) => Some((spot, text?)),
        Err(why) => {
            let mend = "make it a readable text file, or take it out of the folder";
            findings
                .push(rules::FILE_UNREADABLE.broken(spot, "a file of the folder cannot be read", mend).because(why));
            None
        }
    }
}

/// A scalar as the words it means; none for a list, a mapping or nothing.
#[must_use]
pub fn word(node: &Node) -> Option<String> {
    match &node.value {
        Value::Text(text) | Value::Time(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Big(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// Ansible reads these words of YAML 1.1 as truth values where they stand without quotes.
#[must_use]
pub fn spoken(text: &str) -> String {
    match text.to_lowercase().as_str() {
        "yes" | "on" => "true".to_owned(),
        "no" | "off" => "false".to_owned(),
        _ => text.to_owned(),
    }
}

fn from_table(table: &DeTable<'_>, lines: &Lines<'_>) -> Map {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            place: lines.place(key.span().start),
            node: from_value(value, lines),
        })
        .collect();
    entries.sort_by_key(|entry| entry.place);
    Map(entries)
}

fn from_value(value: &Spanned<DeValue<'_>>, lines: &Lines<'_>) -> Node {
    let place = lines.place(value.span().start);
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::Text(number.to_string()), Value::Int),
        DeValue::Float(number) => {
            number.as_str().parse().map_or_else(|_| Value::Text(number.to_string()), Value::Float)
        }
        DeValue::Boolean(truth) => Value::Bool(*truth),
        DeValue::Datetime(time) => Value::Time(time.to_string()),
        DeValue::Array(items) => Value::List(items.iter().map(|item| from_value(item, lines)).collect()),
        DeValue::Table(table) => Value::Map(from_table(table, lines)),
    };
    Node { place, value }
}

/// Where the lines of a text begin, so that an offset becomes a place.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(start..offset).map_or(0, |before| before.chars().count());
        Place { file: 0, line: u32::try_from(line).unwrap_or_default(), column: u32::try_from(before + 1).unwrap_or(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toml_file_becomes_a_tree_in_which_everything_knows_its_place() {
        let text = "[[stack]]\nname = \"a\"\nafter = [\"ü\", \"b\"]\n\n[stack.config]\nport = 0x10\n";
        let files = Files::of(&[], &[("r.toml", text)]);
        let mut findings = Vec::new();
        let page = Page::toml(&files, Path::new("r.toml"), &mut findings).unwrap();
        let stack = &page.root.as_ref().unwrap().map().unwrap().get("stack").unwrap().list().unwrap()[0];
        let stack = stack.map().unwrap();
        assert_eq!(page.at(stack.entry("name").unwrap().place).to_string(), "r.toml:2:1");
        assert_eq!(page.at(stack.get("after").unwrap().list().unwrap()[1].place).to_string(), "r.toml:3:15");
        let port = stack.get("config").unwrap().map().unwrap().get("port").unwrap();
        assert_eq!((port.value.clone(), page.at(port.place).to_string()), (Value::Int(16), "r.toml:6:8".to_owned()));
        assert!(findings.is_empty());
    }

    #[test]
    fn what_can_be_read_of_a_broken_toml_file_counts_and_the_rest_is_told() {
        let files = Files::of(&[], &[("r.toml", "a = 1\nb = = 2\nc = 3\n")]);
        let mut findings = Vec::new();
        let page = Page::toml(&files, Path::new("r.toml"), &mut findings).unwrap();
        assert!(page.root.unwrap().map().unwrap().get("c").is_some());
        assert_eq!(findings[0].spot.line, 2);
    }

    #[test]
    fn a_file_that_is_not_there_is_no_finding_and_a_broken_one_is() {
        let files = Files::of(&[], &[("a.yml", "x: [1\ny: 2\n")]);
        let mut findings = Vec::new();
        assert!(Page::yaml(&files, Path::new("b.yml"), &mut findings).is_none());
        assert!(findings.is_empty());
        assert!(Page::yaml(&files, Path::new("a.yml"), &mut findings).is_none());
        assert_eq!(findings[0].rule, "file-broken");
        assert_eq!(&*findings[0].spot.file, "a.yml");
    }
}
