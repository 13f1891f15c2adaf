//! Which swarm and which folder a verb works on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Globals;
use super::route::{self, Route, Said, Ways};
use super::secure::{self, Surroundings};
use super::{Ending, Stopped, print};
use crate::clock::SharedClock;
use crate::diag::{Diagnostic, Explain};
use crate::docker_config;
use crate::engine::{Engine, EngineError};
use crate::model::{Catalogue, Change, Link, Picture, Snapshot};
use crate::platform::{self, Files};
use crate::sim::Sim;
use crate::wire::{Endpoint, SharedDialer};

/// A swarm and the folder that describes it.
pub struct World {
    /// The engine that is spoken to.
    pub engine: Engine,
    /// What the folder says.
    pub catalogue: Arc<Catalogue>,
    /// What time it is.
    pub clock: SharedClock,
    /// What is wrong in the folder, and what is to be known of the way to the engine.
    pub faults: Vec<Diagnostic>,
    /// Who said that this engine is meant.
    pub said_by: String,
    /// Keeps the simulated swarm running.
    _sim: Option<Sim>,
}

impl World {
    /// The embedded swarm with the platform that the program brings along.
    pub fn demo(clock: SharedClock) -> Self {
        let sim = crate::sim::demo(&*clock);
        sim.run(1.0);
        let platform = platform::read(&Files::shipped());
        Self {
            engine: Engine::new(sim.dialer(), Arc::clone(&clock)),
            catalogue: Arc::new(platform.catalogue),
            clock,
            faults: platform.faults,
            said_by: "by demo".to_owned(),
            _sim: Some(sim),
        }
    }

    /// The swarm and folder that the words and the environment name.
    pub fn real(globals: &Globals, clock: SharedClock) -> Result<Self, Stopped> {
        let here = std::env::current_dir().unwrap_or_else(|_| Path::new(".").to_owned());
        let mut platform = match platform::find(globals.platform.as_deref(), &here) {
            None => platform::Platform::default(),
            Some(dir) => platform::read(&Files::on_disk(&dir).map_err(|error| {
                let fault = Diagnostic::new("the platform folder cannot be read", "give the folder with -C DIR");
                misuse(fault.because(error.to_string()))
            })?),
        };
        let (docker, fault) = docker_config::Folder::read(&docker_folder());
        platform.faults.extend(fault);
        let route = route::choose(&Said {
            hosts: globals.hosts.clone(),
            docker_host: said("DOCKER_HOST"),
            docker_context: said("DOCKER_CONTEXT"),
            current_context: docker.current_context().unwrap_or_default().to_owned(),
            managers: platform.managers.iter().map(platform::ManagerHost::url).collect(),
        });
        let dialers = dialers(globals, &docker, &route, &mut platform.faults).map_err(misuse)?;
        Ok(Self {
            engine: Engine::of_managers(dialers, Arc::clone(&clock)),
            catalogue: Arc::new(platform.catalogue),
            clock,
            faults: platform.faults,
            said_by: match route.ways {
                Ways::Context(name) => format!("context {name}, by {}", route.said_by),
                Ways::Addresses(_) => format!("by {}", route.said_by),
            },
            _sim: None,
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

fn misuse(fault: Diagnostic) -> Stopped {
    Stopped::new(Ending::Misuse, fault)
}

/// A variable of the environment; empty if it is not set.
fn said(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// Where the docker CLI keeps its own.
fn docker_folder() -> PathBuf {
    match said("DOCKER_CONFIG") {
        dir if dir.is_empty() => etcetera::home_dir().unwrap_or_default().join(".docker"),
        dir => dir.into(),
    }
}

/// A dialer to each engine that is meant.
fn dialers(
    globals: &Globals,
    docker: &docker_config::Folder,
    route: &Route,
    faults: &mut Vec<Diagnostic>,
) -> Result<Vec<SharedDialer>, Diagnostic> {
    let (addresses, tls) = match &route.ways {
        Ways::Addresses(all) => {
            let folder = said("DOCKER_CERT_PATH");
            let folder = if folder.is_empty() { docker_folder() } else { folder.into() };
            let around = Surroundings { verify: !said("DOCKER_TLS_VERIFY").is_empty(), folder };
            (all.clone(), secure::of_words(globals, &around)?)
        }
        Ways::Context(name) => {
            let context = docker.context(name).map_err(|fault| fault.because(format!("{} says so", route.said_by)))?;
            if context.unverified {
                faults.push(unverified(&context.name));
            }
            let host = if context.host.is_empty() { route::LOCAL_SOCKET.to_owned() } else { context.host.clone() };
            (vec![host], secure::of_context(&context)?)
        }
    };
    let mut known: Vec<Endpoint> = Vec::new();
    for address in addresses {
        let endpoint = Endpoint::read(&address, tls.is_some()).map_err(|error| {
            let what = format!("{} is no address that can be used", route.said_by);
            Diagnostic::new(what, "give unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST").because(error.to_string())
        })?;
        // Given twice, it would be two managers that fail at once.
        if !known.contains(&endpoint) {
            known.push(endpoint);
        }
    }
    known.iter().map(|endpoint| endpoint.dialer(tls.as_ref()).map_or_else(|| through_ssh(endpoint), Ok)).collect()
}

/// The one place where a way through SSH is made.
fn through_ssh(endpoint: &Endpoint) -> Result<SharedDialer, Diagnostic> {
    let mend = "give another address with -H, or let ssh bring the socket here:  ssh -N -L /tmp/manager.sock:/var/run/docker.sock HOST";
    Err(Diagnostic::new(format!("{endpoint} cannot be used yet"), mend).because("routes through SSH are not there yet"))
}

fn unverified(context: &str) -> Diagnostic {
    Diagnostic::new(
        format!("the engine of the context {context:?} is believed without a look at its certificate"),
        "give the context the CA of the engine's certificate, and take SkipTLSVerify out of it",
    )
}

/// The swarm did not answer: exit code 4.
pub fn unreachable(error: &EngineError) -> Stopped {
    Stopped::new(Ending::Unreachable, error.explain())
}
