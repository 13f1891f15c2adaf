//! The real docker CLI as the witness: the same generated files, deployed by it and by us to two fresh simulators,
//! must lead to the same requests, and must be printed the same. Says loudly where there is no docker CLI.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, TestRunner};
use quarterdeck::sim::{Scenario, Sim};
use serde_json::{Map, Value};

/// How many stacks are deployed, and how many are printed.
const CASES: (u32, u32) = (24, 48);

/// What a service may say. Keys may stand here more than once; the last that is drawn counts.
const KEYS: &[&str] = &[
    r#""command": "run 'a  b' # c""#,
    r#""command": ["a", "b c", ""]"#,
    r#""entrypoint": "/bin/run -x""#,
    r#""environment": {"A": 1, "B": 1.50, "C": null, "D": "x y", "HOME": null}"#,
    r#""environment": ["Z=1", "A=a=b", "PATHS"]"#,
    r#""env_file": ["vars.env"]"#,
    r#""labels": {"k": 1000000.0, "e": ""}"#,
    r#""labels": ["one", "two=2"]"#,
    r#""ports": ["80", "8080:80", "53:53/udp"]"#,
    r#""ports": ["8000-8002:90", {"target": 81, "published": 9000, "mode": "host"}, 443]"#,
    r#""volumes": ["data:/d:ro", "./x:/x:z", "~/y:/y"]"#,
    r#""volumes": ["/anon", {"type": "tmpfs", "target": "/t", "tmpfs": {"size": 4096}}]"#,
    r#""networks": ["front", "back"]"#,
    r#""networks": {"front": {"aliases": ["x", "y"]}, "back": null}"#,
    r#""secrets": ["key", {"source": "key", "target": "other", "mode": 288, "uid": "5"}]"#,
    r#""configs": [{"source": "conf", "target": "/etc/conf"}]"#,
    r#""healthcheck": {"test": "true", "interval": "1m30s", "retries": 3, "start_period": "500ms"}"#,
    r#""healthcheck": {"disable": true}"#,
    r#""logging": {"driver": "json-file", "options": {"max-size": "10m", "max-file": 3}}"#,
    r#""dns": ["192.0.2.1"], "dns_search": "example.test""#,
    r#""extra_hosts": ["a:192.0.2.1", "b=[::1]"]"#,
    r#""cap_add": ["net_admin"], "cap_drop": ["ALL"]"#,
    r#""ulimits": {"nofile": {"soft": 10, "hard": 20}, "nproc": 5}"#,
    r#""sysctls": {"net.core.somaxconn": 1024}"#,
    r#""init": true, "tty": true, "stdin_open": true, "read_only": true"#,
    r#""stop_grace_period": "1m", "stop_signal": "SIGINT", "user": "7", "working_dir": "/w", "hostname": "h""#,
    r#""restart": "on-failure:3""#,
    r#""depends_on": ["web"], "build": ".", "privileged": true, "expose": [80], "container_name": "x""#,
    r#""deploy": {"mode": "global", "labels": {"a": "b"}}"#,
    r#""deploy": {"replicas": 2, "update_config": {"parallelism": 0, "delay": "5s", "max_failure_ratio": 0.3, "order": "start-first"}}"#,
    r#""deploy": {"resources": {"limits": {"cpus": "0.5", "memory": "64M", "pids": 9}, "reservations": {"memory": "10m"}}}"#,
    r#""deploy": {"restart_policy": {"condition": "any", "delay": "0s", "max_attempts": 2}, "endpoint_mode": "vip"}"#,
    r#""deploy": {"placement": {"constraints": ["node.role == manager"], "preferences": [{"spread": "node.labels.x"}]}}"#,
    r#""deploy": {"mode": "replicated-job", "replicas": 2}"#,
    r#""x-note": {"a": [1, "two"]}"#,
];

/// What is declared beside the services.
const TOPS: &[&str] = &[
    r#"{"networks": {"front": {}, "back": null}, "volumes": {"data": {}}, "secrets": {"key": {"file": "key"}}, "configs": {"conf": {"file": "./key"}}}"#,
    r#"{"networks": {"front": {"name": "f", "attachable": true, "labels": ["a=b"]}, "back": {"driver_opts": {"x": 5}, "ipam": {"config": [{"subnet": "10.9.0.0/24"}]}}},
        "volumes": {"data": {"driver": "local", "driver_opts": {"o": "x"}}}, "secrets": {"key": {"file": "key", "name": "named"}}, "configs": {"conf": {"file": "key", "labels": {"l": "m"}}}}"#,
    r#"{"networks": {"front": {"internal": true}, "back": {}, "default": {"driver": "overlay"}}, "volumes": {"data": {"external": true, "name": "d"}},
        "secrets": {"key": {"file": "key", "template_driver": "golang"}}, "configs": {"conf": {"file": "key", "name": "c-1"}}, "x-top": true}"#,
];

fn service(with_image: bool) -> impl Strategy<Value = Value> {
    (subsequence(KEYS, 0..6), select(vec!["nginx:1.27", "registry.example.test/a/b", "docker.io/library/redis:7"]))
        .prop_map(move |(keys, image)| {
            let mut service = Map::new();
            if with_image {
                service.insert("image".into(), image.into());
            }
            for key in keys {
                let more: Map<String, Value> = serde_json::from_str(&format!("{{{key}}}")).unwrap();
                service.extend(more);
            }
            service.into()
        })
}

