//! A new stack is asked for at a terminal: answers that are none are asked again, and what is called off writes nothing.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use portable_pty::CommandBuilder;
use quarterdeck::lint;
use quarterdeck::platform::{self, Checkout, Environment, Files};
use tempfile::TempDir;

use crate::console::Console;

const STACK: &str = "stacks/apps/notes/docker-compose.yml";

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("hosts.yml", "managers: {hosts: {a: , b: , c: }}\n");
    write("stacks/apps/blog/docker-compose.yml", "services: {blog: {image: \"x:1\"}}\n");
    write(
        "stacks/proxy/docker-compose.yml",
        "services: {traefik: {image: \"traefik:v3.5\", networks: [front]}}\nnetworks: {front: {name: front, attachable: true}}\n",
    );
    folder
}

fn asked(folder: &Path) -> Console {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_quarterdeck"));
    command.args(["-C", folder.to_str().unwrap(), "new", "notes"]);
    let console = Console::start(command, 100, 30);
    console.until_said(&["which image"]);
    console
}

#[test]
fn a_new_stack_is_asked_for_until_it_can_be_linted_and_planned() {
    let folder = folder();
    let mut console = asked(folder.path());
    for (answer, next) in [
        ("\r", "write an image"),
        ("registry.example.test/notes:1.2\r", "which port"),
        ("eighty\r", "from 1 to 65535"),
        ("8080\r", "which tier"),
        ("aplication\r", "is none of"),
        ("\r", "where does its data lie"),
        ("vol\r", "where in the container"),
        ("\r", "write it out"),
        ("/data\r", "on which node"),
        ("a\r", "which name"),
    ] {
        console.press(answer);
        console.until_said(&[next]);
    }
    console.press("notes.example.test\r");
    let (screen, code) = console.ended();
    assert_eq!(code, 0, "{}", screen.text());
    assert!(screen.says(STACK) && screen.says("plan notes"), "{}", screen.text());
    let files = Files::on_disk(folder.path()).unwrap();
    let findings = lint::check(&files, Environment::new());
    assert!(findings.iter().all(|finding| !finding.spot.file.contains("notes")), "{findings:#?}");
    let catalogue = Arc::new(platform::read(&files).catalogue);
    let checkout = Checkout { files: files.into(), catalogue, surroundings: Arc::default() };
    assert_eq!(checkout.wish("notes").unwrap().services.len(), 1);
}

#[test]
fn what_is_called_off_writes_nothing_and_says_so_by_its_code() {
    for (key, word) in [("\x03", "called off"), ("\x04", "nothing was answered")] {
        for answers in [0, 2] {
            let folder = folder();
            let mut console = asked(folder.path());
            for (answer, next) in [("x:1\r", "which port"), ("80\r", "which tier")].iter().take(answers) {
                console.press(answer);
                console.until_said(&[next]);
            }
            console.press(key);
            let (screen, code) = console.ended();
            assert_eq!(code, 3, "{key:?} after {answers}: {}", screen.text());
            assert!(screen.says(word), "{}", screen.text());
            assert!(!folder.path().join("stacks/apps/notes").exists());
        }
    }
}

#[test]
fn where_nobody_sits_nothing_is_asked() {
    let folder = folder();
    for (words, missing) in [
        ("new notes --image x:1", "--port"),
        ("new notes --image postgres:17 --port 5432 --storage volume --node a", "--mount"),
        ("new notes --image postgres:17 --port 5432 --storage volume --mount /var/lib/postgresql/data", "--node"),
    ] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_quarterdeck"));
        let said = program.arg("-C").arg(folder.path()).args(words.split(' ')).output().unwrap();
        assert_eq!(said.status.code(), Some(2), "{words}");
        assert!(String::from_utf8_lossy(&said.stderr).contains(missing), "{words}");
    }
    assert!(!folder.path().join("stacks/apps/notes").exists());
}
