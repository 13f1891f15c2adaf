//! What reading a file carries along: where it is, what was found wrong, and what is worth knowing.
//! It never stops at the first fault.

use std::collections::BTreeMap;
use std::path::Path;

use super::shape::Shape;
use crate::diag::Diagnostic;
use crate::stack::fault::Fault;
use crate::stack::place::{Folder, Place, Sources};
use crate::stack::tree::{Map, Node, Value};
use crate::stack::wish::{Awaited, Kind};

/// Carried along while a file is read.
pub struct Cx<'a> {
    /// What places are called.
    pub sources: &'a Sources,
    /// Where relative paths begin.
    pub dir: &'a str,
    /// Where files come from.
    pub folder: &'a dyn Folder,
    /// The variables of the environment.
    pub environment: &'a BTreeMap<String, String>,
    /// What is wrong, and where.
    pub faults: Vec<Fault>,
    /// What is no fault and should be known.
    pub notes: Vec<Diagnostic>,
    /// What stands in files that are not there yet.
    pub awaited: Vec<Awaited>,
    path: Vec<String>,
}

impl<'a> Cx<'a> {
    /// Nothing found yet.
    pub fn new(
        sources: &'a Sources,
        dir: &'a str,
        folder: &'a dyn Folder,
        environment: &'a BTreeMap<String, String>,
    ) -> Self {
        let (faults, notes, awaited, path) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { sources, dir, folder, environment, faults, notes, awaited, path }
    }

    /// Does something one key deeper.
    pub fn within<T>(&mut self, key: impl Into<String>, deed: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(key.into());
        let result = deed(self);
        self.path.pop();
        result
    }

    /// The field of a mapping; nothing written is the same as nothing there.
    pub fn field<T: Shape>(&mut self, map: &Map, key: &str) -> T {
        match map.get(key) {
            None | Some(Node { value: Value::Null, .. }) => T::default(),
            Some(node) => self.within(key, |cx| T::decode(node, cx)),
        }
    }

    /// The mapping that must stand here.
    pub fn map<'n>(&mut self, node: &'n Node) -> Option<&'n Map> {
        let map = node.map();
        if map.is_none() && node.value != Value::Null {
            self.wrong(node.place, "a mapping stands here", "write it as  key: value");
        }
        map
    }

    /// Where we are, as `services.web.ports`.
    pub fn here(&self) -> String {
        self.path.join(".").replace(".[", "[")
    }

    /// This value cannot be used.
    pub fn wrong(&mut self, place: Place, why: impl Into<String>, mend: impl Into<String>) {
        let what = format!("{} cannot be used", self.here());
        self.fault(place, what, why, mend);
    }

    /// Something is wrong, in other words than that a value cannot be used.
    pub fn fault(&mut self, place: Place, what: impl Into<String>, why: impl Into<String>, mend: impl Into<String>) {
        let diagnostic = Diagnostic::new(what, mend).at(self.sources.name(place)).because(why);
        self.faults.push(Fault { place, diagnostic });
    }

    /// Whether somebody makes this file, which is not there, before the stack is deployed; then it is awaited.
    pub fn awaits(&mut self, (kind, key): (Option<Kind>, &str), path: &str) -> bool {
        let Some(by) = self.folder.maker(Path::new(path)) else { return false };
        self.awaited.push(Awaited { kind, key: key.to_owned(), by });
        true
    }

    /// The key of the service that is read; empty outside of services.
    pub fn service(&self) -> String {
        match self.path.as_slice() {
            [services, key, ..] if services == "services" => key.clone(),
            _ => String::new(),
        }
    }

    /// What is wrong and told already.
    pub fn told(&mut self, faults: impl IntoIterator<Item = Diagnostic>) {
        self.faults.extend(faults.into_iter().map(|diagnostic| Fault { place: Place::default(), diagnostic }));
    }

    /// Everything that is wrong, as a person reads it.
    pub fn into_faults(self) -> Vec<Diagnostic> {
        self.faults.into_iter().map(|fault| fault.diagnostic).collect()
    }

    /// A value of the wrong kind.
    pub fn not_a(&mut self, node: &Node, wanted: &str) {
        let mend = match (&node.value, wanted) {
            (Value::Time(_) | Value::Int(_) | Value::Big(_) | Value::Float(_), "text") => {
                "put quotation marks around it".to_owned()
            }
            _ => format!("write {wanted}"),
        };
        self.wrong(node.place, format!("{} stands where {wanted} is wanted", kind(&node.value)), mend);
    }

    /// Something that should be known.
    pub fn note(&mut self, place: Place, what: impl Into<String>, mend: impl Into<String>) {
        self.notes.push(Diagnostic::new(what, mend).at(self.sources.name(place)));
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Int(_) | Value::Big(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Time(_) => "a date",
        Value::Text(_) => "text",
        Value::List(_) => "a list",
        Value::Map(_) => "a mapping",
    }
}
