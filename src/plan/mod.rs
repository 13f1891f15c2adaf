//! Wish against truth: what would have to change in the swarm so that a stack is as its file says. Pure.

mod change;

pub use change::{Change, Effect, Field, Plan, Seen, Thing};
