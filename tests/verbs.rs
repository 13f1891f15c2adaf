//! Transcripts of the program: what it prints, where, and with which exit code.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

use std::process::Command;

use quarterdeck::sim::{Behaviour, Fault, Scenario, Sim, service};
use serde_json::Value;

struct World {
    folder: tempfile::TempDir,
    sim: Sim,
    _runtime: tokio::runtime::Runtime,
}

fn world(scenario: Scenario) -> World {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let sim = runtime.block_on(async {
        let sim = scenario.managers(["barbary", "ching", "angre"]).workers(["lorcha"]).start();
        sim.serve_unix(folder.path().join("engine.sock")).unwrap();
        sim.run(20.0);
        sim
    });
    World { folder, sim, _runtime: runtime }
}

fn healthy() -> World {
    world(Scenario::new().stack("media").service(service("plex").image("plex:1").replicas(2).healthcheck()))
}

/// Runs the words; gives exit code, standard output, standard error.
fn said(world: &World, words: &str) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
        .args(words.split_whitespace())
        .current_dir(world.folder.path())
        .env("DOCKER_HOST", format!("unix://{}", world.folder.path().join("engine.sock").display()))
        .env("XDG_STATE_HOME", world.folder.path())
        .env("HOME", world.folder.path())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_healthy_swarm_is_exit_0_and_a_degraded_one_is_exit_1_with_the_reason() {
    let world = healthy();
    let (code, out, err) = said(&world, "status");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("nodes 4/4 ready · 3 managers, 3 reachable, can lose 1"), "{out}");
    world.sim.node_down("lorcha");
    let (code, out, _) = said(&world, "status");
    assert_eq!(code, 1);
    assert!(
        out.lines().any(|line| line.contains("lorcha") && line.contains("failed") && line.contains("down")),
        "{out}"
    );
}

#[test]
fn status_as_json_is_one_document_with_the_promised_names() {
    let (code, out, _) = said(&healthy(), "status --json");
    let status: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0);
    assert_eq!(status["quorum"]["can_lose"], 1);
    assert_eq!(status["services"][0]["name"], "media_plex");
    assert_eq!((&status["services"][0]["running"], &status["services"][0]["desired"]), (&2.into(), &2.into()));
    assert!(status["nodes"].as_array().unwrap().iter().any(|node| node["leader"] == true));
}

#[test]
fn the_demo_lists_five_nodes_and_three_tiers() {
    let (_, out, _) = said(&healthy(), "demo -- status --json");
    let status: Value = serde_json::from_str(&out).unwrap();
    let tiers: Vec<&str> =
        status["tiers"].as_array().unwrap().iter().map(|tier| tier["name"].as_str().unwrap()).collect();
    assert_eq!(tiers, ["infrastructure", "platform", "application"]);
    assert_eq!(status["nodes"].as_array().unwrap().len(), 5);
}

#[test]
fn each_way_to_fail_has_its_exit_code_and_says_how_to_mend_it() {
    let world = healthy();
    for (words, code, what) in [
        ("-H unix:///nowhere.sock status", 4, "cannot be reached"),
        ("-H tcp://127.0.0.1:1 status", 4, "cannot be reached"),
        ("-H ftp://x status", 2, "no address"),
        ("-H tcp://192.0.2.10 --tlscacert nowhere.pem status", 2, "file for TLS cannot be read"),
        ("-C /nowhere status", 2, "platform folder"),
        ("", 2, "needs a terminal"),
        ("redeploy nothing --yes", 2, "neither a stack nor a service"),
        ("redeploy media", 2, "no one to ask"),
        ("redeploy media --yes --read-only", 2, "changes nothing"),
        ("logs nothing", 2, "no service, stack or task"),
        ("logs media --since soon", 2, "no time"),
        ("logs media --grep [", 2, "no regular expression"),
        ("redeploy media --json", 2, "nothing is shown that could be agreed to"),
        ("demo -- fly", 2, "cannot be understood"),
        ("demo -- demo", 2, "cannot hold another"),
    ] {
        let (got, out, err) = said(&world, words);
        assert_eq!(got, code, "{words}\n{out}\n{err}");
        assert!(err.contains(what) && err.contains("mend: "), "{words}\n{err}");
        assert_eq!(out, "", "{words}");
    }
}

#[test]
fn a_redeploy_is_followed_to_its_end() {
    let world = healthy();
    let (code, out, err) = said(&world, "redeploy media --yes");
    assert_eq!(code, 0, "{out}\n{err}");
    assert!(out.contains("will roll media_plex (2 tasks)") && out.contains("done"), "{out}");
    let (code, out, _) = said(&world, "redeploy media_plex --yes --json");
    let outcome: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &outcome["outcome"]), (0, &"done".into()));
}

