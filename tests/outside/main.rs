//! What lies outside the swarm, by stand-ins that follow the public documents of those programs and refuse what these
//! do not name.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on should stop, and one that is not run should say so"
)]

mod console;
mod dnsmasq;
mod guard;
mod http;
mod kuma;
mod pihole;
#[path = "../support/ports.rs"]
mod ports;
mod register;
mod secured;
mod stand_in;
mod sync;
mod technitium;
mod terminal;
mod world;
