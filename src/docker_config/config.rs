//! `config.json`: the context in use, and where the credentials of each registry are. Fields that are of no use here
//! are not read.

use std::collections::BTreeMap;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::auth::{Auth, secret};
use super::fault::{place_of, unreadable};
use super::image::hostname;
use crate::diag::Diagnostic;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ConfigJson {
    current_context: String,
    auths: BTreeMap<String, AuthJson>,
    creds_store: String,
    cred_helpers: BTreeMap<String, String>,
}

/// What is known of one registry.
#[derive(Default, Deserialize)]
#[serde(default)]
struct AuthJson {
    /// `user:password` in base64.
    #[serde(deserialize_with = "secret")]
    auth: Zeroizing<String>,
    username: String,
    #[serde(deserialize_with = "secret")]
    password: Zeroizing<String>,
    #[serde(deserialize_with = "secret")]
    identitytoken: Zeroizing<String>,
    #[serde(deserialize_with = "secret")]
    registrytoken: Zeroizing<String>,
}

/// The file, read.
#[derive(Default)]
pub(super) struct Config {
    pub(super) current_context: String,
    path: PathBuf,
    auths: BTreeMap<String, AuthJson>,
    /// Where each registry stands in the file.
    places: BTreeMap<String, String>,
    store: String,
    helpers: BTreeMap<String, String>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let auths: Vec<&String> = self.auths.keys().collect();
        f.debug_struct("Config").field("path", &self.path).field("auths", &auths).finish_non_exhaustive()
    }
}

impl Config {
    /// Reads the file; one that is not there says nothing.
    pub(super) fn read(path: &Path) -> Result<Self, Box<Diagnostic>> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => {
                let mend = "let this user read the file, or name another folder in DOCKER_CONFIG";
                let fault = Diagnostic::new("the docker CLI's configuration cannot be read", mend);
                return Err(Box::new(fault.at(path.display().to_string()).because(error.to_string())));
            }
        };
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let json: ConfigJson = serde_json::from_str(&text)
            .map_err(|error| Box::new(unreadable(path, "the docker CLI's configuration cannot be read", &error)))?;
        let keys = json.auths.keys().chain(json.cred_helpers.keys()).cloned();
        let places = keys.chain(["credsStore".to_owned()]).map(|key| (key.clone(), place_of(&text, &key))).collect();
        Ok(Self {
            current_context: json.current_context,
            path: path.to_owned(),
            auths: json.auths,
            places,
            store: json.creds_store,
            helpers: json.cred_helpers,
        })
    }

    /// Where this key stands.
    pub(super) fn place(&self, key: &str) -> String {
        format!("{}{}", self.path.display(), self.places.get(key).map_or("", String::as_str))
    }

    /// The helper that is asked for this registry, and the key that says so. Its own goes before the one for all.
    pub(super) fn helper_for<'a>(&'a self, key: &'a str) -> Option<(&'a str, &'a str)> {
        let own = self.helpers.get(key).map(|name| (name.as_str(), key));
        own.or(Some((self.store.as_str(), "credsStore"))).filter(|(name, _)| !name.is_empty())
    }

    /// What the file itself says of this registry: under the very key, else under an address of that host.
    pub(super) fn auth_for(&self, key: &str) -> Result<Option<Auth>, Diagnostic> {
        let found = self.auths.get_key_value(key);
        match found.or_else(|| self.auths.iter().find(|(address, _)| hostname(address) == key)) {
            Some((address, json)) => self.auth(address, json),
            None => Ok(None),
        }
    }

    fn auth(&self, address: &str, json: &AuthJson) -> Result<Option<Auth>, Diagnostic> {
        let broken = |why: &str| {
            let mend = format!("log in again with  docker login {address}");
            let what = format!("the credentials for {address} cannot be read");
            Diagnostic::new(what, mend).at(self.place(address)).because(why)
        };
        let (mut username, mut password) = (json.username.clone(), json.password.clone());
        if !json.auth.is_empty() {
            let bytes = STANDARD.decode(json.auth.trim()).map(Zeroizing::new);
            let bytes = bytes.map_err(|_| broken("`auth` is no base64"))?;
            let text = std::str::from_utf8(&bytes).map_err(|_| broken("`auth` is no text"))?;
            let (user, secret) = text.split_once(':').ok_or_else(|| broken("`auth` has no colon after the user"))?;
            username = user.to_owned();
            password = Zeroizing::new(secret.trim_matches('\0').to_owned());
        }
        let auth = Auth {
            username,
            password,
            server: address.to_owned(),
            identity_token: json.identitytoken.clone(),
            registry_token: json.registrytoken.clone(),
        };
        // An entry without anything in it only says that a helper was used once.
        Ok(Some(auth).filter(|auth| !auth.is_empty()))
    }
}
