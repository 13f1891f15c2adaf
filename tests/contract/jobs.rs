//! One-shots: how they count, end and run again.

use serde_json::{Value, json};

use super::desk::{Desk, escaped};

fn job(name: &str, image: &str, restart: &Value) -> Value {
    json!({
        "Name": name,
        "TaskTemplate": {"ContainerSpec": {"Image": image}, "RestartPolicy": restart},
        "Mode": {"ReplicatedJob": {"MaxConcurrent": 2, "TotalCompletions": 3}},
    })
}

async fn tasks(desk: &Desk, id: &str, what: &str, holds: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let path = format!("/tasks?filters={}", escaped(&json!({"service": [id]}).to_string()));
    let found = desk.until(&path, what, |all| holds(all.as_array().map_or(&[][..], Vec::as_slice))).await;
    found.as_array().cloned().unwrap_or_default()
}

pub async fn a_job_completes_and_counts(desk: &Desk) {
    let id = desk.make(&job("contract-job", &desk.image("once"), &json!({"Condition": "none"}))).await;
    let complete = |all: &[Value]| all.iter().filter(|task| task["Status"]["State"] == "complete").count();
    let ended = tasks(desk, &id, "three have completed", |all| complete(all) == 3).await;
    // The first round is the zeroth, and that goes without saying.
    assert!(ended.iter().all(|task| task["JobIteration"] == json!({}) && task["DesiredState"] == "complete"));
    assert!(ended.iter().all(|task| task["Status"]["ContainerStatus"]["ExitCode"] == 0), "{ended:#?}");

    let path = format!("/services?status=true&filters={}", escaped(&json!({"id": [&id]}).to_string()));
    let counted = desk.get(&path).await.is(200).json;
    let status = &counted[0]["ServiceStatus"];
    assert_eq!((&status["RunningTasks"], &status["CompletedTasks"]), (&json!(0), &json!(3)));
    let before = counted[0]["JobStatus"].clone();
    assert!(before["JobIteration"] == json!({}) && before["LastExecution"].is_string(), "{before}");

    // A forced update runs it again.
    let mut spec = counted[0]["Spec"].clone();
    spec["TaskTemplate"]["ForceUpdate"] = json!(1);
    let version = &counted[0]["Version"]["Index"];
    desk.post(&format!("/services/{id}/update?version={version}"), &spec).await.is(200);
    let again = desk.get(&format!("/services/{id}")).await.is(200).json;
    assert_eq!(again["JobStatus"]["JobIteration"], json!({"Index": 1}));
    assert!(again.get("UpdateStatus").is_none(), "a job has no rolling update: {again}");
    let index = &again["JobStatus"]["JobIteration"]["Index"];
    let of_round = |task: &&Value| &task["JobIteration"]["Index"] == index && task["Status"]["State"] == "complete";
    tasks(desk, &id, "the second round is done", |all| all.iter().filter(of_round).count() == 3).await;

    let mut spec = again["Spec"].clone();
    spec["UpdateConfig"] = json!({"Parallelism": 1});
    let version = &again["Version"]["Index"];
    let refused = desk.post(&format!("/services/{id}/update?version={version}"), &spec).await;
    let words = "rpc error: code = InvalidArgument desc = Jobs may not have an update config";
    refused.is_refused(400, words);
    desk.delete(&format!("/services/{id}")).await.is(200);
}

pub async fn a_job_that_fails_says_with_which_code(desk: &Desk) {
    let restart = json!({"Condition": "on-failure", "Delay": 500_000_000, "MaxAttempts": 1});
    let mut spec = job("contract-doomed", &desk.image("fail"), &restart);
    spec["Mode"] = json!({"ReplicatedJob": {"MaxConcurrent": 1, "TotalCompletions": 1}});
    let id = desk.make(&spec).await;
    let failed = |all: &[Value]| all.iter().filter(|task| task["Status"]["State"] == "failed").count();
    let ended = tasks(desk, &id, "it was tried twice", |all| failed(all) == 2).await;
    for task in &ended {
        assert_eq!(task["Status"]["Err"], "task: non-zero exit (7)");
        assert_eq!(task["Status"]["ContainerStatus"]["ExitCode"], 7);
    }
    desk.delete(&format!("/services/{id}")).await.is(200);
}
