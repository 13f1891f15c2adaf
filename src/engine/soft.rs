//! JSON values of engines older and newer than this program: a value of the wrong shape is read as nothing,
//! and never fails the object it stands in. It must never know what the values mean.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A string; a number or a bool is read as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text(pub String);

/// A whole number that is not negative; what does not fit is brought to the nearest that does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count(pub u64);

/// A whole number with a sign.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Whole(pub i64);

/// Yes or no; anything else is no.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Flag(pub bool);

/// An object, if it is one.
#[derive(Debug, Clone, Default)]
pub(super) struct Object<T>(pub Option<T>);

/// A list; elements that cannot be read are left out.
#[derive(Debug, Clone)]
pub(super) struct List<T>(pub Vec<T>);

/// Names with texts.
pub(super) type Labels = Object<BTreeMap<String, Text>>;

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// What to make of each shape a JSON value can have. The default is: nothing.
trait Soft<'de>: Default {
    fn text(_: &str) -> Self {
        Self::default()
    }
    fn number(_: i128) -> Self {
        Self::default()
    }
    fn flag(_: bool) -> Self {
        Self::default()
    }
    fn map<A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
    fn seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

impl Soft<'_> for Text {
    fn text(text: &str) -> Self {
        Self(text.to_owned())
    }
    fn number(number: i128) -> Self {
        Self(number.to_string())
    }
    fn flag(flag: bool) -> Self {
        Self(flag.to_string())
    }
}

impl Soft<'_> for Count {
    fn text(text: &str) -> Self {
        text.parse().map(Self).unwrap_or_default()
    }
    fn number(number: i128) -> Self {
        Self(u64::try_from(number.max(0)).unwrap_or(u64::MAX))
    }
}

impl Soft<'_> for Whole {
    fn text(text: &str) -> Self {
        text.parse().map(Self).unwrap_or_default()
    }
    fn number(number: i128) -> Self {
        Self(number.clamp(i64::MIN.into(), i64::MAX.into()).try_into().unwrap_or_default())
    }
}

impl Soft<'_> for Flag {
    fn flag(flag: bool) -> Self {
        Self(flag)
    }
}

impl<'de, T: Deserialize<'de> + Default> Soft<'de> for Object<T> {
    fn map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|object| Self(Some(object)))
    }
}

impl<'de, T: Deserialize<'de>> Soft<'de> for List<T> {
    fn seq<A: SeqAccess<'de>>(seq: A) -> Result<Self, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Self)
    }
}

struct SoftVisitor<T>(PhantomData<T>);

impl<'de, T: Soft<'de>> Visitor<'de> for SoftVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_bool<E>(self, flag: bool) -> Result<T, E> {
        Ok(T::flag(flag))
    }
    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::number(number.into()))
    }
    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::number(number.into()))
    }
    #[expect(clippy::cast_possible_truncation, reason = "a cast from float saturates, which is what is wanted")]
    fn visit_f64<E>(self, number: f64) -> Result<T, E> {
        Ok(T::number(number as i128))
    }
    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::text(text))
    }
    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::map(map)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        T::seq(seq)
    }
}

/// Lets serde read these types.
macro_rules! read_softly {
    ($($(<$t:ident: $bound:path>)? $name:ty;)+) => {$(
        impl<'de $(, $t: $bound)?> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_any(SoftVisitor(PhantomData))
            }
        }
    )+};
}

read_softly! { Text; Count; Whole; Flag; }

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(SoftVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(SoftVisitor(PhantomData))
    }
}

impl<T: Default> Object<T> {
    /// The object, or an empty one.
    pub fn or_empty(self) -> T {
        self.0.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, serde::Deserialize)]
    #[serde(default)]
    struct All {
        text: Text,
        count: Count,
        whole: Whole,
        flag: Flag,
        object: Object<BTreeMap<String, Text>>,
        list: List<Text>,
    }

    #[test]
    fn a_value_of_any_shape_in_any_place_fails_nothing() {
        let shapes =
            ["null", "true", "-7", "18446744073709551615", "1e300", "\"x\"", "[1,[2],{}]", "{\"a\":{\"b\":[1]}}"];
        for shape in shapes {
            for field in ["text", "count", "whole", "flag", "object", "list", "unknown"] {
                let json = format!("{{\"{field}\":{shape},\"last\":1}}");
                serde_json::from_str::<All>(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
            }
        }
    }

    #[test]
    fn numbers_that_do_not_fit_become_the_nearest_that_do() {
        let read = |json: &str| serde_json::from_str::<Count>(json).unwrap().0;
        assert_eq!(
            (read("18446744073709551615"), read("-1"), read("1e300"), read("\"12\"")),
            (u64::MAX, 0, u64::MAX, 12)
        );
        assert_eq!(serde_json::from_str::<Whole>("18446744073709551615").unwrap().0, i64::MAX);
    }
}
