//! Which swarm and which folder a verb works on.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::args::Globals;
use super::ways::{self, Front, Reached};
use super::{Ending, Stopped, print};
use crate::ask::Asker;
use crate::clock::SharedClock;
use crate::diag::{Diagnostic, Explain};
use crate::engine::{Engine, EngineError};
use crate::fleet::{BySsh, Fleet, Machine, Only, Pretended, SharedWays};
use crate::hub::{Means, Seams};
use crate::jobs::{Guard, Locks, Registries};
use crate::journal::Journal;
use crate::model::{Catalogue, Change, Link, Picture, Snapshot};
use crate::platform::{self, Checkout, Files};
use crate::session::Questions;
use crate::sim::Sim;
use crate::ssh::Hosts;

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
    /// What is wrong in the folder, and what is to be known of the way to the engine.
    pub faults: Vec<Diagnostic>,
    /// The folder, to read stack files from.
    pub checkout: Checkout,
    /// Who we are at registries.
    pub registries: Registries,
    /// Who said that this engine is meant.
    pub said_by: String,
    /// What is asked on the way to the engine.
    pub questions: Questions,
    /// Where everything is written down before it is done.
    pub journal: Journal,
    /// Whether lanes are locked in the swarm.
    locks: Locks,
    /// The way to the operator.
    pub asker: Asker,
    /// Who is asked before somebody is disturbed.
    guard: Guard,
    /// Keeps the simulated swarm running.
    sim: Option<Sim>,
    /// Keeps the way to the engine open, where that is one.
    _hosts: Option<Hosts>,
}

impl World {
    /// The embedded swarm with the platform that the program brings along.
    pub fn demo(clock: SharedClock, front: Front) -> Self {
        let (asker, questions) = ways::operator(front);
        let sim = crate::sim::demo(&*clock);
        sim.run(1.0);
        let files = Files::shipped();
        let platform = platform::read(&files);
        let catalogue = Arc::new(platform.catalogue);
        let all = sim.clone();
        let ways = Arc::new(Pretended(move |machine: &Machine| Ok(all.dialer_to(&machine.hostname))));
        Self {
            engine: Engine::new(sim.dialer(), Arc::clone(&clock)),
            fleet: Fleet::new(ways, Arc::clone(&catalogue), Arc::clone(&clock)),
            catalogue: Arc::clone(&catalogue),
            clock,
            faults: platform.faults,
            // The demo is the same everywhere.
            checkout: checkout(files, &catalogue, BTreeMap::new()),
            registries: Registries::default(),
            said_by: "by demo".to_owned(),
            questions: questions.map(Questions::new).unwrap_or_default(),
            // What is done to a simulated swarm is nobody's history, and nobody else is there.
            locks: Locks::None,
            journal: Journal::default(),
            asker,
            guard: Guard::default(),
            sim: Some(sim),
            _hosts: None,
        }
    }

    /// The swarm and folder that the words and the environment name.
    pub async fn real(globals: &Globals, clock: SharedClock, front: Front) -> Result<Self, Stopped> {
        let files = folder(globals)?.unwrap_or_default();
        let surroundings = super::wishes::surroundings();
        let mut platform = platform::read_in(&files, surroundings.clone());
        let Reached { dialers, said_by, ssh, questions, asker } = ways::reach(globals, &mut platform, front).await?;
        let catalogue = Arc::new(platform.catalogue);
        let ways: SharedWays = match &ssh {
            Some((hosts, targets)) => Arc::new(BySsh::new(hosts.clone(), targets.clone(), &clock)),
            None => Arc::new(Only::new(dialers.clone(), &clock)),
        };
        Ok(Self {
            engine: Engine::of_managers(dialers, Arc::clone(&clock)),
            fleet: Fleet::new(ways, Arc::clone(&catalogue), Arc::clone(&clock)),
            catalogue: Arc::clone(&catalogue),
            clock,
            faults: platform.faults,
            checkout: checkout(files, &catalogue, surroundings),
            registries: ways::registries(),
            said_by,
            questions: questions.map(Questions::new).unwrap_or_default(),
            journal: super::author::journal(globals),
            locks: if globals.steal_lock { Locks::Stolen } else { Locks::Held },
            guard: Guard::new(asker.clone(), globals.override_guard.clone()).trusting(ways::authorities()),
            asker,
            sim: None,
            _hosts: ssh.map(|(hosts, _)| hosts),
        })
    }

    /// Its machines are only simulated.
    pub fn is_simulated(&self) -> bool {
        self.sim.is_some()
    }

    /// What jobs ask of the world outside the swarm.
    pub fn seams(&self) -> Seams {
        // What is consented to in the demo is forgotten with it.
        let state = if self.is_simulated() { None } else { crate::telemetry::folder() };
        Seams { asker: self.asker.clone(), state, ..Seams::default() }
    }

    /// What a hand needs of it.
    pub fn means(&self) -> Means {
        Means {
            engine: self.engine.clone(),
            fleet: self.fleet.clone(),
            checkout: self.checkout.clone(),
            registries: self.registries.clone(),
            journal: self.journal.clone(),
            locks: self.locks,
            guard: self.guard.clone(),
        }
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

fn checkout(files: Files, catalogue: &Arc<Catalogue>, surroundings: BTreeMap<String, String>) -> Checkout {
    Checkout { files: Arc::new(files), catalogue: Arc::clone(catalogue), surroundings: Arc::new(surroundings) }
}

/// The swarm did not answer: exit code 4.
pub fn unreachable(error: &EngineError) -> Stopped {
    Stopped::new(Ending::Unreachable, error.explain())
}