/// One file, or a file and those laid over it.
fn stack(most: usize) -> impl Strategy<Value = Vec<Value>> {
    let top = select(TOPS).prop_map(|top| serde_json::from_str::<Value>(top).unwrap());
    (service(true), service(true), top, vec(service(false), 0..most)).prop_map(|(web, db, mut base, over)| {
        base["services"] = serde_json::json!({ "web": web, "db": db });
        let over = over.into_iter().map(|service| serde_json::json!({ "services": { "web": service } }));
        std::iter::once(base).chain(over).collect()
    })
}

/// Runs a program on the files of a stack.
fn run(program: &str, words: &[&str], home: &Path, files: &[Value]) -> Output {
    let mut command = Command::new(program);
    command.args(words);
    for (number, file) in files.iter().enumerate() {
        std::fs::write(home.join(format!("{number}.yml")), file.to_string()).unwrap();
        command.args(["-c", &format!("{number}.yml")]);
    }
    std::fs::write(home.join("key"), "hush").unwrap();
    std::fs::write(home.join("vars.env"), "FROM=file\nHOME\nA=file\n").unwrap();
    command
        .args(words.contains(&"deploy").then_some("shop"))
        .current_dir(home)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("XDG_STATE_HOME", home.join("state"))
        .env("DOCKER_HOST", format!("unix://{}", home.join("engine.sock").display()))
        .stdin(Stdio::null());
    command.output().unwrap()
}

fn there_is_a_cli() -> bool {
    let there = Command::new("docker").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let there = there.is_ok_and(|status| status.success());
    if !there {
        println!("SKIPPED: there is no docker CLI here, so there is no witness");
    }
    there
}

/// What was written to a simulator, sorted, without the ids that it gave.
fn written(sim: &Sim) -> Vec<(String, Value)> {
    fn without_ids(value: &mut Value) {
        match value {
            Value::Object(object) => object.iter_mut().for_each(|(key, value)| match key.as_str() {
                "SecretID" | "ConfigID" => *value = "".into(),
                _ => without_ids(value),
            }),
            Value::Array(items) => items.iter_mut().for_each(without_ids),
            _ => {}
        }
    }
    // The CLI keeps the references to one secret or config in a map, so that their order is another at every run.
    fn without_chance(value: &mut Value) {
        for (list, name) in [("Secrets", "SecretName"), ("Configs", "ConfigName")] {
            let list = value.pointer_mut(&format!("/TaskTemplate/ContainerSpec/{list}")).and_then(Value::as_array_mut);
            for same in list.into_iter().flat_map(|list| list.chunk_by_mut(|one, other| one[name] == other[name])) {
                same.sort_by_key(|reference| reference["File"]["Name"].to_string());
            }
        }
    }
    let mut writes: Vec<(String, Value)> = sim.writes().iter().map(|seen| (seen.path.clone(), seen.json())).collect();
    for (path, body) in &mut writes {
        without_ids(body);
        without_chance(body);
        if path.contains("/update") {
            *path = "update".into();
        }
    }
    writes.sort_by_key(|(path, body)| format!("{path} {}", body["Name"]));
    writes
}

/// Deploys twice, the second time over the first, and gives the verdicts and the requests.
fn deployed(program: &str, files: &[Value]) -> (Vec<bool>, Vec<(String, Value)>, String) {
    let home = tempfile::tempdir_in(std::env::temp_dir()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let sim = runtime.block_on(async {
        let sim = Scenario::new().managers(["barbary"]).start();
        sim.serve_unix(home.path().join("engine.sock")).unwrap();
        sim
    });
    let words = ["stack", "deploy", "--detach", "--resolve-image", "never"];
    let outputs = [0, 1].map(|_| run(program, &words, home.path(), files));
    let said = String::from_utf8_lossy(&outputs[0].stderr).into_owned();
    let place = home.path().display().to_string();
    let writes = serde_json::to_string(&written(&sim)).unwrap().replace(&place, "/home");
    (outputs.iter().map(|output| output.status.success()).collect(), serde_json::from_str(&writes).unwrap(), said)
}

#[test]
fn the_same_files_lead_to_the_same_requests() {
    if !there_is_a_cli() {
        return;
    }
    let mut runner = TestRunner::new(Config { cases: CASES.0, failure_persistence: None, ..Config::default() });
    let result = runner.run(&stack(2), |files| {
        let (theirs, theirs_sent, theirs_said) = deployed("docker", &files);
        let (ours, ours_sent, ours_said) = deployed(env!("CARGO_BIN_EXE_quarterdeck"), &files);
        prop_assert_eq!(&theirs, &ours, "docker: {}\nwe: {}", theirs_said, ours_said);
        if theirs[0] {
            prop_assert_eq!(theirs_sent, ours_sent);
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn the_same_files_are_printed_the_same() {
    if !there_is_a_cli() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let mut runner = TestRunner::new(Config { cases: CASES.1, failure_persistence: None, ..Config::default() });
    let result = runner.run(&stack(4), |files| {
        let theirs = run("docker", &["stack", "config"], home.path(), &files);
        let ours = run(env!("CARGO_BIN_EXE_quarterdeck"), &["stack", "config"], home.path(), &files);
        prop_assert_eq!(theirs.status.success(), ours.status.success(), "{}", String::from_utf8_lossy(&ours.stderr));
        prop_assert_eq!(String::from_utf8_lossy(&theirs.stdout), String::from_utf8_lossy(&ours.stdout));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
