//! A simulated swarm on a socket, with a runtime of its own so that the test may block on the screen.

use std::time::Duration;

use quarterdeck::sim::{Behaviour, Scenario, Sim, service};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A swarm that the test holds in its hand.
pub struct World {
    pub sim: Sim,
    runtime: Runtime,
    folder: TempDir,
}

impl World {
    /// Five nodes, two stacks, time running ten times as fast.
    pub fn new() -> Self {
        Self::of(
            Scenario::new()
                .managers(["barbary", "ching", "angre"])
                .workers(["lorcha", "dhow"])
                .stack("media")
                .service(service("plex").image("plex:1").replicas(2).healthcheck().update(
                    1,
                    "start-first",
                    "rollback",
                    1,
                ))
                .service(service("sonarr").image("sonarr:4").constraint("node.hostname==dhow").update(
                    1,
                    "stop-first",
                    "pause",
                    1,
                ))
                .job(service("seed").image("seed:1").job(1))
                .behaviour("seed:1", Behaviour::OneShot(Duration::from_secs(1)))
                .stack("chatter")
                .service(service("noise").image("noise:1"))
                .behaviour("noise:1", Behaviour::crashing(3, "\x1b[2J\x1b]0;owned\x07danger \x1b[31mred\x1b[0m end")),
        )
    }

    /// A swarm of this scenario.
    pub fn of(scenario: Scenario) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let sim = runtime.block_on(async {
            let sim = scenario.start();
            sim.serve_unix(folder.path().join("engine.sock")).unwrap();
            for node in sim.nodes() {
                sim.serve_unix_as(&node, folder.path().join(&node)).unwrap();
            }
            sim.run(10.0);
            sim
        });
        Self { sim, runtime, folder }
    }

    /// Where its engine listens, as `--host` takes it.
    pub fn host(&self) -> String {
        format!("unix://{}", self.folder.path().join("engine.sock").display())
    }

    /// Where the engine of one node listens.
    pub fn host_of(&self, node: &str) -> String {
        format!("unix://{}", self.folder.path().join(node).display())
    }

    /// Ends all listeners and connections, as when an engine stops.
    pub fn stop(&self) {
        self.runtime.block_on(self.sim.stop());
    }

    /// Lets the same world listen again.
    pub fn listen_again(&self, scenario: Scenario) -> Sim {
        self.runtime.block_on(async {
            let sim = scenario.start();
            sim.serve_unix(self.folder.path().join("engine.sock")).unwrap();
            sim.run(10.0);
            sim
        })
    }
}
