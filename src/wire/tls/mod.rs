//! TLS over TCP, with a certificate of our own where the engine wants one. What goes wrong is told as an [`Obstacle`].
//! It must never let a key into an error.

mod fault;
mod material;
mod trust;

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::{Dialer, Endpoint, Wire};

pub use material::{Material, MaterialError, Pem};

/// How a server is judged and who we say we are. Cheap to clone.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ClientConfig>,
    /// A certificate of our own is shown.
    known: bool,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("known", &self.known).finish_non_exhaustive()
    }
}

impl Tls {
    /// From what the files say.
    ///
    /// # Errors
    /// If a file is not what it should be: which one, and what to do.
    pub fn new(material: &Material) -> Result<Self, MaterialError> {
        let config = Arc::new(trust::config(material)?);
        Ok(Self { config, known: material.identity.is_some() })
    }
}

/// Opens encrypted streams to one TCP address.
#[derive(Debug)]
pub struct TlsDialer {
    host: String,
    port: u16,
    tls: Tls,
}

impl TlsDialer {
    /// A dialer to this address; nothing is opened yet.
    #[must_use]
    pub fn new(host: &str, port: u16, tls: Tls) -> Self {
        Self { host: host.to_owned(), port, tls }
    }
}

impl Dialer for TlsDialer {
    fn dial(&self) -> BoxFuture<'_, io::Result<Box<dyn Wire>>> {
        Box::pin(async move {
            let name = ServerName::try_from(self.host.clone()).map_err(|_| {
                io::Error::new(io::ErrorKind::InvalidInput, "this is no name that a certificate can have")
            })?;
            let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
            stream.set_nodelay(true)?;
            let connector = tokio_rustls::TlsConnector::from(Arc::clone(&self.tls.config));
            let stream = connector.connect(name, stream).await.map_err(|error| fault::told(error, self.tls.known))?;
            Ok(Box::new(Secured { stream, known: self.tls.known }) as Box<dyn Wire>)
        })
    }

    fn name(&self) -> String {
        Endpoint::Tcp { host: self.host.clone(), port: self.port }.to_string()
    }
}

/// A stream whose errors are told as what they are: a server may refuse our certificate only when it is first read from.
struct Secured {
    stream: TlsStream<TcpStream>,
    known: bool,
}

impl AsyncRead for Secured {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let known = self.known;
        Pin::new(&mut self.stream).poll_read(cx, buf).map_err(|error| fault::told(error, known))
    }
}

impl AsyncWrite for Secured {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let known = self.known;
        Pin::new(&mut self.stream).poll_write(cx, buf).map_err(|error| fault::told(error, known))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
