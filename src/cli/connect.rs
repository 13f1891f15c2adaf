//! Which swarm and which folder a verb works on.

use std::path::Path;
use std::sync::Arc;

use super::args::Globals;
use super::{Ending, Stopped, print};
use crate::clock::SharedClock;
use crate::diag::{Diagnostic, Explain};
use crate::engine::{Engine, EngineError};
use crate::model::{Catalogue, Change, Link, Picture, Snapshot};
use crate::platform::{self, Environment, Files};
use crate::sim::Sim;
use crate::wire::Endpoint;

/// Where an engine is looked for when nothing is said.
const LOCAL_SOCKET: &str = "unix:///var/run/docker.sock";

/// A swarm and the folder that describes it.
pub struct World {
    /// The engine that is spoken to.
    pub engine: Engine,
    /// What the folder says.
    pub catalogue: Arc<Catalogue>,
    /// What time it is.
    pub clock: SharedClock,
    /// What is wrong in the folder.
    pub faults: Vec<Diagnostic>,
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
            _sim: Some(sim),
        }
    }

    /// The swarm and folder that the words and the environment name.
    pub fn real(globals: &Globals, clock: SharedClock) -> Result<Self, Stopped> {
        let misuse = |fault| Stopped::new(Ending::Misuse, fault);
        let (address, said_by) = match (&globals.host, std::env::var("DOCKER_HOST")) {
            (Some(host), _) => (host.clone(), "--host"),
            (None, Ok(host)) if !host.is_empty() => (host, "DOCKER_HOST"),
            _ => (LOCAL_SOCKET.to_owned(), "the default"),
        };
        let endpoint: Endpoint = address.parse().map_err(|error: crate::wire::EndpointError| {
            misuse(
                Diagnostic::new(
                    format!("{said_by} is no address that can be used"),
                    "give unix:///PATH or tcp://HOST:PORT",
                )
                .because(error.to_string()),
            )
        })?;
        let platform = folder(globals)?.map(|files| platform::read_in(&files, environment())).unwrap_or_default();
        Ok(Self {
            engine: Engine::new(endpoint.dialer(), Arc::clone(&clock)),
            catalogue: Arc::new(platform.catalogue),
            clock,
            faults: platform.faults,
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

/// The files of the folder that the words name, or of the nearest one above; none if there is none.
pub fn folder(globals: &Globals) -> Result<Option<Files>, Stopped> {
    let here = std::env::current_dir().unwrap_or_else(|_| Path::new(".").to_owned());
    let Some(dir) = platform::find(globals.platform.as_deref(), &here) else { return Ok(None) };
    Files::on_disk(&dir).map(Some).map_err(|error| {
        let fault = Diagnostic::new("the platform folder cannot be read", "give the folder with -C DIR");
        Stopped::new(Ending::Misuse, fault.because(error.to_string()))
    })
}

/// The environment of this process, as far as it is text.
pub fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// The swarm did not answer: exit code 4.
pub fn unreachable(error: &EngineError) -> Stopped {
    Stopped::new(Ending::Unreachable, error.explain())
}
