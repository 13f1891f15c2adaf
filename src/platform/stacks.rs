//! Which files below `stacks/` are stacks, what they are called, and in which tier they are. The registry names first,
//! then `quarterdeck.yaml`, then the path.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::config::Config;
use super::files::Files;
use super::govern;
use super::registry::{Registry, RunsOn};
use super::rules;
use crate::diag::{Finding, Spot};
use crate::model::{Filed, Tier};

/// A compose file of one of these names makes its directory a stack.
pub const NAMES: [&str; 6] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml", "docker-stack.yml", "stack.yml"];
/// A file that ends so is a stack of its own, named by what comes before.
const SUFFIXES: [&str; 2] = ["-compose.yaml", "-compose.yml"];

/// Directories below `stacks/` that name a tier.
const TIERS: [&str; 4] = ["application", "apps", "infrastructure", "platform"];
/// Directories of stacks that were put away.
const SHELVES: [&str; 8] =
    ["archive", "archived", "archives", "attic", "deprecated", "disabled", "examples", "templates"];

/// The stacks by name. Two files for one name are told; the lower tier counts, then the first path.
pub fn find(
    files: &Files,
    registry: &Registry,
    config: &Config,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, Filed> {
    let mut found: Vec<Filed> = Vec::new();
    for path in candidates(files, registry, config) {
        if let Some(filed) = named(&path, registry, config, by_path(&path)) {
            found.push(filed);
            continue;
        }
        let what = format!("{} lies beside the stacks and is none", path.display());
        let mend = "move it into a directory of its own, or name it under `stacks` in quarterdeck.yaml";
        findings.push(rules::STACK_BESIDE.broken(Spot::of(&path.to_string_lossy()), what, mend));
    }
    found.sort_by(|a, b| (&a.tier, &a.file).cmp(&(&b.tier, &b.file)));
    let mut stacks: BTreeMap<String, Filed> = BTreeMap::new();
    for filed in found {
        if let Some(first) = stacks.get(&filed.name) {
            let what = format!("two files describe the stack {}", filed.name);
            let why = format!("{} has the same name and counts", first.file.display());
            let spot = Spot::of(&filed.file.to_string_lossy());
            findings.push(rules::STACK_TWICE.broken(spot, what, "rename one of the two directories").because(why));
            continue;
        }
        stacks.insert(filed.name.clone(), filed);
    }
    shelved(files, &stacks, findings);
    for link in files.astray() {
        let what = format!("{} leads out of the folder, in a circle or nowhere", link.display());
        let mend = "put what it leads to into the folder, or take the link away";
        findings.push(rules::STACK_LINK.broken(Spot::of(&link.to_string_lossy()), what, mend));
    }
    stacks
}

/// Every file that is a stack, by its name or because the registry or the configuration says so.
fn candidates(files: &Files, registry: &Registry, config: &Config) -> BTreeSet<PathBuf> {
    let mut by_dir: BTreeMap<&Path, Vec<&str>> = BTreeMap::new();
    for path in files.paths() {
        if let (Some(dir), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) {
            by_dir.entry(dir).or_default().push(name);
        }
    }
    let said = registry.stacks.iter().filter_map(|stack| stack.files.first()).cloned();
    let said = said.chain(config.stacks.values().filter_map(|stack| stack.path.clone()).map(|path| {
        let in_it = by_dir.get(path.as_path()).and_then(|names| compose_files(names).first().copied());
        in_it.map_or(path.clone(), |name| path.join(name))
    }));
    let mut found: BTreeSet<PathBuf> = said.filter(|path| files.paths().binary_search(path).is_ok()).collect();
    // A second file of a registered stack is no stack of its own.
    let parts: BTreeSet<&PathBuf> = registry.stacks.iter().flat_map(|stack| stack.files.iter().skip(1)).collect();
    let mut taken: BTreeSet<&Path> = BTreeSet::new();
    for (dir, names) in &by_dir {
        if is_shelved(dir) {
            continue;
        }
        if dir.ancestors().skip(1).any(|above| taken.contains(above)) {
            continue;
        }
        for file in compose_files(names) {
            let path = dir.join(file);
            // What lies beside the directories of stacks hides none of them, unless somebody says that they are its own.
            if !below_tier(&path).is_empty() || found.contains(&path) {
                taken.insert(dir);
            }
            if !parts.contains(&path) {
                found.insert(path);
            }
        }
    }
    found
}

/// The directory belongs to stacks that were put away: one above it says so by its name, or it does itself by `_`.
fn is_shelved(dir: &Path) -> bool {
    let named = |dir: &Path| dir.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let mut above = dir.ancestors().skip(1).map(named);
    named(dir).starts_with('_') || above.any(|name| name.starts_with('_') || SHELVES.contains(&name.as_str()))
}

/// Stacks that were put away and that nobody names.
fn shelved(files: &Files, stacks: &BTreeMap<String, Filed>, findings: &mut Vec<Finding>) {
    for path in files.paths() {
        let (Some(dir), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
            continue;
        };
        let below_one = || stacks.values().any(|filed| filed.file.parent().is_some_and(|own| dir.starts_with(own)));
        if (NAMES.contains(&name) || prefix(name).is_some()) && is_shelved(dir) && !below_one() {
            let what = format!("{} is put away", path.display());
            let mend = "nothing, if it is meant so; else move it, or name it under `stacks` in quarterdeck.yaml";
            findings.push(rules::STACK_SHELVED.broken(Spot::of(&path.to_string_lossy()), what, mend));
        }
    }
}

/// The compose files of a directory: the first of the fixed names, else all with the suffix.
fn compose_files<'a>(names: &[&'a str]) -> Vec<&'a str> {
    if let Some(fixed) = NAMES.iter().find_map(|fixed| names.iter().find(|name| *name == fixed)) {
        return vec![fixed];
    }
    names.iter().copied().filter(|name| prefix(name).is_some()).collect()
}

