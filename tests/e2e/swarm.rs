//! The swarm as `quarterdeck status --json` tells it, waited for until it is as a test wants it.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::lab::{Lab, until};
use super::verbs::{Said, quarterdeck};

/// The swarm, seen through one manager.
pub struct Swarm {
    engine: String,
}

/// One document of `status --json`, and the exit code it came with.
#[derive(Debug, Clone)]
pub struct Status {
    pub code: i32,
    pub said: Value,
}

/// The services of the stack `fleet`.
pub const FLEET: &[&str] = &["fleet_web", "fleet_agent", "fleet_door"];

/// How long a service that is hurt may take to get well by itself.
const HURT: Duration = Duration::from_secs(20);

/// The stack `fleet` alone and well, in a swarm that is whole. What an earlier test has hurt is made anew: a service that
/// failed often counts as degraded for minutes. (Not at each look: a network that is new may cost a task of its own.)
pub fn fleet_is_well(lab: &Lab) -> Status {
    lab.only(&["fleet"]);
    let swarm = Swarm::through(lab, "ching");
    let is_well = |now: &Status| {
        now.code == 0
            && now.is_whole()
            && !now.leader().is_empty()
            && FLEET.iter().all(|name| now.state(name) == "ready")
    };
    let is_hurt = |now: &Status| FLEET.iter().any(|name| ["degraded", "failed"].contains(&now.state(name)));
    let (mut first, mut hurt) = (true, None::<Instant>);
    until("the fleet is well", || {
        let now = swarm.look().map_err(|said| format!("exit code {}: {}", said.code, said.err))?;
        if is_well(&now) {
            return Ok(now);
        }
        if !is_hurt(&now) {
            hurt = None;
        } else if first || hurt.get_or_insert_with(Instant::now).elapsed() > HURT {
            lab.run(&["clean"]);
            lab.only(&["fleet"]);
            hurt = None;
        }
        first = false;
        Err(now.brief())
    })
}

impl Swarm {
    pub fn through(lab: &Lab, manager: &str) -> Self {
        Self { engine: lab.engine(manager) }
    }

    /// Looks once.
    pub fn look(&self) -> Result<Status, Said> {
        let said = quarterdeck(&self.engine, &["status", "--json"]);
        match serde_json::from_str(&said.out) {
            Ok(document) => Ok(Status { code: said.code, said: document }),
            Err(_) => Err(said),
        }
    }

    /// Looks until this holds, and gives what was seen.
    pub fn until(&self, what: &str, holds: impl Fn(&Status) -> bool) -> Status {
        until(what, || match self.look() {
            Ok(status) if holds(&status) => Ok(status),
            Ok(status) => Err(status.brief()),
            Err(said) => Err(format!("exit code {}: {}", said.code, said.err)),
        })
    }

    /// Looks until all services named are in this state.
    pub fn until_all(&self, services: &[&str], state: &str) -> Status {
        self.until(&format!("{services:?} are {state}"), |now| services.iter().all(|name| now.state(name) == state))
    }
}

impl Status {
    /// The host name of the leader; empty if there is none.
    pub fn leader(&self) -> &str {
        let nodes = self.said["nodes"].as_array().map_or(&[][..], Vec::as_slice);
        nodes.iter().find(|node| node["leader"] == true).and_then(|node| node["hostname"].as_str()).unwrap_or_default()
    }

    pub fn node(&self, name: &str) -> &Value {
        self.one("nodes", "hostname", name)
    }

    pub fn service(&self, name: &str) -> &Value {
        self.one("services", "name", name)
    }

    fn one(&self, list: &str, key: &str, name: &str) -> &Value {
        let all = self.said[list].as_array().map_or(&[][..], Vec::as_slice);
        all.iter().find(|one| one[key] == name).unwrap_or(&Value::Null)
    }

    /// The state of a service; empty where there is no such service.
    pub fn state(&self, service: &str) -> &str {
        self.service(service)["state"].as_str().unwrap_or_default()
    }

    /// Why a service is as it is, in one line.
    pub fn why(&self, service: &str) -> String {
        let reasons = self.service(service)["reasons"].as_array().map_or(&[][..], Vec::as_slice);
        reasons.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ")
    }

    /// All nodes are ready.
    pub fn is_whole(&self) -> bool {
        let nodes = self.said["nodes"].as_array().map_or(&[][..], Vec::as_slice);
        nodes.len() == 5 && nodes.iter().all(|node| node["state"] == "ready") && self.said["quorum"]["reachable"] == 3
    }

    /// What matters, in few lines.
    fn brief(&self) -> String {
        let mut lines = vec![format!("exit code {}, quorum {}", self.code, self.said["quorum"])];
        for node in self.said["nodes"].as_array().into_iter().flatten() {
            let words = ["hostname", "state", "reachability", "leader", "tasks", "unknown_tasks"];
            lines.push(words.map(|word| format!("{word} {}", node[word])).join(", "));
        }
        for service in self.said["services"].as_array().into_iter().flatten() {
            let words = ["name", "state", "running", "desired", "completed", "unknown", "reasons"];
            lines.push(words.map(|word| format!("{word} {}", service[word])).join(", "));
        }
        lines.join("\n")
    }
}
