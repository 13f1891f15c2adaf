//! Waits until what was deployed runs. A plain rhythm of questions; a service that rolls back or pauses has failed.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::there::text;
use super::{Cx, services};
use crate::diag::{Diagnostic, Explain};
use crate::model::text::clean;

/// How often it is asked.
const RHYTHM: Duration = Duration::from_millis(500);
/// Between a write and the first sign of its update a swarm looks as before: it must look well so often in a row.
const CALM: usize = 3;

/// How long all of it may take, as for other jobs.
const PATIENCE: Duration = Duration::from_secs(600);
/// So many tasks are named when time is up.
const NAMED: usize = 6;

/// How far a service has come.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stand {
    Running,
    NotYet(String),
    Failed(String),
}

/// Waits until every service runs as wished.
///
/// # Errors
/// When the swarm does not answer, or a service was stopped or rolled back.
pub async fn until_running(cx: &Cx<'_>, names: &[String]) -> Result<(), Diagnostic> {
    let (mut told, mut calm) = (BTreeMap::new(), 0);
    let end = Instant::now() + PATIENCE;
    loop {
        let services = cx.engine.services_with(&cx.label()).await.map_err(|error| error.explain())?;
        let tasks = cx.engine.tasks_with(&cx.label()).await.map_err(|error| error.explain())?;
        let mut waiting = false;
        for service in services.iter().filter(|service| names.iter().any(|name| name == services::name(service))) {
            let name = services::name(service);
            match stand(service, &tasks) {
                Stand::Running => {}
                Stand::NotYet(why) => {
                    waiting = true;
                    if told.insert(name.to_owned(), why.clone()).as_ref() != Some(&why) {
                        cx.doing(format!("{name}: {why}"));
                    }
                }
                Stand::Failed(why) => {
                    let mend = format!("read its logs: quarterdeck logs {name}");
                    return Err(Diagnostic::new(format!("{name} did not come up"), mend).because(why));
                }
            }
        }
        calm = if waiting { 0 } else { calm + 1 };
        if calm == CALM {
            return Ok(());
        }
        if Instant::now() >= end {
            return Err(late(&services, &tasks, names));
        }
        tokio::time::sleep(RHYTHM).await;
    }
}

/// Time is up: which task waits for what.
fn late(services: &[Value], tasks: &[Value], names: &[String]) -> Diagnostic {
    let mut waiting = Vec::new();
    let own = |service: &&Value| names.iter().any(|name| name == services::name(service));
    for service in services.iter().filter(own).filter(|service| stand(service, tasks) != Stand::Running) {
        let before = waiting.len();
        let of_it = |task: &&Value| text(task, "/ServiceID") == text(service, "/ID");
        for task in tasks.iter().filter(of_it).filter(|task| is_waited_for(task)) {
            waiting.push(waits_for(services::name(service), task));
        }
        if waiting.len() == before {
            waiting.push(format!("{}: no task of it is there yet", services::name(service)));
        }
    }
    let what = format!("not all services run after {} s", PATIENCE.as_secs());
    let mut fault = Diagnostic::new(what, "look at what these tasks wait for; what was asked for has been written");
    for why in waiting.iter().take(NAMED) {
        fault = fault.because(why);
    }
    match waiting.len().saturating_sub(NAMED) {
        0 => fault,
        more => fault.because(format!("{more} more wait")),
    }
}

fn is_waited_for(task: &Value) -> bool {
    matches!(text(task, "/DesiredState"), "running" | "ready" | "complete")
        && !matches!(text(task, "/Status/State"), "running" | "complete")
}

fn waits_for(service: &str, task: &Value) -> String {
    let slot = task.get("Slot").and_then(Value::as_u64).map(|slot| format!(".{slot}")).unwrap_or_default();
    let words = match text(task, "/Status/Err") {
        "" => text(task, "/Status/Message"),
        error => error,
    };
    clean(&format!("{service}{slot} is {}: {words}", text(task, "/Status/State")))
}

