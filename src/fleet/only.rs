//! The way where there is only one: the engine that is spoken to anyhow serves the node it runs on, and no other.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::OnceCell;

use super::{Machine, Ways};
use crate::clock::SharedClock;
use crate::diag::{Diagnostic, Explain};
use crate::engine::Engine;
use crate::wire::SharedDialer;

/// The connected engine alone.
pub struct Only {
    dialer: SharedDialer,
    engine: Engine,
    /// The node it runs on, once it has said so.
    node: OnceCell<String>,
}

impl Only {
    /// The engine at the end of this dialer.
    #[must_use]
    pub fn new(dialer: SharedDialer, clock: SharedClock) -> Self {
        Self { engine: Engine::new(Arc::clone(&dialer), clock), dialer, node: OnceCell::new() }
    }
}

impl Ways for Only {
    fn dialer<'a>(&'a self, machine: &'a Machine) -> BoxFuture<'a, Result<SharedDialer, Diagnostic>> {
        Box::pin(async move {
            let own = self.node.get_or_try_init(|| self.engine.own_node()).await.map_err(|error| error.explain())?;
            if *own == machine.node.as_str() {
                return Ok(Arc::clone(&self.dialer));
            }
            let name = &machine.hostname;
            let why = format!("{} serves only the node it runs on", self.dialer.name());
            Err(Diagnostic::new(format!("no way to {name}"), format!("give -H ssh://{name}")).because(why))
        })
    }
}
