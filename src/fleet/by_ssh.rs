//! The way by SSH: the machine that was named with `-H` by the connection that stands, any other beside it by its own.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::one::{One, position};
use super::{Machine, Ways};
use crate::clock::SharedClock;
use crate::diag::{Diagnostic, Explain};
use crate::ssh::{Host, Hosts, Target};
use crate::wire::SharedDialer;

/// Machines reached by SSH.
pub struct BySsh {
    hosts: Hosts,
    /// What was given with `-H`, the first of which says who to be on the others.
    given: Vec<Target>,
    /// The engines there.
    engines: Vec<One>,
}

impl BySsh {
    /// Over these connections; `given` are the addresses that the operator named.
    #[must_use]
    pub fn new(hosts: Hosts, given: Vec<Target>, clock: &SharedClock) -> Self {
        let one = |target: &Target| One::new(hosts.host(target).dialer(&target.socket_path), clock);
        let engines = given.iter().map(one).collect();
        Self { hosts, given, engines }
    }

    /// The address of a machine, as the operator would type it: by name where the SSH config knows the name, else by
    /// the address that the inventory or the swarm has.
    async fn target(&self, machine: &Machine) -> Result<Target, Diagnostic> {
        let is_it = |target: &&Target| [&machine.hostname, &machine.address].contains(&&target.host);
        if let Some(target) = self.given.iter().find(is_it) {
            return Ok(target.clone());
        }
        // It may have been given by an address that neither the inventory nor the swarm knows.
        if let Ok(Some(found)) = position(&self.engines, machine).await
            && let Some(target) = self.given.get(found)
        {
            return Ok(target.clone());
        }
        let named = self.hosts.is_named(&machine.hostname).await;
        let host = if named || machine.address.is_empty() { &machine.hostname } else { &machine.address };
        let first = self.given.first();
        let mut target: Target = host.parse().map_err(|error: crate::ssh::SshError| error.explain())?;
        target.user = machine.user.clone().or_else(|| first.and_then(|first| first.user.clone()));
        // What the config says of a name counts for more than what was said of another machine.
        target.port = machine.port.or_else(|| if named { None } else { first.and_then(|first| first.port) });
        if let Some(first) = first {
            target.socket_path.clone_from(&first.socket_path);
        }
        Ok(target)
    }
}

impl Ways for BySsh {
    fn dialer<'a>(&'a self, machine: &'a Machine) -> BoxFuture<'a, Result<SharedDialer, Diagnostic>> {
        Box::pin(async move {
            let target = self.target(machine).await?;
            Ok(self.hosts.host(&target).dialer(&target.socket_path))
        })
    }

    fn host<'a>(&'a self, machine: &'a Machine) -> BoxFuture<'a, Result<Arc<Host>, Diagnostic>> {
        Box::pin(async move { Ok(self.hosts.host(&self.target(machine).await?)) })
    }
}
