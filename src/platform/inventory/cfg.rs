//! Where the inventory lies: as `ansible.cfg` says, else where it is looked for.

use std::path::{Path, PathBuf};

use super::super::files::{Files, plain};
use super::super::{page, rules};
use super::{Sources, is_yaml};
use crate::diag::{Finding, Spot};

/// Directories that are an inventory, if `ansible.cfg` names none.
const DIRECTORIES: [&str; 2] = ["inventory", "ansible/inventory"];
/// Single files that are one, if there is no such directory.
const SINGLE: [&str; 12] = [
    "hosts.yml",
    "hosts.yaml",
    "hosts.ini",
    "hosts",
    "inventory.ini",
    "inventory",
    "ansible/hosts.yml",
    "ansible/hosts.yaml",
    "ansible/hosts.ini",
    "ansible/hosts",
    "ansible/inventory.ini",
    "ansible/inventory",
];
/// What a file of the older form is called in a directory of several.
const OLDER: [&str; 2] = ["hosts", "hosts.ini"];

/// The files of the inventory and the directories with variables beside them.
pub fn sources(files: &Files, findings: &mut Vec<Finding>) -> Sources {
    let mut found = Sources { files: Vec::new(), beside: Vec::new() };
    for cfg in ["ansible.cfg", "ansible/ansible.cfg"] {
        let Some((spot, text)) = page::open(files, Path::new(cfg), findings) else { continue };
        let dir = Path::new(cfg).parent().unwrap_or(Path::new(""));
        for (name, spot) in named(&spot, &text) {
            let path = plain(&dir.join(&name));
            if !found.add(files, &path) {
                let mend = "name the file or directory of the inventory, or create it";
                let what = format!("{cfg} names the inventory {name}, which is not there");
                findings.push(rules::INVENTORY_MISSING.broken(spot, what, mend));
            }
        }
        // Variables beside the playbooks count as well, after those beside the inventory.
        found.beside.push(dir.to_owned());
    }
    if found.files.is_empty() {
        for dir in DIRECTORIES {
            found.add(files, Path::new(dir));
        }
    }
    if found.files.is_empty()
        && let Some(single) = SINGLE.iter().find(|single| matches!(files.found(Path::new(single)), Ok(Some(_))))
    {
        found.add(files, Path::new(single));
    }
    found.beside.sort_by_key(|dir| !found.files.iter().any(|file| file.parent() == Some(dir)));
    let mut seen = Vec::new();
    found.beside.retain(|dir| {
        !seen.contains(dir) && {
            seen.push(dir.clone());
            true
        }
    });
    found
}

impl Sources {
    /// Adds a file or all files of a directory; false if there is nothing.
    fn add(&mut self, files: &Files, path: &Path) -> bool {
        let below: Vec<PathBuf> = files.under(path);
        let single = below.is_empty() || below.iter().any(|below| below == path);
        if single {
            if !matches!(files.found(path), Ok(Some(_))) {
                return false;
            }
            self.files.push(path.to_owned());
            self.beside.push(path.parent().unwrap_or(Path::new("")).to_owned());
            return true;
        }
        let older = |below: &Path| below.file_name().is_some_and(|name| OLDER.iter().any(|older| name == *older));
        let counts = |below: &&PathBuf| (is_yaml(below) || older(below)) && !is_vars(below, path);
        self.files.extend(below.iter().filter(counts).cloned());
        self.beside.push(path.to_owned());
        true
    }
}

/// Variables of groups and hosts lie below the inventory and are none.
fn is_vars(file: &Path, dir: &Path) -> bool {
    let below = file.strip_prefix(dir).unwrap_or(file);
    below.iter().any(|part| part == "group_vars" || part == "host_vars")
}

/// What `inventory =` of `[defaults]` names, each with its place.
fn named(spot: &Spot, text: &str) -> Vec<(String, Spot)> {
    let mut inside = false;
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if let Some(section) = trimmed.strip_prefix('[') {
            inside = section.starts_with("defaults]");
        }
        let Some((key, value)) = trimmed.split_once(['=', ':']).filter(|(key, _)| inside && key.trim() == "inventory")
        else {
            continue;
        };
        // Ansible's own comment on a line begins with a semicolon after a space.
        let value = value.split(" ;").next().unwrap_or_default();
        let column = line.len() - line.trim_start().len() + key.len() + 2;
        let spot = spot.line(u32::try_from(at + 1).unwrap_or_default(), u32::try_from(column).unwrap_or_default());
        let names = value.split(',').map(str::trim).filter(|name| !name.is_empty());
        found.extend(names.map(|name| (name.to_owned(), spot.clone())));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(texts: &[(&str, &str)]) -> (Vec<String>, Vec<String>, usize) {
        let mut findings = Vec::new();
        let sources = sources(&Files::of(&[], texts), &mut findings);
        let names = |paths: Vec<PathBuf>| paths.into_iter().map(|path| path.display().to_string()).collect();
        (names(sources.files), names(sources.beside), findings.len())
    }

    #[test]
    fn the_inventory_lies_where_ansible_cfg_says_or_where_it_is_looked_for() {
        // What is in the folder, the files in the order of merging, the directories with variables.
        type Case = (&'static [(&'static str, &'static str)], &'static [&'static str], &'static [&'static str]);
        let cases: &[Case] = &[
            (
                &[("inventory/b.yml", ""), ("inventory/a.yaml", ""), ("inventory/c.yml.example", "")],
                &["inventory/a.yaml", "inventory/b.yml"],
                &["inventory"],
            ),
            (
                &[("ansible/inventory/hosts.yml", ""), ("ansible/inventory/group_vars/all/main.yml", "")],
                &["ansible/inventory/hosts.yml"],
                &["ansible/inventory"],
            ),
            (&[("hosts.yml", "all: {}")], &["hosts.yml"], &[""]),
            (
                &[
                    ("ansible/ansible.cfg", "[defaults]\ninventory = inventory/hosts.yml\n"),
                    ("ansible/inventory/hosts.yml", ""),
                    ("ansible/inventory/old.yml", ""),
                ],
                &["ansible/inventory/hosts.yml"],
                &["ansible/inventory", "ansible"],
            ),
            (
                &[
                    ("ansible.cfg", "[defaults]\ninventory = ./ansible/inventory/ ; all\n"),
                    ("ansible/inventory/a.yml", ""),
                ],
                &["ansible/inventory/a.yml"],
                &["ansible/inventory", ""],
            ),
            (
                &[("ansible.cfg", "[ssh]\ninventory = x\n"), ("inventory/a.yml", "")],
                &["inventory/a.yml"],
                &["inventory", ""],
            ),
            (&[], &[], &[]),
        ];
        for (texts, files, beside) in cases {
            let expected =
                (files.iter().map(|s| (*s).to_owned()).collect(), beside.iter().map(|s| (*s).to_owned()).collect(), 0);
            assert_eq!(found(texts), expected);
        }
    }

    #[test]
    fn an_inventory_that_is_named_and_not_there_is_told_and_another_is_looked_for() {
        let mut findings = Vec::new();
        let texts = [("ansible.cfg", "[defaults]\n  inventory = nowhere\n"), ("inventory/a.yml", "")];
        let sources = sources(&Files::of(&[], &texts), &mut findings);
        assert_eq!(sources.files, [PathBuf::from("inventory/a.yml")]);
        assert_eq!(findings[0].spot.to_string(), "ansible.cfg:2:14");
    }
}
