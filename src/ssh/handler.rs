//! Our side of a connection, as russh calls it: looks at the host's key, and lets the host open nothing here.

use std::sync::{Arc, Mutex, PoisonError};

use russh::client::{ChannelOpenHandle, DisconnectReason, Handler, Msg, Session};
use russh::keys::PublicKeyOrCertificate;
use russh::{Channel, client};
use tokio_util::sync::CancellationToken;

use super::error::SshError;
use super::host_key::{self, Finding};
use super::known_hosts::{Known, Name};
use crate::model::text::clean;

/// Why a connection did not come about or ended.
#[derive(Debug)]
pub enum Halt {
    /// The host's key.
    Key(Finding),
    /// A host on the way there.
    Hop(SshError),
    /// Anything else.
    Wire(russh::Error),
}

impl From<russh::Error> for Halt {
    fn from(error: russh::Error) -> Self {
        Halt::Wire(error)
    }
}

/// The end of a connection, as both sides of it see it.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    /// Cancelled when it has ended.
    pub over: CancellationToken,
    why: Arc<Mutex<Option<String>>>,
}

impl Ending {
    /// Why it ended; empty as long as it has not, or if nobody said.
    pub fn why(&self) -> String {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default()
    }

    pub(super) fn end(&self, why: String) {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
        self.over.cancel();
    }
}

/// Our side.
pub struct OurSide {
    pub(super) known: Known,
    pub(super) name: Name,
    pub(super) ending: Ending,
}

impl Drop for OurSide {
    fn drop(&mut self) {
        self.ending.end("the connection was closed".to_owned());
    }
}

type Done = Result<(), Halt>;

impl Handler for OurSide {
    type Error = Halt;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Halt> {
        host_key::look(&self.known, &self.name, shown).map(|()| true).map_err(Halt::Key)
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Halt>) -> Done {
        self.ending.end(match &reason {
            DisconnectReason::ReceivedDisconnect(said) => format!("the host said: {}", clean(&said.message)),
            DisconnectReason::Error(Halt::Wire(error)) => error.to_string(),
            DisconnectReason::Error(Halt::Key(_) | Halt::Hop(_)) => "the host has shown another key".to_owned(),
        });
        Ok(())
    }

    // What follows would let the host reach through us. A handle that is dropped refuses.

    async fn server_channel_open_forwarded_tcpip(
        &mut self,
        _channel: Channel<Msg>,
        _connected: &str,
        _connected_port: u32,
        _originator: &str,
        _originator_port: u32,
        _reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Done {
        Ok(())
    }

    async fn server_channel_open_forwarded_streamlocal(
        &mut self,
        _channel: Channel<Msg>,
        _socket: &str,
        _reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Done {
        Ok(())
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        _channel: Channel<Msg>,
        _reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Done {
        Ok(())
    }

    async fn server_channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        _reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Done {
        Ok(())
    }

    async fn server_channel_open_direct_tcpip(
        &mut self,
        _channel: Channel<Msg>,
        _host: &str,
        _port: u32,
        _originator: &str,
        _originator_port: u32,
        _reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Done {
        Ok(())
    }

    async fn server_channel_open_direct_streamlocal(
        &mut self,
        _channel: Channel<Msg>,
        _socket: &str,
        _reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Done {
        Ok(())
    }

    async fn server_channel_open_x11(
        &mut self,
        _channel: Channel<Msg>,
        _originator: &str,
        _originator_port: u32,
        _reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Done {
        Ok(())
    }
}

/// The connection as russh hands it out.
pub type Handle = client::Handle<OurSide>;
