//! Placement constraints: `key==value` and `key!=value` on what a node is and bears.

use serde_json::Value;

use super::super::list;
use super::super::node::Node;

/// One constraint, read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Constraint {
    key: String,
    equal: bool,
    value: String,
}

impl Constraint {
    /// Reads one, refusing in swarm's words.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (key, equal, value) = if let Some((key, value)) = text.split_once("==") {
            (key, true, value)
        } else if let Some((key, value)) = text.split_once("!=") {
            (key, false, value)
        } else {
            return Err("constraint expected one operator from ==, !=".into());
        };
        let (key, value) = (key.trim(), value.trim());
        let starts = key.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        let key_ok = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if !starts || key.len() < 2 || !key.chars().all(key_ok) {
            return Err(format!("key '{key}' is invalid"));
        }
        let value_ok = |c: char| c.is_ascii_alphanumeric() || c.is_whitespace() || ":-_.*()?+[]\\^$|/".contains(c);
        if value.is_empty() || !value.chars().all(value_ok) {
            return Err(format!("value '{value}' is invalid"));
        }
        Ok(Self { key: key.to_owned(), equal, value: value.to_owned() })
    }

    fn holds(&self, node: &Node) -> bool {
        let is = |have: &str| have.eq_ignore_ascii_case(&self.value) == self.equal;
        let key = self.key.to_ascii_lowercase();
        match key.as_str() {
            "node.id" => is(&node.id),
            "node.hostname" => is(&node.hostname),
            "node.ip" => is(&node.addr),
            "node.role" => is(node.role()),
            "node.platform.os" => is(&node.os),
            "node.platform.arch" => same_arch(&node.arch, &self.value) == self.equal,
            _ => {
                // Label keys keep their case; only the prefix does not.
                let tail = |prefix: &str| self.key.get(prefix.len()..).filter(|_| key.starts_with(prefix));
                if let Some(label) = tail("node.labels.") {
                    is(node.label(label).unwrap_or(""))
                } else if let Some(label) = tail("engine.labels.") {
                    is(node.engine_labels.get(label).map_or("", String::as_str))
                } else {
                    false
                }
            }
        }
    }
}

fn same_arch(a: &str, b: &str) -> bool {
    fn plain(arch: &str) -> String {
        match arch.to_ascii_lowercase().as_str() {
            "x86_64" => "amd64".into(),
            "aarch64" => "arm64".into(),
            other => other.to_owned(),
        }
    }
    plain(a) == plain(b)
}

/// Whether a node satisfies all constraints of a task template.
pub(crate) fn fits_constraints(template: &Value, node: &Node) -> bool {
    list(template, "/Placement/Constraints")
        .iter()
        .filter_map(Value::as_str)
        .all(|text| Constraint::parse(text).is_ok_and(|c| c.holds(node)))
}

/// Whether a node is of one of the platforms a task template allows.
pub(crate) fn fits_platforms(template: &Value, node: &Node) -> bool {
    let platforms = list(template, "/Placement/Platforms");
    let part = |p: &Value, name: &str| p.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
    platforms.is_empty()
        || platforms.iter().any(|p| {
            let (os, arch) = (part(p, "OS"), part(p, "Architecture"));
            (os.is_empty() || os == node.os) && (arch.is_empty() || same_arch(&arch, &node.arch))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constraint_is_refused_in_swarms_words() {
        for (text, said) in [
            ("node.role", "constraint expected one operator from ==, !="),
            ("node.role==", "value '' is invalid"),
            ("a==b", "key 'a' is invalid"),
            ("node.role=manager", "constraint expected one operator from ==, !="),
        ] {
            assert_eq!(Constraint::parse(text).unwrap_err(), said, "{text}");
        }
    }

    #[test]
    fn platforms_know_both_names_of_an_architecture() {
        assert!(same_arch("x86_64", "amd64"));
        assert!(!same_arch("x86_64", "arm64"));
    }
}
