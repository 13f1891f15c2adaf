//! A command that runs on a host, its streams open.

use std::fmt;

use super::channel::{End, Ends, Reader, Writer};
use super::error::SshError;

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// With this code.
    Code(u32),
    /// By this signal.
    Signal(String),
    /// The host did not say.
    Unknown,
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Code(code) => write!(f, "ended with {code}"),
            Exit::Signal(name) => write!(f, "ended by signal {name}"),
            Exit::Unknown => f.write_str("ended in an unknown way"),
        }
    }
}

/// A running command. Dropping it closes its channel; a command that then writes on is ended by the host.
pub struct Running {
    pub(super) host: String,
    pub(super) ends: Ends,
}

impl Running {
    /// What it is fed, what it says and what it complains of. Each can be taken apart from the others; dropping what
    /// it is fed says that no more comes. The last is how it ends.
    #[must_use]
    pub fn split(self) -> (Writer, Reader, Reader, Ended) {
        (self.ends.stdin, self.ends.stdout, self.ends.stderr, Ended { host: self.host, exit: self.ends.exit })
    }

    /// What it is fed.
    pub fn stdin(&mut self) -> &mut Writer {
        &mut self.ends.stdin
    }

    /// What it says.
    pub fn stdout(&mut self) -> &mut Reader {
        &mut self.ends.stdout
    }

    /// What it complains of.
    pub fn stderr(&mut self) -> &mut Reader {
        &mut self.ends.stderr
    }
}

/// The end of a command, to be waited for.
pub struct Ended {
    host: String,
    exit: End,
}

impl Ended {
    /// Waits for it.
    ///
    /// # Errors
    /// If the connection was lost before, or the host refused to run the command.
    pub async fn wait(self) -> Result<Exit, SshError> {
        self.exit.wait().await.map_err(|why| SshError::Lost { host: self.host, why })
    }
}
