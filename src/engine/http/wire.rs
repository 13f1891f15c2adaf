//! From a dialer to a pool of HTTP connections. It remembers the first bytes that the other side said,
//! for the day when they are no HTTP. It must never decide what to ask.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::Uri;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::wire::{SharedDialer, Wire};

/// How much of a greeting is kept.
const GREETING: usize = 160;
/// How long an unused connection is kept.
const IDLE: Duration = Duration::from_secs(60);
/// How many unused connections are kept.
const IDLE_MOST: usize = 6;

/// The body of any request, ours and bollard's.
pub(super) type Body = UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;
/// Connections to one engine, kept and reused.
pub(super) type Pool = Client<Connector, Body>;

/// The first bytes of the newest connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Greeting(Arc<Mutex<Vec<u8>>>);

impl Greeting {
    fn begin(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Keeps what still fits; false once it is full.
    fn hear(&self, bytes: &[u8]) -> bool {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = GREETING.saturating_sub(heard.len());
        heard.extend(bytes.iter().take(room));
        heard.len() < GREETING
    }

    /// What was said, if it is no HTTP.
    pub(super) fn foreign(&self) -> Option<String> {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_http = b"HTTP/1.".iter().zip(heard.iter()).all(|(want, got)| want == got);
        // A TLS alert of the versions 1.0 and up, which is what a server that wants TLS says to plain words.
        if let [0x15, 3, _, 0, 2, ..] = heard.as_slice() {
            return Some("a TLS alert".to_owned());
        }
        (!is_http).then(|| super::answer::snippet(&String::from_utf8_lossy(&heard)))
    }
}

/// Opens connections by a dialer.
#[derive(Clone)]
pub(super) struct Connector {
    dialer: SharedDialer,
    greeting: Greeting,
    patience: Duration,
}

impl Connector {
    pub(super) fn new(dialer: SharedDialer, greeting: Greeting, patience: Duration) -> Self {
        Self { dialer, greeting, patience }
    }

    /// Waits for what goes over it, as long as allowed.
    pub(super) async fn within<T>(&self, patience: Duration, what: impl Future<Output = T>) -> Option<T> {
        self.dialer.within(patience, what).await
    }

    /// A pool with no connection in it yet.
    pub(super) fn pool(&self) -> Pool {
        Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_MOST)
            .build(self.clone())
    }
}

impl tower_service::Service<Uri> for Connector {
    type Response = TokioIo<Line>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let Self { dialer, greeting, patience } = self.clone();
        Box::pin(async move {
            let late = || io::Error::new(io::ErrorKind::TimedOut, "no connection within the time allowed");
            let wire = dialer.within(patience, dialer.dial()).await.ok_or_else(late)??;
            greeting.begin();
            Ok(TokioIo::new(Line { wire, greeting: Some(greeting) }))
        })
    }
}

/// A stream whose first bytes are remembered.
pub(super) struct Line {
    wire: Box<dyn Wire>,
    greeting: Option<Greeting>,
}

impl Connection for Line {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let ready = Pin::new(&mut self.wire).poll_read(cx, buf);
        if let Some(greeting) = &self.greeting {
            let goes_on = greeting.hear(buf.filled().get(before..).unwrap_or_default());
            if !goes_on {
                self.greeting = None;
            }
        }
        ready
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }
}
