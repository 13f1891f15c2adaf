//! Placement constraints, judged as the scheduler does: keys keep their case, values do not.

use crate::model::Node;

/// The node meets every constraint. What cannot be read is taken as met: the swarm judges it.
pub fn meets(node: &Node, constraints: &[String]) -> bool {
    unmet(node, constraints).is_none()
}

/// The first constraint the node does not meet.
pub fn unmet<'a>(node: &Node, constraints: &'a [String]) -> Option<&'a str> {
    constraints.iter().map(String::as_str).find(|constraint| !meets_one(node, constraint))
}

fn meets_one(node: &Node, constraint: &str) -> bool {
    let (key, equal, value) = match (constraint.split_once("=="), constraint.split_once("!=")) {
        (Some((key, value)), _) => (key.trim(), true, value.trim()),
        (None, Some((key, value))) => (key.trim(), false, value.trim()),
        (None, None) => return true,
    };
    let Some(actual) = actual(node, key) else { return true };
    actual.eq_ignore_ascii_case(value) == equal
}

fn actual<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    match key.to_ascii_lowercase().as_str() {
        "node.id" => return Some(node.id.as_str()),
        "node.hostname" => return Some(&node.hostname),
        "node.role" => return Some(node.role.as_str()),
        "node.platform.os" => return Some(&node.os),
        "node.platform.arch" => return Some(arch(&node.arch)),
        _ => {}
    }
    let label = |prefix: &str| {
        key.get(..prefix.len()).filter(|start| start.eq_ignore_ascii_case(prefix)).and_then(|_| key.get(prefix.len()..))
    };
    if let Some(name) = label("node.labels.") {
        return Some(node.labels.get(name).map_or("", String::as_str));
    }
    label("engine.labels.").map(|name| node.engine_labels.get(name).map_or("", String::as_str))
}

/// One word for an architecture that has two names.
pub fn arch(name: &str) -> &str {
    match name {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::node;

    #[test]
    fn constraints_are_judged_as_the_scheduler_does() {
        let barbary = node("barbary").label("igpu", "True").label("Zone", "a").build();
        for (constraint, met) in [
            ("node.hostname == barbary", true),
            ("node.hostname==BARBARY", true),
            ("node.hostname != barbary", false),
            ("node.role == worker", true),
            ("node.labels.igpu == true", true),
            ("node.labels.Zone == a", true),
            ("node.labels.zone == a", false),
            ("node.labels.missing == x", false),
            ("node.labels.missing != x", true),
            ("node.platform.arch == amd64", true),
            ("something odd", true),
        ] {
            assert_eq!(meets(&barbary, &[constraint.to_owned()]), met, "{constraint}");
        }
    }
}
