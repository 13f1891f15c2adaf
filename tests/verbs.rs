//! Transcripts of the program: what it prints, where, and with which exit code.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

use std::process::Command;

use quarterdeck::sim::{Behaviour, Scenario, Sim, service};
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
        ("demo -- fly", 2, "no verb"),
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
