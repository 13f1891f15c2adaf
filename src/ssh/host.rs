//! One host: the connection to it, shared by all who ask and made again when it is needed, and what can be done on it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared as Common};
use russh::keys::ssh_key::public::KeyData;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zeroize::Zeroizing;

use super::channel::{Reader, Use};
use super::command::{Command, Output};
use super::connect;
use super::connection::{Connection, To, Unopened};
use super::dialer::HostDialer;
use super::error::SshError;
use super::hosts::Shared;
use super::program::Running;
use super::sudo;
use super::target::Target;
use crate::wire::{SharedDialer, Wire};

/// How many hosts may lead to one another.
const HOPS: usize = 8;

type Going = Common<BoxFuture<'static, Result<Arc<Connection>, SshError>>>;

enum State {
    Idle,
    Going(Going),
    Up(Arc<Connection>),
}

/// What the operator has said about a host, kept in memory only.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) user: Mutex<Option<String>>,
    pub(super) agreed: Mutex<Vec<KeyData>>,
    pub(super) password: Mutex<Option<Zeroizing<String>>>,
    pub(super) sudo: Mutex<Option<Zeroizing<String>>>,
}

/// A host.
pub struct Host {
    target: Target,
    pub(super) via: Option<Vec<Target>>,
    shared: Weak<Shared>,
    state: Mutex<State>,
    pub(super) memory: Memory,
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("at", &self.target.address()).finish_non_exhaustive()
    }
}

impl Host {
    pub(super) fn new(shared: &Arc<Shared>, target: Target, via: Option<Vec<Target>>) -> Self {
        let (shared, state) = (Arc::downgrade(shared), Mutex::new(State::Idle));
        Self { target, via, shared, state, memory: Memory::default() }
    }

    /// The address, as typed.
    #[must_use]
    pub fn name(&self) -> String {
        self.target.address()
    }

    /// The address in parts.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Makes the connection if there is none. Takes as long as the operator takes to answer.
    ///
    /// # Errors
    /// If the host cannot be reached, is not trusted, or does not let us in.
    pub async fn connect(self: &Arc<Self>) -> Result<(), SshError> {
        self.connection(Vec::new()).await.map(drop)
    }

