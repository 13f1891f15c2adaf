//! Keys: those of the agent first, then those of files, and a passphrase only for a key that the host would take.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use russh::Signer;
use russh::client::AuthResult;
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::keys::key::PrivateKeyWithHashAlg;
use russh::keys::{HashAlg, PrivateKey, PublicKey};
use tokio::net::UnixStream;

use super::key_file::{self, KeyFile, Private};
use super::{Came, Login};
use crate::ask::{Answer, Question, Wants};
use crate::model::text::clean;

/// How long an agent may take to say which keys it has.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a passphrase may be wrong.
const TRIES: usize = 3;

type Agent = AgentClient<UnixStream>;

/// Signs nothing: by asking it for a signature, russh says that the host would take the key.
struct Probe;

/// The host would take the key, or the connection is gone.
enum Probed {
    Wanted,
    Gone,
}

impl From<russh::SendError> for Probed {
    fn from(_: russh::SendError) -> Self {
        Probed::Gone
    }
}

impl Signer for Probe {
    type Error = Probed;

    async fn auth_sign(
        &mut self,
        _key: &AgentIdentity,
        _hash: Option<HashAlg>,
        _data: Vec<u8>,
    ) -> Result<Vec<u8>, Probed> {
        Err(Probed::Wanted)
    }
}

