//! A socket file or TCP from this machine: the two ways that need no other program.

use std::io;

use futures_util::future::BoxFuture;
use tokio::net::{TcpStream, UnixStream};

use super::{Dialer, Endpoint, Wire};

/// Opens streams to a socket file or a TCP address.
#[derive(Debug)]
pub struct LocalDialer {
    to: Endpoint,
}

impl LocalDialer {
    /// A dialer to this address; nothing is opened yet.
    #[must_use]
    pub fn new(to: Endpoint) -> Self {
        Self { to }
    }
}

impl Dialer for LocalDialer {
    fn dial(&self) -> BoxFuture<'_, io::Result<Box<dyn Wire>>> {
        Box::pin(async move {
            Ok(match &self.to {
                Endpoint::Unix(path) => Box::new(UnixStream::connect(path).await?) as Box<dyn Wire>,
                Endpoint::Tcp { host, port } => {
                    let stream = TcpStream::connect((host.as_str(), *port)).await?;
                    stream.set_nodelay(true)?;
                    Box::new(stream)
                }
                Endpoint::Ssh { .. } => {
                    return Err(io::Error::new(
                        io::ErrorKind::Unsupported,
                        "another room opens what leads through SSH",
                    ));
                }
            })
        })
    }

    fn name(&self) -> String {
        self.to.to_string()
    }
}
