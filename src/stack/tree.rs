//! A YAML document as a tree in which every node and every key knows where it was written.
//! What a scalar means was decided when it was read, as the docker CLI's reader (yaml.v3) decides it.

use std::collections::BTreeSet;

use super::place::Place;

/// A value and where it was written. Through an anchor or a merge it keeps the place where it was written first.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where.
    pub place: Place,
    /// What.
    pub value: Value,
}

/// What can be written.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~`, or nothing.
    Null,
    /// `true` and `false` only, in the spellings of YAML 1.2's core schema.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number above what fits into [`Value::Int`].
    Big(u64),
    /// Any other number.
    Float(f64),
    /// An unquoted date, in the words Go's `time.Time` prints.
    Time(String),
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping.
    Map(Map),
}

/// A mapping in the order in which it was written. A key stands in it once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map(pub Vec<Entry>);

/// One key of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key as text.
    pub key: String,
    /// Where the key was written.
    pub place: Place,
    /// What it leads to.
    pub node: Node,
}

impl Map {
    /// What a key leads to.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// A key with its place and what it leads to.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key == key)
    }
}

impl Node {
    /// Takes out what lies at these places: entries by their keys or values, items, and texts with a place inside of
    /// them. A text that still holds a variable goes too, for nobody knows what it would have been.
    pub fn leave_out(&mut self, places: &BTreeSet<Place>) {
        match &mut self.value {
            Value::List(items) => {
                items.retain(|item| !item.is_at(places));
                items.iter_mut().for_each(|item| item.leave_out(places));
            }
            Value::Map(map) => {
                map.0.retain(|entry| !places.contains(&entry.place) && !entry.node.is_at(places));
                map.0.iter_mut().for_each(|entry| entry.node.leave_out(places));
            }
            _ => {}
        }
    }

    fn is_at(&self, places: &BTreeSet<Place>) -> bool {
        let inside = |place: &Place| (place.file, place.line) == (self.place.file, self.place.line);
        match &self.value {
            Value::Text(text) => {
                text.contains('$') || places.iter().any(|place| inside(place) && place.column >= self.place.column)
            }
            _ => places.contains(&self.place),
        }
    }

    /// The mapping, if it is one.
    #[must_use]
    pub fn map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The sequence, if it is one.
    #[must_use]
    pub fn list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    /// The text, if it is text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}
