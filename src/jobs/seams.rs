//! What jobs ask of the world outside the swarm: the operator, and what they consented to.

use std::fmt;
use std::path::PathBuf;

use super::register::Registrar;
use crate::ask::Asker;

/// What jobs ask of the world outside the swarm.
#[derive(Clone)]
pub struct Seams {
    /// The way to the operator.
    pub asker: Asker,
    /// Where this machine remembers what its operator consented to; nothing is remembered without it.
    pub state: Option<PathBuf>,
    /// Where stacks are made known after their deploy.
    pub registrar: Registrar,
}

impl Default for Seams {
    /// Nobody is there, and nobody is asked.
    fn default() -> Self {
        Self { asker: Asker::nobody(), state: None, registrar: Registrar::default() }
    }
}

impl fmt::Debug for Seams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seams").finish_non_exhaustive()
    }
}
