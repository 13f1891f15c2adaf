//! The checkout is brought forward, and what that changes is shown and deployed, on real repositories.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use quarterdeck::action::prepare::Prepare;
use quarterdeck::action::{Action, Commit, End, JobId};
use quarterdeck::journal::{Author, Journal};
use serde_json::Value;

use crate::world::World;

pub const WEB: &str = "services: {a: {image: \"web:${TAG}\", deploy: {update_config: {monitor: 500ms}}}}\n";
const DB: &str = "services: {a: {image: \"db:1\", deploy: {update_config: {monitor: 500ms}}}}\n";

pub fn git(dir: &Path, words: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=ana", "-c", "user.email=ana@example.test", "-c", "init.defaultBranch=main", "-C"])
        .arg(dir)
        .args(words)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A world whose folder is a clone, and the colleague's clone from which changes come.
pub struct Team {
    pub world: World,
    pub colleague: PathBuf,
    origin: PathBuf,
    _remote: tempfile::TempDir,
}

impl Team {
    pub fn new(config: &str) -> Self {
        let (world, remote) = (World::new(), tempfile::tempdir().unwrap());
        let (origin, colleague) = (remote.path().join("origin.git"), remote.path().join("colleague"));
        git(remote.path(), &["init", "-q", "--bare", "origin.git"]);
        git(remote.path(), &["clone", "-q", "origin.git", "colleague"]);
        let team = Self { world, colleague, origin, _remote: remote };
        team.push(&[
            (".env", "TAG=1\n"),
            ("quarterdeck.yaml", config),
            ("stacks/application/web/compose.yaml", WEB),
            ("stacks/platform/db/compose.yaml", DB),
        ]);
        let folder = team.world.folder.path();
        git(folder, &["init", "-q"]);
        git(folder, &["remote", "add", "origin", team.origin.to_str().unwrap()]);
        git(folder, &["fetch", "-q"]);
        git(folder, &["checkout", "-q", "-b", "main", "--track", "origin/main"]);
        team
    }

    /// The colleague changes files and pushes them.
    pub fn push(&self, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = self.colleague.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        git(&self.colleague, &["add", "-A"]);
        git(&self.colleague, &["commit", "-q", "-m", "Change things"]);
        git(&self.colleague, &["push", "-q", "origin", "HEAD:main"]);
    }

    fn sync(&self, words: &[&str]) -> (i32, String, String) {
        self.world.said(&[&["sync"], words].concat())
    }

    pub fn head(&self) -> String {
        git(self.world.folder.path(), &["rev-parse", "HEAD"])
    }
}

#[test]
fn what_came_is_shown_by_stack_and_nothing_is_deployed_unasked() {
    let team = Team::new("");
    let (code, out, err) = team.sync(&[]);
    assert!(code == 0 && out.contains("nothing has changed"), "{out}{err}");
    team.push(&[("stacks/platform/db/compose.yaml", &DB.replace("db:1", "db:2")), ("README.md", "x")]);
    let (code, out, err) = team.sync(&["--auto"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("db: stacks/platform/db/compose.yaml") && out.contains("db: 2 create"), "{out}");
    assert!(
        !out.contains("web:") && err.contains("not allowed by `sync` in quarterdeck.yaml, deploy by hand: db"),
        "{err}"
    );
    assert!(team.world.sim.writes().is_empty());
    assert_eq!(team.head(), git(&team.colleague, &["rev-parse", "HEAD"]));
    // It waits, so it comes again, until it was deployed by hand.
    assert!(team.sync(&[]).1.contains("db: 2 create"));
    assert_eq!(team.world.said(&["deploy", "db", "-y"]).0, 0);
    assert!(team.sync(&[]).1.contains("db: nothing to do"));
    assert!(team.sync(&[]).1.contains("nothing has changed"));
}

#[test]
fn what_the_folder_allows_is_deployed_and_a_failure_comes_again() {
    let team = Team::new("sync: {auto: [web]}\n");
    assert_eq!(team.sync(&[]).0, 0);
    // A value that both might use touches who uses it.
    team.push(&[(".env", "TAG=2\n")]);
    let (code, out, err) = team.sync(&["--auto"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("web: .env: TAG") && !out.contains("db:"), "{out}");
    assert_eq!(team.world.sim.services(), ["web_a"]);
    team.push(&[(
        "stacks/application/web/compose.yaml",
        "services: {a: {image: \"web:${TAG}\", networks: [gone]}}\nnetworks: {gone: {external: true}}\n",
    )]);
    for _ in 0..2 {
        let (code, out, err) = team.sync(&["--auto"]);
        assert!(code == 1 && out.contains("gone"), "{out}{err}");
    }
    team.push(&[("stacks/application/web/compose.yaml", &WEB.replace("web:", "web2:"))]);
    let (code, out, _) = team.sync(&["--auto", "--json"]);
    let told: Value = serde_json::from_str(&out).expect("one document");
    assert_eq!((code, &told["allowed"][0], &told["stacks"][0]["name"]), (0, &"web".into(), &"web".into()));
    assert_eq!((&told["outcome"], &told["actions"][0]["what"]), (&"done".into(), &"deploy stack web".into()), "{told}");
    assert_eq!(told["waiting"], serde_json::json!([]));
    let spec = team.world.sim.service("web_a").unwrap()["Spec"].to_string();
    assert!(spec.contains("web2:2"), "{spec}");
}

#[test]
fn one_stack_that_cannot_be_deployed_keeps_back_only_what_stands_on_it() {
    let team = Team::new("sync: {auto: all}\n");
    assert_eq!(team.sync(&[]).0, 0);
    let on = "services: {a: {image: \"top:1\", networks: [made]}}\nnetworks: {made: {external: true, name: db_made}}\n";
    let faulty = "services: {a: {image: \"db:2\", networks: [gone, made]}}\nnetworks: {gone: {external: true}, made: {name: db_made}}\n";
    team.push(&[
        ("stacks/platform/db/compose.yaml", faulty),
        ("stacks/application/top/compose.yaml", on),
        ("stacks/application/web/compose.yaml", &WEB.replace("web:", "web4:")),
    ]);
    let (code, out, err) = team.sync(&["--auto"]);
    assert!(code == 1 && err.contains("cannot be deployed or stand on what cannot: "), "{out}{err}");
    assert_eq!(team.world.sim.services(), ["web_a"], "{out}{err}");
    // And what went is told, in both ways of telling.
    std::fs::remove_dir_all(team.colleague.join("stacks/application/web")).unwrap();
    team.push(&[("stacks/platform/db/compose.yaml", DB)]);
    let told: Value = serde_json::from_str(&team.sync(&["--json"]).1).unwrap();
    assert_eq!(told["gone"], serde_json::json!(["web"]), "{told}");
    assert!(team.sync(&[]).1.contains("web has no file any more"));
}

#[test]
fn what_a_pre_flight_puts_on_machines_waits_until_it_was_put_there_from_this_commit() {
    let team = Team::new("");
    assert_eq!(team.world.said(&["deploy", "web", "-y"]).0, 0);
    assert_eq!(team.sync(&[]).0, 0);
    let placed = "templates:\n  - {src: notes.j2, dest: notes.txt}\n";
    team.push(&[
        ("stacks/application/web/pre-flight.yml", placed),
        ("stacks/application/web/notes.j2", "1"),
        ("stacks/application/web/hooks.sh", "exit 1"),
    ]);
    for _ in 0..2 {
        let told: Value = serde_json::from_str(&team.sync(&["--json"]).1).unwrap();
        assert_eq!((&told["waiting"], &told["prepares"][0]["stack"]), (&serde_json::json!(["web"]), &"web".into()));
        // The script goes before a deploy, and there is none.
        assert_eq!(told["prepares"][0]["steps"].as_array().unwrap().len(), 1, "{told}");
    }
    assert!(team.sync(&[]).1.contains("web: with deploy --prepare, file "));
    // A deploy looks there where it is told to.
    assert!(team.world.said(&["plan", "web", "--prepare"]).1.contains("web: with deploy --prepare, file "));
    assert!(!team.world.said(&["plan", "web"]).1.contains("file "));
    let commit = Commit { id: team.head(), dirty: false };
    let author = Author { commit: Arc::new(move || Some(commit.clone())), ..Author::default() };
    let journal = Journal::in_folder(team.world.folder.path().join("quarterdeck/journal"), author);
    let now = "2030-01-01T00:00:00Z".parse().unwrap();
    let begun = journal.begin((JobId(1), &Action::Prepare(Prepare::of("web"))), "any", now).unwrap();
    journal.end(&begun.job, End::told(now, "done", String::new())).unwrap();
    let told: Value = serde_json::from_str(&team.sync(&["--json"]).1).unwrap();
    assert_eq!((&told["waiting"], &told["prepares"]), (&serde_json::json!([]), &serde_json::json!([])), "{told}");
    assert!(team.sync(&[]).1.contains("nothing has changed"));
}

#[test]
fn every_end_of_a_sync_is_one_document() {
    let team = Team::new("sync: {auto: [web]}\n");
    let told = |words: &[&str]| -> (i32, Value) {
        let (code, out, err) = team.sync(&[words, &["--json"]].concat());
        (code, serde_json::from_str(&out).unwrap_or_else(|fault| panic!("{fault}: {out}{err}")))
    };
    let (code, none) = told(&["--auto"]);
    assert!(code == 0 && none["outcome"] == "done" && none["touched"] == serde_json::json!({}), "{none}");
    // Both have changed, one is allowed: the other waits, and what did not change is not touched at all.
    let hub = "services: {a: {image: x, deploy: {update_config: {monitor: 500ms}}}}\n";
    team.push(&[
        ("stacks/platform/db/compose.yaml", &DB.replace("db:1", "db:2")),
        ("stacks/application/web/compose.yaml", &WEB.replace("web:", "web3:")),
        ("stacks/application/hub/compose.yaml", hub),
    ]);
    let (code, shown) = told(&[]);
    assert!(
        code == 0 && shown["actions"] == serde_json::json!([]) && shown["waiting"].as_array().unwrap().len() == 3,
        "{shown}"
    );
    let (code, done) = told(&["--auto"]);
    assert_eq!((code, &done["waiting"]), (0, &serde_json::json!(["db", "hub"])), "{done}");
    assert_eq!(team.world.sim.services(), ["web_a"]);
    // A fault, and what had to be left.
    team.push(&[(
        "stacks/application/web/compose.yaml",
        "services: {a: {image: x, networks: [gone]}}\nnetworks: {gone: {external: true}}\n",
    )]);
    let (code, faulty) = told(&["--auto"]);
    assert!(code == 1 && faulty["outcome"] == "failed" && faulty["actions"] == serde_json::json!([]), "{faulty}");
    // Where nothing could be brought forward there is no document, and the reason stands beside it.
    team.world.put(".env", "TAG=mine\n");
    let (code, out, err) = team.sync(&["--auto", "--json"]);
    assert!(code == 1 && out.is_empty() && err.contains("in no commit: .env"), "{out}{err}");
}

#[test]
fn a_checkout_in_any_other_state_is_told_with_its_mend_and_stays() {
    let team = Team::new("");
    let folder = team.world.folder.path();
    let refused = |what: &str, mend: &str| {
        let before = (team.head(), git(folder, &["status", "--porcelain", "-uno"]));
        let (code, out, err) = team.sync(&[]);
        assert!(code == 1 && err.contains(what) && err.contains(mend), "{out}{err}");
        assert_eq!(before, (team.head(), git(folder, &["status", "--porcelain", "-uno"])), "{what}: nothing is lost");
    };
    git(folder, &["checkout", "-q", "--detach"]);
    refused("HEAD is detached", "git switch");
    git(folder, &["checkout", "-q", "main"]);
    // A file that nobody follows lies where a new one has to go.
    team.push(&[("notes.txt", "theirs")]);
    team.world.put("notes.txt", "mine");
    refused("git merge failed", "move the files that are in the way");
    assert_eq!(std::fs::read_to_string(folder.join("notes.txt")).unwrap(), "mine");
    std::fs::remove_file(folder.join("notes.txt")).unwrap();
    // In the middle of something.
    git(folder, &["branch", "other", "HEAD"]);
    git(folder, &["checkout", "-q", "other"]);
    refused("follows no other", "--set-upstream-to");
    git(folder, &["checkout", "-q", "main"]);
    let origin = git(folder, &["remote", "get-url", "origin"]);
    git(folder, &["remote", "set-url", "origin", "/nowhere/at/all.git"]);
    refused("git fetch failed", "git remote -v");
    git(folder, &["remote", "set-url", "origin", &origin]);
    git(folder, &["update-ref", "-d", "refs/remotes/origin/main"]);
    git(folder, &["config", "remote.origin.fetch", "+refs/heads/none*:refs/remotes/origin/none*"]);
    let (code, _, err) = team.sync(&[]);
    assert!(code == 1 && err.contains("mend: "), "{err}");
    // A repository without any commit.
    let world = World::new();
    world.put("stacks/application/web/compose.yaml", WEB);
    git(world.folder.path(), &["init", "-q"]);
    let (code, _, err) = world.said(&["sync"]);
    assert!(code == 1 && err.contains("no commit yet"), "{err}");
}

#[test]
fn a_shallow_clone_moves_forward_and_says_why_where_it_cannot() {
    let team = Team::new("");
    let folder = team.world.folder.path();
    let clone = folder.join("clone");
    let origin = format!("file://{}", git(folder, &["remote", "get-url", "origin"]));
    team.push(&[("README.md", "1")]);
    git(folder, &["clone", "-q", "--depth", "1", &origin, clone.to_str().unwrap()]);
    let sync = || team.world.said(&["sync", "-C", clone.to_str().unwrap()]);
    assert_eq!(sync().0, 0);
    team.push(&[("stacks/platform/db/compose.yaml", &DB.replace("db:1", "db:2"))]);
    let (code, out, err) = sync();
    assert!(code == 0 && out.contains("db: stacks/platform/db/compose.yaml"), "{out}{err}");
    // History was written anew below the part that is here.
    git(&team.colleague, &["checkout", "-q", "--orphan", "anew"]);
    git(&team.colleague, &["commit", "-q", "-m", "Begin anew"]);
    git(&team.colleague, &["push", "-q", "-f", "origin", "HEAD:main"]);
    let head = git(&clone, &["rev-parse", "HEAD"]);
    let (code, _, err) = sync();
    assert!(code == 1 && err.contains("git fetch --unshallow"), "{err}");
    assert_eq!(head, git(&clone, &["rev-parse", "HEAD"]));
}

#[test]
fn a_repository_inside_the_checkout_comes_along_and_its_stacks_count() {
    let team = Team::new("");
    let inner = team.colleague.with_file_name("inner");
    let put = |text: &str| {
        std::fs::create_dir_all(inner.join("apps/pic")).unwrap();
        std::fs::write(inner.join("apps/pic/compose.yaml"), text).unwrap();
        git(&inner, &["add", "-A"]);
        git(&inner, &["commit", "-q", "-m", "Change a picture"]);
    };
    git(team.colleague.parent().unwrap(), &["init", "-q", "inner"]);
    put("services: {a: {image: \"pic:1\"}}\n");
    let allowed = ["-c", "protocol.file.allow=always"];
    let path = "stacks/application/inner";
    git(&team.colleague, &[&allowed[..], &["submodule", "--quiet", "add", inner.to_str().unwrap(), path]].concat());
    team.push(&[]);
    // A repository on this machine is taken by git only where that is allowed.
    let file =
        [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "protocol.file.allow"), ("GIT_CONFIG_VALUE_0", "always")];
    let (code, _, err) = team.sync(&[]);
    assert!(code == 1 && err.contains("git submodule failed"), "{err}");
    // What failed comes again, though the branch is forward by now.
    let (code, out, err) = team.world.said_with(&["sync"], &file);
    assert!(code == 0 && out.contains("inner_apps_pic: "), "{out}{err}");
    assert_eq!(team.world.said(&["deploy", "inner_apps_pic", "-y"]).0, 0);
    assert_eq!(team.world.said_with(&["sync"], &file).0, 0);
    put("services: {a: {image: \"pic:2\"}}\n");
    git(&team.colleague, &[&allowed[..], &["submodule", "--quiet", "update", "--remote", path]].concat());
    team.push(&[]);
    let (code, out, err) = team.world.said_with(&["sync"], &file);
    let told = "inner_apps_pic: stacks/application/inner/apps/pic/compose.yaml";
    assert!(code == 0 && out.contains(told), "{out}{err}");
    // What was done inside it and is in no commit of it stays.
    team.world.put("stacks/application/inner/apps/pic/compose.yaml", "services: {a: {image: mine}}\n");
    let (code, _, err) = team.world.said_with(&["sync"], &file);
    assert!(code == 1 && err.contains("in no commit: stacks/application/inner"), "{err}");
}

#[test]
fn nothing_that_git_runs_can_ask_on_the_terminal() {
    let team = Team::new("");
    let folder = team.world.folder.path();
    team.push(&[("README.md", "x")]);
    let hook = folder.join(".git/hooks/post-merge");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    let mark = folder.join("asked");
    std::fs::write(
        &hook,
        format!("#!/bin/sh\necho your password? >/dev/tty && touch {0}\ntouch {0}-ran\n", mark.display()),
    )
    .unwrap();
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    // A server that wants a login, asked on a real terminal.
    let (code, said) = team.world.on_terminal(&["sync"]);
    assert!(code == 0 && !said.contains("password?"), "{said}");
    assert!(folder.join("asked-ran").exists() && !mark.exists(), "the hook ran, and had no terminal");
    let locked =
        team.world.stand_in(|_| (401, vec![("www-authenticate", "Basic realm=\"git\"".to_owned())], String::new()));
    git(folder, &["remote", "set-url", "origin", &locked.url().replace("http://", "http://me:hunter2@")]);
    let (code, said) = team.world.on_terminal(&["sync"]);
    assert!(code == 1 && said.contains("credential helper"), "{said}");
    git(folder, &["remote", "set-url", "origin", &locked.url()]);
    let (code, again) = team.world.on_terminal(&["sync"]);
    assert!(code == 1 && again.contains("credential helper"), "{again}");
    assert!(!said.contains("hunter2") && !again.contains("Password for"), "{said}{again}");
    assert!(!locked.seen().is_empty());
}

#[test]
fn a_sync_from_a_hook_of_another_repository_means_this_one() {
    let team = Team::new("");
    let elsewhere = team.colleague.join(".git");
    let (code, out, err) = team.world.said_with(&["sync"], &[("GIT_DIR", elsewhere.to_str().unwrap())]);
    assert!(code == 0 && out.contains(&format!("at {}", &team.head()[..10])), "{out}{err}");
}

#[test]
fn what_komodo_governs_is_told_and_left_to_it() {
    let team = Team::new("sync: {auto: all}\n");
    assert_eq!(team.sync(&[]).0, 0);
    let registry =
        "[[stack]]\nname = \"db\"\n[stack.config]\nswarm = \"home\"\nrun_directory = \"stacks/platform/db\"\n";
    team.push(&[
        ("komodo/resources.toml", registry),
        ("stacks/platform/db/compose.yaml", "services: {a: {image: x}}\n"),
    ]);
    let (code, out, err) = team.sync(&["--auto"]);
    assert!(code == 0 && out.contains("left alone: db, managed by Komodo"), "{out}{err}");
    assert!(team.world.sim.writes().is_empty());
}

#[test]
fn a_checkout_that_cannot_be_moved_forward_stays_as_it_is_and_says_why() {
    let team = Team::new("");
    let folder = team.world.folder.path();
    // Files that Git does not follow are nobody's change.
    team.world.put("notes.txt", "mine");
    assert_eq!(team.sync(&[]).0, 0);
    team.push(&[("README.md", "x")]);
    team.world.put("quarterdeck.yaml", "name: mine\n");
    let head = team.head();
    let (code, _, err) = team.sync(&[]);
    assert!(code == 1 && err.contains("in no commit: quarterdeck.yaml") && head == team.head(), "{err}");
    git(folder, &["commit", "-qam", "Mine"]);
    let head = team.head();
    let (code, _, err) = team.sync(&[]);
    assert!(code == 1 && err.contains("gone different ways") && head == team.head(), "{err}");
    git(folder, &["reset", "-q", "--hard", "origin/main"]);
    assert_eq!(team.sync(&[]).0, 0);
    git(folder, &["commit", "-q", "--allow-empty", "-m", "Mine"]);
    let (code, _, err) = team.sync(&[]);
    assert!(code == 0 && err.contains("push them"), "{err}");
    git(folder, &["branch", "--unset-upstream"]);
    let (code, _, err) = team.sync(&[]);
    assert!(code == 1 && err.contains("follows no other"), "{err}");
}

#[test]
fn where_history_was_rewritten_what_it_changes_is_told_all_the_same() {
    let team = Team::new("");
    let folder = team.world.folder.path();
    team.push(&[("README.md", "1")]);
    assert_eq!(team.sync(&[]).0, 0);
    std::fs::write(team.colleague.join("stacks/platform/db/compose.yaml"), DB.replace("db:1", "db:2")).unwrap();
    git(&team.colleague, &["commit", "-qa", "--amend", "-m", "Begin anew"]);
    git(&team.colleague, &["push", "-q", "-f", "origin", "HEAD:main"]);
    let (code, _, err) = team.sync(&[]);
    assert!(code == 1 && err.contains("gone different ways"), "{err}");
    git(folder, &["reset", "-q", "--hard", "origin/main"]);
    for _ in 0..2 {
        let (code, out, err) = team.sync(&[]);
        assert!(code == 0 && out.contains("db: stacks/platform/db/compose.yaml"), "{out}{err}");
        assert!(err.contains("history was rewritten"), "{err}");
    }
    assert_eq!(team.world.said(&["deploy", "db", "-y"]).0, 0);
    assert_eq!(team.sync(&[]).0, 0);
    let (_, out, err) = team.sync(&[]);
    assert!(out.contains("nothing has changed") && !err.contains("rewritten"), "{out}{err}");
}

#[test]
fn a_branch_that_is_gone_from_the_remote_is_told_as_that() {
    let team = Team::new("");
    assert_eq!(team.sync(&[]).0, 0);
    git(&team.colleague, &["push", "-q", "origin", "HEAD:next"]);
    git(team.origin.as_path(), &["symbolic-ref", "HEAD", "refs/heads/next"]);
    git(&team.colleague, &["push", "-q", "origin", "--delete", "main"]);
    for _ in 0..2 {
        let (code, out, err) = team.sync(&[]);
        assert!(code == 1 && err.contains("origin/main that is followed is gone from the remote"), "{out}{err}");
    }
}

#[test]
fn a_folder_without_git_is_told_as_that() {
    let world = World::new();
    world.put("stacks/application/web/compose.yaml", WEB);
    let (code, _, err) = world.said(&["sync"]);
    assert!(code == 2 && err.contains("no checkout of a Git repository"), "{err}");
}
