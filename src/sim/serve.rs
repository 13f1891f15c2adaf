//! The ways to the simulator: streams in memory, a socket file, TCP. One hyper connection each.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};

use super::{Door, Sim, http};
use crate::wire::{Dialer, SharedDialer, Wire};

/// Bytes a stream in memory holds before the writer waits.
const PIPE: usize = 64 * 1024;

struct SimDialer {
    sim: Sim,
    node: String,
}

impl Dialer for SimDialer {
    fn dial(&self) -> BoxFuture<'_, io::Result<Box<dyn Wire>>> {
        Box::pin(async move {
            if self.sim.0.stop.is_cancelled() || !self.sim.is_up(&self.node) {
                let why = format!("{} does not answer", self.name());
                return Err(io::Error::new(io::ErrorKind::ConnectionRefused, why));
            }
            let (ours, theirs) = tokio::io::duplex(PIPE);
            self.sim.receive(ours, &self.node);
            Ok(Box::new(theirs) as Box<dyn Wire>)
        })
    }

    fn name(&self) -> String {
        format!("sim://{}", self.node)
    }
}

/// Removes the socket file when the listener is gone.
struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Nobody is left who could be told that the file is gone already.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Sim {
    /// A dialer to the first manager.
    #[must_use]
    pub fn dialer(&self) -> SharedDialer {
        self.dialer_to(&self.first_manager())
    }

    /// A dialer to one node: what it answers is what that node knows, and while it is down it refuses.
    #[must_use]
    pub fn dialer_to(&self, hostname: &str) -> SharedDialer {
        Arc::new(SimDialer { sim: self.clone(), node: hostname.to_owned() })
    }

    fn first_manager(&self) -> String {
        self.look(|s| {
            let managers = s.world.nodes.values().filter(|n| n.is_manager());
            managers.min_by_key(|n| n.created).map(|n| n.hostname.clone()).unwrap_or_default()
        })
    }

    fn is_up(&self, node: &str) -> bool {
        let up = |s: &mut super::State| s.world.nodes.values().any(|n| n.hostname == node && n.up);
        self.look(|s| s.doors.of(node) != Door::Shut && up(s))
    }

    fn is_silent(&self, node: &str) -> bool {
        self.look(|s| s.doors.of(node) == Door::Silent)
    }

    async fn until(&self, holds: impl Fn(&Sim) -> bool) {
        let mut pulse = self.pulse();
        while !holds(self) {
            if pulse.changed().await.is_err() {
                return;
            }
        }
    }

    /// Serves one stream that leads to this node, until either side ends it or the node dies.
    fn receive(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, node: &str) {
        let (sim, node) = (self.clone(), node.to_owned());
        self.0.tasks.spawn(async move {
            let (answering, door) = (sim.clone(), node.clone());
            let answer = service_fn(move |request| http::answer(answering.clone(), door.clone(), request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).with_upgrades();
            let mut connection = std::pin::pin!(connection);
            loop {
                tokio::select! {
                    biased;
                    () = sim.0.stop.cancelled() => return,
                    () = sim.until(|sim| !sim.is_up(&node)) => return,
                    // While nobody polls the connection, nothing on it is read or written.
                    () = sim.until(|sim| sim.is_silent(&node)) => {}
                    end = &mut connection => {
                        if let Err(error) = end {
                            tracing::trace!(%error, "a connection to the simulator ended");
                        }
                        return;
                    }
                }
                tokio::select! {
                    biased;
                    () = sim.0.stop.cancelled() => return,
                    () = sim.until(|sim| !sim.is_silent(&node)) => {}
                }
            }
        });
    }

    /// Serves on a socket file until [`Sim::stop`]. An old file at that place is replaced if it is a socket.
    ///
    /// # Errors
    /// If the socket cannot be made there.
    pub fn serve_unix(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.serve_unix_as(&self.first_manager(), path)
    }

    /// As [`Sim::serve_unix`], as one node: what it answers is what that node knows.
    ///
    /// # Errors
    /// If the socket cannot be made there.
    pub fn serve_unix_as(&self, hostname: &str, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref();
        if is_socket(path) {
            std::fs::remove_file(path)?;
        }
        let listener = UnixListener::bind(path)?;
        let file = SocketFile(path.to_owned());
        self.receive_all(hostname.to_owned(), move |cx| {
            let _held = &file;
            listener.poll_accept(cx).map_ok(|(stream, _)| stream)
        });
        Ok(())
    }

    /// Serves on a TCP address until [`Sim::stop`]; gives the address, so that port 0 can be asked for.
    ///
    /// # Errors
    /// If the address cannot be listened on.
    pub async fn serve_tcp(&self, address: SocketAddr) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind(address).await?;
        let local = listener.local_addr()?;
        self.receive_all(self.first_manager(), move |cx| listener.poll_accept(cx).map_ok(|(stream, _)| stream));
        Ok(local)
    }

    /// Receives whoever comes by this way, until [`Sim::stop`].
    fn receive_all<S>(
        &self,
        node: String,
        mut accept: impl FnMut(&mut Context<'_>) -> Poll<io::Result<S>> + Send + 'static,
    ) where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let sim = self.clone();
        self.0.tasks.spawn(async move {
            loop {
                tokio::select! {
                    biased;
                    () = sim.0.stop.cancelled() => return,
                    got = poll_fn(&mut accept) => match got {
                        Ok(stream) => sim.receive(stream, &node),
                        // Out of files, mostly: the next try waits until some may be free again.
                        Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                    },
                }
            }
        });
    }
}

fn is_socket(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    std::fs::symlink_metadata(path).is_ok_and(|m| m.file_type().is_socket())
}
