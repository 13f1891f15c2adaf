//! What cannot be deployed is told before anything is written: all faults at once, each with its place and its mend.

use super::desk::{indented, read};

fn told(keys: &str, top: &str) -> Vec<String> {
    let text = format!("services:\n  web:\n    image: nginx:1\n{}\n{top}\n", indented(keys));
    match read(&[&text]) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn each_fault_says_where_it_is_and_what_to_do() {
    for (keys, top, parts) in [
        ("networks: [nope]", "", &["network nope", "0.yml:4:16", "networks:"][..]),
        ("volumes: ['nope:/x']", "", &["volume nope", "0.yml:4:15", "volumes:"]),
        ("secrets: [nope]", "", &["secret nope", "0.yml:4:15"]),
        (
            "configs: [c, {source: d, target: c}]",
            "configs: {c: {file: key}, d: {file: key}}",
            &["two configs at c", "0.yml:4:18"],
        ),
        ("ports: ['80-81:80-82']", "", &["services.web.ports[0]", "0.yml:4:13"]),
        ("ports: ['80:80/icmp']", "", &["icmp", "0.yml:4:13"]),
        ("command: \"a 'b\"", "", &["services.web.command", "not closed", "0.yml:4:14"]),
        ("stop_grace_period: 1d", "", &["stop_grace_period", "0.yml:4:24"]),
        ("deploy: {resources: {limits: {memory: 512Mi}}}", "", &["limits.memory", "512Mi", "0.yml:4:43"]),
        ("deploy: {resources: {limits: {cpus: '1/3'}}}", "", &["finer than a billionth", "0.yml:4:41"]),
        ("deploy: {mode: global, replicas: 2}", "", &["replicas", "0.yml:4:20"]),
        ("deploy: {mode: odd}", "", &["mode: odd", "0.yml:4:20"]),
        ("deploy: {replicas: -1}", "", &["replicas", "0.yml:4:24"]),
        ("restart: sometimes", "", &["restart policy", "0.yml:4:14"]),
        ("env_file: gone.env", "", &["gone.env", "0.yml:4:15", "/srv/shop/gone.env"]),
        ("healthcheck: {test: a, disable: true}", "", &["health check", "0.yml:4:18"]),
        ("volumes: [{type: bind, target: /x}]", "", &["no source", "0.yml:4:15"]),
        ("volumes: [{type: volume, target: /x, bind: {}}]", "", &["options of another kind", "0.yml:4:15"]),
        ("volumes: ['${NOTHING}:/x']", "", &["between two colons", "0.yml:4:15"]),
        ("hostname: 2024-01-02", "", &["hostname", "0.yml:4:15"]),
        ("", "secrets: {k: {file: gone}}", &["secret k", "/srv/shop/gone", "relative to the first"]),
        ("", "configs: {c: {}}", &["config c has no content", "external: true"]),
        ("", "networks: {n: {name: a, external: {name: b}}}", &["two names"]),
        ("", "volumes: {v: {external: true, driver: x}}", &["external", "driver"]),
        ("credential_spec: {file: a, registry: b}", "", &["more than one credential spec", "file and registry"]),
    ] {
        let told = told(keys, top);
        assert_eq!(told.len(), 1, "{keys} {top}: {told:#?}");
        for part in parts.iter().chain(&["\n mend: "]) {
            assert!(told[0].contains(part), "{part:?} is missing in:\n{}", told[0]);
        }
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let told = told(
        "networks: [a, b]\nsecrets: [k]\nrestart: odd\nports: ['80', '90:x']\ncommand: \"'\"\nenv_file: gone.env",
        "configs: {c: {file: gone}}",
    );
    assert_eq!(told.len(), 8, "{told:#?}");
}

#[test]
fn faults_of_the_format_hide_none_of_the_short_forms_nor_those_of_another_file() {
    let first = "services:\n  web:\n    image: nginx:1\n    imgae: x\n    ports: ['80', '90:x']\n    labels: {a: '${A:?needed}'}\n    \
                 deploy: {replicas: '3', resources: {limits: {memory: 5 Mi}}}\n";
    let second = "services:\n  db:\n    image: pg:1\n    restrat: always\n    stop_grace_period: soon\n";
    let faults = read(&[first, second]).unwrap_err();
    let places: Vec<&str> = faults.iter().map(|fault| fault.place.as_str()).collect();
    let expected = ["0.yml:4:5", "0.yml:6:18", "0.yml:7:24", "1.yml:4:5", "1.yml:5:24", "0.yml:7:58", "0.yml:5:19"];
    assert_eq!(places, expected, "{faults:#?}");
}

#[test]
fn an_image_is_needed_and_must_have_a_name() {
    for (image, part) in [("", "no image"), ("image: 'nginx:${NOTHING}'", "cannot be"), ("image: NGINX", "capital")] {
        let text = format!("services:\n  web:\n    hostname: x\n{}", indented(image));
        let told: Vec<String> = read(&[&text]).unwrap_err().iter().map(ToString::to_string).collect();
        assert!(told.len() == 1 && told[0].contains(part), "{told:?}");
    }
}

#[test]
fn files_of_different_versions_are_refused() {
    let faults = read(&["version: '3.8'\nservices: {web: {image: a}}", "services: {web: {image: b}}"]).unwrap_err();
    assert!(faults[0].what.contains("different versions") && faults[0].place.starts_with("1.yml"), "{faults:?}");
}
