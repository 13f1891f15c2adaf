//! `teardown`: what goes is shown, volumes node by node, one question asked, and what was shown is taken away: the last
//! tier first, and each stack after those that stand on it. A node that cannot be reached is named, and is no success.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::args::{Globals, TeardownWish};
use super::connect::{World, unreachable};
use super::follow::{Following, Outcome, close, confirmed, may_change, misuse, with_hub, word};
use super::{Ending, Stopped, print, wishes};
use crate::action::prune::Sweep;
use crate::action::{Action, JobId};
use crate::diag::{Diagnostic, Explain};
use crate::hub::{After, Handle};
use crate::jobs::{Descent, descent, truth};
use crate::model::text::sized;
use crate::model::{Filed, MANAGED, Node, NodeId, Picture, Volume};
use crate::plan::{self, Plan, Truth};
use crate::platform::govern;

/// What goes, in the order in which it goes, each with the numbers of those that must have gone before.
type Going = Vec<(Plan, Vec<usize>)>;

/// Takes stacks away.
pub async fn run(globals: &Globals, world: World, wish: &TeardownWish) -> Result<Ending, Stopped> {
    if globals.read_only {
        return Err(misuse("a read-only session changes nothing", "leave out --read-only"));
    }
    if !wish.all {
        for name in wishes::unique(&wish.stacks) {
            govern::driven(&world.catalogue, name).map_err(|fault| Stopped::new(Ending::Misuse, fault))?;
        }
    }
    let truth = truth::swarm(&world.engine).await.map_err(|error| unreachable(&error))?;
    let names = if wish.all { of_the_folder(&world, &truth, wish.volumes)? } else { wishes::unique(&wish.stacks) };
    let names = names.into_iter().map(str::to_owned).collect();
    let Descent { legs, left_out } =
        descent(&world.checkout, names, wish.all).await.map_err(|fault| Stopped::new(Ending::Failed, fault))?;
    let mut going = Going::new();
    // Of each, the stacks that have gone when its turn comes.
    let mut gone: Vec<BTreeSet<&str>> = Vec::new();
    for (name, before) in &legs {
        let earlier = before.iter().flat_map(|number| {
            let own = legs.get(*number).map(|(name, _)| name.as_str());
            gone.get(*number).into_iter().flatten().copied().chain(own)
        });
        let earlier: BTreeSet<&str> = earlier.collect();
        let plan = plan::teardown(name, &truth, &earlier);
        gone.push(earlier);
        // A stack that was torn down before may have left its volumes.
        if plan.changes.is_empty() && !wish.volumes {
            return Err(misuse(
                &format!("nothing in the swarm belongs to a stack {name}"),
                "list the stacks: quarterdeck status",
            ));
        }
        going.push((plan, before.clone()));
    }
    if !globals.json {
        let filled = going.iter().map(|(plan, _)| plan).filter(|plan| !plan.changes.is_empty());
        let left_out = left_out.iter().map(|(stack, why)| format!("{stack} stays: {why}"));
        filled.flat_map(plan::show).chain(left_out).all(|line| print::line(&line));
    }
    if wish.volumes {
        may_change(globals)?;
        let look = async |handle: &Handle, picture: Arc<Picture>| {
            with_volumes(globals, &world, handle, (&picture, &going)).await
        };
        return with_hub(&world, look).await;
    }
    if !globals.json {
        print::line("volumes stay where they are");
    }
    may_change(globals)?;
    if !confirmed(globals, "tear down now?") {
        return Ok(Ending::Cancelled);
    }
    with_hub(&world, async |handle, _| perform(globals, handle, &going, &BTreeMap::new()).await).await
}

/// The stacks of the folder that are in the swarm; with volumes, all of them, since a stack that is gone may have left some.
fn of_the_folder<'w>(world: &'w World, truth: &Truth, volumes: bool) -> Result<BTreeSet<&'w str>, Stopped> {
    let swarm_wide = world.catalogue.stacks.values().filter(|filed| filed.host.is_none());
    let (ours, foreign): (Vec<&Filed>, Vec<&Filed>) = swarm_wide.partition(|filed| filed.governed.is_none());
    if !foreign.is_empty() {
        let names: Vec<&str> = foreign.iter().map(|filed| filed.name.as_str()).collect();
        print::remark(&format!("left alone, {MANAGED}: {}", names.join(", ")));
    }
    let stacks = ours.into_iter().map(|filed| filed.name.as_str());
    let there: BTreeSet<&str> =
        stacks.filter(|name| volumes || !plan::teardown(name, truth, &BTreeSet::new()).changes.is_empty()).collect();
    if there.is_empty() {
        return Err(misuse("no stack of the folder is in the swarm", "list the stacks: quarterdeck status"));
    }
    Ok(there)
}

/// The volumes of all nodes, or why a node does not tell them.
type Told = Vec<(NodeId, Result<Vec<Volume>, Diagnostic>)>;