/// Compose files below the directory of a stack that are no stacks of their own, such as those of a test.
pub fn nested(files: &Files, stacks: &BTreeMap<String, Filed>) -> Vec<PathBuf> {
    let dirs: Vec<&Path> = stacks.values().filter_map(|filed| filed.file.parent()).collect();
    let is_nested = |path: &&PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let dir = path.parent().unwrap_or(Path::new(""));
        (NAMES.contains(&name) || prefix(name).is_some())
            && dirs.iter().any(|own| dir.starts_with(own) && dir != *own)
            && !stacks.values().any(|filed| filed.file == **path)
    };
    files.paths().iter().filter(is_nested).cloned().collect()
}

/// The name before `-compose.yaml`.
pub fn prefix(file: &str) -> Option<&str> {
    SUFFIXES
        .iter()
        .find_map(|suffix| file.strip_suffix(suffix))
        .filter(|prefix| *prefix != "docker" && !prefix.is_empty())
}

/// The tier that a path alone says.
pub fn tier_of(path: &Path) -> Tier {
    by_path(path).0
}

/// The directory that holds the stacks of a tier, from the parts of the path of one of them; none for what lies deeper
/// without a tier.
pub fn top(parts: &[&OsStr]) -> Option<PathBuf> {
    match parts {
        [root, tier, _, _, ..] if TIERS.iter().any(|name| tier == name) => Some(Path::new(root).join(tier)),
        [root, _, _] => Some(PathBuf::from(root)),
        _ => None,
    }
}

/// The directories between `stacks/` and a file.
fn dirs(path: &Path) -> Vec<&str> {
    path.parent().into_iter().flat_map(Path::iter).skip(1).filter_map(|part| part.to_str()).collect()
}

/// The same, without that of the tier.
fn below_tier(path: &Path) -> Vec<&str> {
    let tier = |part: &&str| TIERS.contains(part);
    let mut dirs = dirs(path);
    if dirs.first().is_some_and(tier) {
        dirs.remove(0);
    }
    dirs
}

fn by_path(path: &Path) -> (Tier, Option<String>) {
    let parts = dirs(path);
    let tier = match parts.first() {
        Some(&"platform") => Tier::Platform,
        Some(&"application" | &"apps") => Tier::Application,
        _ => Tier::Infrastructure,
    };
    let below = below_tier(path);
    let name = match path.file_name().and_then(|name| name.to_str()).and_then(prefix) {
        Some(prefix) => Some(prefix.to_owned()),
        None if below.is_empty() => None,
        None => Some(below.join("_")),
    };
    (tier, name)
}

