//! A service as a file describes it, with every key that the schema allows, also those that swarm ignores: a value
//! that the CLI cannot decode stops a deployment wherever it stands.

use serde_json::Value as Json;

use super::attach::{Attachments, Mount, Port, Reference};
use super::cx::Cx;
use super::deploy::Deploy;
use super::lists::{Command, List, Scalars, Table, Test, Texts};
use super::pairs::{Extras, Hosts, Pairs, Variables};
use super::shape::{Shape, Span, Written, shape};
use crate::stack::grammar::{env_file, path};
use crate::stack::place::Place;
use crate::stack::tree::{Map, Node, Value};

shape! {
    /// All keys of a service.
    Keys {
        build: Build = "build",
        cap_add: Texts = "cap_add",
        cap_drop: Texts = "cap_drop",
        cgroupns_mode: Written = "cgroupns_mode",
        cgroup_parent: Written = "cgroup_parent",
        command: Command = "command",
        configs: Table<Reference> = "configs",
        container_name: Written = "container_name",
        credential_spec: CredentialSpec = "credential_spec",
        depends_on: After = "depends_on",
        deploy: Deploy = "deploy",
        devices: Texts = "devices",
        dns: Texts = "dns",
        dns_search: Texts = "dns_search",
        domainname: Written = "domainname",
        entrypoint: Command = "entrypoint",
        environment: Variables = "environment",
        env_file: EnvFiles = "env_file",
        expose: Scalars = "expose",
        external_links: Texts = "external_links",
        extra_hosts: Hosts = "extra_hosts",
        hostname: Written = "hostname",
        healthcheck: Option<HealthCheck> = "healthcheck",
        image: Written = "image",
        init: Option<bool> = "init",
        ipc: Written = "ipc",
        isolation: Written = "isolation",
        labels: Pairs = "labels",
        links: Texts = "links",
        logging: Option<Logging> = "logging",
        mac_address: Written = "mac_address",
        network_mode: Written = "network_mode",
        networks: Attachments = "networks",
        pid: Written = "pid",
        ports: Table<Port> = "ports",
        privileged: bool = "privileged",
        read_only: bool = "read_only",
        restart: Written = "restart",
        secrets: Table<Reference> = "secrets",
        security_opt: Texts = "security_opt",
        shm_size: Written = "shm_size",
        stdin_open: bool = "stdin_open",
        stop_grace_period: Option<Span> = "stop_grace_period",
        stop_signal: Written = "stop_signal",
        sysctls: Pairs = "sysctls",
        tmpfs: Texts = "tmpfs",
        tty: bool = "tty",
        ulimits: Ulimits = "ulimits",
        user: Written = "user",
        userns_mode: Written = "userns_mode",
        volumes: Table<Mount> = "volumes",
        working_dir: Written = "working_dir",
    }
}

shape! {
    /// Keys of `build`.
    BuildKeys {
        context: Written = "context",
        dockerfile: Written = "dockerfile",
        args: Variables = "args",
        labels: Pairs = "labels",
        cache_from: Texts = "cache_from",
        extra_hosts: Hosts = "extra_hosts",
        network: Written = "network",
        target: Written = "target",
    }
}

/// How an image would be built: a folder, or a mapping. Swarm does not build.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Build(BuildKeys);

impl Shape for Build {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        Self(match node.text() {
            Some(_) => BuildKeys { context: Written::decode(node, cx), ..BuildKeys::default() },
            None => BuildKeys::decode(node, cx),
        })
    }
    fn merge(&mut self, over: Self) {
        self.0.merge(over.0);
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn emit(&self) -> Json {
        self.0.emit()
    }
}

shape! {
    /// Credentials of Windows containers.
    CredentialSpec {
        config: Written = "config",
        file: Written = "file",
        registry: Written = "registry",
    }
}

shape! {
    /// How a container is asked for its health.
    HealthCheck {
        test: Test = "test",
        timeout: Option<Span> = "timeout",
        interval: Option<Span> = "interval",
        retries: Option<u64> = "retries",
        start_period: Option<Span> = "start_period",
        start_interval: Option<Span> = "start_interval",
        disable: bool = "disable",
    }
}

shape! {
    /// Keys of logging.
    LoggingKeys {
        driver: Written = "driver",
        options: Pairs = "options",
    }
}

/// Where log lines go.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Logging(pub LoggingKeys);

impl Shape for Logging {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        Self(LoggingKeys::decode(node, cx))
    }
    /// Another driver takes its own options with it. Options are merged only into options: a base that has none keeps
    /// none, as in the CLI.
    fn merge(&mut self, over: Self) {
        let (base, over) = (&mut self.0, over.0);
        if !base.driver.is_empty() && !over.driver.is_empty() && *base.driver != *over.driver {
            *base = over;
            return;
        }
        if base.driver.is_empty() {
            base.driver = over.driver;
        }
        if base.options.0.is_some() {
            base.options.merge(over.options);
        }
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn emit(&self) -> Json {
        self.0.emit()
    }
}

/// Services that should stand before this one: a list, or a mapping of which the keys count.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct After(pub Texts);

impl Shape for After {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        match &node.value {
            Value::Map(map) => {
                let names = map.0.iter().map(|entry| Written { text: entry.key.clone(), place: entry.place });
                Self(Texts(List(Some(names.collect()))))
            }
            _ => Self(Texts::decode(node, cx)),
        }
    }
    fn merge(&mut self, over: Self) {
        self.0.merge(over.0);
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn emit(&self) -> Json {
        self.0.emit()
    }
}

