//! What Git's refusals mean, without what must not be told of them.

use std::io;
use std::path::Path;
use std::time::Duration;

use crate::diag::Diagnostic;
use crate::model::text::clean;

pub(super) fn no_checkout(root: &Path, why: &str) -> Diagnostic {
    let what = "the platform folder is no checkout of a Git repository";
    Diagnostic::new(what, "clone the repository, or give its folder with -C DIR")
        .at(root.display().to_string())
        .because(why)
}

pub(super) fn no_git(error: &io::Error) -> Diagnostic {
    Diagnostic::new("git cannot be run", "install git on this machine").because(error.to_string())
}

pub(super) fn late(name: &str, patience: Duration) -> Diagnostic {
    Diagnostic::new(format!("git {name} did not end within {patience:?}"), "look whether its remote answers")
}

pub(super) fn refused(name: &str, said: &str) -> Diagnostic {
    let mend = match name {
        "fetch" => "look at the remote: git remote -v, and whether you may read it",
        "merge" => "look at the checkout: git status",
        _ => "try the command by hand",
    };
    let lines = said.lines().filter(|line| !line.trim().is_empty());
    let fault = Diagnostic::new(format!("git {name} failed"), mend);
    lines.take(6).fold(fault, |fault, line| fault.because(without_login(&clean(line))))
}

/// Addresses without the login in them.
fn without_login(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let end = after.find(['/', ' ', '\'', '"']).unwrap_or(after.len());
        let (authority, tail) = after.split_at(end);
        out.push_str(authority.rsplit_once('@').map_or(authority, |(_, host)| host));
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_in_the_address_of_a_remote_is_not_told() {
        let said =
            "fatal: unable to access 'https://me:hunter2@git.example.test/home.git/': refused\nsee ssh://git@x/y";
        let fault = refused("fetch", said).to_string();
        assert!(fault.contains("https://git.example.test/home.git/") && fault.contains("ssh://x/y"), "{fault}");
        assert!(!fault.contains("hunter2"));
    }
}
