//! Proving who one is, in OpenSSH's order: keys of the agent, key files, and last what the operator types. It keeps a
//! list of all that was tried, and never tells a secret.

mod agent;
mod key_file;
mod keyring;
mod typed;

use std::sync::Arc;

use russh::client::AuthResult;
use russh::keys::{Algorithm, HashAlg};
use russh::{MethodKind, MethodSet};

use super::config::Config;
use super::error::{SshError, Tried};
use super::handler::Handle;
use super::host::Host;
use super::hosts::Shared;
pub use keyring::Keyring;

/// A login under way.
struct Login<'a> {
    handle: &'a mut Handle,
    host: &'a Arc<Host>,
    shared: &'a Arc<Shared>,
    config: &'a Config,
    tried: Vec<Tried>,
    /// The hash to sign with an RSA key, once it was asked for.
    rsa: Option<Option<HashAlg>>,
}

/// What came of one way of logging in.
enum Came {
    /// We are in.
    In,
    /// This was right, and another is wanted too.
    Half(MethodSet),
    /// This way does not lead in.
    Nowhere,
}

/// Logs in, or says all that was tried.
pub async fn login(
    handle: &mut Handle,
    host: &Arc<Host>,
    shared: &Arc<Shared>,
    config: &Config,
) -> Result<(), SshError> {
    let mut login = Login { handle, host, shared, config, tried: Vec::new(), rsa: None };
    if login.run().await {
        return Ok(());
    }
    Err(SshError::Refused { host: host.name(), user: config.user.clone(), tried: login.tried })
}

impl Login<'_> {
    async fn run(&mut self) -> bool {
        let mut methods = match self.handle.authenticate_none(&self.config.user).await {
            Ok(AuthResult::Success) => return true,
            Ok(AuthResult::Failure { remaining_methods, .. }) => remaining_methods,
            Err(error) => {
                self.note("asking how to log in", error.to_string());
                return false;
            }
        };
        let mut done = Vec::new();
        loop {
            let order = [MethodKind::PublicKey, MethodKind::KeyboardInteractive, MethodKind::Password];
            let next = order.into_iter().find(|method| methods.contains(method) && !done.contains(method));
            let Some(method) = next else { break };
            done.push(method);
            let came = match method {
                MethodKind::PublicKey => self.keys().await,
                MethodKind::KeyboardInteractive => self.questions().await,
                _ => self.password().await,
            };
            match came {
                Came::In => return true,
                Came::Half(more) => methods = more,
                Came::Nowhere if self.is_gone() => break,
                Came::Nowhere => {}
            }
        }
        if !methods.is_empty() && !self.is_gone() {
            let names: Vec<&str> = methods.iter().map(<&str>::from).collect();
            self.note("what the host takes", names.join(", "));
        }
        false
    }

    fn note(&mut self, what: impl Into<String>, came_of_it: impl Into<String>) {
        self.tried.push(Tried { what: what.into(), came_of_it: came_of_it.into() });
    }

    /// The host has hung up, as it does after a number of wrong keys.
    fn is_gone(&self) -> bool {
        self.handle.is_closed()
    }

    /// What to think of an answer of the host.
    fn came(&mut self, what: &str, answer: AuthResult) -> Came {
        match answer {
            AuthResult::Success => Came::In,
            AuthResult::Failure { remaining_methods, partial_success: true } => {
                self.note(what, "right, and the host wants more");
                Came::Half(remaining_methods)
            }
            AuthResult::Failure { remaining_methods, .. } => {
                let hung_up = remaining_methods.is_empty() && self.is_gone();
                self.note(
                    what,
                    if hung_up { "the host hung up: perhaps too many keys" } else { "the host does not take it" },
                );
                Came::Nowhere
            }
        }
    }

    /// The best hash for signing with an RSA key that the host knows.
    async fn hash_for(&mut self, kind: &Algorithm) -> Option<HashAlg> {
        if !matches!(kind, Algorithm::Rsa { .. }) {
            return None;
        }
        if self.rsa.is_none() {
            let known = self.handle.best_supported_rsa_hash().await.ok().flatten();
            // A host that does not say knows SHA-2: all do since 2016.
            self.rsa = Some(known.unwrap_or(Some(HashAlg::Sha256)));
        }
        self.rsa.flatten()
    }
}
