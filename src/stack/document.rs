//! One stack file from its text to a tree that is interpolated and that the docker CLI would take.

use std::collections::BTreeMap;

use super::fault::{Fault, tell};
use super::interpolate::{Outcome, Variable, interpolate};
use super::place::{Place, Source};
use super::tree::{Map, Node, Value};
use super::yaml;
use crate::diag::Diagnostic;

/// A version of the file format: 3 and what stands behind its point. Files without one mean the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u8);

impl Version {
    /// What a file without a version has.
    pub const NEWEST: Self = Self(13);
}

/// A stack file that was read and found good.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The version that rules over it.
    pub version: Version,
    /// All of it, always a mapping.
    pub root: Node,
    /// What is no fault and should be known.
    pub notes: Vec<Diagnostic>,
    /// The variables it uses, in the order of the file.
    pub variables: Vec<Variable>,
}

/// Reads a stack file. `file` is the number it has in [`super::Sources`].
///
/// # Errors
/// All faults that can be found, in the order of the file.
pub fn read(file: u16, source: &Source, environment: &BTreeMap<String, String>) -> Result<Document, Vec<Diagnostic>> {
    let mut root = root(file, source).map_err(|faults| tell(faults, source))?;
    let version = root.map().map_or(Ok(Version::NEWEST), version).map_err(|fault| tell(vec![fault], source))?;
    let Outcome { faults, notes, variables, failed: _ } = interpolate(&mut root, source, environment);
    if !faults.is_empty() {
        return Err(tell(faults, source));
    }
    Ok(Document { version, root, notes: tell(notes, source), variables })
}

fn root(file: u16, source: &Source) -> Result<Node, Vec<Fault>> {
    let start = Place { file, line: 1, column: 1 };
    let mend = "begin the file with `services:` and indent the services below it";
    match yaml::read(file, &source.text)? {
        Some(node) if node.map().is_some() => Ok(node),
        None | Some(Node { value: Value::Null, .. }) => Err(vec![
            Fault::new(start, "the file is empty", mend).because("a stack file is a mapping with `services` in it"),
        ]),
        Some(node) => {
            let found = if node.list().is_some() { "a list" } else { "a single value" };
            let what = format!("the file holds {found}, not a mapping");
            Err(vec![Fault::new(node.place, what, mend).because("a stack file is a mapping with `services` in it")])
        }
    }
}

/// What `version` says. It is read before variables are put in.
fn version(root: &Map) -> Result<Version, Fault> {
    let Some(node) = root.get("version") else { return Ok(Version::NEWEST) };
    let newest = Version::NEWEST.0;
    let mend = format!("write `version: \"3.{newest}\"`, or take the line away, which means the same");
    let Some(text) = node.text() else {
        return Err(Fault::new(node.place, "`version` is not text", mend)
            .because("without quotes YAML reads a number, and then 3.10 would be 3.1"));
    };
    let minor = match text.split_once('.') {
        None if text.is_empty() || text == "3" => Some(newest),
        Some(("3", minor)) => minor.parse().ok().filter(|number: &u8| *number <= newest && number.to_string() == minor),
        _ => None,
    };
    minor.map(Version).ok_or_else(|| {
        Fault::new(node.place, format!("the file format \"{text}\" cannot be deployed to a swarm"), mend)
            .because(format!("stacks are written in the versions 3.0 to 3.{newest}; variables are not put in here"))
    })
}
