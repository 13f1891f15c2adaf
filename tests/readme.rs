//! Every command of the README is run here, or is named as one that cannot be run in a test, with its reason.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use quarterdeck::clock::SystemClock;
use quarterdeck::sim::{self, Sim};

/// The commands in the README's `sh` blocks, in order.
fn commands() -> Vec<String> {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let blocks = readme.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    blocks.flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// A simulated swarm on a socket, which stands for the reader's own.
struct World {
    folder: tempfile::TempDir,
    _sim: Sim,
    runtime: tokio::runtime::Runtime,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sim = runtime.block_on(async {
            let sim = sim::demo_quiet(&SystemClock);
            sim.serve_unix(folder.path().join("engine.sock")).unwrap();
            sim.run(50.0);
            sim
        });
        Self { folder, _sim: sim, runtime }
    }

    /// Runs words of the README after `quarterdeck`, on this world unless they name another.
    fn run(&self, words: &[&str]) -> Output {
        let _entered = self.runtime.enter();
        Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
            .args(words)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("DOCKER_HOST", format!("unix://{}", self.folder.path().join("engine.sock").display()))
            // What is done here is no deed of whoever runs the tests.
            .env("XDG_STATE_HOME", self.folder.path())
            // What the reader's own `.env` says.
            .envs([("DOMAIN", "example.net"), ("ACME_EMAIL", "harbourmaster@example.net")])
            .envs([("SSH_PUBLIC_KEY", "the-body-of-a-public-key"), ("WOODPECKER_ADMIN", "harbourmaster")])
            .envs([("MEDIA_UID", "1701"), ("MEDIA_GID", "1702")])
            .output()
            .unwrap()
    }
}

#[test]
fn every_verb_of_the_readme_does_what_it_says() {
    let world = World::new();
    for command in commands() {
        let Some(words) = command.strip_prefix("quarterdeck ") else { continue };
        let words: Vec<&str> = words.split_whitespace().collect();
        // The console and the server have tests of their own in a terminal; a log that follows has no end.
        if words.first() == Some(&"-H") || words.first() == Some(&"sim") {
            continue;
        }
        let words: Vec<&str> = words.into_iter().filter(|word| *word != "--follow").collect();
        let output = world.run(&words);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        // A grep may find nothing, and the demo may have its trouble just now; both are no failure of the command.
        assert!(matches!(output.status.code(), Some(0 | 1)), "{command}\n{out}\n{err}");
        assert!(!err.contains("error:"), "{command}\n{err}");
    }
}

#[test]
fn the_console_of_the_readme_needs_a_terminal_and_says_so() {
    let output = World::new().run(&["-H", "unix:///var/run/docker.sock"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the console needs a terminal"));
}

#[test]
fn no_command_of_the_readme_is_untried() {
    let elsewhere = [
        ("cargo run --release -- demo", "tests/console runs the demo in a terminal"),
        ("./tests/run", "this is it"),
        ("tests/lab/lab help", "run below"),
        ("DOCKER_HOST=unix:///tmp/sim.sock docker service ls", "tests/sim_docker_cli runs the docker CLI"),
    ];
    let commands = commands();
    assert!(commands.len() >= 12, "{commands:?}");
    let untried: BTreeSet<&String> = commands
        .iter()
        .filter(|command| !command.starts_with("quarterdeck "))
        .filter(|command| !elsewhere.iter().any(|(known, _)| command.starts_with(known)))
        .collect();
    assert!(untried.is_empty(), "no test knows of {untried:?}");
    let help = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/lab")).arg("help").output().unwrap();
    assert!(help.status.success() && !help.stdout.is_empty());
}
