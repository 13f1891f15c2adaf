//! What goes on and on: events and logs.

use serde_json::{Value, json};

use super::client::Stream;
use super::desk::{API, Desk, escaped, service};

pub async fn the_life_of_a_service_is_told_as_events(desk: &Desk) {
    desk.delete("/services/contract-told").await;
    let filters = escaped(&json!({"type": ["service"], "scope": ["swarm"]}).to_string());
    let mut events = desk.client.stream(&format!("{API}/events?filters={filters}")).await;
    assert_eq!(events.headers["content-type"], "application/json");
    let id = desk.make(&service("contract-told", &desk.image("v1"))).await;
    let first = about(&mut events, &id).await;
    assert_eq!(
        (&first["Type"], &first["Action"], &first["scope"]),
        (&json!("service"), &json!("create"), &json!("swarm"))
    );
    assert_eq!(first["Actor"]["Attributes"]["name"], "contract-told");
    assert!(first["time"].is_u64() && first["timeNano"].is_u64(), "{first}");

    let now = desk.get(&format!("/services/{id}")).await.is(200).json;
    let mut spec = now["Spec"].clone();
    spec["Mode"]["Replicated"]["Replicas"] = json!(1);
    desk.post(&format!("/services/{id}/update?version={}", now["Version"]["Index"]), &spec).await.is(200);
    let second = about(&mut events, &id).await;
    assert_eq!(second["Action"], "update");
    let told = &second["Actor"]["Attributes"];
    assert_eq!((&told["replicas.old"], &told["replicas.new"]), (&json!("2"), &json!("1")), "{second}");

    let now = desk.get(&format!("/services/{id}")).await.is(200).json;
    spec["TaskTemplate"]["ForceUpdate"] = json!(1);
    desk.post(&format!("/services/{id}/update?version={}", now["Version"]["Index"]), &spec).await.is(200);
    let mut states = Vec::new();
    while states.last() != Some(&json!("completed")) {
        let event = about(&mut events, &id).await;
        assert_eq!(event["Action"], "update");
        let state = &event["Actor"]["Attributes"]["updatestate.new"];
        if !state.is_null() {
            states.push(state.clone());
        }
    }
    assert_eq!(states, ["updating", "completed"]);

    desk.delete(&format!("/services/{id}")).await.is(200);
    let mut last = about(&mut events, &id).await;
    while last["Action"] == "update" {
        last = about(&mut events, &id).await;
    }
    assert_eq!(last["Action"], "remove");

    // What is over can be asked for; a filter that nobody knows hides nothing.
    let (since, until) = (first["time"].as_u64().expect("a time"), last["time"].as_u64().expect("a time") + 1);
    let filters = escaped(&json!({"service": [id], "shape": ["round"]}).to_string());
    let past = desk.get(&format!("/events?since={since}&until={until}&filters={filters}")).await.is(200);
    let actions: Vec<Value> = past.text.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
    assert_eq!(actions.first().map(|event| &event["Action"]), Some(&json!("create")), "{}", past.text);
    assert_eq!(actions.last().map(|event| &event["Action"]), Some(&json!("remove")), "{}", past.text);
}

/// The next event about this service.
async fn about(events: &mut Stream, id: &str) -> Value {
    loop {
        let event = events.line().await;
        if event["Actor"]["ID"] == id {
            return event;
        }
    }
}

/// The next frame: which stream, and what it says.
async fn frame(log: &mut Stream) -> (u8, String) {
    loop {
        if let Some(&[stream, 0, 0, 0, a, b, c, d]) = log.read.first_chunk::<8>() {
            let long = u32::from_be_bytes([a, b, c, d]) as usize;
            if let Some(text) = log.read.get(8..8 + long) {
                let text = String::from_utf8_lossy(text).into_owned();
                log.read.drain(..8 + long);
                return (stream, text);
            }
        }
        assert!(log.more().await, "the log ended; left of it: {:?}", log.read);
    }
}

pub async fn log_lines_come_in_frames_with_details(desk: &Desk) {
    let id = desk.make(&service("contract-lines", &desk.image("chatty"))).await;
    let tasks = desk.until_running(&id, 2).await;
    let ids = super::desk::names(&tasks, "/ID");
    let path = format!("/services/{id}/logs?follow=1&stdout=1&stderr=1&timestamps=1&details=1&tail=50");
    let new = desk.client.stream(&format!("/v1.42{path}")).await;
    assert_eq!(new.headers["content-type"], "application/vnd.docker.multiplexed-stream");
    // Frames they are in older versions too, which only do not say so.
    let mut log = desk.client.stream(&format!("{API}{path}")).await;
    assert_eq!(log.headers["content-type"], "application/vnd.docker.raw-stream");
    let mut seen = std::collections::BTreeSet::new();
    let mut lines = 0;
    while seen.len() < 2 || lines < 20 {
        let (stream, text) = frame(&mut log).await;
        assert!(stream == 1 || stream == 2, "{stream}: {text}");
        let mut parts = text.splitn(3, ' ');
        let (time, details, line) = (parts.next(), parts.next(), parts.next());
        assert!(time.is_some_and(|time| time.len() == 30 && time.ends_with('Z')), "{text}");
        let details: Vec<_> = details.unwrap_or_default().split(',').filter_map(|pair| pair.split_once('=')).collect();
        let keys: Vec<_> = details.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, ["com.docker.swarm.node.id", "com.docker.swarm.service.id", "com.docker.swarm.task.id"]);
        assert_eq!(details[1].1, id);
        assert!(ids.contains(&details[2].1.to_owned()), "{text}");
        assert!(line.is_some_and(|line| line.ends_with('\n')), "{text}");
        seen.insert(details[2].1.to_owned());
        lines += 1;
    }
    // One task alone, its last two lines, without details.
    let path = format!("{API}/tasks/{}/logs?stdout=1&stderr=1&tail=2", ids[0]);
    let mut log = desk.client.stream(&path).await;
    let mut short = Vec::new();
    for _ in 0..2 {
        short.push(frame(&mut log).await.1);
    }
    assert!(short.iter().all(|line| !line.contains("com.docker.swarm")), "{short:?}");
    assert!(!log.more().await, "two lines and no more");

    let none = desk.get(&format!("/services/{id}/logs")).await;
    none.is_refused(500, "Bad parameters: you must choose at least one stream");
    desk.get("/services/nobody/logs?stdout=1").await.is_refused(404, "service nobody not found");
    desk.delete(&format!("/services/{id}")).await.is(200);
}

pub async fn a_terminals_log_comes_raw(desk: &Desk) {
    let mut spec = service("contract-terminal", &desk.image("tty"));
    spec["TaskTemplate"]["ContainerSpec"]["TTY"] = json!(true);
    spec["Mode"]["Replicated"]["Replicas"] = json!(1);
    let id = desk.make(&spec).await;
    desk.until_running(&id, 1).await;
    let mut log = desk.client.stream(&format!("/v1.42/services/{id}/logs?follow=1&stdout=1&timestamps=1")).await;
    assert_eq!(log.headers["content-type"], "application/vnd.docker.raw-stream");
    while !log.read.contains(&b'\n') {
        assert!(log.more().await, "the log ended");
    }
    let text = String::from_utf8_lossy(&log.read).into_owned();
    assert!(text.starts_with("20") && text.get(10..11) == Some("T"), "{text:?}");
    desk.delete(&format!("/services/{id}")).await.is(200);
}
