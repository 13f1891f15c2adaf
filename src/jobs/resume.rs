//! What became of a deed that broke off, and what of it is still to be done: asked of the swarm as it is now.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::rollout::Rollout;
use super::truth;
use super::undo::{kept_of, undo_plan};
use crate::action::prune::Sweep;
use crate::action::{Action, Deed, Duty, Pinned, Redo, Scope, Swept, availability, redeploy, rollback, scale};
use crate::diag::{Diagnostic, Explain};
use crate::engine::Engine;
use crate::journal::Journal;
use crate::model::{NodeId, Picture, ServiceId};
use crate::plan::{self, Change, Effect, Field, Plan, Thing};

/// What is left of a deed that broke off.
#[derive(Debug)]
pub enum Rest {
    /// A plan, and the action that carries it out; none where all of it is done.
    Made(Box<(Plan, Option<Action>)>),
    /// The deploy from files, with pre-flight and all.
    FromFile(Box<Rollout>),
}

/// What is left of a deed, as a plan that can be shown and the action that does it; none where all is done. A deploy is
/// planned from its file instead.
///
/// # Errors
/// When it cannot be done once more, with the reason.
pub async fn resume_plan(
    (engine, journal): (&Engine, &Journal),
    picture: &Picture,
    deed: &Deed,
) -> Result<(Plan, Option<Action>), Diagnostic> {
    let stack = deed.begun.stack.clone();
    match &deed.begun.redo {
        Redo::Redeploy { services } => {
            let services = pinned(journal, picture, (deed, services), |id| redeploy::service(picture, id)).await?;
            let scope = scope(deed, &services);
            Ok(offer(stack, services, |services| Action::Redeploy { scope, services }))
        }
        Redo::Rollback { services } => {
            let services = pinned(journal, picture, (deed, services), |id| rollback::service(picture, id)).await?;
            let scope = scope(deed, &services);
            Ok(offer(stack, services, |services| Action::Rollback { scope, services }))
        }
        Redo::Scale { service, to } => {
            let action = scale::service(picture, service, *to)?;
            let change = Change { effect: Effect::InPlace, ..Change::none(Thing::Service, service) };
            let changes = action.iter().map(|_| change.clone()).collect();
            Ok((Plan { stack, changes, ..Plan::default() }, action))
        }
        Redo::Teardown { volumes } => {
            let truth = truth::swarm(engine).await.map_err(|error| error.explain())?;
            let mut plan = plan::teardown(&stack, &truth, &BTreeSet::new());
            let volumes: Vec<Sweep> = volumes.iter().map(sweep).collect();
            plan.warnings.extend(volumes.iter().filter(|sweep| !sweep.volumes.is_empty()).map(goes_too));
            let does = !plan.is_empty() || !volumes.is_empty();
            let action = does.then(|| Action::Teardown { plan: Arc::new(plan.clone()), volumes });
            Ok((plan, action))
        }
        Redo::Undo { of, title } => {
            let plan = undo_plan(engine, journal, (&stack, of), &picture.catalogue.secrets).await?;
            let does = plan.faults.is_empty() && !plan.is_empty();
            let action =
                does.then(|| Action::Undo { of: of.clone(), title: title.clone(), plan: Arc::new(plan.clone()) });
            Ok((plan, action))
        }
        Redo::Availability { node, to } => {
            let wanted = Duty::of(to).map(|to| availability::node(picture, node, to, &[])).transpose()?.flatten();
            let changes = wanted.iter().map(|offer| node_change(offer, to)).collect();
            Ok((Plan { stack, changes, ..Plan::default() }, wanted.map(|offer| offer.action)))
        }
        Redo::Deploy { .. } | Redo::Course(_) | Redo::Prepare { .. } | Redo::Nothing => {
            let what = format!("{} cannot be taken up again", deed.begun.what);
            Err(Diagnostic::new(what, format!("let it be: quarterdeck drop {}", deed.begun.job)))
        }
    }
}

fn node_change(offer: &availability::Offer, to: &str) -> Change {
    let field = Field { path: "Availability".to_owned(), old: None, new: Some(to.to_owned()) };
    Change { effect: Effect::InPlace, fields: vec![field], ..Change::none(Thing::Node, &offer.node) }
}

fn sweep(swept: &Swept) -> Sweep {
    Sweep { id: NodeId::new(&swept.node), name: swept.host.clone(), kinds: Vec::new(), volumes: swept.volumes.clone() }
}

/// What is destroyed is shown before, as it was the first time.
fn goes_too(sweep: &Sweep) -> Diagnostic {
    let what = format!("volumes on {} go with it, and their data: {}", sweep.name, sweep.volumes.join(", "));
    Diagnostic::new(what, "let it be instead, if they are to stay: quarterdeck drop")
}

/// The services that are still as the deed found them, pinned as they are now.
async fn pinned(
    journal: &Journal,
    picture: &Picture,
    (deed, services): (&Deed, &[String]),
    ask: impl Fn(&ServiceId) -> Result<redeploy::Offer, Diagnostic>,
) -> Result<Vec<Pinned>, Diagnostic> {
    let before = match kept_of(journal, std::slice::from_ref(&deed.begun.job)).await {
        Ok(keepsake) => keepsake.before,
        // Nothing was kept yet: nothing was changed either.
        Err(_) => Vec::new(),
    };
    let changed: BTreeSet<&str> = before
        .iter()
        .filter(|kept| {
            let now = picture.swarm.services.get(&ServiceId::new(kept.id()));
            let now = now.and_then(|live| serde_json::from_str::<serde_json::Value>(&live.raw).ok());
            now.is_none_or(|now| now.get("Spec") != kept.spec())
        })
        .map(|kept| kept.id())
        .collect();
    let mut pins = Vec::new();
    for id in services.iter().filter(|id| !changed.contains(id.as_str())) {
        pins.extend(ask(&ServiceId::new(id))?.action.services().iter().cloned());
    }
    Ok(pins)
}

/// What was pointed at then.
fn scope(deed: &Deed, services: &[Pinned]) -> Scope {
    let stack = &deed.begun.stack;
    match services.first() {
        Some(only) if !deed.begun.what.ends_with(&format!("stack {stack}")) => Scope::Service(only.name.clone()),
        _ => Scope::Stack(stack.clone()),
    }
}

fn offer(stack: String, services: Vec<Pinned>, action: impl FnOnce(Vec<Pinned>) -> Action) -> (Plan, Option<Action>) {
    let change = |pin: &Pinned| Change {
        effect: Effect::Restart,
        tasks: Some(pin.tasks),
        ..Change::none(Thing::Service, &pin.name)
    };
    let changes = services.iter().map(change).collect();
    let action = (!services.is_empty()).then(|| action(services));
    (Plan { stack, changes, ..Plan::default() }, action)
}
