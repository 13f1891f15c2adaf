//! Any text as a value with variables: it becomes another or is refused, and what it becomes has no variable's name
//! where the file gave no `$`.

#![no_main]

use std::collections::BTreeMap;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use quarterdeck::stack::Source;
use quarterdeck::stack::document::read;

fuzz_target!(|value: &str| {
    let Ok(quoted) = serde_json::to_string(value) else { return };
    let text = format!("x-a: {quoted}\n");
    let Ok(source) = Source::from_bytes(Path::new("stack.yml"), text.as_bytes()) else { return };
    let environment = BTreeMap::from([("A".to_owned(), "1".to_owned()), ("E".to_owned(), String::new())]);
    let Ok(document) = read(0, &source, &environment) else { return };
    if !value.contains('$') {
        let read = document.root.map().and_then(|map| map.get("x-a")).and_then(|node| node.text());
        assert_eq!(read, Some(value));
        assert!(document.variables.is_empty());
    }
});
