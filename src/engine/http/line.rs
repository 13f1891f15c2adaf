//! One engine over HTTP: connections, versions, time-outs, refusals. It knows nothing of what a service or a node is,
//! and of no other engine.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper::{Request, Response, StatusCode};
use tokio::time::timeout;

use super::super::error::EngineError;
use super::answer::{self, refusal, snippet};
use super::call::{Call, PATIENCE};
use super::dialect::{self, Spoken};
use super::wire::{Body, Connector, Greeting, Pool};
use crate::wire::{Obstacle, SharedDialer};

/// How long the opening of a connection may take: less than any write, so that what was never sent is known to be so.
pub(crate) const DIAL: Duration = Duration::from_secs(8);
/// How long a whole answer may take.
const WHOLE: Duration = Duration::from_secs(120);
/// The largest answer that is read.
const MOST: usize = 256 << 20;
/// The largest refusal that is read.
const MOST_OF_A_REFUSAL: usize = 64 << 10;

/// The state of one connection life: its pool, and the version agreed on.
struct Life {
    pool: Pool,
    spoken: Option<Spoken>,
}

/// HTTP with one engine. Cheap to clone: all clones share connections.
#[derive(Clone)]
pub(crate) struct Line(Arc<Shared>);

struct Shared {
    at: String,
    connector: Connector,
    greeting: Greeting,
    life: Mutex<Life>,
}

impl Line {
    pub(crate) fn new(dialer: SharedDialer) -> Self {
        let (at, greeting) = (dialer.name(), Greeting::default());
        let connector = Connector::new(dialer, greeting.clone(), DIAL);
        let life = Mutex::new(Life { pool: connector.pool(), spoken: None });
        Self(Arc::new(Shared { at, connector, greeting, life }))
    }

    /// Where the engine is, as typed.
    pub(crate) fn at(&self) -> &str {
        &self.0.at
    }

    /// Begins a new connection life: no old connection is used again, and the version is asked anew.
    pub(crate) fn forget(&self) {
        let fresh = Life { pool: self.0.connector.pool(), spoken: None };
        *self.0.life.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
    }

    /// The version both sides know; asked of the engine once in a connection life.
    pub(crate) async fn spoken(&self, patience: Duration) -> Result<Spoken, EngineError> {
        let known = self.0.life.lock().unwrap_or_else(PoisonError::into_inner).spoken.clone();
        if let Some(spoken) = known {
            return Ok(spoken);
        }
        let call = Call::get("/version").within(patience);
        let response = self.send(&call, &call.path).await?;
        let response = self.granted(&call, response).await?;
        let body = self.body(&call, response.into_body(), MOST_OF_A_REFUSAL).await?;
        let version: dialect::VersionJson = json(self.at(), &call, &body)?;
        let spoken = version.agree(self.at())?;
        self.0.life.lock().unwrap_or_else(PoisonError::into_inner).spoken = Some(spoken.clone());
        Ok(spoken)
    }

    /// Asks, and gives the answer once its head is there and says yes.
    pub(crate) async fn open(&self, call: &Call) -> Result<Response<Incoming>, EngineError> {
        match self.ask(call).await {
            // The engine behind the address was exchanged for one of another version.
            Err(EngineError::Refused { status: 400, message, .. }) if message.contains("client version") => {
                self.forget();
                self.ask(call).await
            }
            answer => answer,
        }
    }

    async fn ask(&self, call: &Call) -> Result<Response<Incoming>, EngineError> {
        let spoken = self.spoken(call.patience).await?;
        let response = self.send(call, &format!("/v{}{}", spoken.api, call.path)).await?;
        self.granted(call, response).await
    }

