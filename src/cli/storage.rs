//! `storage`: what the machines of the swarm keep data on, asked over SSH. What is wrong comes first.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::StreamExt;
use serde::Serialize;

use super::args::Globals;
use super::connect::World;
use super::machines::StorageWish;
use super::prune::chosen;
use super::{Ending, Stopped, print};
use crate::diag::Diagnostic;
use crate::jobs::stored;
use crate::model::text::sized;
use crate::model::{Holding, Node, NodeId, State, Told};

/// Asks every machine, or those that are named.
pub async fn run(globals: &Globals, world: &World, wish: &StorageWish) -> Result<Ending, Stopped> {
    let picture = Arc::new(world.look().await?);
    let nodes = chosen(&picture, &wish.node)?;
    let answers = stored(&world.fleet, nodes.clone(), picture);
    let answers: BTreeMap<NodeId, Result<Told, Diagnostic>> = answers.collect().await;
    let rows = |node: &Node| match answers.get(&node.id) {
        Some(Ok(Told::Storage(rows))) => Ok(rows.as_slice()),
        Some(Err(fault)) => Err(Some(fault)),
        _ => Err(None),
    };
    if globals.json {
        print::document(&Document { nodes: nodes.iter().map(|node| NodeRow::of(node, rows(node))).collect() });
    } else {
        let wide = nodes.iter().map(|node| node.hostname.chars().count()).max().unwrap_or(0);
        for line in nodes.iter().flat_map(|node| lines(node, rows(node), wide)) {
            if !print::line(&line) {
                break;
            }
        }
    }
    if !nodes.is_empty() && answers.values().all(Result::is_err) {
        return Ok(Ending::Unreachable);
    }
    let wrong =
        nodes.iter().any(|node| rows(node).map_or(true, |rows| rows.iter().any(|row| row.state > State::Ready)));
    Ok(if wrong { Ending::Failed } else { Ending::Done })
}

type Rows<'a> = Result<&'a [Holding], Option<&'a Diagnostic>>;

fn lines(node: &Node, rows: Rows<'_>, wide: usize) -> Vec<String> {
    let name = &node.hostname;
    match rows {
        Ok([]) => vec![format!("○ {:<12} {name:<wide$}  nothing that is known here", "nothing")],
        Ok(rows) => rows.iter().map(|row| line(name, row, wide)).collect(),
        Err(fault) => {
            let why = fault.map(|fault| format!("{} · {}", fault.line(), fault.mend)).unwrap_or_default();
            vec![format!("{} {:<12} {name:<wide$}  {why}", State::Unknown.sign(), "no answer")]
        }
    }
}

fn line(node: &str, row: &Holding, wide: usize) -> String {
    let Holding { kind, word, name, source, .. } = row;
    let mut line = format!("{} {word:<12} {node:<wide$}  {kind:<8} {name}", row.state.sign());
    let mut add = |text: String| {
        if !text.is_empty() {
            line.push_str("  ");
            line.push_str(&text);
        }
    };
    add(if source.is_empty() { String::new() } else { format!("({source})") });
    add(match (row.free, row.size) {
        (Some(free), Some(size)) => format!("{} of {} free", sized(free), sized(size)),
        _ => String::new(),
    });
    add(row.snapshots.map(|count| crate::model::text::counted(count, "snapshot")).unwrap_or_default());
    add(if row.users.is_empty() { String::new() } else { format!("used by {}", row.users.join(" ")) });
    add(row.why.clone());
    line
}

/// The document of `storage --json`; names in it are a promise to scripts.
#[derive(Debug, Serialize)]
struct Document<'a> {
    nodes: Vec<NodeRow<'a>>,
}

#[derive(Debug, Serialize)]
struct NodeRow<'a> {
    node: &'a str,
    answers: bool,
    why: String,
    storage: Vec<Row<'a>>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    name: &'a str,
    kind: &'a str,
    state: &'a str,
    word: &'a str,
    source: &'a str,
    size: Option<u64>,
    free: Option<u64>,
    used_by: &'a [String],
    snapshots: Option<u64>,
    why: &'a str,
}

impl<'a> NodeRow<'a> {
    fn of(node: &'a Node, rows: Rows<'a>) -> Self {
        let row = |row: &'a Holding| Row {
            name: &row.name,
            kind: &row.kind,
            state: row.state.word(),
            word: &row.word,
            source: &row.source,
            size: row.size,
            free: row.free,
            used_by: &row.users,
            snapshots: row.snapshots,
            why: &row.why,
        };
        Self {
            node: &node.hostname,
            answers: rows.is_ok(),
            why: rows.err().flatten().map(Diagnostic::line).unwrap_or_default(),
            storage: rows.unwrap_or_default().iter().map(row).collect(),
        }
    }
}
