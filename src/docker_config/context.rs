//! Contexts: named engines. Each is a folder whose name is the SHA-256 of the context's name, so that any name will do.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use serde::Deserialize;

use super::fault::unreadable;
use crate::diag::Diagnostic;

/// A named engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Its name.
    pub name: String,
    /// The address of the engine, as after `-H`; empty means the local socket.
    pub host: String,
    /// The server's certificate is not to be looked at.
    pub unverified: bool,
    /// The files for TLS that are there; all missing means no TLS, unless it is unverified.
    pub tls: TlsFiles,
}

/// Files for TLS, each only if it is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TlsFiles {
    /// The authority that signs the server's certificate.
    pub ca: Option<PathBuf>,
    /// Our certificate.
    pub certificate: Option<PathBuf>,
    /// Our key.
    pub key: Option<PathBuf>,
}

impl TlsFiles {
    /// Those of the usual names in a folder.
    #[must_use]
    pub fn in_folder(dir: &Path) -> Self {
        let file = |name: &str| Some(dir.join(name)).filter(|path| path.exists());
        Self { ca: file("ca.pem"), certificate: file("cert.pem"), key: file("key.pem") }
    }

    /// There is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetaJson {
    name: String,
    #[serde(default)]
    endpoints: BTreeMap<String, EndpointJson>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct EndpointJson {
    host: String,
    #[serde(rename = "SkipTLSVerify")]
    skip_tls_verify: bool,
}

/// The name of a context's folder.
fn folder(name: &str) -> String {
    digest(&SHA256, name.as_bytes()).as_ref().iter().fold(String::new(), |mut hex, byte| {
        // Writing into a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// One context.
pub(super) fn read(dir: &Path, name: &str) -> Result<Context, Diagnostic> {
    let file = dir.join("contexts/meta").join(folder(name)).join("meta.json");
    match std::fs::read_to_string(&file) {
        Ok(text) => parse(dir, &file, &text),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let known: Vec<String> = all(dir).0.into_iter().map(|context| context.name).collect();
            let mend = if known.is_empty() {
                format!("make it with  docker context create {name}")
            } else {
                format!("name one of these: {}", known.join(", "))
            };
            let fault = Diagnostic::new(format!("there is no docker context {name:?}"), mend);
            Err(fault.at(dir.join("contexts").display().to_string()))
        }
        Err(error) => Err(closed(&file, &error)),
    }
}

/// All contexts that can be read, and what is wrong with the others.
pub(super) fn all(dir: &Path) -> (Vec<Context>, Vec<Diagnostic>) {
    let Ok(folders) = std::fs::read_dir(dir.join("contexts/meta")) else { return Default::default() };
    let (mut contexts, mut faults) = (Vec::new(), Vec::new());
    for folder in folders.flatten() {
        let file = folder.path().join("meta.json");
        let context = match std::fs::read_to_string(&file) {
            Ok(text) => parse(dir, &file, &text),
            // A folder without the file is none of a context.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => continue,
            Err(error) => Err(closed(&file, &error)),
        };
        match context {
            Ok(context) => contexts.push(context),
            Err(fault) => faults.push(fault),
        }
    }
    contexts.sort_by(|a, b| a.name.cmp(&b.name));
    faults.sort_by(|a, b| a.place.cmp(&b.place));
    (contexts, faults)
}

fn parse(dir: &Path, file: &Path, text: &str) -> Result<Context, Diagnostic> {
    let meta: MetaJson =
        serde_json::from_str(text).map_err(|error| unreadable(file, "a docker context cannot be read", &error))?;
    let Some(endpoint) = meta.endpoints.get("docker") else {
        let mend = format!("make it anew with  docker context create {}", meta.name);
        let fault = Diagnostic::new(format!("the docker context {:?} names no engine", meta.name), mend);
        return Err(fault.at(file.display().to_string()).because("there is no `docker` under `Endpoints`"));
    };
    let tls = TlsFiles::in_folder(&dir.join("contexts/tls").join(folder(&meta.name)).join("docker"));
    Ok(Context { host: endpoint.host.clone(), unverified: endpoint.skip_tls_verify, tls, name: meta.name })
}

fn closed(file: &Path, error: &std::io::Error) -> Diagnostic {
    let fault = Diagnostic::new("a docker context cannot be read", "let this user read the file");
    fault.at(file.display().to_string()).because(error.to_string())
}
