//! Is there an engine, and does it know the swarm? Asked first, so that a wrong address is told as what it is.

use std::time::Duration;

use serde::Deserialize;

use super::client::Engine;
use super::error::EngineError;
use super::http::{Call, Line, json};
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
        self.http.standing(self.patience).await
    }
}

/// What one engine says of itself and of the swarm.
pub(super) async fn standing(line: &Line, patience: Duration) -> Result<Cluster, EngineError> {
    let spoken = line.spoken(patience).await?;
    let call = Call::get("/info").within(patience);
    let text = line.text(&call).await?;
    let info: InfoJson = json(line.at(), &call, &text)?;
    let swarm = info.swarm.or_empty();
    manager(line.at(), &swarm)?;
    Ok(Cluster {
        id: clean(&swarm.cluster.or_empty().id.0),
        through: clean(&info.name.0),
        endpoint: line.at().to_owned(),
        engine_version: spoken.engine,
        api_version: spoken.api.to_string(),
        passed: Vec::new(),
    })
}

fn manager(at: &str, swarm: &SwarmJson) -> Result<(), EngineError> {
    let (at, why) = (at.to_owned(), clean(&swarm.error.0));
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
    // Without a majority the engine knows nothing of the swarm, and says why in several ways.
    if swarm.cluster.0.is_none() && !why.is_empty() {
        return Err(EngineError::NoLeader { at, message: why });
    }
    Ok(())
}
