//! The seam: how the engine of a machine is reached. Each kind of way is one small file.

use std::sync::Arc;

use futures_util::future::{BoxFuture, ready};

use super::Machine;
use crate::diag::Diagnostic;
use crate::ssh::Host;
use crate::wire::SharedDialer;

/// Finds the way to the engine of a machine.
pub trait Ways: Send + Sync + 'static {
    /// The machine itself, to run commands on. Only SSH leads there.
    fn host<'a>(&'a self, machine: &'a Machine) -> BoxFuture<'a, Result<Arc<Host>, Diagnostic>> {
        let name = &machine.hostname;
        let fault = Diagnostic::new(format!("no way to run anything on {name}"), format!("give -H ssh://{name}"));
        Box::pin(ready(Err(fault.because("only SSH leads to a machine itself"))))
    }

    /// A dialer to the engine there. May wait for the network; the fleet sets the time-out. What it opens stays open
    /// only as long as it is used.
    fn dialer<'a>(&'a self, machine: &'a Machine) -> BoxFuture<'a, Result<SharedDialer, Diagnostic>>;
}

/// Ways that can be handed round.
pub type SharedWays = Arc<dyn Ways>;

/// Ways that need not be looked for: a function says where each machine's engine is.
pub struct Each<F>(pub F);

impl<F> Ways for Each<F>
where
    F: Fn(&Machine) -> Result<SharedDialer, Diagnostic> + Send + Sync + 'static,
{
    fn dialer<'a>(&'a self, machine: &'a Machine) -> BoxFuture<'a, Result<SharedDialer, Diagnostic>> {
        Box::pin(ready((self.0)(machine)))
    }
}

/// As [`Each`], for machines that are only simulated: their engines answer, and nothing can be run on them.
pub struct Pretended<F>(pub F);

impl<F> Ways for Pretended<F>
where
    F: Fn(&Machine) -> Result<SharedDialer, Diagnostic> + Send + Sync + 'static,
{
    fn host<'a>(&'a self, machine: &'a Machine) -> BoxFuture<'a, Result<Arc<Host>, Diagnostic>> {
        let what = "the demo's machines are simulated: nothing to run there";
        let mend = "look at machines of your own: quarterdeck -H ssh://USER@HOST";
        Box::pin(ready(Err(Diagnostic::new(what, mend).at(&machine.hostname))))
    }

    fn dialer<'a>(&'a self, machine: &'a Machine) -> BoxFuture<'a, Result<SharedDialer, Diagnostic>> {
        Box::pin(ready((self.0)(machine)))
    }
}