/// The stack of a file, under the name that the folder gives it.
fn named(path: &Path, registry: &Registry, config: &Config, by_path: (Tier, Option<String>)) -> Option<Filed> {
    let (tier, name) = by_path;
    let registered = registry.of_file(path);
    let said = config
        .stacks
        .iter()
        .find(|(_, stack)| stack.path.as_deref().is_some_and(|said| said == path || path.parent() == Some(said)));
    let name = registered.map(|stack| stack.name.clone()).or_else(|| said.map(|(name, _)| name.clone())).or(name)?;
    let config_of = said.map(|(_, stack)| stack).or_else(|| config.stacks.get(&name));
    let tier =
        config_of.and_then(|stack| stack.tier.clone()).or_else(|| config.tiers.get(&name).cloned()).unwrap_or(tier);
    let mut filed = Filed::new(name, tier, path);
    let after = registered
        .into_iter()
        .flat_map(|stack| &stack.after)
        .chain(config_of.into_iter().flat_map(|stack| &stack.after));
    for (other, _) in after {
        if !filed.after.contains(other) {
            filed.after.push(other.clone());
        }
    }
    filed.host = config_of.and_then(|stack| stack.host.as_ref()).map(|(host, _)| host.clone()).or_else(|| {
        registered.and_then(|stack| match &stack.runs_on {
            RunsOn::Server(server) => Some(server.clone()),
            RunsOn::Swarm(_) | RunsOn::Unsaid => None,
        })
    });
    filed.governed = govern::governed(&filed.name, registered, config);
    filed.off = config_of.and_then(|stack| stack.off.as_ref()).map(ToString::to_string);
    Some(filed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(paths: &[&str], texts: &[(&str, &str)]) -> (Vec<(String, &'static str)>, Vec<Finding>) {
        let (mut findings, files) = (Vec::new(), Files::of(paths, texts));
        let registry = super::super::registry::read(&files, &mut findings);
        let config = super::super::config::read(&files, &mut findings);
        let stacks = find(&files, &registry, &config, &mut findings);
        (stacks.into_values().map(|filed| (filed.name, filed.tier.name())).collect(), findings)
    }

    fn names(expected: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        expected.iter().map(|(name, tier)| ((*name).to_owned(), *tier)).collect()
    }

    #[test]
    fn both_layouts_of_a_homelab_are_understood() {
        let (stacks, findings) = found(
            &[
                "stacks/apps/sonarr/docker-compose.yml",
                "stacks/apps/sonarr/tests/e2e/compose.yml",
                "stacks/dns/docker-compose.yml",
                "stacks/infrastructure/caddy/caddy-compose.yaml",
                "stacks/infrastructure/caddy/docker-proxy-compose.yaml",
                "stacks/platform/auth/authentik/compose.yaml",
                "stacks/platform/README.md",
            ],
            &[],
        );
        let expected = [
            ("auth_authentik", "platform"),
            ("caddy", "infrastructure"),
            ("dns", "infrastructure"),
            ("docker-proxy", "infrastructure"),
            ("sonarr", "application"),
        ];
        assert_eq!((stacks, findings), (names(&expected), vec![]));
    }

    #[test]
    fn two_files_for_one_stack_are_told_and_the_lower_tier_counts() {
        let (stacks, findings) = found(&["stacks/apps/web/compose.yaml", "stacks/web/compose.yaml"], &[]);
        assert_eq!(stacks, names(&[("web", "infrastructure")]));
        assert_eq!(&*findings[0].spot.file, "stacks/apps/web/compose.yaml");
    }

    #[test]
    fn a_file_beside_the_stacks_hides_none_of_them_and_is_told() {
        for beside in ["stacks/compose.yaml", "stacks/apps/docker-compose.yml"] {
            let (stacks, findings) = found(&[beside, "stacks/apps/web/compose.yaml", "stacks/dns/compose.yaml"], &[]);
            assert_eq!(stacks, names(&[("dns", "infrastructure"), ("web", "application")]), "{beside}");
            assert_eq!((findings.len(), findings[0].rule, &*findings[0].spot.file), (1, "stack-beside", beside));
        }
        let paths = ["stacks/apps/one-compose.yaml", "stacks/apps/web/compose.yaml"];
        assert_eq!(found(&paths, &[]), (names(&[("one", "application"), ("web", "application")]), vec![]));
        let config = [("quarterdeck.yaml", "stacks: {all: {path: stacks/apps}}")];
        let paths = ["stacks/apps/compose.yaml", "stacks/apps/tests/compose.yaml"];
        assert_eq!(found(&paths, &config), (names(&[("all", "application")]), vec![]));
    }

    #[test]
    fn the_registry_names_first_then_the_configuration_then_the_path() {
        let registry = "[[stack]]\nname = \"platform_authentik\"\n[stack.config]\nswarm = \"s\"\nrun_directory = \"stacks/platform/auth/authentik\"\n";
        let config = "stacks:\n  sso: {path: stacks/platform/auth/authentik, after: [db]}\n  db: {path: stacks/platform/postgres}\ntiers: {infrastructure: [db]}\n";
        let (stacks, findings) = found(
            &[
                "stacks/platform/auth/authentik/compose.yaml",
                "stacks/platform/postgres/compose.yaml",
                "stacks/dns/stack.yml",
            ],
            &[("komodo/resources.toml", registry), ("quarterdeck.yaml", config)],
        );
        assert_eq!(findings, []);
        assert_eq!(
            stacks,
            names(&[("db", "infrastructure"), ("dns", "infrastructure"), ("platform_authentik", "platform")])
        );
    }

    #[test]
    fn a_registered_file_is_a_stack_wherever_it_lies_and_an_overlay_of_it_is_none() {
        let registry = "[[stack]]\nname = \"exporter\"\n[stack.config]\nserver = \"nas\"\nrun_directory = \"stacks/monitoring/exporter\"\n\n[[stack]]\nname = \"dns\"\n[stack.config]\nswarm = \"s\"\nrun_directory = \"stacks/dns\"\nfile_paths = [\"a-compose.yaml\", \"b-compose.yaml\"]\n";
        let paths = [
            "stacks/monitoring/compose.yaml",
            "stacks/monitoring/exporter/compose.yaml",
            "stacks/dns/a-compose.yaml",
            "stacks/dns/b-compose.yaml",
        ];
        let (stacks, _) = found(&paths, &[("komodo/resources.toml", registry)]);
        assert_eq!(
            stacks,
            names(&[("dns", "infrastructure"), ("exporter", "infrastructure"), ("monitoring", "infrastructure")])
        );
    }
}
