//! Where the same questions are asked: a simulated manager, or one of the lab.

use std::time::Duration;

use quarterdeck::sim::{Behaviour, Scenario, Sim};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::{Answer, Client};
use super::lab::{Lab, patience, take};

/// The version that every path bears.
pub const API: &str = "/v1.41";

/// A manager to be asked, and what it needs to live.
pub struct Desk {
    pub client: Client,
    /// What stands before the tag of a test image.
    images: String,
    _sim: Option<(Sim, TempDir)>,
    _lab: Option<Lab>,
}

impl Desk {
    /// A simulated swarm whose time runs fast, with the lab's images.
    pub fn simulator() -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let socket = home.path().join("engine.sock");
        let image = |tag: &str| format!("registry.test/demo:{tag}");
        let sim = Scenario::new()
            .api((1, 45), (1, 24), "26.1.5")
            .managers(["barbary", "ching", "angre"])
            .workers(["lorcha", "dhow"])
            .behaviour(&image("sick"), Behaviour::Sick)
            .behaviour(&image("crash"), Behaviour::crashing(3, "fatal: cannot start"))
            .behaviour(&image("chatty"), Behaviour::Chatty(Duration::from_millis(100)))
            .behaviour(&image("once"), Behaviour::OneShot(Duration::from_secs(2)))
            .behaviour(&image("fail"), Behaviour::crashing(7, "error: step 2 went wrong"))
            .start();
        sim.serve_unix(&socket).expect("a socket");
        sim.run(2.0);
        Self { client: Client(socket), images: "registry.test/demo:".into(), _sim: Some((sim, home)), _lab: None }
    }

    /// A manager of the lab, if the lab may be used.
    pub fn engine(test: &str) -> Option<Self> {
        let lab = take(test)?;
        Some(Self { client: Client(lab.socket("ching")), images: lab.image(""), _sim: None, _lab: Some(lab) })
    }

    /// A test image.
    pub fn image(&self, tag: &str) -> String {
        format!("{}{tag}", self.images)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.client.ask("GET", &format!("{API}{path}"), None, "").await
    }

    /// With these filters.
    pub async fn list(&self, path: &str, filters: &Value) -> Answer {
        self.get(&format!("{path}?filters={}", escaped(&filters.to_string()))).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.client.ask("POST", &format!("{API}{path}"), Some("application/json"), body.to_string()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.client.ask("DELETE", &format!("{API}{path}"), None, "").await
    }

    /// Makes a service and gives its id; one of that name from an earlier run goes first.
    pub async fn make(&self, spec: &Value) -> String {
        self.delete(&format!("/services/{}", name(spec))).await;
        let made = self.post("/services/create", spec).await.is(201);
        made.json["ID"].as_str().expect("an id").to_owned()
    }

    /// Asks again and again until the answer is so.
    pub async fn until(&self, path: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let end = tokio::time::Instant::now() + patience();
        loop {
            let answer = self.get(path).await.is(200).json;
            if holds(&answer) {
                return answer;
            }
            assert!(tokio::time::Instant::now() < end, "waited in vain until {what}; last: {answer:#}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The tasks of a service, once so many run.
    pub async fn until_running(&self, service: &str, tasks: usize) -> Value {
        let path = format!("/tasks?filters={}", escaped(&json!({"service": [service]}).to_string()));
        self.until(&path, &format!("{tasks} tasks of {service} run"), |all| {
            let all = all.as_array().map_or(&[][..], Vec::as_slice);
            all.iter().filter(|task| task["Status"]["State"] == "running" && task["DesiredState"] == "running").count()
                == tasks
        })
        .await
    }
}

/// The name in a spec.
pub fn name(spec: &Value) -> &str {
    spec["Name"].as_str().unwrap_or_default()
}

/// A small service: two replicas that stop at once.
pub fn service(name: &str, image: &str) -> Value {
    json!({
        "Name": name,
        "Labels": {"of": "contract"},
        "TaskTemplate": {
            "ContainerSpec": {"Image": image, "StopGracePeriod": 1_000_000_000},
            "RestartPolicy": {"Condition": "any", "Delay": 1_000_000_000},
        },
        "Mode": {"Replicated": {"Replicas": 2}},
        "UpdateConfig": {"Parallelism": 1, "Monitor": 2_000_000_000_u64, "FailureAction": "rollback", "Order": "stop-first"},
        "RollbackConfig": {"Parallelism": 0, "Monitor": 1_000_000_000, "FailureAction": "pause", "Order": "stop-first"},
    })
}

/// Text as it stands in a query.
pub fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

/// Names (or ids) of what was listed.
pub fn names(list: &Value, pointer: &str) -> Vec<String> {
    let all = list.as_array().map_or(&[][..], Vec::as_slice);
    all.iter().filter_map(|one| one.pointer(pointer).and_then(Value::as_str).map(str::to_owned)).collect()
}
