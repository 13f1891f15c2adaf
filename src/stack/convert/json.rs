//! Bodies as Go writes them: most keys are left out when they hold nothing.

use serde_json::{Map, Value as Json};

/// A JSON object in the making.
#[derive(Debug, Default)]
pub struct Body(Map<String, Json>);

impl Body {
    /// Puts a key, whatever it holds.
    pub fn put(mut self, key: &str, value: impl Into<Json>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// Puts a key unless its value is empty: nothing, no text, zero, false, an empty list or mapping.
    pub fn some(self, key: &str, value: impl Into<Json>) -> Self {
        let value = value.into();
        match is_empty(&value) {
            true => self,
            false => self.put(key, value),
        }
    }

    /// Puts a key if there is a value, also an empty one.
    pub fn maybe(self, key: &str, value: Option<impl Into<Json>>) -> Self {
        match value {
            Some(value) => self.put(key, value),
            None => self,
        }
    }
}

impl From<Body> for Json {
    fn from(body: Body) -> Self {
        Json::Object(body.0)
    }
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Bool(flag) => !flag,
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(object) => object.is_empty(),
    }
}

/// Names with texts as an object, sorted.
pub fn object(pairs: std::collections::BTreeMap<String, impl Into<Json>>) -> Json {
    pairs.into_iter().map(|(key, value)| (key, value.into())).collect()
}
