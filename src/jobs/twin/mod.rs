//! `docker stack deploy` and `docker stack rm` to the letter: the same objects with the same bodies, every service
//! written on every run, nothing pruned but services. What does not depend on each other is done side by side.
//! It writes past the queue, and so belongs to verbs of one shot only, never to the console.

mod files;
mod fleet;
mod images;
mod networks;
mod remove;
mod services;
mod there;
mod wait;

use std::fmt;

use futures_util::try_join;

pub use remove::remove;

use self::fleet::Fleet;
use self::images::Images;
use self::there::There;
use crate::diag::{Diagnostic, Explain};
use crate::engine::Engine;
use crate::jobs::Registries;
use crate::stack::{NAMESPACE, Wish};

/// When a registry is asked for the digest of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolve {
    /// Every time.
    Always,
    /// When the file names another image than at the last deployment.
    Changed,
    /// Not at all.
    Never,
}

/// A deployment.
#[derive(Clone)]
pub struct Deploy<'a> {
    /// What the stack wishes for.
    pub wish: &'a Wish,
    /// Remove services that the files do not name any more.
    pub prune: bool,
    /// When a registry is asked.
    pub resolve: Resolve,
    /// Who to be at the registries, if services are to be told so; without credentials for one it is nobody.
    pub credentials: Option<Registries>,
    /// Wait until the services run.
    pub wait: bool,
}

impl fmt::Debug for Deploy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deploy")
            .field("stack", &self.wish.stack)
            .field("resolve", &self.resolve)
            .finish_non_exhaustive()
    }
}

/// What is told while it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// What is being done.
    Doing(String),
    /// What is no fault and should be known.
    Warning(String),
}

/// Why it ended before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    /// No manager of a swarm answers; nothing was done.
    Unreachable(Diagnostic),
    /// Something could not be done.
    Failed(Diagnostic),
}

/// Hears what is told.
pub type Say<'a> = &'a (dyn Fn(Said) + Send + Sync);

/// What the steps share.
#[derive(Clone, Copy)]
struct Cx<'a> {
    engine: &'a Engine,
    deploy: &'a Deploy<'a>,
    say: Say<'a>,
}

impl Cx<'_> {
    fn doing(&self, what: String) {
        (self.say)(Said::Doing(what));
    }

    /// The label of this stack.
    fn label(&self) -> String {
        label(&self.deploy.wish.stack)
    }
}

/// The label by which everything of a stack is found.
fn label(stack: &str) -> String {
    format!("{NAMESPACE}={stack}")
}

/// Deploys a stack.
///
/// # Errors
/// With what went wrong, what was done until then and what is left.
pub async fn deploy(engine: &Engine, deploy: &Deploy<'_>, say: Say<'_>) -> Result<(), Halt> {
    // Asked first, and alone: a worker or a stranger is told as what it is.
    engine.probe().await.map_err(|error| Halt::Unreachable(error.explain()))?;
    steps(&Cx { engine, deploy, say }).await.map_err(Halt::Failed)
}

async fn steps(cx: &Cx<'_>) -> Result<(), Diagnostic> {
    let deploy = cx.deploy;
    let there = There::look(cx).await?;
    there.check(deploy.wish)?;
    if deploy.prune {
        services::prune(cx, &there).await.told("removed")?;
    }
    networks::create(cx, &there).await.told("created")?;
    // A registry is further away than anything else: it is asked while secrets and configs are written.
    let (ids, images) = try_join!(files::write(cx, &there), async { Ok(Images::ask(cx, &there).await) })?;
    let written = services::write(cx, &there, &ids, &images).await;
    let names = written.told("deployed")?;
    if deploy.wait { wait::until_running(cx, &names).await } else { Ok(()) }
}

/// A fault of the engine, with what was being done.
fn failed(what: String, error: &crate::engine::EngineError) -> Diagnostic {
    let told = error.explain();
    let mut fault = Diagnostic::new(what, told.mend).at(told.place).because(told.what);
    fault.why.extend(told.why);
    fault
}

/// Nothing to do.
fn idle() -> Fleet {
    Fleet::default()
}
