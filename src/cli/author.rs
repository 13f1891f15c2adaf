//! Who the operator is, where the journal lies, and of which commit the folder is.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::args::Globals;
use crate::action::Commit;
use crate::journal::{AskCommit, Author, Journal};
use crate::platform;
use crate::telemetry;

/// The operator's journal; one that is gone with the process where this machine has no place for files of state.
pub fn journal(globals: &Globals) -> Journal {
    let author = author(globals);
    match telemetry::folder() {
        Some(folder) => Journal::in_folder(folder.join("journal"), author),
        None => Journal::in_memory(author),
    }
}

/// Who writes it.
pub fn author(globals: &Globals) -> Author {
    let said = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    let folder = platform::find(globals.platform.as_deref(), &here);
    Author {
        user: said("USER").or_else(|| said("LOGNAME")).or_else(of_this_process).unwrap_or_else(|| "unknown".to_owned()),
        host: host(),
        // Who passes over the guard has said why.
        why: globals.why.clone().or_else(|| globals.override_guard.clone()).unwrap_or_default(),
        commit: asker(folder),
    }
}

/// The name that this machine has for whoever runs the process, or the number where it has none.
fn of_this_process() -> Option<String> {
    let uid = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    Some(named(&users, &uid).unwrap_or_else(|| format!("uid {uid}")))
}

/// The name of a number in a list of users.
fn named(users: &str, uid: &str) -> Option<String> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1) == Some(uid)).then(|| name.to_owned())
    })
}

/// This machine's name; empty where it does not tell.
fn host() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname").map(|name| name.trim().to_owned()).unwrap_or_default()
}

fn asker(folder: Option<PathBuf>) -> AskCommit {
    Arc::new(move || folder.as_deref().and_then(commit))
}

/// The commit of a folder; none if it is no checkout, or git is not here.
pub fn commit(folder: &Path) -> Option<Commit> {
    let id = git(folder, &["rev-parse", "HEAD"])?;
    let dirty = git(folder, &["status", "--porcelain", "--untracked-files=normal", "--", "."])?;
    let id = id.trim().to_owned();
    (!id.is_empty()).then(|| Commit { id, dirty: !dirty.trim().is_empty() })
}

/// What git says; it is asked nothing that it would have to ask somebody else.
fn git(folder: &Path, words: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["--no-optional-locks", "-c", "core.fsmonitor=false"])
        .args(words)
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_the_name_that_the_machine_gives_it() {
        let users = "root:x:0:0:root:/root:/bin/sh\n\nann:x:1000:1000::/home/ann:/bin/sh\n:x:7:7::/:/\n";
        for (uid, name) in [("1000", Some("ann")), ("0", Some("root")), ("7", None), ("10", None)] {
            assert_eq!(named(users, uid).as_deref(), name, "{uid}");
        }
        assert!(of_this_process().is_some());
    }
}
