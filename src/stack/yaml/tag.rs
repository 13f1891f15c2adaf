//! What may stand before a value (`&name`, `!tag`) or a document (`%YAML`, `%TAG`), and aliases.

use super::cursor::{Cursor, is_blank, is_break, is_break_or_end, is_gap, is_word};
use super::token::Kind;
use crate::stack::fault::Fault;

/// `&name` or `*name`; the cursor stands at the sign.
pub fn anchor(cursor: &mut Cursor, sign: char) -> Result<Kind, Fault> {
    let start = cursor.place();
    cursor.pass();
    let name = word(cursor);
    let after = cursor.at(0);
    if name.is_empty() || !(is_gap(after) || matches!(after, '?' | ':' | ',' | ']' | '}' | '%' | '@' | '`')) {
        let (what, mend) = if name.is_empty() {
            (format!("no name stands behind `{sign}`"), "put the value in quotes if the sign belongs to it")
        } else {
            (
                format!("`{after}` cannot stand in the name behind `{sign}`"),
                "use letters, digits, `-` and `_`, or quotes",
            )
        };
        return Err(Fault::new(start, what, mend).because("`&` marks a value and `*` repeats it"));
    }
    Ok(if sign == '*' { Kind::Alias(name) } else { Kind::Anchor(name) })
}

/// `!suffix`, `!handle!suffix`, `!<suffix>`.
pub fn tag(cursor: &mut Cursor) -> Result<Kind, Fault> {
    let start = cursor.place();
    let kind = if cursor.at(1) == '<' {
        cursor.pass();
        cursor.pass();
        let suffix = uri(cursor, String::new(), false)?;
        if cursor.at(0) != '>' {
            return Err(Fault::new(start, "the tag that begins with `!<` never ends", "close it with `>`"));
        }
        cursor.pass();
        Kind::Tag(String::new(), suffix)
    } else {
        let handle = handle(cursor);
        if handle.len() > 1 && handle.ends_with('!') {
            Kind::Tag(handle, uri(cursor, String::new(), false)?)
        } else {
            let suffix = uri(cursor, handle.trim_start_matches('!').to_owned(), true)?;
            if suffix.is_empty() { Kind::Tag(String::new(), "!".into()) } else { Kind::Tag("!".into(), suffix) }
        }
    };
    if is_gap(cursor.at(0)) {
        return Ok(kind);
    }
    Err(Fault::new(start, format!("`{}` cannot stand in a tag", cursor.at(0)), "put the value in quotes")
        .because("`!` at the beginning of a value makes a tag of it"))
}

/// `%YAML 1.1` or `%TAG ! prefix`, with the rest of the line.
pub fn directive(cursor: &mut Cursor) -> Result<Kind, Fault> {
    let start = cursor.place();
    let wrong = || {
        Fault::new(
            start,
            "a line that begins with `%` is not understood",
            "indent the line, or put what it says in quotes",
        )
        .because("only `%YAML 1.1` and `%TAG` may begin with `%` in the first column")
    };
    cursor.pass();
    let name = word(cursor);
    if !is_gap(cursor.at(0)) {
        return Err(wrong());
    }
    cursor.pass_blanks();
    let kind = match name.as_str() {
        "YAML" => {
            let major = version(cursor).ok_or_else(wrong)?;
            if cursor.pass() != '.' {
                return Err(wrong());
            }
            Kind::Version(major, version(cursor).ok_or_else(wrong)?)
        }
        "TAG" => {
            let handle = handle(cursor);
            if !(handle == "!" || (handle.len() > 1 && handle.ends_with('!'))) || !is_blank(cursor.at(0)) {
                return Err(wrong());
            }
            cursor.pass_blanks();
            let prefix = uri(cursor, String::new(), false)?;
            if !is_gap(cursor.at(0)) {
                return Err(wrong());
            }
            Kind::TagPrefix(handle, prefix)
        }
        _ => return Err(wrong()),
    };
    cursor.pass_blanks();
    cursor.pass_comment();
    if !is_break_or_end(cursor.at(0)) {
        return Err(wrong());
    }
    if is_break(cursor.at(0)) {
        cursor.pass_break();
    }
    Ok(kind)
}

/// One or two digits.
fn version(cursor: &mut Cursor) -> Option<u32> {
    let mut digits = String::new();
    while cursor.at(0).is_ascii_digit() {
        digits.push(cursor.pass());
    }
    if digits.len() > 2 { None } else { digits.parse().ok() }
}

fn word(cursor: &mut Cursor) -> String {
    let mut word = String::new();
    while is_word(cursor.at(0)) {
        word.push(cursor.pass());
    }
    word
}

/// `!`, `!word` or `!word!`; empty if no `!` stands here.
fn handle(cursor: &mut Cursor) -> String {
    let mut handle = String::new();
    if cursor.at(0) == '!' {
        handle.push(cursor.pass());
        handle.push_str(&word(cursor));
        if cursor.at(0) == '!' {
            handle.push(cursor.pass());
        }
    }
    handle
}

/// The rest of a tag behind what was read of it.
fn uri(cursor: &mut Cursor, head: String, may_be_empty: bool) -> Result<String, Fault> {
    let mut text = head;
    let mut escaped = Vec::new();
    let mut any = may_be_empty;
    loop {
        match cursor.at(0) {
            '%' => {
                let digits = (cursor.at(1).to_digit(16), cursor.at(2).to_digit(16));
                let (Some(high), Some(low)) = digits else {
                    return Err(cursor.fault("`%` in a tag needs two hexadecimal digits", "put the value in quotes"));
                };
                escaped.push(u8::try_from(high << 4 | low).unwrap_or_default());
                (0..3).for_each(|_| {
                    cursor.pass();
                });
                match std::str::from_utf8(&escaped) {
                    Ok(decoded) => {
                        text.push_str(decoded);
                        escaped.clear();
                    }
                    Err(error) if error.error_len().is_none() => {}
                    Err(_) => {
                        return Err(cursor.fault("the `%` signs of a tag are not UTF-8", "put the value in quotes"));
                    }
                }
            }
            sign if escaped.is_empty() && (is_word(sign) || ";/?:@&=+$,.!~*'()[]".contains(sign)) => {
                text.push(cursor.pass());
            }
            _ => break,
        }
        any = true;
    }
    if !escaped.is_empty() {
        return Err(cursor.fault("the `%` signs of a tag are not UTF-8", "put the value in quotes"));
    }
    if any {
        Ok(text)
    } else {
        Err(cursor.fault("a tag is not complete", "write its name, or put the value in quotes"))
    }
}
