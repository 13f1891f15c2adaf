//! The demo world: five nodes, three tiers of a homelab. Its names are those of the second seed repository;
//! what is in it must never look like a real address or secret.

mod application;
mod infrastructure;
mod platform;
mod story;

use super::{Behaviour, Scenario, Sim, Wish, service};
use crate::clock::Clock;

/// The demo world with its story: within ten seconds something goes wrong, and it heals.
#[must_use]
pub fn demo(clock: &dyn Clock) -> Sim {
    story::told(world(clock)).start()
}

/// The demo world, converged, in which nothing goes wrong.
#[must_use]
pub fn demo_quiet(clock: &dyn Clock) -> Sim {
    world(clock).start()
}

fn world(clock: &dyn Clock) -> Scenario {
    let machines = Scenario::new()
        .seed(2026)
        .clock(clock)
        .history(std::time::Duration::from_secs(120))
        .managers(["barbary", "ching", "angre"])
        .workers(["lorcha", "dhow"])
        .hardware("barbary", 8, 32)
        .system("barbary", "x86_64", "TrueNAS Scale 25.04")
        .node_label("barbary", "igpu", "true")
        .node_label("barbary", "zfs", "true")
        .node_label("lorcha", "lan", "true")
        .node_label("dhow", "lan", "true");
    let shared = machines
        .network("proxy_network")
        .network("op-connect_op-connect")
        .network("platform_postgres_postgres")
        .network("notifications")
        .secret("op_connect_token")
        .secret("CLOUDFLARE_API_TOKEN")
        .secret("op_credentials");
    let deployed = platform::deploy(infrastructure::deploy(shared));
    let deployed = application::deploy(deployed);
    deployed.behaviour(OP, Behaviour::OneShot(std::time::Duration::from_secs(2)))
}

const OP: &str = "1password/op:2.30";

/// A service kept on the machine with the disks.
fn pinned(name: &str, image: &str) -> Wish {
    floating(name, image).constraint("node.hostname==barbary").update(1, "stop-first", "rollback", 10)
}

/// A service that may run anywhere.
fn floating(name: &str, image: &str) -> Wish {
    service(name).image(image).reserve(100, 128).update(1, "start-first", "rollback", 10)
}

/// A web application behind the proxy, with what dashboard and monitor read from its labels.
fn web(wish: Wish, host: &str, port: u16) -> Wish {
    wish.network("proxy_network")
        .healthcheck()
        .label("caddy", &format!("{host}.example.net"))
        .label("caddy.reverse_proxy", &format!("{{{{upstreams {port}}}}}"))
        .label("homepage.name", host)
        .label("homepage.href", &format!("https://{host}.example.net"))
        .label(&format!("kuma.{host}.http.url"), &format!("https://{host}.example.net"))
}

/// The one-shot that writes a stack's secrets to disk before its services start.
fn injected(name: &str) -> Wish {
    service(name)
        .image(OP)
        .job(1)
        .args(&["inject", "-i", "/templates/env.template", "-o", "/secrets/.env"])
        .network("op-connect_op-connect")
        .secret("op_connect_token")
        .constraint("node.hostname==barbary")
        .reserve(50, 64)
}
