//! YAML with places. A stand-in until the reader of stack files is here: it knows no places yet.

use serde_yaml::Value as Yaml;

use crate::stack::{Entry, Map, Node, Place, Value};

/// The document, or its faults: place, what, why.
pub fn read(text: &str) -> Result<Option<Node>, Vec<(Place, String, String)>> {
    match serde_yaml::from_str::<Yaml>(text) {
        Ok(Yaml::Null) => Ok(None),
        Ok(value) => Ok(Some(node(&value))),
        Err(error) => {
            let at = error.location().map_or((0, 0), |at| (at.line(), at.column()));
            let small = |number: usize| u32::try_from(number).unwrap_or_default();
            let place = Place { file: 0, line: small(at.0), column: small(at.1) };
            Err(vec![(place, "the file is no YAML".to_owned(), error.to_string())])
        }
    }
}

fn node(value: &Yaml) -> Node {
    let place = Place { file: 0, line: 1, column: 1 };
    let value = match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(truth) => Value::Bool(*truth),
        Yaml::Number(number) => number.as_i64().map_or(Value::Float(number.as_f64().unwrap_or_default()), Value::Int),
        Yaml::String(text) => Value::Text(text.clone()),
        Yaml::Sequence(list) => Value::List(list.iter().map(node).collect()),
        Yaml::Mapping(map) => Value::Map(Map(map
            .iter()
            .map(|(key, value)| Entry {
                key: key.as_str().map_or_else(|| super::page::word(&node(key)).unwrap_or_default(), str::to_owned),
                place,
                node: node(value),
            })
            .collect())),
        Yaml::Tagged(tagged) => return node(&tagged.value),
    };
    Node { place, value }
}
