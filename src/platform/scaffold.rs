//! A new stack as the folder has them: its files in words, ready to be written. Writes nothing itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Depth, Platform, stacks};
use crate::diag::Diagnostic;
use crate::model::Tier;
use crate::stack::grammar::image;
use crate::stack::{Node, Value};

/// Where the data of a service lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// It keeps none.
    None,
    /// In a volume of the node that it runs on.
    Volume,
    /// In a directory that the pre-flight makes.
    Directory,
}

/// How a folder has the stacks of a tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// The directory that holds theirs.
    pub dir: PathBuf,
    /// What their compose files are called.
    pub file: &'static str,
}

impl Home {
    /// As most stacks of the folder have it.
    #[must_use]
    pub fn of(platform: &Platform, tier: &Tier) -> Self {
        let mut dirs: BTreeMap<PathBuf, usize> = BTreeMap::new();
        let mut names = stacks::NAMES.map(|name| (0_usize, name));
        for filed in platform.catalogue.stacks.values() {
            let parts: Vec<_> = filed.file.iter().collect();
            // Only what lies there by its path alone says where another would belong.
            if let (Some(top), true) = (stacks::top(&parts), stacks::tier_of(&filed.file) == *tier) {
                *dirs.entry(top).or_default() += 1;
            }
            if let Some((count, _)) = names.iter_mut().find(|(_, name)| filed.file.ends_with(name)) {
                *count += 1;
            }
        }
        let usual = Path::new("stacks").join(tier.name());
        let dir = dirs.into_iter().max_by_key(|(dir, count)| (*count, *dir == usual)).map_or(usual, |(dir, _)| dir);
        let file = names.iter().rev().max_by_key(|(count, _)| *count).map_or("compose.yaml", |(_, name)| name);
        Self { dir, file }
    }
}

/// What the new stack is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// Its image, with a tag.
    pub image: String,
    /// The port that it listens on.
    pub port: u16,
    /// Its tier.
    pub tier: Tier,
    /// Where the folder has stacks of that tier.
    pub home: Home,
    /// Where its data lies.
    pub storage: Storage,
    /// Where in the container the data lies; none where it keeps none.
    pub mount: String,
    /// Below which folder of its machine, as the stack file writes it.
    pub root: String,
    /// How its health is found out: the usual where nothing is said, not at all where that is empty.
    pub health: Option<String>,
    /// The node that it is placed on; any where none is named.
    pub node: Option<String>,
    /// The name that it is reached by through the ingress.
    pub host: Option<String>,
}

/// The ingress of a folder: its kind, and the network in which it reaches services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingress {
    /// It is Traefik, else Caddy.
    pub is_traefik: bool,
    /// The network.
    pub network: String,
}

impl Ingress {
    /// The first ingress of the stacks that is in a network with a name of its own.
    #[must_use]
    pub fn of(depth: &Depth) -> Option<Self> {
        depth.stacks.values().find_map(|note| {
            let root = note.sketch.survey.as_ref()?.root.map()?;
            let services = root.get("services")?.map()?;
            services.0.iter().find_map(|entry| {
                let service = entry.node.map()?;
                let last = service.get("image")?.text()?.rsplit('/').next()?;
                let is_traefik = last.contains("traefik");
                (is_traefik || last.contains("caddy")).then_some(())?;
                let names: Vec<&str> = match &service.get("networks")?.value {
                    Value::List(items) => items.iter().filter_map(Node::text).collect(),
                    Value::Map(map) => map.0.iter().map(|entry| entry.key.as_str()).collect(),
                    _ => Vec::new(),
                };
                let offered = |name: &&&str| {
                    let body =
                        root.get("networks").and_then(Node::map).and_then(|map| map.get(name)).and_then(Node::map);
                    body.is_some_and(|body| body.get("name").is_some() || body.get("external").is_some())
                };
                let network = (*names.iter().find(offered)?).to_owned();
                Some(Self { is_traefik, network })
            })
        })
    }
}

