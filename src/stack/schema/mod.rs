//! The file format: what may stand in a stack file of each version. All differences are told at once.

mod check;
mod duration;
mod hints;
mod kind;
mod near;
mod notes;
mod service;
mod table;

use super::document::Version;
use super::fault::Fault;
use super::interpolate::Outcome;
use super::tree::Node;

pub use notes::notes;

/// All that the docker CLI would refuse in an interpolated tree, save our own extensions.
pub fn check(root: &mut Node, version: Version, outcome: &Outcome) -> Vec<Fault> {
    let mut faults = check::check(root, &table::FILE, version, outcome);
    endless(root, &mut faults);
    faults
}

/// Endless numbers cannot be written in JSON, in which the CLI checks its files, wherever they stand.
fn endless(node: &Node, faults: &mut Vec<Fault>) {
    use super::tree::Value;
    match &node.value {
        Value::Float(number) if !number.is_finite() => {
            let what = "`.inf` and `.nan` cannot be deployed";
            faults.push(Fault::new(node.place, what, "write a number, or put it in quotes"));
        }
        Value::List(items) => items.iter().for_each(|item| endless(item, faults)),
        Value::Map(map) => map.0.iter().for_each(|entry| endless(&entry.node, faults)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
