//! One service: what is different, and whether its tasks are replaced.
//!
//! Swarm's own rule (`IsTaskDirty` in manager/orchestrator/task.go of moby/swarmkit): a task is replaced when its copy
//! of the task template differs from the service's, or its copy of the endpoint does (published ports count, ingress
//! or not); a difference in `Placement` alone replaces only tasks whose node no longer fits
//! (`IsTaskDirtyPlacementConstraintsOnly` and `nodeMatches`). Everything else (mode and count, labels of the service,
//! update config) is taken over in place. A one-shot runs again on every write (`UpdateService` in
//! manager/controlapi/service.go raises its iteration).

use serde_json::{Map, Value, json};

use super::canon::{canon, weave};
use super::change::{Change, Effect, Field, Thing};
use super::draft::Draft;
use super::fields::differences;
use super::image::choose;
use super::truth::{Truth, id_of, stack_of, text};
use crate::diag::Diagnostic;
use crate::model::secret::Secrets;
use crate::stack::WishedService;

/// What begins so on a live service was written by us, and stays.
const OURS: &str = "quarterdeck.";
/// Follows from the image; nobody wishes it.
const PLATFORMS: &str = "TaskTemplate.Placement.Platforms";
const PLACEMENT: &str = "TaskTemplate.Placement.";

/// One wished service.
pub(super) fn service<'a>(draft: &mut Draft<'a>, wished: &'a WishedService) {
    let live = draft.truth.named(Thing::Service, &wished.name);
    let after = after(draft, wished);
    let base = Change { after, ..Change::none(Thing::Service, &wished.name) };
    let Some(live) = live else {
        let body = body(draft, wished, None);
        draft.awaits(Thing::Service, (&wished.key, &wished.name));
        let tasks = task_count(None, &body);
        return draft.create(Change { tasks, ..base }, body, None);
    };
    let spec = live.get("Spec").unwrap_or(&Value::Null);
    if stack_of(live) != Some(draft.wish.stack.as_str()) {
        let whose = stack_of(live).map_or("no stack".to_owned(), |stack| format!("the stack {stack}"));
        let fault = Diagnostic::new(
            format!("the service {} is there already and belongs to {whose}", wished.name),
            "rename the service in the file, or remove the one that is there",
        );
        return draft.fault(fault.at(draft.place(wished.place)));
    }
    let mut body = body(draft, wished, Some(spec));
    if draft.awaits(Thing::Service, (&wished.key, &wished.name)) {
        let variables = spec.pointer("/TaskTemplate/ContainerSpec/Env").cloned().unwrap_or_default();
        set(&mut body, "/TaskTemplate/ContainerSpec", "Env", variables);
    }
    if mode_word(&body) != mode_word(spec) {
        let (from, to) = (mode_word(spec), mode_word(&body));
        let fault = Diagnostic::new(
            format!("{} cannot turn from {from} into {to}", wished.name),
            format!("remove it first: docker service rm {}; then deploy again", wished.name),
        );
        return draft.fault(fault.because("the swarm changes no mode").at(draft.place(wished.place)));
    }
    let (fields, effect) = compare(spec, &body, draft.truth, &draft.wish.hidden);
    if effect == Effect::None {
        draft.keep(Thing::Service, &wished.name, live);
        if let Some(change) = draft.drawn.plan.changes.last_mut() {
            change.after = base.after;
        }
        return;
    }
    let tasks = if effect == Effect::Restart { task_count(Some(live), &body) } else { None };
    let why = match effect {
        Effect::Restart if is_one_shot(&body) => "a one-shot runs again on every change",
        Effect::InPlace if fields.iter().any(|field| field.path.starts_with(PLACEMENT)) => {
            "only tasks whose node no longer fits are moved"
        }
        _ => "",
    };
    let woven = weave("", spec, &body, draft.truth);
    draft.update(Change { effect, fields, tasks, why: why.to_owned(), ..base }, live, woven);
}

