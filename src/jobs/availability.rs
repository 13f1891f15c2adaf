//! Availability: a node is told to take tasks, to keep those it has, or to run none. Written once, at the version that
//! was seen, over the node's whole spec; done when the node reads so, runs what it should, and what had to leave it runs
//! elsewhere or says why it cannot.

use serde_json::{Value, json};
use tokio::time::Instant;

use super::cx::{JobCx, Outcome};
use super::write::{WRITES, not_known, patiently, unanswered};
use crate::action::availability::{Duty, leaving};
use crate::action::{Action, Member};
use crate::diag::{Diagnostic, Explain};
use crate::engine::Engine;
use crate::journal::{Keepsake, Kept};
use crate::model::{NodeId, Picture, Service, State, Version, eligible};
use crate::plan::{Change, Effect, Field, Plan, Seen, Thing};

/// Gives a node another duty and waits for what comes of it.
///
/// # Errors
/// With what went wrong; the steps say what has moved and what has not.
pub async fn run(cx: &JobCx, node: &Member, to: Duty) -> Result<Outcome, Diagnostic> {
    let picture = cx.swarm.latest();
    let live = picture.swarm.nodes.get(&node.id).filter(|_| to == Duty::Drain);
    let leaves = live.map(|live| leaving(&picture, live, &[])).unwrap_or_default();
    // What has one task on each node, or ends by itself, is not waited for elsewhere.
    let moves = leaves.into_iter().map(|leaves| leaves.service);
    let moves: Vec<Service> = moves.filter(|one| !one.mode.is_global() && !one.mode.is_one_shot()).collect();
    cx.steps(std::iter::once(node.name.clone()).chain(moves.iter().map(|service| service.name.clone()))).await;
    if cx.stop.is_cancelled() {
        return Ok(Outcome::Stopped { done: 0, left: 1 + moves.len() });
    }
    cx.step(0, State::Converging, "reading its spec").await;
    if let Err(fault) = put(cx, node, to).await {
        cx.step(0, State::Failed, fault.line()).await;
        return Err(fault);
    }
    settle(cx, node, to, &moves).await
}

/// What an undo of it was shown to do.
///
/// # Errors
/// As [`run`].
pub async fn back(cx: &JobCx, shown: &Plan) -> Result<Outcome, Diagnostic> {
    for change in shown.work() {
        let wanted = change.fields.first().and_then(|field| Duty::of(field.new.as_deref()?));
        let (Some(to), Some(seen)) = (wanted, &change.seen) else { continue };
        let node = Member { id: NodeId::new(&seen.id), name: change.name.clone(), version: Version(seen.version) };
        match run(cx, &node, to).await? {
            Outcome::Whole => {}
            stopped @ Outcome::Stopped { .. } => return Ok(stopped),
        }
    }
    Ok(Outcome::Whole)
}

/// The plan to give nodes back what they did before; none where the keepsake is about no node.
///
/// # Errors
/// When the swarm does not answer.
pub async fn undo_plan(engine: &Engine, kept: &Keepsake) -> Result<Option<Plan>, Diagnostic> {
    let nodes: Vec<&Kept> = kept.before.iter().filter(|one| one.kind == Thing::Node.word()).collect();
    if nodes.is_empty() {
        return Ok(None);
    }
    let mut plan = Plan::default();
    for was in nodes {
        let word = |object: Option<&Value>| availability(object.unwrap_or(&Value::Null)).to_owned();
        let (version, now) = match engine.node_spec(&NodeId::new(was.id())).await {
            Ok(now) => now,
            Err(error) if error.is_not_found() => {
                let fault = Diagnostic::new(format!("{} is no node of the swarm any more", was.name), "let it be");
                plan.faults.push(fault);
                continue;
            }
            Err(error) => return Err(error.explain()),
        };
        let (old, new) = (word(Some(&now)), word(was.object.as_ref()));
        let left = kept.after.iter().find(|left| left.kind == was.kind && left.name == was.name);
        let left = left.map(|left| word(left.object.as_ref())).filter(|left| *left != old && old != new);
        if let Some(left) = left {
            let what = format!("{} was changed since, and that is taken back too", was.name);
            let said = Diagnostic::new(what, "look who did it, and why, before you take it back");
            plan.warnings.push(said.because(format!("availability: {left} became {old}")));
        }
        if new == Duty::Active.word() && old != new {
            let what = format!("what left {} does not move back by itself", was.name);
            plan.warnings.push(Diagnostic::new(what, "redeploy what is to run there again"));
        }
        let effect = if old == new { Effect::None } else { Effect::InPlace };
        let differs = Field { path: "Availability".to_owned(), old: Some(old), new: Some(new) };
        let fields = if effect == Effect::None { Vec::new() } else { vec![differs] };
        let seen = Some(Seen { id: was.id().to_owned(), version: version.0 });
        plan.changes.push(Change { effect, fields, seen, ..Change::none(Thing::Node, &was.name) });
    }
    Ok(Some(plan))
}

