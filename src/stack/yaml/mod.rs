//! YAML text to a [`Node`] tree, as yaml.v3 reads it for the docker CLI: the same files are refused, and scalars mean
//! the same. Own from the first byte on, because a reader of YAML 1.2 refuses files that the CLI deploys (a closing
//! bracket in the first column, a tab after a colon) and takes others that it refuses.
//! Never panics and never grows beyond its budgets, whatever the text is.

mod block;
mod build;
mod cursor;
mod event;
mod graph;
mod parser;
mod plain;
mod quoted;
mod scalar;
mod scanner;
mod tag;
mod time;
mod token;

use super::fault::Fault;
use super::place::Place;
use super::tree::Node;

/// A longer text is refused unread; stack files of a thousand services stay far below.
pub const LONGEST: usize = 4 * 1024 * 1024;

/// The first document of the text, or none if there is nothing in it.
///
/// # Errors
/// All faults of the text; one alone if the text cannot be read on after it.
pub fn read(file: u16, text: &str) -> Result<Option<Node>, Vec<Fault>> {
    let start = Place { file, line: 1, column: 1 };
    if text.len() > LONGEST {
        let what = format!("the file has {} bytes, more than the {LONGEST} that a stack file may have", text.len());
        let mend = "split the stack, and move the content of configs into files of their own";
        return Err(vec![Fault::new(Place { line: 0, column: 0, ..start }, what, mend)]);
    }
    if let Some(fault) = control_sign(start, text) {
        return Err(vec![fault]);
    }
    let graph = graph::Graph::read(parser::Parser::new(file, text)).map_err(|fault| vec![fault])?;
    graph.map(|(graph, root)| build::build(&graph, root)).transpose()
}

/// Signs that no YAML text may hold. Most texts have none, so their place is counted only when one is found.
fn control_sign(start: Place, text: &str) -> Option<Fault> {
    let wrong = |sign: char| match sign {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\u{fffe}' | '\u{ffff}' => true,
        sign => sign.is_control(),
    };
    let (at, sign) = text.char_indices().find(|(_, sign)| wrong(*sign))?;
    let mut cursor = cursor::Cursor::new(start.file, text.get(..at).unwrap_or_default());
    while cursor.at(0) != '\0' {
        if cursor::is_break(cursor.at(0)) {
            cursor.pass_break();
        } else {
            cursor.pass();
        }
    }
    let what = format!("the control character U+{:04X} stands in the file", u32::from(sign));
    Some(Fault::new(cursor.place(), what, "take it away, or write it as an escape in double quotes"))
}

#[cfg(test)]
mod tests;
