//! Which stacks a change of files touches: those whose own files changed, those that read a changed file from
//! elsewhere, and those that use a value of `.env` that is another now.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::env::EnvFile;
use super::files::{Files, plain};
use super::page::Page;
use super::stacks::{NAMES, prefix};
use super::values::VALUES;
use super::variables;
use super::wishes::Checkout;
use crate::diag::Spot;
use crate::model::Filed;
use crate::stack::{self, Folder, Source, Sources};

/// Why each touched stack is touched: changed files, and names of values.
pub type Touched = BTreeMap<String, Vec<String>>;

/// The stacks of the folder that these changes touch. `before` is what `.env` said then, if it was there.
#[must_use]
pub fn touched(checkout: &Checkout, changed: &[PathBuf], before: Option<&str>) -> Touched {
    let names = if changed.iter().any(|path| path == Path::new(VALUES)) {
        renamed(&checkout.files, before.unwrap_or_default())
    } else {
        BTreeSet::new()
    };
    let mut touched = Touched::new();
    for filed in checkout.catalogue.stacks.values() {
        let read = reads(checkout, filed);
        let files = changed.iter().filter(|path| belongs(path, filed, checkout) || read.contains(*path));
        let files = files.map(|path| path.display().to_string());
        let used = uses(&checkout.files, filed);
        let values = names.iter().filter(|name| used.contains(*name)).map(|name| format!("{VALUES}: {name}"));
        let why: Vec<String> = files.chain(values).collect();
        if !why.is_empty() {
            touched.insert(filed.name.clone(), why);
        }
    }
    touched
}

/// Stacks whose file was among these changes and is there no more.
#[must_use]
pub fn gone(checkout: &Checkout, changed: &[PathBuf]) -> BTreeSet<String> {
    let name = |path: &PathBuf| {
        let file = path.file_name()?.to_str()?;
        let named = NAMES.contains(&file).then(|| path.parent()?.file_name()?.to_str());
        named.flatten().or_else(|| prefix(file)).map(str::to_owned)
    };
    let away = changed.iter().filter(|path| path.starts_with("stacks") && !checkout.files.paths().contains(path));
    away.filter_map(name).filter(|name| !checkout.catalogue.stacks.contains_key(name)).collect()
}

/// A file below the directory of a stack belongs to it, unless it is the compose file of a neighbour or lies in the
/// directory of a stack further down.
fn belongs(path: &Path, filed: &Filed, checkout: &Checkout) -> bool {
    if path == filed.file {
        return true;
    }
    let Some(dir) = filed.file.parent().filter(|dir| path.starts_with(dir)) else { return false };
    checkout.catalogue.stacks.values().filter(|other| other.name != filed.name).all(|other| {
        let below = other.file.parent().is_some_and(|own| own != dir && own.starts_with(dir) && path.starts_with(own));
        path != other.file && !below
    })
}

/// Names whose values differ from before.
fn renamed(files: &Files, before: &str) -> BTreeSet<String> {
    let values = |text: &str| -> BTreeMap<String, String> {
        let read = EnvFile::read(&Spot::of(VALUES), text, false, &mut Vec::new());
        read.assignments.iter().map(|one| (one.name.clone(), one.value.to_string())).collect()
    };
    let now = files.found(Path::new(VALUES)).ok().flatten().unwrap_or_default();
    let (before, now) = (values(before), values(&now));
    let all: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    all.into_iter().filter(|name| before.get(*name) != now.get(*name)).cloned().collect()
}

/// The variables that the file of a stack uses.
fn uses(files: &Files, filed: &Filed) -> BTreeSet<String> {
    let page = Page::yaml(files, &filed.file, &mut Vec::new());
    page.iter().flat_map(variables::of_page).map(|usage| usage.name).collect()
}

/// The files that reading a stack opens.
fn reads(checkout: &Checkout, filed: &Filed) -> BTreeSet<PathBuf> {
    let (Ok(text), Ok(values)) = (checkout.files.text(&filed.file), checkout.values()) else { return BTreeSet::new() };
    let source = Source { name: filed.file.clone(), text: text.into() };
    let heard = Heard { files: &checkout.files, read: Mutex::default() };
    let dir = filed.file.parent().unwrap_or(Path::new(""));
    // A file with faults is told when it is planned.
    let _ = stack::read(&filed.name, Sources(vec![source]), dir, &heard, &values.all());
    heard.read.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// A folder that remembers what was read from it.
struct Heard<'a> {
    files: &'a Files,
    read: Mutex<BTreeSet<PathBuf>>,
}

impl Folder for Heard<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(plain(path));
        self.files.read(path)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_stack_is_touched_by_its_files_by_what_it_reads_and_by_the_values_it_uses() {
        let files = Files::of(
            &["stacks/web/www/index.html"],
            &[
                (".env", "TAG=2\nDOMAIN=a\nNEW=1\n"),
                ("stacks/web/compose.yaml", "services: {a: {image: \"x:${TAG}\"}}"),
                (
                    "stacks/db/compose.yaml",
                    "services: {a: {image: y, configs: [c]}}\nconfigs: {c: {file: ../../shared/c}}",
                ),
                ("stacks/proxy/a-compose.yaml", "services: {a: {image: z}}"),
                ("stacks/proxy/b-compose.yaml", "services: {a: {image: \"z:${DOMAIN}\"}}"),
                ("shared/c", "1"),
            ],
        );
        let catalogue = Arc::new(super::super::read(&files).catalogue);
        let checkout = Checkout { files: Arc::new(files), catalogue, surroundings: Arc::default() };
        for (changed, expected) in [
            (&["README.md", "inventory/hosts.yml"][..], ""),
            (&["stacks/web/www/index.html"], "web"),
            (&["shared/c"], "db"),
            (&["stacks/proxy/a-compose.yaml"], "a"),
            (&["stacks/proxy/Caddyfile"], "a b"),
            (&[".env"], "web"),
        ] {
            let paths: Vec<PathBuf> = changed.iter().map(PathBuf::from).collect();
            let touched = touched(&checkout, &paths, Some("TAG=1\nDOMAIN=a\n"));
            assert_eq!(touched.keys().map(String::as_str).collect::<Vec<_>>().join(" "), expected, "{changed:?}");
        }
    }
}
