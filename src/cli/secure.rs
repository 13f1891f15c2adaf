//! The certificates for engines over TCP: from the options, the environment, or a context of the docker CLI.

use std::path::{Path, PathBuf};

use super::args::Globals;
use crate::diag::Diagnostic;
use crate::docker_config::{Context, TlsFiles};
use crate::wire::{Material, MaterialError, Pem, Tls};

/// What the environment says of TLS.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// `DOCKER_TLS_VERIFY` is set.
    pub verify: bool,
    /// `DOCKER_CERT_PATH`; else the docker CLI's own folder.
    pub folder: PathBuf,
}

/// TLS as the options and the environment want it; none where they do not.
///
/// # Errors
/// If a file is not what it should be.
pub fn of_words(globals: &Globals, around: &Surroundings) -> Result<Option<Tls>, Diagnostic> {
    let said = [&globals.tlscacert, &globals.tlscert, &globals.tlskey];
    if !around.verify && said.iter().all(|file| file.is_none()) {
        return Ok(None);
    }
    let found = TlsFiles::in_folder(&around.folder);
    let files = TlsFiles {
        ca: globals.tlscacert.clone().or(found.ca),
        certificate: globals.tlscert.clone().or(found.certificate),
        key: globals.tlskey.clone().or(found.key),
    };
    of_files(&files, false).map(Some)
}

/// TLS as a context wants it; none where it does not.
///
/// # Errors
/// If a file is not what it should be.
pub fn of_context(context: &Context) -> Result<Option<Tls>, Diagnostic> {
    if context.tls.is_empty() && !context.unverified {
        return Ok(None);
    }
    of_files(&context.tls, context.unverified).map(Some)
}

fn of_files(files: &TlsFiles, unverified: bool) -> Result<Tls, Diagnostic> {
    let identity = match (&files.certificate, &files.key) {
        (Some(certificate), Some(key)) => Some((read(certificate)?, read(key)?)),
        (None, None) => None,
        (Some(alone), None) => return Err(half("key", "--tlskey", alone)),
        (None, Some(alone)) => return Err(half("certificate", "--tlscert", alone)),
    };
    let ca = files.ca.as_deref().map(read).transpose()?;
    Tls::new(&Material { ca, identity, unverified }).map_err(told)
}

fn read(path: &Path) -> Result<Pem, Diagnostic> {
    Pem::read(path).map_err(told)
}

fn half(missing: &str, option: &str, there: &Path) -> Diagnostic {
    let what = format!("a certificate of ours needs its key, and the {missing} is missing");
    Diagnostic::new(what, format!("give it with {option} FILE, or take this file away")).at(there.display().to_string())
}

fn told(error: MaterialError) -> Diagnostic {
    Diagnostic::new(error.what, error.mend).at(error.place).because(error.why)
}
