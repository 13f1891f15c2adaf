//! Undo: what a deed replaced is brought back, byte for byte. The plan that was shown is drawn anew; what it did not say
//! is not done.

use std::collections::BTreeMap;

use serde_json::Value;

use super::converge::{Awaited, By, Reached, wait};
use super::cx::{JobCx, Outcome};
use super::{availability, truth, write};
use crate::action::Pinned;
use crate::diag::{Diagnostic, Explain};
use crate::engine::{Engine, Part};
use crate::journal::{Journal, Keepsake};
use crate::model::secret::Secrets;
use crate::model::{ServiceId, State, Version};
use crate::plan::{self, Change, Drawn, Effect, Plan, Step, Thing, Todo, Truth, Was};

/// Ids of what is made again: as the kept objects name it, and as it is called now.
#[derive(Debug, Default)]
struct Ids {
    kept: BTreeMap<(Thing, String), String>,
    now: BTreeMap<String, String>,
}

/// What deeds replaced, the oldest first: each object as the first of them found it and as the last one left it.
///
/// # Errors
/// When nothing of a deed is kept.
pub fn kept(journal: &Journal, of: &[String]) -> Result<Keepsake, Diagnostic> {
    let mut all = Keepsake::default();
    for job in of {
        let found = journal.kept(job)?.ok_or_else(|| {
            Diagnostic::new(format!("what {job} replaced is not kept"), "deploy the file of an earlier commit instead")
        })?;
        for kept in found.before {
            if !all.before.iter().any(|known| (&known.kind, &known.name) == (&kept.kind, &kept.name)) {
                all.before.push(kept);
            }
        }
        for kept in found.after {
            all.after.retain(|known| (&known.kind, &known.name) != (&kept.kind, &kept.name));
            all.after.push(kept);
        }
    }
    Ok(all)
}

fn thing(word: &str) -> Option<Thing> {
    [Thing::Network, Thing::Secret, Thing::Config, Thing::Service].into_iter().find(|kind| kind.word() == word)
}

/// The plan to bring back what was replaced.
#[must_use]
pub fn drawn(stack: &str, kept: &Keepsake, truth: &Truth, hidden: &Secrets) -> Drawn {
    let all: Vec<Was<'_>> = kept
        .before
        .iter()
        .filter_map(|one| {
            let left = kept.after.iter().find(|left| (&left.kind, &left.name) == (&one.kind, &one.name));
            Some(Was {
                kind: thing(&one.kind)?,
                name: &one.name,
                before: one.object.as_ref(),
                left: left.map(|left| left.object.as_ref()),
            })
        })
        .collect();
    plan::undo(stack, &all, truth, hidden)
}

/// The plan of an undo, for a screen.
///
/// # Errors
/// When nothing is kept, or the swarm does not answer.
pub async fn undo_plan(
    engine: &Engine,
    journal: &Journal,
    (stack, of): (&str, &[String]),
    hidden: &Secrets,
) -> Result<Plan, Diagnostic> {
    let kept = kept_of(journal, of).await?;
    if let Some(plan) = availability::undo_plan(engine, &kept).await? {
        return Ok(plan);
    }
    let truth = truth::swarm(engine).await.map_err(|error| error.explain())?;
    Ok(drawn(stack, &kept, &truth, hidden).plan)
}

pub(super) async fn kept_of(journal: &Journal, of: &[String]) -> Result<Keepsake, Diagnostic> {
    let (journal, of) = (journal.clone(), of.to_vec());
    super::ledger::on_disk(move || kept(&journal, &of)).await
}

/// Brings back what these deeds replaced.
///
/// # Errors
/// With what went wrong; the steps say what was done and what is left.
pub async fn run(cx: &JobCx, journal: &Journal, of: &[String], shown: &Plan) -> Result<Outcome, Diagnostic> {
    if shown.work().any(|change| change.kind == Thing::Node) {
        return availability::back(cx, shown).await;
    }
    cx.steps(std::iter::once("check".to_owned()).chain(shown.work().map(Change::title))).await;
    cx.step(0, State::Converging, "looking whether the swarm is as it was shown").await;
    let checked = check(cx, journal, of, shown).await;
    let (drawn, mut ids) = match checked {
        Ok(checked) => checked,
        Err(fault) => {
            cx.step(0, State::Failed, fault.line()).await;
            return Err(fault.because("nothing was written"));
        }
    };
    cx.step(0, State::Done, "as shown").await;
    let steps = drawn.steps.iter().zip(drawn.plan.work());
    for (done, (step, change)) in steps.enumerate() {
        let same = |known: &Change| (known.kind, &known.name) == (change.kind, &change.name);
        let line = shown.work().position(same).map_or(0, |at| at + 1);
        if cx.stop.is_cancelled() {
            return Ok(Outcome::Stopped { done, left: drawn.steps.len() - done });
        }
        cx.step(line, State::Converging, "writing").await;
        match one(cx, line, (step, change), (&shown.stack, &mut ids)).await {
            Ok(Reached::There(words)) => cx.step(line, State::Done, words).await,
            Ok(Reached::Left(words)) => {
                cx.step(line, State::Off, words).await;
                return Ok(Outcome::Stopped { done, left: drawn.steps.len() - done });
            }
            Err(fault) => {
                cx.step(line, State::Failed, fault.line()).await;
                let left = drawn.steps.len() - done;
                return Err(fault.because(format!("{left} steps are not done; undo it again to finish it")));
            }
        }
    }
    Ok(Outcome::Whole)
}

