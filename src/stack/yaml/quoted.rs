//! Values in quotes, and how lines of one value are folded into each other.

use super::cursor::{Cursor, is_blank, is_break, is_gap};
use crate::stack::fault::Fault;
use crate::stack::place::Place;

/// The text between quotes; the cursor stands at the first of them.
pub fn read(cursor: &mut Cursor, quote: char) -> Result<String, Fault> {
    let start = cursor.place();
    cursor.pass();
    let mut text = String::new();
    loop {
        if cursor.at_document_sign('-') || cursor.at_document_sign('.') {
            return Err(open(start, quote).because("the document ends inside of it"));
        }
        if cursor.at(0) == '\0' {
            return Err(open(start, quote).because("the file ends inside of it"));
        }
        let mut gap = Folding { broken: content(cursor, quote, &mut text)?, ..Folding::default() };
        if cursor.at(0) == quote {
            cursor.pass();
            return Ok(text);
        }
        while is_blank(cursor.at(0)) || is_break(cursor.at(0)) {
            gap.pass(cursor);
        }
        gap.join(&mut text);
    }
}

/// Reads up to a gap or the closing quote; true if it ended with an escaped line break.
fn content(cursor: &mut Cursor, quote: char, text: &mut String) -> Result<bool, Fault> {
    while !is_gap(cursor.at(0)) {
        match (cursor.at(0), cursor.at(1)) {
            ('\'', '\'') if quote == '\'' => {
                cursor.pass();
                text.push(cursor.pass());
            }
            (sign, _) if sign == quote => return Ok(false),
            ('\\', next) if quote == '"' && is_break(next) => {
                cursor.pass();
                cursor.pass_break();
                return Ok(true);
            }
            ('\\', _) if quote == '"' => text.push(escape(cursor)?),
            _ => text.push(cursor.pass()),
        }
    }
    Ok(false)
}

fn escape(cursor: &mut Cursor) -> Result<char, Fault> {
    let start = cursor.place();
    cursor.pass();
    let sign = cursor.at(0);
    let meant = match sign {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        ' ' | '"' | '\'' | '\\' => sign,
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' | 'u' | 'U' => return code(cursor, start),
        sign => {
            let shown = if is_gap(sign) { "a blank".to_owned() } else { format!("`{sign}`") };
            let mend = "double the backslash, or put the value in single quotes";
            return Err(Fault::new(start, format!("the backslash before {shown} says nothing in double quotes"), mend));
        }
    };
    cursor.pass();
    Ok(meant)
}

/// `\x41`, `\u0041`, `\U00000041`.
fn code(cursor: &mut Cursor, start: Place) -> Result<char, Fault> {
    let sign = cursor.pass();
    let length = match sign {
        'x' => 2,
        'u' => 4,
        _ => 8,
    };
    let mut value: u32 = 0;
    for _ in 0..length {
        let Some(digit) = cursor.at(0).to_digit(16) else {
            let what = format!("`\\{sign}` needs {length} hexadecimal digits");
            return Err(Fault::new(start, what, "write the digits, or double the backslash"));
        };
        value = value << 4 | digit;
        cursor.pass();
    }
    char::from_u32(value).ok_or_else(|| {
        Fault::new(start, format!("`\\{sign}` names no character: {value:X}"), "write the character itself")
    })
}

fn open(start: Place, quote: char) -> Fault {
    Fault::new(start, format!("the quote {quote} that begins here never ends"), "close it, or take it away")
}

/// What lies between two words of one value.
#[derive(Default)]
pub struct Folding {
    /// A line has ended.
    pub broken: bool,
    blanks: String,
    first: Option<char>,
    more: String,
}

impl Folding {
    /// Passes one blank or line break.
    pub fn pass(&mut self, cursor: &mut Cursor) {
        if is_blank(cursor.at(0)) {
            let blank = cursor.pass();
            if !self.broken {
                self.blanks.push(blank);
            }
        } else if self.broken {
            self.more.push(cursor.pass_break());
        } else {
            self.blanks.clear();
            self.first = Some(cursor.pass_break());
            self.broken = true;
        }
    }

    /// Blanks stay, one line break becomes a space, of several all but the first stay.
    pub fn join(&mut self, text: &mut String) {
        if !self.broken && self.blanks.is_empty() {
            return;
        }
        if self.broken {
            match self.first {
                Some('\n') if self.more.is_empty() => text.push(' '),
                Some('\n') | None => {}
                Some(other) => text.push(other),
            }
            text.push_str(&self.more);
        } else {
            text.push_str(&self.blanks);
        }
        *self = Self::default();
    }
}