/// The node that an action takes tasks from, if it does.
pub(super) fn emptied(action: &Action) -> Option<NodeId> {
    match action {
        Action::Availability { node, to: Duty::Drain } => Some(node.id.clone()),
        Action::Undo { plan, .. } => plan
            .work()
            .find(|change| change.kind == Thing::Node)
            .filter(|change| change.fields.iter().any(|field| field.new.as_deref() == Some(Duty::Drain.word())))
            .and_then(|change| Some(NodeId::new(&change.seen.as_ref()?.id))),
        _ => None,
    }
}

fn availability(object: &Value) -> &str {
    object.pointer("/Spec/Availability").and_then(Value::as_str).unwrap_or_default()
}

/// The spec with another availability, and nothing else changed.
fn told(object: &Value, to: Duty) -> Option<Value> {
    let mut spec = object.get("Spec")?.clone();
    spec.as_object_mut()?.insert("Availability".to_owned(), json!(to.word()));
    Some(spec)
}

/// Writes once. When the answer is lost it is looked whether it happened before it is sent again.
async fn put(cx: &JobCx, node: &Member, to: Duty) -> Result<(), Diagnostic> {
    let (version, object) = cx.engine.node_spec(&node.id).await.map_err(|error| error.explain())?;
    if version != node.version {
        return Err(changed(node, version));
    }
    let spec = told(&object, to).ok_or_else(|| {
        Diagnostic::new(format!("{} has no spec that can be written back", node.name), "use the docker CLI for it")
    })?;
    let mut lost = None;
    for _ in 0..WRITES {
        let error = match cx.engine.update_node(&node.id, version, &spec).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if !error.is_conflict() && !error.leaves_doubt() {
            return Err(error.explain());
        }
        tracing::warn!(node = node.name, %error, "looking whether the write happened");
        let (now, object) =
            patiently(|| cx.engine.node_spec(&node.id)).await.map_err(|again| not_known(&node.name, &again, &error))?;
        if availability(&object) == to.word() && (lost.is_some() || !error.is_conflict()) {
            return Ok(());
        }
        if now != version || error.is_conflict() {
            return Err(changed(node, now));
        }
        lost = Some(error);
    }
    Err(unanswered(&node.name, lost.as_ref()))
}

/// Somebody was faster, or the node itself has changed.
fn changed(node: &Member, now: Version) -> Diagnostic {
    Diagnostic::new(
        format!("{} was changed since you looked at it", node.name),
        "look at it and ask again; nothing was forced",
    )
    .because(format!("it was version {} and is version {now}", node.version))
}

/// How one part of it stands.
enum Stands {
    /// It is so.
    There(String),
    /// It will not be so, and that is not for us to change.
    Told(String),
    /// Not yet.
    NotYet(String),
}

/// Waits until the node reads as told and what had to leave it stands elsewhere.
async fn settle(cx: &JobCx, node: &Member, to: Duty, moves: &[Service]) -> Result<Outcome, Diagnostic> {
    let mut swarm = cx.swarm.clone();
    let mut picture = swarm.snapshot();
    let until = Instant::now() + cx.patience;
    let mut said: Vec<String> = vec![String::new(); moves.len() + 1];
    loop {
        let mut open = Vec::new();
        for (index, said) in said.iter_mut().enumerate() {
            let stands = match index.checked_sub(1).and_then(|at| moves.get(at)) {
                Some(service) => elsewhere(&picture, service, node),
                None => of_node(&picture, node, to)?,
            };
            let (state, words) = match stands {
                Stands::There(words) => (State::Done, words),
                Stands::Told(words) => (State::Waiting, words),
                Stands::NotYet(words) => {
                    open.push((index, words.clone()));
                    (State::Converging, words)
                }
            };
            if *said != words {
                cx.step(index, state, words.clone()).await;
                *said = words;
            }
        }
        if open.is_empty() {
            return Ok(Outcome::Whole);
        }
        if cx.stop.is_cancelled() {
            for (index, words) in &open {
                cx.step(*index, State::Off, format!("not waited for, the swarm goes on with it; {words}")).await;
            }
            return Ok(Outcome::Stopped { done: said.len() - open.len(), left: open.len() });
        }
        if Instant::now() >= until {
            return Err(late(cx, node, moves, open).await);
        }
        tokio::select! {
            next = swarm.changed() => match next {
                Ok(next) => picture = next,
                Err(_) => return Err(Diagnostic::new("the program is ending", "run it again to see the swarm as it is")),
            },
            () = cx.stop.cancelled() => {}
            () = tokio::time::sleep_until(until) => {}
        }
    }
}

