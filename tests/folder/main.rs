//! Small platforms that rebuild the traps of real ones, read from disk untouched: one of Ansible and `.env`, one of
//! a registry and a vault. What is wrong in them is found, each at its place, and nothing else.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod broken;
mod numbers;
mod odd;

use std::path::{Path, PathBuf};

use quarterdeck::lint;
use quarterdeck::model::{Role, Tier};
use quarterdeck::platform::{self, Environment, Files};

fn home(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/folder").join(name)
}

fn files(name: &str) -> Files {
    Files::on_disk(&home(name)).unwrap()
}

/// `rule file:line:column`, by file.
fn findings(name: &str) -> String {
    let findings = lint::check(&files(name), Environment::new());
    findings.iter().map(|finding| format!("{} {}\n", finding.rule, finding.spot)).collect()
}

fn waves(name: &str) -> Vec<String> {
    let files = files(name);
    let order = platform::read(&files).depth(&files).order;
    let wave = |wave: &Vec<String>| wave.join("+");
    order
        .tiers
        .iter()
        .map(|(tier, waves)| format!("{}: {}", tier.name(), waves.iter().map(wave).collect::<Vec<_>>().join(" > ")))
        .collect()
}

#[test]
fn a_platform_of_ansible_and_dotenv_is_understood_as_it_stands() {
    let platform = platform::read(&files("dotenv"));
    let stacks: Vec<(&str, &Tier)> =
        platform.catalogue.stacks.values().map(|one| (one.name.as_str(), &one.tier)).collect();
    let (low, high) = (&Tier::Infrastructure, &Tier::Application);
    assert_eq!(
        stacks,
        [
            ("actual_server", high),
            ("dns", low),
            ("fiber", high),
            ("immich", high),
            ("monitoring", low),
            ("reverse-proxy", low),
            ("romm", high)
        ]
    );
    let leader = &platform.catalogue.hosts["tower-X570-GAMING-X"];
    assert_eq!(
        (leader.role.clone(), leader.user.as_str(), leader.key.as_str()),
        (Some(Role::Manager), "captain", "~/.ssh/homelab")
    );
    assert_eq!(leader.labels["traefik"].place, "ansible/inventory/02-hosts.yml:10:13");
    assert_eq!(platform.catalogue.hosts["mini"].labels["downloads"].value, "true");
    // A backup that uses the secrets which others prepare comes up after them.
    assert_eq!(
        waves("dotenv"),
        ["infrastructure: dns+monitoring+reverse-proxy", "application: actual_server+immich+romm > fiber"]
    );
}

#[test]
fn what_is_wrong_in_a_platform_of_ansible_and_dotenv_is_found() {
    insta::assert_snapshot!("dotenv", findings("dotenv"));
}

#[test]
fn a_platform_of_a_registry_is_understood_as_it_stands() {
    let platform = platform::read(&files("registry"));
    let stacks: Vec<&str> = platform.catalogue.stacks.keys().map(String::as_str).collect();
    assert_eq!(
        stacks,
        [
            "application_media_core",
            "caddy",
            "dnsmasq-proxypxe",
            "infrastructure_step-ca",
            "media_torrent",
            "op-connect",
            "platform_authentik",
            "platform_monitoring",
            "platform_observability",
            "platform_postgres",
            "platform_smtp_relay",
        ]
    );
    assert_eq!(platform.catalogue.stacks["dnsmasq-proxypxe"].host.as_deref(), Some("barbary"));
    let ching = &platform.catalogue.hosts["ching"];
    assert_eq!((ching.user.as_str(), ching.r#become, ching.role.clone()), ("deploy", true, Some(Role::Manager)));
    assert_eq!(ching.groups, ["swarm_nodes", "managers"]);
    assert_eq!(platform.critical.len(), 2);
    assert_eq!(
        waves("registry"),
        [
            "infrastructure: caddy+infrastructure_step-ca+op-connect",
            "platform: platform_postgres+platform_smtp_relay > platform_authentik > platform_monitoring+platform_observability",
            "application: application_media_core+media_torrent",
        ]
    );
}

#[test]
fn what_is_wrong_in_a_platform_of_a_registry_is_found() {
    insta::assert_snapshot!("registry", findings("registry"));
}

#[test]
fn a_file_that_is_no_text_is_told_and_hides_no_other() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), [0xff, 0xfe]).unwrap();
    std::fs::write(folder.path().join("hosts.yml"), "managers: {hosts: {a: }}").unwrap();
    let findings = lint::check(&Files::on_disk(folder.path()).unwrap(), Environment::new());
    let told: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(told, ["file-unreadable", "managers-one"]);
}

#[test]
fn a_link_to_another_part_of_the_folder_is_a_stack_and_one_that_leads_astray_is_told() {
    use std::os::unix::fs::symlink;
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let at = |path: &str| folder.path().join(path);
    for dir in [&at("shared/web"), &at("stacks/apps"), &other.path().join("api")] {
        std::fs::create_dir_all(dir).unwrap();
        std::fs::write(dir.join("compose.yaml"), "services: {a: {image: \"x:1\"}}").unwrap();
    }
    std::fs::remove_file(at("stacks/apps/compose.yaml")).unwrap();
    symlink("../../shared/web", at("stacks/apps/web")).unwrap();
    symlink("..", at("stacks/apps/circle")).unwrap();
    symlink("gone", at("stacks/apps/nowhere")).unwrap();
    symlink(other.path().join("api"), at("stacks/apps/outside")).unwrap();
    let files = Files::on_disk(folder.path()).unwrap();
    assert_eq!(platform::read(&files).catalogue.stacks.keys().collect::<Vec<_>>(), ["web"]);
    let findings = lint::check(&files, Environment::new());
    let told: Vec<String> = findings.iter().map(|finding| format!("{} {}", finding.rule, finding.spot)).collect();
    let links = ["circle", "nowhere", "outside"].map(|name| format!("stack-link stacks/apps/{name}"));
    assert_eq!(told, links);
}

#[test]
fn eighty_stacks_are_read_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(home("registry").join("stacks/platform/auth/authentik/compose.yaml")).unwrap();
    for number in 0..80 {
        let dir = folder.path().join(format!("stacks/apps/app{number}"));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("compose.yaml"), text.clone() + "volumes: {data: }\n").unwrap();
        std::fs::write(dir.join("pre-flight.yml"), "validate: {env: [DOMAIN]}\n").unwrap();
    }
    std::fs::write(folder.path().join(".env"), "DOMAIN=example.test\n").unwrap();
    let findings = lint::check(&Files::on_disk(folder.path()).unwrap(), Environment::new());
    assert_eq!(findings, []);
    assert_eq!(platform::read(&Files::on_disk(folder.path()).unwrap()).catalogue.stacks.len(), 80);
}
