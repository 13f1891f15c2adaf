//! A key in a file. One that others could have read is not used, as with OpenSSH.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use russh::keys::{Certificate, PrivateKey, PublicKey};
use zeroize::Zeroizing;

/// The longest file that is taken for a key.
const LONGEST: u64 = 1 << 16;

/// What lies in a key file, as far as it can be seen without a passphrase.
pub struct KeyFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its public half, from itself or from the `.pub` beside it.
    pub public: Option<PublicKey>,
    /// A certificate for it, from the `-cert.pub` beside it.
    pub certificate: Option<Certificate>,
    /// The private half.
    pub private: Private,
}

/// The private half of a key file.
pub enum Private {
    /// It can be used.
    Open(Arc<PrivateKey>),
    /// It needs a passphrase.
    Locked(Zeroizing<String>),
    /// There is none to use, for this reason: only an agent can hold it.
    None(String),
}

/// Looks at a file. Nothing if neither it nor its public half is there.
pub fn read(path: &Path, uid: Option<u32>) -> Option<KeyFile> {
    let mut beside = public(path);
    let certificate = Certificate::read_file(&with_end(path, "-cert.pub")).ok();
    let private = match text(path, uid) {
        Ok(Some(text)) => match PublicKey::from_openssh(text.trim()) {
            // The config names the public half: the agent holds the other.
            Ok(public) => {
                beside = beside.or(Some(public));
                Private::None("it is a public key: the agent must hold the private one".to_owned())
            }
            Err(_) => open(&text, None),
        },
        Ok(None) if beside.is_none() => return None,
        Ok(None) => Private::None("the private key is not there".to_owned()),
        Err(why) => Private::None(why),
    };
    let inside = match &private {
        Private::Open(key) => Some(key.public_key().clone()),
        Private::Locked(text) => PrivateKey::from_openssh(text.as_bytes()).ok().map(|key| key.public_key().clone()),
        Private::None(_) => None,
    };
    Some(KeyFile { path: path.to_owned(), public: inside.or(beside), certificate, private })
}

/// Opens the text of a key, with a passphrase if it needs one.
pub fn open(text: &Zeroizing<String>, passphrase: Option<&str>) -> Private {
    use russh::keys::{Error, decode_secret_key};
    match decode_secret_key(text, passphrase) {
        Ok(key) => Private::Open(Arc::new(key)),
        Err(Error::KeyIsEncrypted) => Private::Locked(text.clone()),
        Err(_) if passphrase.is_some() => Private::None("the passphrase is wrong".to_owned()),
        // Older formats do not say so when they need a passphrase.
        Err(_) if text.contains("ENCRYPTED") => Private::Locked(text.clone()),
        Err(error) => Private::None(format!("it cannot be read: {error}")),
    }
}

fn text(path: &Path, uid: Option<u32>) -> Result<Option<Zeroizing<String>>, String> {
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("it cannot be read: {error}")),
    };
    if Some(meta.uid()) == uid && meta.mode() & 0o077 != 0 && path.extension().is_none_or(|end| end != "pub") {
        let mode = meta.mode() & 0o777;
        return Err(format!("others can read it (mode {mode:04o}); see: chmod 600 {}", path.display()));
    }
    if !meta.is_file() || meta.len() > LONGEST {
        return Err("it is no key file".to_owned());
    }
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(error) => Err(format!("it cannot be read: {error}")),
    }
}

fn public(path: &Path) -> Option<PublicKey> {
    russh::keys::load_public_key(with_end(path, ".pub")).ok()
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}
