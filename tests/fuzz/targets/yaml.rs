//! Any bytes as a stack file: they are read or refused with words, and every place lies within the text.

#![no_main]

use std::collections::BTreeMap;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use quarterdeck::stack::document::read;
use quarterdeck::stack::{Node, Source, Value};

fn within(node: &Node, lines: u32) {
    assert!(node.place.line <= lines, "{:?} lies behind the end", node.place);
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| within(item, lines)),
        Value::Map(map) => map.0.iter().for_each(|entry| within(&entry.node, lines)),
        _ => {}
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(source) = Source::from_bytes(Path::new("stack.yml"), bytes) else { return };
    let breaks = |sign: char| matches!(sign, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let lines = source.text.matches(breaks).count() as u32 + 1;
    match read(0, &source, &BTreeMap::from([("A".to_owned(), "1".to_owned())])) {
        Ok(document) => within(&document.root, lines),
        Err(faults) => {
            assert!(!faults.is_empty());
            assert!(faults.iter().all(|fault| !fault.what.is_empty() && !fault.mend.is_empty()));
        }
    }
});
