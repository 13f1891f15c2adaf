//! Which machine a node is, and the way to its engine. It never passes a node over: one that cannot be reached is named
//! with the reason.

mod by_ssh;
mod machine;
mod one;
mod only;
mod ways;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt};

use crate::clock::SharedClock;
use crate::diag::Diagnostic;
use crate::engine::Engine;
use crate::model::{Catalogue, Node, NodeId};
use crate::ssh::Host;

pub use by_ssh::BySsh;
pub use machine::Machine;
pub use only::Only;
pub use ways::{Each, Pretended, SharedWays, Ways};

/// Nodes that are asked at the same time.
const AT_ONCE: usize = 8;
/// How long the way to a machine may take to be found, such as the opening of an SSH connection.
const WAY: Duration = Duration::from_secs(20);

/// All nodes' engines. Cheap to clone: all clones share what was opened.
#[derive(Clone)]
pub struct Fleet(Arc<Inner>);

struct Inner {
    ways: SharedWays,
    catalogue: Arc<Catalogue>,
    clock: SharedClock,
    /// Engines that were asked for, each with the machine it was reached as.
    engines: Mutex<BTreeMap<NodeId, (Machine, Engine)>>,
}

impl std::fmt::Debug for Fleet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fleet")
    }
}

impl Fleet {
    /// A fleet that is reached by these ways. Nothing is opened before it is needed.
    #[must_use]
    pub fn new(ways: SharedWays, catalogue: Arc<Catalogue>, clock: SharedClock) -> Self {
        Self(Arc::new(Inner { ways, catalogue, clock, engines: Mutex::new(BTreeMap::new()) }))
    }

    /// The machine that a node is: its address from the inventory, else as the swarm sees it.
    #[must_use]
    pub fn machine(&self, node: &Node) -> Machine {
        Machine::of(node, &self.0.catalogue)
    }

    /// The engine of a node. The same one is given again; its connections close by themselves when they are idle.
    ///
    /// # Errors
    /// When no way leads there.
    pub async fn engine(&self, node: &Node) -> Result<Engine, Diagnostic> {
        let machine = self.machine(node);
        if let Some((known, engine)) = self.known().get(&node.id)
            && *known == machine
        {
            return Ok(engine.clone());
        }
        let found = tokio::time::timeout(WAY, self.0.ways.dialer(&machine)).await.unwrap_or_else(|_| {
            let what = format!("{} does not answer", machine.hostname);
            let why = format!("no way there within {} s", WAY.as_secs());
            Err(Diagnostic::new(what, "look whether the machine is up and the network leads there").because(why))
        });
        let engine = Engine::new(found.map_err(|fault| at(fault, &machine))?, Arc::clone(&self.0.clock));
        self.known().insert(node.id.clone(), (machine, engine.clone()));
        Ok(engine)
    }

    /// The machine of a node, to run commands on.
    ///
    /// # Errors
    /// When no way leads there.
    pub async fn host(&self, node: &Node) -> Result<Arc<Host>, Diagnostic> {
        let machine = self.machine(node);
        self.0.ways.host(&machine).await.map_err(|fault| at(fault, &machine))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, BTreeMap<NodeId, (Machine, Engine)>> {
        self.0.engines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the engine of each node, some at a time, and gives each answer as it comes.
    pub fn each<T, F, A>(
        &self,
        nodes: Vec<Node>,
        act: F,
    ) -> impl Stream<Item = (NodeId, Result<T, Diagnostic>)> + use<T, F, A>
    where
        F: Fn(Engine) -> A + Clone,
        A: Future<Output = Result<T, Diagnostic>>,
    {
        let fleet = self.clone();
        stream::iter(nodes)
            .map(move |node| {
                let (fleet, act) = (fleet.clone(), act.clone());
                async move {
                    let answer = match fleet.engine(&node).await {
                        Ok(engine) => act(engine).await.map_err(|fault| at(fault, &fleet.machine(&node))),
                        Err(fault) => Err(fault),
                    };
                    (node.id, answer)
                }
            })
            .buffer_unordered(AT_ONCE)
    }

    /// Does something on each machine over SSH, some at a time, and gives each answer as it comes.
    pub fn each_host<T, F, A>(
        &self,
        nodes: Vec<Node>,
        act: F,
    ) -> impl Stream<Item = (NodeId, Result<T, Diagnostic>)> + use<T, F, A>
    where
        F: Fn(Node, Arc<Host>) -> A + Clone,
        A: Future<Output = Result<T, Diagnostic>>,
    {
        let fleet = self.clone();
        stream::iter(nodes)
            .map(move |node| {
                let (fleet, act) = (fleet.clone(), act.clone());
                async move {
                    let id = node.id.clone();
                    let answer = match fleet.host(&node).await {
                        Ok(host) => act(node, host).await,
                        Err(fault) => Err(fault),
                    };
                    (id, answer)
                }
            })
            .buffer_unordered(AT_ONCE)
    }

    /// Does something with the engines of all these nodes; a result for each, in the order of the nodes.
    pub async fn on_all<T, F, A>(&self, nodes: &[Node], act: F) -> Vec<(NodeId, Result<T, Diagnostic>)>
    where
        F: Fn(Engine) -> A + Clone,
        A: Future<Output = Result<T, Diagnostic>>,
    {
        let mut answers: BTreeMap<NodeId, Result<T, Diagnostic>> = self.each(nodes.to_vec(), act).collect().await;
        nodes.iter().filter_map(|node| answers.remove_entry(&node.id)).collect()
    }
}

/// The fault with the name of the machine, unless it says already where it is.
fn at(fault: Diagnostic, machine: &Machine) -> Diagnostic {
    if fault.place.is_empty() { fault.at(&machine.hostname) } else { fault }
}

#[cfg(test)]
mod tests;