#[test]
fn a_redeploy_that_does_not_come_up_again_is_a_failure_and_says_why() {
    let world = healthy();
    world.sim.behave("plex:1", Behaviour::crashing(3, "no"));
    let (code, out, err) = said(&world, "redeploy media --yes");
    assert_eq!(code, 1, "{out}\n{err}");
    assert!(err.contains("media_plex did not come up again") && err.contains("paused"), "{err}");
}

#[test]
fn logs_come_in_time_order_with_task_and_node() {
    let world = world(Scenario::new().stack("a").service(service("one").image("x:1").replicas(3)));
    let (code, out, err) = said(&world, "logs a --json");
    assert_eq!(code, 0, "{err}");
    let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.iter().all(|row| row["task"].as_str().unwrap().starts_with("a_one.") && row["node"].is_string()));
    let times: Vec<&str> = rows.iter().map(|row| row["timestamp"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn a_log_that_cannot_be_read_is_told_and_takes_no_other_along() {
    let world = world(
        Scenario::new()
            .stack("a")
            .service(service("one").image("x:1").replicas(2))
            .service(service("two").image("x:1").replicas(2)),
    );
    world.sim.fault(Fault::on("GET /services/").once().status(500, "warning: incomplete log stream"));
    let (code, out, err) = said(&world, "logs a --json");
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("incomplete log stream"), "{err}");
    let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let read: std::collections::BTreeSet<&str> = rows.iter().filter_map(|row| row["service"].as_str()).collect();
    assert_eq!(read.len(), 1, "the other service is there\n{out}");
}

#[test]
fn a_log_that_follows_tells_what_broke_it_and_goes_on() {
    let world = world(
        Scenario::new()
            .stack("a")
            .service(service("one").image("x:1"))
            .behaviour("x:1", Behaviour::Chatty(std::time::Duration::from_secs(1))),
    );
    world.sim.fault(Fault::on("GET /services/").once().status(500, "warning: incomplete log stream"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
        .args(["logs", "a", "-f"])
        .current_dir(world.folder.path())
        .env("DOCKER_HOST", format!("unix://{}", world.folder.path().join("engine.sock").display()))
        .env("HOME", world.folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    let came = lines.take(20).filter(|line| line.as_ref().is_ok_and(|line| line.contains("a_one.1"))).count();
    child.kill().unwrap();
    let err = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    assert_eq!(came, 20, "{err}");
    assert!(err.contains("incomplete log stream"), "{err}");
}

#[test]
fn lines_can_be_chosen_by_how_grave_they_are_and_say_it() {
    let world = world(
        Scenario::new()
            .stack("a")
            .service(service("one").image("x:1"))
            .behaviour("x:1", Behaviour::crashing(3, "ERROR the disk is full")),
    );
    let (code, out, err) = said(&world, "logs a --json --level error");
    assert_eq!(code, 0, "{err}");
    let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["level"] == "error"), "{out}");
    let (code, _, err) = said(&world, "logs a --level loud");
    assert!(code == 2 && err.contains("trace, debug, info, warn, error"), "{err}");
}

#[test]
fn the_help_of_a_verb_of_the_demo_is_no_fault() {
    let (code, out, err) = said(&healthy(), "demo -- status --help");
    assert!(code == 0 && err.is_empty() && out.contains("Nodes, quorum, tiers"), "{out}\n{err}");
}

/// Runs `status -v` with these variables and words; gives exit code and standard error.
fn asked(world: &World, words: &[&str], vars: &[(&str, &str)]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
        .args(words)
        .args(["status", "-v"])
        .current_dir(world.folder.path())
        .env_remove("DOCKER_HOST")
        .env("HOME", world.folder.path())
        .envs(vars.iter().copied())
        .output()
        .unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn which_engine_is_meant_is_taken_from_who_is_nearest_and_said() {
    let world = healthy();
    let host = format!("unix://{}", world.folder.path().join("engine.sock").display());
    let docker = world.folder.path().join(".docker");
    std::fs::create_dir_all(docker.join("contexts/meta/any")).unwrap();
    std::fs::write(docker.join("config.json"), r#"{"currentContext":"home"}"#).unwrap();
    let id = "4ea140588150773ce3aace786aeef7f4049ce100fa649c94fbbddb960f1da942";
    let meta = docker.join("contexts/meta").join(id);
    std::fs::create_dir_all(&meta).unwrap();
    let context = format!(r#"{{"Name":"home","Endpoints":{{"docker":{{"Host":"{host}"}}}}}}"#);
    std::fs::write(meta.join("meta.json"), context).unwrap();

    let (code, err) = asked(&world, &[], &[]);
    assert!(code == 0 && err.contains("(context home, by docker context use)"), "{code}: {err}");
    let (code, err) = asked(&world, &[], &[("DOCKER_CONTEXT", "home")]);
    assert!(code == 0 && err.contains("(context home, by DOCKER_CONTEXT)"), "{code}: {err}");
    let (code, err) = asked(&world, &[], &[("DOCKER_CONTEXT", "gone"), ("DOCKER_HOST", &host)]);
    assert!(code == 0 && err.contains("(by DOCKER_HOST)"), "{code}: {err}");
    let (code, err) = asked(&world, &[], &[("DOCKER_CONTEXT", "gone")]);
    assert!(code == 2 && err.contains("no docker context") && err.contains("mend: name one of these: home"), "{err}");
    let hosts = ["-H", "tcp://127.0.0.1:1", "--host", &host];
    let (code, err) = asked(&world, &hosts, &[("DOCKER_HOST", "tcp://127.0.0.1:1")]);
    assert!(code == 0 && err.contains(&format!("engine: {host} (by --host)")), "{code}: {err}");

    // A folder that is broken is told, and does not stand in the way of who says more.
    std::fs::write(docker.join("config.json"), "{\n  oops").unwrap();
    let (code, err) = asked(&world, &[], &[("DOCKER_HOST", &host)]);
    assert!(code == 0 && err.contains("config.json:2:3"), "{code}: {err}");
}

#[test]
fn an_address_that_leads_to_no_manager_is_passed_over_and_told() {
    let world = healthy();
    let _entered = world._runtime.enter();
    let worker = world.folder.path().join("worker.sock");
    world.sim.serve_unix_as("lorcha", &worker).unwrap();
    let worker = format!("unix://{}", worker.display());
    let host = format!("unix://{}", world.folder.path().join("engine.sock").display());
    let (code, err) = asked(&world, &["-H", &worker, "-H", &host], &[]);
    assert!(code == 0 && err.contains(&format!("passed over: {worker} is a worker")), "{code}: {err}");
    let (code, err) = asked(&world, &["-H", &worker, "-H", "tcp://127.0.0.1:1"], &[]);
    assert!(
        code == 4 && err.contains("none of 2 managers") && err.contains("worker") && err.contains("refused"),
        "{err}"
    );
}

#[test]
fn in_the_folder_of_a_platform_its_managers_are_meant() {
    let world = healthy();
    std::fs::create_dir_all(world.folder.path().join("stacks")).unwrap();
    std::fs::create_dir_all(world.folder.path().join("inventory")).unwrap();
    let hosts = "managers: {hosts: {barbary: {ansible_host: 127.0.0.1, ansible_port: 1, ansible_user: deploy}}}";
    std::fs::write(world.folder.path().join("inventory/hosts.yml"), hosts).unwrap();
    let (code, err) = asked(&world, &[], &[]);
    assert!(code == 4 && err.contains("127.0.0.1") && err.contains("refused"), "{code}: {err}");
}

/// The same, with this on standard input.
fn told(world: &World, words: &[&str], input: &str) -> (i32, String, String) {
    use std::io::Write;
    let mut child = Command::new(env!("CARGO_BIN_EXE_quarterdeck"))
        .args(words)
        .current_dir(world.folder.path())
        .env("DOCKER_HOST", format!("unix://{}", world.folder.path().join("engine.sock").display()))
        .env("XDG_STATE_HOME", world.folder.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// One service on the manager that is spoken to, one elsewhere.
fn reachable() -> World {
    world(
        Scenario::new()
            .service(service("web").image("nginx:1.27").constraint("node.hostname==barbary"))
            .service(service("far").image("nginx:1.27").constraint("node.hostname==lorcha")),
    )
}

#[test]
fn a_command_in_a_container_passes_what_it_is_given_and_ends_with_its_code() {
    let world = reachable();
    assert_eq!(told(&world, &["exec", "web", "--", "cat"], "in and out\n"), (0, "in and out\n".into(), String::new()));
    assert_eq!(told(&world, &["exec", "web.1", "--", "sh", "-c", "exit 42"], "").0, 42);
    assert_eq!(
        told(&world, &["exec", "web"], "echo from a script\nexit 5\n"),
        (5, "from a script\n".into(), String::new())
    );
    let (code, out, err) = told(&world, &["exec", "web", "--", "ls", "/nowhere"], "");
    assert!(code == 1 && out.is_empty() && err.contains("No such file"), "{err}");
    assert_eq!(told(&world, &["exec", "web", "--", "nosuch"], "").0, 126);
    let (code, _, err) = told(&world, &["exec", "far", "--", "ls"], "");
    assert!(code == 1 && err.contains("no way to lorcha") && err.contains("give -H ssh://lorcha"), "{err}");
    assert_eq!(told(&world, &["exec", "nobody"], "").0, 2);
    let (code, _, err) = told(&world, &["exec", "--read-only", "web"], "");
    assert!(code == 2 && err.contains("read-only"), "{err}");
}

#[test]
fn a_prune_says_what_goes_and_a_node_that_is_left_out_is_no_success() {
    let world = reachable();
    let (code, _, err) = said(&world, "prune");
    assert!(code == 2 && err.contains("add --yes"), "{err}");
    let (code, out, _) = said(&world, "prune --yes --node barbary");
    assert!(code == 0 && out.contains("dangling image") && out.contains("become free"), "{out}");
    let (code, out, _) = said(&world, "prune --yes --node barbary");
    assert!(code == 0 && out.contains("nothing to throw away"), "{out}");
    let (code, out, err) = said(&world, "prune --yes --volumes");
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("lorcha is left out: no way to lorcha") && out.contains("volume "), "{out}");
    assert_eq!(said(&world, "prune --yes --node nobody").0, 2);
    assert_eq!(said(&world, "prune --yes --read-only").0, 2);
}

#[test]
fn a_prune_is_told_as_one_document() {
    let world = reachable();
    let (code, out, _) = said(&world, "prune --yes --json --node barbary");
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &document["outcome"], &document["steps"][0]["name"]), (0, &"done".into(), &"barbary".into()));
}

#[test]
fn a_new_stack_is_written_once_and_never_over_another() {
    let world = healthy();
    std::fs::create_dir_all(world.folder.path().join("stacks")).unwrap();
    let words = "new notes --image registry.example.test/notes:1.2 --port 8080 --storage directory --mount /data --node barbary";
    let (code, out, err) = said(&world, words);
    assert_eq!((code, out.lines().count()), (0, 2), "{out}{err}");
    let file = world.folder.path().join("stacks/application/notes/compose.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("|| curl") && text.contains("${APPDATA_DIR:-/mnt/iscsi/app-data}/notes:/data"), "{text}");
    let (code, out, _) = said(&world, "lint");
    assert_eq!((code, out.as_str()), (0, "nothing found\n"));
    let (code, out, _) = said(&world, "plan notes --json");
    assert!(code == 0 && out.contains("notes_notes"), "{out}");
    let (code, _, err) = said(&world, words);
    assert!(code == 2 && err.contains("there is a stack notes already"), "{err}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    let (code, out, _) = said(&world, "new bare --image x:1 --port 80 --health none --mount /x");
    let bare = std::fs::read_to_string(world.folder.path().join("stacks/application/bare/compose.yaml")).unwrap();
    assert!(code == 0 && !bare.contains("healthcheck") && !bare.contains("/x"), "{out}{bare}");
    let (code, _, err) = said(&world, "new other --image nginx --port 80");
    assert!(code == 2 && err.contains("no image with a version"), "{err}");
    let (code, _, err) = said(&world, "new other --port 80");
    assert!(code == 2 && err.contains("--image"), "{err}");
}

#[test]
fn drift_tells_where_the_inventory_and_the_swarm_differ() {
    let world = healthy();
    std::fs::create_dir_all(world.folder.path().join("stacks")).unwrap();
    let hosts = "managers: {hosts: {barbary: , ching: , dhow: }}\nworkers: {hosts: {angre: , lorcha: {node_labels: {gpu: true}}}}\n";
    std::fs::write(world.folder.path().join("hosts.yml"), hosts).unwrap();
    let (code, out, err) = said(&world, "drift --json");
    let told: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    let kinds: Vec<(&str, &str)> = told["drift"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["host"].as_str().unwrap(), one["kind"].as_str().unwrap()))
        .collect();
    assert_eq!((code, kinds), (1, vec![("angre", "role"), ("dhow", "missing"), ("lorcha", "label")]));
    let hosts = "managers: {hosts: {barbary: , ching: , angre: }}\nworkers: {hosts: {lorcha: }}\n";
    std::fs::write(world.folder.path().join("hosts.yml"), hosts).unwrap();
    let (code, out, _) = said(&world, "drift");
    assert_eq!((code, out.as_str()), (0, "the inventory and the swarm agree\n"));
}
