//! The SSH room against a real OpenSSH server on this machine: logins, host keys, commands, tunnels, losses.
//! Needs `sshd` and root; says aloud where either is missing.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that cannot go on should stop, and one that is not run should say so"
)]

mod commands;
mod host_keys;
mod logins;
mod losses;
mod machines;
mod measured;
#[path = "../support/ports.rs"]
mod ports;
mod server;
mod tunnels;
mod words;
