//! Redeploy: every task of a service is replaced by a new one of the same spec.
//! The spec is read, changed and written as raw JSON, so that what we do not know of survives.

use std::time::Duration;

use serde_json::{Value, json};

use super::cx::{Answer, JobCx, Outcome};
use crate::action::Pinned;
use crate::diag::{Diagnostic, Explain};
use crate::model::{Mode, Picture, Service, State, UpdateState, Version};

/// How often a change is sent at most; each time but the first only after the version index proved the one before undone.
const WRITES: usize = 3;
/// How long the managers may take to say what is: they find a new leader in seconds.
const VOTE: Duration = Duration::from_secs(60);
/// How long to wait before they are asked again.
const AGAIN: Duration = Duration::from_secs(1);

/// Redeploys the services one after the other; stops at the first that does not converge.
///
/// # Errors
/// With what went wrong; the steps say what was done and what is left.
pub async fn run(cx: &JobCx, services: &[Pinned]) -> Result<Outcome, Diagnostic> {
    cx.steps(services.iter().map(|service| service.name.clone())).await;
    for (done, pinned) in services.iter().enumerate() {
        if cx.stop.is_cancelled() {
            return Ok(Outcome::Stopped { done, left: services.len() - done });
        }
        if let Err(fault) = one(cx, done, pinned).await {
            cx.step(done, State::Failed, fault.line()).await;
            let left = services.len() - done - 1;
            return Err(if left == 0 {
                fault
            } else {
                fault.because(format!("{left} more services were left as they are"))
            });
        }
    }
    Ok(Outcome::Whole)
}

async fn one(cx: &JobCx, index: usize, pinned: &Pinned) -> Result<(), Diagnostic> {
    cx.step(index, State::Converging, "reading the spec").await;
    let (version, object) = cx.engine.service_spec(&pinned.id).await.map_err(|error| error.explain())?;
    if version != pinned.version {
        return Err(changed(pinned, version));
    }
    let (spec, round) = forced(&object).ok_or_else(|| {
        Diagnostic::new(
            format!("{} has no spec that can be written back", pinned.name),
            "look at it with y and redeploy it with the docker CLI",
        )
    })?;
    cx.step(index, State::Converging, "asking for new tasks").await;
    write(cx, pinned, &spec, round).await?;
    let detail = converge(cx, index, pinned, round).await?;
    cx.step(index, State::Done, detail).await;
    Ok(())
}

/// The spec with one more forced update, and the number of that round.
fn forced(object: &Value) -> Option<(Value, u64)> {
    let mut spec = object.get("Spec")?.clone();
    let template = spec.get_mut("TaskTemplate")?.as_object_mut()?;
    let round = template.get("ForceUpdate").and_then(Value::as_u64).unwrap_or(0) + 1;
    template.insert("ForceUpdate".to_owned(), json!(round));
    Some((spec, round))
}