/// What differs between a live spec and a body, and what that comes to.
pub(super) fn compare(live: &Value, body: &Value, truth: &Truth, hidden: &Secrets) -> (Vec<Field>, Effect) {
    let mut fields = differences(canon("", live, truth).as_ref(), canon("", body, truth).as_ref(), hidden);
    fields.retain(|field| !field.path.starts_with(PLATFORMS));
    let restarts = |path: &str| {
        path.starts_with("EndpointSpec") || (path.starts_with("TaskTemplate") && !path.starts_with(PLACEMENT))
    };
    let effect = match fields.as_slice() {
        [] => Effect::None,
        _ if is_one_shot(body) => Effect::Restart,
        fields if fields.iter().any(|field| restarts(&field.path)) => Effect::Restart,
        _ => Effect::InPlace,
    };
    (fields, effect)
}

/// The wished spec as it would be written: with the image that was found, the names that hold the wished contents, and
/// what an operator forced before.
fn body(draft: &mut Draft<'_>, wished: &WishedService, live: Option<&Value>) -> Value {
    let mut body = wished.body.clone();
    let chosen = choose(&body, live, draft.truth, draft.options.resolve);
    if let Some(why) = chosen.unknown {
        let said = Diagnostic::new(
            format!("the digest of {} is not known", wished.image),
            "look whether the registry answers and knows the image; until then its tag counts",
        );
        let place = draft.place(wished.place);
        if !draft.drawn.plan.warnings.iter().any(|known| known.what == said.what) {
            draft.warn(said.because(why).at(place));
        }
    }
    set(&mut body, "/TaskTemplate/ContainerSpec", "Image", json!(chosen.image));
    let kept = live.and_then(|live| live.pointer("/TaskTemplate/Placement/Platforms")).cloned();
    if let Some(platforms) = chosen.platforms.or(kept) {
        if body.pointer("/TaskTemplate/Placement").is_none_or(Value::is_null) {
            set(&mut body, "/TaskTemplate", "Placement", json!({}));
        }
        set(&mut body, "/TaskTemplate/Placement", "Platforms", platforms);
    }
    if let Some(forced) = live.and_then(|live| live.pointer("/TaskTemplate/ForceUpdate")) {
        set(&mut body, "/TaskTemplate", "ForceUpdate", forced.clone());
    }
    keep_our_labels(&mut body, live);
    rename(draft, &mut body);
    body
}

fn keep_our_labels(body: &mut Value, live: Option<&Value>) {
    let labels = live.and_then(|live| live.get("Labels")).and_then(Value::as_object);
    let ours: Map<String, Value> = labels
        .into_iter()
        .flatten()
        .filter(|(key, _)| key.starts_with(OURS))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if ours.is_empty() {
        return;
    }
    if body.get("Labels").is_none_or(|labels| !labels.is_object()) {
        set(body, "", "Labels", json!({}));
    }
    if let Some(labels) = body.get_mut("Labels").and_then(Value::as_object_mut) {
        labels.extend(ours);
    }
}

/// Names of secrets and configs that stand under other names than in the file.
fn rename(draft: &Draft<'_>, body: &mut Value) {
    for (list, key, kind) in [("Secrets", "SecretName", Thing::Secret), ("Configs", "ConfigName", Thing::Config)] {
        let path = format!("/TaskTemplate/ContainerSpec/{list}");
        for part in body.pointer_mut(&path).and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(name) = part.get(key).and_then(Value::as_str) else { continue };
            if let Some(new) = draft.renamed.get(&(kind, name)).cloned() {
                set(part, "", key, json!(new));
            }
        }
    }
    let credential = "/TaskTemplate/ContainerSpec/Privileges/CredentialSpec";
    let named = body.pointer(credential).and_then(|spec| spec.get("Config")).and_then(Value::as_str);
    if let Some(new) = named.and_then(|name| draft.renamed.get(&(Thing::Config, name)).cloned()) {
        set(body, credential, "Config", json!(new));
    }
}

