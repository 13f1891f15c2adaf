//! The demo world: five nodes, three tiers of a homelab. Its names are those of the second seed repository.

use super::{Scenario, Sim, service};
use crate::clock::Clock;

/// The demo world with its story.
#[must_use]
pub fn demo(clock: &dyn Clock) -> Sim {
    demo_quiet(clock)
}

/// The demo world, converged, in which nothing goes wrong.
#[must_use]
pub fn demo_quiet(clock: &dyn Clock) -> Sim {
    Scenario::new()
        .clock(clock)
        .managers(["barbary", "ching", "angre"])
        .workers(["lorcha", "dhow"])
        .service(service("web").image("nginx:1.27").replicas(3))
        .start()
}