/// Writes once. When the answer is lost, the version index tells whether the write happened, at whichever manager
/// answers; only if it did not is it sent again, and then against the same version, so that it counts once at most.
async fn write(cx: &JobCx, pinned: &Pinned, spec: &Value, round: u64) -> Result<(), Diagnostic> {
    let mut lost = None;
    for _ in 0..WRITES {
        let error = match cx.engine.update_service(&pinned.id, pinned.version, spec, None).await {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        if !error.is_conflict() && !error.leaves_doubt() {
            return Err(error.explain());
        }
        tracing::warn!(service = pinned.name, %error, "looking whether the write happened");
        let (version, object) =
            look(cx, pinned).await.map_err(|fault| fault.caused_by(&error).because(error.explain().line()))?;
        let written = object.pointer("/Spec/TaskTemplate/ForceUpdate").and_then(Value::as_u64);
        // A conflict may be with our own write, whose answer was lost before.
        if written == Some(round) && (lost.is_some() || !error.is_conflict()) {
            return Ok(());
        }
        if version != pinned.version || error.is_conflict() {
            return Err(changed(pinned, version));
        }
        lost = Some(error);
    }
    let fault = Diagnostic::new(
        format!("{} was asked for new tasks {WRITES} times, and each answer was lost", pinned.name),
        "nothing was changed; look at the managers, then ask again",
    );
    Err(lost.map_or_else(|| fault.clone(), |error| fault.clone().because(error.explain().line())))
}

/// The service as it is, from whichever manager answers; waited for while they look for a leader.
async fn look(cx: &JobCx, pinned: &Pinned) -> Result<(Version, Value), Diagnostic> {
    let begun = tokio::time::Instant::now();
    loop {
        match cx.engine.service_spec(&pinned.id).await {
            Ok(found) => return Ok(found),
            Err(error) if !(error.is_of_the_line() || error.is_leaderless()) => return Err(error.explain()),
            Err(error) if begun.elapsed() > VOTE => {
                let fault = Diagnostic::new(
                    format!("whether {} was changed is not known", pinned.name),
                    "look at it as soon as a manager answers, before you ask again",
                );
                return Err(fault.because(error.explain().line()));
            }
            Err(_) => tokio::time::sleep(AGAIN).await,
        }
    }
}

fn changed(pinned: &Pinned, now: Version) -> Diagnostic {
    Diagnostic::new(
        format!("{} was changed since you looked at it", pinned.name),
        "look at what changed (d) and ask again; nothing was forced",
    )
    .because(format!("it was version {} and is version {now}", pinned.version))
}

async fn converge(cx: &JobCx, index: usize, pinned: &Pinned, round: u64) -> Result<String, Diagnostic> {
    // The screen is told what is still missing, each time that changes.
    let (tell, mut told) = tokio::sync::watch::channel(String::new());
    let asking = cx.until(|picture| {
        let answer = verdict(picture, pinned, round);
        if let Answer::NotYet(missing) = &answer {
            tell.send_if_modified(|last| std::mem::replace(last, missing.clone()) != *missing);
        }
        answer
    });
    tokio::pin!(asking);
    loop {
        tokio::select! {
            biased;
            answer = &mut asking => return answer,
            Ok(()) = told.changed() => {
                let missing = told.borrow_and_update().clone();
                cx.step(index, State::Converging, missing).await;
            }
        }
    }
}

/// Whether the new round of the service is there.
fn verdict(picture: &Picture, pinned: &Pinned, round: u64) -> Answer<String> {
    let (Some(service), Some(health)) = (picture.swarm.services.get(&pinned.id), picture.health(&pinned.id)) else {
        let gone = Diagnostic::new(format!("{} was removed meanwhile", pinned.name), "deploy its stack again");
        return Answer::Fault(Box::new(gone));
    };
    if !picture.swarm.link.is_live() {
        return Answer::NotYet("the swarm does not answer; waiting for it".to_owned());
    }
    if service.force_update < round {
        return Answer::NotYet("the swarm has not shown the change yet".to_owned());
    }
    let why = health.reasons.first().cloned().unwrap_or_default();
    let state = service.update.as_ref().map(|update| &update.state);
    match (state, health.state) {
        (Some(UpdateState::Paused | UpdateState::RollbackCompleted | UpdateState::RollbackPaused), _) => {
            Answer::Fault(Box::new(broken(service, &why)))
        }
        (_, State::Failed) if service.mode.is_one_shot() => Answer::Fault(Box::new(broken(service, &why))),
        (_, State::Done | State::Off) => Answer::Yes(health.state.word().to_owned()),
        (Some(UpdateState::Completed), State::Ready) => {
            Answer::Yes(format!("{} of {} run", health.running, health.desired))
        }
        _ => Answer::NotYet(progress(picture, service, &why)),
    }
}

fn broken(service: &Service, why: &str) -> Diagnostic {
    Diagnostic::new(
        format!("{} did not come up again", service.name),
        format!("read its logs: quarterdeck logs {}", service.name),
    )
    .because(why)
    .because(service.update.as_ref().map(|update| update.message.clone()).unwrap_or_default())
}

fn progress(picture: &Picture, service: &Service, why: &str) -> String {
    let health = picture.health(&service.id);
    let new = picture
        .swarm
        .tasks_of(&service.id)
        .iter()
        .filter(|task| task.is_wanted() && task.created >= service.updated)
        .filter(|task| task.state == crate::model::TaskState::Running)
        .count();
    let of = match (&service.mode, health) {
        (Mode::Global, Some(health)) | (Mode::Replicated(_), Some(health)) => health.desired,
        _ => 0,
    };
    if why.is_empty() { format!("{new} of {of} new tasks run") } else { format!("{new} of {of} new tasks run; {why}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_force_update_changes_and_unknown_fields_stay() {
        let object = json!({"ID": "x", "Version": {"Index": 7}, "Spec": {
            "Name": "web", "FromTheFuture": [1], "TaskTemplate": {
                "ContainerSpec": {"Image": "a:1", "Healthcheck": {"Test": ["CMD", "true"]}, "Odd": null},
                "ForceUpdate": 4}}});
        let (mut spec, round) = forced(&object).unwrap();
        assert_eq!(round, 5);
        assert_eq!(spec["TaskTemplate"]["ForceUpdate"], 5);
        spec["TaskTemplate"]["ForceUpdate"] = json!(4);
        assert_eq!(spec, object["Spec"]);
    }

    #[test]
    fn a_spec_that_never_was_forced_gets_round_one() {
        let object = json!({"Spec": {"TaskTemplate": {}}});
        assert_eq!(forced(&object).unwrap().1, 1);
        assert!(forced(&json!({"Spec": {}})).is_none());
    }
}
