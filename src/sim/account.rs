//! What there is in the simulated swarm, for whoever tells a story of it: as the API would give it.

use serde_json::Value;

use super::{Sim, world};

impl Sim {
    /// A service as `GET /services/{id}` gives it.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<Value> {
        self.look(|s| {
            s.world.service_named(name).and_then(|id| s.world.services.get(&id)).map(world::service::Service::view)
        })
    }

    /// A node as `GET /nodes/{id}` gives it.
    #[must_use]
    pub fn node(&self, hostname: &str) -> Option<Value> {
        self.look(|s| {
            let node = s.world.nodes.get(&s.world.node_named(hostname)?)?;
            Some(node.view(s.world.leader.as_ref() == Some(&node.id)))
        })
    }

    /// The names of all nodes, sorted.
    #[must_use]
    pub fn nodes(&self) -> Vec<String> {
        let mut names: Vec<String> = self.look(|s| s.world.nodes.values().map(|n| n.hostname.clone()).collect());
        names.sort();
        names
    }

    /// The tasks of a service as `GET /tasks/{id}` gives them.
    #[must_use]
    pub fn tasks(&self, service: &str) -> Vec<Value> {
        self.look(|s| {
            let id = s.world.service_named(service).unwrap_or_default();
            s.world.tasks_of(&id).map(world::task::Task::view).collect()
        })
    }

    /// How many tasks of a service run and should.
    #[must_use]
    pub fn running(&self, service: &str) -> usize {
        let is =
            |t: &&Value| world::text(t, "/Status/State") == "running" && world::text(t, "/DesiredState") == "running";
        self.tasks(service).iter().filter(is).count()
    }

    /// The state of a service's last update; empty if there was none.
    #[must_use]
    pub fn update_state(&self, service: &str) -> String {
        self.service(service).map(|s| world::text(&s, "/UpdateStatus/State").to_owned()).unwrap_or_default()
    }

    /// The names of all services, sorted.
    #[must_use]
    pub fn services(&self) -> Vec<String> {
        let mut names: Vec<String> = self.look(|s| s.world.services.values().map(|s| s.name.clone()).collect());
        names.sort();
        names
    }
}
