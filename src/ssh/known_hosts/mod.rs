//! Which keys a host is known by, judged as OpenSSH does. It never writes but in `learn`.

mod learn;
mod line;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use russh::keys::ssh_key::public::KeyData;
use russh::keys::{Algorithm, Certificate};

pub use learn::learn;
use line::{Line, Marker};

/// The name under which a host stands in these files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Without port: what a certificate must name.
    pub bare: String,
    /// With the port, unless it is 22; `[host]:port`.
    pub full: String,
}

impl Name {
    /// The name of a host that listens at this port. An alias stands for itself, whatever the port.
    pub fn new(host: &str, port: u16, alias: Option<&str>) -> Self {
        let bare = alias.unwrap_or(host).to_lowercase();
        let full = match (alias, port) {
            (Some(_), _) | (None, 22) => bare.clone(),
            (None, port) => format!("[{bare}]:{port}"),
        };
        Self { bare, full }
    }
}

/// What the files say of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The host is known by it.
    Known,
    /// The host is not known.
    Unknown,
    /// The host is known by others: where each stands, and what it is.
    Changed(Vec<(String, KeyData)>),
    /// It must never be trusted again: where that stands.
    Revoked(String),
}

/// All that the files say of one host.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Lines that hold for the name with its port.
    lines: Vec<Line>,
    /// Lines that hold for the name without it; empty where that is no other name.
    bare: Vec<Line>,
    /// What the operator has agreed to, and could not or should not be written.
    agreed: Vec<KeyData>,
}

impl Known {
    /// Reads the files; one that is not there says nothing.
    pub fn read<'a>(files: impl IntoIterator<Item = &'a PathBuf>, name: &Name) -> Self {
        let mut known = Self::default();
        for file in files {
            if let Ok(bytes) = std::fs::read(file) {
                known.add(&String::from_utf8_lossy(&bytes), file, name);
            }
        }
        known
    }

    fn add(&mut self, text: &str, file: &Path, name: &Name) {
        for (at, text) in text.lines().enumerate() {
            let Some(entry) = line::parse(text) else { continue };
            let place = || format!("{}:{}", file.display(), at + 1);
            if entry.holds_for(&name.full) {
                self.lines.extend(entry.line(place()));
            }
            if name.bare != name.full && entry.holds_for(&name.bare) {
                self.bare.extend(entry.line(place()));
            }
        }
    }

    /// Trusts this key too.
    pub fn agree(&mut self, key: KeyData) {
        self.agreed.push(key);
    }

    /// What to think of a plain key.
    pub fn judge(&self, key: &KeyData) -> Verdict {
        if self.agreed.contains(key) && !matches!(verdict(&self.lines, key), Verdict::Revoked(_)) {
            return Verdict::Known;
        }
        match verdict(&self.lines, key) {
            // A key that stands there without a port will do, and one that does not speaks against nothing.
            Verdict::Unknown if verdict(&self.bare, key) == Verdict::Known => Verdict::Known,
            sure => sure,
        }
    }

    /// What to think of the authority and the key of a certificate: `Known` if an authority stands for this host.
    pub fn judge_certificate(&self, certificate: &Certificate) -> Verdict {
        for lines in [&self.lines, &self.bare] {
            for key in [certificate.signature_key(), certificate.public_key()] {
                if let Some(revoked) = lines.iter().find(|line| line.marker == Marker::Revoked && &line.key == key) {
                    return Verdict::Revoked(revoked.place.clone());
                }
            }
            let vouches = |line: &Line| line.marker == Marker::Authority && &line.key == certificate.signature_key();
            if lines.iter().any(vouches) {
                return Verdict::Known;
            }
        }
        Verdict::Unknown
    }

    /// An authority stands for this host.
    pub fn has_authority(&self) -> bool {
        self.lines.iter().chain(&self.bare).any(|line| line.marker == Marker::Authority)
    }

    /// Kinds of keys by which the host is known under its full name: a host that offers several is asked for one of
    /// them, so that one known by another kind is not taken for changed.
    pub fn kinds(&self) -> Vec<Algorithm> {
        let plain = self.lines.iter().filter(|line| line.marker == Marker::None);
        plain.map(|line| line.key.algorithm()).chain(self.agreed.iter().map(KeyData::algorithm)).collect()
    }
}

fn verdict(lines: &[Line], key: &KeyData) -> Verdict {
    if let Some(revoked) = lines.iter().find(|line| line.marker == Marker::Revoked && &line.key == key) {
        return Verdict::Revoked(revoked.place.clone());
    }
    let plain: Vec<&Line> = lines.iter().filter(|line| line.marker == Marker::None).collect();
    if plain.iter().any(|line| &line.key == key) {
        return Verdict::Known;
    }
    if plain.is_empty() {
        return Verdict::Unknown;
    }
    Verdict::Changed(plain.into_iter().map(|line| (line.place.clone(), line.key.clone())).collect())
}