async fn late(cx: &JobCx, node: &Member, moves: &[Service], open: Vec<(usize, String)>) -> Diagnostic {
    let what = format!("not all that ran on {} stands elsewhere after {} s", node.name, cx.patience.as_secs());
    let mend = format!("look at what is named here; quarterdeck node activate {} takes it back", node.name);
    let mut fault = Diagnostic::new(what, mend);
    for (index, words) in open {
        let name = index.checked_sub(1).and_then(|at| moves.get(at)).map_or(&node.name, |service| &service.name);
        fault = fault.because(format!("{name}: {words}"));
        cx.step(index, State::Failed, words).await;
    }
    fault
}

fn of_node(picture: &Picture, node: &Member, to: Duty) -> Result<Stands, Diagnostic> {
    if !picture.swarm.link.is_live() {
        return Ok(Stands::NotYet("the swarm does not answer; waiting for it".to_owned()));
    }
    let Some(live) = picture.swarm.nodes.get(&node.id) else {
        return Err(Diagnostic::new(format!("{} left the swarm meanwhile", node.name), "look at the nodes"));
    };
    if live.availability.as_str() != to.word() {
        if live.version > Version(node.version.0 + 1) {
            let what = format!("{} was told something else meanwhile", node.name);
            let fault = Diagnostic::new(what, "look who did it, and why");
            return Err(fault.because(format!("its availability is {}", live.availability)));
        }
        return Ok(Stands::NotYet("the swarm has not shown the change yet".to_owned()));
    }
    if to != Duty::Drain {
        return Ok(Stands::There(format!("is {}", to.word())));
    }
    let here = || picture.swarm.all_tasks().filter(|task| task.node.as_ref() == Some(&node.id) && !task.is_over());
    let wanted = here().filter(|task| task.is_wanted()).count();
    // A machine that does not answer ends nothing until it is back.
    let ending = if live.is_ready() { here().count() } else { wanted };
    Ok(match (wanted, ending) {
        (0, 0) => Stands::There("runs no task of the swarm".to_owned()),
        (0, many) => Stands::NotYet(format!("{many} of its tasks still end")),
        (many, _) => Stands::NotYet(format!("{many} of its tasks are still wanted there")),
    })
}

/// Whether a service stands without the node that its tasks have left.
fn elsewhere(picture: &Picture, moved: &Service, node: &Member) -> Stands {
    let (Some(service), Some(health)) = (picture.swarm.services.get(&moved.id), picture.health(&moved.id)) else {
        return Stands::Told("was removed meanwhile".to_owned());
    };
    let still = picture
        .swarm
        .tasks_of(&moved.id)
        .iter()
        .any(|task| task.node.as_ref() == Some(&node.id) && task.is_wanted() && !task.is_over());
    let share = format!("{} of {} run", health.running, health.desired);
    if still || !picture.swarm.link.is_live() {
        return Stands::NotYet(share);
    }
    if health.running >= health.desired {
        return Stands::There(share);
    }
    let why = health.reasons.first().cloned().unwrap_or_default();
    let fits = |live: &crate::model::Node| {
        live.is_ready() && live.availability == crate::model::Availability::Active && eligible(service, live)
    };
    match picture.swarm.nodes.values().any(|live| fits(live)) {
        true => Stands::NotYet(format!("{share}; {why}")),
        false => Stands::Told(format!("{share}; {why}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_node_but_its_availability_changes() {
        let object = json!({"Spec": {"Role": "worker", "Availability": "active", "Labels": {"a": "b"}, "New": [1]}});
        let mut spec = told(&object, Duty::Drain).unwrap();
        assert_eq!(spec["Availability"], "drain");
        spec["Availability"] = json!("active");
        assert_eq!(spec, object["Spec"]);
        assert!(told(&json!({}), Duty::Drain).is_none());
    }
}
