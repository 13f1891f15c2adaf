//! One question over HTTP and its answer: bounded in time and in size, led nowhere else. What was sent stands in no
//! error: a header or a body may hold a secret.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, LOCATION};
use hyper_util::rt::TokioIo;
use tokio_util::task::AbortOnDropHandle;
use zeroize::Zeroizing;

use super::Address;
use crate::diag::Diagnostic;
use crate::model::text::clean;
use crate::wire::{Endpoint, Obstacle, SharedDialer, Tls};

/// How long a question may take with all that belongs to it.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much of an answer is read.
const MOST: usize = 4 << 20;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nobody is there, or the line broke.
    #[error("{0}")]
    Unreachable(String),
    /// The connection could not be secured: what is wrong, and in whose words.
    #[error("{0}")]
    Insecure(String, String),
    /// It took too long.
    #[error("no answer within {0:?}")]
    Late(Duration),
    /// The answer is larger than anything that was asked for.
    #[error("the answer has more than {MOST} bytes")]
    TooLarge,
    /// It wants to lead elsewhere.
    #[error("it leads on to {0}, and a secret is not carried there")]
    Redirected(String),
    /// It speaks no HTTP, or what was to be sent cannot be.
    #[error("{0}")]
    Foreign(String),
}

impl Trouble {
    /// As a fault of this program at this address; the mend is this unless the trouble has one of its own.
    #[must_use]
    pub fn fault(&self, what: &str, at: &Address, mend: &str) -> Diagnostic {
        let fault = |mend| Diagnostic::new(what, mend).at(at.to_string()).because(self.to_string());
        match self {
            Trouble::Insecure(_, why) => fault(
                "look at its url and at the name in its certificate; a CA of your own is named under `ca` in \
                 quarterdeck.yaml",
            )
            .because(why.as_str()),
            _ => fault(mend),
        }
    }
}

/// What is asked. It shows neither its headers nor its body.
#[derive(Clone)]
pub struct Request {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, Zeroizing<String>)>,
    body: Zeroizing<String>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path.split('?').next().unwrap_or_default())
    }
}

impl Request {
    /// A question by this method about this path, which may have a query without secrets.
    #[must_use]
    pub fn new(method: &'static str, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: Zeroizing::default() }
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, Zeroizing::new(value.into())));
        self
    }

    /// With a body of this kind.
    #[must_use]
    pub fn body(mut self, kind: &'static str, body: Zeroizing<String>) -> Self {
        self.body = body;
        self.header(CONTENT_TYPE.as_str(), kind)
    }
}

/// What came back, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// All of it.
    pub body: String,
}

impl Answer {
    /// It is one of success.
    #[must_use]
    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// As JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// One program outside. Each question has a connection of its own.
#[derive(Clone)]
pub struct Client {
    address: Address,
    dialer: SharedDialer,
    patience: Duration,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.address)
    }
}

impl Client {
    /// A client; nothing is opened yet. An address by TLS counts only with what judges its certificate.
    ///
    /// # Errors
    /// If there is nothing to judge the certificate by.
    pub fn new(address: Address, tls: Option<&Tls>) -> Result<Self, Trouble> {
        let endpoint = Endpoint::Tcp { host: address.host.clone(), port: address.port };
        let tls = match (address.tls, tls) {
            (true, None) => return Err(Trouble::Foreign("nothing judges its certificate".to_owned())),
            (true, tls) => tls,
            (false, _) => None,
        };
        let nowhere = || Trouble::Foreign("no way leads there".to_owned());
        let dialer = endpoint.dialer(tls).ok_or_else(nowhere)?;
        Ok(Self { address, dialer, patience: PATIENCE })
    }

    /// As [`Client::new`], over this dialer.
    #[must_use]
    pub fn over(address: Address, dialer: SharedDialer) -> Self {
        Self { address, dialer, patience: PATIENCE }
    }

    /// The same, with another patience.
    #[must_use]
    pub fn patient(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Where it leads.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Asks.
    ///
    /// # Errors
    /// If there is no answer that can be read. A refusal is an answer.
    pub async fn ask(&self, request: Request) -> Result<Answer, Trouble> {
        let asking = self.asked(request);
        tokio::time::timeout(self.patience, asking).await.unwrap_or(Err(Trouble::Late(self.patience)))
    }

    async fn asked(&self, request: Request) -> Result<Answer, Trouble> {
        let wire = self.dialer.dial().await.map_err(|error| unreachable(&error))?;
        let (mut sender, line) = http1::handshake(TokioIo::new(wire)).await.map_err(foreign)?;
        let _line = AbortOnDropHandle::new(tokio::spawn(line));
        let answer = sender.send_request(self.written(request)?).await.map_err(foreign)?;
        let status = answer.status();
        if status.is_redirection() {
            let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("another place");
            return Err(Trouble::Redirected(clean(to.split(['?', '#']).next().unwrap_or_default())));
        }
        let body = Limited::new(answer.into_body(), MOST).collect().await;
        let body = body.map_err(|error| match error.downcast_ref::<http_body_util::LengthLimitError>() {
            Some(_) => Trouble::TooLarge,
            None => Trouble::Unreachable(clean(&error.to_string())),
        })?;
        Ok(Answer { status: status.as_u16(), body: String::from_utf8_lossy(&body.to_bytes()).into_owned() })
    }

    fn written(&self, request: Request) -> Result<hyper::Request<Full<Bytes>>, Trouble> {
        let path = format!("{}{}", self.address.path, request.path);
        let mut written = hyper::Request::builder()
            .method(request.method)
            .uri(if path.is_empty() { "/" } else { &path })
            .header(HOST, self.address.authority());
        for (name, value) in &request.headers {
            // The value may be a secret, and what is wrong with it would be told with it.
            let bad = |_| Trouble::Foreign(format!("what is to be sent as {name} has a character that cannot be"));
            let mut value = hyper::header::HeaderValue::from_str(value).map_err(bad)?;
            value.set_sensitive(true);
            written = written.header(*name, value);
        }
        let body = Full::new(Bytes::copy_from_slice(request.body.as_bytes()));
        written.body(body).map_err(|_| Trouble::Foreign("the path cannot be asked for".to_owned()))
    }
}

fn unreachable(error: &io::Error) -> Trouble {
    // What it would have an operator do is said of engines, and is another thing here.
    if let Some(obstacle) = error.get_ref().and_then(|inner| inner.downcast_ref::<Obstacle>()) {
        return Trouble::Insecure(clean(&obstacle.what), clean(&obstacle.why));
    }
    Trouble::Unreachable(clean(&error.to_string()))
}

fn foreign(error: hyper::Error) -> Trouble {
    if error.is_parse() {
        return Trouble::Foreign("what answers there speaks no HTTP".to_owned());
    }
    let error: Arc<dyn std::error::Error> = Arc::new(error);
    let cause = error.source().map(ToString::to_string);
    Trouble::Unreachable(clean(&cause.unwrap_or_else(|| error.to_string())))
}
