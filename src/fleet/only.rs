//! The way where there is no SSH: an engine that was given serves the node it runs on, and no other.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::one::{One, position};
use super::{Machine, Ways};
use crate::clock::SharedClock;
use crate::diag::{Diagnostic, Explain};
use crate::wire::SharedDialer;

/// The engines that were given, each alone.
pub struct Only(Vec<One>);

impl Only {
    /// The engines at the ends of these dialers.
    #[must_use]
    pub fn new(dialers: Vec<SharedDialer>, clock: &SharedClock) -> Self {
        Self(dialers.into_iter().map(|dialer| One::new(dialer, clock)).collect())
    }
}

impl Ways for Only {
    fn dialer<'a>(&'a self, machine: &'a Machine) -> BoxFuture<'a, Result<SharedDialer, Diagnostic>> {
        Box::pin(async move {
            let found = position(&self.0, machine).await.map_err(|error| error.explain())?;
            if let Some(one) = found.and_then(|found| self.0.get(found)) {
                return Ok(Arc::clone(&one.dialer));
            }
            let name = &machine.hostname;
            Err(Diagnostic::new(format!("no way to {name}"), format!("give -H ssh://{name}")))
        })
    }
}
