//! Values of whole lines, `|` and `>`.

use super::cursor::{Cursor, is_blank, is_break, is_break_or_end};
use crate::stack::fault::Fault;

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq)]
enum Tail {
    Strip,
    Clip,
    Keep,
}

/// The text; the cursor stands at the sign.
pub fn read(cursor: &mut Cursor, outer: i64, literal: bool) -> Result<String, Fault> {
    cursor.pass();
    let (tail, step) = header(cursor)?;
    let mut indent = if step > 0 { outer.max(0) + step } else { 0 };
    let mut text = String::new();
    let mut more = String::new();
    let mut last: Option<char> = None;
    let mut leading = false;
    breaks(cursor, &mut indent, outer, &mut more)?;
    while cursor.column == indent && cursor.at(0) != '\0' {
        let blank = is_blank(cursor.at(0));
        match last.take() {
            Some('\n') if !literal && !leading && !blank && more.is_empty() => text.push(' '),
            Some('\n') if !literal && !leading && !blank => {}
            Some(other) => text.push(other),
            None => {}
        }
        text.push_str(&more);
        more.clear();
        leading = blank;
        while !is_break_or_end(cursor.at(0)) {
            text.push(cursor.pass());
        }
        if is_break(cursor.at(0)) {
            last = Some(cursor.pass_break());
        }
        breaks(cursor, &mut indent, outer, &mut more)?;
    }
    if tail != Tail::Strip {
        text.extend(last);
    }
    if tail == Tail::Keep {
        text.push_str(&more);
    }
    Ok(text)
}

/// `+`, `-` and the number of columns, in any order, and the rest of the line.
fn header(cursor: &mut Cursor) -> Result<(Tail, i64), Fault> {
    let mut tail = chomp(cursor);
    let mut step = 0;
    if let Some(digit) = cursor.at(0).to_digit(10) {
        if digit == 0 {
            return Err(cursor.fault("a block cannot be indented by 0 columns", "write a number from 1 to 9, or none"));
        }
        step = i64::from(digit);
        cursor.pass();
        if tail.is_none() {
            tail = chomp(cursor);
        }
    }
    cursor.pass_blanks();
    cursor.pass_comment();
    if !is_break_or_end(cursor.at(0)) {
        return Err(cursor
            .fault("text stands behind the sign that begins a block", "begin the text on the next line, indented")
            .because("behind `|` and `>` only `+`, `-`, a digit and a comment may stand"));
    }
    if is_break(cursor.at(0)) {
        cursor.pass_break();
    }
    Ok((tail.unwrap_or(Tail::Clip), step))
}

fn chomp(cursor: &mut Cursor) -> Option<Tail> {
    let tail = match cursor.at(0) {
        '+' => Tail::Keep,
        '-' => Tail::Strip,
        _ => return None,
    };
    cursor.pass();
    Some(tail)
}

/// Passes indentation and empty lines. The first line with something in it decides on the indentation.
fn breaks(cursor: &mut Cursor, indent: &mut i64, outer: i64, into: &mut String) -> Result<(), Fault> {
    let mut deepest = 0;
    loop {
        while (*indent == 0 || cursor.column < *indent) && cursor.at(0) == ' ' {
            cursor.pass();
        }
        deepest = deepest.max(cursor.column);
        if (*indent == 0 || cursor.column < *indent) && cursor.at(0) == '\t' {
            return Err(cursor
                .fault("a tab stands where the indentation of a block is counted", "replace the tab by spaces")
                .because("YAML indents with spaces only"));
        }
        if !is_break(cursor.at(0)) {
            break;
        }
        into.push(cursor.pass_break());
    }
    if *indent == 0 {
        *indent = deepest.max(outer + 1).max(1);
    }
    Ok(())
}