/// Judges one service by its update and its tasks.
fn stand(service: &Value, tasks: &[Value]) -> Stand {
    let message = text(service, "/UpdateStatus/Message");
    match text(service, "/UpdateStatus/State") {
        "paused" | "rollback_paused" | "rollback_started" | "rollback_completed" => {
            return Stand::Failed(message.to_owned());
        }
        "updating" => return Stand::NotYet("updating".to_owned()),
        _ => {}
    }
    let id = text(service, "/ID");
    let own: Vec<&Value> = tasks.iter().filter(|task| text(task, "/ServiceID") == id).collect();
    let in_state = |wanted: &str, state: &str| {
        let fits = |task: &&&Value| text(task, "/DesiredState") == wanted && text(task, "/Status/State") == state;
        own.iter().filter(fits).count() as u64
    };
    let mode = service.pointer("/Spec/Mode");
    let count = |pointer: &str| mode.and_then(|mode| mode.pointer(pointer)).and_then(Value::as_u64);
    let is = |word: &str| mode.is_some_and(|mode| mode.get(word).is_some_and(|mode| !mode.is_null()));
    let (done, wanted) = if is("ReplicatedJob") {
        (in_state("complete", "complete"), count("/ReplicatedJob/TotalCompletions").unwrap_or(1))
    } else if is("GlobalJob") {
        let all = own.iter().filter(|task| text(task, "/DesiredState") == "complete").count() as u64;
        (in_state("complete", "complete"), all.max(1))
    } else if is("Global") {
        let all = own.iter().filter(|task| text(task, "/DesiredState") == "running").count() as u64;
        (in_state("running", "running"), all.max(1))
    } else {
        (in_state("running", "running"), count("/Replicated/Replicas").unwrap_or(1))
    };
    if done >= wanted { Stand::Running } else { Stand::NotYet(format!("{done} of {wanted} tasks run")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn task(desired: &str, state: &str) -> Value {
        json!({"ServiceID": "s", "DesiredState": desired, "Status": {"State": state}})
    }

    #[test]
    fn a_service_runs_when_its_wanted_tasks_do() {
        let service = json!({"ID": "s", "Spec": {"Name": "web", "Mode": {"Replicated": {"Replicas": 2}}}});
        let (old, new) = (task("shutdown", "running"), task("running", "running"));
        assert_eq!(stand(&service, &[old.clone(), new.clone()]), Stand::NotYet("1 of 2 tasks run".into()));
        assert_eq!(stand(&service, &[old, new.clone(), new]), Stand::Running);
    }

    #[test]
    fn when_time_is_up_it_is_said_which_task_waits_for_what() {
        let service = json!({"ID": "s", "Spec": {"Name": "web", "Mode": {"Replicated": {"Replicas": 2}}}});
        let away = json!({"ID": "t", "Spec": {"Name": "db", "Mode": {"Replicated": {"Replicas": 1}}}});
        let mut waits = task("running", "pending");
        waits["Slot"] = 2.into();
        waits["Status"]["Err"] = "no suitable node".into();
        let names = ["web".to_owned(), "db".to_owned()];
        let fault = late(&[service, away], &[task("running", "running"), task("shutdown", "failed"), waits], &names);
        assert_eq!(fault.why, ["web.2 is pending: no suitable node", "db: no task of it is there yet"]);
    }

    #[test]
    fn a_service_that_rolls_back_has_failed() {
        let service = json!({"ID": "s", "Spec": {"Mode": {"Global": {}}},
            "UpdateStatus": {"State": "rollback_started", "Message": "task failed"}});
        assert_eq!(stand(&service, &[]), Stand::Failed("task failed".into()));
    }

    #[test]
    fn a_job_is_waited_for_until_it_is_complete() {
        let service = json!({"ID": "s", "Spec": {"Mode": {"ReplicatedJob": {"TotalCompletions": 1}}}});
        assert!(matches!(stand(&service, &[task("complete", "running")]), Stand::NotYet(_)));
        assert_eq!(stand(&service, &[task("complete", "complete")]), Stand::Running);
    }
}
