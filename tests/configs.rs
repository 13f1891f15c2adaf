//! The configuration that we ship, judged by the programs that it is for. They come from the distribution; .ci/run
//! unpacks them below target/programs. Where one is missing its test says so, and fails if CI is set to true.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]
#![allow(clippy::print_stdout, reason = "what is left out is said")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use quarterdeck::platform::{self, Checkout, Files};
use quarterdeck::stack::Wish;
use tempfile::TempDir;

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A program of the machine, or one that was unpacked.
fn program(name: &str, package: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let unpacked = home().join("target/programs").join(package).join("usr");
    let more = [PathBuf::from("/usr/sbin"), unpacked.join("bin"), unpacked.join("sbin")];
    let found = std::env::split_paths(&path).chain(more).map(|dir| dir.join(name)).find(|file| file.is_file());
    if found.is_none() {
        let why = format!("{name} is not here: install {package}, or unpack it below target/programs/{package}");
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
        println!("left out: {why}");
    }
    found
}

/// What the stack wishes for, with the values that the shipped platform is tried with.
fn wish(stack: &str) -> Wish {
    let files = Files::shipped();
    let catalogue = Arc::new(platform::read(&files).catalogue);
    Checkout { files: files.into(), catalogue, surroundings: Arc::default() }.wish(stack).unwrap()
}

/// A shipped file in a folder of its own, with some words in it replaced.
fn lay(folder: &TempDir, file: &str, words: &[(&str, &str)]) -> PathBuf {
    let mut text = fs::read_to_string(home().join("stacks").join(file)).unwrap();
    for (from, to) in words {
        assert!(text.contains(from), "{file} does not say {from}");
        text = text.replace(from, to);
    }
    let path = folder.path().join(Path::new(file).file_name().unwrap());
    fs::write(&path, text).unwrap();
    path
}

