//! Variables and where each was written, with Ansible's precedence: `all`, groups of the file, `group_vars/all`,
//! `group_vars/<group>` with children over parents, what stands beside the host, `host_vars`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::super::files::Files;
use super::super::page::Page;
use super::super::reader::Reader;
use super::super::rules;
use super::groups::Groups;
use super::{is_yaml, sealed};
use crate::diag::{Finding, Spot};
use crate::stack::{Map, Node, Place};

/// Variables by name.
pub type Vars = BTreeMap<String, Variable>;

/// A variable: what it is, and where it was written.
#[derive(Debug, Clone)]
pub struct Variable {
    /// The file it stands in.
    pub page: Arc<Page>,
    /// Where its name stands.
    pub place: Place,
    /// What it is.
    pub node: Node,
}

impl Variable {
    /// Where its name stands.
    #[must_use]
    pub fn spot(&self) -> Spot {
        self.page.at(self.place)
    }
}

/// The variables of a mapping.
pub fn of_map(map: &Map, page: &Arc<Page>) -> Vars {
    map.0
        .iter()
        .map(|entry| {
            let variable = Variable { page: Arc::clone(page), place: entry.place, node: entry.node.clone() };
            (entry.key.clone(), variable)
        })
        .collect()
}

/// Variables in `group_vars` and `host_vars`.
#[derive(Debug, Default)]
pub struct Beside {
    groups: BTreeMap<String, Vars>,
    hosts: BTreeMap<String, Vars>,
}

impl Beside {
    /// Reads both directories of a directory.
    pub fn read(&mut self, files: &Files, dir: &Path, findings: &mut Vec<Finding>) {
        for (part, all) in [("group_vars", &mut self.groups), ("host_vars", &mut self.hosts)] {
            let part = dir.join(part);
            for path in files.under(&part) {
                let Some(name) = owner(&part, &path) else { continue };
                if sealed(files, &path, findings) {
                    continue;
                }
                let Some(page) = Page::yaml(files, &path, findings) else { continue };
                let page = Arc::new(page);
                let Some(root) = &page.root else { continue };
                let mut reader = Reader::new(&page, &rules::INVENTORY_SHAPE, findings);
                if let Some(map) = reader.map("a file of variables", root) {
                    all.entry(name).or_default().extend(of_map(map, &page));
                }
            }
        }
    }
}

/// Whose variables a file holds: `all.yml`, `all` or any file of a directory `all`, as YAML, as JSON or without ending.
fn owner(part: &Path, path: &Path) -> Option<String> {
    let below = path.strip_prefix(part).ok()?;
    if below.iter().any(|part| part.to_string_lossy().starts_with('.')) {
        return None;
    }
    if !(is_yaml(below) || below.extension().is_none_or(|end| end == "json")) {
        return None;
    }
    let single = below.iter().count() == 1;
    let name = if single { below.file_stem()? } else { below.iter().next()? };
    name.to_str().map(str::to_owned)
}

/// Everything said of a host, by precedence.
pub fn of_host(name: &str, groups: &Groups, beside: &Beside) -> Vars {
    let holding = groups.of_host(name);
    let mut vars = Vars::new();
    let mut put = |more: Option<&Vars>| vars.extend(more.into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
    put(groups.groups.get("all").map(|group| &group.vars));
    holding.iter().for_each(|group| put(groups.groups.get(group).map(|group| &group.vars)));
    put(beside.groups.get("all"));
    holding.iter().for_each(|group| put(beside.groups.get(group)));
    put(groups.hosts.get(name).map(|member| &member.vars));
    put(beside.hosts.get(name));
    vars
}

/// Everything said of all hosts.
pub fn of_all(groups: &Groups, beside: &Beside) -> Vars {
    let mut vars = groups.groups.get("all").map(|group| group.vars.clone()).unwrap_or_default();
    vars.extend(beside.groups.get("all").cloned().unwrap_or_default());
    vars
}
