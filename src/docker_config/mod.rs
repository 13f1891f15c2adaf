//! What the docker CLI's own folder says: which engine is meant (contexts) and who may pull (registry credentials).
//! Reads only; never knows a network. A part that is broken is told and never hides the others.

mod auth;
mod config;
mod context;
mod fault;
mod helper;
mod image;

use std::path::{Path, PathBuf};

use crate::diag::Diagnostic;

pub use auth::Auth;
pub use context::{Context, TlsFiles};

use config::Config;

/// The name of the context that is no context: the environment and the local socket.
pub const DEFAULT: &str = "default";

/// The folder, read.
#[derive(Debug)]
pub struct Folder {
    dir: PathBuf,
    config: Config,
}

impl Folder {
    /// Reads the folder, usually `~/.docker`. One that is not there is an empty one; a `config.json` that cannot be read
    /// is a fault beside it.
    #[must_use]
    pub fn read(dir: &Path) -> (Self, Option<Diagnostic>) {
        let (config, fault) = match Config::read(&dir.join("config.json")) {
            Ok(config) => (config, None),
            Err(fault) => (Config::default(), Some(*fault)),
        };
        (Self { dir: dir.to_owned(), config }, fault)
    }

    /// The context that `docker context use` chose; none where that is the default one.
    #[must_use]
    pub fn current_context(&self) -> Option<&str> {
        Some(self.config.current_context.as_str()).filter(|name| !name.is_empty() && *name != DEFAULT)
    }

    /// One context.
    ///
    /// # Errors
    /// If it is not there or cannot be read.
    pub fn context(&self, name: &str) -> Result<Context, Diagnostic> {
        context::read(&self.dir, name)
    }

    /// All contexts that can be read, by name, and what is wrong with the others.
    #[must_use]
    pub fn contexts(&self) -> (Vec<Context>, Vec<Diagnostic>) {
        context::all(&self.dir)
    }

    /// Who we are at this registry, as the docker CLI would say it; none where nothing is known.
    ///
    /// # Errors
    /// If what is known cannot be read, or the helper that knows it fails.
    pub async fn credentials(&self, registry: &str) -> Result<Option<Auth>, Diagnostic> {
        let key = image::config_key(registry);
        match self.config.helper_for(key) {
            Some((name, said_by)) => helper::get(name, key, &self.config.place(said_by)).await,
            None => self.config.auth_for(key),
        }
    }
}

#[cfg(test)]
mod tests;
