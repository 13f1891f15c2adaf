//! A node: a machine that is a member. Must never hold what runs on it; tasks say that.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Id, stamp, text};

#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) id: Id,
    pub(crate) index: u64,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) spec: Value,
    pub(crate) hostname: String,
    pub(crate) addr: String,
    pub(crate) nano_cpus: i64,
    pub(crate) memory: i64,
    pub(crate) os: String,
    pub(crate) arch: String,
    pub(crate) engine: String,
    pub(crate) system: String,
    pub(crate) engine_labels: BTreeMap<String, String>,
    pub(crate) up: bool,
}

impl Node {
    pub(crate) fn role(&self) -> &str {
        text(&self.spec, "/Role")
    }

    pub(crate) fn is_manager(&self) -> bool {
        self.role() == "manager"
    }

    pub(crate) fn availability(&self) -> &str {
        text(&self.spec, "/Availability")
    }

    /// Up, and takes new tasks.
    pub(crate) fn takes_tasks(&self) -> bool {
        self.up && self.availability() == "active"
    }

    /// Up, and keeps the tasks it has.
    pub(crate) fn keeps_tasks(&self) -> bool {
        self.up && self.availability() != "drain"
    }

    pub(crate) fn label(&self, key: &str) -> Option<&str> {
        self.spec.pointer("/Labels")?.get(key)?.as_str()
    }

    pub(crate) fn view(&self, leader: bool) -> Value {
        let status = match self.up {
            true => json!({"State": "ready", "Addr": self.addr}),
            false => json!({"State": "down", "Message": "heartbeat failure", "Addr": self.addr}),
        };
        let mut out = json!({
            "ID": self.id,
            "Version": {"Index": self.index},
            "CreatedAt": stamp(self.created),
            "UpdatedAt": stamp(self.updated),
            "Spec": self.spec,
            "Description": {
                "Hostname": self.hostname,
                "Platform": {"Architecture": self.arch, "OS": self.os},
                "Resources": {"NanoCPUs": self.nano_cpus, "MemoryBytes": self.memory},
                "Engine": {
                    "EngineVersion": self.engine,
                    "Plugins": [
                        {"Type": "Log", "Name": "json-file"}, {"Type": "Log", "Name": "local"},
                        {"Type": "Network", "Name": "bridge"}, {"Type": "Network", "Name": "host"},
                        {"Type": "Network", "Name": "overlay"}, {"Type": "Volume", "Name": "local"},
                    ],
                },
            },
            "Status": status,
        });
        if let Some(description) = out.get_mut("Description").and_then(Value::as_object_mut) {
            description.insert("TLSInfo".into(), tls_info());
            if !self.engine_labels.is_empty()
                && let Some(engine) = description.get_mut("Engine").and_then(Value::as_object_mut)
            {
                engine.insert("Labels".into(), json!(self.engine_labels));
            }
        }
        if self.is_manager()
            && let Some(map) = out.as_object_mut()
        {
            let reachability = if self.up { "reachable" } else { "unreachable" };
            let mut manager = json!({"Reachability": reachability, "Addr": format!("{}:2377", self.addr)});
            if leader && let Some(map) = manager.as_object_mut() {
                map.insert("Leader".into(), json!(true));
            }
            map.insert("ManagerStatus".into(), manager);
        }
        out
    }
}

/// What the cluster's certificates are signed with.
pub(crate) fn tls_info() -> Value {
    json!({
        "TrustRoot": "-----BEGIN CERTIFICATE-----\nsimulated\n-----END CERTIFICATE-----\n",
        "CertIssuerSubject": "MBMxETAPBgNVBAMTCHN3YXJtLWNh",
        "CertIssuerPublicKey": "c2ltdWxhdGVk",
    })
}
