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
    let lines = said.lines().filter(|line| !line.trim().is_empty());
    let fault = Diagnostic::new(format!("git {name} failed"), mend(name, said));
    lines.take(6).fold(fault, |fault, line| fault.because(without_login(&clean(line))))
}

/// What to do about a refusal, by what Git says of it.
fn mend(name: &str, said: &str) -> &'static str {
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if says(&[
        "could not read Username",
        "could not read Password",
        "terminal prompts disabled",
        "Authentication failed",
    ]) {
        "let git know the login without asking: a credential helper, or a key of SSH; sync never asks for one"
    } else if says(&["Permission denied (publickey", "Permission denied, please try again"]) {
        "give the agent of SSH a key that the remote knows: ssh-add; sync never asks for a passphrase"
    } else if says(&["Host key verification failed"]) {
        "connect once by hand and look at the key of the host: ssh -T HOST; sync trusts none by itself"
    } else if says(&["dubious ownership"]) {
        "run it as the owner of the folder, or let git trust it: git config --global --add safe.directory FOLDER"
    } else if says(&["would be overwritten by", "untracked working tree files"]) {
        "move the files that are in the way, or commit them: nothing was changed"
    } else if says(&["index.lock"]) {
        "wait until the other git has ended; if there is none, remove its lock"
    } else {
        match name {
            "fetch" => "look at the remote: git remote -v, and whether you may read it",
            "merge" => "look at the checkout: git status",
            "submodule" => "look at the repositories inside this one: git submodule update --init --recursive",
            _ => "try the command by hand",
        }
    }
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
