//! A follower on any engine, with the picture that it keeps.

use std::sync::Arc;
use std::time::Duration;

use quarterdeck::engine::{Engine, Nudge, follow};
use quarterdeck::model::{Change, Snapshot};
use quarterdeck::store::{Reader, store};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// A follower, its picture, and the word to end it.
pub struct Followed {
    pub swarm: Reader<Snapshot>,
    pub nudge: mpsc::Sender<Nudge>,
    stop: CancellationToken,
}

impl Drop for Followed {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Follows it.
pub fn followed(engine: Engine) -> Followed {
    let (sink, mut changes) = mpsc::channel::<Change>(256);
    let (nudge, nudges) = mpsc::channel(4);
    let stop = CancellationToken::new();
    let (mut writer, swarm) = store(Snapshot::default());
    tokio::spawn(follow(engine, sink, nudges, stop.clone()));
    tokio::spawn(async move {
        while let Some(change) = changes.recv().await {
            writer.apply(change);
        }
    });
    Followed { swarm, nudge, stop }
}

impl Followed {
    pub async fn until(&mut self, ready: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let waited = tokio::time::timeout(Duration::from_secs(30), self.swarm.until(ready)).await;
        waited.unwrap_or_else(|_| panic!("{:?}", self.swarm.snapshot().link)).unwrap()
    }

    pub async fn until_live(&mut self) -> Arc<Snapshot> {
        self.until(|now| now.known && now.link.is_live()).await
    }
}
