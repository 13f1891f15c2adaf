//! Values for the stacks: the `.env` at the root wins, and a name that is missing there may come from elsewhere, which
//! is told.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use super::files::Files;
use crate::diag::Diagnostic;
use crate::stack::{Folder, Source};

/// Where the values of a platform lie.
pub(super) const VALUES: &str = ".env";

/// Values by name, and which of them the folder gives.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// All of them.
    pub all: BTreeMap<String, String>,
    /// Names that the folder's own file gives.
    pub own: BTreeSet<String>,
}

/// Names only: values may be secrets.
impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Values").field("own", &self.own).field("all", &self.all.len()).finish()
    }
}

/// The values of a platform, over those of the surroundings.
///
/// # Errors
/// If the file is there and cannot be read, with the line.
pub fn values(files: &Files, surroundings: BTreeMap<String, String>) -> Result<Values, Diagnostic> {
    let text = match files.read(Path::new(VALUES)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            let fault = Diagnostic::new("the values of the platform cannot be read", "look at who may read the file");
            return Err(fault.at(VALUES).because(error.to_string()));
        }
    };
    let mut values = Values { all: surroundings, own: BTreeSet::new() };
    for pair in dotenvy::from_read_iter(text.as_slice()) {
        match pair {
            Ok((name, value)) => {
                values.own.insert(name.clone());
                values.all.insert(name, value);
            }
            Err(error) => return Err(unreadable(&text, &error)),
        }
    }
    Ok(values)
}

/// The fault of a line, without the line: it may hold a secret.
fn unreadable(text: &[u8], error: &dotenvy::Error) -> Diagnostic {
    let fault = Diagnostic::new("a line of the platform's values cannot be read", "write it as NAME=value");
    let dotenvy::Error::LineParse(line, _) = error else { return fault.at(VALUES) };
    let text = String::from_utf8_lossy(text);
    let number = text.lines().position(|known| !line.is_empty() && known.trim() == line.trim());
    fault.at(number.map_or_else(|| VALUES.to_owned(), |number| format!("{VALUES}:{}", number + 1)))
}

/// Names that a stack file takes from elsewhere than the folder's own values.
#[must_use]
pub fn borrowed(source: &Source, values: &Values) -> BTreeSet<String> {
    let lines = source.text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let mut names: BTreeSet<String> = lines.flat_map(variables).collect();
    names.retain(|name| values.all.contains_key(name) && !values.own.contains(name));
    names
}

/// Names after a dollar sign; two dollar signs are one in a text.
fn variables(line: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = line;
    while let Some((_, after)) = rest.split_once('$') {
        if let Some(escaped) = after.strip_prefix('$') {
            rest = escaped;
            continue;
        }
        let inner = after.strip_prefix('{').unwrap_or(after);
        let name: String = inner.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            names.push(name);
        }
        rest = inner;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_folders_own_values_win_and_others_are_told() {
        let files = Files::of(&[], &[(VALUES, "DOMAIN=home.example\n# no\nEMPTY=\n")]);
        let values = values(&files, surroundings(&[("DOMAIN", "elsewhere"), ("TZ", "UTC"), ("HOME", "/x")])).unwrap();
        assert_eq!((values.all["DOMAIN"].as_str(), values.all["TZ"].as_str()), ("home.example", "UTC"));
        let text = "a: ${DOMAIN}-${TZ:-x} $EMPTY\n# ${HOME}\nb: $${HOME}\n";
        let source = Source { name: "x".into(), text: text.into() };
        assert_eq!(borrowed(&source, &values), BTreeSet::from(["TZ".to_owned()]));
        assert!(!format!("{values:?}").contains("home.example"));
    }

    #[test]
    fn a_line_that_is_none_is_told_by_its_number_alone() {
        let files = Files::of(&[], &[(VALUES, "A=1\nhunter2 hunter2\n")]);
        let fault = values(&files, BTreeMap::new()).unwrap_err();
        assert_eq!(fault.place, ".env:2");
        assert!(!fault.to_string().contains("hunter2"), "{fault}");
        assert!(values(&Files::of(&[], &[]), BTreeMap::new()).unwrap().own.is_empty());
    }

    #[test]
    fn the_shipped_platform_reads_what_lies_beside_its_stacks() {
        let files = Files::shipped();
        assert!(files.text(Path::new("stacks/infrastructure/caddy/Caddyfile")).is_ok());
        assert!(files.text(Path::new("stacks/nowhere")).is_err() && files.text(Path::new("/etc/passwd")).is_err());
        assert!(values(&files, BTreeMap::new()).unwrap().own.contains("DOMAIN"));
    }
}
