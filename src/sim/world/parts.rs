//! Networks, secrets and configs: what services refer to. Must never give out a secret's data.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Id, stamp, text};

/// A secret or a config.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) id: Id,
    pub(crate) index: u64,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) spec: Value,
}

impl Part {
    pub(crate) fn name(&self) -> &str {
        text(&self.spec, "/Name")
    }

    /// As the engine gives it: of a secret without its data.
    pub(crate) fn view(&self, is_secret: bool) -> Value {
        let mut spec = self.spec.clone();
        if is_secret && let Some(map) = spec.as_object_mut() {
            map.shift_remove("Data");
        }
        json!({
            "ID": self.id,
            "Version": {"Index": self.index},
            "CreatedAt": stamp(self.created),
            "UpdatedAt": stamp(self.updated),
            "Spec": spec,
        })
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Network {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) created: Timestamp,
    pub(crate) driver: String,
    pub(crate) scope: String,
    pub(crate) ingress: bool,
    pub(crate) predefined: bool,
    pub(crate) subnet: Option<u64>,
    /// As it was sent.
    pub(crate) asked: Value,
}

impl Network {
    pub(crate) fn view(&self) -> Value {
        let flag = |name: &str| self.asked.get(name).and_then(Value::as_bool).unwrap_or(false);
        let asked_ipam = self.asked.pointer("/IPAM/Config").and_then(Value::as_array).filter(|c| !c.is_empty());
        let config = match (asked_ipam, self.subnet) {
            (Some(config), _) => Value::Array(config.clone()),
            (None, Some(n)) => json!([{"Subnet": format!("10.0.{n}.0/24"), "Gateway": format!("10.0.{n}.1")}]),
            (None, None) => json!([]),
        };
        let or_empty = |name: &str| match self.asked.get(name) {
            Some(value) if !value.is_null() => value.clone(),
            _ => json!({}),
        };
        let mut options = or_empty("Options");
        if let (Some(n), Some(options)) = (self.subnet.filter(|_| self.driver == "overlay"), options.as_object_mut()) {
            // The engine's own word on it stands beside what was asked.
            options.insert("com.docker.network.driver.overlay.vxlanid_list".to_owned(), json!((4096 + n).to_string()));
        }
        json!({
            "Name": self.name,
            "Id": self.id,
            "Created": stamp(self.created),
            "Scope": self.scope,
            "Driver": self.driver,
            "EnableIPv4": true,
            "EnableIPv6": flag("EnableIPv6"),
            "IPAM": {"Driver": "default", "Options": null, "Config": config},
            "Internal": flag("Internal"),
            "Attachable": flag("Attachable"),
            "Ingress": self.ingress,
            "ConfigFrom": {"Network": ""},
            "ConfigOnly": false,
            "Containers": null,
            "Options": options,
            "Labels": or_empty("Labels"),
        })
    }
}
