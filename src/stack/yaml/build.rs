//! From the document as written to the tree that is meant: aliases followed, `<<` merged, keys unique and text.
//! All faults are collected; the tree is only worth something if there are none.

use std::collections::HashMap;

use super::graph::{DEEPEST, Graph, Shape, Written};
use super::scalar;
use crate::stack::fault::{Fault, Faults};
use crate::stack::place::Place;
use crate::stack::tree::{Entry, Map, Node, Value};

/// Never more nodes come from aliases, whatever their share is: this many take some 40 MB.
const MOST_REPEATED: u64 = 400_000;
/// Never more bytes of text come from aliases.
const MOST_REPEATED_TEXT: usize = 16 * 1024 * 1024;

/// The tree of a document.
///
/// # Errors
/// Everything that is wrong in it.
pub fn build(graph: &Graph, root: usize) -> Result<Node, Vec<Fault>> {
    let mut builder = Builder {
        graph,
        faults: Faults::default(),
        following: Vec::new(),
        seen: 0,
        repeated: 0,
        repeated_text: 0,
        depth: 0,
        stop: false,
    };
    let node = builder.node(root);
    let faults = builder.faults.into_vec();
    if faults.is_empty() { Ok(node) } else { Err(faults) }
}

/// Whose keys are read. In a mapping that is merged, yaml.v3 makes text of every key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    Own,
    Merged,
}

struct Builder<'a> {
    graph: &'a Graph,
    faults: Faults,
    /// Aliases that are being followed.
    following: Vec<usize>,
    seen: u64,
    repeated: u64,
    repeated_text: usize,
    depth: usize,
    /// A budget is spent: nothing is followed any more.
    stop: bool,
}

