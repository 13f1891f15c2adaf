//! Files whose paths match a pattern, in order.

use std::path::{Component, Path, PathBuf};

use crate::ssh::pattern;

/// All of them; a path without stars and question marks is itself, there or not.
pub fn files(path: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    for part in path.components() {
        let Component::Normal(name) = part else {
            found.iter_mut().for_each(|path| path.push(part));
            continue;
        };
        let pattern = name.to_string_lossy();
        if pattern.contains(['*', '?']) {
            found = found.iter().flat_map(|folder| within(folder, &pattern)).collect();
        } else {
            found.iter_mut().for_each(|path| path.push(name));
        }
    }
    found
}

fn within(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    // A leading dot must be said.
    let fits = |name: &String| name.starts_with('.') == pattern.starts_with('.') && pattern::glob(pattern, name);
    let mut names: Vec<String> = names.filter(fits).collect();
    names.sort();
    names.into_iter().map(|name| folder.join(name)).collect()
}
