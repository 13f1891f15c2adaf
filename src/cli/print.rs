//! Text and JSON on standard output, faults on standard error. A reader that has gone away ends the verb quietly.

use std::io::{self, Write};

use serde::Serialize;

use crate::diag::Diagnostic;

/// One line on standard output; false when nobody reads any more.
pub fn line(text: &str) -> bool {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").is_ok()
}

/// Bytes as they came, on standard output or, where they are errors, on standard error.
pub fn bytes(bytes: &[u8], is_error: bool) -> io::Result<()> {
    if is_error {
        return io::stderr().lock().write_all(bytes);
    }
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// One JSON document on standard output, on several lines.
pub fn document(value: &impl Serialize) -> bool {
    serde_json::to_string_pretty(value).is_ok_and(|text| line(&text))
}

/// One JSON value on one line.
pub fn json_line(value: &impl Serialize) -> bool {
    serde_json::to_string(value).is_ok_and(|text| line(&text))
}

/// A fault on standard error.
pub fn fault(fault: &Diagnostic) {
    let _ = writeln!(io::stderr().lock(), "{fault}");
}

/// A remark on standard error.
pub fn remark(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// A line on standard error that the next one takes the place of; an empty one takes it away.
pub fn bar(text: &str, terminal: bool) {
    if terminal {
        let mut err = io::stderr().lock();
        // A line that the terminal breaks is not taken away by the next.
        let room = usize::from(crate::session::size().0).saturating_sub(1);
        let short =
            text.get(..crate::app::wrap::rows(text, room).get(1).copied().unwrap_or(text.len())).unwrap_or(text);
        let _ = write!(err, "\r\u{1b}[K{short}").and_then(|()| err.flush());
    }
}

/// Takes the last lines on standard error away, a terminal given.
pub fn up(lines: usize) {
    if lines > 0 {
        let mut err = io::stderr().lock();
        let _ = write!(err, "\r\u{1b}[{lines}A\u{1b}[J").and_then(|()| err.flush());
    }
}
