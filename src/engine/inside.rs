//! Where a container's port can be reached from the node it runs on. Addresses on overlay networks are not among them:
//! the node itself has no foot in those.

use serde_json::Value;

use super::client::Engine;
use super::error::EngineError;
use super::http::{Call, escaped};

/// The bridge by which tasks reach the world; the node has an address on it, and so has nearly every task.
const GATEWAY: &str = "docker_gwbridge";

/// An address on the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The address.
    pub address: String,
    /// The port there.
    pub port: u16,
}

impl Engine {
    /// Where this port of a container may be reached from its node, the surest first.
    ///
    /// # Errors
    /// When the container is not there, or the engine does not answer.
    pub async fn spots(&self, container: &str, port: u16) -> Result<Vec<Spot>, EngineError> {
        let call = Call::get(format!("/containers/{}/json", escaped(container))).within(self.patience);
        let text = self.http.text(&call).await?;
        let inspected: Value = self.http.json(&call, &text)?;
        let call = Call::get(format!("/networks/{GATEWAY}")).within(self.patience);
        // A node that is in no swarm has no such bridge.
        let gateway = match self.http.text(&call).await {
            Ok(text) => self.http.json::<Value>(&call, &text).ok(),
            Err(_) => None,
        };
        Ok(spots(&inspected, gateway.as_ref(), port))
    }
}

fn spots(inspected: &Value, gateway: Option<&Value>, port: u16) -> Vec<Spot> {
    let settings = inspected.get("NetworkSettings").unwrap_or(&Value::Null);
    let mut found = Vec::new();
    let published = settings.get("Ports").and_then(|ports| ports.get(format!("{port}/tcp"))).and_then(Value::as_array);
    for binding in published.into_iter().flatten() {
        let text = |key: &str| binding.get(key).and_then(Value::as_str).unwrap_or_default();
        let address = match text("HostIp") {
            "" | "0.0.0.0" => "127.0.0.1",
            "::" => "::1",
            address => address,
        };
        if let Ok(port) = text("HostPort").parse() {
            found.push(Spot { address: address.to_owned(), port });
        }
    }
    for (name, network) in settings.get("Networks").and_then(Value::as_object).into_iter().flatten() {
        let address = network.get("IPAddress").and_then(Value::as_str).unwrap_or_default();
        match name.as_str() {
            "host" => found.push(Spot { address: "127.0.0.1".to_owned(), port }),
            "bridge" if !address.is_empty() => found.push(Spot { address: address.to_owned(), port }),
            _ => {}
        }
    }
    let id = inspected.get("Id").and_then(Value::as_str).unwrap_or_default();
    let foot = gateway.and_then(|network| network.get("Containers")?.get(id)?.get("IPv4Address")?.as_str());
    if let Some(address) = foot.and_then(|address| address.split('/').next()).filter(|address| !address.is_empty()) {
        found.push(Spot { address: address.to_owned(), port });
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn published_ports_come_before_bridges_and_overlay_addresses_never() {
        let inspected = json!({"Id": "abc", "NetworkSettings": {
            "Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "81/tcp": null},
            "Networks": {"shop_default": {"IPAddress": "10.0.1.5"}, "ingress": {"IPAddress": "10.0.0.9"}}}});
        let gateway = json!({"Containers": {"abc": {"IPv4Address": "172.18.0.3/16"}, "other": {}}});
        let spot = |address: &str, port| Spot { address: address.to_owned(), port };
        assert_eq!(spots(&inspected, Some(&gateway), 80), [spot("127.0.0.1", 8080), spot("172.18.0.3", 80)]);
        assert_eq!(spots(&inspected, Some(&gateway), 81), [spot("172.18.0.3", 81)]);
        assert_eq!(spots(&inspected, None, 81), []);
        let bridged = json!({"Id": "d", "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.2"}}}});
        assert_eq!(spots(&bridged, None, 5), [spot("172.17.0.2", 5)]);
        let own = json!({"Id": "d", "NetworkSettings": {"Networks": {"host": {"IPAddress": ""}}}});
        assert_eq!(spots(&own, None, 5), [spot("127.0.0.1", 5)]);
    }
}
