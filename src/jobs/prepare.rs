//! Prepares a stack: networks, labels, secrets, then what lies on machines, then the script. Each step looks first, and
//! what is already so is not written.

use base64::Engine as _;
use serde_json::{Value, json};

use super::cx::{JobCx, Outcome};
use super::desk::Contents;
use super::{hook, placing, write};
use crate::action::prepare::{NodeLabel, Prepare};
use crate::diag::{Diagnostic, Explain};
use crate::engine::{EngineError, Part};
use crate::model::State;
use crate::plan::Thing;

/// A label is written over what was seen; so often it is looked again when somebody else was faster.
const TRIES: usize = 3;

/// Puts everything in place.
///
/// # Errors
/// With what could not be, and what is left.
pub async fn run(cx: &JobCx, wish: &Prepare, contents: Option<Contents>) -> Result<Outcome, Diagnostic> {
    let names = wish.steps();
    cx.steps(names.iter().cloned()).await;
    let contents = contents.ok_or_else(|| Diagnostic::new("what was read is no longer at hand", "plan again"))?;
    for (index, name) in names.iter().enumerate() {
        if cx.stop.is_cancelled() {
            return Ok(Outcome::Stopped { done: index, left: names.len() - index });
        }
        cx.step(index, State::Converging, "looking").await;
        match step(cx, wish, &contents, index).await {
            Ok(words) => cx.step(index, State::Done, words).await,
            Err(fault) => {
                cx.step(index, State::Failed, fault.line()).await;
                let left: Vec<&str> = names.iter().skip(index + 1).map(String::as_str).collect();
                let left = if left.is_empty() { String::new() } else { format!("not done: {}", left.join(", ")) };
                return Err(fault.at(name.clone()).because(left));
            }
        }
    }
    Ok(Outcome::Whole)
}

async fn step(cx: &JobCx, wish: &Prepare, contents: &Contents, index: usize) -> Result<String, Diagnostic> {
    let mut at = index;
    if let Some(name) = wish.networks.get(at) {
        return network(cx, name).await;
    }
    at -= wish.networks.len();
    if let Some(wanted) = wish.labels.get(at) {
        return label(cx, wanted).await;
    }
    at -= wish.labels.len();
    if let Some(name) = wish.secrets.get(at) {
        return secret(cx, name, contents).await;
    }
    at -= wish.secrets.len();
    if let Some(place) = wish.places.get(at) {
        return placing::put(cx, place, contents.get(&place.path)).await;
    }
    match &wish.hook {
        Some(script) => hook::run(cx, &wish.stack, script, contents).await,
        None => Ok(String::new()),
    }
}

/// Whether it is there.
async fn is_there(cx: &JobCx, part: Part, name: &str) -> Result<bool, Diagnostic> {
    match cx.engine.part(part, name).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error.explain()),
    }
}

async fn network(cx: &JobCx, name: &str) -> Result<String, Diagnostic> {
    if is_there(cx, Part::Network, name).await? {
        return Ok("is there already".to_owned());
    }
    let body = json!({ "Name": name, "Driver": "overlay", "Attachable": true, "CheckDuplicate": true });
    write::create(cx, Thing::Network, name, &body).await?;
    if is_there(cx, Part::Network, name).await? {
        return Ok("made".to_owned());
    }
    Err(Diagnostic::new(format!("the network {name} was made and is not there"), "look at the managers; deploy again"))
}

async fn secret(cx: &JobCx, name: &str, contents: &Contents) -> Result<String, Diagnostic> {
    if is_there(cx, Part::Secret, name).await? {
        return Ok("is there already; its content is not compared".to_owned());
    }
    let gone = || Diagnostic::new(format!("the content of {name} is not at hand"), "plan again");
    let content = contents.get(name).ok_or_else(gone)?;
    let data = base64::engine::general_purpose::STANDARD.encode(content);
    write::create(cx, Thing::Secret, name, &json!({ "Name": name, "Data": data })).await?;
    if is_there(cx, Part::Secret, name).await? {
        return Ok("made".to_owned());
    }
    Err(Diagnostic::new(format!("the secret {name} was made and is not there"), "look at the managers; deploy again"))
}

async fn label(cx: &JobCx, wanted: &NodeLabel) -> Result<String, Diagnostic> {
    let path = format!("/nodes/{}", wanted.node.as_str());
    let mut last: Option<EngineError> = None;
    for _ in 0..TRIES {
        let node = cx.engine.get_json(&path).await.map_err(|error| error.explain())?;
        if node.pointer("/Spec/Labels").and_then(|labels| labels.get(&wanted.key)) == Some(&json!(wanted.value)) {
            return Ok(if last.is_none() { "is so already" } else { "written" }.to_owned());
        }
        let version = node.pointer("/Version/Index").and_then(Value::as_u64).unwrap_or_default();
        let mut spec = node.get("Spec").cloned().unwrap_or_else(|| json!({}));
        if !spec.get("Labels").is_some_and(Value::is_object)
            && let Some(spec) = spec.as_object_mut()
        {
            spec.insert("Labels".to_owned(), json!({}));
        }
        if let Some(labels) = spec.get_mut("Labels").and_then(Value::as_object_mut) {
            labels.insert(wanted.key.clone(), json!(wanted.value));
        }
        match cx.engine.post_json(&format!("{path}/update?version={version}"), &spec).await {
            Ok(_) => return Ok("written".to_owned()),
            // Whether it was written, or somebody else was faster, the next look says.
            Err(error) if error.is_conflict() || error.leaves_doubt() => last = Some(error),
            Err(error) => return Err(error.explain()),
        }
    }
    let fault = Diagnostic::new("somebody else keeps changing this node", "look who that is; then deploy again");
    Err(last.into_iter().fold(fault, |fault, error| fault.because(error.explain().line())))
}
