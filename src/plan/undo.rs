//! The plan to bring back what was replaced: objects as they were against the swarm as it is. What was made goes, what
//! went is made again where all that it needs is there, and what cannot come back is said.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::change::{Change, Effect, Plan, Thing};
use super::draft::{Drawn, Step, Todo};
use super::service::{apart, compare};
use super::truth::{Truth, id_of, name_of, seen, text};
use crate::diag::Diagnostic;
use crate::model::secret::Secrets;

/// The vxlan numbers that the swarm gave a network: it gives others to the next.
const NUMBERS: &str = "com.docker.network.driver.overlay.vxlanid_list";

/// One object as it was.
#[derive(Debug, Clone, Copy)]
pub struct Was<'a> {
    /// What kind of thing.
    pub kind: Thing,
    /// Its name.
    pub name: &'a str,
    /// As it was before; none if it was not there.
    pub before: Option<&'a Value>,
    /// As it was left, where that is known; none within if it was left away.
    pub left: Option<Option<&'a Value>>,
}

/// What would have to change so that these objects are as they were, told without these values.
#[must_use]
pub fn undo(stack: &str, all: &[Was<'_>], truth: &Truth, hidden: &Secrets) -> Drawn {
    let mut drawn = Drawn { plan: Plan { stack: stack.to_owned(), ..Plan::default() }, ..Drawn::default() };
    let parts = || all.iter().filter(|was| was.kind != Thing::Service);
    let services = || all.iter().filter(|was| was.kind == Thing::Service);
    for was in parts() {
        part(was, truth, &mut drawn);
    }
    let back: BTreeSet<&str> =
        parts().filter(|was| was.kind != Thing::Secret).filter_map(|was| was.before.map(id_of)).collect();
    for was in services() {
        service(was, (truth, hidden), &back, &mut drawn);
    }
    for was in services().chain(parts()) {
        goes(was, all, (truth, hidden), &mut drawn);
    }
    drawn
}

fn spec(object: &Value) -> &Value {
    object.get("Spec").unwrap_or(&Value::Null)
}

/// The object as it is now: by its id, else by its name.
fn live<'a>(was: &Was<'_>, truth: &'a Truth) -> Option<&'a Value> {
    let id = was.before.map(id_of).unwrap_or_default();
    truth.all(was.kind).iter().find(|object| id_of(object) == id).or_else(|| truth.named(was.kind, was.name))
}

fn push(drawn: &mut Drawn, change: Change, todo: Todo) {
    drawn.steps.push(Step { kind: change.kind, name: change.name.clone(), todo });
    drawn.plan.changes.push(change);
}

/// Somebody has changed it since: that goes with it, and has to be known before.
fn warn_of_others(was: &Was<'_>, live: &Value, (truth, hidden): (&Truth, &Secrets), drawn: &mut Drawn) {
    let Some(Some(left)) = was.left else { return };
    if spec(left) == spec(live) {
        return;
    }
    let what = format!("{} was changed since, and that is taken back too", was.name);
    let mend = "look at what it is; if it is to stay, change the file and deploy it instead";
    let said = apart(spec(left), spec(live), truth, hidden).iter().fold(Diagnostic::new(what, mend), |said, field| {
        let value = |value: &Option<String>| crate::model::text::clean(value.as_deref().unwrap_or("nothing"));
        said.because(format!("{}: {} became {}", super::short(&field.path), value(&field.old), value(&field.new)))
    });
    drawn.plan.warnings.push(said);
}

fn service(was: &Was<'_>, (truth, hidden): (&Truth, &Secrets), back: &BTreeSet<&str>, drawn: &mut Drawn) {
    let Some(before) = was.before else { return };
    let base = Change::none(Thing::Service, was.name);
    let now = live(was, truth);
    if now.is_some_and(|now| spec(now) == spec(before)) {
        drawn.plan.changes.push(Change { seen: now.map(seen), ..base });
        return;
    }
    let gone = missing(spec(before), truth, back);
    if !gone.is_empty() {
        let what = format!("{} cannot be brought back: what it used is gone", was.name);
        let fault = Diagnostic::new(what, "deploy the file of an earlier commit instead");
        drawn.plan.faults.push(gone.into_iter().fold(fault, Diagnostic::because));
        return;
    }
    let body = spec(before).clone();
    let Some(now) = now else {
        return push(drawn, Change { effect: Effect::Create, ..base }, Todo::Create { body, payload: None });
    };
    warn_of_others(was, now, (truth, hidden), drawn);
    let (fields, effect) = compare(spec(now), &body, truth, hidden);
    // Another spelling of the same is brought back too: byte for byte is what was promised.
    let effect = if effect == Effect::None { Effect::InPlace } else { effect };
    let seen = seen(now);
    let todo = Todo::Update { id: seen.id.clone(), version: seen.version, body };
    push(drawn, Change { effect, fields, seen: Some(seen), ..base }, todo);
}

/// What a spec uses and is neither there nor comes back.
fn missing(spec: &Value, truth: &Truth, back: &BTreeSet<&str>) -> Vec<String> {
    let mut gone = Vec::new();
    for (list, id, name, kind) in [
        ("/TaskTemplate/ContainerSpec/Secrets", "SecretID", "SecretName", Thing::Secret),
        ("/TaskTemplate/ContainerSpec/Configs", "ConfigID", "ConfigName", Thing::Config),
        ("/TaskTemplate/Networks", "Target", "Target", Thing::Network),
    ] {
        for used in spec.pointer(list).and_then(Value::as_array).into_iter().flatten() {
            let word = |key: &str| used.get(key).and_then(Value::as_str).unwrap_or_default();
            let there = truth.all(kind).iter().any(|live| id_of(live) == word(id)) || back.contains(word(id));
            if !there && truth.named(kind, word(name)).is_none() {
                gone.push(format!("the {} {} is gone", kind.word(), crate::model::text::clean(word(name))));
            }
        }
    }
    gone
}

/// Networks and configs that went are made again; labels that were changed are written back.
fn part(was: &Was<'_>, truth: &Truth, drawn: &mut Drawn) {
    let Some(before) = was.before else { return };
    let base = Change::none(was.kind, was.name);
    match (live(was, truth), was.kind) {
        (Some(now), Thing::Secret | Thing::Config) if labels(now) != labels(before) => {
            let mut body = spec(now).clone();
            if let (Some(body), Some(labels)) = (body.as_object_mut(), labels(before)) {
                body.insert("Labels".to_owned(), labels.clone());
            }
            let seen = seen(now);
            let todo = Todo::Update { id: seen.id.clone(), version: seen.version, body };
            push(drawn, Change { effect: Effect::InPlace, seen: Some(seen), ..base }, todo);
        }
        (Some(now), _) => drawn.plan.changes.push(Change { seen: Some(seen(now)), ..base }),
        (None, Thing::Secret) => {
            let what = format!("the secret {} cannot be brought back", was.name);
            let said = Diagnostic::new(what, "deploy the stack from its file: it makes the secret again");
            drawn.plan.warnings.push(said.because("no engine gives the content of a secret away"));
        }
        (None, Thing::Config) => {
            let todo = Todo::Create { body: spec(before).clone(), payload: None };
            push(drawn, Change { effect: Effect::Create, ..base }, todo);
        }
        (None, _) => {
            let todo = Todo::Create { body: network(before), payload: None };
            push(drawn, Change { effect: Effect::Create, ..base }, todo);
        }
    }
}

fn labels(object: &Value) -> Option<&Value> {
    spec(object).get("Labels")
}

/// What it takes to make a network again.
fn network(before: &Value) -> Value {
    let mut body = json!({});
    let Some(map) = body.as_object_mut() else { return body };
    for key in ["Name", "Driver", "Labels", "Internal", "Attachable", "EnableIPv6", "IPAM", "Options"] {
        if let Some(value) = before.get(key).filter(|value| !value.is_null()) {
            map.insert(key.to_owned(), value.clone());
        }
    }
    if let Some(options) = map.get_mut("Options").and_then(Value::as_object_mut) {
        options.shift_remove(NUMBERS);
    }
    body
}

/// What was made goes again, unless somebody else uses it by now.
fn goes(was: &Was<'_>, all: &[Was<'_>], (truth, hidden): (&Truth, &Secrets), drawn: &mut Drawn) {
    if was.before.is_some() {
        return;
    }
    let Some(now) = live(was, truth) else { return };
    if matches!(was.left, Some(None)) {
        let what = format!("the {} {} stays", was.kind.word(), was.name);
        let said = Diagnostic::new(what, "look at who made it; take it away by hand if it is to go");
        drawn.plan.warnings.push(said.because("it was made later, by somebody else"));
        return;
    }
    let ours = |name: &&str| all.iter().any(|other| other.kind == Thing::Service && other.name == *name);
    let users = truth.users_of(was.kind, id_of(now));
    let others: Vec<&str> = users.into_iter().filter(|name| !ours(name)).collect();
    if !others.is_empty() {
        let what = format!("the {} {} stays", was.kind.word(), was.name);
        let said = Diagnostic::new(what, "take it out of those services first");
        drawn.plan.warnings.push(said.because(format!("used by {} by now", others.join(", "))));
        return;
    }
    if was.kind == Thing::Service {
        warn_of_others(was, now, (truth, hidden), drawn);
    }
    let seen = seen(now);
    let todo = Todo::Remove { id: seen.id.clone() };
    let tasks = now.pointer("/ServiceStatus/RunningTasks").and_then(Value::as_u64);
    let change = Change { effect: Effect::Remove, tasks, seen: Some(seen), ..Change::none(was.kind, was.name) };
    push(drawn, change, todo);
}

/// Ids that a spec names and that stand for other objects now: as (what it names, what it is now).
#[must_use]
pub fn renamed(spec: &Value, truth: &Truth) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (list, id, name, kind) in [
        ("/TaskTemplate/ContainerSpec/Secrets", "SecretID", "SecretName", Thing::Secret),
        ("/TaskTemplate/ContainerSpec/Configs", "ConfigID", "ConfigName", Thing::Config),
    ] {
        for used in spec.pointer(list).and_then(Value::as_array).into_iter().flatten() {
            let (old, named) = (text(used, &format!("/{id}")), text(used, &format!("/{name}")));
            if truth.all(kind).iter().any(|live| id_of(live) == old) {
                continue;
            }
            if let Some(now) = truth.all(kind).iter().find(|live| name_of(live) == named) {
                pairs.push((old.to_owned(), id_of(now).to_owned()));
            }
        }
    }
    pairs
}