    /// A connection stands at the moment.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        matches!(&*self.state(), State::Up(connection) if !connection.is_over())
    }

    /// The operator is asked something while the way to this socket is opened: nothing else need be slow. A way that
    /// is known asks nothing.
    pub(super) fn is_asking(&self, socket: &str) -> bool {
        let opens = match &*self.state() {
            State::Going(_) => true,
            State::Up(connection) => {
                !connection.ways.lock().unwrap_or_else(PoisonError::into_inner).contains_key(socket)
            }
            State::Idle => false,
        };
        opens && self.shared.upgrade().is_some_and(|shared| shared.asker.is_asking())
    }

    /// Ends the connection; the next question makes a new one.
    pub async fn close(&self) {
        let before = std::mem::replace(&mut *self.state(), State::Idle);
        if let State::Up(connection) = before {
            connection.close().await;
        }
    }

    /// Runs a command and waits for its end.
    ///
    /// # Errors
    /// If it cannot be run, takes too long or says too much. A command that ends with another code than 0 is none.
    pub async fn run(self: &Arc<Self>, command: &Command) -> Result<Output, SshError> {
        let late = || SshError::TimedOut { host: self.name(), command: command.name(), after: command.within };
        // The operator's time to answer is not the command's.
        self.connect().await?;
        if command.sudo {
            return sudo::run(self, command).await;
        }
        tokio::time::timeout(command.within, self.run_line(command, &command.line_after(&[])))
            .await
            .unwrap_or_else(|_| Err(late()))
    }

    /// Starts a command, its streams open.
    ///
    /// # Errors
    /// If it cannot be started.
    pub async fn spawn(self: &Arc<Self>, command: &Command) -> Result<Running, SshError> {
        if command.sudo {
            return sudo::spawn(self, command, Use::Program).await;
        }
        self.spawn_line(&command.line_after(&[]), Use::Program).await
    }

    /// A stream to an address, opened from that host.
    ///
    /// # Errors
    /// If the host cannot or may not open it.
    pub async fn forward(self: &Arc<Self>, host: &str, port: u16) -> Result<Box<dyn Wire>, SshError> {
        self.forward_in(host, port, Vec::new()).await
    }

    /// Opens streams to the engine behind this socket of the host.
    #[must_use]
    pub fn dialer(self: &Arc<Self>, socket: &str) -> SharedDialer {
        Arc::new(HostDialer::new(Arc::clone(self), socket))
    }

    /// We are root there, as far as the config says.
    pub(super) fn is_root(&self) -> bool {
        self.memory.user.lock().unwrap_or_else(PoisonError::into_inner).as_deref() == Some("root")
    }

    /// For tests on a machine whose only user is root: from now on, `sudo` is used there.
    #[doc(hidden)]
    pub fn pretend_not_root(&self) {
        *self.memory.user.lock().unwrap_or_else(PoisonError::into_inner) = Some("captain".to_owned());
    }

    pub(super) fn shared(&self) -> Result<Arc<Shared>, SshError> {
        let gone = || SshError::Lost { host: self.name(), why: "the program is ending".to_owned() };
        self.shared.upgrade().ok_or_else(gone)
    }

    pub(super) async fn forward_in(
        self: &Arc<Self>,
        host: &str,
        port: u16,
        chain: Vec<String>,
    ) -> Result<Box<dyn Wire>, SshError> {
        let connection = self.connection(chain).await?;
        let ends = connection.tunnel(To::Address(host.to_owned(), port)).await;
        let what = format!("a connection to {host}:{port}");
        Ok(Box::new(ends.map_err(|error| self.unopened(error, &what))?.tunnel()))
    }

    pub(super) async fn run_line(self: &Arc<Self>, command: &Command, line: &str) -> Result<Output, SshError> {
        let running = self.spawn_line(line, Use::Program).await?;
        self.output(running, command, &command.stdin).await
    }

    /// Feeds a running command and collects what it says until its end.
    pub(super) async fn output(&self, running: Running, command: &Command, fed: &[u8]) -> Result<Output, SshError> {
        let (mut stdin, stdout, stderr, ended) = running.split();
        let feed = async {
            // A command that does not read what it is fed is no fault.
            let _ = stdin.write_all(fed).await;
            let _ = stdin.shutdown().await;
            Ok(())
        };
        // One that says too much is left at once.
        let ((), stdout, stderr) =
            tokio::try_join!(feed, self.collect(stdout, command), self.collect(stderr, command))?;
        Ok(Output { exit: ended.wait().await?, stdout, stderr })
    }

    async fn collect(&self, from: Reader, command: &Command) -> Result<Vec<u8>, SshError> {
        let mut all = Vec::new();
        // One more than is enough shows that there is more.
        let read = from.take(command.at_most as u64 + 1).read_to_end(&mut all).await;
        read.map_err(|error| SshError::Lost { host: self.name(), why: error.to_string() })?;
        if all.len() > command.at_most {
            return Err(SshError::TooMuch { host: self.name(), command: command.name(), limit: command.at_most });
        }
        Ok(all)
    }

    /// Starts a line of shell. A carrier leaves room for commands beside it.
    pub(super) async fn spawn_line(self: &Arc<Self>, line: &str, use_: Use) -> Result<Running, SshError> {
        let connection = self.connection(Vec::new()).await?;
        let spare = if use_ == Use::Carrier { 2 } else { 0 };
        let (channel, slot) =
            connection.session(spare).await.map_err(|error| self.unopened(error, "a channel for a command"))?;
        let asked = channel.exec(true, line).await;
        asked.map_err(|error| SshError::Lost { host: self.name(), why: error.to_string() })?;
        Ok(Running { host: self.name(), ends: connection.start(channel, use_, slot) })
    }

    pub(super) fn unopened(&self, error: Unopened, what: &str) -> SshError {
        match error {
            Unopened::Refused(why) => SshError::NoChannel { host: self.name(), what: what.to_owned(), why: vec![why] },
            Unopened::Lost(why) => SshError::Lost { host: self.name(), why },
        }
    }

    /// The connection that stands, or the one that somebody is making, or a new one. `chain` names the hosts that
    /// wait for this one to lead them on.
    pub(super) async fn connection(self: &Arc<Self>, chain: Vec<String>) -> Result<Arc<Connection>, SshError> {
        // Before waiting: in a circle, everyone would wait for himself.
        if chain.contains(&self.name()) || chain.len() >= HOPS {
            let why = format!("ProxyJump leads in a circle: {} → {}", chain.join(" → "), self.name());
            return Err(SshError::Config { host: self.name(), why });
        }
        let going = {
            let mut state = self.state();
            match &*state {
                State::Up(connection) if !connection.is_over() => return Ok(Arc::clone(connection)),
                State::Going(going) => going.clone(),
                State::Up(_) | State::Idle => {
                    let going = Arc::clone(self).go(chain);
                    *state = State::Going(going.clone());
                    going
                }
            }
        };
        going.await
    }

    /// Makes a connection in a task of its own: it goes on when who asked first gives up, so that an answer of the
    /// operator is not lost.
    fn go(self: Arc<Self>, chain: Vec<String>) -> Going {
        let me = Arc::clone(&self);
        let task = tokio::spawn(async move {
            let made = connect::establish(&me, chain).await;
            *me.state() = match &made {
                Ok(connection) => State::Up(Arc::clone(connection)),
                Err(_) => State::Idle,
            };
            made
        });
        async move {
            task.await.unwrap_or_else(|error| {
                *self.state() = State::Idle;
                Err(SshError::Unreachable { host: self.name(), why: error.to_string() })
            })
        }
        .boxed()
        .shared()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
