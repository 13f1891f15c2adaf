//! The simulator against its own promises, asked over HTTP as any client asks.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

use super::world::{list, text};
use super::*;
use crate::wire::SharedDialer;

async fn open(dialer: SharedDialer, method: &str, path: &str, body: &Value) -> Result<Response<Incoming>, String> {
    let wire = dialer.dial().await.map_err(|e| e.to_string())?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(wire)).await.map_err(|e| e.to_string())?;
    tokio::spawn(connection);
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let path = path.replace('{', "%7B").replace('}', "%7D").replace('"', "%22");
    let request = Request::builder().method(method).uri(path).header("host", "engine");
    let request = request.header("content-type", "application/json").body(Full::new(body)).unwrap();
    sender.send_request(request).await.map_err(|e| e.to_string())
}

pub(super) async fn call(sim: &Sim, method: &str, path: &str, body: Value) -> (u16, Value) {
    let response = open(sim.dialer(), method, path, &body).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

pub(super) async fn get(sim: &Sim, path: &str) -> Value {
    let (status, value) = call(sim, "GET", path, Value::Null).await;
    assert_eq!(status, 200, "{path}: {value}");
    value
}

async fn refused(sim: &Sim, method: &str, path: &str, body: Value) -> (u16, String) {
    let (status, value) = call(sim, method, path, body).await;
    (status, text(&value, "/message").to_owned())
}

pub(super) fn five() -> Scenario {
    Scenario::new().managers(["barbary", "ching", "angre"]).workers(["lorcha", "dhow"])
}

pub(super) fn web(replicas: u64) -> Wish {
    service("web").image("nginx:1.27").replicas(replicas)
}

#[tokio::test]
async fn a_global_service_never_has_replicas() {
    let sim = five().global(service("agent")).start();
    let spec = get(&sim, "/services/agent").await;
    assert!(spec.pointer("/Spec/Mode/Replicated").is_none());
    assert_eq!(sim.running("agent"), 5);
    let mut body = spec["Spec"].clone();
    body["Mode"] = json!({"Global": {"Replicas": 3}});
    let (status, _) =
        refused(&sim, "POST", &format!("/services/agent/update?version={}", spec["Version"]["Index"]), body).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_write_with_an_old_version_is_refused() {
    let sim = five().service(web(1)).start();
    let old = get(&sim, "/services/web").await;
    let path = format!("/services/web/update?version={}", old["Version"]["Index"]);
    assert_eq!(call(&sim, "POST", &path, old["Spec"].clone()).await.0, 200);
    let (status, why) = refused(&sim, "POST", &path, old["Spec"].clone()).await;
    assert_eq!((status, why.as_str()), (500, "rpc error: code = Unknown desc = update out of sequence"));
}

#[tokio::test]
async fn fields_the_engine_does_not_know_are_refused_and_known_ones_are_spelt_its_way() {
    let sim = five().start();
    let spec = |container: Value| json!({"Name": "a", "TaskTemplate": {"ContainerSpec": container}});
    let (status, why) = refused(&sim, "POST", "/services/create", spec(json!({"Image": "a", "Imag": 1}))).await;
    assert_eq!((status, why.as_str()), (400, "invalid JSON: json: unknown field \"Imag\""));
    let sent = spec(json!({"Image": "a", "HealthCheck": {"Test": ["NONE"], "Novel": 1}}));
    assert_eq!(call(&sim, "POST", "/services/create", sent).await.0, 201);
    let stored = get(&sim, "/services/a").await;
    assert_eq!(stored.pointer("/Spec/TaskTemplate/ContainerSpec/Healthcheck/Novel"), Some(&json!(1)));
}

#[tokio::test]
async fn versions_out_of_range_are_refused_as_the_engine_does() {
    let sim = five().api((1, 45), (1, 24), "26.1.5").start();
    let (status, why) = refused(&sim, "GET", "/v1.99/nodes", Value::Null).await;
    assert_eq!((status, why.as_str()), (400, "client version 1.99 is too new. Maximum supported API version is 1.45"));
    let (_, why) = refused(&sim, "GET", "/v1.12/nodes", Value::Null).await;
    assert!(why.starts_with("client version 1.12 is too old. Minimum supported API version is 1.24"), "{why}");
    assert_eq!(list(&get(&sim, "/v1.45/nodes").await, "").len(), 5);
    let ping = open(sim.dialer(), "HEAD", "/_ping", &Value::Null).await.unwrap();
    assert_eq!(ping.headers()["api-version"], "1.45");
    assert_eq!(ping.headers()["swarm"], "active/manager");
}

#[tokio::test]
async fn things_are_found_by_id_name_and_beginning_of_an_id() {
    let sim = five().service(web(1)).start();
    let id = text(&sim.service("web").unwrap(), "/ID").to_owned();
    for name in ["web", id.as_str(), &id[..8]] {
        assert_eq!(text(&get(&sim, &format!("/services/{name}")).await, "/ID"), id);
    }
    assert_eq!(refused(&sim, "GET", "/services/we", Value::Null).await, (404, "service we not found".into()));
}

#[tokio::test]
async fn lists_take_both_forms_of_filters() {
    let sim = five().stack("a").service(web(2)).stack("b").service(web(1)).start();
    for filters in
        ["{\"label\":{\"com.docker.stack.namespace=a\":true}}", "{\"label\":[\"com.docker.stack.namespace=a\"]}"]
    {
        let found = get(&sim, &format!("/services?status=true&filters={filters}")).await;
        assert_eq!(list(&found, "").len(), 1);
        assert_eq!(found[0]["ServiceStatus"], json!({"RunningTasks": 2, "DesiredTasks": 2, "CompletedTasks": 0}));
    }
    let tasks = get(&sim, "/tasks?filters={\"service\":[\"b_web\"],\"desired-state\":[\"running\"]}").await;
    assert_eq!(list(&tasks, "").len(), 1);
    assert_eq!(refused(&sim, "GET", "/tasks?filters={\"moon\":[\"x\"]}", Value::Null).await.0, 400);
}

#[tokio::test]
async fn the_engine_counts_what_a_dead_node_is_said_to_run() {
    let sim = five().service(web(5)).start();
    sim.node_down("dhow");
    assert!(sim.settle());
    let all = get(&sim, "/services?status=true").await;
    assert_eq!(all[0]["ServiceStatus"], json!({"RunningTasks": 6, "DesiredTasks": 5, "CompletedTasks": 0}));
}

#[tokio::test]
async fn events_tell_of_services_and_nodes_and_never_of_tasks() {
    let sim = five().service(web(2)).start();
    let since = sim.now().as_second();
    sim.scale("web", 4);
    sim.node_down("dhow");
    sim.advance(Duration::from_secs(5));
    let response =
        open(sim.dialer(), "GET", &format!("/events?since={since}&until={}", sim.now().as_second()), &Value::Null)
            .await
            .unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let events: Vec<Value> = body.split(|b| *b == b'\n').filter_map(|l| serde_json::from_slice(l).ok()).collect();
    assert_eq!(text(&events[0], "/Actor/Attributes/replicas.new"), "4");
    assert_eq!(text(&events[1], "/Actor/Attributes/state.new"), "down");
    assert!(events.iter().all(|e| e["Type"] != "task" && e["scope"] == "swarm"));
}

#[tokio::test]
async fn logs_come_in_frames_and_complain_of_a_dead_node() {
    let sim = five().service(web(5)).start();
    assert_eq!(
        refused(&sim, "GET", "/services/web/logs", Value::Null).await,
        (500, "Bad parameters: you must choose at least one stream".into())
    );
    let read = async |path: &str| {
        open(sim.dialer(), "GET", path, &Value::Null).await.unwrap().into_body().collect().await.unwrap().to_bytes()
    };
    let path = "/services/web/logs?stdout=1&stderr=1&timestamps=1&details=1&tail=2";
    let kinds = |mut bytes: &[u8]| {
        let mut out = Vec::new();
        while bytes.len() >= 8 {
            let size = u32::from_be_bytes(bytes[4..8].try_into().unwrap()) as usize;
            out.push((bytes[0], String::from_utf8_lossy(&bytes[8..8 + size]).into_owned()));
            bytes = &bytes[8 + size..];
        }
        out
    };
    let frames = kinds(&read(path).await);
    assert_eq!(frames.len(), 10);
    let words: Vec<&str> = frames[0].1.splitn(3, ' ').collect();
    assert!(
        words[0].ends_with('Z') && words[0].len() == 30 && words[1].starts_with("com.docker.swarm.node.id="),
        "{words:?}"
    );
    sim.node_down("dhow");
    let frames = kinds(&read(path).await);
    assert_eq!(frames.last().unwrap().0, 3);
    assert!(frames.last().unwrap().1.contains("is not available"));
}

#[tokio::test]
async fn a_terminals_logs_are_raw_and_following_goes_on() {
    let sim = five().service(web(1).tty()).start();
    let mut follow = open(sim.dialer(), "GET", "/services/web/logs?stdout=1&follow=1&tail=0", &Value::Null)
        .await
        .unwrap()
        .into_body();
    let next = follow.frame();
    let sim = sim.clone();
    let (frame, ()) = tokio::join!(next, async {
        for _ in 0..200 {
            sim.advance(Duration::from_millis(100));
            tokio::task::yield_now().await;
        }
    });
    assert!(frame.unwrap().unwrap().into_data().unwrap()[0] >= b' ');
}

#[tokio::test]
async fn faults_strike_as_they_were_ordered() {
    let sim = five().start();
    sim.fault(Fault::on("GET /nodes").status(503, "later").once());
    assert_eq!(refused(&sim, "GET", "/v1.44/nodes", Value::Null).await, (503, "later".into()));
    sim.fault(Fault::on("GET /nodes").cut().once());
    assert!(open(sim.dialer(), "GET", "/nodes", &Value::Null).await.is_err());
    sim.fault(Fault::on("GET /nodes").not_json().once());
    assert_eq!(call(&sim, "GET", "/nodes", Value::Null).await, (200, Value::Null));
    sim.fault(Fault::on("GET /nodes").cut_body().once());
    assert!(open(sim.dialer(), "GET", "/nodes", &Value::Null).await.unwrap().into_body().collect().await.is_err());
    sim.fault(Fault::on("GET /nodes").stall_body().once());
    let stalled = open(sim.dialer(), "GET", "/nodes", &Value::Null).await.unwrap().into_body().collect();
    assert!(tokio::time::timeout(Duration::from_millis(50), stalled).await.is_err());
    sim.fault(Fault::on("GET /nodes").stall().once());
    let stalled = tokio::time::timeout(Duration::from_millis(50), open(sim.dialer(), "GET", "/nodes", &Value::Null));
    assert!(stalled.await.is_err());
    assert_eq!(list(&get(&sim, "/nodes").await, "").len(), 5);
    assert!(sim.writes().is_empty());
}

#[tokio::test]
async fn without_a_leader_swarm_calls_are_refused_and_with_the_leader_dead_another_leads() {
    let sim = five().start();
    sim.node_down("barbary");
    assert!(sim.dialer().dial().await.is_err());
    let nodes = open(sim.dialer_to("ching"), "GET", "/nodes", &Value::Null)
        .await
        .unwrap()
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes();
    let nodes: Value = serde_json::from_slice(&nodes).unwrap();
    let leader = list(&nodes, "").iter().find(|n| n["ManagerStatus"]["Leader"] == true).unwrap();
    assert_eq!(text(leader, "/Description/Hostname"), "ching");
    sim.node_up("barbary");
    sim.no_leader(true);
    let (status, why) = refused(&sim, "GET", "/services", Value::Null).await;
    assert_eq!(status, 500);
    assert!(why.starts_with("rpc error: code = Unknown desc = The swarm does not have a leader."), "{why}");
    let worker = open(sim.dialer_to("dhow"), "GET", "/nodes", &Value::Null).await.unwrap();
    assert_eq!(worker.status(), 503);
}

#[tokio::test]
async fn a_machine_that_joins_gets_its_share_and_a_pushed_image_another_digest() {
    let sim = five().global(service("agent")).start();
    sim.join("sampan", false);
    assert!(sim.settle());
    assert_eq!(sim.running("agent"), 6);
    let digest = async || text(&get(&sim, "/distribution/nginx:1.27/json").await, "/Descriptor/digest").to_owned();
    let before = digest().await;
    assert_eq!(before, digest().await);
    sim.push_image("nginx:1.27");
    assert_ne!(before, digest().await);
}

#[tokio::test]
async fn what_is_in_use_cannot_be_removed() {
    let sim = five().network("net").secret("key").service(web(1).network("net").secret("key")).start();
    let (status, why) = refused(&sim, "DELETE", "/secrets/key", Value::Null).await;
    assert_eq!((status, why.ends_with("secret 'key' is in use by the following service: web")), (400, true), "{why}");
    assert!(refused(&sim, "DELETE", "/networks/net", Value::Null).await.1.contains("is in use by service"));
    let manager = get(&sim, "/nodes/ching").await;
    assert!(
        refused(&sim, "DELETE", &format!("/nodes/{}", text(&manager, "/ID")), Value::Null)
            .await
            .1
            .contains("is a cluster manager")
    );
    assert!(get(&sim, "/secrets/key").await.pointer("/Spec/Data").is_none());
}
