//! Hosts and what is said of them, from an Ansible-shaped inventory.

use std::collections::BTreeMap;
use std::path::Path;

use serde_yaml::{Mapping, Value};

use super::files::Files;
use crate::diag::Diagnostic;
use crate::model::HostNote;

/// Every host of every inventory file; later files win.
pub fn hosts(files: &Files, faults: &mut Vec<Diagnostic>) -> BTreeMap<String, HostNote> {
    let mut hosts = BTreeMap::new();
    for (path, text) in files.texts().filter(|(path, _)| is_inventory(path)) {
        match serde_yaml::from_str::<Value>(text) {
            Ok(Value::Mapping(groups)) => {
                for (_, group) in &groups {
                    read_group(group, &mut hosts);
                }
            }
            Ok(Value::Null) => {}
            Ok(_) => faults.push(
                Diagnostic::new("an inventory is a mapping of groups", "begin the file with `all:`")
                    .at(path.display().to_string()),
            ),
            Err(error) => {
                let place = error
                    .location()
                    .map(|at| format!("{}:{}:{}", path.display(), at.line(), at.column()))
                    .unwrap_or_else(|| path.display().to_string());
                faults.push(
                    Diagnostic::new(
                        "an inventory file is no YAML",
                        "mend the line named here; the other files count meanwhile",
                    )
                    .at(place)
                    .because(error.to_string()),
                );
            }
        }
    }
    hosts
}

/// Files directly in the inventory folder; variables of groups and hosts lie deeper.
pub(super) fn is_inventory(path: &Path) -> bool {
    path.parent().is_some_and(|dir| dir == Path::new("inventory") || dir == Path::new("ansible/inventory"))
}

fn read_group(group: &Value, hosts: &mut BTreeMap<String, HostNote>) {
    let Value::Mapping(group) = group else { return };
    if let Some(Value::Mapping(members)) = group.get("hosts") {
        for (name, vars) in members {
            if let Some(name) = scalar(name) {
                note(hosts.entry(name).or_default(), vars.as_mapping());
            }
        }
    }
    if let Some(Value::Mapping(children)) = group.get("children") {
        for (_, child) in children {
            read_group(child, hosts);
        }
    }
}

fn note(host: &mut HostNote, vars: Option<&Mapping>) {
    let Some(vars) = vars else { return };
    let text = |key: &str| vars.get(key).and_then(scalar);
    if let Some(platform) = text("platform") {
        host.platform = platform;
    }
    if let Some(hardware) = text("hardware") {
        host.hardware = hardware;
    }
    if let Some(address) = text("ansible_host") {
        host.address = address;
    }
    match vars.get("responsibilities") {
        Some(Value::Sequence(list)) => host.responsibilities = list.iter().filter_map(scalar).collect(),
        Some(one) => host.responsibilities = scalar(one).into_iter().collect(),
        None => {}
    }
}

/// A value that can be written as one word.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_in_groups_of_groups_and_null_bodies_are_allowed() {
        let files = Files::of(
            &[],
            &[
                (
                    "inventory/hosts.yml",
                    "all:\n  children:\n    managers:\n      hosts:\n        barbary: {ansible_host: 192.0.2.10, platform: TrueNAS Scale, responsibilities: [ZFS]}\n        ching:\n    swarm_nodes:\n      children: {managers: null}\n",
                ),
                ("inventory/group_vars/all.yml", "hosts: {nobody: {}}"),
                ("inventory/zz.yml", "# nothing here\n"),
            ],
        );
        let mut faults = Vec::new();
        let hosts = hosts(&files, &mut faults);
        assert_eq!(hosts.keys().collect::<Vec<_>>(), ["barbary", "ching"]);
        assert_eq!(hosts["barbary"].platform, "TrueNAS Scale");
        assert_eq!(hosts["barbary"].responsibilities, ["ZFS"]);
        assert!(faults.is_empty());
    }

    #[test]
    fn a_broken_file_is_told_with_its_line_and_the_others_count() {
        let files =
            Files::of(&[], &[("inventory/a.yml", "all:\n\thosts:"), ("inventory/b.yml", "all: {hosts: {x: }}")]);
        let mut faults = Vec::new();
        assert_eq!(hosts(&files, &mut faults).len(), 1);
        assert!(faults[0].place.starts_with("inventory/a.yml:2:"), "{}", faults[0].place);
    }
}