/// Sets a field of the object at a pointer.
pub(super) fn set(object: &mut Value, pointer: &str, key: &str, value: Value) {
    if let Some(map) = object.pointer_mut(pointer).and_then(Value::as_object_mut) {
        map.insert(key.to_owned(), value);
    }
}

/// The services it stands on, by their names in the swarm.
fn after(draft: &Draft<'_>, wished: &WishedService) -> Vec<String> {
    let services = &draft.wish.services;
    let mut names: Vec<String> = services
        .iter()
        .filter(|service| wished.after.contains(&service.key) && service.key != wished.key)
        .map(|service| service.name.clone())
        .collect();
    names.extend(super::ports::freed_by(draft, wished));
    names
}

fn mode_word(spec: &Value) -> &'static str {
    let part = |name: &str| spec.pointer(&format!("/Mode/{name}")).is_some_and(|part| !part.is_null());
    ["Global", "GlobalJob", "ReplicatedJob"].into_iter().find(|word| part(word)).map_or("replicated", |word| match word
    {
        "Global" => "global",
        "GlobalJob" => "global-job",
        _ => "replicated-job",
    })
}

/// Whether it ends by itself.
pub(super) fn is_one_shot(spec: &Value) -> bool {
    mode_word(spec).ends_with("-job")
}

/// How many tasks a service has or will have, where that can be said without looking at nodes.
fn task_count(live: Option<&Value>, body: &Value) -> Option<u64> {
    match mode_word(body) {
        "replicated" => Some(body.pointer("/Mode/Replicated/Replicas").and_then(Value::as_u64).unwrap_or(1)),
        "replicated-job" => {
            let count = |key: &str| body.pointer(&format!("/Mode/ReplicatedJob/{key}")).and_then(Value::as_u64);
            Some(count("TotalCompletions").or(count("MaxConcurrent")).unwrap_or(1))
        }
        _ => live.and_then(|live| live.pointer("/ServiceStatus/DesiredTasks")).and_then(Value::as_u64),
    }
}

/// Whether two live specs of one service ask for the same, and if not, where they differ, told without these values.
#[must_use]
pub fn apart(old: &Value, new: &Value, truth: &Truth, hidden: &Secrets) -> Vec<Field> {
    differences(canon("", old, truth).as_ref(), canon("", new, truth).as_ref(), hidden)
}

/// A body with the ids that the swarm gave: of secrets, configs and networks, by their names.
#[must_use]
pub fn with_ids(mut body: Value, id: impl Fn(Thing, &str) -> Option<String>) -> Value {
    for (list, name, key, kind) in [
        ("ContainerSpec/Secrets", "SecretName", "SecretID", Thing::Secret),
        ("ContainerSpec/Configs", "ConfigName", "ConfigID", Thing::Config),
        ("Networks", "Target", "Target", Thing::Network),
    ] {
        let path = format!("/TaskTemplate/{list}");
        for part in body.pointer_mut(&path).and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(id) = part.get(name).and_then(Value::as_str).and_then(|name| id(kind, name)) {
                set(part, "", key, json!(id));
            }
        }
    }
    let credential = "/TaskTemplate/ContainerSpec/Privileges/CredentialSpec";
    let named = body.pointer(credential).map(|spec| text(spec, "/Config").to_owned()).unwrap_or_default();
    if let Some(id) = id(Thing::Config, &named) {
        set(&mut body, credential, "Config", json!(id));
    }
    body
}

/// The id of a live object of this name.
#[must_use]
pub fn id_in(truth: &Truth, kind: Thing, name: &str) -> Option<String> {
    // Networks of the node itself are named and never looked up: the swarm keeps twins of them.
    truth
        .named(kind, name)
        .filter(|live| kind != Thing::Network || text(live, "/Scope") == "swarm")
        .map(|live| id_of(live).to_owned())
}
