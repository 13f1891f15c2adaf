//! An engine that was given, and the node it turns out to run on.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::OnceCell;

use super::Machine;
use crate::clock::SharedClock;
use crate::engine::{Engine, EngineError};
use crate::wire::SharedDialer;

/// One of them.
pub struct One {
    /// The way to it.
    pub dialer: SharedDialer,
    engine: Engine,
    /// The node it runs on, once it has said so.
    node: OnceCell<String>,
}

impl One {
    /// The engine at the end of this dialer.
    pub fn new(dialer: SharedDialer, clock: &SharedClock) -> Self {
        let engine = Engine::new(Arc::clone(&dialer), Arc::clone(clock));
        Self { dialer, engine, node: OnceCell::new() }
    }

    async fn is(&self, machine: &Machine) -> Result<bool, EngineError> {
        let node = self.node.get_or_try_init(|| self.engine.own_node()).await?;
        Ok(*node == machine.node.as_str())
    }
}

/// The number of the one that runs on this machine.
///
/// # Errors
/// When none says so and one does not answer: it may be the one.
pub async fn position(all: &[One], machine: &Machine) -> Result<Option<usize>, EngineError> {
    let asked = join_all(all.iter().map(|one| one.is(machine))).await;
    match asked.iter().position(|answer| matches!(answer, Ok(true))) {
        Some(found) => Ok(Some(found)),
        None => asked.into_iter().find_map(Result::err).map_or(Ok(None), Err),
    }
}
