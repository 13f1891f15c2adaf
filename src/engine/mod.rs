//! The Docker Engine API over any dialer: what is, what changes, what is to be changed, and what was logged.
//! Answers are read tolerantly (no unknown word or field fails a list) and objects are written back whole, as JSON.
//! It never decides what should be; bollard is named here and nowhere else.

mod borrowed;
mod client;
mod error;
mod events;
pub mod exec;
mod follow;
mod http;
mod inside;
mod list;
mod local;
mod logs;
mod parts;
mod probe;
mod read;
mod registry;
#[cfg(test)]
mod script;
mod soft;
mod write;

pub use client::Engine;
pub use error::EngineError;
pub use follow::{Nudge, follow};
pub use inside::Spot;
pub use parts::Part;
pub(crate) use read::node as read_node;
pub use registry::AtRegistry;

#[cfg(test)]
mod tests;
