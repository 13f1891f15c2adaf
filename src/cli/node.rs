//! `node`: the machines of the swarm, and what they are told to do. Shows first what that moves, asks, follows to the end.

use serde::Serialize;

use super::args::Globals;
use super::connect::World;
use super::follow::{Following, Outcome, close, confirmed, may_change, with_hub, word};
use super::status::{NodeRow, nodes};
use super::words::{NodeNames, NodeVerb};
use super::{Ending, Stopped, print, wishes};
use crate::action::Duty;
use crate::action::availability::{Leaves, Offer, node};
use crate::model::text::{clean, counted};
use crate::model::{NodeId, Picture};

/// Does it.
pub async fn run(globals: &Globals, world: World, verb: NodeVerb) -> Result<Ending, Stopped> {
    match verb {
        NodeVerb::Ls => list(globals, &world).await,
        NodeVerb::Drain(which) => tell(globals, &world, &which, Duty::Drain).await,
        NodeVerb::Activate(which) => tell(globals, &world, &which, Duty::Active).await,
        NodeVerb::Pause(which) => tell(globals, &world, &which, Duty::Pause).await,
    }
}

/// The document of `node ls --json`; names in it are a promise to scripts.
#[derive(Debug, Serialize)]
struct Document<'a> {
    nodes: Vec<NodeRow<'a>>,
}

async fn list(globals: &Globals, world: &World) -> Result<Ending, Stopped> {
    let picture = world.look().await?;
    let nodes = nodes(&picture);
    let all_ready = nodes.iter().all(|node| node.is_ready());
    if globals.json {
        print::document(&Document { nodes: nodes.iter().map(|node| NodeRow::of(&picture, node)).collect() });
    } else {
        lines(&picture).iter().all(|line| print::line(line));
    }
    Ok(if all_ready { Ending::Done } else { Ending::Failed })
}

fn lines(picture: &Picture) -> Vec<String> {
    let nodes = nodes(picture);
    let wide = nodes.iter().map(|node| node.hostname.chars().count()).max().unwrap_or(0);
    let line = |node: &&crate::model::Node| {
        let load = picture.nodes.get(&node.id).cloned().unwrap_or_default();
        let role = match &node.manager {
            Some(manager) if manager.leader => "leader".to_owned(),
            Some(manager) => format!("manager, {}", manager.reachability),
            None => node.role.to_string(),
        };
        let tasks = match load.unknown {
            0 => counted(load.tasks, "task"),
            unknown => format!("{} unknown", counted(unknown, "task")),
        };
        format!(
            "{} {:<wide$}  {:<18} {:<7} {:<7} {:<15} {:<10} {tasks}",
            load.state.sign(),
            node.hostname,
            role,
            node.state.as_str(),
            node.availability.as_str(),
            node.address,
            node.engine_version,
        )
    };
    nodes.iter().map(line).collect()
}

/// What `--json` says of nodes that were told something.
#[derive(Debug, Serialize)]
struct Told<'a> {
    outcome: &'a str,
    nodes: Vec<Row<'a>>,
    actions: Vec<Outcome<'a>>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    node: &'a str,
    leaves: Vec<LeavesRow<'a>>,
    notes: &'a [String],
}

#[derive(Debug, Serialize)]
struct LeavesRow<'a> {
    service: &'a str,
    tasks: u64,
    goes: String,
}

impl<'a> Row<'a> {
    fn of(offer: &'a Offer) -> Self {
        let row =
            |leaves: &'a Leaves| LeavesRow { service: &leaves.service.name, tasks: leaves.tasks, goes: leaves.words() };
        Self { node: &offer.node, leaves: offer.leaves.iter().map(row).collect(), notes: &offer.notes }
    }
}

async fn tell(globals: &Globals, world: &World, which: &NodeNames, to: Duty) -> Result<Ending, Stopped> {
    if globals.read_only {
        may_change(globals)?;
    }
    with_hub(world, async |handle, picture| {
        let offers = offers(&picture, which, to)?;
        if !globals.json {
            offers.iter().flat_map(shown).all(|line| print::line(&line));
        }
        let mut following = Following::new(globals, handle);
        let mut ending = Ending::Done;
        if !offers.is_empty() {
            may_change(globals)?;
            if !confirmed(globals, &format!("{} now?", to.verb())) {
                return Ok(Ending::Cancelled);
            }
            ending = following.run(offers.iter().map(|offer| offer.action.clone()).collect()).await?;
        }
        if globals.json {
            let actions = following.ended.iter().map(Outcome::of).collect();
            print::document(&Told { outcome: word(ending), nodes: offers.iter().map(Row::of).collect(), actions });
        }
        close(&following.ended, ending)
    })
    .await
}

/// What would be done, of each node that does something else now.
fn offers(picture: &Picture, which: &NodeNames, to: Duty) -> Result<Vec<Offer>, Stopped> {
    let misuse = |fault| Stopped::new(Ending::Misuse, fault);
    let names = wishes::unique(&which.names);
    let all: Vec<NodeId> = picture
        .swarm
        .nodes
        .values()
        .filter(|node| {
            to == Duty::Drain && (names.contains(node.hostname.as_str()) || names.contains(node.id.as_str()))
        })
        .map(|node| node.id.clone())
        .collect();
    let mut offers = Vec::new();
    for name in names {
        match node(picture, name, to, &all).map_err(misuse)? {
            Some(offer) => offers.push(offer),
            None => print::remark(&format!("{name}: is {} already", to.word())),
        }
    }
    Ok(offers)
}

fn shown(offer: &Offer) -> Vec<String> {
    let wide = offer.leaves.iter().map(|leaves| leaves.service.name.chars().count()).max().unwrap_or(0);
    let leaves = offer.leaves.iter().map(|leaves| {
        format!("  {:<wide$}  {:<9} {}", leaves.service.name, counted(leaves.tasks, "task"), clean(&leaves.words()))
    });
    let notes = offer.notes.iter().map(|note| format!("  {note}"));
    std::iter::once(offer.sums_up()).chain(leaves).chain(notes).collect()
}
