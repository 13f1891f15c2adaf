//! Values without quotes.

use super::cursor::{Cursor, is_blank, is_break, is_gap};
use super::quoted::Folding;
use crate::stack::fault::Fault;

/// The text, and whether it ended with its line: then a key may follow.
pub fn read(cursor: &mut Cursor, indent: i64, flow: bool) -> Result<(String, bool), Fault> {
    let least = indent + 1;
    let mut text = String::new();
    let mut gap = Folding::default();
    while !cursor.at_document_sign('-') && !cursor.at_document_sign('.') && cursor.at(0) != '#' {
        while !is_gap(cursor.at(0)) && !ends(cursor, flow) {
            gap.join(&mut text);
            text.push(cursor.pass());
        }
        if !is_blank(cursor.at(0)) && !is_break(cursor.at(0)) {
            break;
        }
        while is_blank(cursor.at(0)) || is_break(cursor.at(0)) {
            if gap.broken && cursor.column < least && cursor.at(0) == '\t' {
                return Err(cursor
                    .fault(
                        "a tab stands where the indentation is counted",
                        "replace the tab by spaces, or take it away",
                    )
                    .because("YAML indents with spaces only"));
            }
            gap.pass(cursor);
        }
        if !flow && cursor.column < least {
            break;
        }
    }
    Ok((text, gap.broken))
}

fn ends(cursor: &Cursor, flow: bool) -> bool {
    match cursor.at(0) {
        ':' => is_gap(cursor.at(1)),
        ',' | '?' | '[' | ']' | '{' | '}' => flow,
        _ => false,
    }
}
