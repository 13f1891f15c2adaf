//! The way where there is no SSH: an engine that was given serves the node it runs on, and no other.

use std::sync::Arc;

use futures_util::future::{BoxFuture, join_all};
use tokio::sync::OnceCell;

use super::{Machine, Ways};
use crate::clock::SharedClock;
use crate::diag::{Diagnostic, Explain};
use crate::engine::{Engine, EngineError};
use crate::wire::SharedDialer;

/// The engines that were given, each alone.
pub struct Only(Vec<One>);

struct One {
    dialer: SharedDialer,
    engine: Engine,
    /// The node it runs on, once it has said so.
    node: OnceCell<String>,
}

impl Only {
    /// The engines at the ends of these dialers.
    #[must_use]
    pub fn new(dialers: Vec<SharedDialer>, clock: &SharedClock) -> Self {
        let one = |dialer: SharedDialer| {
            let engine = Engine::new(Arc::clone(&dialer), Arc::clone(clock));
            One { dialer, engine, node: OnceCell::new() }
        };
        Self(dialers.into_iter().map(one).collect())
    }
}

impl One {
    async fn is(&self, machine: &Machine) -> Result<bool, EngineError> {
        let node = self.node.get_or_try_init(|| self.engine.own_node()).await?;
        Ok(*node == machine.node.as_str())
    }
}

impl Ways for Only {
    fn dialer<'a>(&'a self, machine: &'a Machine) -> BoxFuture<'a, Result<SharedDialer, Diagnostic>> {
        Box::pin(async move {
            let asked = join_all(self.0.iter().map(|one| one.is(machine))).await;
            if let Some((one, _)) = self.0.iter().zip(&asked).find(|(_, answer)| matches!(answer, Ok(true))) {
                return Ok(Arc::clone(&one.dialer));
            }
            // One that does not answer may be the one.
            if let Some(error) = asked.into_iter().find_map(Result::err) {
                return Err(error.explain());
            }
            let (name, names) = (&machine.hostname, self.0.iter().map(|one| one.dialer.name()).collect::<Vec<_>>());
            let why = match names.as_slice() {
                [one] => format!("{one} serves only the node it runs on"),
                all => format!("{} serve only the nodes they run on", all.join(", ")),
            };
            Err(Diagnostic::new(format!("no way to {name}"), format!("give -H ssh://{name}")).because(why))
        })
    }
}
