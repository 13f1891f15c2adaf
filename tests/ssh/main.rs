//! The SSH room against a real OpenSSH server on this machine: logins, host keys, commands, tunnels, losses.
//! Needs `sshd` and root (a server that logs in its own user needs no more); says aloud where either is missing.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test that cannot go on should stop"
)]

mod commands;
mod server;
