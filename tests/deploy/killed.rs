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
        sim.run(100.0);
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
        let services = all.iter().map(|name| {
            let spec = self.sim.service(name).unwrap()["Spec"].clone();
            let task = &spec["TaskTemplate"];
            let rounds = task["ForceUpdate"].as_u64().unwrap_or(0);
            format!("{name} {} {} {rounds}", task["ContainerSpec"]["Image"], spec["Mode"])
        });
        let mut nodes = self.sim.nodes();
        nodes.sort();
        let nodes = nodes.iter().map(|name| format!("{name} {}", self.sim.node(name).unwrap()["Spec"]["Availability"]));
        services.chain(nodes).collect()
    }

    fn interrupted(&self) -> Vec<Value> {
        let told = self.said("history --interrupted --json");
        let history: Value = serde_json::from_slice(&told.stdout).unwrap();
        history["actions"].as_array().unwrap().clone()
    }
}

impl World {
    /// Kills the verb and takes up the course that it left: with that all of it is done.
    fn finished(&self, mut child: Child, expected: &[String], at: usize) {
        child.kill().unwrap();
        child.wait().unwrap();
        self.sim.clear_faults();
        let broken = self.interrupted();
        let course = broken.iter().find(|deed| deed["kind"] == "course");
        let course = course.unwrap_or_else(|| panic!("killed at {at}: {broken:?}"));
        let resumed = self.said(&format!("resume {} --yes", course["id"].as_str().unwrap()));
        assert!(resumed.status.success(), "killed at {at}: {}", String::from_utf8_lossy(&resumed.stderr));
        assert_eq!(self.end_state(), expected, "killed at {at}");
        assert_eq!(self.interrupted(), [Value::Null; 0], "killed at {at}");
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} did not come");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// Kills a verb at each of its writes on a fresh world, and takes it up again; the end is that of one that was left alone.
fn killed_at_each_write(prepare: impl Fn(&World), words: &str, what: &str) {
    killed(prepare, words, (what, false));
}

/// Of several jobs, those that had not begun are in no journal: there the same words are said `again`.
fn killed(prepare: impl Fn(&World), words: &str, (what, again): (&str, bool)) {
    let undisturbed = world();
    prepare(&undisturbed);
    undisturbed.sim.forget_requests();
    let done = undisturbed.said(words);
    assert!(done.status.success(), "{words}: {}", String::from_utf8_lossy(&done.stderr));
    let expected = undisturbed.end_state();
    let writes = undisturbed.sim.writes();
    assert!(writes.len() >= 3, "{writes:?}");
    let posts = writes.iter().filter(|seen| seen.method == "POST").count();
    for at in 0..writes.len() {
        let world = world();
        prepare(&world);
        world.sim.forget_requests();
        // Faults are ordered by method; writes are POST first, and DELETE gives the lock back.
        let (on, skip) = if at < posts { ("POST", at) } else { ("DELETE", at - posts) };
        world.sim.fault(Fault::on(on).after(skip).stall());
        let mut child = world.begin(words);
        let seen = || world.sim.writes().iter().filter(|seen| seen.method == on).count();
        until("the write", || seen() > skip);
        child.kill().unwrap();
        child.wait().unwrap();
        world.sim.clear_faults();
        let broken = world.interrupted();
        for deed in &broken {
            assert_eq!(deed["outcome"], "interrupted");
            assert!(deed["what"].as_str().unwrap().ends_with(what), "{deed}");
            let resumed = world.said(&format!("resume {} --yes", deed["id"].as_str().unwrap()));
            let said = String::from_utf8_lossy(&resumed.stderr);
            assert!(resumed.status.success(), "{words} killed at {at}: {said}");
        }
        // Where its end was written down already, only its lock is left, and whoever comes next takes it.
        assert!(!broken.is_empty() || on == "DELETE", "{words} killed at {at}");
        if again && broken.is_empty() {
            assert!(world.said(words).status.success(), "{words} killed at {at}, and again");
        }
        assert_eq!(world.end_state(), expected, "{words} killed at {at}");
        assert_eq!(world.interrupted(), [Value::Null; 0], "{words} killed at {at}");
    }
}

fn deployed(world: &World) {
    assert!(world.said("deploy shop --yes").status.success());
}

#[test]
fn killed_at_each_write_of_a_deploy_it_is_taken_up_again_and_ends_alike() {
    killed_at_each_write(|_| {}, "deploy shop --yes", "deploy stack shop");
}

#[test]
fn killed_at_each_write_a_redeploy_counts_once_all_the_same() {
    killed_at_each_write(deployed, "redeploy shop_web --yes", "redeploy service shop_web");
}

#[test]
fn killed_at_each_write_scale_and_rollback_are_taken_up_again() {
    killed_at_each_write(deployed, "scale shop_web=4 --yes", "scale shop_web to 4");
    let changed = |world: &World| {
        deployed(world);
        let file = world.folder.path().join("stacks/application/shop/compose.yaml");
        fs::write(file, SHOP.replace("nginx:1", "nginx:2")).unwrap();
        deployed(world);
    };
    killed_at_each_write(changed, "rollback shop_web --yes", "roll back service shop_web");
}

#[test]
fn killed_at_each_write_a_teardown_and_an_undo_are_taken_up_again() {
    killed_at_each_write(deployed, "teardown shop --yes", "tear down stack shop");
    let scaled = |world: &World| {
        deployed(world);
        assert!(world.said("scale shop_web=4 --yes").status.success());
    };
    killed_at_each_write(scaled, "undo --yes", "undo scale shop_web to 4");
}

#[test]
fn killed_at_each_write_a_drain_is_taken_up_again() {
    killed_at_each_write(deployed, "node drain lorcha --yes", "drain lorcha");
}

#[test]
fn killed_at_each_write_of_its_pre_flight_or_after_a_deploy_is_finished_pre_flight_and_all() {
    let demanding = |world: &World| {
        let stack = world.folder.path().join("stacks/application/shop");
        let file = SHOP.replace("{file: ./password}", "{external: true, name: shop_db}");
        fs::write(stack.join("compose.yaml"), file).unwrap();
        fs::write(stack.join("pre-flight.yml"), "secrets:\n  - {name: shop_db, from_env: DB_PASSWORD}\n").unwrap();
        fs::write(world.folder.path().join(".env"), "DB_PASSWORD=hunter2\n").unwrap();
    };
    killed(demanding, "deploy shop --yes", ("stack shop", true));
}

#[test]
fn killed_at_each_write_of_the_whole_folder_it_is_finished_and_ends_alike() {
    let more = |world: &World| {
        for (path, text) in [
            ("infrastructure/dns", "services:\n  dns: {image: 'dns:1', deploy: {update_config: {monitor: 100ms}}}\n"),
            ("platform/db", "services:\n  db: {image: 'db:1', deploy: {update_config: {monitor: 100ms}}}\n"),
        ] {
            let folder = world.folder.path().join("stacks").join(path);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("compose.yaml"), text).unwrap();
        }
    };
    let words = "deploy --all --yes";
    let undisturbed = world();
    more(&undisturbed);
    assert!(undisturbed.said(words).status.success());
    let (expected, writes) = (undisturbed.end_state(), undisturbed.sim.writes());
    let posts = writes.iter().filter(|seen| seen.method == "POST").count();
    assert!(expected.len() == 8 && posts >= 10, "{expected:?} {writes:?}");
    for at in 0..posts {
        let world = world();
        more(&world);
        // Whatever it is: writes of stacks side by side come in no order.
        world.sim.fault(Fault::on("POST").after(at).stall());
        let child = world.begin(words);
        until("the write", || world.sim.writes().iter().filter(|seen| seen.method == "POST").count() > at);
        world.finished(child, &expected, at);
    }
}