    /// Asks for the stream itself: after the head of the answer it belongs to the caller.
    pub(crate) async fn hand_over(&self, call: &Call) -> Result<Upgraded, EngineError> {
        let call = Call { hand_over: true, ..call.clone() };
        let response = self.open(&call).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            let said = response.status().to_string();
            let why = "it does not hand the stream over; a proxy may be in the way".to_owned();
            return Err(EngineError::NotJson { at: self.at().to_owned(), asked: call.asked(), said, why });
        }
        hyper::upgrade::on(response).await.map_err(|error| self.broken(&call, &error, false))
    }

    /// Asks, and gives the whole answer as text.
    pub(crate) async fn text(&self, call: &Call) -> Result<String, EngineError> {
        let response = self.open(call).await?;
        self.body(call, response.into_body(), MOST).await
    }

    /// Sends a request as it is, for those who build their own.
    pub(crate) async fn forward<B>(
        &self,
        request: Request<B>,
        patience: Duration,
    ) -> Result<Response<Incoming>, EngineError>
    where
        B: hyper::body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let spoken = self.spoken(PATIENCE).await?;
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let call = Call::new(parts.method.clone(), path).within(patience);
        parts.uri = self.uri(&call, &format!("/v{}{path}", spoken.api))?;
        self.transmit(&call, Request::from_parts(parts, body.map_err(Into::into).boxed_unsync())).await
    }

    async fn send(&self, call: &Call, path: &str) -> Result<Response<Incoming>, EngineError> {
        let mut request = Request::builder().method(call.method.clone()).uri(self.uri(call, path)?);
        if call.body.is_some() {
            request = request.header(hyper::header::CONTENT_TYPE, "application/json");
        }
        if let Some(auth) = &call.auth {
            request = request.header("X-Registry-Auth", auth);
        }
        if call.hand_over {
            request = request.header(CONNECTION, "Upgrade").header(UPGRADE, "tcp");
        }
        let body: Body =
            Full::new(call.body.clone().unwrap_or_default()).map_err(|never| match never {}).boxed_unsync();
        let request = request.body(body).map_err(|error| self.unsound(call, &error))?;
        self.transmit(call, request).await
    }

    async fn transmit(&self, call: &Call, request: Request<Body>) -> Result<Response<Incoming>, EngineError> {
        let pool = self.0.life.lock().unwrap_or_else(PoisonError::into_inner).pool.clone();
        match self.0.connector.within(call.patience, pool.request(request)).await {
            Some(Ok(response)) => Ok(response),
            Some(Err(error)) => Err(self.broken(call, &error, error.is_connect())),
            None => Err(self.late(call)),
        }
    }

    async fn granted(&self, call: &Call, response: Response<Incoming>) -> Result<Response<Incoming>, EngineError> {
        let handed_over = call.hand_over && response.status() == StatusCode::SWITCHING_PROTOCOLS;
        if response.status().is_success() || handed_over {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let said = self.body(call, response.into_body(), MOST_OF_A_REFUSAL).await.unwrap_or_default();
        let message = answer::message(&said);
        if call.changes_something() && answer::is_torn(status, &message) {
            return Err(EngineError::Unsure { at: self.at().to_owned(), asked: call.asked(), why: message });
        }
        Err(refusal(self.at(), &call.asked(), status, message))
    }

    /// The whole of an answer, as text.
    async fn body(&self, call: &Call, mut body: Incoming, most: usize) -> Result<String, EngineError> {
        let mut whole = Vec::new();
        let reading = async {
            while let Some(part) = self.part(call, &mut body).await? {
                if whole.len() + part.len() > most {
                    return Err(EngineError::TooMuch { at: self.at().into(), asked: call.asked(), limit: most });
                }
                whole.extend_from_slice(&part);
            }
            Ok(())
        };
        timeout(WHOLE.max(call.patience), reading).await.unwrap_or_else(|_| Err(self.late(call)))?;
        Ok(String::from_utf8(whole).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
    }

    /// The next part of a body, within the time allowed.
    async fn part(&self, call: &Call, body: &mut Incoming) -> Result<Option<Bytes>, EngineError> {
        match timeout(call.patience, self.stream_part(call, body)).await {
            Ok(part) => part,
            Err(_) => Err(self.late(call)),
        }
    }

    /// The next part of a body, whenever it comes. Nothing is lost if this is dropped half-way.
    pub(crate) async fn stream_part(&self, call: &Call, body: &mut Incoming) -> Result<Option<Bytes>, EngineError> {
        loop {
            match body.frame().await {
                None => return Ok(None),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
                Some(Err(error)) => return Err(self.broken(call, &error, false)),
            }
        }
    }

    fn uri(&self, call: &Call, path: &str) -> Result<hyper::Uri, EngineError> {
        format!("http://docker{path}").parse().map_err(|error| self.unsound(call, &error))
    }

    fn unsound(&self, call: &Call, error: &dyn std::error::Error) -> EngineError {
        EngineError::Refused { at: self.at().into(), asked: call.asked(), status: 400, message: error.to_string() }
    }

    pub(crate) fn late(&self, call: &Call) -> EngineError {
        self.forget();
        let (at, asked) = (self.at().to_owned(), call.asked());
        if call.changes_something() {
            let why = format!("no answer within {} s", call.patience.as_secs_f32());
            return EngineError::Unsure { at, asked, why };
        }
        EngineError::TimedOut { at, asked, after: call.patience }
    }

    fn broken(&self, call: &Call, error: &(dyn std::error::Error + 'static), unsent: bool) -> EngineError {
        self.forget();
        let (at, asked) = (self.at().to_owned(), call.asked());
        if !unsent && let Some(said) = self.0.greeting.foreign() {
            return EngineError::NotHttp { at, said };
        }
        let (kind, why, obstacle) = deepest(error);
        if call.changes_something() && !unsent {
            return EngineError::Unsure { at, asked, why };
        }
        match obstacle {
            Some(obstacle) => EngineError::Barred { at, obstacle },
            None => EngineError::Unreachable { at, kind, why },
        }
    }
}

/// Reads JSON, or says what stands there instead.
pub(crate) fn json<'a, T: serde::Deserialize<'a>>(at: &str, call: &Call, text: &'a str) -> Result<T, EngineError> {
    serde_json::from_str(text).map_err(|error| EngineError::NotJson {
        at: at.to_owned(),
        asked: call.asked(),
        said: snippet(text),
        why: error.to_string(),
    })
}

/// The innermost cause, its kind if it is one of the operating system, and what stood in the way if that is known.
fn deepest(error: &(dyn std::error::Error + 'static)) -> (io::ErrorKind, String, Option<Obstacle>) {
    let mut kind = io::ErrorKind::Other;
    let mut cause = error;
    loop {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            kind = io.kind();
            if let Some(obstacle) = io.get_ref().and_then(|inner| inner.downcast_ref::<Obstacle>()) {
                let obstacle = obstacle.cleaned(crate::model::text::clean);
                return (kind, obstacle.to_string(), Some(obstacle));
            }
        }
        match cause.source() {
            Some(next) => cause = next,
            None => return (kind, crate::model::text::clean(&cause.to_string()), None),
        }
    }
}
