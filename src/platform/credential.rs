//! Where a credential lies: in a variable, in a file, or in a vault. Never in the folder itself: one that is written
//! down is refused, and not repeated.

use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

use super::reader::Reader;
use super::values::Values;
use crate::diag::Diagnostic;
use crate::stack::Node;

/// Where a credential lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// In the variable of this name, of `.env` or of the environment.
    Env(String),
    /// In a file on this machine.
    File(String),
    /// In a vault: an `op://` reference.
    Vault(String),
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credential::Env(name) => write!(f, "the variable {name}"),
            Credential::File(path) => write!(f, "the file {path}"),
            Credential::Vault(reference) => f.write_str(reference),
        }
    }
}

/// `{env: NAME}`, `{file: PATH}` or `op://vault/item/field`.
pub fn read(key: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Credential> {
    if let Some(text) = super::page::word(node) {
        if text.starts_with("op://") {
            return Some(Credential::Vault(text));
        }
        if !text.trim().is_empty() {
            let mend = format!("write {key} as {{env: NAME}} or {{file: PATH}}, and change what stood here");
            reader.wrong(node.place, format!("{key} is written down where everybody reads it"), mend);
        }
        return None;
    }
    let map = reader.map(key, node)?;
    reader.known(key, map, &["env", "file"]);
    match (map.get("env"), map.get("file")) {
        (Some(name), None) => reader.word("env", name).map(Credential::Env),
        (None, Some(path)) => reader.word("file", path).map(Credential::File),
        _ => {
            reader.wrong(node.place, format!("{key} says not where it lies"), "write either env or file");
            None
        }
    }
}

impl Credential {
    /// The credential itself. A vault is opened by others: from here it is a fault.
    ///
    /// # Errors
    /// If it is not there, with where it was looked for.
    pub fn find(&self, values: &Values) -> Result<Zeroizing<String>, Diagnostic> {
        let missing =
            |why: String, mend: &str| Diagnostic::new(format!("{self} holds no credential"), mend).because(why);
        let found = match self {
            Credential::Env(name) => Zeroizing::new(values.text(name).to_owned()),
            Credential::File(path) => {
                let read = std::fs::read_to_string(Path::new(path)).map(Zeroizing::new);
                read.map_err(|error| missing(error.to_string(), "put the credential into the file"))?
            }
            Credential::Vault(_) => return Err(missing("a vault is asked by op".to_owned(), "run: op signin")),
        };
        match found.trim() {
            "" => Err(missing("it is empty".to_owned(), "set it in .env or in the environment")),
            found => Ok(Zeroizing::new(found.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Files, read as read_platform};
    use super::*;

    #[test]
    fn a_credential_in_the_folder_is_refused_without_being_repeated() {
        let text = "critical_services: [{name: a, stack: b, session_check: {url: http://a, method: plex, auth_secret: hunter2}}]";
        let platform = read_platform(&Files::of(&[], &[("quarterdeck.yaml", text)]));
        let told = format!("{:?}", platform.findings);
        assert!(told.contains("written down") && told.contains("env: NAME"), "{told}");
        assert!(!told.contains("hunter2") && !format!("{platform:?}").contains("hunter2"));
    }

    #[test]
    fn it_is_found_where_it_is_said_to_lie() {
        let files = Files::of(&[], &[(".env", "PLEX_TOKEN=abc\nEMPTY=\n")]);
        let platform = read_platform(&files);
        let find = |credential: Credential| credential.find(&platform.values);
        assert_eq!(find(Credential::Env("PLEX_TOKEN".to_owned())).unwrap().as_str(), "abc");
        for missing in [Credential::Env("EMPTY".to_owned()), Credential::File("/nowhere/at/all".to_owned())] {
            assert!(find(missing.clone()).unwrap_err().line().contains("holds no credential"), "{missing}");
        }
    }
}