impl Login<'_> {
    /// Tries all keys there are.
    pub(super) async fn keys(&mut self) -> Came {
        if !self.config.pubkey_authentication {
            self.note("keys", "the SSH config says PubkeyAuthentication no");
            return Came::Nowhere;
        }
        let mut files = self.files().await;
        if let Some((mut agent, identities)) = self.agent().await {
            for identity in identities {
                let place = files.iter().position(|file| file.public.as_ref().is_some_and(|key| same(key, &identity)));
                // Where the config names this key, its file is not tried a second time.
                let named = place.map(|place| files.remove(place));
                if named.is_none() && self.config.identities_only {
                    continue;
                }
                match self.agent_key(&mut agent, &identity, named.map(|file| file.path)).await {
                    Came::Nowhere if self.is_gone() => return Came::Nowhere,
                    Came::Nowhere => {}
                    came => return came,
                }
            }
        }
        for file in files {
            match self.file(file).await {
                Came::Nowhere if self.is_gone() => return Came::Nowhere,
                Came::Nowhere => {}
                came => return came,
            }
        }
        Came::Nowhere
    }

    async fn files(&self) -> Vec<KeyFile> {
        let (paths, uid) = (self.config.identity_files.clone(), self.shared.settings.uid());
        let read = move || paths.iter().filter_map(|path| key_file::read(path, uid)).collect();
        tokio::task::spawn_blocking(read).await.unwrap_or_default()
    }

    async fn agent(&mut self) -> Option<(Agent, Vec<AgentIdentity>)> {
        let path = self.config.identity_agent.clone()?;
        let what = format!("agent at {}", path.display());
        let found = tokio::time::timeout(PATIENCE, listed(&path)).await;
        match found.unwrap_or_else(|_| Err("it does not answer".to_owned())) {
            Ok((_, identities)) if identities.is_empty() => {
                self.note(what, "it holds no keys, or is locked");
                None
            }
            Ok(found) => Some(found),
            Err(why) => {
                self.note(what, why);
                None
            }
        }
    }

    async fn agent_key(&mut self, agent: &mut Agent, identity: &AgentIdentity, file: Option<PathBuf>) -> Came {
        let key = identity.public_key().into_owned();
        let name = match file {
            Some(path) => path.display().to_string(),
            None if identity.comment().is_empty() => key.fingerprint(HashAlg::Sha256).to_string(),
            None => clean(identity.comment()),
        };
        let what = format!("key {name} of the agent");
        let hash = self.hash_for(&key.algorithm()).await;
        let user = self.config.user.clone();
        let answer = match identity {
            AgentIdentity::PublicKey { key, .. } => {
                self.handle.authenticate_publickey_with(user, key.clone(), hash, agent).await
            }
            AgentIdentity::Certificate { certificate, .. } => {
                self.handle.authenticate_certificate_with(user, certificate.clone(), hash, agent).await
            }
        };
        match answer {
            Ok(answer) => self.came(&what, answer),
            Err(error) => {
                self.note(what, format!("the agent does not sign: {error}"));
                Came::Nowhere
            }
        }
    }

    async fn file(&mut self, file: KeyFile) -> Came {
        let what = format!("key {}", file.path.display());
        let key = match (&file.private, self.shared.keyring.key(&file.path)) {
            (Private::Open(key), _) => Arc::clone(key),
            (Private::Locked(_), Some(key)) => key,
            (Private::None(why), _) => {
                self.note(what, why.clone());
                return Came::Nowhere;
            }
            (Private::Locked(text), None) => {
                if !self.would_take(&what, file.public.as_ref()).await {
                    return Came::Nowhere;
                }
                match self.unlock(&what, &file.path, text).await {
                    Some(key) => key,
                    None => return Came::Nowhere,
                }
            }
        };
        if let Some(certificate) = file.certificate {
            let user = self.config.user.clone();
            let answer = self.handle.authenticate_openssh_cert(user, Arc::clone(&key), certificate).await;
            match self.answered(&format!("{what} with its certificate"), answer) {
                Came::Nowhere if !self.is_gone() => {}
                came => return came,
            }
        }
        let hash = self.hash_for(&key.algorithm()).await;
        let answer =
            self.handle.authenticate_publickey(self.config.user.clone(), PrivateKeyWithHashAlg::new(key, hash)).await;
        self.answered(&what, answer)
    }

    pub(super) fn answered(&mut self, what: &str, answer: Result<AuthResult, russh::Error>) -> Came {
        match answer {
            Ok(answer) => self.came(what, answer),
            Err(error) => {
                self.note(what, error.to_string());
                Came::Nowhere
            }
        }
    }

    /// The host would take this key. One whose public half is not known must be opened to find out.
    async fn would_take(&mut self, what: &str, key: Option<&PublicKey>) -> bool {
        let Some(key) = key else { return true };
        let hash = self.hash_for(&key.algorithm()).await;
        let user = self.config.user.clone();
        match self.handle.authenticate_publickey_with(user, key.clone(), hash, &mut Probe).await {
            Err(Probed::Wanted) => true,
            Err(Probed::Gone) => {
                self.note(what, "the host hung up");
                false
            }
            Ok(answer) => matches!(self.came(what, answer), Came::In),
        }
    }

    /// Opens a key with what the operator types.
    async fn unlock(&mut self, what: &str, path: &Path, text: &zeroize::Zeroizing<String>) -> Option<Arc<PrivateKey>> {
        let shared = Arc::clone(self.shared);
        let _turn = shared.keyring.turn().await;
        if let Some(key) = shared.keyring.key(path) {
            return Some(key);
        }
        let mut lines = vec![format!("The key opens {}.", self.host.name())];
        for _ in 0..TRIES {
            let title = format!("Passphrase for {}", path.display());
            let question = Question { title, lines: lines.clone(), wants: Wants::Secret };
            let Answer::Secret(passphrase) = shared.asker.ask(question).await else {
                self.note(what, "it needs a passphrase, and nobody gave one");
                return None;
            };
            // Deliberately slow, so it must not stop the others.
            let text = text.clone();
            let opened = tokio::task::spawn_blocking(move || key_file::open(&text, Some(&passphrase))).await;
            if let Ok(Private::Open(key)) = opened {
                shared.keyring.keep(path, &key);
                return Some(key);
            }
            lines = vec!["That was not it.".to_owned()];
        }
        self.note(what, format!("the passphrase was wrong {TRIES} times"));
        None
    }
}

async fn listed(path: &Path) -> Result<(Agent, Vec<AgentIdentity>), String> {
    let mut agent = AgentClient::connect_uds(path).await.map_err(|error| format!("it cannot be reached: {error}"))?;
    let identities = agent.request_identities().await.map_err(|error| format!("it lists no keys: {error}"))?;
    Ok((agent, identities))
}

fn same(key: &PublicKey, identity: &AgentIdentity) -> bool {
    key.key_data() == identity.public_key().key_data()
}
