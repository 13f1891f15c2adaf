//! Secrets and configs that one service is given more than once. An engine keeps one file of each object in a task, and
//! shows it wherever the service wants it: owner and mode of the last reference hold for all of them.

use std::collections::BTreeMap;

use super::service::{items, source};
use super::stack::{Part, Scene, Word};
use crate::diag::{Finding, Spot};
use crate::platform::{rules, word};
use crate::stack::{Kind, Map, Node, Value};

/// What a file has where nothing is said.
const MODE: i64 = 0o444;

/// A secret or config as a service asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// A secret or a config.
    pub kind: Kind,
    /// Its key in the file.
    pub key: Word,
    /// Who owns it and who may read it; none if a variable that nobody has set stands in it.
    pub owner: Option<(String, String, i64)>,
}

/// Everything that a service is given.
pub fn of(service: &Map, file: &Spot) -> Vec<Grant> {
    let kinds = [("secrets", Kind::Secret), ("configs", Kind::Config)];
    let grants = kinds.into_iter().flat_map(|(part, kind)| items(service.get(part)).map(move |node| (kind, node)));
    grants.filter_map(|(kind, node)| Some(Grant { kind, key: source(node, file)?, owner: owner(node) })).collect()
}

fn owner(node: &Node) -> Option<(String, String, i64)> {
    let empty = Map::default();
    let map = node.map().unwrap_or(&empty);
    let who = |key: &str| match map.get(key).and_then(word) {
        Some(text) if text.contains("${") => None,
        Some(text) if !text.is_empty() => Some(text),
        _ => Some("0".to_owned()),
    };
    let mode = match map.get("mode").map(|node| &node.value) {
        None | Some(Value::Null) => MODE,
        Some(Value::Int(mode)) => *mode,
        Some(_) => return None,
    };
    Some((who("uid")?, who("gid")?, mode))
}

/// Objects that one service is given twice, and not alike.
pub fn unlike(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services() {
        let mut last: BTreeMap<(Kind, &str), &Grant> = BTreeMap::new();
        for grant in &service.grants {
            let parts: &BTreeMap<String, Part> =
                if grant.kind == Kind::Secret { &stack.secrets } else { &stack.configs };
            let Some(part) = parts.get(&grant.key.text) else { continue };
            let Some(before) = last.insert((grant.kind, &part.name), grant) else { continue };
            let (Some(one), Some(other)) = (&before.owner, &grant.owner) else { continue };
            if one == other {
                continue;
            }
            let (kind, name) = (grant.kind.word(), &part.name);
            let who = stack.own(service);
            let what = format!("{who} is given the {kind} {name} twice, {} and {}", shown(one), shown(other));
            let first = format!("line {}", before.key.spot.line);
            let mend = format!("say the same here and in {first}, or make a second {kind} with the same content");
            findings.push(rules::PART_UNLIKE.broken(grant.key.spot.clone(), what, mend));
        }
    }
}

fn shown((uid, gid, mode): &(String, String, i64)) -> String {
    format!("as {uid}:{gid} {mode:04o}")
}
