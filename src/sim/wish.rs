//! A service as a scenario says it: a builder of service specs in a few words.

use serde_json::{Map, Value, json};

/// A service that a scenario wishes for.
#[derive(Debug, Clone)]
pub struct Wish {
    pub(crate) name: String,
    pub(crate) stack: String,
    pub(crate) spec: Value,
    pub(crate) networks: Vec<String>,
    pub(crate) secrets: Vec<String>,
    pub(crate) configs: Vec<String>,
}

/// A service of this name, one replica of `NAME:latest` unless told otherwise.
#[must_use]
pub fn service(name: &str) -> Wish {
    let spec = json!({
        "Name": name,
        "Labels": {},
        "TaskTemplate": {
            "ContainerSpec": {"Image": format!("{name}:latest"), "Labels": {}},
            "Resources": {},
            "Placement": {},
            "ForceUpdate": 0,
        },
        "Mode": {"Replicated": {"Replicas": 1}},
        "EndpointSpec": {},
    });
    Wish {
        name: name.to_owned(),
        stack: String::new(),
        spec,
        networks: Vec::new(),
        secrets: Vec::new(),
        configs: Vec::new(),
    }
}

impl Wish {
    /// A service whose whole spec is known. It refers to networks, secrets and configs by their names.
    pub(crate) fn exactly(spec: Value) -> Self {
        let name = spec.get("Name").and_then(Value::as_str).unwrap_or_default();
        Self { spec: spec.clone(), ..service(name) }
    }

    fn put(mut self, pointer: &str, key: &str, value: Value) -> Self {
        if let Some(map) = self.spec.pointer_mut(pointer).and_then(Value::as_object_mut) {
            map.insert(key.to_owned(), value);
        }
        self
    }

    fn push(mut self, pointer: &str, key: &str, value: Value) -> Self {
        let list = self
            .spec
            .pointer_mut(pointer)
            .and_then(Value::as_object_mut)
            .map(|map| map.entry(key).or_insert_with(|| json!([])));
        if let Some(list) = list.and_then(Value::as_array_mut) {
            list.push(value);
        }
        self
    }

    fn section(self, pointer: &str, key: &str, name: &str, value: Value) -> Self {
        let mut section = self
            .spec
            .pointer(pointer)
            .and_then(|p| p.get(key))
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_else(Map::new);
        section.insert(name.to_owned(), value);
        self.put(pointer, key, Value::Object(section))
    }

    /// The image its containers run.
    #[must_use]
    pub fn image(self, image: &str) -> Self {
        self.put("/TaskTemplate/ContainerSpec", "Image", json!(image))
    }

    /// How many there are to be.
    #[must_use]
    pub fn replicas(self, replicas: u64) -> Self {
        self.put("", "Mode", json!({"Replicated": {"Replicas": replicas}}))
    }

    /// One on every node that fits.
    #[must_use]
    pub fn global(self) -> Self {
        self.put("", "Mode", json!({"Global": {}}))
    }

    /// A one-shot that is to end well so many times.
    #[must_use]
    pub fn job(self, completions: u64) -> Self {
        self.put("", "Mode", json!({"ReplicatedJob": {"MaxConcurrent": completions, "TotalCompletions": completions}}))
            .restart("on-failure", 0)
    }

    /// Only on nodes that satisfy this, as in `node.hostname==barbary`.
    #[must_use]
    pub fn constraint(self, constraint: &str) -> Self {
        self.push("/TaskTemplate/Placement", "Constraints", json!(constraint))
    }

    /// At most so many on one node.
    #[must_use]
    pub fn max_per_node(self, most: u64) -> Self {
        self.put("/TaskTemplate/Placement", "MaxReplicas", json!(most))
    }

    /// A health check that asks `/health` every ten seconds.
    #[must_use]
    pub fn healthcheck(self) -> Self {
        let check = json!({"Test": ["CMD-SHELL", "wget -qO- http://127.0.0.1/health || exit 1"],
            "Interval": 10_000_000_000_i64, "Timeout": 5_000_000_000_i64, "Retries": 3});
        self.put("/TaskTemplate/ContainerSpec", "Healthcheck", check)
    }

    /// A variable of its environment.
    #[must_use]
    pub fn env(self, name: &str, value: &str) -> Self {
        self.push("/TaskTemplate/ContainerSpec", "Env", json!(format!("{name}={value}")))
    }

