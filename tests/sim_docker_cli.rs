//! The real docker CLI against the simulator: what it lists, creates, deploys, follows and removes.
//! Says loudly that it was skipped where there is no docker CLI.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test may stop and speak")]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use quarterdeck::sim::{Behaviour, Scenario, Sim, service};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

struct Desk {
    sim: Sim,
    home: tempfile::TempDir,
}

impl Desk {
    /// A swarm on a socket whose time runs fast; nothing if there is no CLI to try.
    async fn new() -> Option<Self> {
        let there = Command::new("docker").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().await;
        if !there.is_ok_and(|status| status.success()) {
            eprintln!("SKIPPED: there is no docker CLI here, so nothing was tried against the simulator");
            return None;
        }
        let sim = Scenario::new()
            .managers(["barbary", "ching", "angre"])
            .workers(["lorcha", "dhow"])
            .behaviour("nginx:sick", Behaviour::Sick)
            .service(service("web").image("nginx:1.27").replicas(3).update(1, "stop-first", "rollback", 2))
            .start();
        let home = tempfile::tempdir().unwrap();
        sim.serve_unix(home.path().join("engine.sock")).unwrap();
        sim.run(10.0);
        Some(Self { sim, home })
    }

    fn docker(&self, args: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command
            .args(args)
            .current_dir(self.home.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("DOCKER_HOST", format!("unix://{}", self.home.path().join("engine.sock").display()))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    async fn run(&self, args: &[&str]) -> (bool, String) {
        let output = tokio::time::timeout(Duration::from_secs(60), self.docker(args).output())
            .await
            .unwrap_or_else(|_| panic!("docker {args:?} did not end"))
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.success(), said)
    }

    async fn good(&self, args: &[&str]) -> String {
        let (good, said) = self.run(args).await;
        assert!(good, "docker {args:?} failed: {said}");
        said
    }

    async fn bad(&self, args: &[&str]) -> String {
        let (good, said) = self.run(args).await;
        assert!(!good, "docker {args:?} went well: {said}");
        said
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_docker_cli_sees_the_swarm() {
    let Some(desk) = Desk::new().await else { return };
    has(&desk.good(&["node", "ls"]).await, &["barbary", "Leader", "Reachable", "lorcha", "28.5.2"]);
    has(&desk.good(&["node", "inspect", "--pretty", "dhow"]).await, &["Availability:", "Active", "192.0.2."]);
    has(&desk.good(&["service", "ls"]).await, &["web", "replicated", "3/3", "nginx:1.27"]);
    has(&desk.good(&["service", "ps", "web"]).await, &["web.1", "web.2", "web.3", "Running"]);
    has(&desk.good(&["service", "inspect", "--pretty", "web"]).await, &["Replicas:\t3", "On failure:\trollback"]);
    has(&desk.good(&["service", "logs", "--timestamps", "--details", "web"]).await, &["web.1.", "@"]);
    has(&desk.good(&["info"]).await, &["Swarm: active", "Managers: 3", "Nodes: 5"]);
    has(&desk.bad(&["service", "inspect", "nothing"]).await, &["no such service: nothing"]);
    has(&desk.good(&["node", "update", "--availability", "drain", "--label-add", "a=b", "dhow"]).await, &["dhow"]);
    has(&desk.good(&["node", "ls"]).await, &["Drain"]);
    desk.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_docker_cli_changes_services() {
    let Some(desk) = Desk::new().await else { return };
    desk.good(&[
        "service",
        "create",
        "--name",
        "api",
        "--detach=false",
        "--quiet",
        "--replicas",
        "2",
        "-p",
        "8080:80",
        "nginx:1.27",
    ])
    .await;
    assert_eq!(desk.sim.running("api"), 2);
    has(
        &desk.bad(&["service", "create", "--name", "api", "nginx:1.27"]).await,
        &["AlreadyExists", "name conflicts with an existing object"],
    );
    has(
        &desk.bad(&["service", "create", "--name", "b", "-p", "8080:80", "nginx"]).await,
        &["port '8080' is already in use by service 'api'"],
    );
    has(&desk.good(&["service", "scale", "--detach=false", "web=5"]).await, &["web scaled to 5", "converged"]);
    desk.good(&["service", "update", "--detach=false", "--quiet", "--image", "nginx:1.28", "web"]).await;
    assert_eq!(desk.sim.update_state("web"), "completed");
    desk.good(&["service", "rollback", "--detach=false", "--quiet", "web"]).await;
    assert_eq!(desk.sim.update_state("web"), "rollback_completed");
    has(&desk.good(&["service", "ps", "web"]).await, &["nginx:1.28", "Shutdown"]);
    desk.good(&[
        "service",
        "create",
        "--name",
        "once",
        "--mode",
        "replicated-job",
        "--detach=false",
        "--quiet",
        "alpine:3",
    ])
    .await;
    has(&desk.good(&["service", "ls"]).await, &["replicated job", "(1/1 completed)"]);
    desk.good(&["service", "create", "--name", "all", "--mode", "global", "--detach=false", "--quiet", "alpine:3"])
        .await;
    has(&desk.good(&["service", "ls"]).await, &["global", "5/5"]);
    desk.good(&["service", "rm", "api", "once", "all"]).await;
    assert_eq!(desk.sim.services(), ["web"]);
    desk.sim.stop().await;
}

const STACK: &str = "services:
  web:
    image: nginx:1.27
    deploy: {replicas: 2, update_config: {monitor: 2s, order: start-first, failure_action: rollback}}
    ports: ['8088:80']
    configs: [settings]
    secrets: [token]
    networks: [back]
    healthcheck: {test: curl -f localhost, interval: 5s}
  everywhere:
    image: busybox
    deploy: {mode: global}
    networks: [back]
networks: {back: {}}
configs: {settings: {file: settings.txt}}
secrets: {token: {file: token.txt}}
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_docker_cli_deploys_a_stack_and_removes_it() {
    let Some(desk) = Desk::new().await else { return };
    desk.write("settings.txt", "a=b");
    desk.write("token.txt", "not a secret");
    let file = desk.write("stack.yml", STACK);
    let deploy = ["stack", "deploy", "--detach=false", "-c", shown(&file), "try"];
    desk.good(&deploy).await;
    has(
        &desk.good(&["stack", "services", "try"]).await,
        &["try_web", "2/2", "try_everywhere", "5/5", "*:8088->80/tcp"],
    );
    has(&desk.good(&["stack", "ps", "try"]).await, &["try_web.1", "try_everywhere."]);
    has(
        &desk.bad(&["secret", "rm", "try_token"]).await,
        &["secret 'try_token' is in use by the following service: try_web"],
    );
    has(&desk.bad(&["network", "rm", "try_back"]).await, &["is in use by service"]);
    desk.write("stack.yml", &STACK.replace("nginx:1.27", "nginx:sick"));
    desk.run(&deploy).await;
    assert_eq!(desk.sim.update_state("try_web"), "rollback_completed");
    has(&desk.good(&["service", "ps", "--no-trunc", "try_web"]).await, &["unhealthy container"]);
    desk.good(&["stack", "rm", "try"]).await;
    assert_eq!(desk.sim.services(), ["web"]);
    for kind in ["secret", "config", "network"] {
        assert!(!desk.good(&[kind, "ls"]).await.contains("try_"), "a {kind} is left");
    }
    desk.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_docker_cli_handles_secrets_configs_and_networks() {
    let Some(desk) = Desk::new().await else { return };
    let file = desk.write("data", "some data");
    for kind in ["secret", "config"] {
        desk.good(&[kind, "create", "--label", "a=b", "mine", shown(&file)]).await;
        has(&desk.good(&[kind, "ls"]).await, &["mine"]);
        has(&desk.good(&[kind, "inspect", "mine"]).await, &["\"a\": \"b\""]);
        has(&desk.bad(&[kind, "create", "mine", shown(&file)]).await, &["AlreadyExists"]);
        desk.good(&[kind, "rm", "mine"]).await;
    }
    desk.good(&["network", "create", "-d", "overlay", "--attachable", "wide"]).await;
    has(&desk.good(&["network", "ls", "--filter", "driver=overlay"]).await, &["wide", "ingress"]);
    has(&desk.good(&["network", "inspect", "wide"]).await, &["\"Attachable\": true", "\"Scope\": \"swarm\""]);
    desk.good(&["network", "rm", "wide"]).await;
    has(&desk.bad(&["network", "rm", "bridge"]).await, &["pre-defined network"]);
    desk.sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_docker_cli_follows_events_and_logs() {
    let Some(desk) = Desk::new().await else { return };
    for (args, part) in [
        (&["events", "--filter", "type=service"][..], "updatestate.new=updating"),
        (&["service", "logs", "-f", "--tail", "0", "web"][..], "web."),
    ] {
        let mut child = desk.docker(args).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let verb = if args.contains(&"events") { "GET /events" } else { "/logs" };
        let asked = || desk.sim.requests().iter().any(|r| format!("{} {}", r.method, r.path).contains(verb));
        while !asked() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        desk.sim.update_image("web", "nginx:1.28");
        let found = tokio::time::timeout(Duration::from_secs(30), async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if line.contains(part) {
                    return true;
                }
            }
            false
        });
        assert!(found.await.unwrap_or(false), "{args:?} never said {part:?}");
    }
    desk.sim.stop().await;
}
