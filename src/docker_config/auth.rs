//! Who we are at a registry. Its secrets are wiped from memory when it is dropped, and are shown nowhere.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

/// A user with a password, or a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Auth {
    pub(super) username: String,
    pub(super) password: Zeroizing<String>,
    pub(super) server: String,
    pub(super) identity_token: Zeroizing<String>,
    pub(super) registry_token: Zeroizing<String>,
}

/// A text in JSON that is wiped from memory.
pub(super) fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(from).map(Zeroizing::new)
}

/// The words that the engine reads.
#[derive(Serialize)]
struct HeaderJson<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    username: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    password: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    serveraddress: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    identitytoken: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    registrytoken: &'a str,
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth")
            .field("username", &self.username)
            .field("server", &self.server)
            .field("secret", &"…")
            .finish_non_exhaustive()
    }
}

impl Auth {
    /// The user's name; empty where a token stands for it.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The value of `X-Registry-Auth`: JSON in URL-safe base64.
    #[must_use]
    pub fn header(&self) -> Zeroizing<String> {
        let words = HeaderJson {
            username: &self.username,
            password: &self.password,
            serveraddress: &self.server,
            identitytoken: &self.identity_token,
            registrytoken: &self.registry_token,
        };
        // Five texts are always JSON.
        let json = Zeroizing::new(serde_json::to_vec(&words).unwrap_or_default());
        Zeroizing::new(URL_SAFE.encode(&*json))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.username.is_empty()
            && [&self.password, &self.identity_token, &self.registry_token].into_iter().all(|secret| secret.is_empty())
    }
}
