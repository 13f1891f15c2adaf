//! The engine as the other rooms hold it: a handle on shared connections, and plain questions in JSON.

use std::time::Duration;

use hyper::Method;
use serde_json::Value;

use super::error::EngineError;
use super::http::{Call, Http, PATIENCE};
use crate::clock::SharedClock;
use crate::wire::SharedDialer;

/// A Docker Engine at the end of a dialer, or whichever of several managers serves. Cheap to clone: all clones share connections.
#[derive(Clone)]
pub struct Engine {
    pub(super) http: Http,
    pub(super) docker: bollard::Docker,
    pub(super) clock: SharedClock,
    pub(super) patience: Duration,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("at", &self.at()).finish_non_exhaustive()
    }
}

impl Engine {
    /// A handle; nothing is opened before the first question.
    #[must_use]
    pub fn new(dialer: SharedDialer, clock: SharedClock) -> Self {
        Self::of_managers(vec![dialer], clock)
    }

    /// The same, over several managers of one swarm, the preferred first. One of them is spoken to until it fails.
    #[must_use]
    pub fn of_managers(dialers: Vec<SharedDialer>, clock: SharedClock) -> Self {
        let http = Http::new(dialers);
        Self { docker: super::borrowed::over(&http), http, clock, patience: PATIENCE }
    }

    /// Where the manager in use is, as typed; all addresses that were given while none is in use.
    #[must_use]
    pub fn at(&self) -> String {
        self.http.at()
    }

    /// The same engine, waiting at most so long for the head of an answer and for each next part of it.
    #[must_use]
    pub fn within(&self, patience: Duration) -> Self {
        Self { patience, ..self.clone() }
    }

    /// Drops what is known of the connection: the next question opens a new one and asks the version anew.
    pub fn forget(&self) {
        self.http.forget();
    }

    /// How long a short question takes at present.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn ping(&self) -> Result<Duration, EngineError> {
        self.http.spoken(self.patience).await?;
        let start = tokio::time::Instant::now();
        self.text("/_ping").await?;
        Ok(start.elapsed())
    }

    /// Asks for the JSON under a path, such as `/secrets`. The version is put before it.
    ///
    /// # Errors
    /// When there is no answer, or it is a refusal, or no JSON.
    pub async fn get_json(&self, path: &str) -> Result<Value, EngineError> {
        self.value(&Call::get(path).within(self.patience)).await
    }

    /// Sends JSON to a path, and gives what comes back: null where nothing does.
    ///
    /// # Errors
    /// As [`Engine::get_json`]; [`EngineError::Unsure`] when the answer was lost after the sending.
    pub async fn post_json(&self, path: &str, body: &Value) -> Result<Value, EngineError> {
        self.value(&Call::new(Method::POST, path).with(body).within(self.patience)).await
    }

    /// Deletes what is under a path.
    ///
    /// # Errors
    /// As [`Engine::post_json`].
    pub async fn delete(&self, path: &str) -> Result<(), EngineError> {
        self.http.text(&Call::new(Method::DELETE, path).within(self.patience)).await.map(drop)
    }

    pub(super) async fn text(&self, path: &str) -> Result<String, EngineError> {
        self.http.text(&Call::get(path).within(self.patience)).await
    }

    pub(super) async fn value(&self, call: &Call) -> Result<Value, EngineError> {
        let text = self.http.text(call).await?;
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        self.http.json(call, &text)
    }
}
