//! Small platforms that rebuild the traps of real ones, read from disk untouched: one of Ansible and `.env`, one of
//! a registry and a vault. What is wrong in them is found, each at its place, and nothing else.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod broken;
mod numbers;
mod odd;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use quarterdeck::lint;
use quarterdeck::model::{Role, Tier};
use quarterdeck::platform::{self, Environment, Files, rules};

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

/// What breaks the rules that neither platform breaks.
const REST: &[(&str, &str)] = &[
    (".env", "A=1\r\nB=$A\nno assignment\nEMPTY=\n"),
    ("ansible.cfg", "[defaults]\ninventory = nowhere\n"),
    ("hosts.yml", "managers: {hosts: {\"m[1:8]\": , x: }}\nworkers: {hosts: {x: }}\nhost: []\n"),
    ("group_vars/all.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n"),
    ("quarterdeck.yaml", "stacks: {gone: {teir: platform}, a: {after: [b]}}\ncritical_services: [{}]\n"),
    ("config/critical-services.yaml", "services: []\n"),
    ("stacks/infrastructure/a/compose.yaml", "services: {a: {image: \"${EMPTY:?set it}\"}}"),
    ("stacks/infrastructure/a/pre-flight.yml", "validate: {env: [NOT_SET]}\n"),
    ("stacks/apps/a/compose.yaml", "services: {a: {image: \"x\"}"),
    ("stacks/apps/b/compose.yaml", "services: [\n"),
    ("stacks/apps/_c/compose.yaml", "services: {}"),
    ("stacks/pxe/groups/a.json", "{\"profile\": \"p\", \"selector\": {\"mac\": \"00:00:5e:00:53:01\"}}"),
    ("stacks/pxe/groups/b.json", "{\"selector\": {\"mac\": \"00:00:5e:00:53:01\"}}"),
    (
        "stacks/pxe/groups/m1.json",
        "{\"id\": \"m1\", \"profile\": \"p\", \"selector\": {\"mac\": \"00:00:5e:00:53:02\"}}",
    ),
    ("stacks/pxe/profiles/p.json", "{\"id\": \"p\", \"generic_id\": \"answers.cfg\"}"),
];

#[test]
fn every_rule_has_a_folder_that_breaks_it() {
    let mut broken: BTreeSet<&str> = BTreeSet::new();
    let one_manager: &[(&str, &str)] = &[("hosts.yml", "managers: {hosts: {a: }}")];
    let absent: &[(&str, &str)] = &[("stacks/a/compose.yaml", "services: {a: {image: \"$X\"}}")];
    let many: &[(&str, &str)] = &[("hosts.yml", "managers: {hosts: {\"m[1:9]\": }}")];
    for texts in [REST, one_manager, absent, many] {
        broken.extend(lint::check(&Files::of(&[], texts), Environment::new()).iter().map(|finding| finding.rule));
    }
    for name in ["dotenv", "registry"] {
        broken.extend(lint::check(&files(name), Environment::new()).iter().map(|finding| finding.rule));
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), [0xff, 0xfe]).unwrap();
    broken.extend(lint::check(&Files::on_disk(folder.path()).unwrap(), Environment::new()).iter().map(|one| one.rule));
    // Rules about services are tried one by one, in the room itself.
    let services = [
        "swarm-",
        "image-",
        "storage-",
        "bind-",
        "constraint-",
        "port-",
        "label-",
        "ingress-",
        "traefik-",
        "caddy-",
        "homepage-",
        "kuma-",
        "route-",
        "fiber-",
        "part-",
        "external-",
        "restart-",
        "health-",
        "preflight-unlabelled",
    ];
    let never: Vec<&str> = rules::ALL
        .iter()
        .map(|rule| rule.id)
        .filter(|id| !broken.contains(id) && !services.iter().any(|start| id.starts_with(start)))
        .collect();
    assert_eq!(never, [""; 0], "no folder of the tests breaks these rules");
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
