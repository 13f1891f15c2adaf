//! From an address to a connection that stands: config, way, key, login. Never goes on past a key that was not judged.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use russh::client;
use russh::keys::ssh_key::public::KeyData;
use russh::keys::{Algorithm, EcdsaCurve, HashAlg};
use tokio::net::TcpStream;

use super::auth;
use super::config::{self, Config, Strict};
use super::connection::Connection;
use super::error::SshError;
use super::handler::{Ending, Halt, Handle, OurSide};
use super::host::Host;
use super::host_key::{self, Finding, KeyFault};
use super::hosts::Shared;
use super::known_hosts::{self, Known, Name};
use crate::ask::Answer;
use crate::model::text::clean;
use crate::wire::Wire;

/// How long a host may take to answer, unless its config says otherwise.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often an idle connection is checked, unless its config says otherwise.
const ALIVE: Duration = Duration::from_secs(15);

/// One attempt to connect to a host.
struct Attempt<'a> {
    host: &'a Arc<Host>,
    shared: &'a Arc<Shared>,
    config: &'a Config,
    name: Name,
    chain: Vec<String>,
}

/// Makes a connection and logs in.
pub async fn establish(host: &Arc<Host>, mut chain: Vec<String>) -> Result<Arc<Connection>, SshError> {
    let shared = host.shared()?;
    chain.push(host.name());
    let config = config::of(&shared.settings, host.target()).await?;
    for remark in &config.remarks {
        tracing::warn!(host = host.name(), "{remark}");
    }
    *host.memory.user.lock().unwrap_or_else(PoisonError::into_inner) = Some(config.user.clone());
    let name = Name::new(&config.host_name, config.port, config.host_key_alias.as_deref());
    let attempt = Attempt { host, shared: &shared, config: &config, name, chain };
    attempt.run().await
}

