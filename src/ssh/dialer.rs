//! The way to the engine of a host: its socket through the connection, and where that is not allowed, the docker
//! command on the host as a carrier. What worked is remembered as long as the connection stands.

use std::io;
use std::sync::{Arc, PoisonError};

use futures_util::future::BoxFuture;

use super::channel::Use;
use super::command::Command;
use super::connection::{Connection, To, Unopened};
use super::error::SshError;
use super::host::Host;
use super::sudo;
use super::target::Target;
use crate::diag::Explain;
use crate::wire::{Dialer, Obstacle, Wire};

/// A way to a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// sshd opens it.
    Socket,
    /// `docker system dial-stdio`.
    Carrier,
    /// The same as root.
    RootCarrier,
}

/// The error with its mend, for those above who know no SSH.
fn told(error: &SshError) -> io::Error {
    let fault = error.explain();
    Obstacle::new(fault.what, fault.why.join("; "), fault.mend).into()
}

/// Opens streams to the engine of one host.
pub struct HostDialer {
    host: Arc<Host>,
    socket: String,
    name: String,
}

impl HostDialer {
    pub fn new(host: Arc<Host>, socket: &str) -> Self {
        let name = Target { socket_path: socket.to_owned(), ..host.target().clone() }.to_string();
        Self { host, socket: socket.to_owned(), name }
    }

    async fn open(&self) -> Result<Box<dyn Wire>, SshError> {
        let connection = self.host.connection(Vec::new()).await?;
        let known = connection.ways.lock().unwrap_or_else(PoisonError::into_inner).get(&self.socket).copied();
        match known {
            Some(Way::Socket) | None => match connection.tunnel(To::Socket(self.socket.clone())).await {
                Ok(ends) => {
                    self.remember(&connection, Way::Socket);
                    Ok(Box::new(ends.tunnel()))
                }
                Err(lost @ Unopened::Lost(_)) => Err(self.host.unopened(lost, "")),
                Err(Unopened::Refused(why)) => {
                    let way = self.find(why).await?;
                    self.remember(&connection, way);
                    self.carry(way).await
                }
            },
            Some(way) => self.carry(way).await,
        }
    }

    fn remember(&self, connection: &Connection, way: Way) {
        connection.ways.lock().unwrap_or_else(PoisonError::into_inner).insert(self.socket.clone(), way);
    }

    fn carrier(&self) -> Command {
        Command::new("docker").args(["-H", &format!("unix://{}", self.socket), "system", "dial-stdio"])
    }

    async fn carry(&self, way: Way) -> Result<Box<dyn Wire>, SshError> {
        let running = match way {
            Way::RootCarrier => sudo::spawn(&self.host, &self.carrier().sudo(), Use::Carrier).await?,
            Way::Socket | Way::Carrier => self.host.spawn_line(&self.carrier().line_after(&[]), Use::Carrier).await?,
        };
        Ok(Box::new(running.ends.tunnel()))
    }

    /// Finds another way than the socket itself, which was refused, or says why there is none.
    async fn find(&self, refused: String) -> Result<Way, SshError> {
        let mut why = vec![format!(
            "the socket {}: {refused}: it is not there, or this user may not open it, or sshd says \
             AllowStreamLocalForwarding no",
            self.socket
        )];
        for way in [Way::Carrier, Way::RootCarrier] {
            // With nothing to carry it ends at once, and well if the engine has answered.
            let command = if way == Way::RootCarrier { self.carrier().sudo() } else { self.carrier() };
            let said = match self.host.run(&command).await {
                Ok(output) if output.is_ok() => return Ok(way),
                Ok(output) => format!("{}: {}", output.exit, output.complaint()),
                Err(error @ (SshError::Sudo { .. } | SshError::TimedOut { .. })) => {
                    crate::diag::Explain::explain(&error).line()
                }
                Err(error) => return Err(error),
            };
            let root = if way == Way::RootCarrier { "as root, " } else { "" };
            let helps_root = said.contains("permission denied");
            why.push(format!("{root}docker system dial-stdio {said}"));
            if !helps_root {
                break;
            }
        }
        let what = "a way to its engine".to_owned();
        Err(SshError::NoChannel { host: self.host.name(), what, why })
    }
}

impl Dialer for HostDialer {
    fn dial(&self) -> BoxFuture<'_, io::Result<Box<dyn Wire>>> {
        Box::pin(async move { self.open().await.map_err(|error| told(&error)) })
    }

    fn is_asking(&self) -> bool {
        self.host.is_asking(&self.socket)
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}
