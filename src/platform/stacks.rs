//! Which files below `stacks/` are stacks, what they are called, and in which tier they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::diag::Diagnostic;
use crate::model::{Filed, Tier};

/// A compose file of one of these names makes its directory a stack.
const NAMES: [&str; 6] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml", "docker-stack.yml", "stack.yml"];
/// A file that ends so is a stack of its own, named by what comes before.
const SUFFIXES: [&str; 2] = ["-compose.yaml", "-compose.yml"];

/// The stacks by name. Two files for one name are a fault; the first counts.
pub fn find(paths: &[PathBuf], faults: &mut Vec<Diagnostic>) -> BTreeMap<String, Filed> {
    let mut by_dir: BTreeMap<&Path, Vec<&str>> = BTreeMap::new();
    for path in paths {
        if let (Some(dir), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) {
            by_dir.entry(dir).or_default().push(name);
        }
    }
    let mut stacks = BTreeMap::new();
    let mut taken: BTreeSet<&Path> = BTreeSet::new();
    for (dir, names) in &by_dir {
        if dir.ancestors().skip(1).any(|above| taken.contains(above)) {
            continue;
        }
        for file in compose_files(names) {
            taken.insert(dir);
            let (tier, name) = tier_and_name(dir, file);
            let path = dir.join(file);
            let Some(name) = name else { continue };
            match stacks.get(&name) {
                Some(Filed { file: first, .. }) => faults.push(
                    Diagnostic::new(
                        format!("two files describe the stack {name}"),
                        "rename one of the two directories",
                    )
                    .at(path.display().to_string())
                    .because(format!("{} has the same name", first.display())),
                ),
                None => {
                    stacks.insert(name.clone(), Filed::new(name, tier, path));
                }
            }
        }
    }
    stacks
}

/// The compose files of a directory: the first of the fixed names, else all with the suffix.
fn compose_files<'a>(names: &[&'a str]) -> Vec<&'a str> {
    if let Some(fixed) = NAMES.iter().find_map(|fixed| names.iter().find(|name| *name == fixed)) {
        return vec![fixed];
    }
    names.iter().copied().filter(|name| prefix(name).is_some()).collect()
}

fn prefix(file: &str) -> Option<&str> {
    SUFFIXES
        .iter()
        .find_map(|suffix| file.strip_suffix(suffix))
        .filter(|prefix| *prefix != "docker" && !prefix.is_empty())
}

fn tier_and_name(dir: &Path, file: &str) -> (Tier, Option<String>) {
    let parts: Vec<&str> = dir.iter().skip(1).filter_map(|part| part.to_str()).collect();
    let tier = match parts.first() {
        Some(&"platform") => Tier::Platform,
        Some(&"application" | &"apps") => Tier::Application,
        _ => Tier::Infrastructure,
    };
    let below = match parts.first() {
        Some(&"infrastructure" | &"platform" | &"application" | &"apps") => parts.get(1..).unwrap_or_default(),
        _ => &parts,
    };
    let name = match prefix(file) {
        Some(prefix) => Some(prefix.to_owned()),
        None if below.is_empty() => None,
        None => Some(below.join("_")),
    };
    (tier, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(paths: &[&str]) -> (Vec<(String, &'static str)>, usize) {
        let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
        let mut faults = Vec::new();
        let stacks = find(&paths, &mut faults);
        (stacks.into_values().map(|filed| (filed.name, filed.tier.name())).collect(), faults.len())
    }

    #[test]
    fn both_layouts_of_a_homelab_are_understood() {
        let (stacks, faults) = found(&[
            "stacks/apps/sonarr/docker-compose.yml",
            "stacks/apps/sonarr/tests/e2e/compose.yml",
            "stacks/dns/docker-compose.yml",
            "stacks/infrastructure/caddy/caddy-compose.yaml",
            "stacks/infrastructure/caddy/docker-proxy-compose.yaml",
            "stacks/platform/auth/authentik/compose.yaml",
            "stacks/platform/README.md",
        ]);
        let expected = [
            ("auth_authentik", "platform"),
            ("caddy", "infrastructure"),
            ("dns", "infrastructure"),
            ("docker-proxy", "infrastructure"),
            ("sonarr", "application"),
        ];
        assert_eq!(stacks, expected.map(|(name, tier)| (name.to_owned(), tier)));
        assert_eq!(faults, 0);
    }

    #[test]
    fn two_files_for_one_stack_are_told_and_the_first_counts() {
        let (stacks, faults) = found(&["stacks/apps/web/compose.yaml", "stacks/web/compose.yaml"]);
        assert_eq!(stacks, [("web".to_owned(), "application")]);
        assert_eq!(faults, 1);
    }
}
