//! The fields that this program reads of each object, and their kinds.

use serde_json::{Value, json};

use super::desk::{Desk, escaped, service};

/// Pointers into one object, each with the kind that must stand there.
#[track_caller]
fn has(object: &Value, fields: &[(&str, &str)]) {
    for (pointer, kind) in fields {
        let found = match object.pointer(pointer) {
            None | Some(Value::Null) => "nothing",
            Some(Value::Bool(_)) => "bool",
            Some(Value::Number(_)) => "number",
            Some(Value::String(_)) => "text",
            Some(Value::Array(_)) => "list",
            Some(Value::Object(_)) => "object",
        };
        assert_eq!(found, *kind, "{pointer} in {object:#}");
    }
}

const META: &[(&str, &str)] =
    &[("/ID", "text"), ("/Version/Index", "number"), ("/CreatedAt", "text"), ("/UpdatedAt", "text")];

#[expect(clippy::too_many_lines, reason = "a list of fields, one a line")]
pub async fn objects_have_the_fields_that_are_read(desk: &Desk) {
    let mut spec = service("contract-shape", &desk.image("v1"));
    spec["EndpointSpec"] = json!({"Ports": [
        {"Protocol": "tcp", "TargetPort": 8080, "PublishedPort": 18081, "PublishMode": "host"}]});
    spec["Mode"] = json!({"Replicated": {"Replicas": 1}});
    let id = desk.make(&spec).await;
    let tasks = desk.until_running(&id, 1).await;
    let task = &tasks[0];
    has(task, META);
    has(
        task,
        &[
            ("/Labels", "object"),
            ("/ServiceID", "text"),
            ("/NodeID", "text"),
            ("/Slot", "number"),
            ("/DesiredState", "text"),
            ("/Spec/ContainerSpec/Image", "text"),
            ("/Spec/ForceUpdate", "number"),
            ("/Status/Timestamp", "text"),
            ("/Status/State", "text"),
            ("/Status/Message", "text"),
            ("/Status/Err", "nothing"),
            ("/Status/ContainerStatus/ContainerID", "text"),
            ("/Status/ContainerStatus/PID", "number"),
            ("/Status/ContainerStatus/ExitCode", "number"),
            ("/Status/PortStatus", "object"),
            ("/JobIteration", "nothing"),
        ],
    );
    let path = format!("/services?status=true&filters={}", escaped(&json!({"id": [&id]}).to_string()));
    let listed = desk.get(&path).await.is(200).json;
    let service = &listed[0];
    has(service, META);
    has(
        service,
        &[
            ("/Spec/Name", "text"),
            ("/Spec/Labels", "object"),
            ("/Spec/TaskTemplate/ContainerSpec/Image", "text"),
            ("/Spec/TaskTemplate/ContainerSpec/StopGracePeriod", "number"),
            ("/Spec/TaskTemplate/ContainerSpec/Isolation", "text"),
            ("/Spec/TaskTemplate/ContainerSpec/Init", "nothing"),
            ("/Spec/TaskTemplate/RestartPolicy/Condition", "text"),
            ("/Spec/TaskTemplate/ForceUpdate", "number"),
            ("/Spec/TaskTemplate/Runtime", "text"),
            ("/Spec/Mode/Replicated/Replicas", "number"),
            ("/Spec/UpdateConfig/Parallelism", "number"),
            ("/Spec/EndpointSpec/Ports/0/PublishMode", "text"),
            ("/Endpoint/Spec/Ports/0/PublishedPort", "number"),
            ("/Endpoint/Ports/0/PublishMode", "text"),
            ("/ServiceStatus/RunningTasks", "number"),
            ("/ServiceStatus/DesiredTasks", "number"),
            ("/ServiceStatus/CompletedTasks", "number"),
            ("/JobStatus", "nothing"),
        ],
    );
    let nodes = desk.get("/nodes").await.is(200).json;
    for node in nodes.as_array().expect("nodes") {
        has(node, META);
        has(
            node,
            &[
                ("/Spec/Labels", "object"),
                ("/Spec/Role", "text"),
                ("/Spec/Availability", "text"),
                ("/Description/Hostname", "text"),
                ("/Description/Platform/Architecture", "text"),
                ("/Description/Platform/OS", "text"),
                ("/Description/Resources/NanoCPUs", "number"),
                ("/Description/Resources/MemoryBytes", "number"),
                ("/Description/Engine/EngineVersion", "text"),
                ("/Description/TLSInfo/CertIssuerSubject", "text"),
                ("/Status/State", "text"),
                ("/Status/Addr", "text"),
            ],
        );
        if node["Spec"]["Role"] == "manager" {
            has(node, &[("/ManagerStatus/Reachability", "text"), ("/ManagerStatus/Addr", "text")]);
        }
    }
    desk.delete(&format!("/services/{id}")).await.is(200);
}
