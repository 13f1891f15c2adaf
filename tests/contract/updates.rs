//! Updates: their guard, their states, their way back.

use serde_json::{Value, json};

use super::desk::{Desk, service};

/// The version that an update of this service must name.
fn version(service: &Value) -> u64 {
    service["Version"]["Index"].as_u64().expect("a version")
}

/// The states of an update that were seen, until it stands in the last of them.
async fn states(desk: &Desk, id: &str, last: &str) -> Vec<String> {
    let seen = std::sync::Mutex::new(Vec::<String>::new());
    desk.until(&format!("/services/{id}"), last, |now| {
        let mut seen = seen.lock().expect("one thread");
        let state = now["UpdateStatus"]["State"].as_str().unwrap_or_default();
        if seen.last().is_none_or(|before| before != state) {
            seen.push(state.to_owned());
        }
        state == last
    })
    .await;
    seen.into_inner().expect("one thread")
}

pub async fn an_update_must_name_the_version_it_is_based_on(desk: &Desk) {
    let id = desk.make(&service("contract-guard", &desk.image("v1"))).await;
    let before = desk.get(&format!("/services/{id}")).await.is(200).json;
    let mut spec = before["Spec"].clone();
    spec["Labels"]["who"] = json!("me");
    let path = |version: u64| format!("/services/{id}/update?version={version}");
    desk.post(&path(version(&before)), &spec).await.is(200);
    let late = desk.post(&path(version(&before)), &spec).await;
    late.is_refused(500, "rpc error: code = Unknown desc = update out of sequence");
    let blind = desk.post(&format!("/services/{id}/update"), &spec).await;
    blind.is_refused(400, "invalid service version '': strconv.ParseUint: parsing \"\": invalid syntax");
    let odd = desk.post(&format!("/services/{id}/update?version=one"), &spec).await;
    odd.is_refused(400, "invalid service version 'one': strconv.ParseUint: parsing \"one\": invalid syntax");
    let now = desk.get(&format!("/services/{id}")).await.is(200).json;
    assert!(version(&now) > version(&before));
    assert_eq!(now["Spec"], spec);
    assert_eq!(now["PreviousSpec"], before["Spec"]);
    let mut other = spec.clone();
    other["Name"] = json!("contract-other");
    let renamed = desk.post(&path(version(&now)), &other).await;
    renamed.is_refused(501, "rpc error: code = Unimplemented desc = renaming services is not supported");
    desk.delete(&format!("/services/{id}")).await.is(200);
}

pub async fn an_update_goes_through_its_states(desk: &Desk) {
    let id = desk.make(&service("contract-update", &desk.image("v1"))).await;
    desk.until_running(&id, 2).await;
    let before = desk.get(&format!("/services/{id}")).await.is(200).json;
    let mut spec = before["Spec"].clone();
    spec["TaskTemplate"]["ForceUpdate"] = json!(1);
    desk.post(&format!("/services/{id}/update?version={}", version(&before)), &spec).await.is(200);
    let seen = states(desk, &id, "completed").await;
    assert!(seen.contains(&"updating".to_owned()), "{seen:?}");
    let now = desk.get(&format!("/services/{id}")).await.is(200).json;
    assert_eq!(now["UpdateStatus"]["Message"], "update completed");
    assert!(now["UpdateStatus"]["StartedAt"].is_string() && now["UpdateStatus"]["CompletedAt"].is_string());
    let (new, old) = (&now["Spec"], &now["PreviousSpec"]);
    assert_eq!((&new["TaskTemplate"]["ForceUpdate"], &old["TaskTemplate"]["ForceUpdate"]), (&json!(1), &json!(0)));
    let tasks = desk.until_running(&id, 2).await;
    let replaced = tasks.as_array().expect("tasks").iter().filter(|task| task["DesiredState"] == "shutdown").count();
    assert_eq!(replaced, 2, "each old task is kept as history");
    desk.delete(&format!("/services/{id}")).await.is(200);
}

pub async fn an_update_that_fails_is_rolled_back(desk: &Desk) {
    let id = desk.make(&service("contract-back", &desk.image("v1"))).await;
    desk.until_running(&id, 2).await;
    let before = desk.get(&format!("/services/{id}")).await.is(200).json;
    let mut spec = before["Spec"].clone();
    spec["TaskTemplate"]["ContainerSpec"]["Image"] = json!(desk.image("crash"));
    desk.post(&format!("/services/{id}/update?version={}", version(&before)), &spec).await.is(200);
    let seen = states(desk, &id, "rollback_completed").await;
    assert!(seen.contains(&"updating".to_owned()), "{seen:?}");
    let now = desk.get(&format!("/services/{id}")).await.is(200).json;
    assert_eq!(now["UpdateStatus"]["Message"], "rollback completed");
    assert_eq!(now["Spec"], before["Spec"]);
    let tasks = desk.until_running(&id, 2).await;
    let failed = tasks.as_array().expect("tasks").iter().find(|task| task["Status"]["State"] == "failed");
    let failed = failed.expect("a failed task");
    assert_eq!(failed["Status"]["Err"], "task: non-zero exit (3)");
    assert_eq!(failed["Status"]["ContainerStatus"]["ExitCode"], 3);
    assert_eq!(failed["DesiredState"], "shutdown");
    desk.delete(&format!("/services/{id}")).await.is(200);
}

