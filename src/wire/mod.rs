//! How the world is reached: a byte stream from a dialer, and nothing about what flows on it.
//! A socket, TCP, a tunnel and the simulator are the same thing to all rooms above.

mod local;
mod obstacle;
mod tls;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite};

pub use local::LocalDialer;
pub use obstacle::Obstacle;
pub use tls::{Material, MaterialError, Pem, Tls, TlsDialer};

/// A byte stream in both directions.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// Opens a new stream to one engine, as often as asked.
pub trait Dialer: Send + Sync + 'static {
    /// Opens one stream. May take as long as the network does: callers set the time-out.
    fn dial(&self) -> BoxFuture<'_, io::Result<Box<dyn Wire>>>;

    /// The operator is asked something on the way: the time until the answer is not the network's.
    fn is_asking(&self) -> bool {
        false
    }

    /// Where this leads, in the words a user would type after `--host`.
    fn name(&self) -> String;
}

impl dyn Dialer {
    /// Waits for something that depends on this way, for so long and for as long as the operator is asked. None: late.
    pub async fn within<T>(&self, patience: Duration, what: impl Future<Output = T>) -> Option<T> {
        let mut what = std::pin::pin!(what);
        loop {
            match tokio::time::timeout(patience, &mut what).await {
                Ok(done) => return Some(done),
                Err(_) if self.is_asking() => {}
                Err(_) => return None,
            }
        }
    }
}

/// A dialer that can be handed round.
pub type SharedDialer = Arc<dyn Dialer>;

/// An address of an engine, as written after `--host` or in `DOCKER_HOST`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A socket file on this machine.
    Unix(PathBuf),
    /// Host and port.
    Tcp {
        /// Name or address, without brackets.
        host: String,
        /// Port; unless stated 2376 with TLS and 2375 without.
        port: u16,
    },
    /// An engine behind SSH.
    Ssh {
        /// The whole URL, for those who open it.
        text: String,
    },
}

/// Why an address could not be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EndpointError {
    /// The part before `://` is none that we know.
    #[error("{0:?} has no scheme that is known here")]
    Scheme(String),
    /// A part is missing or not a number.
    #[error("{address:?} is incomplete: {why}")]
    Incomplete {
        /// What was given.
        address: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Unix(path) => write!(f, "unix://{}", path.display()),
            Endpoint::Tcp { host, port } if host.contains(':') => write!(f, "tcp://[{host}]:{port}"),
            Endpoint::Tcp { host, port } => write!(f, "tcp://{host}:{port}"),
            Endpoint::Ssh { text } => f.write_str(text),
        }
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::read(text, false)
    }
}

impl Endpoint {
    /// Reads an address that will be spoken to with TLS or without, which decides the port that is not stated.
    ///
    /// # Errors
    /// If the scheme is unknown or a part is missing.
    pub fn read(text: &str, tls: bool) -> Result<Self, EndpointError> {
        let incomplete = |why| EndpointError::Incomplete { address: text.to_owned(), why };
        if let Some(path) = text.strip_prefix("unix://") {
            if path.is_empty() {
                return Err(incomplete("no path after unix://"));
            }
            return Ok(Endpoint::Unix(path.into()));
        }
        if let Some(rest) = text.strip_prefix("ssh://") {
            if rest.trim_matches('/').is_empty() {
                return Err(incomplete("no host"));
            }
            return Ok(Endpoint::Ssh { text: text.to_owned() });
        }
        let Some(rest) = text.strip_prefix("tcp://") else {
            return Err(EndpointError::Scheme(text.to_owned()));
        };
        let rest = rest.trim_end_matches('/');
        let (host, port) = match rest.strip_prefix('[') {
            Some(six) => {
                let (host, after) = six.split_once(']').ok_or_else(|| incomplete("no closing bracket"))?;
                (host, after.strip_prefix(':'))
            }
            None => match rest.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            },
        };
        if host.is_empty() {
            return Err(incomplete("no host"));
        }
        let port = match port {
            Some(port) => port.parse().map_err(|_| incomplete("the port is no number from 0 to 65535"))?,
            None if tls => 2376,
            None => 2375,
        };
        Ok(Endpoint::Tcp { host: host.to_owned(), port })
    }

    /// The dialer that opens streams to this address; TLS counts for TCP alone. None where SSH has to open it.
    #[must_use]
    pub fn dialer(&self, tls: Option<&Tls>) -> Option<SharedDialer> {
        match (self, tls) {
            (Endpoint::Ssh { .. }, _) => None,
            (Endpoint::Tcp { host, port }, Some(tls)) => Some(Arc::new(TlsDialer::new(host, *port, tls.clone()))),
            _ => Some(Arc::new(LocalDialer::new(self.clone()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_back_the_same() {
        for address in ["unix:///var/run/docker.sock", "tcp://10.0.0.1:2375", "tcp://[::1]:2376"] {
            assert_eq!(address.parse::<Endpoint>().unwrap().to_string(), address);
        }
        assert_eq!("tcp://ching".parse::<Endpoint>().unwrap().to_string(), "tcp://ching:2375");
        assert_eq!(Endpoint::read("tcp://ching/", true).unwrap().to_string(), "tcp://ching:2376");
        let ssh: Endpoint = "ssh://deploy@192.0.2.11:2222".parse().unwrap();
        assert!(ssh.to_string() == "ssh://deploy@192.0.2.11:2222" && ssh.dialer(None).is_none());
    }

    #[test]
    fn a_bad_address_says_what_is_wrong_with_it() {
        for (address, said) in [
            ("ftp://x", "has no scheme"),
            ("unix://", "no path"),
            ("tcp://", "no host"),
            ("ssh:///", "no host"),
            ("tcp://x:eighty", "no number"),
            ("tcp://[::1", "no closing bracket"),
        ] {
            let error = address.parse::<Endpoint>().unwrap_err().to_string();
            assert!(error.contains(said), "{address}: {error}");
        }
    }
}
