//! The files that TLS needs, as bytes, each with its place for those who must mend it.
//! A key is wiped from memory when it is dropped, and is never shown.

use std::fmt;
use std::io;
use std::path::Path;

use tokio_rustls::rustls::pki_types::pem::{Error, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

/// A file in PEM.
#[derive(Clone)]
pub struct Pem {
    place: String,
    bytes: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pem").field("place", &self.place).finish_non_exhaustive()
    }
}

/// Whom to trust, and who we are.
#[derive(Debug, Clone, Default)]
pub struct Material {
    /// Authorities that may sign the server's certificate; none means those of the operating system.
    pub ca: Option<Pem>,
    /// Our certificate and its key.
    pub identity: Option<(Pem, Pem)>,
    /// The server's certificate is not looked at: whoever answers is believed.
    pub unverified: bool,
}

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct MaterialError {
    /// What is wrong.
    pub what: String,
    /// The file.
    pub place: String,
    /// The cause, if there is more to say.
    pub why: String,
    /// What to do.
    pub mend: &'static str,
}

impl Pem {
    /// Bytes that come from this place.
    #[must_use]
    pub fn new(place: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { place: place.into(), bytes: Zeroizing::new(bytes) }
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(path: &Path) -> Result<Self, MaterialError> {
        let place = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| unread(&place, &error))?;
        Ok(Self::new(place, bytes))
    }

    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// The certificates in it; at least one.
    pub(super) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, MaterialError> {
        let all: Result<Vec<_>, Error> = CertificateDer::pem_slice_iter(&self.bytes).collect();
        match all {
            Ok(all) if !all.is_empty() => Ok(all),
            Ok(_) => Err(self.fault("there is no certificate in this file", "", "give the PEM file of a certificate")),
            Err(error) => Err(self.fault("this is no certificate in PEM", &error.to_string(), "write the file anew")),
        }
    }

    /// The private key in it.
    pub(super) fn key(&self) -> Result<PrivateKeyDer<'static>, MaterialError> {
        let text = String::from_utf8_lossy(&self.bytes);
        if text.contains("ENCRYPTED") {
            let mend =
                "decrypt it with  openssl pkey -in key.pem -out key.pem  and keep the file to yourself (chmod 600)";
            return Err(self.fault("this key is encrypted, and the engine's clients take none that is", "", mend));
        }
        PrivateKeyDer::from_pem_slice(&self.bytes).map_err(|error| match error {
            // What an error quotes of a file with a key in it is told nowhere.
            Error::NoItemsFound => self.fault("there is no private key in this file", "", "give the PEM file of a key"),
            _ => self.fault("this is no private key in PEM", "", "write the file anew"),
        })
    }

    pub(super) fn fault(&self, what: &str, why: &str, mend: &'static str) -> MaterialError {
        MaterialError { what: what.to_owned(), place: self.place.clone(), why: why.to_owned(), mend }
    }
}

fn unread(place: &str, error: &io::Error) -> MaterialError {
    let mend = match error.kind() {
        io::ErrorKind::NotFound => "put the file there, or name the right one",
        io::ErrorKind::PermissionDenied => "let this user read it",
        _ => "look why the file cannot be read",
    };
    MaterialError { what: "a file for TLS cannot be read".into(), place: place.into(), why: error.to_string(), mend }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_that_is_not_what_it_should_be_is_told_and_a_key_is_not() {
        let secret = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0!\n-----END PRIVATE KEY-----\n";
        let pem = |text: &str| Pem::new("key.pem", text.as_bytes().to_vec());
        for (text, what) in [
            ("", "no private key in this file"),
            (secret, "no private key in PEM"),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----\n", "is encrypted"),
        ] {
            let error = pem(text).key().unwrap_err();
            assert!(error.what.contains(what) && error.place == "key.pem" && !error.mend.is_empty(), "{error:?}");
            assert!(!format!("{error:?}{:?}", pem(text)).contains("c2Vj"), "{error:?}");
        }
        assert!(pem("hello").certificates().unwrap_err().what.contains("no certificate in this file"));
        let missing = Pem::read(Path::new("/nowhere/ca.pem")).unwrap_err();
        assert_eq!(
            (missing.place.as_str(), missing.mend),
            ("/nowhere/ca.pem", "put the file there, or name the right one")
        );
    }
}
