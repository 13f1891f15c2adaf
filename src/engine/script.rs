//! An engine for tests that answers what it is told to, over real HTTP on streams in memory.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

use super::Engine;
use crate::clock::FixedClock;
use crate::wire::{Dialer, SharedDialer, Wire};

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// What was asked: method and path with query, and the body.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub line: String,
    pub body: String,
}

/// What is answered.
pub(super) enum Reply {
    /// Status and text.
    Text(u16, String),
    /// Status 200, then bytes as they come; the stream ends when the sender is dropped.
    Stream(mpsc::Receiver<Bytes>),
    /// Status 200 and the beginning of a body, then nothing for ever.
    StallAfter(&'static str),
    /// Status 200 and the beginning of a body, then the line breaks.
    BreakAfter(&'static str),
    /// Nothing for ever.
    Silence,
}

impl Reply {
    pub(super) fn ok(text: impl Into<String>) -> Self {
        Reply::Text(200, text.into())
    }

    pub(super) fn refuse(status: u16, message: &str) -> Self {
        Reply::Text(status, serde_json::json!({ "message": message }).to_string())
    }
}

type Answer = dyn Fn(&Asked) -> Reply + Send + Sync;

/// The engine.
pub(super) struct Script {
    answer: Arc<Answer>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Script {
    /// One that answers by this; `/version`, `/info` and `/_ping` only where this gives nothing.
    pub(super) fn new(answer: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static) -> Arc<Self> {
        let answer = move |asked: &Asked| answer(asked).unwrap_or_else(|| usual(asked));
        Arc::new(Self { answer: Arc::new(answer), asked: Arc::default() })
    }

    /// A client of it.
    pub(super) fn engine(self: &Arc<Self>) -> Engine {
        Engine::new(self.dialer(), Arc::new(FixedClock(jiff::Timestamp::UNIX_EPOCH)))
    }

    /// The way to it.
    pub(super) fn dialer(self: &Arc<Self>) -> SharedDialer {
        Arc::new(Door(Arc::clone(self)))
    }

    /// All that was asked so far, as `GET /v1.45/services?…`.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|asked| asked.line.clone()).collect()
    }

    /// The bodies that were sent.
    pub(super) fn bodies(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|asked| asked.body.clone()).filter(|body| !body.is_empty()).collect()
    }
}

fn usual(asked: &Asked) -> Reply {
    let path = asked.line.split([' ', '?']).nth(1).unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    match last {
        "version" => Reply::ok(r#"{"Version":"26.1.5","ApiVersion":"1.45","MinAPIVersion":"1.24"}"#),
        "info" => Reply::ok(
            r#"{"Name":"m1","Swarm":{"LocalNodeState":"active","ControlAvailable":true,"Cluster":{"ID":"c1"}}}"#,
        ),
        "_ping" => Reply::ok("OK"),
        "nodes" | "services" | "tasks" | "networks" => Reply::ok("[]"),
        _ => Reply::refuse(404, "page not found"),
    }
}

struct Door(Arc<Script>);

impl Dialer for Door {
    fn dial(&self) -> BoxFuture<'_, io::Result<Box<dyn Wire>>> {
        let (here, there) = tokio::io::duplex(64 << 10);
        let script = Arc::clone(&self.0);
        tokio::spawn(async move {
            let service = service_fn(move |request| serve(Arc::clone(&script), request));
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(there), service).await;
        });
        Box::pin(async move { Ok(Box::new(here) as Box<dyn Wire>) })
    }

    fn name(&self) -> String {
        "script".into()
    }
}

async fn serve(script: Arc<Script>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let line = format!("{} {}", request.method(), request.uri());
    let body = String::from_utf8(request.into_body().collect().await.unwrap().to_bytes().into()).unwrap();
    let asked = Asked { line, body };
    script.asked.lock().unwrap().push(asked.clone());
    let (status, body) = match (script.answer)(&asked) {
        Reply::Text(status, text) => (status, Full::from(text).map_err(|never| match never {}).boxed_unsync()),
        Reply::Stream(receiver) => {
            let parts =
                stream::unfold(receiver, |mut receiver| async { receiver.recv().await.map(|part| (part, receiver)) });
            (200, StreamBody::new(parts.map(|part| Ok(Frame::data(part)))).boxed_unsync())
        }
        Reply::StallAfter(text) => {
            let parts = stream::iter([Ok(Frame::data(Bytes::from(text)))]).chain(stream::pending());
            (200, StreamBody::new(parts).boxed_unsync())
        }
        Reply::BreakAfter(text) => {
            let parts = [Ok(Frame::data(Bytes::from(text))), Err(io::Error::other("broken"))];
            (200, StreamBody::new(stream::iter(parts)).boxed_unsync())
        }
        Reply::Silence => std::future::pending().await,
    };
    Ok(Response::builder().status(status).body(body).unwrap())
}

/// Something that is no engine: it says this to whoever comes, and hears nothing.
pub(super) struct Stranger(pub &'static str);

impl Dialer for Stranger {
    fn dial(&self) -> BoxFuture<'_, io::Result<Box<dyn Wire>>> {
        Box::pin(async {
            let (here, mut there) = tokio::io::duplex(4096);
            let said = self.0;
            tokio::spawn(async move {
                let mut heard = [0; 1024];
                let _ = there.write_all(said.as_bytes()).await;
                let _ = there.read(&mut heard).await;
            });
            Ok(Box::new(here) as Box<dyn Wire>)
        })
    }

    fn name(&self) -> String {
        "stranger".into()
    }
}

/// A door that opens after this time; the operator may be asked meanwhile.
pub(super) struct Slow {
    pub door: SharedDialer,
    pub takes: Duration,
    pub asks: bool,
}

impl Dialer for Slow {
    fn dial(&self) -> BoxFuture<'_, io::Result<Box<dyn Wire>>> {
        Box::pin(async move {
            tokio::time::sleep(self.takes).await;
            self.door.dial().await
        })
    }

    fn is_asking(&self) -> bool {
        self.asks
    }

    fn name(&self) -> String {
        "slow".into()
    }
}

/// A door that leads nowhere.
pub(super) struct Nowhere(pub io::ErrorKind);

impl Dialer for Nowhere {
    fn dial(&self) -> BoxFuture<'_, io::Result<Box<dyn Wire>>> {
        let kind = self.0;
        Box::pin(async move {
            if kind == io::ErrorKind::WouldBlock {
                tokio::time::sleep(Duration::from_secs(3600)).await;
            }
            Err(kind.into())
        })
    }

    fn name(&self) -> String {
        "nowhere".into()
    }
}
