//! The checkout is brought forward, and what that changes is shown and deployed, on real repositories.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::world::World;

const WEB: &str = "services: {a: {image: \"web:${TAG}\", deploy: {update_config: {monitor: 500ms}}}}\n";
const DB: &str = "services: {a: {image: \"db:1\", deploy: {update_config: {monitor: 500ms}}}}\n";

fn git(dir: &Path, words: &[&str]) -> String {
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
struct Team {
    world: World,
    colleague: PathBuf,
    _remote: tempfile::TempDir,
}

impl Team {
    fn new(config: &str) -> Self {
        let (world, remote) = (World::new(), tempfile::tempdir().unwrap());
        let (origin, colleague) = (remote.path().join("origin.git"), remote.path().join("colleague"));
        git(remote.path(), &["init", "-q", "--bare", "origin.git"]);
        git(remote.path(), &["clone", "-q", "origin.git", "colleague"]);
        let team = Self { world, colleague, _remote: remote };
        team.push(&[
            (".env", "TAG=1\n"),
            ("quarterdeck.yaml", config),
            ("stacks/application/web/compose.yaml", WEB),
            ("stacks/platform/db/compose.yaml", DB),
        ]);
        let folder = team.world.folder.path();
        git(folder, &["init", "-q"]);
        git(folder, &["remote", "add", "origin", origin.to_str().unwrap()]);
        git(folder, &["fetch", "-q"]);
        git(folder, &["checkout", "-q", "-b", "main", "--track", "origin/main"]);
        team
    }

    /// The colleague changes files and pushes them.
    fn push(&self, files: &[(&str, &str)]) {
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

    fn head(&self) -> String {
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
    let first: Value = serde_json::Deserializer::from_str(&out).into_iter().next().unwrap().unwrap();
    assert_eq!((code, &first["allowed"][0], &first["stacks"][0]["name"]), (0, &"web".into(), &"web".into()));
    let spec = team.world.sim.service("web_a").unwrap()["Spec"].to_string();
    assert!(spec.contains("web2:2"), "{spec}");
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
fn a_folder_without_git_is_told_as_that() {
    let world = World::new();
    world.put("stacks/application/web/compose.yaml", WEB);
    let (code, _, err) = world.said(&["sync"]);
    assert!(code == 2 && err.contains("no checkout of a Git repository"), "{err}");
}
