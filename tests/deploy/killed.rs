//! A console that is killed in the middle: at each write of a deploy. What it left is shown, and finished.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use quarterdeck::sim::{Fault, Scenario, Sim};
use serde_json::Value;

const SHOP: &str = "\
services:
  web:
    image: nginx:1
    configs: [conf]
    deploy: {replicas: 2, update_config: {monitor: 100ms}}
  db:
    image: postgres:16
    secrets: [password]
    deploy: {update_config: {monitor: 100ms}}
configs:
  conf: {file: ./conf.txt}
secrets:
  password: {file: ./password}
";

struct World {
    folder: tempfile::TempDir,
    sim: Sim,
    _runtime: tokio::runtime::Runtime,
}

fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let stack = folder.path().join("stacks/application/shop");
    fs::create_dir_all(&stack).unwrap();
    for (path, text) in [("compose.yaml", SHOP), ("conf.txt", "listen 80"), ("password", "hunter2")] {
        fs::write(stack.join(path), text).unwrap();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let sim = runtime.block_on(async {
        let sim = Scenario::new().managers(["barbary", "ching", "angre"]).workers(["lorcha"]).start();
        sim.serve_unix(folder.path().join("engine.sock")).unwrap();
        sim.run(20.0);
        sim
    });
    World { folder, sim, _runtime: runtime }
}

fn command(folder: &Path, words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quarterdeck"));
    command
        .args(words.split_whitespace())
        .current_dir(folder)
        .env("DOCKER_HOST", format!("unix://{}", folder.join("engine.sock").display()))
        .env("XDG_STATE_HOME", folder)
        .env("HOME", folder)
        .stdin(Stdio::null());
    command
}

impl World {
    fn said(&self, words: &str) -> Output {
        command(self.folder.path(), words).output().unwrap()
    }

    fn begin(&self, words: &str) -> Child {
        command(self.folder.path(), words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Names of all that belongs to the stack, and how it is asked for.
    fn end_state(&self) -> Vec<String> {
        let mut all = self.sim.services();
        all.sort();
        all.iter()
            .map(|name| {
                let spec = self.sim.service(name).unwrap()["Spec"].clone();
                format!("{name} {} {}", spec["TaskTemplate"]["ContainerSpec"]["Image"], spec["Mode"])
            })
            .collect()
    }
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} did not come");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

#[test]
fn killed_at_each_write_of_a_deploy_it_is_taken_up_again_and_ends_alike() {
    let undisturbed = world();
    assert!(undisturbed.said("deploy shop --yes").status.success());
    let expected = undisturbed.end_state();
    let writes = undisturbed.sim.writes();
    assert!(writes.len() >= 7, "{writes:?}");
    for at in 0..writes.len() {
        let world = world();
        // Faults are ordered by method; writes are POST first, and DELETE gives the lock back.
        let posts = writes.iter().filter(|seen| seen.method == "POST").count();
        let (on, skip) = if at < posts { ("POST", at) } else { ("DELETE", at - posts) };
        world.sim.fault(Fault::on(on).after(skip).stall());
        let mut child = world.begin("deploy shop --yes");
        until("the write", || world.sim.writes().len() > at);
        child.kill().unwrap();
        child.wait().unwrap();
        world.sim.clear_faults();
        let told = world.said("history --interrupted --json");
        let history: Value = serde_json::from_slice(&told.stdout).unwrap();
        let broken: Vec<&Value> = history["actions"].as_array().unwrap().iter().collect();
        if let [deed] = broken.as_slice() {
            assert_eq!((&deed["outcome"], &deed["what"]), (&"interrupted".into(), &"deploy stack shop".into()));
            let resumed = world.said(&format!("resume {} --yes", deed["id"].as_str().unwrap()));
            let said = String::from_utf8_lossy(&resumed.stderr);
            assert!(resumed.status.success(), "killed at {at}: {said}");
        } else {
            // Its end was written down already; only its lock is left, and whoever comes next takes it.
            assert!(broken.is_empty() && on == "DELETE", "killed at {at}: {history}");
        }
        assert_eq!(world.end_state(), expected, "killed at {at}");
        let told = world.said("history --interrupted --json");
        assert!(String::from_utf8_lossy(&told.stdout).contains("\"actions\": []"), "killed at {at}");
    }
}

#[test]
fn what_broke_off_is_let_be_or_undone() {
    for words in ["drop", "undo"] {
        let world = world();
        world.sim.fault(Fault::on("POST /services/create").after(1).stall());
        let mut child = world.begin("deploy shop --yes");
        until("the second service", || {
            world.sim.writes().iter().filter(|seen| seen.path.starts_with("/services/create")).count() > 1
        });
        child.kill().unwrap();
        child.wait().unwrap();
        world.sim.clear_faults();
        let told = world.said("history --interrupted --json");
        let history: Value = serde_json::from_slice(&told.stdout).unwrap();
        let id = history["actions"][0]["id"].as_str().unwrap();
        let done = world.said(&format!("{words} {id} --yes"));
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(world.sim.services().len(), if words == "drop" { 1 } else { 0 });
    }
}
