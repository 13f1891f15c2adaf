//! Asks the engines of nodes for a screen, as long as it is open: once for what lies there, again and again for what is
//! used. The newest wins; nobody waits for a node that does not answer, and none is left out.

use std::sync::Arc;

use futures_util::{Stream, StreamExt, pin_mut};
use tokio_util::sync::CancellationToken;

use super::holdings::holdings;
use super::storage::{look_over, users};
use super::usage;
use crate::diag::{Diagnostic, Explain};
use crate::engine::Engine;
use crate::fleet::Fleet;
use crate::model::{Asked, Node, NodeId, Picture, Reply, Survey, Told};
use crate::store::Writer;

/// What is asked, of which nodes, in which swarm.
pub type Question = (Asked, Vec<Node>, Arc<Picture>);

/// Asks these nodes, and writes what they tell, until `stop`.
pub async fn survey(fleet: Fleet, question: Question, told: Writer<Survey>, stop: CancellationToken) {
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        () = ask(fleet, question, told) => {}
    }
}

async fn ask(fleet: Fleet, (asked, nodes, picture): Question, mut told: Writer<Survey>) {
    let waiting = nodes.iter().map(|node| (node.id.clone(), Reply::Waiting)).collect();
    told.renew(|_| Survey { nodes: waiting });
    if asked == Asked::Usage {
        return usage::follow(&fleet, nodes, told).await;
    }
    let answers = match asked {
        Asked::Storage => stored(&fleet, nodes, picture).boxed(),
        _ => fleet.each(nodes, move |engine| once(engine, asked)).boxed(),
    };
    pin_mut!(answers);
    while let Some((node, answer)) = answers.next().await {
        told.renew(|survey| with(survey, &node, reply(answer.clone())));
    }
    // What is written stays readable as long as the screen is open.
    std::future::pending().await
}

async fn once(engine: Engine, asked: Asked) -> Result<Told, Diagnostic> {
    let told = match asked {
        Asked::Volumes => engine.volumes().await.map(Told::Volumes),
        Asked::Images => engine.images().await.map(Told::Images),
        Asked::Disk => engine.disk().await.map(Told::Disk),
        Asked::Usage => Ok(Told::Usage(Vec::new())),
        Asked::Storage => Ok(Told::Storage(Vec::new())),
    };
    told.map_err(|error| error.explain())
}

/// What each machine keeps data on, and which services use it.
pub fn stored(
    fleet: &Fleet,
    nodes: Vec<Node>,
    picture: Arc<Picture>,
) -> impl Stream<Item = (NodeId, Result<Told, Diagnostic>)> + use<> {
    fleet.each_host(nodes, move |node, host| {
        let users = users(&picture, &node);
        async move { look_over(&host, &users).await.map(|found| Told::Storage(holdings(&found))) }
    })
}

pub(super) fn reply(answer: Result<Told, Diagnostic>) -> Reply {
    match answer {
        Ok(told) => Reply::Told(told),
        Err(fault) => Reply::Silent { why: fault.line(), mend: fault.mend },
    }
}

fn with(survey: &Survey, node: &NodeId, reply: Reply) -> Survey {
    let mut next = survey.clone();
    if let Some(known) = next.nodes.iter_mut().find(|(id, _)| id == node) {
        known.1 = reply;
    }
    next
}
