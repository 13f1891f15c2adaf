//! `komodo/resources.toml`: the stacks as Komodo knows them. Komodo has more keys than are read here, so unknown ones
//! are left alone.

use std::path::{Path, PathBuf};

use super::files::{Files, plain};
use super::page::Page;
use super::reader::Reader;
use super::rules;
use crate::diag::{Finding, Spot};
use crate::stack::{Map, Node, Value};

/// Where the registry lies.
pub const FILE: &str = "komodo/resources.toml";
/// So many files make up a registry at most.
const MOST: usize = 64;
/// The compose file of a stack that names none.
const COMPOSE: &str = "compose.yaml";

/// What is registered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registry {
    /// The folder has one.
    pub is_there: bool,
    /// Stacks.
    pub stacks: Vec<Registered>,
    /// Machines.
    pub servers: Vec<Server>,
    /// Swarms, each with its servers.
    pub swarms: Vec<(String, Vec<String>)>,
    /// Checkouts, each with its path on the machine that holds it.
    pub repos: Vec<(String, String)>,
    /// Names of the builders and resource syncs.
    pub others: Vec<String>,
    /// Files and directories that resource syncs read.
    pub paths: Vec<PathBuf>,
}

/// A registered stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub spot: Spot,
    /// Its directory.
    pub run_directory: PathBuf,
    /// Its compose files.
    pub files: Vec<PathBuf>,
    /// Stacks that must stand before it.
    pub after: Vec<(String, Spot)>,
    /// Services that do not count for its health.
    pub ignored: Vec<(String, Spot)>,
    /// What runs before a deploy.
    pub pre_deploy: Option<Hook>,
    /// Files whose change restarts it.
    pub config_files: Vec<String>,
    /// Where it runs.
    pub runs_on: RunsOn,
    /// Its compose file lies on its server, or in the registry itself.
    pub elsewhere: bool,
}

/// Where a registered stack runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunsOn {
    /// In the swarm of this name.
    Swarm(String),
    /// On this server alone, by docker compose.
    Server(String),
    /// It is not said.
    Unsaid,
}

/// A command on the machine that deploys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// The directory it runs in.
    pub path: String,
    /// The command.
    pub command: String,
}

/// A registered machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name.
    pub name: String,
    /// Where its agent answers.
    pub address: String,
    /// The agent's certificate is not checked.
    pub insecure_tls: bool,
    /// Where it is written.
    pub spot: Spot,
}

/// The registry of the folder; empty if there is none.
pub fn read(files: &Files, findings: &mut Vec<Finding>) -> Registry {
    let mut registry = Registry::default();
    let mut waiting = vec![PathBuf::from(FILE)];
    let mut seen = Vec::new();
    while let Some(path) = waiting.pop().filter(|_| seen.len() < MOST) {
        if seen.contains(&path) {
            continue;
        }
        if let Some(page) = Page::toml(files, &path, findings) {
            registry.is_there = true;
            registry.read(&page, findings);
            waiting.extend(registry.paths.iter().flat_map(|path| parts(files, path)));
        }
        seen.push(path);
    }
    registry
}

/// The files that a sync reads: one, or all of a directory.
fn parts(files: &Files, path: &Path) -> Vec<PathBuf> {
    let mut parts = files.under(path);
    parts.push(path.to_owned());
    parts.retain(|part| part.extension().is_some_and(|end| end == "toml"));
    parts
}

impl Registry {
    fn read(&mut self, page: &Page, findings: &mut Vec<Finding>) {
        let registry = self;
        let mut reader = Reader::new(page, &rules::REGISTRY_SHAPE, findings);
        let Some(root) = page.root.as_ref().and_then(Node::map) else { return };
        for table in &root.0 {
            for (name, item) in named(&table.key, &table.node, &mut reader) {
                let empty = Map::default();
                let config = item.get("config").and_then(|node| reader.map("config", node)).unwrap_or(&empty);
                let text = |key: &str| config.get(key).and_then(Node::text).unwrap_or_default().to_owned();
                match table.key.as_str() {
                    "stack" => registry.stacks.extend(stack(&name, item, config, &mut reader)),
                    "server" => registry.servers.push(Server {
                        address: text("address"),
                        insecure_tls: config.get("insecure_tls").and_then(|node| reader.truth("insecure_tls", node))
                            == Some(true),
                        spot: name.1,
                        name: name.0,
                    }),
                    "swarm" => {
                        let servers =
                            config.get("server_ids").map(|node| reader.words("server_ids", node)).unwrap_or_default();
                        registry.swarms.push((name.0, servers.into_iter().map(|(server, _)| server).collect()));
                    }
                    "repo" => registry.repos.push((name.0, text("path"))),
                    other => {
                        if other == "resource_sync" {
                            let paths = config.get("resource_path").map(|node| reader.words("resource_path", node));
                            registry.paths.extend(paths.into_iter().flatten().map(|(path, _)| plain(Path::new(&path))));
                        }
                        registry.others.push(name.0);
                    }
                }
            }
        }
    }
}

/// The items of an array of tables that have a name.
fn named<'n>(table: &str, node: &'n Node, reader: &mut Reader<'_>) -> Vec<((String, Spot), &'n Map)> {
    let mut found = Vec::new();
    for item in reader.list(table, node) {
        let Some(map) = reader.map(table, item) else { continue };
        match map.get("name").and_then(|name| Some((name.text()?.to_owned(), reader.at(name.place)))) {
            Some(name) => found.push((name, map)),
            None => reader.wrong(item.place, format!("a {table} has no name"), "give it a name = \"…\""),
        }
    }
    found
}

