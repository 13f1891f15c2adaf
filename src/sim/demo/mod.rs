//! The demo world: five nodes and the platform of this repository. What is in it must never look like a real
//! address or secret.

mod stacks;
mod story;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Scenario, Sim, service};
use crate::clock::Clock;

/// The demo world with its story: within ten seconds something goes wrong, and it heals.
#[must_use]
pub fn demo(clock: &dyn Clock) -> Sim {
    story::told(world(clock.now())).start()
}

/// The demo world, converged, in which nothing goes wrong.
#[must_use]
pub fn demo_quiet(clock: &dyn Clock) -> Sim {
    world(clock.now()).start()
}

/// The demo world at one moment of its story, which is the clock's present: the same moment is always the same world.
/// Autokuma crashes from second 6 to 75, `dhow` is down from 120 to 180, Sonarr's new image fails from 240 on,
/// and a service waits for a label from 330 to 390.
#[must_use]
pub fn demo_at(clock: &dyn Clock, moment: Duration) -> Sim {
    let before = SignedDuration::try_from(moment).unwrap_or_default();
    let begun = clock.now().checked_sub(before).unwrap_or_else(|_| clock.now());
    let sim = story::told(world(begun)).start();
    sim.advance(moment);
    sim
}

fn world(begun: Timestamp) -> Scenario {
    let machines = Scenario::new()
        .seed(2026)
        .starting(begun)
        .history(Duration::from_secs(120))
        .managers(["barbary", "ching", "angre"])
        .workers(["lorcha", "dhow"])
        .hardware("barbary", 8, 32)
        .system("barbary", "x86_64", "TrueNAS Scale 25.04")
        .address("lorcha", "192.0.2.21")
        .address("dhow", "192.0.2.22")
        .node_label("barbary", "igpu", "true")
        .node_label("barbary", "zfs", "true")
        .node_label("lorcha", "lan", "true")
        .node_label("dhow", "lan", "true");
    // What somebody tried out by hand: no folder describes it.
    stacks::deployed(machines)
        .stack("scratch")
        .service(service("whoami").image("traefik/whoami:v1.11.0").replicas(2).reserve(20, 16).publish(8081, 80))
}

#[cfg(test)]
mod tests;
