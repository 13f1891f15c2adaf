//! What only the engine of one node knows: its containers, how much they use, images, volumes, disk; and what of that is
//! thrown away.

use std::collections::BTreeMap;
use std::time::Duration;

use bollard::query_parameters::RemoveVolumeOptions;
use futures_util::Stream;
use futures_util::stream::unfold;
use hyper::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::client::Engine;
use super::error::EngineError;
use super::http::{Call, Flow, escaped, filters};
use super::read;
use crate::model::{Amount, Container, Disk, Image, Use, Volume, Waste};

/// How long an account of the disk may take: the engine walks through all volumes.
const COUNTING: Duration = Duration::from_secs(60);
/// How long the throwing away may take.
const PRUNING: Duration = Duration::from_secs(300);
/// How long a stream of readings may be silent. The engine sends one a second.
const SILENCE: Duration = Duration::from_secs(20);
/// The longest reading that is kept.
const LONGEST: usize = 1 << 20;

/// Readings on their way.
struct Readings {
    engine: Engine,
    call: Call,
    flow: Option<Flow>,
    rest: Vec<u8>,
    before: Option<Timestamp>,
    over: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct VolumesJson<'a> {
    #[serde(rename = "Volumes", borrow)]
    volumes: Option<Vec<&'a RawValue>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct InfoJson {
    #[serde(rename = "Swarm")]
    swarm: SwarmJson,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SwarmJson {
    #[serde(rename = "NodeID")]
    node: String,
}

impl Engine {
    /// The id of the node this engine runs on; empty where it is in no swarm.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn own_node(&self) -> Result<String, EngineError> {
        let call = Call::get("/info").within(self.patience);
        let text = self.http.text(&call).await?;
        Ok(self.http.json::<InfoJson>(&call, &text)?.swarm.node)
    }

    /// The containers of this node; with `all`, those that ended as well.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn containers(&self, all: bool) -> Result<Vec<Container>, EngineError> {
        self.objects(if all { "/containers/json?all=1" } else { "/containers/json" }, read::container).await
    }

    /// How much a container uses: one reading each time the engine takes one, until the container ends.
    pub fn stats(&self, container: &str) -> impl Stream<Item = Result<Use, EngineError>> + Send + Unpin + use<> {
        let call = Call::get(format!("/containers/{}/stats?stream=1", escaped(container))).within(self.patience);
        let begun = Readings { engine: self.clone(), call, flow: None, rest: Vec::new(), before: None, over: false };
        Box::pin(unfold(begun, |mut readings| async move {
            if readings.over {
                return None;
            }
            match readings.next().await {
                Ok(Some(reading)) => Some((Ok(reading), readings)),
                Ok(None) => None,
                Err(error) => {
                    readings.over = true;
                    Some((Err(error), readings))
                }
            }
        }))
    }

    /// The images of this node, with how many containers were made of each.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn images(&self) -> Result<Vec<Image>, EngineError> {
        let (mut images, containers) =
            futures_util::try_join!(self.objects("/images/json", read::kept_image), self.containers(true))?;
        for image in &mut images {
            image.used_by = containers.iter().filter(|container| container.image_id == image.id).count() as u64;
        }
        Ok(images)
    }

    /// The volumes of this node, with who mounts each and, where the engine can tell in time, their size.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn volumes(&self) -> Result<Vec<Volume>, EngineError> {
        let call = Call::get("/volumes").within(self.patience);
        let list = async { self.http.text(&call).await };
        let (text, containers, counted) =
            futures_util::join!(list, self.containers(true), self.account("/system/df?type=volume"));
        let (text, containers) = (text?, containers?);
        let raw = self.http.json::<VolumesJson<'_>>(&call, &text)?.volumes.unwrap_or_default();
        let sizes: BTreeMap<String, Option<u64>> =
            counted.map(|(_, volumes)| volumes).unwrap_or_default().into_iter().map(|v| (v.name, v.size)).collect();
        let volumes = raw.iter().filter_map(|raw| read::volume(raw.get()).ok());
        Ok(volumes
            .map(|volume| Volume {
                size: sizes.get(&volume.name).copied().flatten().or(volume.size),
                used_by: containers.iter().filter(|c| c.volumes.contains(&volume.name)).count() as u64,
                ..volume
            })
            .collect())
    }

    /// What lies on the disk of this node.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn disk(&self) -> Result<Disk, EngineError> {
        self.account("/system/df").await.map(|(disk, _)| disk)
    }

    async fn account(&self, path: &str) -> Result<(Disk, Vec<Volume>), EngineError> {
        let call = Call::get(path).within(self.patience.max(COUNTING));
        let text = self.http.text(&call).await?;
        read::disk(&text).map_err(|why| self.unreadable(&call, &text, why))
    }

    /// Throws away all of a kind that nothing uses; gives what went.
    ///
    /// # Errors
    /// When the engine refuses; [`EngineError::Unsure`] when the answer was lost.
    pub async fn prune(&self, kind: Waste) -> Result<Amount, EngineError> {
        let path = match kind {
            Waste::Containers => "/containers/prune".to_owned(),
            Waste::Images => format!("/images/prune?{}", filters(&json!({ "dangling": ["true"] }))),
            Waste::Cache => "/build/prune".to_owned(),
            // Without it, engines from API 1.42 on leave the named ones.
            Waste::Volumes if self.http.spoken(self.patience).await?.is_before(1, 42) => "/volumes/prune".to_owned(),
            Waste::Volumes => format!("/volumes/prune?{}", filters(&json!({ "all": ["true"] }))),
        };
        let call = Call::new(Method::POST, path).within(PRUNING);
        let text = self.http.text(&call).await?;
        read::pruned(&text).map_err(|why| self.unreadable(&call, &text, why))
    }

    /// Removes a volume that nothing uses.
    ///
    /// # Errors
    /// When it is in use or not there.
    pub async fn remove_volume(&self, name: &str) -> Result<(), EngineError> {
        self.borrowed("DELETE /volumes", self.docker.remove_volume(name, None::<RemoveVolumeOptions>).await)
    }

    fn unreadable(&self, call: &Call, text: &str, why: String) -> EngineError {
        let said = super::http::snippet(text);
        EngineError::NotJson { at: self.at().to_owned(), asked: call.asked(), said, why }
    }
}

impl Readings {
    async fn next(&mut self) -> Result<Option<Use>, EngineError> {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                match read::usage(&String::from_utf8_lossy(&line), self.before) {
                    Ok((reading, at)) => {
                        self.before = at.or(self.before);
                        return Ok(Some(reading));
                    }
                    // What cannot be read is left out; the next one comes in a second.
                    Err(why) => tracing::debug!(asked = %self.call.asked(), %why, "a reading cannot be read"),
                }
                continue;
            }
            let flow = match &mut self.flow {
                Some(flow) => flow,
                None => self.flow.insert(self.engine.http.open(&self.call).await?.1),
            };
            let part = tokio::time::timeout(SILENCE, self.engine.http.stream_part(&self.call, flow)).await;
            match part {
                Err(_) => return Err(self.engine.http.late(&self.call, flow)),
                Ok(Err(error)) => return Err(error),
                Ok(Ok(None)) => return Ok(None),
                Ok(Ok(Some(part))) => self.rest.extend_from_slice(&part),
            }
            if self.rest.len() > LONGEST {
                let (at, asked) = (self.engine.at().to_owned(), self.call.asked());
                return Err(EngineError::TooMuch { at, asked, limit: LONGEST });
            }
        }
    }
}
