//! The document as it is written: aliases are still aliases and `<<` is still a key. Nodes lie in one row and name
//! each other by number, so that an alias costs nothing and a cycle harms nobody.

use std::collections::HashMap;

use super::event::{Event, Marks, What};
use crate::stack::fault::Fault;
use crate::stack::place::Place;

/// Deeper nesting is refused: no stack file has it, and everything after this walks the tree by calling itself.
pub const DEEPEST: usize = 200;

/// All nodes of a document; the last that was finished is the root.
#[derive(Debug, Default)]
pub struct Graph {
    nodes: Vec<Written>,
}

/// A node as written.
#[derive(Debug)]
pub struct Written {
    /// Where it begins.
    pub place: Place,
    /// What it is.
    pub shape: Shape,
}

/// What a node can be.
#[derive(Debug)]
pub enum Shape {
    /// `*name`, and the node with that anchor.
    Alias(String, usize),
    /// A single value.
    Scalar {
        /// Its text.
        text: String,
        /// Without quotes.
        plain: bool,
        /// Its tag.
        tag: Option<String>,
    },
    /// A sequence.
    List(Vec<usize>),
    /// A mapping.
    Map(Vec<(usize, usize)>),
}

impl Graph {
    /// The node of a number. Numbers come from this graph only, so there always is one.
    #[must_use]
    pub fn get(&self, id: usize) -> Option<&Written> {
        self.nodes.get(id)
    }

    /// Reads one document. None if there is nothing in it.
    ///
    /// # Errors
    /// What the reader of the text finds wrong, unknown anchors, and nesting without end.
    pub fn read(events: impl Iterator<Item = Result<Event, Fault>>) -> Result<Option<(Self, usize)>, Fault> {
        let mut reading = Reading::default();
        let mut root = None;
        // What is wrong right behind the document is told too, so all events are taken.
        for event in events {
            root = root.or(reading.take(event?)?);
        }
        Ok(root.map(|root| (reading.graph, root)))
    }
}

#[derive(Default)]
struct Reading {
    graph: Graph,
    anchors: HashMap<String, usize>,
    open: Vec<Open>,
}

/// A sequence or mapping that has not ended yet; in a mapping keys and values take turns.
struct Open {
    id: usize,
    children: Vec<usize>,
    map: bool,
}

impl Reading {
    /// The root, once it is complete.
    fn take(&mut self, event: Event) -> Result<Option<usize>, Fault> {
        let place = event.place;
        let done = match event.what {
            What::Alias(name) => {
                let Some(target) = self.anchors.get(&name).copied() else {
                    return Err(unknown(place, &name));
                };
                self.add(place, Shape::Alias(name, target), None)
            }
            What::Scalar { text, plain, marks } => {
                let Marks { anchor, tag } = marks;
                self.add(place, Shape::Scalar { text, plain, tag }, anchor)
            }
            What::List(marks) => return self.begin(place, Shape::List(Vec::new()), marks).map(|()| None),
            What::Map(marks) => return self.begin(place, Shape::Map(Vec::new()), marks).map(|()| None),
            What::End => match self.end() {
                Some(id) => id,
                None => return Ok(None),
            },
        };
        match self.open.last_mut() {
            Some(parent) => {
                parent.children.push(done);
                Ok(None)
            }
            None => Ok(Some(done)),
        }
    }

    fn add(&mut self, place: Place, shape: Shape, anchor: Option<String>) -> usize {
        let id = self.graph.nodes.len();
        self.graph.nodes.push(Written { place, shape });
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, id);
        }
        id
    }

    fn begin(&mut self, place: Place, shape: Shape, marks: Marks) -> Result<(), Fault> {
        if self.open.len() >= DEEPEST {
            return Err(Fault::new(
                place,
                format!("the file is nested more than {DEEPEST} levels deep"),
                "take levels out of it; no stack needs more than twenty",
            ));
        }
        let map = matches!(shape, Shape::Map(_));
        let id = self.add(place, shape, marks.anchor);
        self.open.push(Open { id, children: Vec::new(), map });
        Ok(())
    }

    fn end(&mut self) -> Option<usize> {
        let Open { id, children, map } = self.open.pop()?;
        if let Some(node) = self.graph.nodes.get_mut(id) {
            node.shape = if map {
                Shape::Map(children.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect())
            } else {
                Shape::List(children)
            };
        }
        Some(id)
    }
}

fn unknown(place: Place, name: &str) -> Fault {
    Fault::new(
        place,
        format!("`*{name}` names an anchor that the file does not have"),
        format!("write `&{name}` at the value that is meant, above this line, or mend the name"),
    )
    .because("an alias repeats a value that was marked with `&` further up in the same file")
}