/// Files of variables: names, or mappings with `path` and `required`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EnvFiles(Vec<(Written, bool)>);

impl Shape for EnvFiles {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        let one = |node: &Node, cx: &mut Cx<'_>| match node.map() {
            Some(map) => {
                let required = !map.get("required").is_some_and(|node| node.value == Value::Bool(false));
                (cx.field(map, "path"), required)
            }
            None => (Written::decode(node, cx), true),
        };
        match node.list() {
            Some(items) => Self(items.iter().map(|item| one(item, cx)).collect()),
            None => Self(vec![one(node, cx)]),
        }
    }
    fn merge(&mut self, over: Self) {
        self.0.extend(over.0);
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn emit(&self) -> Json {
        self.0.iter().map(|(file, _)| file.emit()).collect()
    }
}

/// A limit of the kernel: one number, or a soft and a hard one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ulimit {
    single: i64,
    soft: i64,
    hard: i64,
}

impl Ulimit {
    /// The soft and the hard limit.
    pub fn limits(self) -> (i64, i64) {
        if self.single == 0 { (self.soft, self.hard) } else { (self.single, self.single) }
    }

    fn of(node: &Node, cx: &mut Cx<'_>) -> Self {
        let number = |map: &Map, key: &str, cx: &mut Cx<'_>| match map.get(key).map(|node| (&node.value, node)) {
            Some((Value::Int(number), _)) => *number,
            Some((_, node)) => {
                cx.within(key, |cx| cx.not_a(node, "a whole number"));
                0
            }
            None => {
                cx.wrong(node.place, format!("`{key}` is missing"), "give a soft and a hard limit");
                0
            }
        };
        match &node.value {
            Value::Int(single) => Self { single: *single, ..Self::default() },
            Value::Map(map) => Self { single: 0, soft: number(map, "soft", cx), hard: number(map, "hard", cx) },
            _ => {
                cx.not_a(node, "a whole number, or a mapping with soft and hard");
                Self::default()
            }
        }
    }

    fn emit(self) -> Json {
        if self.single != 0 {
            return self.single.into();
        }
        let limits = [("soft", self.soft), ("hard", self.hard)];
        limits
            .into_iter()
            .filter(|limit| limit.1 != 0)
            .map(|(key, limit)| (key.to_owned(), Json::from(limit)))
            .collect()
    }
}

/// Limits by name; a later file replaces each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ulimits(pub std::collections::BTreeMap<String, Ulimit>);

impl Shape for Ulimits {
    fn decode(node: &Node, cx: &mut Cx<'_>) -> Self {
        let Some(map) = cx.map(node) else { return Self::default() };
        let one = |entry: &crate::stack::tree::Entry| {
            (entry.key.clone(), cx.within(&entry.key, |cx| Ulimit::of(&entry.node, cx)))
        };
        Self(map.0.iter().map(one).collect())
    }
    fn merge(&mut self, over: Self) {
        self.0.extend(over.0);
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn emit(&self) -> Json {
        self.0.iter().map(|(name, limit)| (name.clone(), limit.emit())).collect()
    }
}

/// A service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Service {
    /// Where its key was written.
    pub place: Place,
    /// What is said of it.
    pub keys: Keys,
    /// `x-` keys.
    pub extras: Extras,
}

impl Service {
    /// Reads a service, its files of variables and its paths included.
    pub fn decode(place: Place, node: &Node, cx: &mut Cx<'_>) -> Self {
        let mut keys = Keys::decode(node, cx);
        let own = std::mem::take(&mut keys.environment);
        for (file, required) in &keys.env_file.0 {
            let found = variables(file, *required, cx);
            keys.environment.put(found, cx);
        }
        keys.environment.put(own.0, cx);
        for mount in keys.volumes.0.0.iter_mut().flatten() {
            mount.locate(cx);
        }
        Self { place, keys, extras: Extras::of(node) }
    }

    /// Overridden by the same service of a later file.
    pub fn merge(&mut self, over: Self) {
        self.keys.merge(over.keys);
        self.extras.merge(over.extras);
    }

    /// As it is printed.
    pub fn emit(&self) -> Json {
        let mut printed = self.keys.emit();
        self.extras.print_into(&mut printed);
        printed
    }
}

/// The variables of a file.
fn variables(file: &Written, required: bool, cx: &mut Cx<'_>) -> Vec<(String, Option<String>)> {
    let path = path::from(cx.dir, file);
    let bytes = match cx.folder.read(std::path::Path::new(&path)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !required => return Vec::new(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && cx.awaits((None, &cx.service()), &path) => {
            return Vec::new();
        }
        Err(error) => {
            let what = format!("the file of variables {} cannot be read", &**file);
            let mend = "create it, or take it out of env_file; its path is relative to the first stack file";
            cx.fault(file.place, what, format!("{path}: {error}"), mend);
            return Vec::new();
        }
    };
    match env_file::parse(&bytes, cx.environment) {
        Ok(found) => found.into_iter().map(|(name, value)| (name, Some(value))).collect(),
        Err((line, why)) => {
            let what = format!("the file of variables {} cannot be used", &**file);
            cx.fault(
                file.place,
                what,
                format!("{path}:{line}: {why}"),
                "write each line as NAME=value, without export",
            );
            Vec::new()
        }
    }
}