fn judged(mut command: Command, folder: &TempDir) {
    let said = command.env("HOME", folder.path()).current_dir(folder.path()).output().unwrap();
    let words = [said.stdout, said.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(said.status.success(), "{command:?}\n{words}");
}

#[test]
fn prometheus_takes_its_configuration_and_its_rules() {
    let Some(promtool) = program("promtool", "prometheus") else { return };
    let folder = tempfile::tempdir().unwrap();
    let rules = lay(&folder, "platform/monitoring/config/alerts.yml", &[]);
    let moved = [("/etc/prometheus/alerts.yml", rules.to_str().unwrap())];
    let config = lay(&folder, "platform/monitoring/config/prometheus.yml", &moved);
    let mut command = Command::new(promtool);
    command.args(["check", "config"]).arg(config);
    judged(command, &folder);
}

/// What the nodes answer in a test of rules: one goes with its task, one is down, one stays.
const NODES: &str = r#"
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - { series: 'up{job="monitoring_node-exporter", node="ching"}', values: '1x10 stale' }
      - { series: 'up{job="monitoring_node-exporter", node="dhow"}', values: '1x10 0x600' }
      - { series: 'up{job="monitoring_node-exporter", node="angre"}', values: '1x600' }
    alert_rule_test:
      - { eval_time: 12m, alertname: NodeGone }
      - { eval_time: 20m, alertname: NodeGone, exp_alerts: [CHING, DHOW] }
      - { eval_time: 7h, alertname: NodeGone, exp_alerts: [DHOW] }
"#;

#[test]
fn a_node_that_goes_with_its_task_rings_as_one_that_is_down_does() {
    let Some(promtool) = program("promtool", "prometheus") else { return };
    let folder = tempfile::tempdir().unwrap();
    let rules = lay(&folder, "platform/monitoring/config/alerts.yml", &[]);
    let alert = |node: &str| {
        let labels = format!("exp_labels: {{ job: monitoring_node-exporter, node: {node}, severity: critical }}");
        format!("{{ {labels}, exp_annotations: {{ summary: {node} has not answered for three minutes }} }}")
    };
    let nodes = NODES.replace("CHING", &alert("ching")).replace("DHOW", &alert("dhow"));
    let test = folder.path().join("nodes.yml");
    fs::write(&test, format!("rule_files: [{}]\n{nodes}", rules.display())).unwrap();
    let mut command = Command::new(promtool);
    command.args(["test", "rules"]).arg(test);
    judged(command, &folder);
}

#[test]
fn alertmanager_takes_its_configuration_once_its_secret_is_in_it() {
    let Some(amtool) = program("amtool", "prometheus-alertmanager") else { return };
    let folder = tempfile::tempdir().unwrap();
    let filled = [("{{ op://homelab/alertmanager/webhook_url }}", "https://hooks.example.test/alerts")];
    let config = lay(&folder, "platform/monitoring/secrets/alertmanager.yml.template", &filled);
    let mut command = Command::new(amtool);
    command.arg("check-config").arg(config);
    judged(command, &folder);
}

#[test]
fn dnsmasq_takes_its_configuration_and_the_words_of_its_command() {
    let Some(dnsmasq) = program("dnsmasq", "dnsmasq-base") else { return };
    let folder = tempfile::tempdir().unwrap();
    let config = lay(&folder, "infrastructure/pxe/config/dnsmasq.conf", &[]);
    let wish = wish("pxe");
    let service = wish.services.iter().find(|service| service.key == "dnsmasq").unwrap();
    let args = service.body["TaskTemplate"]["ContainerSpec"]["Args"].as_array().unwrap();
    let args: Vec<&str> = args.iter().map(|arg| arg.as_str().unwrap()).collect();
    assert!(args.contains(&"--conf-file=/etc/dnsmasq.conf"), "{args:?}");
    let mut command = Command::new(dnsmasq);
    command.arg("--test").arg(format!("--conf-file={}", config.display()));
    command.args(args.into_iter().filter(|arg| !arg.starts_with("--conf-file")));
    judged(command, &folder);
}

/// Both read it once, at their first start, and without it take another for good or none.
#[test]
fn what_reads_its_secret_once_is_given_the_file_and_not_its_folder() {
    for (stack, service, target) in [
        ("technitium", "technitium", "/secrets/admin_password"),
        ("observability", "autokuma", "/config/autokuma/config.toml"),
    ] {
        let wish = wish(stack);
        let service = wish.services.iter().find(|one| one.key == service).unwrap();
        let mounts = service.body["TaskTemplate"]["ContainerSpec"]["Mounts"].as_array().unwrap();
        assert!(mounts.iter().any(|mount| mount["Target"] == target && mount["Type"] == "bind"), "{stack}: {mounts:?}");
    }
}

#[test]
fn the_hour_of_the_backup_may_be_written_with_a_nought() {
    let script = fs::read_to_string(home().join("stacks/platform/postgres/backup.sh")).unwrap();
    let (_, from) = script.split_once("until pg_isready -q; do sleep 2; done\n").unwrap();
    let (hour, _) = from.split_once("# A platform without").unwrap();
    for (said, wanted) in [("8", "08"), ("08", "08"), ("3", "03"), ("23", "23"), ("0", "00")] {
        let hour = format!("set -eu\n{hour}echo $hour\n");
        let out = Command::new("sh").args(["-c", &hour]).env("BACKUP_HOUR", said).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), wanted, "{said}: {out:?}");
    }
}

