//! Pages for people against the directories that they name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Folder;
use crate::diag::{Finding, Spot};
use crate::platform::rules;

/// Where pages lie.
const DIRECTORIES: [&str; 2] = ["docs", "documentation"];
/// How a directory of stacks is named.
const STACKS: &str = "stacks/";

/// Directories below `stacks/` that a page spells otherwise than the folder. A name unlike all others may be of the past
/// or of the future, and is left alone.
pub fn paths(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    let dirs = folder.files.paths().iter().filter(|path| path.iter().count() > 2);
    let known: BTreeSet<&str> = dirs.filter_map(|path| path.iter().nth(1)?.to_str()).collect();
    let beside = DIRECTORIES.iter().flat_map(|dir| folder.files.under(Path::new(dir)));
    let pages = beside.filter(|page| page.extension().is_some_and(|end| end == "md"));
    for page in pages.chain([PathBuf::from("README.md"), PathBuf::from("stacks/README.md")]) {
        let Ok(Some(text)) = folder.files.found(&page) else { continue };
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for (line, column, name) in named(&text).filter(|(.., name)| !known.contains(name)) {
            let Some(meant) = known.iter().find(|dir| bare(dir) == bare(name)).filter(|_| told.insert(name)) else {
                continue;
            };
            let spot = Spot::of(&page.to_string_lossy()).line(line, column);
            let what = format!("the page names stacks/{name}/, and the folder has stacks/{meant}/");
            findings.push(rules::DOCS_PATH.broken(spot, what, format!("write stacks/{meant}/")));
        }
    }
}

/// Directories below `stacks/` that a text names, with line and column.
fn named(text: &str) -> impl Iterator<Item = (u32, u32, &str)> {
    text.lines().zip(1_u32..).flat_map(|(line, number)| {
        line.match_indices(STACKS).filter_map(move |(at, _)| {
            let (before, after) = (line.get(..at)?, line.get(at + STACKS.len()..)?);
            let (name, _) = after.split_once('/')?;
            let whole = !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_'));
            let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
            let column = u32::try_from(before.chars().count() + 1).unwrap_or(1);
            (whole && plain).then_some((number, column, name))
        })
    })
}

/// A name without what two people write differently.
fn bare(name: &str) -> String {
    let letters: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    letters.trim_end_matches('s').to_owned()
}
