//! Services and tasks: made, listed, filtered, refused, removed.

use serde_json::json;

use super::desk::{Desk, names, service};

pub async fn a_service_is_made_listed_filtered_and_removed(desk: &Desk) {
    let spec = service("contract-made", &desk.image("v1"));
    let id = desk.make(&spec).await;
    assert_eq!(id.len(), 25);
    let made = desk.get("/services/contract-made").await.is(200).json;
    assert_eq!((&made["ID"], &made["Spec"]["Name"]), (&json!(id), &json!("contract-made")));
    assert!(made["Version"]["Index"].is_u64() && made["CreatedAt"].is_string() && made["UpdatedAt"].is_string());
    assert!(made.get("PreviousSpec").is_none() && made.get("UpdateStatus").is_none());
    // What is kept is what was sent, and these.
    let mut kept = spec.clone();
    kept["TaskTemplate"]["ContainerSpec"]["Isolation"] = json!("default");
    kept["TaskTemplate"]["ForceUpdate"] = json!(0);
    kept["TaskTemplate"]["Runtime"] = json!("container");
    kept["TaskTemplate"]["RestartPolicy"]["MaxAttempts"] = json!(0);
    kept["UpdateConfig"]["MaxFailureRatio"] = json!(0);
    kept["RollbackConfig"]["MaxFailureRatio"] = json!(0);
    assert_eq!(made["Spec"], kept);
    let full = desk.get("/services/contract-made?insertDefaults=true").await.is(200).json;
    kept["TaskTemplate"]["ContainerSpec"]["DNSConfig"] = json!({});
    kept["TaskTemplate"]["Resources"] = json!({});
    kept["TaskTemplate"]["Placement"] = json!({});
    assert_eq!(full["Spec"], kept);

    let twin = desk.post("/services/create", &spec).await;
    twin.is_refused(
        409,
        "rpc error: code = AlreadyExists desc = name conflicts with an existing object: service contract-made already exists",
    );

    let found = async |filters| names(&desk.list("/services", &filters).await.is(200).json, "/Spec/Name");
    let only = vec!["contract-made".to_owned()];
    assert_eq!(found(json!({"name": ["contract-made"]})).await, only);
    assert_eq!(found(json!({"name": ["contract-ma"]})).await, only);
    assert!(found(json!({"name": ["made"]})).await.is_empty());
    assert_eq!(found(json!({"id": [&id[..10]]})).await, only);
    assert_eq!(found(json!({"label": ["of=contract"], "name": ["contract-made"]})).await, only);
    assert_eq!(found(json!({"label": ["of"], "name": ["contract-made"]})).await, only);
    assert!(found(json!({"label": ["of=other"], "name": ["contract-made"]})).await.is_empty());
    assert_eq!(found(json!({"mode": ["replicated"], "id": [&id]})).await, only);
    assert!(found(json!({"mode": ["global"], "id": [&id]})).await.is_empty());

    desk.until_running("contract-made", 2).await;
    let path = format!("/services?status=true&filters={}", super::desk::escaped(&json!({"id": [&id]}).to_string()));
    let counted = desk.get(&path).await.is(200).json;
    let status = json!({"RunningTasks": 2, "DesiredTasks": 2, "CompletedTasks": 0});
    assert_eq!(counted[0]["ServiceStatus"], status);

    let gone = desk.delete("/services/contract-made").await.is(200);
    assert_eq!(gone.text, "");
    desk.get("/services/contract-made").await.is_refused(404, "service contract-made not found");
    desk.delete("/services/contract-made").await.is_refused(404, "service contract-made not found");
    let update = desk.post(&format!("/services/{id}/update?version=1"), &spec).await;
    update.is_refused(404, &format!("service {id} not found"));
}

pub async fn a_service_that_cannot_be_is_refused_with_its_code_and_words(desk: &Desk) {
    let invalid = |words: &str| format!("rpc error: code = InvalidArgument desc = {words}");
    let image = desk.image("v1");
    let tried = async |change: &[(&str, serde_json::Value)]| {
        let mut spec = service("contract-refused", &image);
        for (pointer, value) in change {
            let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
            spec.pointer_mut(parent).expect("a parent")[key] = value.clone();
        }
        desk.post("/services/create", &spec).await
    };
    let name = invalid("name must be valid as a DNS name component");
    tried(&[("/Name", json!("a b"))]).await.is_refused(400, &name);
    let none = invalid("ContainerSpec: image reference must be provided");
    tried(&[("/TaskTemplate/ContainerSpec/Image", json!(""))]).await.is_refused(400, &none);
    let odd = invalid("ContainerSpec: \"a b\" is not a valid repository/tag");
    tried(&[("/TaskTemplate/ContainerSpec/Image", json!("a b"))]).await.is_refused(400, &odd);
    let small = tried(&[("/TaskTemplate/Resources", json!({"Limits": {"MemoryBytes": 1000}}))]).await;
    small.is_refused(400, &invalid("invalid memory value 1000: Must be at least 4MiB"));
    let port = |published: u16| json!({"Protocol": "tcp", "TargetPort": 80, "PublishedPort": published, "PublishMode": "ingress"});
    let twice = tried(&[("/EndpointSpec", json!({"Ports": [port(18080), port(18080)]}))]).await;
    twice.is_refused(400, &invalid("EndpointSpec: duplicate published ports provided"));
    let ghost = tried(&[("/TaskTemplate/Networks", json!([{"Target": "nobody"}]))]).await;
    ghost.is_refused(500, "network nobody not found");
    let mode = tried(&[("/Mode", json!({"Replicated": {"Replicas": 1}, "Global": {}}))]).await;
    mode.is_refused(400, "must specify only one service mode");
    let constraint = tried(&[("/TaskTemplate/Placement", json!({"Constraints": ["node.role = worker"]}))]).await;
    constraint.is_refused(500, "rpc error: code = Unknown desc = constraint expected one operator from ==, !=");
    let action = tried(&[("/UpdateConfig/FailureAction", json!("odd"))]).await;
    action.is_refused(400, "unrecognized update failure action odd");
    let restart = tried(&[("/TaskTemplate/RestartPolicy/Condition", json!("odd"))]).await;
    restart.is_refused(400, "invalid RestartCondition: \"odd\"");
}