impl Attempt<'_> {
    async fn run(&self) -> Result<Arc<Connection>, SshError> {
        // Once more after the operator has agreed to a key.
        for _ in 0..2 {
            let ending = Ending::default();
            let known = self.known().await?;
            match self.handshake(known, &ending).await {
                Ok(mut handle) => {
                    auth::login(&mut handle, self.host, self.shared, self.config).await?;
                    tracing::info!(host = self.host.name(), "connected by SSH");
                    return Ok(Connection::new(handle, ending));
                }
                Err(Halt::Key(Finding::Unknown(key))) => self.settle(&key).await?,
                Err(Halt::Key(Finding::Fault(fault))) => return Err(self.key_fault(fault)),
                Err(Halt::Hop(error)) => return Err(error),
                Err(Halt::Wire(error)) => return Err(self.unreachable(handshake_word(&error))),
            }
        }
        Err(self.unreachable("it shows another key each time".to_owned()))
    }

    /// What the files and the operator say of this host's keys.
    async fn known(&self) -> Result<Known, SshError> {
        let files: Vec<_> =
            self.config.user_known_hosts.iter().chain(&self.config.global_known_hosts).cloned().collect();
        let name = self.name.clone();
        let read = tokio::task::spawn_blocking(move || Known::read(&files, &name)).await;
        let mut known = read.map_err(|error| self.unreachable(error.to_string()))?;
        for key in self.host.memory.agreed.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            known.agree(key.clone());
        }
        Ok(known)
    }

    async fn handshake(&self, known: Known, ending: &Ending) -> Result<Handle, Halt> {
        let settings = Arc::new(self.settings(&known));
        let patience = self.config.connect_timeout.unwrap_or(PATIENCE);
        let way = self.way(patience).await?;
        let ours = OurSide { known, name: self.name.clone(), ending: ending.clone() };
        tokio::time::timeout(patience, client::connect_stream(settings, way, ours))
            .await
            .unwrap_or(Err(Halt::Wire(russh::Error::ConnectionTimeout)))
    }

    /// The bytes to the host: by TCP, or through others.
    async fn way(&self, patience: Duration) -> Result<Box<dyn Wire>, Halt> {
        if self.config.proxy_command.is_some() {
            let why = "ProxyCommand is not run here; say the same with ProxyJump".to_owned();
            return Err(Halt::Hop(SshError::Config { host: self.host.name(), why }));
        }
        let hops = self.host.via.as_ref().unwrap_or(&self.config.proxy_jump);
        if let Some((last, before)) = hops.split_last() {
            let via = (!before.is_empty()).then(|| before.to_vec());
            let hop = self.shared.host(last, via);
            let led = Box::pin(hop.forward_in(&self.config.host_name, self.config.port, self.chain.clone())).await;
            return led.map_err(Halt::Hop);
        }
        self.by_tcp(patience).await.map_err(|error| Halt::Wire(russh::Error::IO(error)))
    }

    async fn by_tcp(&self, patience: Duration) -> std::io::Result<Box<dyn Wire>> {
        let addresses = tokio::net::lookup_host((self.config.host_name.as_str(), self.config.port)).await?;
        let mut last = std::io::Error::new(std::io::ErrorKind::NotFound, "the name has no address");
        for address in addresses {
            match tokio::time::timeout(patience, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    stream.set_nodelay(true)?;
                    return Ok(Box::new(stream));
                }
                Ok(Err(error)) => last = std::io::Error::new(error.kind(), format!("{address}: {error}")),
                Err(_) => {
                    let why = format!("{address}: no answer within {} s", patience.as_secs());
                    last = std::io::Error::new(std::io::ErrorKind::TimedOut, why);
                }
            }
        }
        Err(last)
    }

    fn settings(&self, known: &Known) -> client::Config {
        let kinds = ordered(&known.kinds());
        client::Config {
            nodelay: true,
            keepalive_interval: Some(self.config.alive_interval.unwrap_or(ALIVE)),
            keepalive_max: self.config.alive_count,
            preferred: russh::Preferred {
                // A certificate is asked for only where an authority could vouch for it.
                host_key_certificates: if known.has_authority() { kinds.clone().into() } else { Vec::new().into() },
                key: kinds.into(),
                ..russh::Preferred::DEFAULT
            },
            ..client::Config::default()
        }
    }

    /// Decides about a key that nobody knows.
    async fn settle(&self, key: &KeyData) -> Result<(), SshError> {
        let unknown = |why| self.key_fault(KeyFault::Unknown { key: host_key::fingerprint(key), why });
        match self.config.strict {
            Strict::Yes => return Err(unknown("the SSH config says StrictHostKeyChecking yes")),
            Strict::AcceptNew => {}
            Strict::Ask => {
                let question = host_key::question(&self.host.name(), &self.name, key);
                if self.shared.asker.ask(question).await != Answer::Yes {
                    return Err(unknown("nobody has agreed to it"));
                }
            }
        }
        self.host.memory.agreed.lock().unwrap_or_else(PoisonError::into_inner).push(key.clone());
        if let Some(file) = self.config.user_known_hosts.first() {
            let learned = known_hosts::learn(file, &self.name.full, key, self.config.hash_known_hosts);
            if let Err(error) = learned {
                tracing::warn!(host = self.host.name(), "its key could not be written to {}: {error}", file.display());
            }
        }
        Ok(())
    }

    fn key_fault(&self, fault: KeyFault) -> SshError {
        SshError::HostKey { host: self.host.name(), fault: Box::new(fault) }
    }

    fn unreachable(&self, why: String) -> SshError {
        SshError::Unreachable { host: self.host.name(), why }
    }
}

/// The kinds of host keys to ask for: those by which the host is known first.
fn ordered(known: &[Algorithm]) -> Vec<Algorithm> {
    let same = |a: &Algorithm, b: &Algorithm| match (a, b) {
        (Algorithm::Rsa { .. }, Algorithm::Rsa { .. }) => true,
        (a, b) => a == b,
    };
    let all = [
        Algorithm::Ed25519,
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
        Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
        Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
    ];
    let (mut first, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|kind| known.iter().any(|it| same(it, kind)));
    first.extend(rest);
    first
}

/// A line that ends before its first word, however the kernel calls that.
fn hung_up(kind: std::io::ErrorKind) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(kind, BrokenPipe | ConnectionReset | UnexpectedEof)
}

fn handshake_word(error: &russh::Error) -> String {
    match error {
        russh::Error::IO(error) if hung_up(error.kind()) => "it hung up before anything was said".to_owned(),
        russh::Error::IO(error) => clean(&error.to_string()),
        russh::Error::Version => "what answers there is no SSH server".to_owned(),
        russh::Error::HUP | russh::Error::Disconnect => "it hung up before anything was said".to_owned(),
        russh::Error::ConnectionTimeout => "it accepts connections and says nothing".to_owned(),
        russh::Error::NoCommonAlgo { kind, ours, theirs } => {
            let theirs = clean(&theirs.join(", "));
            format!("no {kind:?} algorithm in common: here {}, there {theirs}", ours.join(", "))
        }
        other => clean(&other.to_string()),
    }
}
