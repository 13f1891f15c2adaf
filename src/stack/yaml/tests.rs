//! Sentences about YAML text as a whole.

use super::*;

fn shown(node: &Node) -> String {
    use crate::stack::tree::Value;
    match &node.value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Big(value) => value.to_string(),
        Value::Float(value) => format!("{value:?}"),
        Value::Time(value) => value.clone(),
        Value::Text(value) => format!("{value:?}"),
        Value::List(list) => format!("[{}]", list.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => {
            let pairs: Vec<_> = map.0.iter().map(|entry| format!("{}: {}", entry.key, shown(&entry.node))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

fn tree(text: &str) -> String {
    match read(0, text) {
        Ok(Some(node)) => shown(&node),
        Ok(None) => "nothing".into(),
        Err(faults) => format!(
            "refused: {}",
            faults
                .iter()
                .map(|f| format!("{}:{} {}", f.place.line, f.place.column, f.diagnostic.what))
                .collect::<Vec<_>>()
                .join("; ")
        ),
    }
}

#[test]
fn plain_data_becomes_a_tree() {
    assert_eq!(tree("a: 1\nb:\n  - x\n  - {c: d}\n"), r#"{a: 1, b: ["x", {c: "d"}]}"#);
}
