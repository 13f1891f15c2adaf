//! Hosts and what is said of them, from an Ansible-shaped inventory: groups, variables with Ansible's precedence, and
//! the place of each. Runs no template and opens no vault.

mod cfg;
mod groups;
mod host;
mod ini;
mod jinja;
mod range;
#[cfg(test)]
mod tests;
mod vars;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::files::Files;
use super::page::{self, Page};
use super::rules;
use super::values::Values;
use crate::diag::{Finding, Spot};
use groups::Groups;

pub use host::{Host, Label};
pub use jinja::Meaning;
pub use vars::Variable;

/// All hosts by name, and the groups they are in.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// Hosts by name.
    pub hosts: BTreeMap<String, Host>,
    /// The names of all groups.
    pub groups: BTreeSet<String>,
    /// Variables of the group `all`: what the platform says of itself.
    pub all: BTreeMap<String, Variable>,
}

/// Reads the inventory of the folder.
pub fn read(files: &Files, values: &Values, findings: &mut Vec<Finding>) -> Inventory {
    let sources = cfg::sources(files, findings);
    let mut groups = Groups::default();
    for path in &sources.files {
        if sealed(files, path, findings) {
            continue;
        }
        let page = match (is_yaml(path), is_ini(path)) {
            (true, _) => Page::yaml(files, path, findings),
            (_, true) => ini::read(files, path, findings),
            _ => None,
        };
        page.iter().for_each(|page| groups.read(page, findings));
    }
    groups.break_circles(findings);
    let mut beside = vars::Beside::default();
    for dir in &sources.beside {
        beside.read(files, dir, findings);
    }
    let mut hosts: BTreeMap<String, Host> = groups
        .hosts
        .iter()
        .map(|(name, member)| {
            let all = vars::of_host(name, &groups, &beside);
            (name.clone(), Host::of(name, member, all, &mut host::Judge { groups: &groups, values, findings }))
        })
        .collect();
    let mut named: Vec<(&Spot, &mut usize)> =
        hosts.values_mut().map(|Host { spot, note, .. }| (&*spot, &mut note.rank)).collect();
    named.sort_by_key(|(spot, _)| *spot);
    named.into_iter().enumerate().for_each(|(before, (_, rank))| *rank = before);
    let all = vars::of_all(&groups, &beside);
    Inventory { hosts, groups: groups.groups.keys().cloned().collect(), all }
}

/// Where the inventory lies.
struct Sources {
    /// Its files, in the order in which they are merged.
    files: Vec<PathBuf>,
    /// Directories with `group_vars` and `host_vars` in them; what comes later wins.
    beside: Vec<PathBuf>,
}

fn is_yaml(path: &Path) -> bool {
    matches!(path.extension().and_then(|end| end.to_str()), Some("yml" | "yaml"))
}

/// The older form has an ending of its own, or none.
fn is_ini(path: &Path) -> bool {
    path.extension().is_none_or(|end| end == "ini" || end == "cfg")
}

/// A vault is told and not read.
fn sealed(files: &Files, path: &Path, findings: &mut Vec<Finding>) -> bool {
    let Some((spot, text)) = page::open(files, path, findings) else { return true };
    let sealed = text.starts_with(jinja::VAULT);
    if sealed {
        let mend = "nothing needs to be done, unless Quarterdeck should know what is in it";
        let what = format!("{} is sealed", spot.file);
        findings.push(rules::INVENTORY_SEALED.broken(Spot { line: 1, column: 1, ..spot }, what, mend));
    }
    sealed
}
