//! `services.yaml` of the dashboard Homepage: what is shown without labels.

use std::path::Path;

use super::files::Files;
use super::page::Page;
use crate::diag::{Finding, Spot};
use crate::stack::{Node, Value};

/// A service on the dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Its name.
    pub name: String,
    /// Where it is written.
    pub spot: Spot,
}

/// The tiles of every such file below `stacks/`.
pub fn read(files: &Files, findings: &mut Vec<Finding>) -> Vec<Tile> {
    let mut tiles = Vec::new();
    for path in files.paths().iter().filter(|path| is_one(files, path)) {
        let Some(page) = Page::yaml(files, path, findings) else { continue };
        page.root.iter().for_each(|root| group(root, &page, &mut tiles));
    }
    tiles
}

/// A file of this name may be anybody's; below a directory of Homepage, or beside its other files, it is its own.
fn is_one(files: &Files, path: &Path) -> bool {
    let beside = |name: &str| files.paths().binary_search(&path.with_file_name(name)).is_ok();
    let below = || path.iter().any(|part| part.to_string_lossy().to_ascii_lowercase().contains("homepage"));
    path.file_name().is_some_and(|name| name == "services.yaml")
        && (below() || beside("widgets.yaml") || beside("settings.yaml") || beside("bookmarks.yaml"))
}

/// Groups are lists of groups and of services; what has no list below it is a service.
fn group(list: &Node, page: &Page, tiles: &mut Vec<Tile>) {
    for entry in list.list().unwrap_or_default().iter().filter_map(Node::map).flat_map(|map| &map.0) {
        match &entry.node.value {
            Value::List(_) => group(&entry.node, page, tiles),
            Value::Map(_) => tiles.push(Tile { name: entry.key.clone(), spot: page.at(entry.place) }),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_read_from_groups_within_groups() {
        let text = "- Media:\n    - Plex: {href: https://plex.example.test}\n    - More:\n        - Sonarr:\n            href: x\n- Empty:\n";
        let files = Files::of(
            &["stacks/a/config/settings.yaml"],
            &[("stacks/a/config/services.yaml", text), ("stacks/b/services.yaml", text)],
        );
        let mut findings = Vec::new();
        let tiles = read(&files, &mut findings);
        let told: Vec<String> = tiles.iter().map(|tile| format!("{} {}", tile.name, tile.spot)).collect();
        let file = "stacks/a/config/services.yaml";
        assert_eq!(told, [format!("Plex {file}:2:7"), format!("Sonarr {file}:4:11")]);
        assert!(findings.is_empty());
    }
}
