//! Places in the docker CLI's files, and words of other programs without what could control a terminal.

use std::path::Path;

use crate::diag::Diagnostic;

/// A JSON file that cannot be read as what it should be.
pub fn unreadable(path: &Path, what: &str, error: &serde_json::Error) -> Diagnostic {
    let place = format!("{}:{}:{}", path.display(), error.line(), error.column());
    let why = error.to_string();
    // The place is told already, and an error of a value may quote the value: up to there the words are serde's own.
    let why = why.split(" at line ").next().unwrap_or_default();
    let why = if error.is_data() { kind_of(why) } else { why.to_owned() };
    Diagnostic::new(what, "mend the line named here, or let the docker CLI write the file anew").at(place).because(why)
}

/// What was expected, without what stands there: it may be a secret.
fn kind_of(why: &str) -> String {
    match why.split_once("expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => "a value is not what it should be".to_owned(),
    }
}

/// Where a key stands in a JSON text, as `:line:column`; empty if it cannot be found.
pub fn place_of(text: &str, key: &str) -> String {
    let quoted = serde_json::Value::from(key).to_string();
    let Some((before, _)) = text.split_once(&quoted) else { return String::new() };
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!(":{line}:{column}")
}

/// The first words of another program, harmless for a terminal.
pub fn harmless(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).take(200).collect()
}
