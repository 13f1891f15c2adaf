//! What can go wrong on the way to a host, one variant per thing that a person would do differently.
//! It never holds a secret, and never a text of the other side that was not cleaned.

use std::time::Duration;

use super::host_key::KeyFault;
use crate::diag::{Diagnostic, Explain};

/// A way of proving who one is that was tried, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Which, such as `key ~/.ssh/id_ed25519`.
    pub what: String,
    /// What came of it, such as `the host does not take it`.
    pub came_of_it: String,
}

/// Why a host did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the fields are: host (as typed), why (the cause), and what the variant's text names")]
pub enum SshError {
    /// What was given is no address.
    #[error("{address:?} is no address of a host")]
    Address { address: String, why: String },
    /// The operator's SSH config cannot be used.
    #[error("the SSH config for {host} cannot be used")]
    Config { host: String, why: String },
    /// No connection.
    #[error("{host} cannot be reached by SSH")]
    Unreachable { host: String, why: String },
    /// The host's key is not one to trust.
    #[error("the key of {host} is not trusted: {}", .fault.word())]
    HostKey { host: String, fault: Box<KeyFault> },
    /// It does not let us in.
    #[error("{host} does not let {user} in")]
    Refused { host: String, user: String, tried: Vec<Tried> },
    /// The connection broke.
    #[error("the connection to {host} was lost")]
    Lost { host: String, why: String },
    /// A channel was refused.
    #[error("{host} does not open {what}")]
    NoChannel { host: String, what: String, why: Vec<String> },
    /// The command took too long.
    #[error("{command} on {host} did not end within {} s", after.as_secs_f32())]
    TimedOut { host: String, command: String, after: Duration },
    /// The command said too much.
    #[error("{command} on {host} said more than {limit} bytes")]
    TooMuch { host: String, command: String, limit: usize },
    /// sudo did not let the command run.
    #[error("{host} does not run {command} as root")]
    Sudo { host: String, command: String, why: String },
}

impl SshError {
    /// Trying again later may help, without anybody changing anything.
    #[must_use]
    pub fn is_of_the_line(&self) -> bool {
        matches!(self, SshError::Unreachable { .. } | SshError::Lost { .. } | SshError::TimedOut { .. })
    }

    /// The host, as typed.
    #[must_use]
    pub fn host(&self) -> &str {
        use SshError as E;
        match self {
            E::Address { address, .. } => address,
            E::Config { host, .. } | E::Unreachable { host, .. } | E::HostKey { host, .. } => host,
            E::Refused { host, .. } | E::Lost { host, .. } | E::NoChannel { host, .. } => host,
            E::TimedOut { host, .. } | E::TooMuch { host, .. } | E::Sudo { host, .. } => host,
        }
    }

    fn mend(&self) -> String {
        use SshError as E;
        match self {
            E::Address { .. } => "give ssh://[USER@]HOST[:PORT][/PATH/TO/SOCKET]".into(),
            E::Config { host, .. } => format!("see what is wrong with: ssh -G {host}"),
            E::Unreachable { .. } => {
                "look whether the host is up, and whether name, port and firewall are right".into()
            }
            E::HostKey { host, fault } => fault.mend(host),
            E::Refused { tried, .. } if tried.iter().any(|tried| tried.came_of_it.contains("too many")) => {
                "name the one key for this host in your SSH config, with `IdentitiesOnly yes`".into()
            }
            E::Refused { host, user, .. } => {
                format!("put your public key into the authorized keys of {user} on {host}, or load it into your agent")
            }
            E::Lost { .. } => "do it again: a new connection is made then".into(),
            E::NoChannel { .. } => "mend one of the ways above on the host".into(),
            E::TimedOut { .. } => "look whether the host is overloaded".into(),
            E::TooMuch { .. } => "ask for less of it".into(),
            E::Sudo { .. } => "let this user run it with sudo, or connect as root".into(),
        }
    }
}

impl Explain for SshError {
    fn explain(&self) -> Diagnostic {
        use SshError as E;
        let mut fault = Diagnostic::new(self.to_string(), self.mend());
        match self {
            E::Address { why, .. } | E::Config { why, .. } | E::Sudo { why, .. } => fault = fault.because(why),
            E::Unreachable { why, .. } | E::Lost { why, .. } => fault = fault.because(why),
            E::NoChannel { why, .. } => fault = why.iter().fold(fault, Diagnostic::because),
            E::HostKey { fault: key, .. } => {
                fault = key.why().into_iter().fold(fault, Diagnostic::because).at(key.place());
            }
            E::Refused { tried, .. } if tried.is_empty() => {
                fault = fault.because("there was nothing to try: no agent, no key file, no password");
            }
            E::Refused { tried, .. } => {
                for each in tried {
                    fault = fault.because(format!("{}: {}", each.what, each.came_of_it));
                }
            }
            E::TimedOut { .. } | E::TooMuch { .. } => {}
        }
        fault
    }
}
