//! YAML as the docker CLI prints it: blocks of two blanks, plain words where nothing else could be read from them.

use std::fmt::Write;

use serde_json::Value as Json;

use super::tree::{Node, Value};
use super::yaml;

/// Words that older readers take for true or false.
const OLD_TRUTH: &[&str] =
    &["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF"];

/// A mapping as a document.
#[must_use]
pub fn document(value: &Json) -> String {
    let mut out = String::new();
    block(&mut out, value, 0);
    out
}

/// A mapping or list on lines of its own, each with so many blanks before it.
fn block(out: &mut String, value: &Json, depth: usize) {
    let blanks = "  ".repeat(depth);
    match value {
        Json::Object(object) => {
            for (number, (key, value)) in object.iter().enumerate() {
                if number > 0 {
                    out.push_str(&blanks);
                }
                let _ = write!(out, "{}:", scalar_text(key, true, depth));
                below(out, value, depth);
            }
        }
        Json::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    out.push_str(&blanks);
                }
                out.push_str("- ");
                match is_block(item) {
                    true => block(out, item, depth + 1),
                    false => {
                        let _ = writeln!(out, "{}", scalar(item, depth));
                    }
                }
            }
        }
        value => {
            let _ = writeln!(out, "{}", scalar(value, depth));
        }
    }
}

/// What follows a key.
fn below(out: &mut String, value: &Json, depth: usize) {
    if is_block(value) {
        out.push('\n');
        out.push_str(&"  ".repeat(depth + 1));
        block(out, value, depth + 1);
    } else {
        let _ = writeln!(out, " {}", scalar(value, depth));
    }
}

fn is_block(value: &Json) -> bool {
    match value {
        Json::Object(object) => !object.is_empty(),
        Json::Array(items) => !items.is_empty(),
        _ => false,
    }
}

fn scalar(value: &Json, depth: usize) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(flag) => flag.to_string(),
        Json::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => super::grammar::sprint::float(float),
            _ => number.to_string(),
        },
        Json::String(text) => scalar_text(text, false, depth),
        Json::Array(_) => "[]".to_owned(),
        Json::Object(_) => "{}".to_owned(),
    }
}

fn scalar_text(text: &str, key: bool, depth: usize) -> String {
    let shape = Shape::of(text);
    if text.contains('\n') && shape.block && !key {
        return literal(text, depth);
    }
    if !text.contains('\n') {
        if shape.plain && is_plain(text) {
            return text.to_owned();
        }
        if !shape.plain && shape.single && !text.is_empty() {
            return format!("'{}'", text.replace('\'', "''"));
        }
    }
    quoted(text)
}

/// Whether a reader takes it for this very text.
fn is_plain(text: &str) -> bool {
    let sixty = || {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let mut parts = digits.split(':');
        let first = parts.next().unwrap_or_default();
        let minute = |part: &str| {
            let part = part.split('.').next().unwrap_or_default();
            matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'])
        };
        digits.contains(':')
            && first.starts_with(|c: char| c.is_ascii_digit())
            && first.chars().all(|c| c.is_ascii_digit() || c == '_')
            && parts.all(minute)
    };
    let read = yaml::read(0, text);
    let same = matches!(&read, Ok(Some(Node { value: Value::Text(read), .. })) if read == text);
    same && !OLD_TRUTH.contains(&text) && text != "<<" && !sixty()
}

/// In which ways a text can be written.
struct Shape {
    plain: bool,
    single: bool,
    block: bool,
}

impl Shape {
    fn of(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let at = |index: usize| chars.get(index).copied();
        let gap = |c: Option<char>| matches!(c, None | Some(' ' | '\t' | '\n' | '\r'));
        let mut sound = Self { plain: !text.starts_with("---") && !text.starts_with("..."), single: true, block: true };
        for (index, c) in chars.iter().enumerate() {
            let next_is_gap = gap(at(index + 1));
            let before_is_gap = index == 0 || gap(at(index - 1));
            let indicator = match c {
                '#' => before_is_gap,
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => index == 0,
                '-' | '?' => index == 0 && next_is_gap,
                ':' => next_is_gap,
                _ => false,
            };
            sound.plain &= !indicator;
            let special = !matches!(c, '\n' | '\t' | ' '..='~' | '\u{A0}'..='\u{FEFE}' | '\u{FF00}'..);
            if special || *c == '\t' {
                (sound.plain, sound.single) = (false, false);
                sound.block &= !special;
            }
            if *c == ' ' && at(index + 1) == Some('\n') {
                (sound.plain, sound.single, sound.block) = (false, false, false);
            }
            if *c == '\n' && at(index + 1) == Some(' ') {
                (sound.plain, sound.single) = (false, false);
            }
        }
        if chars.first().is_some_and(|c| gap(Some(*c))) || chars.last().is_some_and(|c| gap(Some(*c))) {
            sound.plain = false;
        }
        sound.block &= chars.last() != Some(&' ');
        sound
    }
}

/// A text of several lines, as they are.
fn literal(text: &str, depth: usize) -> String {
    let blanks = "  ".repeat(depth + 1);
    let hint = if text.starts_with([' ', '\n']) { "2" } else { "" };
    let end = match text.strip_suffix('\n') {
        None => "-",
        Some(rest) if rest.is_empty() || rest.ends_with('\n') => "+",
        Some(_) => "",
    };
    let body = text.strip_suffix('\n').unwrap_or(text);
    let lines = body.split('\n').map(|line| if line.is_empty() { String::new() } else { format!("{blanks}{line}") });
    format!("|{hint}{end}\n{}", lines.collect::<Vec<_>>().join("\n"))
}

/// Between double quotes.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0' => out.push_str("\\0"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{B}' => out.push_str("\\v"),
            '\u{C}' => out.push_str("\\f"),
            '\u{1B}' => out.push_str("\\e"),
            '\u{85}' => out.push_str("\\N"),
            '\u{FEFF}' => out.push_str("\\uFEFF"),
            c if (c as u32) < 0x20 || (0x7F..0xA0).contains(&(c as u32)) => {
                let _ = write!(out, "\\x{:02X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn blocks_are_printed_as_the_cli_prints_them() {
        let value = json!({"a": {"list": ["x", {"k": 1, "l": [true]}], "empty": {}, "none": null}, "b": []});
        let text = "a:\n  list:\n    - x\n    - k: 1\n      l:\n        - true\n  empty: {}\n  none: null\nb: []\n";
        assert_eq!(document(&value), text);
    }

    #[test]
    fn a_text_is_read_back_as_itself() {
        let texts = [
            "a b",
            "",
            "yes",
            "1",
            "1.5",
            "~",
            "a: b",
            "a #b",
            "#a",
            "-",
            "- a",
            "22:22",
            "2024-01-02",
            " a",
            "a\tb",
            "it's",
            "\"",
            "a\nb",
            "a\nb\n",
            "\n a\n\n",
            "ä",
            "\u{1B}[0m",
            "null",
            "0x1F",
            "a:",
            "{a",
            "%x",
            "a\\n",
            "<<",
        ];
        for text in texts {
            let printed = document(&json!({ "k": { "v": text, "last": "x" } }));
            let read = yaml::read(0, &printed).unwrap_or_else(|_| panic!("{printed}")).unwrap();
            let value = read.map().and_then(|map| map.get("k")).and_then(|node| node.map()?.get("v")).unwrap();
            assert_eq!(value.text(), Some(text), "{printed}");
        }
    }
}
