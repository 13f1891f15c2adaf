//! Which swarm and which folder a verb works on.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::args::Globals;
use super::{Ending, Stopped, print};
use crate::clock::SharedClock;
use crate::diag::{Diagnostic, Explain};
use crate::engine::{Engine, EngineError};
use crate::fleet::{BySsh, Each, Fleet, Machine, Only, SharedWays};
use crate::model::{Catalogue, Change, Link, Picture, Snapshot};
use crate::platform::{self, Checkout, Files};
use crate::sim::Sim;
use crate::ssh::{Hosts, SshError, Target};
use crate::wire::{Endpoint, SharedDialer};

/// Where an engine is looked for when nothing is said.
const LOCAL_SOCKET: &str = "unix:///var/run/docker.sock";

/// A swarm and the folder that describes it.
pub struct World {
    /// The engine that is spoken to.
    pub engine: Engine,
    /// The ways to all nodes' engines.
    pub fleet: Fleet,
    /// What the folder says.
    pub catalogue: Arc<Catalogue>,
    /// What time it is.
    pub clock: SharedClock,
    /// What is wrong in the folder.
    pub faults: Vec<Diagnostic>,
    /// The folder, to read stack files from.
    pub checkout: Checkout,
    /// Keeps the simulated swarm running.
    _sim: Option<Sim>,
    /// Keeps the way to the engine open, where that is one.
    _hosts: Option<Hosts>,
}

impl World {
    /// The embedded swarm with the platform that the program brings along.
    pub fn demo(clock: SharedClock) -> Self {
        let sim = crate::sim::demo(&*clock);
        sim.run(1.0);
        let files = Files::shipped();
        let platform = platform::read(&files);
        let catalogue = Arc::new(platform.catalogue);
        let all = sim.clone();
        let ways = Arc::new(Each(move |machine: &Machine| Ok(all.dialer_to(&machine.hostname))));
        Self {
            engine: Engine::new(sim.dialer(), Arc::clone(&clock)),
            fleet: Fleet::new(ways, Arc::clone(&catalogue), Arc::clone(&clock)),
            catalogue: Arc::clone(&catalogue),
            clock,
            faults: platform.faults,
            // The demo is the same everywhere.
            checkout: checkout(files, &catalogue, BTreeMap::new()),
            _sim: Some(sim),
            _hosts: None,
        }
    }

    /// The swarm and folder that the words and the environment name.
    pub async fn real(globals: &Globals, clock: SharedClock) -> Result<Self, Stopped> {
        let (address, said_by) = match (&globals.host, std::env::var("DOCKER_HOST")) {
            (Some(host), _) => (host.clone(), "--host"),
            (None, Ok(host)) if !host.is_empty() => (host, "DOCKER_HOST"),
            _ => (LOCAL_SOCKET.to_owned(), "the default"),
        };
        let (dialer, hosts) = dialer(&address, said_by).await?;
        let files = folder(globals)?.unwrap_or_default();
        let surroundings = super::wishes::surroundings();
        let platform = platform::read_in(&files, surroundings.clone());
        let catalogue = Arc::new(platform.catalogue);
        let ways: SharedWays = match &hosts {
            Some((hosts, target)) => Arc::new(BySsh::new(hosts.clone(), vec![target.clone()])),
            None => Arc::new(Only::new(Arc::clone(&dialer), Arc::clone(&clock))),
        };
        Ok(Self {
            engine: Engine::new(dialer, Arc::clone(&clock)),
            fleet: Fleet::new(ways, Arc::clone(&catalogue), Arc::clone(&clock)),
            catalogue: Arc::clone(&catalogue),
            clock,
            faults: platform.faults,
            checkout: checkout(files, &catalogue, surroundings),
            _sim: None,
            _hosts: hosts.map(|(hosts, _)| hosts),
        })
    }

    /// The swarm as it is now, asked for once.
    pub async fn look(&self) -> Result<Picture, Stopped> {
        for fault in &self.faults {
            print::fault(fault);
        }
        let before = std::time::Instant::now();
        let listing = self.engine.list().await.map_err(|error| unreachable(&error))?;
        let snapshot = Snapshot::default()
            .after(Change::Everything(Box::new(listing)))
            .after(Change::Link(Link::Live { latency: before.elapsed() }));
        Ok(Picture::of(snapshot, &self.catalogue, self.clock.now()))
    }
}

/// The files of the folder that the words name, or of the nearest one above; none if there is none.
pub fn folder(globals: &Globals) -> Result<Option<Files>, Stopped> {
    let here = std::env::current_dir().unwrap_or_else(|_| Path::new(".").to_owned());
    let Some(dir) = platform::find(globals.platform.as_deref(), &here) else { return Ok(None) };
    Files::on_disk(&dir).map(Some).map_err(|error| {
        let fault = Diagnostic::new("the platform folder cannot be read", "give the folder with -C DIR");
        Stopped::new(Ending::Misuse, fault.because(error.to_string()))
    })
}

/// The way to an engine. One by SSH is made at once, because it may have questions.
async fn dialer(address: &str, said_by: &str) -> Result<(SharedDialer, Option<(Hosts, Target)>), Stopped> {
    if address.starts_with("ssh://") {
        let told = |error: SshError| {
            let misuse = matches!(error, SshError::Address { .. } | SshError::Config { .. });
            Stopped::new(if misuse { Ending::Misuse } else { Ending::Unreachable }, error.explain())
        };
        let target: Target = address.parse().map_err(told)?;
        let hosts = Hosts::new(super::ask::settings(), super::ask::on_terminal());
        let host = hosts.host(&target);
        host.connect().await.map_err(told)?;
        return Ok((host.dialer(&target.socket_path), Some((hosts, target))));
    }
    let endpoint: Endpoint = address.parse().map_err(|error: crate::wire::EndpointError| {
        let mend = "give unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST";
        let fault = Diagnostic::new(format!("{said_by} is no address that can be used"), mend);
        Stopped::new(Ending::Misuse, fault.because(error.to_string()))
    })?;
    Ok((endpoint.dialer(), None))
}

fn checkout(files: Files, catalogue: &Arc<Catalogue>, surroundings: BTreeMap<String, String>) -> Checkout {
    Checkout { files: Arc::new(files), catalogue: Arc::clone(catalogue), surroundings: Arc::new(surroundings) }
}

/// The swarm did not answer: exit code 4.
pub fn unreachable(error: &EngineError) -> Stopped {
    Stopped::new(Ending::Unreachable, error.explain())
}