pub async fn tasks_are_listed_and_filtered(desk: &Desk) {
    let mut spec = service("contract-tasks", &desk.image("v1"));
    spec["TaskTemplate"]["Placement"] = json!({"Constraints": ["node.hostname==dhow"]});
    let id = desk.make(&spec).await;
    let tasks = desk.until_running("contract-tasks", 2).await;
    let tasks = tasks.as_array().expect("tasks");
    let node = tasks[0]["NodeID"].as_str().expect("a node").to_owned();
    let mut slots: Vec<_> = tasks.iter().filter_map(|task| task["Slot"].as_u64()).collect();
    slots.sort_unstable();
    assert_eq!(slots, [1, 2]);
    for task in tasks {
        assert_eq!((&task["ServiceID"], &task["NodeID"]), (&json!(id), &json!(node)));
        assert!(task["Status"]["ContainerStatus"]["ContainerID"].is_string(), "{task}");
        assert!(task["Status"]["Timestamp"].is_string() && task["Status"]["Message"].is_string(), "{task}");
        let one = desk.get(&format!("/tasks/{}", task["ID"].as_str().unwrap_or_default())).await.is(200).json;
        assert_eq!(one["ID"], task["ID"]);
    }
    let found = async |filters| names(&desk.list("/tasks", &filters).await.is(200).json, "/ID").len();
    assert_eq!(found(json!({"service": ["contract-tasks"], "desired-state": ["running"]})).await, 2);
    assert_eq!(found(json!({"service": [id], "node": ["dhow"]})).await, 2);
    assert_eq!(found(json!({"service": [id], "node": ["lorcha"]})).await, 0);
    assert_eq!(found(json!({"service": [id], "desired-state": ["shutdown"]})).await, 0);
    assert_eq!(found(json!({"name": ["contract-tasks.1"]})).await, 1);
    assert_eq!(found(json!({"service": [id], "label": ["of=contract"]})).await, 2);

    spec["TaskTemplate"]["Placement"] = json!({"Constraints": ["node.labels.berth==nowhere"]});
    let id = desk.make(&spec).await;
    let path = format!("/tasks?filters={}", super::desk::escaped(&json!({"service": [id]}).to_string()));
    let pending = desk
        .until(&path, "the scheduler says why", |all| all[0]["Status"]["Err"].as_str().is_some_and(|e| !e.is_empty()))
        .await;
    let status = &pending[0]["Status"];
    assert_eq!((&status["State"], &status["Message"]), (&json!("pending"), &json!("pending task scheduling")));
    assert_eq!(status["Err"], "no suitable node (scheduling constraints not satisfied on 5 nodes)");
    assert!(pending[0].get("NodeID").is_none(), "{}", pending[0]);
    desk.delete("/services/contract-tasks").await.is(200);
}

pub async fn a_port_of_the_ingress_has_one_owner_and_one_of_the_host_has_many(desk: &Desk) {
    for name in ["contract-port", "contract-port-too"] {
        desk.delete(&format!("/services/{name}")).await;
    }
    let published = |name: &str, mode: &str| {
        let mut spec = service(name, &desk.image("v1"));
        let port = json!({"Protocol": "tcp", "TargetPort": 8080, "PublishedPort": 18_081, "PublishMode": mode});
        spec["Mode"] = json!({"Replicated": {"Replicas": 0}});
        spec["EndpointSpec"] = json!({"Ports": [port]});
        spec
    };
    for (first, second, word) in [
        ("ingress", "ingress", Some("an ingress port")),
        ("host", "ingress", Some("a host-published port")),
        ("ingress", "host", Some("an ingress port")),
        ("host", "host", None),
    ] {
        let id = desk.post("/services/create", &published("contract-port", first)).await.is(201).json["ID"].clone();
        let id = id.as_str().expect("an id");
        let answer = desk.post("/services/create", &published("contract-port-too", second)).await;
        match word {
            None => drop(answer.is(201)),
            Some(word) => {
                let why = format!("port '18081' is already in use by service 'contract-port' ({id}) as {word}");
                answer.is_refused(400, &format!("rpc error: code = InvalidArgument desc = {why}"));
            }
        }
        for name in ["contract-port", "contract-port-too"] {
            desk.delete(&format!("/services/{name}")).await;
        }
    }
}
