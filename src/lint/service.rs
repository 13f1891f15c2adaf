//! A service as the rules look at it, read from its mapping: short and long forms alike, each thing with its place.

use super::grants::{self, Grant};
use super::stack::Word;
use crate::diag::Spot;
use crate::platform::word;
use crate::stack::grammar::{port, volume};
use crate::stack::{Entry, Map, Node, Value};

/// A service.
#[derive(Debug, Default)]
pub struct Service {
    /// Its key in the file.
    pub key: String,
    /// Where it is written.
    pub spot: Spot,
    /// Its image.
    pub image: Option<Word>,
    /// It runs once and ends.
    pub is_job: bool,
    /// It is wished zero times.
    pub is_off: bool,
    /// It runs on every node that fits.
    pub is_global: bool,
    /// Its tasks, if no node takes two of them.
    pub spread: Option<usize>,
    /// How it is reached: `vip` or `dnsrr`.
    pub endpoint: Option<Word>,
    /// Labels of the service, which others in the swarm can read.
    pub labels: Vec<Label>,
    /// Labels of its containers, which only their own node can read.
    pub container_labels: Vec<Label>,
    /// Variables that its file gives it.
    pub environment: Vec<Label>,
    /// What it runs, where its file says so.
    pub command: Vec<Word>,
    /// What it publishes.
    pub ports: Vec<Port>,
    /// What it mounts.
    pub mounts: Vec<Mount>,
    /// Its networks by key.
    pub networks: Vec<Word>,
    /// Its secrets by key.
    pub secrets: Vec<Word>,
    /// Its configs by key.
    pub configs: Vec<Word>,
    /// Its secrets and configs, with who owns each of them.
    pub grants: Vec<Grant>,
    /// Where it may run.
    pub constraints: Vec<Word>,
    /// When a task that ended is started again.
    pub restart: Option<Word>,
    /// How often it is tried.
    pub attempts: Option<(i64, Spot)>,
    /// It says how its health is found out.
    pub has_health: bool,
    /// The program that finds it out, and everything that it is told, in a shell or without one.
    pub probe: Option<Probe>,
    /// The words of its health check, where they are written as a list.
    pub test: Option<Vec<Word>>,
    /// It says that its health is not to be found out.
    pub is_unwatched: bool,
    /// Services that it starts after.
    pub after: Vec<Word>,
}

/// How the health of a service is found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The command.
    pub words: Vec<String>,
    /// A shell runs it.
    pub in_shell: bool,
    /// Where it is written.
    pub spot: Spot,
}

/// A name with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Where it is written.
    pub spot: Spot,
}

/// A published port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// In the container.
    pub target: u32,
    /// In the swarm, or on the node.
    pub published: u32,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// It is opened on the node of the task alone.
    pub on_host: bool,
    /// The address that it is meant for, to which a swarm gives no heed.
    pub address: Option<String>,
    /// Where it is written.
    pub spot: Spot,
}

/// A mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// A folder of the node, and no volume.
    pub is_bind: bool,
    /// The folder or the volume.
    pub source: String,
    /// Where in the container.
    pub target: String,
    /// Nothing is written to it.
    pub read_only: bool,
    /// Where it is written.
    pub spot: Spot,
}

