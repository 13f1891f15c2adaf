//! One line of a known_hosts file. One that cannot be read is as if it were not there, as with OpenSSH.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use russh::keys::PublicKey;
use russh::keys::ssh_key::public::KeyData;
use sha1::Sha1;

use crate::ssh::pattern::{self, Match};

/// What a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// A key of a host.
    None,
    /// A key that vouches for hosts.
    Authority,
    /// A key that must not be trusted.
    Revoked,
}

/// A line that holds for the host in question.
#[derive(Debug, Clone)]
pub struct Line {
    /// File and line.
    pub place: String,
    /// What it is for.
    pub marker: Marker,
    /// Its key.
    pub key: KeyData,
}

/// A line as it stands; its key is read only when it matters.
pub struct Entry<'a> {
    marker: Marker,
    hosts: &'a str,
    kind: &'a str,
    key: &'a str,
}

/// Reads a line; nothing if it is empty, a comment, or no such line.
pub fn parse(text: &str) -> Option<Entry<'_>> {
    let mut words = text.split([' ', '\t']).filter(|word| !word.is_empty());
    let mut hosts = words.next()?;
    let mut marker = Marker::None;
    if hosts.starts_with('@') {
        marker = match hosts {
            "@cert-authority" => Marker::Authority,
            "@revoked" => Marker::Revoked,
            _ => return None,
        };
        hosts = words.next()?;
    }
    if hosts.starts_with(['#', '@']) {
        return None;
    }
    Some(Entry { marker, hosts, kind: words.next()?, key: words.next()?.trim_end_matches('\r') })
}

impl Entry<'_> {
    /// It speaks of the host of this name.
    pub fn holds_for(&self, name: &str) -> bool {
        match self.hosts.strip_prefix("|1|") {
            Some(hashed) => is_hash_of(hashed, name),
            None => pattern::list(self.hosts.split(','), name) == Match::Yes,
        }
    }

    /// The line with its key, if that can be read and is of the kind it claims.
    pub fn line(&self, place: String) -> Option<Line> {
        let key = PublicKey::from_openssh(&format!("{} {}", self.kind, self.key)).ok()?;
        (key.algorithm().as_str() == self.kind).then(|| Line {
            place,
            marker: self.marker,
            key: key.key_data().clone(),
        })
    }
}

fn is_hash_of(hashed: &str, name: &str) -> bool {
    let parts = hashed.split_once('|').and_then(|(salt, hash)| Some((decode(salt)?, decode(hash)?)));
    parts.is_some_and(|(salt, hash)| digest(&salt, name).is_some_and(|digest| digest == hash))
}

fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

fn digest(salt: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha1>::new_from_slice(salt).ok()?;
    mac.update(name.as_bytes());
    Some(mac.finalize().into_bytes().to_vec())
}

/// A name as it stands in a file that is not to tell which hosts are known.
pub fn hash(salt: &[u8; 20], name: &str) -> Option<String> {
    Some(format!("|1|{}|{}", STANDARD.encode(salt), STANDARD.encode(digest(salt, name)?)))
}
