//! Stack files in memory, and what is read from them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use quarterdeck::diag::Diagnostic;
use quarterdeck::stack::{self, Folder, Source, Sources, Wish};
use serde_json::Value;

/// Files by path.
pub struct Files(pub BTreeMap<PathBuf, Vec<u8>>);

impl Folder for Files {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// The files that tests may name, in `/srv/shop`.
pub fn files() -> Files {
    let file = |name: &str, text: &str| (PathBuf::from("/srv/shop").join(name), text.as_bytes().to_vec());
    Files(BTreeMap::from([file("key", "hush"), file("empty", ""), file("vars.env", "A=file\nB=file\nGIVEN\n")]))
}

/// The environment of whoever deploys.
pub fn environment() -> BTreeMap<String, String> {
    [("HOME", "/home/maria"), ("GIVEN", "yes")].map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn sources(texts: &[&str]) -> Sources {
    let source = |(number, text): (usize, &&str)| Source { name: format!("{number}.yml").into(), text: (*text).into() };
    Sources(texts.iter().enumerate().map(source).collect())
}

/// What a stack called `shop` wishes for.
pub fn read(texts: &[&str]) -> Result<Wish, Vec<Diagnostic>> {
    stack::read("shop", sources(texts), Path::new("/srv/shop"), &files(), &environment())
}

/// The same, for files that must be good.
pub fn good(texts: &[&str]) -> Wish {
    read(texts).unwrap_or_else(|faults| {
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("{}", told.join("\n"))
    })
}

/// The body of the service `web` of a file that says only this of it.
pub fn web(keys: &str, top: &str) -> Value {
    let text = format!("services:\n  web:\n    image: nginx:1\n{}\n{top}\n", indented(keys));
    let mut wish = good(&[&text]);
    assert_eq!(wish.services.len(), 1, "{text}");
    wish.services.remove(0).body
}

/// Four blanks before each line.
pub fn indented(keys: &str) -> String {
    keys.trim_matches('\n').lines().map(|line| format!("    {line}\n")).collect()
}

/// What lies under a pointer; null if nothing does.
pub fn at(value: &Value, pointer: &str) -> Value {
    value.pointer(pointer).cloned().unwrap_or(Value::Null)
}
