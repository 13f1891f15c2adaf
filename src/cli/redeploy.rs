//! `redeploy`: the console's key as a verb. Shows what will roll, asks, follows to the end. `rollback` and `scale` are
//! its brothers.

use std::collections::BTreeSet;

use super::args::Globals;
use super::connect::World;
use super::follow::{Following, Outcome, close, confirmed, may_change, misuse, ours, refuse_reader, with_hub};
use super::{Ending, Stopped, print, wishes};
use crate::action::gate::Mode as GateMode;
use crate::action::redeploy::Offer;
use crate::action::{Action, How, Pinned, redeploy, rollback, scale, undo};
use crate::diag::Diagnostic;
use crate::hub::{After, Handle};
use crate::jobs::{Choice, Rollout};
use crate::model::text::counted;
use crate::model::{Filed, Picture, ServiceId};
use crate::plan::{Gates, Options};
use crate::platform::govern;

/// Redeploys stacks and services, and waits until they have converged: a stack from its file, the rest with every task.
pub async fn run(globals: &Globals, world: World, targets: &[String], all_tasks: bool) -> Result<Ending, Stopped> {
    refuse_reader(globals)?;
    let targets = wishes::unique(targets);
    let filed = |name: &&str| world.catalogue.stacks.get(*name).filter(|filed| filed.host.is_none()).cloned();
    let stacks: Vec<Filed> = targets.iter().filter_map(filed).collect();
    let others: Vec<&str> = targets.into_iter().filter(|name| filed(name).is_none()).collect();
    if let ([], [only]) = (stacks.as_slice(), others.as_slice()) {
        return roll(globals, &world, only).await;
    }
    may_change(globals)?;
    stacks.iter().try_for_each(govern::ours).map_err(|fault| Stopped::new(Ending::Misuse, fault))?;
    let options = Options::default();
    with_hub(&world, async |handle, picture| {
        let rolls = beside(&picture, &stacks, &others)?;
        ours(handle, rolls.iter().map(|offer| &offer.action))?;
        let rollout = match stacks.is_empty() {
            true => Rollout::default(),
            false => {
                let choice = Choice {
                    stacks: stacks.clone(),
                    broad: false,
                    options,
                    gates: Gates::Named,
                    places: BTreeSet::new(),
                };
                super::plan::draw(&world, choice).await?
            }
        };
        show(globals, &rollout, &rolls);
        super::deploy::refuse_faults(&rollout)?;
        if !all_tasks && rolls.is_empty() && !rollout.has_work() {
            if globals.json {
                print::document(&serde_json::json!({ "outcome": "done", "actions": [] }));
            } else {
                print::line("nothing differs; --all-tasks replaces every task all the same");
            }
            return Ok(Ending::Done);
        }
        if !globals.json && all_tasks {
            print::line("then every task that this leaves is replaced, too");
        }
        if !confirmed(globals, "redeploy now?") {
            return Ok(Ending::Cancelled);
        }
        let how = How { options, agreed: globals.yes, ..How::default() };
        let mut batch = match all_tasks {
            true => handle.enlist_all_tasks(&rollout, how),
            false => handle.enlist(&rollout, how, GateMode::Stop),
        };
        for offer in rolls {
            batch.add(offer.action, After::default());
        }
        let mut following = Following::new(globals, handle);
        let ending = following.run_all(batch).await?;
        if globals.json {
            let actions: Vec<Outcome<'_>> = following.ended.iter().map(Outcome::of).collect();
            print::document(&serde_json::json!({ "outcome": super::follow::word(ending), "actions": actions }));
        }
        close(&following.ended, ending)
    })
    .await
}

/// What is rolled beside these stacks, each service once. A service of one of them goes with it.
fn beside(picture: &Picture, stacks: &[Filed], names: &[&str]) -> Result<Vec<Offer>, Stopped> {
    let mut rolls: Vec<Offer> = Vec::new();
    let mut seen = BTreeSet::new();
    for name in names {
        let Offer { action, left_out } = find(picture, name, redeploy::stack, redeploy::service)?;
        let Action::Redeploy { scope, mut services } = action else { continue };
        services.retain(|pin| {
            let theirs = stacks.iter().any(|filed| filed.name == pin.stack);
            if theirs {
                print::remark(&format!("{} goes with its stack {}", pin.name, pin.stack));
            }
            !theirs && seen.insert(pin.id.clone())
        });
        if !services.is_empty() {
            rolls.push(Offer { action: Action::Redeploy { scope, services }, left_out });
        }
    }
    Ok(rolls)
}

fn show(globals: &Globals, rollout: &Rollout, rolls: &[Offer]) {
    if globals.json {
        return;
    }
    super::plan::show(rollout);
    for offer in rolls {
        offer
            .action
            .services()
            .iter()
            .map(will_roll)
            .chain(offer.left_out.iter().cloned())
            .all(|line| print::line(&line));
    }
}

fn will_roll(service: &Pinned) -> String {
    format!("will roll {} ({})", service.name, counted(service.tasks, "task"))
}