    /// A port published on every node.
    #[must_use]
    pub fn publish(self, published: u16, target: u16) -> Self {
        let port =
            json!({"Protocol": "tcp", "TargetPort": target, "PublishedPort": published, "PublishMode": "ingress"});
        self.push("/EndpointSpec", "Ports", port)
    }

    /// A label of the service.
    #[must_use]
    pub fn label(self, key: &str, value: &str) -> Self {
        self.put("/Labels", key, json!(value))
    }

    /// A network it joins, by its full name.
    #[must_use]
    pub fn network(mut self, name: &str) -> Self {
        self.networks.push(name.to_owned());
        self
    }

    /// A secret it reads, by its full name.
    #[must_use]
    pub fn secret(mut self, name: &str) -> Self {
        self.secrets.push(name.to_owned());
        self
    }

    /// A config it reads, by its full name.
    #[must_use]
    pub fn config(mut self, name: &str) -> Self {
        self.configs.push(name.to_owned());
        self
    }

    /// A directory of the node, or a volume if the source is no path.
    #[must_use]
    pub fn mount(self, source: &str, target: &str) -> Self {
        let kind = if source.starts_with('/') { "bind" } else { "volume" };
        self.push("/TaskTemplate/ContainerSpec", "Mounts", json!({"Type": kind, "Source": source, "Target": target}))
    }

    /// What it reserves: thousandths of a CPU, and MiB.
    #[must_use]
    pub fn reserve(self, milli_cpus: u64, mebibytes: u64) -> Self {
        let reserved = json!({"NanoCPUs": milli_cpus * 1_000_000, "MemoryBytes": mebibytes << 20});
        self.section("/TaskTemplate", "Resources", "Reservations", reserved)
    }

    /// What it may use at most: thousandths of a CPU, and MiB.
    #[must_use]
    pub fn limit(self, milli_cpus: u64, mebibytes: u64) -> Self {
        let limits = json!({"NanoCPUs": milli_cpus * 1_000_000, "MemoryBytes": mebibytes << 20});
        self.section("/TaskTemplate", "Resources", "Limits", limits)
    }

    /// The restart policy: condition, and attempts (0 for no end).
    #[must_use]
    pub fn restart(self, condition: &str, attempts: u64) -> Self {
        let policy = json!({"Condition": condition, "Delay": 5_000_000_000_i64, "MaxAttempts": attempts});
        self.put("/TaskTemplate", "RestartPolicy", policy)
    }

    /// How it is updated: so many at once, order, what to do on failure, and how long to watch, in seconds.
    #[must_use]
    pub fn update(self, at_once: u64, order: &str, on_failure: &str, monitor: u64) -> Self {
        let config = json!({"Parallelism": at_once, "FailureAction": on_failure, "Monitor": monitor * 1_000_000_000, "Order": order});
        let back = json!({"Parallelism": at_once, "FailureAction": "pause", "Monitor": monitor * 1_000_000_000, "Order": order});
        self.put("", "UpdateConfig", config).put("", "RollbackConfig", back)
    }

    /// Whether it has a terminal: its logs are raw then.
    #[must_use]
    pub fn tty(self) -> Self {
        self.put("/TaskTemplate/ContainerSpec", "TTY", json!(true))
    }

    /// What it runs.
    #[must_use]
    pub fn args(self, args: &[&str]) -> Self {
        self.put("/TaskTemplate/ContainerSpec", "Args", json!(args))
    }

    /// Any part of the spec, at a JSON pointer of the object that holds it.
    #[must_use]
    pub fn with(self, pointer: &str, key: &str, value: Value) -> Self {
        self.put(pointer, key, value)
    }

    /// Makes it a part of a stack, as `docker stack deploy` does.
    pub(crate) fn in_stack(mut self, stack: &str) -> Self {
        let image = self.spec.pointer("/TaskTemplate/ContainerSpec/Image").cloned().unwrap_or_default();
        let name = format!("{stack}_{}", self.name);
        let mut wish = std::mem::take(&mut self.spec);
        if let Some(map) = wish.as_object_mut() {
            map.insert("Name".into(), json!(name));
        }
        self.spec = wish;
        (self.name, self.stack) = (name, stack.to_owned());
        self.put("/Labels", "com.docker.stack.image", image)
            .put("/Labels", "com.docker.stack.namespace", json!(stack))
            .put("/TaskTemplate/ContainerSpec/Labels", "com.docker.stack.namespace", json!(stack))
    }
}