impl Draft {
    /// Everything that is wrong with it.
    #[must_use]
    pub fn faults(&self, platform: &Platform) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        let mut wrong = |what: String, mend: &str| faults.push(Diagnostic::new(what, mend));
        let plain = |text: &str, more: &str| {
            !text.is_empty()
                && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
                && !text.starts_with(['-', '.', '_'])
        };
        if !plain(&self.name, "-_") || self.name != self.name.to_ascii_lowercase() {
            wrong(format!("a stack cannot be called {:?}", self.name), "use small letters, digits, - and _");
        }
        let tag = self.image.rsplit('/').next().and_then(|last| last.split_once(':')).map(|(_, tag)| tag);
        if image::parse(&self.image).is_err() || (!self.image.contains('@') && matches!(tag, None | Some("latest"))) {
            wrong(
                format!("{:?} is no image with a version", self.image),
                "write it with its tag, such as nginx:1.27.3",
            );
        }
        if self.port == 0 {
            wrong("the service listens on no port".to_owned(), "write a port from 1 to 65535");
        }
        let keeps = self.storage != Storage::None;
        let whole = self.mount.starts_with('/') && plain(self.mount.trim_start_matches('/'), "-_./");
        if keeps && (!whole || self.mount.contains("..")) {
            wrong(format!("{:?} is no place in the container", self.mount), "write it as a whole path, such as /data");
        }
        if let Some(host) = self.host.as_deref().filter(|host| !plain(host, "-.")) {
            wrong(format!("{host:?} is no host name"), "write it as name.example.test");
        }
        let hosts = &platform.inventory.hosts;
        if let Some(node) = self.node.as_deref().filter(|node| !hosts.is_empty() && !hosts.contains_key(*node)) {
            let known: Vec<&str> = hosts.keys().map(String::as_str).collect();
            faults.push(Diagnostic::new(format!("the inventory has no host {node:?}"), super::mend(node, &known)));
        }
        if let Some(known) = platform.catalogue.stacks.get(&self.name) {
            let fault = Diagnostic::new(format!("there is a stack {} already", self.name), "choose another name");
            faults.push(fault.at(known.file.display().to_string()));
        }
        faults
    }

    /// The directory of the stack.
    #[must_use]
    pub fn dir(&self) -> PathBuf {
        self.home.dir.join(&self.name)
    }

    /// Its files, each below the folder.
    #[must_use]
    pub fn files(&self, ingress: Option<&Ingress>) -> Vec<(PathBuf, String)> {
        let mut files = vec![(self.dir().join(self.home.file), self.compose(ingress))];
        if self.storage == Storage::Directory {
            let text = format!("# What is made before the stack is deployed.\ndirectories:\n  - path: {}\n", self.name);
            files.push((self.dir().join("pre-flight.yml"), text));
        }
        files
    }

    fn compose(&self, ingress: Option<&Ingress>) -> String {
        let Self { name, image, port, mount, .. } = self;
        let reached = self.host.as_deref().zip(ingress);
        let mut text =
            format!("services:\n  {name}:\n    image: {image}\n    environment:\n      TZ: ${{TZ:-Etc/UTC}}\n");
        if let Some((_, ingress)) = reached {
            text += &format!("    networks: [default, {}]\n", ingress.network);
        }
        match self.storage {
            Storage::None => {}
            Storage::Volume => text += &format!("    volumes:\n      - data:{mount}\n"),
            Storage::Directory => {
                text += &format!("    volumes:\n      - {}/{name}:{mount}\n", self.root);
            }
        }
        let health = self.health.clone().unwrap_or_else(|| usual_health(image, *port));
        if !health.is_empty() {
            // What JSON puts in quotes is a word in YAML too. A `$` alone would be a variable of the file.
            let test = serde_json::Value::from(health.replace('$', "$$"));
            text += &format!(
                "    healthcheck:\n      test: [CMD-SHELL, {test}]\n      interval: 30s\n      timeout: 5s\n      retries: 3\n      start_period: 30s\n"
            );
        }
        text += "    deploy:\n";
        if let Some((host, ingress)) = reached {
            text += &self.labels(host, ingress);
        }
        if let Some(node) = &self.node {
            text += &format!("      placement:\n        constraints: [node.hostname == {node}]\n");
        }
        // Two tasks must not write to one place.
        let order = if self.storage == Storage::None { "start-first" } else { "stop-first" };
        text += &format!(
            "      resources:\n        limits: {{ cpus: \"1.0\", memory: 512M }}\n        reservations: {{ cpus: \"0.05\", memory: 64M }}\n      restart_policy: {{ condition: any, delay: 5s }}\n      update_config: {{ order: {order}, failure_action: rollback, monitor: 30s }}\n      rollback_config: {{ order: {order} }}\n"
        );
        if let Some((_, ingress)) = reached {
            text += &format!("\nnetworks:\n  {}:\n    external: true\n", ingress.network);
        }
        if self.storage == Storage::Volume {
            text += "\nvolumes:\n  data:\n";
        }
        text
    }

    fn labels(&self, host: &str, ingress: &Ingress) -> String {
        let Self { name, port, .. } = self;
        let route = match ingress.is_traefik {
            true => format!(
                "        traefik.enable: \"true\"\n        traefik.swarm.network: {}\n        traefik.http.routers.{name}.rule: Host(`{host}`)\n        traefik.http.services.{name}.loadbalancer.server.port: \"{port}\"\n",
                ingress.network
            ),
            false => format!("        caddy: {host}\n        caddy.reverse_proxy: \"{{{{upstreams {port}}}}}\"\n"),
        };
        format!(
            "      labels:\n{route}        homepage.group: {}\n        homepage.name: {name}\n        homepage.icon: {name}.png\n        homepage.href: https://{host}\n        homepage.description: {name}\n        kuma.{name}.http.name: {name}\n        kuma.{name}.http.url: https://{host}\n",
            self.tier.name()
        )
    }
}

