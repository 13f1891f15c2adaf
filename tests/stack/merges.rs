//! Later files are laid over earlier ones, with the quirks that people's files may rest on.

use serde_json::{Value, json};

use super::desk::{at, good, indented};

/// What lies under a pointer of `web` after its keys were laid over each other.
fn laid(base: &str, over: &str, pointer: &str) -> Value {
    let top = "networks: {a: {}, b: {}}\nvolumes: {data: {}, logs: {}}\nsecrets: {k: {file: key}}\n";
    let base = format!("services:\n  web:\n    image: nginx:1\n{}\n{top}", indented(base));
    let over = format!("services:\n  web:\n    labels: {{laid: over}}\n{}", indented(over));
    let wish = good(&[&base, &over]);
    at(&wish.services[0].body, pointer)
}

#[test]
fn keys_are_laid_over_each_other() {
    let container = "/TaskTemplate/ContainerSpec";
    for (base, over, pointer, sent) in [
        ("hostname: a", "hostname: b", format!("{container}/Hostname"), json!("b")),
        ("hostname: a", "hostname: ''", format!("{container}/Hostname"), json!("a")),
        ("read_only: true", "read_only: false", format!("{container}/ReadOnly"), json!(true)),
        ("init: true", "init: false", format!("{container}/Init"), json!(true)),
        ("deploy: {replicas: 2}", "deploy: {replicas: 0}", "/Mode/Replicated/Replicas".into(), json!(0)),
        (
            "stop_grace_period: 5s",
            "stop_grace_period: 0s",
            format!("{container}/StopGracePeriod"),
            json!(5_000_000_000_u64),
        ),
        ("command: a b", "command: c", format!("{container}/Args"), json!(["c"])),
        ("command: a b", "command: []", format!("{container}/Args"), json!(["a", "b"])),
        (
            "dns: [192.0.2.1]",
            "dns: 192.0.2.2",
            format!("{container}/DNSConfig/Nameservers"),
            json!(["192.0.2.1", "192.0.2.2"]),
        ),
        (
            "healthcheck: {test: a}",
            "healthcheck: {test: b}",
            format!("{container}/Healthcheck/Test"),
            json!(["CMD-SHELL", "a", "CMD-SHELL", "b"]),
        ),
        (
            "environment: {A: 1, B: 2, C: }",
            "environment: {A: 3, B: '', C: x}",
            format!("{container}/Env"),
            json!(["A=3", "B=2", "C=x"]),
        ),
        ("environment: {A: own}", "env_file: vars.env", format!("{container}/Env/0"), json!("A=file")),
    ] {
        assert_eq!(laid(base, over, &pointer), sent, "{base} + {over}");
    }
}

#[test]
fn lists_and_mappings_within_keys_are_laid_over_each_other() {
    let (container, template) = ("/TaskTemplate/ContainerSpec", "/TaskTemplate");
    for (base, over, pointer, sent) in [
        (
            "logging: {driver: a, options: {x: 1}}",
            "logging: {options: {y: 2}}",
            format!("{template}/LogDriver"),
            json!({"Name": "a", "Options": {"x": "1", "y": "2"}}),
        ),
        (
            "logging: {driver: a, options: {x: 1}}",
            "logging: {driver: b}",
            format!("{template}/LogDriver"),
            json!({"Name": "b"}),
        ),
        ("logging: {driver: a}", "logging: {options: {y: 2}}", format!("{template}/LogDriver"), json!({"Name": "a"})),
        (
            "networks: {a: {aliases: [x]}}",
            "networks: {a: {aliases: [y]}}",
            format!("{template}/Networks/0/Aliases"),
            json!(["y", "web"]),
        ),
        ("networks: [a]", "networks: [b]", format!("{template}/Networks/1/Target"), json!("shop_b")),
        (
            "ulimits: {x: {soft: 1, hard: 2}}",
            "ulimits: {x: 5}",
            format!("{container}/Ulimits"),
            json!([{"Name": "x", "Soft": 5, "Hard": 5}]),
        ),
        (
            "volumes: [logs:/b, data:/a]",
            "volumes: [data:/b]",
            format!("{container}/Mounts/1/Source"),
            json!("shop_data"),
        ),
        ("volumes: [logs:/b, data:/a]", "", format!("{container}/Mounts/0/Target"), json!("/a")),
        ("secrets: [k, {source: k, target: t}]", "", format!("{container}/Secrets/0/File/Name"), json!("t")),
        ("secrets: [k, {source: k, target: t}]", "", format!("{container}/Secrets/1"), Value::Null),
    ] {
        assert_eq!(laid(base, over, &pointer), sent, "{base} + {over}");
    }
}

#[test]
fn ports_are_laid_over_each_other_by_what_they_publish() {
    let ports = |ports: &[u64]| Value::from(ports.iter().map(|port| json!(port)).collect::<Vec<_>>());
    let published = |base: &str, over: &str| {
        let sent = laid(base, over, "/EndpointSpec/Ports");
        Value::from(sent.as_array().unwrap().iter().map(|port| port["PublishedPort"].clone()).collect::<Vec<_>>())
    };
    assert_eq!(published("ports: [9:9, 53:53/tcp, 53:53/udp]", ""), ports(&[9, 53]));
    assert_eq!(published("ports: [9:9]", "ports: [8:8, 9:10]"), ports(&[8, 9]));
}

#[test]
fn what_is_declared_beside_services_is_replaced_as_a_whole() {
    let base = "services: {web: {image: a, networks: [n]}}\nnetworks: {n: {driver: x, labels: {a: b}}}";
    let wish = good(&[base, "networks: {n: {attachable: true}}\nservices: {new: {image: c}}"]);
    let body = &wish.networks.iter().find(|network| network.key == "n").unwrap().body;
    assert_eq!((&body["Driver"], &body["Attachable"]), (&json!("overlay"), &json!(true)));
    assert_eq!(body["Labels"], json!({"com.docker.stack.namespace": "shop"}));
    assert_eq!(wish.services.iter().map(|service| service.key.as_str()).collect::<Vec<_>>(), ["new", "web"]);
}
