//! A connection that stands: channels are opened on it until it ends. Never makes itself anew; that is the host's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use russh::client::Msg;
use russh::{Channel, Error};
use tokio::sync::oneshot;

use super::channel::{self, Ends, Use};
use super::dialer::Way;
use super::handler::{Ending, Handle};
use super::slots::{Slot, Slots};

/// How often a host may refuse the only command on a connection before it is believed: what was closed just now may
/// still hold its place.
const REFUSALS: u32 = 5;

/// A connection to one host.
pub struct Connection {
    handle: Handle,
    ending: Ending,
    slots: Slots,
    /// How each socket was reached before.
    pub(super) ways: Mutex<HashMap<String, Way>>,
}

/// Why a channel was not opened.
#[derive(Debug)]
pub enum Unopened {
    /// The host said no.
    Refused(String),
    /// The connection is gone.
    Lost(String),
}

/// Where a channel leads.
#[derive(Debug, Clone)]
pub enum To {
    /// A socket on the host.
    Socket(String),
    /// An address, seen from the host.
    Address(String, u16),
    /// A command or a shell.
    Session,
}

impl Connection {
    pub fn new(handle: Handle, ending: Ending) -> Arc<Self> {
        Arc::new(Self { handle, ending, slots: Slots::default(), ways: Mutex::default() })
    }

    /// It has ended.
    pub fn is_over(&self) -> bool {
        self.ending.over.is_cancelled() || self.handle.is_closed()
    }

    /// Ends it, politely.
    pub async fn close(&self) {
        let said = self.handle.disconnect(russh::Disconnect::ByApplication, "", "");
        let _ = tokio::time::timeout(Duration::from_secs(1), said).await;
    }

    /// Opens a stream to somewhere else.
    pub async fn tunnel(self: &Arc<Self>, to: To) -> Result<Ends, Unopened> {
        match self.open(to).await {
            Ok(channel) => Ok(channel::start(channel, Use::Tunnel, self.ending.clone(), None)),
            Err(error) => Err(self.unopened(&error)),
        }
    }

    /// Opens a channel for a command, when there is room for it. It empties itself only after [`Self::start`].
    pub async fn session(self: &Arc<Self>, spare: usize) -> Result<(Channel<Msg>, Slot), Unopened> {
        let mut refusals = 0;
        loop {
            let slot = tokio::select! {
                slot = self.slots.take(spare) => slot,
                () = self.ending.over.cancelled() => return Err(Unopened::Lost(self.ending.why())),
            };
            match self.open(To::Session).await {
                Ok(channel) => return Ok((channel, slot)),
                Err(error @ Error::ChannelOpenFailure(_)) => {
                    if !self.slots.refused(slot) {
                        refusals += 1;
                        if refusals > REFUSALS {
                            return Err(self.unopened(&error));
                        }
                        tokio::time::sleep(Duration::from_millis(100) * refusals).await;
                    }
                }
                Err(error) => return Err(self.unopened(&error)),
            }
        }
    }

    /// Starts emptying a channel on which a command was asked for.
    pub fn start(&self, channel: Channel<Msg>, use_: Use, slot: Slot) -> Ends {
        channel::start(channel, use_, self.ending.clone(), Some(slot))
    }

    /// Opens a channel in a task of its own: one that nobody waits for any more is closed, not forgotten.
    async fn open(self: &Arc<Self>, to: To) -> Result<Channel<Msg>, Error> {
        let me = Arc::clone(self);
        let (done, opened) = oneshot::channel();
        tokio::spawn(async move {
            let channel = match to {
                To::Socket(path) => me.handle.channel_open_direct_streamlocal(path).await,
                To::Address(host, port) => {
                    me.handle.channel_open_direct_tcpip(host, u32::from(port), "127.0.0.1", 0).await
                }
                To::Session => me.handle.channel_open_session().await,
            };
            if let Err(Ok(unwanted)) = done.send(channel) {
                let _ = unwanted.close().await;
            }
        });
        tokio::select! {
            channel = opened => channel.unwrap_or(Err(Error::Disconnect)),
            () = self.ending.over.cancelled() => Err(Error::Disconnect),
        }
    }

    fn unopened(&self, error: &Error) -> Unopened {
        match error {
            Error::ChannelOpenFailure(reason) => Unopened::Refused(match reason {
                russh::ChannelOpenFailure::AdministrativelyProhibited => "it is not allowed".to_owned(),
                russh::ChannelOpenFailure::ConnectFailed => "the host could not open it".to_owned(),
                russh::ChannelOpenFailure::UnknownChannelType => "the host does not know how".to_owned(),
                russh::ChannelOpenFailure::ResourceShortage => "the host has no room for it".to_owned(),
                russh::ChannelOpenFailure::Other { code, .. } => format!("the host says no with code {code}"),
            }),
            other => {
                let why = self.ending.why();
                Unopened::Lost(if why.is_empty() { other.to_string() } else { why })
            }
        }
    }
}
