//! HTTP with one socket and nothing in between: status, headers and body as the engine sent them.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::UnixStream;

/// How long one answer, or the next piece of a stream, is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A socket that an engine listens at.
#[derive(Debug, Clone)]
pub struct Client(pub PathBuf);

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub json: Value,
}

/// A body that is still being sent.
pub struct Stream {
    pub headers: HeaderMap,
    body: Incoming,
    /// What was read and not taken yet.
    pub read: Vec<u8>,
}

impl Client {
    async fn send(&self, method: &str, path: &str, kind: Option<&str>, body: Bytes) -> Response<Incoming> {
        let stream = UnixStream::connect(&self.0).await.unwrap_or_else(|why| panic!("{}: {why}", self.0.display()));
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a handshake");
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header("Host", "docker");
        if let Some(kind) = kind {
            request = request.header("Content-Type", kind);
        }
        let request = request.body(Full::new(body)).expect("a request");
        let answer = tokio::time::timeout(PATIENCE, sender.send_request(request)).await;
        answer.unwrap_or_else(|_| panic!("{method} {path}: no answer")).expect("an answer")
    }

    /// Asks, whatever the words.
    pub async fn ask(&self, method: &str, path: &str, kind: Option<&str>, body: impl Into<Bytes>) -> Answer {
        let response = self.send(method, path, kind, body.into()).await;
        let (parts, body) = response.into_parts();
        let whole = tokio::time::timeout(PATIENCE, body.collect()).await.expect("a whole body").expect("a body");
        let text = String::from_utf8_lossy(&whole.to_bytes()).into_owned();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status: parts.status.as_u16(), headers: parts.headers, text, json }
    }

    /// Asks for what goes on and on.
    pub async fn stream(&self, path: &str) -> Stream {
        let (parts, body) = self.send("GET", path, None, Bytes::new()).await.into_parts();
        assert_eq!(parts.status.as_u16(), 200, "{path}");
        Stream { headers: parts.headers, body, read: Vec::new() }
    }
}

impl Answer {
    /// The refusal's words.
    pub fn message(&self) -> &str {
        self.json["message"].as_str().unwrap_or_default()
    }

    /// One header; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Refused with this code and in these words.
    #[track_caller]
    pub fn is_refused(&self, status: u16, words: &str) {
        assert_eq!((self.status, self.message()), (status, words), "{}", self.text);
    }

    /// Granted, with this code.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
}

impl Stream {
    /// Reads on; false at the end.
    pub async fn more(&mut self) -> bool {
        let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await.expect("the stream goes on");
        match frame {
            Some(frame) => {
                self.read.extend_from_slice(frame.expect("a piece").data_ref().map_or(&[], |data| data));
                true
            }
            None => false,
        }
    }

    /// The next line as JSON.
    pub async fn line(&mut self) -> Value {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                return serde_json::from_slice(&line).expect("a line of JSON");
            }
            assert!(self.more().await, "the stream ended");
        }
    }
}
