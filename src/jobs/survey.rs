//! Asks the engines of nodes for a screen, as long as it is open: once for what lies there, again and again for what is
//! used. The newest wins; nobody waits for a node that does not answer, and none is left out.

use futures_util::{StreamExt, pin_mut};
use tokio_util::sync::CancellationToken;

use super::usage;
use crate::diag::{Diagnostic, Explain};
use crate::engine::Engine;
use crate::fleet::Fleet;
use crate::model::{Asked, Node, NodeId, Reply, Survey, Told};
use crate::store::Writer;

/// Asks these nodes, and writes what they tell, until `stop`.
pub async fn survey(fleet: Fleet, (asked, nodes): (Asked, Vec<Node>), told: Writer<Survey>, stop: CancellationToken) {
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        () = ask(fleet, asked, nodes, told) => {}
    }
}

async fn ask(fleet: Fleet, asked: Asked, nodes: Vec<Node>, mut told: Writer<Survey>) {
    let waiting = nodes.iter().map(|node| (node.id.clone(), Reply::Waiting)).collect();
    told.renew(|_| Survey { nodes: waiting });
    if asked == Asked::Usage {
        return usage::follow(&fleet, nodes, told).await;
    }
    let answers = fleet.each(nodes, move |engine| once(engine, asked));
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
    };
    told.map_err(|error| error.explain())
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