/// Rolls every task of a service, or of a stack that has no file here.
async fn roll(globals: &Globals, world: &World, target: &str) -> Result<Ending, Stopped> {
    with_hub(world, async |handle, picture| {
        let offer = find(&picture, target, redeploy::stack, redeploy::service)?;
        may_change(globals)?;
        if !globals.json {
            offer.action.services().iter().map(will_roll).all(|line| print::line(&line));
        }
        follow_offer(globals, handle, offer, "redeploy now?").await
    })
    .await
}

/// Brings a stack back to its last deploy but this one that ended well, where the journal knows one; else the previous
/// specs of a stack or service.
pub async fn back(globals: &Globals, world: World, target: &str) -> Result<Ending, Stopped> {
    refuse_reader(globals)?;
    with_hub(&world, async |handle, picture| {
        let history = world.journal.read().map_err(|fault| Stopped::new(Ending::Failed, fault))?;
        if let Some(back) = undo::last_converged(&history, target, &picture.swarm.cluster.id) {
            return super::undo::take_back(globals, handle, &back).await;
        }
        let offer = find(&picture, target, rollback::stack, rollback::service)?;
        may_change(globals)?;
        if !globals.json {
            for service in offer.action.services() {
                let images = picture.swarm.services.get(&service.id).map(|live| images(&live.raw)).unwrap_or_default();
                print::line(&format!("will roll back {} ({} tasks){images}", service.name, service.tasks));
            }
        }
        follow_offer(globals, handle, offer, "roll back now?").await
    })
    .await
}

/// The image now and before, where they differ.
fn images(raw: &str) -> String {
    let object: serde_json::Value = serde_json::from_str(raw).unwrap_or_default();
    let image = |spec: &str| {
        let pointer = format!("/{spec}/TaskTemplate/ContainerSpec/Image");
        crate::model::text::clean(object.pointer(&pointer).and_then(serde_json::Value::as_str).unwrap_or_default())
    };
    let (now, before) = (image("Spec"), image("PreviousSpec"));
    if now == before { ", same image".to_owned() } else { format!(": {now} → {before}") }
}

async fn follow_offer(globals: &Globals, handle: &Handle, offer: Offer, question: &str) -> Result<Ending, Stopped> {
    ours(handle, [&offer.action])?;
    if !globals.json {
        offer.left_out.iter().for_each(|left| {
            print::line(left);
        });
    }
    if !confirmed(globals, question) {
        return Ok(Ending::Cancelled);
    }
    let mut following = Following::new(globals, handle);
    let ending = following.run(vec![offer.action]).await?;
    if let (true, Some(job)) = (globals.json, following.ended.first()) {
        print::document(&Outcome::of(job));
    }
    close(&following.ended, ending)
}

/// Gives services other numbers of tasks: `web=3`.
pub async fn scale(globals: &Globals, world: World, wishes: &[String]) -> Result<Ending, Stopped> {
    let wishes: Vec<(&str, u64)> = wishes.iter().map(|wish| wished(wish)).collect::<Result<_, _>>()?;
    refuse_reader(globals)?;
    with_hub(&world, async |handle, picture| {
        let mut actions = Vec::new();
        for (name, to) in &wishes {
            match scale::service(&picture, name, *to).map_err(|fault| Stopped::new(Ending::Misuse, fault))? {
                None => print::remark(&format!("{name} has {to} tasks already")),
                Some(action) => actions.push(action),
            }
        }
        if !actions.is_empty() {
            may_change(globals)?;
        }
        ours(handle, &actions)?;
        if !globals.json {
            for action in &actions {
                if let Action::Scale { service, from, to } = action {
                    print::line(&format!("will scale {} from {from} to {to}", service.name));
                }
            }
        }
        if !actions.is_empty() && !confirmed(globals, "scale now?") {
            return Ok(Ending::Cancelled);
        }
        let mut following = Following::new(globals, handle);
        let ending = if actions.is_empty() { Ending::Done } else { following.run(actions).await? };
        if globals.json {
            print::document(&following.ended.iter().map(Outcome::of).collect::<Vec<_>>());
        }
        close(&following.ended, ending)
    })
    .await
}

fn wished(wish: &str) -> Result<(&str, u64), Stopped> {
    let parts = wish.split_once('=').and_then(|(name, number)| Some((name, number.parse().ok()?)));
    parts.filter(|(name, _)| !name.is_empty()).ok_or_else(|| {
        misuse(&format!("{wish} says no service and number"), "write it as SERVICE=N, as in media_plex=2")
    })
}

type Refused = Result<Offer, Diagnostic>;

/// A stack of this name, else a service.
fn find(
    picture: &Picture,
    target: &str,
    stack: impl Fn(&Picture, &str) -> Refused,
    service: impl Fn(&Picture, &ServiceId) -> Refused,
) -> Result<Offer, Stopped> {
    let refused = |fault| Stopped::new(Ending::Failed, fault);
    if picture.stack(target).is_some_and(|stack| !stack.services.is_empty()) {
        return stack(picture, target).map_err(refused);
    }
    match picture.swarm.services.values().find(|service| service.name == target || service.id.as_str() == target) {
        Some(found) => service(picture, &found.id).map_err(refused),
        None => {
            Err(misuse(&format!("neither a stack nor a service is called {target}"), "list them: quarterdeck status"))
        }
    }
}