#[test]
fn a_secret_that_cannot_be_had_keeps_no_other_back_and_fails_the_job() {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path);
    for dir in ["bin", "templates/deep", "out/deep"] {
        fs::create_dir_all(at(dir)).unwrap();
    }
    let op = "#!/bin/sh\ngrep -q gone \"$4\" && exit 1\nsed s/reference/value/ \"$4\" >\"$6\"\n";
    fs::write(at("bin/op"), op).unwrap();
    fs::set_permissions(at("bin/op"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(at("token"), "word").unwrap();
    for (name, text) in [("a", "gone"), ("b", "reference"), ("deep/c", "reference")] {
        fs::write(at("templates").join(name), text).unwrap();
    }
    let places = ["/templates", "/out", "/run/secrets/op_connect_token"].map(|place| {
        let there = place.replace("/run/secrets/op_connect_token", "/token");
        (place, format!("{}{there}", folder.path().display()))
    });
    let places: Vec<(&str, &str)> = places.iter().map(|(from, to)| (*from, to.as_str())).collect();
    let script = lay(&folder, "infrastructure/op-connect/op-inject.sh", &places);
    let path = format!("{}:{}", at("bin").display(), std::env::var("PATH").unwrap());
    let said = Command::new("sh").arg(script).env("PATH", path).output().unwrap();
    assert!(!said.status.success());
    assert!(String::from_utf8_lossy(&said.stderr).contains("NOT rendered a"), "{said:?}");
    for name in ["b", "deep/c"] {
        assert_eq!(fs::read_to_string(at("out").join(name)).unwrap_or_default(), "value", "{name}: {said:?}");
    }
    assert!(!at("out/a").exists());
}

/// A directive with what stands in its braces.
#[derive(Default)]
struct Directive {
    words: String,
    inside: BTreeMap<String, Directive>,
}

impl Directive {
    fn put(&mut self, way: &[&str], words: String) {
        match way {
            [] => self.words = words,
            [first, rest @ ..] => self.inside.entry((*first).to_owned()).or_default().put(rest, words),
        }
    }

    fn written(&self, name: &str) -> String {
        let inside: String = self
            .inside
            .iter()
            .map(|(name, directive)| {
                directive.written(name.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_'))
            })
            .collect();
        match inside.is_empty() {
            true => format!("{name} {}\n", self.words),
            false => format!("{name} {} {{\n{inside}}}\n", self.words),
        }
    }
}

/// The sites that the labels of a service make, as caddy-docker-proxy writes them.
fn sites(key: &str, labels: &serde_json::Map<String, serde_json::Value>) -> String {
    let mut root = Directive::default();
    for (name, value) in
        labels.iter().filter(|(name, _)| *name == "caddy" || name.starts_with("caddy.") || name.starts_with("caddy_"))
    {
        let words = value.as_str().unwrap().replace("{{upstreams ", &format!("{key}:")).replace("}}", "");
        root.put(&name.split('.').collect::<Vec<_>>(), words);
    }
    root.inside.values().map(|site| site.written("")).collect()
}

/// The Caddy of the distribution has no module for the name server that certificates are proven by, so that line is
/// left out. Everything else is judged: the shipped file, and the sites of all labels of all stacks.
#[test]
fn caddy_takes_its_file_and_the_sites_of_all_services() {
    let Some(caddy) = program("caddy", "caddy") else { return };
    let folder = tempfile::tempdir().unwrap();
    let older = [("acme_dns cloudflare {file./run/secrets/cloudflare_api_token}", "")];
    let config = lay(&folder, "infrastructure/caddy/Caddyfile", &older);
    let mut text = fs::read_to_string(&config).unwrap();
    let mut count = 0;
    for stack in platform::read(&Files::shipped()).catalogue.stacks.values().filter(|filed| filed.host.is_none()) {
        for service in &wish(&stack.name).services {
            let own = sites(&service.key, service.body["Labels"].as_object().unwrap());
            count += usize::from(!own.is_empty());
            text += &own;
        }
    }
    assert!(count >= 15, "only {count} services have a site");
    fs::write(&config, text).unwrap();
    let mut command = Command::new(caddy);
    command.args(["validate", "--adapter", "caddyfile", "--config"]).arg(&config);
    command.env("ACME_EMAIL", "harbourmaster@example.test");
    judged(command, &folder);
}
