//! One stack file from its text to a tree that is interpolated and that the docker CLI would take.

use std::collections::BTreeMap;

use super::extensions;
use super::fault::{Fault, tell};
use super::interpolate::{Outcome, Variable, interpolate};
use super::place::{Place, Source};
use super::schema;
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
    let (document, faults) = read_as_far(file, source, environment)?;
    if faults.is_empty() { Ok(document) } else { Err(faults) }
}

/// As [`read`], and where faults leave a rest that is sound, that rest with the faults: what else is wrong in it can
/// then be told in the same breath.
///
/// # Errors
/// All faults, where nothing sound is left.
pub fn read_as_far(
    file: u16,
    source: &Source,
    environment: &BTreeMap<String, String>,
) -> Result<(Document, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut root = root(file, source).map_err(|faults| tell(faults, source))?;
    let version = root.map().map_or(Ok(Version::NEWEST), version).map_err(|fault| tell(vec![fault], source))?;
    let mut outcome = interpolate(&mut root, source, environment);
    let mut faults = std::mem::take(&mut outcome.faults).into_vec();
    faults.extend(schema::check(&mut root, version, &outcome));
    if !faults.is_empty() {
        root.leave_out(&faults.iter().map(|fault| fault.place).collect());
    }
    let Outcome { notes, variables, .. } = outcome;
    let mut notes = notes.into_vec();
    if let Value::Map(map) = &mut root.value {
        notes.extend(extensions::resolve(map));
        notes.extend(schema::notes(map));
    }
    Ok((Document { version, root, notes: tell(notes, source), variables }, tell(faults, source)))
}

/// What is seen in a tree that somebody else read: nobody is about to deploy it.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// All of it with its variables put in, what a swarm refuses included.
    pub root: Node,
    /// What a swarm refuses.
    pub refused: Vec<Fault>,
    /// What Quarterdeck takes and the docker CLI refuses.
    pub extended: Vec<Fault>,
    /// What a swarm ignores.
    pub ignored: Vec<Fault>,
}

/// Looks through a tree without taking anything out of it.
#[must_use]
pub fn survey(mut root: Node, source: &Source, environment: &BTreeMap<String, String>) -> Survey {
    let (version, wrong) = match root.map().map_or(Ok(Version::NEWEST), version) {
        Ok(version) => (version, None),
        Err(fault) => (Version::NEWEST, Some(fault)),
    };
    let mut outcome = interpolate(&mut root, source, environment);
    let mut refused = std::mem::take(&mut outcome.faults).into_vec();
    refused.extend(wrong);
    refused.extend(schema::check(&mut root, version, &outcome));
    let (mut extended, mut ignored) = (Vec::new(), Vec::new());
    if let Value::Map(map) = &mut root.value {
        extended = extensions::resolve(map);
        ignored = schema::notes(map);
    }
    Survey { root, refused, extended, ignored }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source { name: "a.yml".into(), text: text.into() }
    }

    fn document(text: &str) -> Document {
        read(0, &source(text), &BTreeMap::from([("A".to_owned(), "1".to_owned())])).unwrap()
    }

    fn faults(text: &str) -> Vec<Diagnostic> {
        read(0, &source(text), &BTreeMap::new()).unwrap_err()
    }

    fn words(notes: &[Diagnostic]) -> Vec<&str> {
        notes.iter().map(|note| note.what.as_str()).collect()
    }

    #[test]
    fn a_file_without_a_version_has_the_newest_and_3_means_it_too() {
        for (text, version) in [
            ("", 13),
            ("version: \"3\"\n", 13),
            ("version: \"\"\n", 13),
            ("version: \"3.8\"\n", 8),
            ("version: \"3.0\"\n", 0),
        ] {
            assert_eq!(document(&format!("{text}services: {{}}\n")).version, Version(version), "{text}");
        }
        for text in ["\"2.4\"", "3.8", "\"3.14\"", "\"3.01\"", "\"${A}\"", "~", "\"3.\"", "[]"] {
            assert_eq!(faults(&format!("version: {text}\n"))[0].place, "a.yml:1:10", "{text}");
        }
    }

    #[test]
    fn what_is_no_mapping_is_refused() {
        let table = [
            ("", "the file is empty"),
            ("# only this\n", "the file is empty"),
            ("---\n...\n", "the file is empty"),
            ("- a\n", "the file holds a list, not a mapping"),
            ("a\n", "the file holds a single value, not a mapping"),
        ];
        for (text, what) in table {
            assert_eq!(words(&faults(text)), [what], "{text:?}");
        }
    }

    #[test]
    fn faults_of_all_kinds_are_told_together_in_the_order_of_the_file() {
        let faults = faults(
            "services:\n  web:\n    user: 5\n    image: ${U:?x}\n    deploy: {replicas: $U}\n    mem_limit: 1g\n",
        );
        let places: Vec<_> = faults.iter().map(|fault| fault.place.as_str()).collect();
        assert_eq!(places, ["a.yml:3:11", "a.yml:4:12", "a.yml:5:24", "a.yml:6:5"]);
    }

    #[test]
    fn our_extensions_are_taken_out_and_noted() {
        let document = document(
            "name: x\nservices:\n  web:\n    image: a\n    depends_on: {db: {condition: service_healthy}, q: {}}\n  db: {image: b, profiles: []}\n  dev: {image: c, profiles: [dev]}\n  e: {image: d, env_file: [{path: f, required: false}]}\n",
        );
        let root = document.root.map().unwrap();
        assert!(root.get("name").is_none());
        let services = root.get("services").unwrap().map().unwrap();
        let names: Vec<_> = services.0.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(names, ["web", "db", "e"]);
        let after = services.get("web").unwrap().map().unwrap().get("depends_on").unwrap().list().unwrap();
        assert_eq!(after.iter().filter_map(Node::text).collect::<Vec<_>>(), ["db", "q"]);
        assert!(document.notes.iter().all(|note| note.why == ["the docker CLI refuses this"]), "{:?}", document.notes);
        assert_eq!(document.notes.len(), 4);
    }

    #[test]
    fn values_of_variables_stand_in_no_fault() {
        let environment = BTreeMap::from([("P".to_owned(), "hunter2".to_owned())]);
        let text = "services:\n  web:\n    stop_grace_period: $P\n    tty: $P\n    init: $P\n    deploy: {update_config: {order: $P}}\n";
        let faults = read(0, &source(text), &environment).unwrap_err();
        assert_eq!(faults.len(), 4);
        assert!(!format!("{faults:?}").contains("hunter2"));
    }

    #[test]
    fn a_thousand_services_are_read_without_delay() {
        let mut text = "services:\n".to_owned();
        for number in 0..1000 {
            text.push_str(&format!("  s{number}:\n    image: a:${{A}}\n    environment: {{A: $A, B: \"${{U:-x}}\"}}\n    deploy: {{replicas: 2}}\n"));
        }
        let document = document(&text);
        assert_eq!(document.variables.len(), 3000);
        assert_eq!(document.variables.last().map(|variable| variable.place.line), Some(4000));
    }
}
