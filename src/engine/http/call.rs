//! One request as it is asked, whoever will answer it, and the pieces of its path.

use std::time::Duration;

use bytes::Bytes;
use hyper::Method;

/// How long a request waits for the head of its answer, and then for each next part of it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How long a write waits: the engine may first ask a registry for the digest of an image.
pub(crate) const WRITE_PATIENCE: Duration = Duration::from_secs(30);

/// A request, without the version in its path.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub method: Method,
    pub path: String,
    pub body: Option<Bytes>,
    pub auth: Option<String>,
    pub patience: Duration,
    /// The stream itself is wanted, not an answer.
    pub hand_over: bool,
}

impl Call {
    pub(crate) fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), body: None, auth: None, patience: PATIENCE, hand_over: false }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// With this JSON.
    pub(crate) fn with(mut self, body: &serde_json::Value) -> Self {
        self.body = Some(body.to_string().into());
        self
    }

    /// With the credentials for the registry, as the engine wants them: JSON in URL-safe base64.
    pub(crate) fn authorised(mut self, auth: Option<&str>) -> Self {
        self.auth = auth.map(str::to_owned);
        self
    }

    /// Waits at most so long.
    pub(crate) fn within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The request in words, without the query.
    pub(crate) fn asked(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {}", self.method, crate::model::text::clean(path))
    }

    /// Not only a question.
    pub(crate) fn changes_something(&self) -> bool {
        self.method != Method::GET && self.method != Method::HEAD
    }
}

/// A piece of a path or a query, with all that is not a plain letter escaped.
pub(crate) fn escaped(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

/// A `filters=` query.
pub(crate) fn filters(filters: &serde_json::Value) -> String {
    format!("filters={}", escaped(&filters.to_string()))
}
