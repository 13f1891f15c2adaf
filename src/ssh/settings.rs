//! What the room must know of the operator and this machine. It never looks for any of it by itself.

use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Filled by whoever starts the program.
#[derive(Clone, Default)]
pub struct Settings {
    /// The operator's home folder; keys and known hosts lie under it.
    pub home: PathBuf,
    /// The operator's name on this machine.
    pub user: String,
    /// The socket of the operator's agent, `SSH_AUTH_SOCK`.
    pub agent: Option<PathBuf>,
    /// The `ssh` program, which is asked what applies to a host; without it, our own reader does.
    pub ssh: Option<PathBuf>,
    /// This file instead of the operator's and the machine's config.
    pub config: Option<PathBuf>,
    /// The environment, for `${NAME}` in the config.
    pub variables: Vec<(String, String)>,
}

impl Settings {
    /// The value of a variable of the environment.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The same path with `~` as the home folder.
    #[must_use]
    pub fn at_home(&self, path: &str) -> PathBuf {
        match path.strip_prefix("~/") {
            Some(rest) => self.home.join(rest),
            None if path == "~" => self.home.clone(),
            None => PathBuf::from(path),
        }
    }

    /// The number of the operator's account.
    #[must_use]
    pub fn uid(&self) -> Option<u32> {
        let of = |path: &Path| std::fs::metadata(path).ok().map(|meta| meta.uid());
        of(Path::new("/proc/self")).or_else(|| of(&self.home))
    }
}

impl fmt::Debug for Settings {
    /// Without the environment: it may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("home", &self.home).field("user", &self.user).finish_non_exhaustive()
    }
}
