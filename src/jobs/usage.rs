//! How much the containers of nodes use: a stream of readings for each, the last minute kept, shown once a second.
//! It never waits for a node with the others.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, SelectAll};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::MissedTickBehavior;

use super::survey::reply;
use crate::diag::{Diagnostic, Explain};
use crate::engine::{Engine, EngineError};
use crate::fleet::Fleet;
use crate::model::{Container, Node, NodeId, READINGS, Reply, Survey, Told, Use, Used};
use crate::store::Writer;

/// How often new readings are shown, and how often at first.
const SHOWN: Duration = Duration::from_secs(1);
const FIRST: Duration = Duration::from_millis(200);
/// Shown so often at the quicker pace.
const QUICK: u32 = 10;
/// How often it is looked for containers that have come or gone, and for nodes that answer again.
const LOOKED: Duration = Duration::from_secs(5);
/// Containers of one node that are read at the same time.
const MOST: usize = 256;

/// What is known of a node. Held only to write down a reading or to show all of them.
#[derive(Debug)]
enum Known {
    Waiting,
    Silent(Diagnostic),
    Used(BTreeMap<String, Used>),
}

type Board = Arc<Mutex<BTreeMap<NodeId, Known>>>;

/// The readings of one container, each with its id; nothing at the end.
type Readings = Pin<Box<dyn Stream<Item = (String, Option<Result<Use, EngineError>>)> + Send>>;

/// Reads until it is dropped.
pub async fn follow(fleet: &Fleet, nodes: Vec<Node>, mut told: Writer<Survey>) {
    let order: Vec<NodeId> = nodes.iter().map(|node| node.id.clone()).collect();
    let board: Board = Arc::new(Mutex::new(order.iter().map(|node| (node.clone(), Known::Waiting)).collect()));
    let mut watched: FuturesUnordered<_> = nodes.iter().map(|node| watch(fleet, node, &board)).collect();
    let mut shown = 0_u32;
    loop {
        let pace = if shown < QUICK { FIRST } else { SHOWN };
        tokio::select! {
            () = tokio::time::sleep(pace) => {
                shown = shown.saturating_add(1);
                told.renew(|_| survey(&order, &board));
            }
            // No watcher ends; without nodes there is none.
            Some(()) = watched.next() => {}
        }
    }
}

fn survey(order: &[NodeId], board: &Board) -> Survey {
    let board = board.lock().unwrap_or_else(PoisonError::into_inner);
    let nodes = order.iter().map(|node| {
        let known = match board.get(node) {
            Some(Known::Used(used)) => reply(Ok(Told::Usage(used.values().cloned().collect()))),
            Some(Known::Silent(fault)) => reply(Err(fault.clone())),
            Some(Known::Waiting) | None => Reply::Waiting,
        };
        (node.clone(), known)
    });
    Survey { nodes: nodes.collect() }
}

/// Reads one node, and begins again when it could not be read.
async fn watch(fleet: &Fleet, node: &Node, board: &Board) {
    loop {
        let read = async {
            let engine = fleet.engine(node).await?;
            read(&engine, &node.id, board).await.map_err(|error| error.explain().at(&node.hostname))
        };
        let Err(fault) = read.await;
        board.lock().unwrap_or_else(PoisonError::into_inner).insert(node.id.clone(), Known::Silent(fault));
        tokio::time::sleep(LOOKED).await;
    }
}

/// Reads all containers of a node until it does not answer.
async fn read(engine: &Engine, node: &NodeId, board: &Board) -> Result<Infallible, EngineError> {
    let mut streams: SelectAll<Readings> = SelectAll::new();
    let mut look = tokio::time::interval(LOOKED);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = look.tick() => {
                let there = engine.containers(false).await?;
                let fresh = renew(&mut board.lock().unwrap_or_else(PoisonError::into_inner), node, there);
                streams.extend(fresh.into_iter().map(|id| readings(engine, id)));
            }
            Some((id, reading)) = streams.next() => {
                let mut board = board.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(Known::Used(used)) = board.get_mut(node) else { continue };
                match reading {
                    Some(Ok(reading)) => if let Some(used) = used.get_mut(&id) {
                        used.readings.push(reading);
                        let surplus = used.readings.len().saturating_sub(READINGS);
                        used.readings.drain(..surplus);
                    },
                    // A container that has ended is not there any more; one whose stream broke is found again.
                    Some(Err(_)) | None => drop(used.remove(&id)),
                }
            }
        }
    }
}

fn readings(engine: &Engine, id: String) -> Readings {
    let name = id.clone();
    let all = engine.stats(&id).map(move |reading| (name.clone(), Some(reading)));
    Box::pin(all.chain(stream::iter([(id, None)])))
}

/// Forgets containers that are gone; gives those that were not known.
fn renew(board: &mut BTreeMap<NodeId, Known>, node: &NodeId, there: Vec<Container>) -> Vec<String> {
    let mut known = match board.remove(node) {
        Some(Known::Used(used)) => used,
        _ => BTreeMap::new(),
    };
    known.retain(|id, _| there.iter().any(|container| container.id == *id));
    let mut fresh = Vec::new();
    for container in there.into_iter().take(MOST) {
        if let std::collections::btree_map::Entry::Vacant(free) = known.entry(container.id.clone()) {
            fresh.push(container.id.clone());
            free.insert(Used { container, readings: Vec::new() });
        }
    }
    board.insert(node.clone(), Known::Used(known));
    fresh
}
