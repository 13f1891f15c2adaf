//! Is there an engine, and does it know the swarm? Asked first, so that a wrong address is told as what it is.

use serde::Deserialize;

use super::client::Engine;
use super::error::EngineError;
use super::http::Call;
use super::soft::{Flag, Object, Text};
use crate::model::Cluster;
use crate::model::text::clean;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct InfoJson {
    name: Text,
    swarm: Object<SwarmJson>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct SwarmJson {
    local_node_state: Text,
    control_available: Flag,
    error: Text,
    cluster: Object<ClusterJson>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ClusterJson {
    #[serde(rename = "ID")]
    id: Text,
}

impl Engine {
    /// Which swarm this is, and through whom it is seen.
    ///
    /// # Errors
    /// When nothing answers, or what answers is no manager of a swarm: each case has its own variant.
    pub async fn probe(&self) -> Result<Cluster, EngineError> {
        let spoken = self.http.spoken(self.patience).await?;
        let call = Call::get("/info").within(self.patience);
        let text = self.http.text(&call).await?;
        let info: InfoJson = self.http.json(&call, &text)?;
        let swarm = info.swarm.or_empty();
        self.manager(&swarm)?;
        Ok(Cluster {
            id: clean(&swarm.cluster.or_empty().id.0),
            through: clean(&info.name.0),
            endpoint: self.at().to_owned(),
            engine_version: spoken.engine,
            api_version: spoken.api.to_string(),
        })
    }

    fn manager(&self, swarm: &SwarmJson) -> Result<(), EngineError> {
        let (at, why) = (self.at().to_owned(), clean(&swarm.error.0));
        match swarm.local_node_state.0.as_str() {
            "locked" => return Err(EngineError::Locked { at }),
            "" | "inactive" | "error" => return Err(EngineError::NotInSwarm { at, why }),
            "pending" => {
                let why = if why.is_empty() { "it is still joining".to_owned() } else { why };
                return Err(EngineError::NotInSwarm { at, why });
            }
            // A word of a newer engine is no reason to refuse a manager.
            _ => {}
        }
        if !swarm.control_available.0 {
            return Err(EngineError::NotAManager { at });
        }
        if swarm.cluster.0.is_none() && why.contains("leader") {
            return Err(EngineError::NoLeader { at, message: why });
        }
        Ok(())
    }
}
