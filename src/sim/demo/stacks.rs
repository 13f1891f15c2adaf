//! The platform of this repository, as `docker stack deploy` asks the engine for it: one file for each stack.
//! The files are made from the compose files; `tests/demo_platform.rs` makes them and holds them equal.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::sim::Scenario;
use crate::sim::world::{list, text};

/// In the order in which they need each other.
const STACKS: &[&str] = &[
    include_str!("stacks/caddy.json"),
    include_str!("stacks/op-connect.json"),
    include_str!("stacks/komodo.json"),
    include_str!("stacks/cloudflared.json"),
    include_str!("stacks/pxe.json"),
    include_str!("stacks/postgres.json"),
    include_str!("stacks/authentik.json"),
    include_str!("stacks/monitoring.json"),
    include_str!("stacks/observability.json"),
    include_str!("stacks/cicd.json"),
    include_str!("stacks/media-core.json"),
    include_str!("stacks/media-support.json"),
    include_str!("stacks/media-enrichment.json"),
];

/// The scenario with all stacks, and the secrets that were there before them.
pub(super) fn deployed(mut scenario: Scenario) -> Scenario {
    let stacks: Vec<Value> = STACKS.iter().filter_map(|stack| serde_json::from_str(stack).ok()).collect();
    let secrets = stacks.iter().flat_map(|stack| list(stack, "/secrets")).filter_map(Value::as_str);
    for secret in secrets.collect::<BTreeSet<_>>() {
        scenario = scenario.secret(secret);
    }
    for stack in &stacks {
        scenario = scenario.stack(text(stack, "/stack"));
        for network in list(stack, "/networks") {
            scenario = scenario.asked_network(network.clone());
        }
        for config in list(stack, "/configs") {
            scenario = scenario.asked_config(config.clone());
        }
        for spec in list(stack, "/services") {
            scenario = scenario.exactly(spec.clone());
        }
    }
    scenario
}
