//! What every value of a stack file can do: be read from the tree, be overridden by a later file, be printed.
//! The rules of overriding are those of the library that the docker CLI merges with: an empty value never overrides.

use serde_json::Value as Json;

use super::cx::Cx;
use crate::stack::grammar::{duration, size};
use crate::stack::place::Place;
use crate::stack::tree::{Node, Value};

/// A value of a stack file.
pub trait Shape: Sized + Default {
    /// Read from the tree; what cannot be read is told and is empty.
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self;

    /// Overridden by the same value of a later file.
    fn merge(&mut self, over: Self);

    /// The same where the value may be absent and both files have it.
    fn merge_through(&mut self, over: Self) {
        self.merge(over);
    }

    /// Nothing is said, so nothing is printed.
    fn is_empty(&self) -> bool;

    /// As it is printed.
    fn emit(&self) -> Json;
}

/// Declares a mapping with known keys, in the order in which the CLI prints them.
macro_rules! shape {
    ($(#[$doc:meta])* $name:ident { $($(#[$said:meta])* $field:ident: $kind:ty = $key:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct $name {
            /// Where it was written.
            pub place: $crate::stack::place::Place,
            $($(#[$said])* pub $field: $kind,)*
        }

        impl $crate::stack::project::shape::Shape for $name {
            fn decode(node: &$crate::stack::tree::Node, cx: &mut $crate::stack::project::cx::Cx<'_>) -> Self {
                match cx.map(node) {
                    Some(map) => Self { place: node.place, $($field: cx.field(map, $key),)* },
                    None => Self::default(),
                }
            }
            fn merge(&mut self, over: Self) {
                $(self.$field.merge(over.$field);)*
            }
            fn is_empty(&self) -> bool {
                $(self.$field.is_empty())&&*
            }
            fn emit(&self) -> serde_json::Value {
                let mut object = serde_json::Map::new();
                $(if !self.$field.is_empty() {
                    object.insert($key.to_owned(), self.$field.emit());
                })*
                object.into()
            }
        }
    };
}
pub(super) use shape;

/// Text, and where it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// Where.
    pub place: Place,
}

impl std::ops::Deref for Written {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Shape for Written {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        match &node.value {
            Value::Text(text) => Self { text: text.clone(), place: node.place },
            Value::Null => Self::default(),
            _ => {
                cx.not_a(node, "text");
                Self::default()
            }
        }
    }
    fn merge(&mut self, over: Self) {
        if !over.text.is_empty() {
            *self = over;
        }
    }
    fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
    fn emit(&self) -> Json {
        self.text.clone().into()
    }
}

impl Shape for bool {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        match node.value {
            Value::Bool(flag) => flag,
            Value::Null => false,
            _ => {
                cx.not_a(node, "true or false");
                false
            }
        }
    }
    fn merge(&mut self, over: Self) {
        *self |= over;
    }
    fn is_empty(&self) -> bool {
        !*self
    }
    fn emit(&self) -> Json {
        (*self).into()
    }
}

/// A whole number; a number with a fraction loses it, as it does in the CLI.
#[expect(clippy::cast_possible_truncation, reason = "a fraction is dropped, and what is too large stays the largest")]
pub fn whole(node: &Node, cx: &mut Cx<'_>) -> Option<i128> {
    match node.value {
        Value::Int(number) => Some(number.into()),
        Value::Big(number) => Some(number.into()),
        Value::Float(number) if number.is_finite() => Some(number as i128),
        _ => {
            cx.not_a(node, "a whole number");
            None
        }
    }
}

/// A whole number that is not below zero.
fn natural(node: &Node, cx: &mut Cx<'_>) -> Option<i128> {
    let number = whole(node, cx)?;
    if number < 0 {
        cx.wrong(node.place, format!("{number} is below zero"), "write 0 or more");
        return None;
    }
    Some(number)
}

/// Whole numbers of one width. Those without a sign are refused below zero.
macro_rules! numbers {
    ($($kind:ty, $read:ident;)*) => {$(
        impl Shape for $kind {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bits above are dropped, as in the CLI")]
            fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
                $read(node, cx).unwrap_or_default() as $kind
            }
            fn merge(&mut self, over: Self) {
                if over != 0 {
                    *self = over;
                }
            }
            fn merge_through(&mut self, over: Self) {
                *self = over;
            }
            fn is_empty(&self) -> bool {
                *self == 0
            }
            fn emit(&self) -> Json {
                (*self).into()
            }
        }
    )*};
}

numbers! { i64, whole; u64, natural; u32, natural; }

/// A share, in single precision as the CLI holds it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Share(pub f32);

impl Shape for Share {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "single precision is what is sent"
    )]
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        match node.value {
            Value::Int(number) => Self(number as f32),
            Value::Big(number) => Self(number as f32),
            Value::Float(number) => Self(number as f32),
            _ => {
                cx.not_a(node, "a number");
                Self::default()
            }
        }
    }
    fn merge(&mut self, over: Self) {
        if !over.is_empty() {
            *self = over;
        }
    }
    fn is_empty(&self) -> bool {
        self.0 == 0.0
    }
    fn emit(&self) -> Json {
        // The shortest digits of the single number, and not those of its double.
        let shown: f64 = self.0.to_string().parse().unwrap_or_default();
        if shown.fract() == 0.0 && shown.abs() < 1e15 {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
            return (shown as i64).into();
        }
        shown.into()
    }
}

/// A length of time in nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span(pub i64);

impl Shape for Span {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        let Some(text) = node.text() else {
            cx.not_a(node, "text");
            return Self::default();
        };
        Self(duration::parse(text).unwrap_or_else(|why| {
            cx.wrong(node.place, why, "write a number with a unit: ms, s, m or h, such as 1m30s");
            0
        }))
    }
    fn merge(&mut self, over: Self) {
        if over.0 != 0 {
            *self = over;
        }
    }
    fn is_empty(&self) -> bool {
        self.0 == 0
    }
    fn emit(&self) -> Json {
        duration::show(self.0).into()
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size(pub i64);

impl Shape for Size {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        match &node.value {
            Value::Int(bytes) => Self(*bytes),
            Value::Text(text) => Self(size::parse(text).unwrap_or_else(|why| {
                cx.wrong(node.place, why, "write a number with a unit: k, m or g, such as 512m");
                0
            })),
            _ => {
                cx.not_a(node, "text");
                Self::default()
            }
        }
    }
    fn merge(&mut self, over: Self) {
        if over.0 != 0 {
            *self = over;
        }
    }
    fn is_empty(&self) -> bool {
        self.0 == 0
    }
    fn emit(&self) -> Json {
        self.0.to_string().into()
    }
}

/// A value that is printed also when it is empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Always<T>(pub T);

impl<T: Shape> Shape for Always<T> {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        Self(T::decode(node, cx))
    }
    fn merge(&mut self, over: Self) {
        self.0.merge(over.0);
    }
    fn is_empty(&self) -> bool {
        false
    }
    fn emit(&self) -> Json {
        self.0.emit()
    }
}

impl<T: Shape> Shape for Option<T> {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        match node.value {
            Value::Null => None,
            _ => Some(T::decode(node, cx)),
        }
    }
    fn merge(&mut self, over: Self) {
        match (self.as_mut(), over) {
            (_, None) => {}
            (Some(base), Some(over)) => base.merge_through(over),
            (None, over) => *self = over,
        }
    }
    fn is_empty(&self) -> bool {
        self.is_none()
    }
    fn emit(&self) -> Json {
        self.as_ref().map_or(Json::Null, Shape::emit)
    }
}