async fn check(cx: &JobCx, journal: &Journal, of: &[String], shown: &Plan) -> Result<(Drawn, Ids), Diagnostic> {
    let kept = kept_of(journal, of).await?;
    let truth = truth::swarm(&cx.engine).await.map_err(|error| error.explain())?;
    let drawn = drawn(&shown.stack, &kept, &truth, &cx.swarm.latest().catalogue.secrets);
    if let Some(fault) = drawn.plan.faults.first() {
        return Err(fault.clone());
    }
    let other = drawn.plan.work().find(|now| {
        let known = shown.change(now.kind, &now.name);
        !known.is_some_and(|known| known.says_as(now))
    });
    if let Some(other) = other {
        let what = format!("{} is not as it was when the undo was shown", other.name);
        return Err(Diagnostic::new(what, "look at the undo again, and do that"));
    }
    // A network that is made again gets another id, and services name it by that alone.
    let mut ids = Ids::default();
    for kept in &kept.before {
        let Some(kind) = thing(&kept.kind).filter(|_| !kept.id().is_empty()) else { continue };
        if let Some(now) = plan::id_in(&truth, kind, &kept.name).filter(|_| kind != Thing::Service) {
            ids.now.insert(kept.id().to_owned(), now);
        }
        ids.now.extend(plan::renamed(kept.spec().unwrap_or(&Value::Null), &truth));
        ids.kept.insert((kind, kept.name.clone()), kept.id().to_owned());
    }
    Ok((drawn, ids))
}

async fn one(
    cx: &JobCx,
    line: usize,
    (step, change): (&Step, &Change),
    (stack, ids): (&str, &mut Ids),
) -> Result<Reached, Diagnostic> {
    let there = |words: &str| Ok(Reached::There(words.to_owned()));
    match &step.todo {
        Todo::Create { body, .. } if step.kind == Thing::Service => {
            let id = write::create(cx, Thing::Service, &step.name, &with(body, &ids.now)).await?;
            let awaited = Awaited { id: ServiceId::new(&id), name: step.name.clone(), beyond: None, by: By::Create };
            wait(cx, line, &awaited).await
        }
        Todo::Create { body, .. } => {
            let id = write::create(cx, step.kind, &step.name, body).await?;
            if let Some(old) = ids.kept.get(&(step.kind, step.name.clone())) {
                ids.now.insert(old.clone(), id);
            }
            there("made again")
        }
        Todo::Update { id, version, body } if step.kind == Thing::Service => {
            let pinned = Pinned {
                id: ServiceId::new(id),
                name: step.name.clone(),
                version: Version(*version),
                tasks: 0,
                stack: stack.to_owned(),
            };
            let body = with(body, &ids.now);
            let header = if change.effect == Effect::Restart { write::header(cx, &body).await } else { None };
            super::redeploy::write(cx, &pinned, (&body, header.as_ref()), |now| *now == body).await?;
            let by = if change.effect == Effect::Restart { By::Roll { forced: false } } else { By::Change };
            let beyond = Some(Version(*version));
            wait(cx, line, &Awaited { id: pinned.id.clone(), name: step.name.clone(), beyond, by }).await
        }
        Todo::Update { id, version, body } => {
            let part = if step.kind == Thing::Secret { Part::Secret } else { Part::Config };
            let written = cx.engine.update_part(part, id, Version(*version), body).await;
            written.map_err(|error| error.explain().at(change.title()))?;
            there("labels written")
        }
        Todo::Remove { id } => {
            write::remove(cx, step.kind, id).await.map_err(|fault| fault.at(change.title()))?;
            if step.kind == Thing::Service && !stack.is_empty() {
                let gone = write::tasks_gone(cx, line, stack, std::slice::from_ref(id)).await?;
                if gone.is_none() {
                    return Ok(Reached::Left("removed; its tasks still end".to_owned()));
                }
            }
            there("removed")
        }
    }
}

/// The same, with ids that stand for others now.
fn with(body: &Value, renamed: &BTreeMap<String, String>) -> Value {
    match body {
        Value::String(text) => Value::String(renamed.get(text).unwrap_or(text).clone()),
        Value::Array(list) => list.iter().map(|one| with(one, renamed)).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), with(value, renamed))).collect(),
        other => other.clone(),
    }
}