/// Writes this stack with a second one of the same kind beside it.
fn two(world: &World, text: &str) {
    for name in ["shop", "store"] {
        let stack = world.folder.path().join("stacks/application").join(name);
        fs::create_dir_all(&stack).unwrap();
        for (path, text) in [("compose.yaml", text), ("conf.txt", "listen 80"), ("password", "hunter2")] {
            fs::write(stack.join(path), text).unwrap();
        }
    }
}

#[test]
fn killed_at_each_removal_of_the_whole_folder_it_is_finished_and_nothing_stays() {
    let less = "services:\n  web:\n    image: nginx:1\n    deploy: {replicas: 2, update_config: {monitor: 100ms}}\n";
    let words = "deploy --all --yes";
    let changed = || {
        let world = world();
        two(&world, SHOP);
        assert!(world.said(words).status.success());
        two(&world, less);
        world.sim.forget_requests();
        world
    };
    let removals = |world: &World| world.sim.writes().iter().filter(|seen| seen.method == "DELETE").count();
    let undisturbed = changed();
    assert!(undisturbed.said(words).status.success());
    let (expected, count) = (undisturbed.end_state(), removals(&undisturbed));
    // A service, a secret and a config of each, and each one's lock.
    assert_eq!(count, 8);
    for at in 0..count {
        let world = changed();
        world.sim.fault(Fault::on("DELETE").after(at).stall());
        let child = world.begin(words);
        until("the removal", || removals(&world) > at);
        world.finished(child, &expected, at);
        let plan: Value = serde_json::from_slice(&world.said("plan --json").stdout).unwrap();
        for stack in plan["stacks"].as_array().unwrap() {
            let all = stack["changes"].as_array().unwrap();
            assert!(all.iter().all(|change| change["effect"] == "none"), "killed at {at}: {stack}");
        }
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
