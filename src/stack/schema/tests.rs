//! Sentences about the file format.

use super::*;
use crate::stack::yaml;

/// The words of all faults of a file.
fn faults(version: u8, text: &str) -> Vec<String> {
    let mut root = yaml::read(0, text).unwrap().unwrap();
    check(&mut root, Version(version), &Outcome::default()).into_iter().map(|fault| fault.diagnostic.what).collect()
}

fn in_service(version: u8, keys: &str) -> Vec<String> {
    faults(version, &format!("services: {{web: {{image: a, {keys}}}}}\n"))
}

fn mends(keys: &str) -> Vec<String> {
    let text = format!("services: {{web: {{image: a, {keys}}}}}\n");
    let mut root = yaml::read(0, &text).unwrap().unwrap();
    check(&mut root, Version::NEWEST, &Outcome::default()).into_iter().map(|fault| fault.diagnostic.mend).collect()
}

#[test]
fn what_the_cli_takes_is_taken() {
    for keys in [
        "command: [a, b], entrypoint: x",
        "deploy: ",
        "pid: ",
        "environment: {A: 1, B: 1.5, C: , D: x, E: 2024-01-02}",
        "ports: [80, \"81:81\", {target: 80, published: 90}]",
        "configs: [a, a, {source: b, mode: 0444, other: 1}]",
        "networks: {a: , b: {aliases: [c]}}",
        "volumes: [\"a:/b\", \"a:/b\", {type: bind, bind: {create_host_path: true}}]",
        "ulimits: {a: 1, b: {soft: 1, hard: -1}}",
        "build: {context: ., tags: [a]}",
        "healthcheck: {interval: 1m30s, retries: 3, test: x}",
        "deploy: {replicas: 1.0}",
        "x-a: [1]",
        "logging: {options: {a: 1, b: }}",
    ] {
        assert_eq!(in_service(13, keys), Vec::<String>::new(), "{keys}");
    }
    for text in [
        "services: {}\nx-a: 1\nnetworks: {a: , \"a b\": {c: 1}}\nvolumes: {a: }\n",
        "networks: {a: {external: {name: b}}}\n",
    ] {
        assert_eq!(faults(13, text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn what_the_cli_refuses_is_refused_in_better_words() {
    let table = [
        ("user: 1000", "services.web.user must be text, and a whole number stands here"),
        (
            "environment: {A: true}",
            "services.web.environment.A must be text, a number or nothing, and true or false stands here",
        ),
        ("deploy: {replicas: \"3\"}", "services.web.deploy.replicas must be a whole number, and text stands here"),
        (
            "deploy: {resources: {limits: {cpus: 0.5}}}",
            "services.web.deploy.resources.limits.cpus must be text, and a number stands here",
        ),
        ("healthcheck: {interval: 1d}", "services.web.healthcheck.interval is no duration: \"1d\""),
        (
            "stop_grace_period: 10",
            "services.web.stop_grace_period must be a duration as text, and a whole number stands here",
        ),
        ("ports: [80, 80]", "the same item stands twice in services.web.ports"),
        ("ports: [{target: 80, name: x}]", "services.web.ports[0] has no key `name`"),
        ("volumes: [{target: /x}]", "services.web.volumes[0] has no `type`"),
        (
            "volumes: [{type: tmpfs, tmpfs: {size: -1}}]",
            "services.web.volumes[0].tmpfs.size must be a whole number from 0 on, and a whole number stands here",
        ),
        ("networks: ", "services.web.networks must be a list or a mapping, and nothing stands here"),
        ("deploy: {update_config: {order: both}}", "services.web.deploy.update_config.order cannot be \"both\""),
        ("networks: {\"a b\": }", "\"a b\" cannot be a name in services.web.networks"),
        ("deploy: {x-a: 1}", "services.web.deploy has no key `x-a`"),
        ("command: 2024-01-02", "services.web.command must be text or a list, and a date stands here"),
        ("labels: {\"\": a}", "\"\" cannot be a name in services.web.labels"),
        ("x-a: .inf", "`.inf` and `.nan` cannot be deployed"),
    ];
    for (keys, words) in table {
        assert_eq!(in_service(13, keys), [words], "{keys}");
    }
}

#[test]
fn all_faults_of_a_file_are_told_at_once() {
    assert_eq!(in_service(13, "user: 1, init: 1, foo: 1, ports: x").len(), 4);
}

#[test]
fn keys_are_known_since_their_version() {
    let table: &[(u8, &str)] = &[
        (7, "init: true"),
        (3, "configs: [a]"),
        (1, "secrets: [a]"),
        (4, "deploy: {update_config: {order: start-first}}"),
        (7, "deploy: {rollback_config: {}}"),
        (8, "deploy: {placement: {max_replicas_per_node: 1}}"),
        (2, "ports: [{target: 1}]"),
        (2, "volumes: [{type: volume}]"),
        (2, "volumes: [\"a:/b\", \"a:/b\"]"),
        (12, "healthcheck: {start_interval: 1s}"),
        (13, "networks: {a: {driver_opts: {b: c}}}"),
        (11, "build: {tags: [a]}"),
        (7, "x-a: 1"),
    ];
    for (since, keys) in table {
        assert_eq!(in_service(since - 1, keys).len(), 1, "{keys} before 3.{since}");
        assert_eq!(in_service(*since, keys).len(), 0, "{keys} since 3.{since}");
    }
    assert_eq!(faults(3, "x-a: 1\n").len(), 1);
    assert_eq!(faults(4, "x-a: 1\n").len(), 0);
}

#[test]
fn a_mend_says_what_to_write() {
    let table = [
        ("user: 1000", "put it in quotes: \"1000\""),
        ("imgae: x", "write `image`, if that is meant"),
        ("mem_limit: 1g", "set deploy.resources.limits.memory"),
        ("scale: 2", "set deploy.replicas"),
        ("stop_grace_period: 10", "write a unit: 10s"),
        ("init: \"true\"", "take the quotes away"),
        ("cap_add: ALL", "write it as a list: `- ` before each item"),
        ("healthcheck: {intervall: 1s}", "write `interval`, if that is meant"),
    ];
    for (keys, mend) in table {
        assert_eq!(mends(keys), [mend], "{keys}");
    }
}

#[test]
fn keys_that_have_no_effect_are_noted() {
    let root = yaml::read(
        0,
        "services: {web: {image: a, build: ., privileged: true, restart: always, expose: [1]}}\nnetworks: {a: {external: {name: b}}}\n",
    );
    let root = root.unwrap().unwrap();
    let notes: Vec<_> = notes(root.map().unwrap()).into_iter().map(|note| note.diagnostic.what).collect();
    assert_eq!(
        notes,
        [
            "services.web.build has no effect in a swarm",
            "services.web.privileged has no effect in a swarm",
            "services.web.expose has no effect in a swarm",
            "networks.a.external.name is an old form",
        ]
    );
}