pub async fn the_previous_spec_comes_back_on_request(desk: &Desk) {
    let id = desk.make(&service("contract-previous", &desk.image("v1"))).await;
    desk.until_running(&id, 2).await;
    let first = desk.get(&format!("/services/{id}")).await.is(200).json;
    let back = |version: u64| format!("/services/{id}/update?version={version}&rollback=previous");
    let none = desk.post(&back(version(&first)), &first["Spec"]).await;
    none.is_refused(
        400,
        &format!("rpc error: code = FailedPrecondition desc = service {id} does not have a previous spec"),
    );
    let mut spec = first["Spec"].clone();
    spec["Mode"]["Replicated"]["Replicas"] = json!(3);
    desk.post(&format!("/services/{id}/update?version={}", version(&first)), &spec).await.is(200);
    desk.until_running(&id, 3).await;
    let second = desk.get(&format!("/services/{id}")).await.is(200).json;
    desk.post(&back(version(&second)), &second["Spec"]).await.is(200);
    let third = desk.get(&format!("/services/{id}")).await.is(200).json;
    assert_eq!(third["Spec"], first["Spec"]);
    desk.until_running(&id, 2).await;
    let odd = desk.post(&format!("/services/{id}/update?version={}&rollback=odd", version(&third)), &spec).await;
    odd.is_refused(500, "unrecognized rollback option odd");
    desk.delete(&format!("/services/{id}")).await.is(200);
}

/// Ids of the tasks that are to run.
async fn wanted(desk: &Desk, id: &str) -> Vec<String> {
    let tasks = desk.until_running(id, 2).await;
    let tasks = tasks.as_array().expect("tasks").iter().filter(|task| task["DesiredState"] == "running");
    let mut ids: Vec<String> = tasks.map(|task| task["ID"].as_str().expect("an id").to_owned()).collect();
    ids.sort();
    ids
}

pub async fn tasks_are_replaced_for_their_template_and_endpoint_and_for_nothing_else(desk: &Desk) {
    let id = desk.make(&service("contract-dirty", &desk.image("v1"))).await;
    let path = format!("/services/{id}");
    type Edit = (&'static str, fn(&mut Value), bool);
    let edits: [Edit; 6] = [
        ("a label of the service", |spec| spec["Labels"]["new"] = json!("x"), false),
        ("how it is updated", |spec| spec["UpdateConfig"] = json!({"Parallelism": 0, "Monitor": 500_000_000}), false),
        (
            "a constraint that its nodes meet",
            |spec| spec["TaskTemplate"]["Placement"] = json!({"Constraints": ["node.hostname!=nowhere"]}),
            false,
        ),
        ("a label of the container", |spec| spec["TaskTemplate"]["ContainerSpec"]["Labels"] = json!({"x": "y"}), true),
        ("a limit", |spec| spec["TaskTemplate"]["Resources"] = json!({"Limits": {"MemoryBytes": 64 << 20}}), true),
        ("the way it is found", |spec| spec["EndpointSpec"] = json!({"Mode": "dnsrr"}), true),
    ];
    for (what, edit, replaces) in edits {
        let before = wanted(desk, &id).await;
        let object = desk.get(&path).await.is(200).json;
        let mut spec = object["Spec"].clone();
        edit(&mut spec);
        desk.post(&format!("{path}/update?version={}", version(&object)), &spec).await.is(200);
        if replaces {
            states(desk, &id, "completed").await;
            let after = wanted(desk, &id).await;
            assert!(after.iter().all(|task| !before.contains(task)), "{what} replaces tasks");
        } else {
            assert_eq!(wanted(desk, &id).await, before, "{what} leaves tasks alone");
            let now = desk.get(&path).await.is(200).json;
            assert!(now.get("UpdateStatus").is_none(), "{what} needs no rolling: {now}");
        }
    }
    desk.delete(&path).await.is(200);
}

pub async fn tasks_of_a_removed_service_are_found_by_its_label(desk: &Desk) {
    let mut spec = service("contract-leaving", &desk.image("v1"));
    spec["Labels"] = json!({"of": "contract-leaving"});
    let id = desk.make(&spec).await;
    desk.until_running(&id, 2).await;
    desk.delete(&format!("/services/{id}")).await.is(200);
    let filter = json!({"label": ["of=contract-leaving"]});
    let left = desk.list("/tasks", &filter).await.is(200).json;
    assert!(left.as_array().is_some_and(|left| !left.is_empty()), "they end after it: {left}");
    let end = tokio::time::Instant::now() + super::lab::patience();
    while desk.list("/tasks", &filter).await.is(200).json != json!([]) {
        assert!(tokio::time::Instant::now() < end, "they never end");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}
