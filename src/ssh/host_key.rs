//! What to do about the key that a host shows: trust it, ask the operator, or turn away. Decides nothing by itself
//! that OpenSSH would ask for.

use russh::keys::ssh_key::certificate::CertType;
use russh::keys::ssh_key::public::KeyData;
use russh::keys::{Algorithm, Certificate, HashAlg, PublicKeyOrCertificate};

use super::known_hosts::{Known, Name, Verdict};
use super::pattern;
use crate::ask::{Question, Wants};

/// Why a key is not trusted. Fingerprints are SHA-256, with the kind of key before them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFault {
    /// Nobody has said that it is this host's.
    Unknown {
        /// The key.
        key: String,
        /// Why nobody was asked, or that the answer was no.
        why: &'static str,
    },
    /// The host was known by other keys.
    Changed {
        /// The key.
        key: String,
        /// Where the others stand, and what they are.
        known: Vec<(String, String)>,
    },
    /// It has been revoked.
    Revoked {
        /// The key.
        key: String,
        /// Where that stands.
        place: String,
    },
    /// An authority vouches for it in a certificate that does not hold.
    Certificate {
        /// The key.
        key: String,
        /// What is wrong with the certificate.
        why: String,
    },
}

impl KeyFault {
    pub(super) fn word(&self) -> &'static str {
        match self {
            KeyFault::Unknown { .. } => "it is not known",
            KeyFault::Changed { .. } => "it has changed",
            KeyFault::Revoked { .. } => "it is revoked",
            KeyFault::Certificate { .. } => "its certificate does not hold",
        }
    }

    pub(super) fn why(&self) -> Vec<String> {
        match self {
            KeyFault::Unknown { key, why } => vec![format!("the host shows {key}"), (*why).to_owned()],
            KeyFault::Changed { key, known } => {
                let known = known.iter().map(|(place, key)| format!("{place} says {key}"));
                std::iter::once(format!("the host shows {key}")).chain(known).collect()
            }
            KeyFault::Revoked { key, place } => vec![format!("the host shows {key}"), format!("{place} revokes it")],
            KeyFault::Certificate { key, why } => vec![format!("the host shows {key}"), why.clone()],
        }
    }

    pub(super) fn place(&self) -> String {
        match self {
            KeyFault::Changed { known, .. } => known.first().map(|(place, _)| place.clone()).unwrap_or_default(),
            KeyFault::Revoked { place, .. } => place.clone(),
            KeyFault::Unknown { .. } | KeyFault::Certificate { .. } => String::new(),
        }
    }

    pub(super) fn mend(&self, host: &str) -> String {
        match self {
            KeyFault::Unknown { .. } => {
                format!(
                    "compare the fingerprint with that on the host, and agree to it, or log in once with: ssh {host}"
                )
            }
            KeyFault::Changed { .. } => {
                "find out who has changed the host; only if its key was renewed on purpose, remove the old line".into()
            }
            KeyFault::Revoked { .. } => "give the host a new key".into(),
            KeyFault::Certificate { .. } => "have the host's certificate renewed by its authority".into(),
        }
    }
}

/// What came of looking at a key.
#[derive(Debug)]
pub enum Finding {
    /// Nobody knows it: whether to trust it is the operator's to say.
    Unknown(Box<KeyData>),
    /// It is not to be trusted.
    Fault(KeyFault),
}

/// Looks at what a host shows. Nothing found is good.
pub fn look(known: &Known, name: &Name, shown: &PublicKeyOrCertificate) -> Result<(), Finding> {
    let plain = match shown {
        PublicKeyOrCertificate::PublicKey { key, .. } => key.key_data().clone(),
        PublicKeyOrCertificate::Certificate(certificate) => {
            let key = certificate.public_key().clone();
            match known.judge_certificate(certificate) {
                Verdict::Revoked(place) => {
                    return Err(Finding::Fault(KeyFault::Revoked { key: fingerprint(&key), place }));
                }
                Verdict::Known => match flaw(certificate, name) {
                    None => return Ok(()),
                    Some(_) if known.judge(&key) == Verdict::Known => return Ok(()),
                    Some(why) => {
                        return Err(Finding::Fault(KeyFault::Certificate { key: fingerprint(&key), why }));
                    }
                },
                // No authority of ours: then the key in it counts, as if it had come alone.
                Verdict::Unknown | Verdict::Changed(_) => key,
            }
        }
    };
    match known.judge(&plain) {
        Verdict::Known => Ok(()),
        Verdict::Unknown => Err(Finding::Unknown(Box::new(plain))),
        Verdict::Revoked(place) => Err(Finding::Fault(KeyFault::Revoked { key: fingerprint(&plain), place })),
        Verdict::Changed(known) => {
            let known = known.into_iter().map(|(place, key)| (place, fingerprint(&key))).collect();
            Err(Finding::Fault(KeyFault::Changed { key: fingerprint(&plain), known }))
        }
    }
}

/// What is wrong with a host's certificate whose authority is trusted.
fn flaw(certificate: &Certificate, name: &Name) -> Option<String> {
    if certificate.cert_type() != CertType::Host {
        return Some("the certificate is a user's, not a host's".to_owned());
    }
    let principals = certificate.valid_principals();
    if !principals.is_empty() && !principals.iter().any(|principal| pattern::glob(principal, &name.bare)) {
        return Some(format!("the certificate is for {}, not for {}", principals.join(", "), name.bare));
    }
    if let Some((option, _)) = certificate.critical_options().iter().next() {
        return Some(format!("the certificate asks for {option:?}, which is not known here"));
    }
    if matches!(certificate.signature().algorithm(), Algorithm::Rsa { hash: None }) {
        return Some("the certificate is signed with SHA-1".to_owned());
    }
    let authority = certificate.signature_key().fingerprint(HashAlg::Sha256);
    if certificate.validate([&authority]).is_err() {
        let (from, to) = (certificate.valid_after(), certificate.valid_before());
        return Some(format!(
            "the certificate is forged, or not valid at this time (valid from {from} to {to}, in seconds since 1970)"
        ));
    }
    None
}

/// The kind of a key and its SHA-256 fingerprint.
pub fn fingerprint(key: &KeyData) -> String {
    let kind = match key.algorithm() {
        Algorithm::Ed25519 => "ED25519".to_owned(),
        Algorithm::Ecdsa { .. } => "ECDSA".to_owned(),
        Algorithm::Rsa { .. } => "RSA".to_owned(),
        other => other.as_str().to_owned(),
    };
    format!("{kind} {}", key.fingerprint(HashAlg::Sha256))
}

/// What the operator is asked about a key that nobody knows.
pub fn question(host: &str, name: &Name, key: &KeyData) -> Question {
    Question {
        title: format!("{host} is not known yet"),
        lines: vec![
            format!("Nobody has said so far that {} has this key:", name.full),
            fingerprint(key),
            "Trust it only if it is the fingerprint on the host itself.".to_owned(),
        ],
        wants: Wants::Consent("Trust"),
    }
}
