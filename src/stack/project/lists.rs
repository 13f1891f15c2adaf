//! Lists: those that a later file lengthens, those it replaces, and those whose entries it replaces one by one.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::cx::Cx;
use super::shape::{Shape, Written};
use crate::stack::grammar::{shell, sprint};
use crate::stack::tree::{Node, Value};

/// A list that a later file lengthens; a list that was never written differs from an empty one.
#[derive(Debug, Clone, PartialEq)]
pub struct List<T>(pub Option<Vec<T>>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> List<T> {
    /// What is in it.
    pub fn items(&self) -> &[T] {
        self.0.as_deref().unwrap_or_default()
    }

    /// Longer by another; nothing added to nothing stays nothing.
    fn extend(&mut self, over: Self) {
        let more = over.0.unwrap_or_default();
        if !more.is_empty() {
            self.0.get_or_insert_default().extend(more);
        }
    }
}

/// Each item of a list, with its number in the path.
fn each<T>(node: &Node, cx: &mut Cx<'_>, mut read: impl FnMut(&Node, &mut Cx<'_>) -> T) -> Option<Vec<T>> {
    let Some(items) = node.list() else {
        cx.not_a(node, "a list");
        return None;
    };
    Some(items.iter().enumerate().map(|(at, item)| cx.within(format!("[{at}]"), |cx| read(item, cx))).collect())
}

impl<T: Shape> Shape for List<T> {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        Self(each(node, cx, T::decode))
    }
    fn merge(&mut self, over: Self) {
        self.extend(over);
    }
    fn is_empty(&self) -> bool {
        self.items().is_empty()
    }
    fn emit(&self) -> Json {
        self.items().iter().map(Shape::emit).collect()
    }
}

/// Texts: one, or a list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Texts(pub List<Written>);

impl Texts {
    /// The texts alone.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.items().iter().map(|item| item.text.as_str())
    }

    /// Whether it was written at all.
    pub fn is_written(&self) -> bool {
        self.0.0.is_some()
    }
}

impl Shape for Texts {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        match node.value {
            Value::List(_) => Self(List::decode(node, cx)),
            _ => Self(List(Some(vec![Written::decode(node, cx)]))),
        }
    }
    fn merge(&mut self, over: Self) {
        self.0.merge(over.0);
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn emit(&self) -> Json {
        self.0.emit()
    }
}

/// A scalar as text, numbers as Go prints them; nothing where nothing is written.
pub fn scalar(node: &Node, cx: &mut Cx<'_>) -> Option<String> {
    match &node.value {
        Value::Null => None,
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Big(number) => Some(number.to_string()),
        Value::Float(number) => Some(sprint::float(*number)),
        Value::Time(text) | Value::Text(text) => Some(text.clone()),
        Value::List(_) | Value::Map(_) => {
            cx.not_a(node, "text");
            None
        }
    }
}

/// Texts or numbers, all taken as text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scalars(List<Written>);

impl Shape for Scalars {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        let item =
            |node: &Node, cx: &mut Cx<'_>| Written { text: scalar(node, cx).unwrap_or_default(), place: node.place };
        Self(List(each(node, cx, item)))
    }
    fn merge(&mut self, over: Self) {
        self.0.merge(over.0);
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn emit(&self) -> Json {
        self.0.emit()
    }
}

/// A command: one line that is split into words, or a list of words. A later file replaces it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Command(pub Texts);

impl Shape for Command {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        let Some(line) = node.text() else { return Self(Texts::decode(node, cx)) };
        let words = shell::split(line).unwrap_or_else(|why| {
            cx.wrong(node.place, why, "close the quotation mark, or write the command as a list of words");
            Vec::new()
        });
        Self(Texts(List(Some(words.into_iter().map(|text| Written { text, place: node.place }).collect()))))
    }
    fn merge(&mut self, over: Self) {
        if !over.is_empty() || !self.0.is_written() {
            *self = over;
        }
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn emit(&self) -> Json {
        self.0.emit()
    }
}

/// What a health check runs: a line for the shell, or a list. A later file lengthens it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Test(pub Texts);

impl Shape for Test {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        let mut texts = Texts::decode(node, cx);
        if let (Value::Text(_), Some(list)) = (&node.value, texts.0.0.as_mut()) {
            list.insert(0, Written { text: "CMD-SHELL".to_owned(), place: node.place });
        }
        Self(texts)
    }
    fn merge(&mut self, over: Self) {
        self.0.merge(over.0);
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn emit(&self) -> Json {
        self.0.emit()
    }
}

/// An entry that a later file replaces by its key.
pub trait Keyed {
    /// What it is replaced by and sorted by.
    type Key: Ord;

    /// Its key.
    fn key(&self) -> Self::Key;

    /// The entries that one item of the list means.
    fn entries(node: &Node, cx: &mut Cx<'_>) -> Vec<Self>
    where
        Self: Sized;
}

/// A list whose entries a later file replaces by key. As soon as a service stands in a second file, entries of the
/// same key become one and all are sorted: so the CLI has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Table<T>(pub List<T>);

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(List(None))
    }
}

impl<T: Keyed + Shape> Shape for Table<T> {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        Self(List(each(node, cx, T::entries).map(|items| items.into_iter().flatten().collect())))
    }
    fn merge(&mut self, over: Self) {
        match self.0.0.take() {
            None => self.0.extend(over.0),
            Some(base) => {
                let all = base.into_iter().chain(over.0.0.unwrap_or_default());
                let table: BTreeMap<T::Key, T> = all.map(|item| (item.key(), item)).collect();
                self.0.0 = Some(table.into_values().collect());
            }
        }
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn emit(&self) -> Json {
        self.0.emit()
    }
}