/// How the health of a program is usually found out: by what its own image has for it, else by a page.
fn usual_health(image: &str, port: u16) -> String {
    let name = image.rsplit('/').next().unwrap_or_default().split([':', '@']).next().unwrap_or_default();
    let own = [
        ("postgres", "pg_isready -q"),
        ("redis", "redis-cli ping | grep -q PONG"),
        ("valkey", "valkey-cli ping | grep -q PONG"),
        ("mariadb", "healthcheck.sh --connect --innodb_initialized"),
        ("mysql", "mysqladmin ping -h 127.0.0.1"),
        ("mongo", "mongosh --quiet --eval 'db.adminCommand(\"ping\")'"),
        ("rabbitmq", "rabbitmq-diagnostics -q ping"),
    ];
    if let Some((_, test)) = own.iter().find(|(program, _)| *program == name) {
        return (*test).to_owned();
    }
    // Many images have one of the two alone.
    let url = format!("http://127.0.0.1:{port}/");
    format!("wget -q -O /dev/null {url} || curl -fsS -o /dev/null {url} || exit 1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{Files, read};

    fn draft() -> Draft {
        Draft {
            name: "notes".to_owned(),
            image: "registry.example.test/notes:1.2".to_owned(),
            port: 8080,
            tier: Tier::Application,
            home: Home { dir: "stacks/application".into(), file: "compose.yaml" },
            storage: Storage::Volume,
            mount: "/data".to_owned(),
            root: "/mnt".to_owned(),
            health: None,
            node: None,
            host: Some("notes.example.test".to_owned()),
        }
    }

    #[test]
    fn a_database_is_asked_as_its_image_asks_it() {
        for (image, test) in [
            ("postgres:17", "pg_isready"),
            ("docker.io/library/redis:7-alpine", "redis-cli ping"),
            ("registry.example.test:5000/mongo@sha256:0", "mongosh"),
            ("registry.example.test/notes:1.2", "wget -q"),
        ] {
            let text = Draft { image: image.to_owned(), ..draft() }.compose(None);
            assert!(
                text.contains(test) && text.contains("healthcheck") == text.contains("CMD-SHELL"),
                "{image}: {text}"
            );
        }
    }

    #[test]
    fn what_cannot_be_is_told_all_at_once() {
        let platform = read(&Files::of(&[], &[("stacks/apps/notes/compose.yaml", "services: {}")]));
        assert_eq!(draft().faults(&platform).len(), 1);
        assert_eq!(draft().faults(&read(&Files::of(&[], &[]))), []);
        let odd = Draft {
            name: "../x".to_owned(),
            image: "nginx".to_owned(),
            port: 0,
            mount: "data:/x".to_owned(),
            host: Some("a b".to_owned()),
            ..draft()
        };
        assert_eq!(odd.faults(&platform).len(), 5);
    }

    #[test]
    fn a_new_stack_goes_where_the_folder_has_those_of_its_tier() {
        let home = |texts: &[&str], tier: &Tier| {
            let texts: Vec<(&str, &str)> = texts.iter().map(|path| (*path, "services: {}")).collect();
            let home = Home::of(&read(&Files::of(&[], &texts)), tier);
            format!("{} {}", home.dir.display(), home.file)
        };
        let old = ["stacks/dns/docker-compose.yml", "stacks/apps/a/docker-compose.yml", "stacks/apps/b/compose.yaml"];
        assert_eq!(home(&[], &Tier::Application), "stacks/application compose.yaml");
        assert_eq!(home(&old, &Tier::Application), "stacks/apps docker-compose.yml");
        assert_eq!(home(&old, &Tier::Infrastructure), "stacks docker-compose.yml");
        assert_eq!(home(&old, &Tier::Platform), "stacks/platform docker-compose.yml");
        let new = ["stacks/infrastructure/caddy/caddy-compose.yaml", "stacks/application/media/core/compose.yaml"];
        assert_eq!(home(&new, &Tier::Infrastructure), "stacks/infrastructure compose.yaml");
        assert_eq!(home(&new, &Tier::Application), "stacks/application compose.yaml");
    }

    #[test]
    fn the_ingress_of_the_shipped_platform_is_found() {
        let files = Files::shipped();
        let ingress = Ingress::of(&read(&files).depth(&files));
        assert_eq!(ingress, Some(Ingress { is_traefik: false, network: "proxy_network".to_owned() }));
    }
}
