//! What jobs ask of the world outside the swarm: the operator, and whoever knows if a stack is in use.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::ask::Asker;
use crate::diag::Diagnostic;

/// Says of a stack who is using it now; nothing if nobody is. What cannot be known is told as well.
pub type Guard = Arc<dyn Fn(String) -> BoxFuture<'static, Vec<Diagnostic>> + Send + Sync>;

/// What jobs ask of the world outside the swarm.
#[derive(Clone)]
pub struct Seams {
    /// The way to the operator.
    pub asker: Asker,
    /// Asked before a stack is touched.
    pub guard: Option<Guard>,
    /// Where this machine remembers what its operator consented to; nothing is remembered without it.
    pub state: Option<PathBuf>,
}

impl Default for Seams {
    /// Nobody is there, and nobody is asked.
    fn default() -> Self {
        Self { asker: Asker::nobody(), guard: None, state: None }
    }
}

impl fmt::Debug for Seams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seams").field("guarded", &self.guard.is_some()).finish_non_exhaustive()
    }
}