async fn with_volumes(
    globals: &Globals,
    world: &World,
    handle: &Handle,
    (picture, going): (&Picture, &Going),
) -> Result<Ending, Stopped> {
    let mut nodes: Vec<Node> = picture.swarm.nodes.values().map(|node| node.as_ref().clone()).collect();
    nodes.sort_by(|a, b| (a.manager.is_none(), &a.hostname).cmp(&(b.manager.is_none(), &b.hostname)));
    let told =
        world.fleet.on_all(&nodes, |engine| async move { engine.volumes().await.map_err(|e| e.explain()) }).await;
    let stacks: BTreeSet<&str> = going.iter().map(|(plan, _)| plan.stack.as_str()).collect();
    let (sweeps, destroys) = sweeps(globals, &nodes, &told, &stacks);
    let unreached = told.iter().any(|(_, told)| told.is_err());
    let nothing = sweeps.is_empty() && going.iter().all(|(plan, _)| plan.changes.is_empty());
    if nothing && !unreached {
        let names: Vec<&str> = stacks.into_iter().collect();
        let what = format!("nothing in the swarm, and no volume on a node, belongs to {}", names.join(", "));
        return Err(misuse(&what, "list the stacks: quarterdeck status"));
    }
    if !nothing && !may_go(globals, destroys, &stacks) {
        return Ok(Ending::Cancelled);
    }
    let ending = if nothing { Ending::Done } else { perform(globals, handle, going, &sweeps).await? };
    // What lies on a node that was not asked may still be there.
    Ok(if unreached && ending == Ending::Done { Ending::Failed } else { ending })
}

/// Shows the volumes node by node, and gives what goes by stack, and whether data goes.
fn sweeps<'s>(
    globals: &Globals,
    nodes: &[Node],
    told: &Told,
    stacks: &BTreeSet<&'s str>,
) -> (BTreeMap<&'s str, Vec<Sweep>>, bool) {
    let (mut sweeps, mut destroys): (BTreeMap<&str, Vec<Sweep>>, bool) = (BTreeMap::new(), false);
    for (node, (_, told)) in nodes.iter().zip(told) {
        let volumes = match told {
            Ok(volumes) => volumes,
            Err(fault) => {
                print::remark(&format!("{} is not reached, its volumes stay: {}", node.hostname, fault.line()));
                continue;
            }
        };
        for stack in stacks {
            let own: Vec<&Volume> = volumes.iter().filter(|volume| volume.stack == **stack).collect();
            if own.is_empty() {
                continue;
            }
            for volume in &own {
                destroys |= volume.elsewhere.is_none();
                if !globals.json {
                    print::line(&format!("{}: volume {}: {}", node.hostname, volume.name, fate(volume)));
                }
            }
            let names = own.iter().map(|volume| volume.name.clone()).collect();
            let (id, name) = (node.id.clone(), node.hostname.clone());
            sweeps.entry(stack).or_default().push(Sweep { id, name, kinds: Vec::new(), volumes: names });
        }
    }
    (sweeps, destroys)
}

/// What goes with a volume.
fn fate(volume: &Volume) -> String {
    match (&volume.elsewhere, volume.size) {
        (Some(place), _) => format!("definition only, its data stays {place}"),
        (None, Some(size)) => format!("data on disk, {}, is destroyed", sized(size)),
        (None, None) => "data on disk, of unknown size, is destroyed".to_owned(),
    }
}

/// Where data goes, the names of the stacks have to be typed. Who says --yes beside --volumes has said so.
pub fn may_go(globals: &Globals, destroys: bool, stacks: &BTreeSet<&str>) -> bool {
    if globals.yes || !destroys {
        return confirmed(globals, "tear down now?");
    }
    let names = stacks.iter().copied().collect::<Vec<&str>>().join(" ");
    super::ask::line(&format!("this destroys data; type {names} to go on: ")) == names
}

async fn perform(
    globals: &Globals,
    handle: &Handle,
    going: &Going,
    volumes: &BTreeMap<&str, Vec<Sweep>>,
) -> Result<Ending, Stopped> {
    let mut following = Following::new(globals, handle);
    let mut batch = handle.batch();
    // Of each, the jobs after which it is gone: its own, or those of what had to go before if it has nothing itself.
    let mut gone: Vec<Vec<JobId>> = Vec::new();
    for (plan, before) in going {
        let volumes = volumes.get(plan.stack.as_str()).cloned().unwrap_or_default();
        let well: Vec<JobId> = before.iter().filter_map(|number| gone.get(*number)).flatten().copied().collect();
        if plan.changes.is_empty() && volumes.is_empty() {
            gone.push(well);
            continue;
        }
        let action = Action::Teardown { plan: Arc::new(plan.clone()), volumes };
        gone.push(vec![batch.add(action, After { well, over: Vec::new() })]);
    }
    let ending = following.run_all(batch).await?;
    if globals.json {
        let actions: Vec<Outcome<'_>> = following.ended.iter().map(Outcome::of).collect();
        print::document(&serde_json::json!({ "outcome": word(ending), "actions": actions }));
    }
    close(&following.ended, ending)
}