impl Builder<'_> {
    fn node(&mut self, id: usize) -> Node {
        let Some(written) = self.graph.get(id) else { return null(Place::default()) };
        if !self.may_go_on(written.place) {
            return null(written.place);
        }
        self.depth += 1;
        let value = match &written.shape {
            Shape::Alias(name, target) => {
                let found = self.follow(id, name, *target, written.place);
                self.depth -= 1;
                return found;
            }
            Shape::Scalar { text, plain, tag } => {
                if !self.following.is_empty() {
                    self.repeated_text += text.len();
                }
                self.scalar(written.place, text, *plain, tag.as_deref())
            }
            Shape::List(items) => Value::List(items.iter().map(|item| self.node(*item)).collect()),
            Shape::Map(pairs) => Value::Map(self.map(pairs, Keys::Own)),
        };
        self.depth -= 1;
        Node { place: written.place, value }
    }

    /// yaml.v3's own rule against files that grow without end: the more nodes there are, the smaller the share of
    /// them that may come from aliases.
    fn may_go_on(&mut self, place: Place) -> bool {
        if self.stop {
            return false;
        }
        self.seen += 1;
        self.repeated += u64::from(!self.following.is_empty());
        let share = self.repeated as f64 / self.seen as f64;
        let excessive = self.repeated > 100 && self.seen > 1000 && share > allowed_share(self.seen);
        if excessive || self.repeated > MOST_REPEATED || self.repeated_text > MOST_REPEATED_TEXT {
            self.faults.push(
                Fault::new(
                    place,
                    "the aliases of this file repeat too much",
                    "write out what is meant, with fewer aliases inside of aliases",
                )
                .because(format!("{} of the {} values read so far are repetitions", self.repeated, self.seen)),
            );
            self.stop = true;
        } else if self.depth > DEEPEST {
            let what = format!("with its aliases followed, the file is nested more than {DEEPEST} levels deep");
            self.faults.push(Fault::new(place, what, "use fewer aliases inside of aliases"));
            self.stop = true;
        }
        !self.stop
    }

    fn follow(&mut self, id: usize, name: &str, target: usize, place: Place) -> Node {
        if self.following.contains(&id) {
            self.circle(name, place);
            return null(place);
        }
        self.following.push(id);
        let node = self.node(target);
        self.following.pop();
        node
    }

    fn circle(&mut self, name: &str, place: Place) {
        let what = format!("the anchor `&{name}` contains itself");
        self.faults.push(Fault::new(place, what, format!("take `*{name}` out of the value that `&{name}` marks")));
    }

    fn scalar(&mut self, place: Place, text: &str, plain: bool, tag: Option<&str>) -> Value {
        scalar::resolve(text, plain, tag).unwrap_or_else(|why| {
            self.faults.push(Fault::new(place, why, "mend the value, or take the tag away"));
            Value::Null
        })
    }

    fn map(&mut self, pairs: &[(usize, usize)], keys: Keys) -> Map {
        self.refuse_twins(pairs);
        let mut map = Growing::default();
        let mut merge = None;
        for &(key, value) in pairs {
            let Some(written) = self.graph.get(key) else { continue };
            if is_merge(written) {
                merge = Some((written.place, value));
            } else if let Some((text, place)) = self.key(key, keys) {
                let node = self.node(value);
                map.set(Entry { key: text, place, node });
            }
        }
        if let Some((place, value)) = merge {
            self.merge(place, value, &mut map);
        }
        map.map
    }

    /// The same key twice is told once for each time after the first.
    fn refuse_twins(&mut self, pairs: &[(usize, usize)]) {
        let mut first: HashMap<(bool, &str), Place> = HashMap::with_capacity(pairs.len());
        for &(key, _) in pairs {
            let Some(written) = self.graph.get(key) else { continue };
            let name = match &written.shape {
                Shape::Alias(name, _) => (true, name.as_str()),
                Shape::Scalar { text, .. } => (false, text.as_str()),
                Shape::List(_) | Shape::Map(_) => continue,
            };
            match first.get(&name) {
                Some(place) => self.faults.push(
                    Fault::new(
                        written.place,
                        format!("the key `{}` stands here a second time", name.1),
                        "keep one of the two, or merge what they hold into one",
                    )
                    .because(format!("it already stands in line {}", place.line)),
                ),
                None => {
                    first.insert(name, written.place);
                }
            }
        }
    }

    /// A key must be text: the docker CLI refuses `80:` as a key, wherever it stands.
    fn key(&mut self, id: usize, keys: Keys) -> Option<(String, Place)> {
        let written = self.graph.get(id)?;
        let mut meant = written;
        if let Shape::Alias(_, target) = &written.shape {
            meant = self.graph.get(*target)?;
            self.repeated += 1;
            if let Shape::Scalar { text, .. } = &meant.shape {
                self.repeated_text += text.len();
            }
        }
        self.seen += 1;
        if let Shape::Scalar { text, plain, tag } = &meant.shape {
            if !self.following.is_empty() {
                self.repeated += 1;
                self.repeated_text += text.len();
            }
            match (scalar::resolve(text, *plain, tag.as_deref()), tag.as_deref(), keys) {
                (Ok(Value::Text(text)), None | Some("!!str" | "!!merge"), _) => return Some((text, written.place)),
                (Ok(Value::Null), _, Keys::Merged) => return None,
                (Ok(_), _, Keys::Merged) => return Some((text.clone(), written.place)),
                _ => {}
            }
            let what = format!("the key `{text}` is not text");
            let why = "YAML reads it as a number, a date, true, false or null, or its tag says so";
            let mend = format!("put it in quotes: \"{text}\"");
            self.faults.push(Fault::new(written.place, what, mend).because(why));
        } else {
            self.faults.push(
                Fault::new(
                    written.place,
                    "a mapping or a sequence stands where a key belongs",
                    "put text with braces in quotes",
                )
                .because("unquoted, `{` and `[` begin a mapping and a sequence"),
            );
        }
        None
    }

    /// Keys that stand in the mapping itself win, then the first of the merged mappings that has the key.
    fn merge(&mut self, place: Place, id: usize, into: &mut Growing) {
        let Some(written) = self.graph.get(id) else { return };
        match &written.shape {
            Shape::Map(_) => self.merge_one(place, id, into),
            Shape::Alias(..) if self.leads_to_map(id) => self.merge_one(place, id, into),
            Shape::List(items) => {
                for item in items {
                    self.merge_one(place, *item, into);
                }
            }
            Shape::Alias(..) | Shape::Scalar { .. } => self.not_a_map(written.place),
        }
    }

    fn merge_one(&mut self, place: Place, id: usize, into: &mut Growing) {
        if !self.leads_to_map(id) {
            return self.not_a_map(self.graph.get(id).map_or(place, |written| written.place));
        }
        let Some(written) = self.graph.get(id) else { return };
        match &written.shape {
            Shape::Alias(name, target) => {
                if self.following.contains(&id) {
                    self.circle(name, written.place);
                } else if self.may_go_on(written.place) {
                    self.following.push(id);
                    self.depth += 1;
                    self.merge_one(place, *target, into);
                    self.depth -= 1;
                    self.following.pop();
                }
            }
            Shape::Map(pairs) if self.may_go_on(written.place) => {
                self.depth += 1;
                self.map(pairs, Keys::Merged).0.into_iter().for_each(|entry| into.add(entry));
                self.depth -= 1;
            }
            _ => {}
        }
    }

    fn leads_to_map(&self, id: usize) -> bool {
        match self.graph.get(id).map(|written| &written.shape) {
            Some(Shape::Alias(_, target)) => {
                matches!(self.graph.get(*target), Some(Written { shape: Shape::Map(_), .. }))
            }
            Some(Shape::Map(_)) => true,
            _ => false,
        }
    }

    fn not_a_map(&mut self, place: Place) {
        self.faults.push(Fault::new(
            place,
            "`<<` merges mappings only",
            "give it a mapping, an alias of one, or a list of those",
        ));
    }
}

/// yaml.v3's table: up to 400 000 values almost all may be repetitions, from 4 000 000 on a tenth.
fn allowed_share(seen: u64) -> f64 {
    const FEW: f64 = 400_000.0;
    const MANY: f64 = 4_000_000.0;
    let seen = seen as f64;
    if seen <= FEW {
        0.99
    } else if seen >= MANY {
        0.10
    } else {
        0.99 - 0.89 * ((seen - FEW) / (MANY - FEW))
    }
}

fn is_merge(written: &Written) -> bool {
    match &written.shape {
        Shape::Scalar { text, plain, tag } => {
            text == "<<" && (tag.as_deref() == Some("!!merge") || (tag.is_none() && *plain))
        }
        _ => false,
    }
}

fn null(place: Place) -> Node {
    Node { place, value: Value::Null }
}

/// A mapping with an index of its keys while it is built.
#[derive(Default)]
struct Growing {
    map: Map,
    keys: HashMap<String, usize>,
}

impl Growing {
    /// A key of the mapping itself. Only an alias as a key can bring the same one again, and then the last wins.
    fn set(&mut self, entry: Entry) {
        match self.keys.get(&entry.key).and_then(|at| self.map.0.get_mut(*at)) {
            Some(other) => *other = entry,
            None => self.add(entry),
        }
    }

    /// A key that was merged in.
    fn add(&mut self, entry: Entry) {
        if !self.keys.contains_key(&entry.key) {
            self.keys.insert(entry.key.clone(), self.map.0.len());
            self.map.0.push(entry);
        }
    }
}
