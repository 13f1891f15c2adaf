//! What we take and the docker CLI refuses, because it is harmless and many files have it. Each is told in a note.

use super::fault::Fault;
use super::place::Place;
use super::tree::{Map, Node, Value};

const REFUSED: &str = "the docker CLI refuses this";

/// Takes our extensions out of a tree that is known to be good, so that nobody behind this meets them; only the long
/// form of `env_file`, a mapping with `path` and `required`, stays for the reader of those files.
pub fn resolve(root: &mut Map) -> Vec<Fault> {
    let mut notes = Vec::new();
    if let Some(place) = take(root, "name") {
        let what = "`name` at the top of the file is ignored: the stack has the name that the deploy gives it";
        notes.push(note(place, what, "take the line away"));
    }
    let Some(services) = root.0.iter_mut().find(|entry| entry.key == "services") else { return notes };
    let Value::Map(services) = &mut services.node.value else { return notes };
    services.0.retain_mut(|service| {
        let Value::Map(keys) = &mut service.node.value else { return true };
        let profiles =
            keys.entry("profiles").map(|entry| (entry.place, entry.node.list().is_some_and(|list| !list.is_empty())));
        if let Some((place, true)) = profiles {
            let what = format!("services.{} is left out, because it has profiles and none is ever active", service.key);
            notes.push(note(place, what, "take `profiles` away to deploy the service"));
            return false;
        }
        take(keys, "profiles");
        notes.extend(order(&service.key, keys));
        notes.extend(files(&service.key, keys));
        true
    });
    notes
}

fn take(map: &mut Map, key: &str) -> Option<Place> {
    let at = map.0.iter().position(|entry| entry.key == key)?;
    Some(map.0.remove(at).place)
}

/// `depends_on` as a mapping becomes the list of its keys.
fn order(service: &str, keys: &mut Map) -> Option<Fault> {
    let entry = keys.0.iter_mut().find(|entry| entry.key == "depends_on")?;
    let Value::Map(map) = &mut entry.node.value else { return None };
    let names = std::mem::take(&mut map.0).into_iter();
    entry.node.value =
        Value::List(names.map(|entry| Node { place: entry.place, value: Value::Text(entry.key) }).collect());
    let what = format!("the conditions in services.{service}.depends_on are ignored, only the order counts");
    Some(note(entry.place, what, "write the names as a list"))
}

fn files(service: &str, keys: &Map) -> Vec<Fault> {
    let items = keys.get("env_file").and_then(Node::list).unwrap_or_default();
    let long = items.iter().filter(|item| item.map().is_some());
    long.map(|item| note(item.place, format!("services.{service}.env_file has the long form"), "write the path alone"))
        .collect()
}

fn note(place: Place, what: impl Into<String>, mend: &str) -> Fault {
    Fault::new(place, what, mend).because(REFUSED)
}
