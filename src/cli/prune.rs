//! `prune`: the console's key as a verb. Counts on every node what goes, shows it, asks, follows to the end.

use serde::Serialize;

use super::args::{Globals, PruneWish};
use super::connect::World;
use super::follow::{Following, Outcome, close, may_change, misuse, with_hub};
use super::{Ending, Stopped, print};
use crate::action::prune::{Known, Preview, preview};
use crate::action::redeploy::allowed;
use crate::diag::{Diagnostic, Explain};
use crate::hub::Handle;
use crate::model::text::sized;
use crate::model::{Disk, Node, NodeId, Picture, Waste};

/// Prunes every node, or those that are named.
pub async fn run(globals: &Globals, world: World, wish: &PruneWish) -> Result<Ending, Stopped> {
    may_change(globals)?;
    with_hub(&world, async |handle, picture| perform(globals, &world, (handle, &picture), wish).await).await
}

async fn perform(
    globals: &Globals,
    world: &World,
    (handle, picture): (&Handle, &Picture),
    wish: &PruneWish,
) -> Result<Ending, Stopped> {
    let failed = |fault| Stopped::new(Ending::Failed, fault);
    allowed(picture).map_err(failed)?;
    let nodes = chosen(picture, &wish.node)?;
    let disks = world.fleet.on_all(&nodes, |engine| async move { engine.disk().await.map_err(|e| e.explain()) }).await;
    let preview = match offer(&nodes, &disks, wish.volumes) {
        Ok(preview) => preview,
        Err(fault) => return nothing(globals, &disks, fault),
    };
    if !globals.json {
        show(&preview);
    }
    if !globals.yes && !confirmed(&preview) {
        return Ok(Ending::Cancelled);
    }
    let unreached = disks.iter().any(|(_, disk)| disk.is_err());
    let mut following = Following::new(globals, handle);
    let ending = following.run(vec![preview.action]).await?;
    if let (true, Some(job)) = (globals.json, following.ended.first()) {
        print::document(&Outcome::of(job));
    }
    let ending = close(&following.ended, ending)?;
    // A node that was left out is no success.
    Ok(if unreached && ending == Ending::Done { Ending::Failed } else { ending })
}

type Disks = [(NodeId, Result<Disk, Diagnostic>)];

fn offer(nodes: &[Node], disks: &Disks, volumes: bool) -> Result<Preview, Diagnostic> {
    let known: Vec<Known<'_>> = nodes
        .iter()
        .zip(disks)
        .map(|(node, (id, disk))| (id.clone(), node.hostname.clone(), disk.as_ref().map_err(Diagnostic::line)))
        .collect();
    let kinds: Vec<Waste> = Waste::HARMLESS.into_iter().chain(volumes.then_some(Waste::Volumes)).collect();
    preview(&known, &kinds)
}

/// Nothing goes: well, if every node was asked; else it is not known.
fn nothing(globals: &Globals, disks: &Disks, fault: Diagnostic) -> Result<Ending, Stopped> {
    if disks.iter().any(|(_, disk)| disk.is_err()) {
        return Err(Stopped::new(Ending::Failed, fault));
    }
    if globals.json {
        print::document(&Nothing { what: "prune", outcome: "done", steps: [] });
    } else {
        print::line(&fault.what);
    }
    Ok(Ending::Done)
}

#[derive(Debug, Serialize)]
struct Nothing {
    what: &'static str,
    outcome: &'static str,
    steps: [(); 0],
}

/// All nodes, or those of these names.
pub fn chosen(picture: &Picture, names: &[String]) -> Result<Vec<Node>, Stopped> {
    let mut nodes: Vec<Node> = picture.swarm.nodes.values().map(|node| node.as_ref().clone()).collect();
    nodes.sort_by(|a, b| (a.manager.is_none(), &a.hostname).cmp(&(b.manager.is_none(), &b.hostname)));
    for name in names {
        if !nodes.iter().any(|node| node.hostname == *name || node.id.as_str() == name) {
            return Err(misuse(&format!("no node is called {name}"), "list them: quarterdeck status"));
        }
    }
    nodes.retain(|node| {
        names.is_empty() || names.contains(&node.hostname) || names.iter().any(|n| n == node.id.as_str())
    });
    Ok(nodes)
}

fn show(preview: &Preview) {
    let wide = preview.goes.iter().map(|goes| goes.node.len()).max().unwrap_or(0);
    for goes in &preview.goes {
        print::line(&format!("{:wide$}  {:>9}  {}", goes.node, sized(goes.total().bytes), goes.words()));
        for (name, size) in &goes.volumes {
            print::line(&format!("{:wide$}  {:>9}    volume {name}", "", sized(*size)));
        }
    }
    for left in &preview.left_out {
        print::line(left);
    }
    print::line(&format!("about {} become free", sized(preview.total().bytes)));
}

/// Where data goes, its word has to be typed; else a yes will do.
fn confirmed(preview: &Preview) -> bool {
    let question = match preview.destroys() {
        true => format!("this destroys data; type {} to go on: ", preview.word()),
        false => "prune now? [y/N] ".to_owned(),
    };
    let answer = super::ask::line(&question);
    match preview.destroys() {
        true => answer == preview.word(),
        false => matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes"),
    }
}
