//! The configuration that we ship, judged by the programs that it is for. They come from the distribution; .ci/run
//! unpacks them below target/programs. Where one is missing its test says so, and fails if CI is set to true.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]
#![allow(clippy::print_stdout, reason = "what is left out is said")]

use std::collections::BTreeMap;
use std::fs;
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
/// left out; and it is older, so metrics are asked for where it knows them. Everything else is judged: the shipped file, and the sites of all labels of all stacks.
#[test]
fn caddy_takes_its_file_and_the_sites_of_all_services() {
    let Some(caddy) = program("caddy", "caddy") else { return };
    let folder = tempfile::tempdir().unwrap();
    let older = [
        ("acme_dns cloudflare {file./run/secrets/cloudflare_api_token}", ""),
        ("\n\tmetrics\n", "\n\tservers {\n\t\tmetrics\n\t}\n"),
    ];
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