impl Service {
    /// The service of an entry; none if it is no mapping.
    pub fn of(entry: &Entry, file: &Spot) -> Option<Self> {
        let map = entry.node.map()?;
        let empty = Map::default();
        let deploy = map.get("deploy").and_then(Node::map).unwrap_or(&empty);
        let placement = deploy.get("placement").and_then(Node::map).unwrap_or(&empty);
        let health = map.get("healthcheck").and_then(Node::map);
        let mode = deploy.get("mode").and_then(Node::text).unwrap_or_default();
        let policy = deploy.get("restart_policy").and_then(Node::map);
        let one = |map: &Map, key: &str| words(map.get(key), file).into_iter().next();
        let number = |map: &Map, key: &str| match map.get(key)?.value {
            Value::Int(number) => usize::try_from(number).ok(),
            _ => None,
        };
        let attempts = policy.and_then(|policy| policy.get("max_attempts"));
        let disabled =
            health.and_then(|health| health.get("disable")).is_some_and(|node| node.value == Value::Bool(true));
        Some(Self {
            key: entry.key.clone(),
            spot: file.line(entry.place.line, entry.place.column),
            image: one(map, "image").filter(|image| !image.text.is_empty()),
            is_job: mode.ends_with("-job"),
            is_off: deploy.get("replicas").is_some_and(|node| node.value == Value::Int(0)),
            is_global: mode.starts_with("global"),
            spread: number(deploy, "replicas").filter(|_| number(placement, "max_replicas_per_node") == Some(1)),
            endpoint: one(deploy, "endpoint_mode"),
            labels: pairs(deploy.get("labels"), file),
            container_labels: pairs(map.get("labels"), file),
            environment: pairs(map.get("environment"), file),
            command: ["entrypoint", "command"].into_iter().flat_map(|key| words(map.get(key), file)).collect(),
            ports: items(map.get("ports")).flat_map(|node| ports(node, file)).collect(),
            mounts: items(map.get("volumes")).filter_map(|node| mount(node, file)).collect(),
            networks: words(map.get("networks"), file),
            secrets: items(map.get("secrets")).filter_map(|node| source(node, file)).collect(),
            configs: items(map.get("configs")).filter_map(|node| source(node, file)).collect(),
            grants: grants::of(map, file),
            constraints: words(placement.get("constraints"), file),
            // Without a policy of the swarm the key of docker compose counts; its `no` leaves the swarm to its own.
            restart: policy.map_or_else(
                || one(map, "restart").filter(|word| word.text != "no"),
                |policy| one(policy, "condition"),
            ),
            attempts: attempts.and_then(|node| match node.value {
                Value::Int(number) => Some((number, at(node, file))),
                _ => None,
            }),
            has_health: health.is_some_and(|health| health.get("test").is_some()) && !disabled,
            probe: health.and_then(|health| probe(health.get("test")?, file)).filter(|_| !disabled),
            test: health.and_then(|health| health.get("test")?.list().map(|_| words(health.get("test"), file))),
            is_unwatched: disabled,
            after: words(map.get("depends_on"), file),
        })
    }

    /// It should be up at all times.
    pub fn is_lasting(&self) -> bool {
        !self.is_job && !self.is_off
    }

    /// The name of its program: the last part of its image, without version.
    pub fn program(&self) -> &str {
        self.repository().rsplit('/').next().unwrap_or_default()
    }

    /// Its image without version.
    pub fn repository(&self) -> &str {
        let image = self.image.as_ref().map_or("", |image| image.text.as_str());
        let name = image.split('@').next().unwrap_or_default();
        // The port of a registry stands before a slash.
        name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).map_or(name, |(name, _)| name)
    }

    /// The value of a label of the service.
    pub fn label(&self, key: &str) -> Option<&Label> {
        self.labels.iter().find(|label| label.key.eq_ignore_ascii_case(key))
    }
}

fn probe(test: &Node, file: &Spot) -> Option<Probe> {
    let said: Vec<String> = match test.list() {
        Some(list) => list.iter().filter_map(word).collect(),
        None => vec!["CMD-SHELL".to_owned(), word(test)?],
    };
    let (kind, rest) = said.split_first()?;
    let in_shell = kind == "CMD-SHELL";
    let words = if in_shell {
        rest.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect()
    } else {
        rest.to_vec()
    };
    (in_shell || kind == "CMD").then(|| Probe { words, in_shell, spot: at(test, file) })
}

fn at(node: &Node, file: &Spot) -> Spot {
    file.line(node.place.line, node.place.column)
}

/// The items of a list, if it is one.
pub fn items(node: Option<&Node>) -> impl Iterator<Item = &Node> {
    node.and_then(Node::list).unwrap_or_default().iter()
}

