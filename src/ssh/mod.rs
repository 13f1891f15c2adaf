//! SSH: one connection per host, and on it a shell, a command, a tunnel to its engine. Never talks to a host whose key
//! was not judged.

mod auth;
mod channel;
mod command;
mod config;
mod connect;
mod connection;
mod dialer;
mod error;
mod handler;
mod host;
mod host_key;
mod hosts;
mod known_hosts;
mod lane;
mod pattern;
mod program;
mod settings;
mod slots;
mod sudo;
mod target;

pub use channel::{Reader, Writer};
pub use command::{Command, Output};
pub use config::{Config, Strict};
pub use error::{SshError, Tried};
pub use host::Host;
pub use host_key::KeyFault;
pub use hosts::Hosts;
pub use program::{Ended, Exit, Running};
pub use settings::Settings;
pub use target::{DOCKER_SOCKET, Target};
