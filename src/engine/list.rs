//! What is: the whole swarm, or a named part of it. It never keeps anything between two questions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use serde_json::value::RawValue;

use super::client::Engine;
use super::error::EngineError;
use super::http::{Call, filters};
use super::read;
use crate::model::{Cluster, Listing, Network, Node, NodeId, Service, ServiceId, Task};

/// How often a part is asked again when services vanish between two questions.
const AGAIN: usize = 3;

/// A service with all its tasks.
pub(super) type Found = (Service, Vec<Task>);

impl Engine {
    /// Everything there is, asked for at one time.
    ///
    /// # Errors
    /// As [`Engine::probe`], or when a list does not come whole. An object that cannot be read is left out, never
    /// the list.
    pub async fn list(&self) -> Result<Listing, EngineError> {
        let cluster = self.probe().await?;
        self.listing(cluster).await
    }

    /// Everything, of a swarm that was probed before.
    pub(super) async fn listing(&self, cluster: Cluster) -> Result<Listing, EngineError> {
        let (nodes, services, tasks, networks) = futures_util::try_join!(
            self.objects("/nodes", read::node),
            self.objects("/services", read::service),
            self.objects("/tasks", read::task),
            self.objects("/networks", read::network),
        )?;
        let networks = networks.into_iter().filter(is_for_services).collect();
        Ok(Listing { cluster, nodes, services, tasks, networks })
    }

    /// The nodes of these ids; those that are gone are missing in the answer.
    pub(super) async fn nodes(&self, ids: &BTreeSet<NodeId>) -> Result<Vec<Node>, EngineError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<&str> = ids.iter().map(NodeId::as_str).collect();
        self.objects(&format!("/nodes?{}", filters(&json!({ "id": ids }))), read::node).await
    }

    /// The services of these ids with their tasks; those that are gone are missing in the answer.
    pub(super) async fn services(&self, ids: &BTreeSet<ServiceId>) -> Result<Vec<Found>, EngineError> {
        let mut last = Ok(Vec::new());
        if ids.is_empty() {
            return last;
        }
        for _ in 0..AGAIN {
            last = self.services_once(ids).await;
            // The engine refuses the tasks of all when one service vanished since its list was made.
            if !matches!(&last, Err(error) if error.is_not_found()) {
                return last;
            }
        }
        last
    }

    async fn services_once(&self, ids: &BTreeSet<ServiceId>) -> Result<Vec<Found>, EngineError> {
        let wanted: Vec<&str> = ids.iter().map(ServiceId::as_str).collect();
        let path = format!("/services?{}", filters(&json!({ "id": wanted })));
        let services = self.objects(&path, read::service).await?;
        if services.is_empty() {
            return Ok(Vec::new());
        }
        let there: Vec<&str> = services.iter().map(|service| service.id.as_str()).collect();
        let path = format!("/tasks?{}", filters(&json!({ "service": there })));
        let mut tasks: BTreeMap<ServiceId, Vec<Task>> = BTreeMap::new();
        for task in self.objects(&path, read::task).await? {
            tasks.entry(task.service.clone()).or_default().push(task);
        }
        Ok(services
            .into_iter()
            .map(|service| {
                let own = tasks.remove(&service.id).unwrap_or_default();
                (service, own)
            })
            .collect())
    }

    /// A list of objects, each read by itself: one that cannot be read is told to the log and left out.
    pub(super) async fn objects<T>(
        &self,
        path: &str,
        read: fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, EngineError> {
        let call = Call::get(path).within(self.patience);
        let text = self.http.text(&call).await?;
        let raw: Option<Vec<&RawValue>> = self.http.json(&call, &text)?;
        let (mut objects, mut left_out) = (Vec::new(), 0_usize);
        for raw in raw.unwrap_or_default() {
            match read(raw.get()) {
                Ok(object) => objects.push(object),
                Err(why) => {
                    left_out += 1;
                    tracing::debug!(asked = %call.asked(), %why, "an object cannot be read");
                }
            }
        }
        if left_out > 0 {
            tracing::warn!(asked = %call.asked(), left_out, "objects that cannot be read are not shown");
        }
        Ok(objects)
    }
}

/// Networks of one machine only are no matter of the swarm, but for the two that services may name.
fn is_for_services(network: &Network) -> bool {
    network.scope == "swarm" || matches!(network.name.as_str(), "host" | "bridge")
}