fn stack(name: &(String, Spot), item: &Map, config: &Map, reader: &mut Reader<'_>) -> Option<Registered> {
    let mut words = |map: &Map, key: &str| map.get(key).map(|node| reader.words(key, node)).unwrap_or_default();
    let (after, ignored, paths) = (words(item, "after"), words(config, "ignore_services"), words(config, "file_paths"));
    let text = |key: &str| config.get(key).and_then(Node::text).filter(|text| !text.is_empty()).map(str::to_owned);
    let run_directory = plain(Path::new(&text("run_directory").unwrap_or_default()));
    let mut files: Vec<PathBuf> = paths.iter().map(|(path, _)| plain(&run_directory.join(path))).collect();
    if files.is_empty() {
        files.push(run_directory.join(COMPOSE));
    }
    let runs_on = match (text("swarm"), text("server")) {
        (Some(swarm), None) => RunsOn::Swarm(swarm),
        (None, Some(server)) => RunsOn::Server(server),
        (both, _) => {
            let (what, mend) = match both.is_some() {
                true => ("both a swarm and a server", "keep one of the two"),
                false => ("neither a swarm nor a server", "name the one that runs it"),
            };
            let finding =
                rules::REGISTRY_SHAPE.broken(name.1.clone(), format!("the stack {} has {what}", name.0), mend);
            reader.findings.push(finding);
            RunsOn::Unsaid
        }
    };
    let elsewhere = text("file_contents").is_some()
        || config.get("files_on_host").is_some_and(|node| node.value == Value::Bool(true));
    let pre_deploy = config.get("pre_deploy").and_then(|node| reader.map("pre_deploy", node)).map(|hook| {
        let text = |key: &str| hook.get(key).and_then(Node::text).unwrap_or_default().to_owned();
        Hook { path: text("path"), command: text("command") }
    });
    let config_files = config.get("config_files").map(|node| reader.list("config_files", node)).unwrap_or_default();
    let config_files =
        config_files.iter().filter_map(|file| Some(file.map()?.get("path")?.text()?.to_owned())).collect();
    let (name, spot) = name.clone();
    Some(Registered { name, spot, run_directory, files, after, ignored, pre_deploy, config_files, runs_on, elsewhere })
}

impl Registry {
    /// The registered stack that this compose file belongs to.
    #[must_use]
    pub fn of_file(&self, file: &Path) -> Option<&Registered> {
        self.stacks.iter().find(|stack| stack.files.iter().any(|other| other == file))
    }

    /// A stack by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Registered> {
        self.stacks.iter().find(|stack| stack.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Registry, Vec<Finding>) {
        let mut findings = Vec::new();
        (read(&Files::of(&[], &[(FILE, text)]), &mut findings), findings)
    }

    #[test]
    fn a_stack_is_known_by_its_file_whatever_its_directory_is_called() {
        let (registry, findings) = read_text(
            "[[server]]\nname = \"barbary\"\n[server.config]\naddress = \"https://barbary:8120\"\ninsecure_tls = true\n\n[[swarm]]\nname = \"home\"\n[swarm.config]\nserver_ids = [\"barbary\"]\n\n[[repo]]\nname = \"homelab\"\n[repo.config]\npath = \"/srv/homelab\"\n\n[[stack]]\nname = \"platform_authentik\"\nafter = [\"platform_postgres\"]\n[stack.config]\nswarm = \"home\"\nrun_directory = \"stacks/platform/auth/authentik/\"\nignore_services = [\"secrets\"]\n[stack.config.pre_deploy]\npath = \"scripts\"\ncommand = \"sh validate-authentik-setup.sh\"\n\n[[stack]]\nname = \"dnsmasq-proxypxe\"\n[stack.config]\nserver = \"barbary\"\nrun_directory = \"./stacks/infrastructure/pxe\"\nfile_paths = [\"dnsmasq-compose.yaml\"]\n\n[[resource_sync]]\nname = \"sync\"\n",
        );
        assert_eq!(findings, []);
        let authentik = registry.of_file(Path::new("stacks/platform/auth/authentik/compose.yaml")).unwrap();
        assert_eq!(authentik.name, "platform_authentik");
        assert_eq!(authentik.after[0], ("platform_postgres".to_owned(), Spot::of(FILE).line(19, 10)));
        assert_eq!(authentik.pre_deploy.as_ref().unwrap().command, "sh validate-authentik-setup.sh");
        let dnsmasq = registry.of_file(Path::new("stacks/infrastructure/pxe/dnsmasq-compose.yaml")).unwrap();
        assert_eq!(dnsmasq.runs_on, RunsOn::Server("barbary".to_owned()));
        assert!(registry.servers[0].insecure_tls);
        assert_eq!(
            (registry.swarms[0].1.as_slice(), registry.repos[0].1.as_str()),
            (["barbary".to_owned()].as_slice(), "/srv/homelab")
        );
    }

    #[test]
    fn what_komodo_would_not_understand_is_told() {
        for (text, place) in [
            ("[[stack]]\n[stack.config]\nswarm = \"x\"\n", "1:"),
            ("[[stack]]\nname = \"a\"\n[stack.config]\nswarm = \"x\"\nserver = \"y\"\n", "2:8"),
            ("[[stack]]\nname = \"a\"\n", "2:8"),
            ("[stack]\nname = \"a\"\n", "1:"),
        ] {
            let (_, findings) = read_text(text);
            assert!(
                findings[0].spot.to_string().starts_with(&format!("{FILE}:{place}")),
                "{text}: {}",
                findings[0].spot
            );
        }
    }
}