/// The words of a list, the keys of a mapping, or one word alone.
pub fn words(node: Option<&Node>, file: &Spot) -> Vec<Word> {
    let Some(node) = node else { return Vec::new() };
    match &node.value {
        Value::Map(map) => {
            let key =
                |entry: &Entry| Word { text: entry.key.clone(), spot: file.line(entry.place.line, entry.place.column) };
            map.0.iter().map(key).collect()
        }
        Value::List(list) => {
            list.iter().filter_map(|item| Some(Word { text: word(item)?, spot: at(item, file) })).collect()
        }
        _ => word(node).map(|text| Word { text, spot: at(node, file) }).into_iter().collect(),
    }
}

/// Names with values, by mapping or as `name=value`.
pub fn pairs(node: Option<&Node>, file: &Spot) -> Vec<Label> {
    let Some(node) = node else { return Vec::new() };
    match &node.value {
        Value::Map(map) => {
            let pair = |entry: &Entry| Label {
                key: entry.key.clone(),
                value: word(&entry.node).unwrap_or_default(),
                spot: file.line(entry.place.line, entry.place.column),
            };
            map.0.iter().map(pair).collect()
        }
        Value::List(list) => {
            let pair = |item: &Node| {
                let text = word(item)?;
                let (key, value) = text.split_once('=').unwrap_or((&text, ""));
                Some(Label { key: key.to_owned(), value: value.to_owned(), spot: at(item, file) })
            };
            list.iter().filter_map(pair).collect()
        }
        _ => Vec::new(),
    }
}

/// The key that a reference names, in its short or its long form.
pub fn source(node: &Node, file: &Spot) -> Option<Word> {
    match &node.value {
        Value::Map(map) => map.get("source").and_then(word).map(|text| Word { text, spot: at(node, file) }),
        _ => word(node).map(|text| Word { text, spot: at(node, file) }),
    }
}

fn ports(node: &Node, file: &Spot) -> Vec<Port> {
    let spot = at(node, file);
    if let Value::Map(map) = &node.value {
        let number = |key: &str| match map.get(key).map(|node| &node.value) {
            Some(Value::Int(number)) => u32::try_from(*number).unwrap_or_default(),
            Some(Value::Text(text)) => text.parse().unwrap_or_default(),
            _ => 0,
        };
        let text = |key: &str| map.get(key).and_then(Node::text).unwrap_or_default();
        let protocol = if text("protocol").is_empty() { "tcp" } else { text("protocol") };
        return vec![Port {
            target: number("target"),
            published: number("published"),
            protocol: protocol.to_lowercase(),
            on_host: text("mode") == "host",
            address: None,
            spot,
        }];
    }
    let Some(entry) = word(node).and_then(|text| port::parse(&text).ok()) else { return Vec::new() };
    let port = |pair: port::Pair| Port {
        target: pair.target.into(),
        published: pair.published.into(),
        protocol: pair.protocol,
        on_host: false,
        address: entry.ignored.clone(),
        spot: spot.clone(),
    };
    entry.pairs.into_iter().map(port).collect()
}

fn mount(node: &Node, file: &Spot) -> Option<Mount> {
    let spot = at(node, file);
    match &node.value {
        Value::Map(map) => {
            let text = |key: &str| map.get(key).and_then(word).unwrap_or_default();
            let kind = text("type");
            matches!(kind.as_str(), "bind" | "volume").then(|| Mount {
                is_bind: kind == "bind",
                source: text("source"),
                target: text("target"),
                read_only: map.get("read_only").is_some_and(|node| node.value == Value::Bool(true)),
                spot,
            })
        }
        Value::Text(text) => {
            let mount = volume::parse(text).ok()?;
            let volume::Mount { bind, source, target, read_only, .. } = mount;
            Some(Mount { is_bind: bind, source, target, read_only, spot })
        }
        _ => None,
    }
}
