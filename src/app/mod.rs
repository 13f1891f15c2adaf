//! What the keys mean. Pure: messages in, effects out; no network, no terminal, no clock of its own.

mod msg;

pub use msg::{Effect, Msg, TailId};
