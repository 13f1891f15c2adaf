//! Every call and every way in which an engine can misbehave, through the real client over real HTTP in memory.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use serde_json::json;
use tokio::sync::mpsc;

use super::script::{Nowhere, Reply, Script, Slow, Stranger};
use super::{Engine, EngineError};
use crate::clock::FixedClock;
use crate::model::{LogQuery, LogStream, LogTarget, ServiceId, Version};
use crate::wire::SharedDialer;

fn over(dialer: SharedDialer) -> Engine {
    Engine::new(dialer, Arc::new(FixedClock(jiff::Timestamp::UNIX_EPOCH)))
}

/// An engine that answers one path so, and all others as usual.
fn odd(path: &'static str, reply: fn() -> Reply) -> Engine {
    Script::new(move |asked| asked.line.split(['?']).next().unwrap().ends_with(path).then(reply)).engine()
}

#[tokio::test]
async fn the_version_is_asked_once_and_stands_in_every_path() {
    let script = Script::new(|_| None);
    let engine = script.engine();
    let listing = engine.list().await.unwrap();
    assert_eq!((listing.cluster.through.as_str(), listing.cluster.api_version.as_str()), ("m1", "1.45"));
    let asked = script.asked();
    assert_eq!(asked[0], "GET /version");
    assert!(asked[1..].iter().all(|line| line.starts_with("GET /v1.45/")), "{asked:?}");
    engine.forget();
    engine.ping().await.unwrap();
    assert_eq!(script.asked().iter().filter(|line| line.as_str() == "GET /version").count(), 2);
}

#[tokio::test]
async fn what_goes_through_bollard_speaks_the_version_agreed_on_and_fails_as_ours_does() {
    let script = Script::new(|asked| asked.line.contains("/volumes/").then(|| Reply::ok("")));
    script.engine().remove_volume("shop_data").await.unwrap();
    assert_eq!(script.asked()[1], "DELETE /v1.45/volumes/shop_data");
    let missing = odd("/volumes/x", || Reply::refuse(404, "no such volume")).remove_volume("x").await.unwrap_err();
    assert!(missing.is_not_found() && !missing.leaves_doubt(), "{missing:?}");
    let in_use = odd("/volumes/x", || Reply::refuse(409, "volume is in use")).remove_volume("x").await.unwrap_err();
    assert!(matches!(&in_use, EngineError::Refused { message, .. } if message == "volume is in use"), "{in_use:?}");
}

#[tokio::test]
async fn an_engine_that_was_exchanged_for_another_version_is_asked_anew() {
    let newer = Arc::new(AtomicBool::new(false));
    let is_newer = Arc::clone(&newer);
    let script = Script::new(move |asked| {
        let newer = is_newer.load(Ordering::SeqCst);
        if asked.line.ends_with("/version") && newer {
            return Some(Reply::ok(r#"{"Version":"28","ApiVersion":"1.51","MinAPIVersion":"1.48"}"#));
        }
        let old = newer && asked.line.contains("/v1.45/");
        old.then(|| Reply::refuse(400, "client version 1.45 is too old. Minimum supported API version is 1.48"))
    });
    let engine = script.engine();
    engine.ping().await.unwrap();
    newer.store(true, Ordering::SeqCst);
    engine.ping().await.unwrap();
    assert_eq!(script.asked().last().unwrap(), "GET /v1.51/_ping");
}

#[tokio::test]
async fn what_is_no_manager_is_told_as_what_it_is() {
    let info = |text: &'static str| async move { odd("/info", move_reply(text)).probe().await.unwrap_err() };
    fn move_reply(text: &'static str) -> fn() -> Reply {
        match text {
            "worker" => || Reply::ok(r#"{"Swarm":{"LocalNodeState":"active","ControlAvailable":false}}"#),
            "none" => || Reply::ok(r#"{"Swarm":{"LocalNodeState":"inactive"}}"#),
            "locked" => || Reply::ok(r#"{"Swarm":{"LocalNodeState":"locked"}}"#),
            "headless" => || {
                Reply::ok(
                    r#"{"Swarm":{"LocalNodeState":"active","ControlAvailable":true,
                    "Error":"rpc error: The swarm does not have a leader."}}"#,
                )
            },
            _ => || Reply::ok("<html>"),
        }
    }
    assert!(matches!(info("worker").await, EngineError::NotAManager { .. }));
    assert!(matches!(info("none").await, EngineError::NotInSwarm { .. }));
    assert!(matches!(info("locked").await, EngineError::Locked { .. }));
    assert!(matches!(info("headless").await, EngineError::NoLeader { .. }));
    assert!(matches!(info("html").await, EngineError::NotJson { .. }));
}

#[tokio::test]
async fn what_speaks_no_http_is_quoted() {
    for (said, quoted) in [("SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0-OpenSSH_9.2"), ("\u{15}\u{3}\u{1}garbage", "garbage")] {
        match over(Arc::new(Stranger(said))).probe().await.unwrap_err() {
            EngineError::NotHttp { said, .. } => assert_eq!(said, quoted),
            other => panic!("{other:?}"),
        }
    }
    let silent = over(Arc::new(Stranger(""))).probe().await.unwrap_err();
    assert!(matches!(silent, EngineError::Unreachable { .. }), "{silent:?}");
}

#[tokio::test(start_paused = true)]
async fn the_time_that_the_operator_takes_to_answer_is_not_the_engines() {
    for (asks, comes) in [(true, true), (false, false)] {
        let slow = Slow { door: Script::new(|_| None).dialer(), takes: Duration::from_secs(300), asks };
        let listing = over(Arc::new(slow)).list().await;
        assert_eq!(listing.is_ok(), comes, "asked: {asks}: {listing:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_door_and_no_answer_are_told_apart() {
    let refused = over(Arc::new(Nowhere(ErrorKind::ConnectionRefused))).probe().await.unwrap_err();
    assert!(matches!(refused, EngineError::Unreachable { kind: ErrorKind::ConnectionRefused, .. }), "{refused:?}");
    let hanging = over(Arc::new(Nowhere(ErrorKind::WouldBlock))).probe().await.unwrap_err();
    assert!(matches!(hanging, EngineError::TimedOut { .. } | EngineError::Unreachable { .. }), "{hanging:?}");
    let silent = odd("/services", || Reply::Silence).list().await.unwrap_err();
    assert!(matches!(silent, EngineError::TimedOut { .. }), "{silent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_or_breaks_ends_the_question() {
    let stalled = odd("/services", || Reply::StallAfter("[{\"ID\":")).list().await.unwrap_err();
    assert!(matches!(stalled, EngineError::TimedOut { .. }), "{stalled:?}");
    let broken = odd("/services", || Reply::BreakAfter("[{\"ID\":")).list().await.unwrap_err();
    assert!(matches!(broken, EngineError::Unreachable { .. }), "{broken:?}");
}

#[tokio::test]
async fn one_odd_object_never_fails_a_list() {
    let engine = odd("/tasks", || {
        Reply::ok(
            r#"[{"ID":"t1","ServiceID":"s","Status":{"State":"levitating"},"Future":[1]},
            {"ServiceID":"s"}, 7, null, {"ID":"t2","ServiceID":"s","Slot":18446744073709551615,"Status":[]}]"#,
        )
    });
    let tasks = engine.list().await.unwrap().tasks;
    assert_eq!(tasks.iter().map(|task| task.id.as_str()).collect::<Vec<_>>(), ["t1", "t2"]);
    assert_eq!((tasks[0].state.as_str(), tasks[1].slot), ("levitating", Some(u64::MAX)));
    assert!(tasks[0].raw.contains("Future"));
    assert!(odd("/tasks", || Reply::ok("null")).list().await.unwrap().tasks.is_empty());
}

#[tokio::test]
async fn no_leader_is_told_from_a_refusal() {
    let error = odd("/services", || Reply::refuse(503, "rpc error: The swarm does not have a leader.")).list().await;
    assert!(matches!(error.unwrap_err(), EngineError::NoLeader { .. }));
}

#[tokio::test]
async fn a_spec_is_written_back_with_all_that_was_in_it() {
    let object = r#"{"ID":"s1","Version":{"Index":18446744073709551615},"Spec":{"Name":"web","Future":{"z":1,"a":[null]},
        "TaskTemplate":{"ContainerSpec":{"Image":"nginx","Healthcheck":{"Test":["CMD","true"]}}}}}"#;
    let script = Script::new(move |asked| {
        if asked.line.contains("/update") {
            return Some(Reply::ok(r#"{"Warnings":["be careful"]}"#));
        }
        asked.line.ends_with("/services/s1").then(|| Reply::ok(object))
    });
    let (engine, id) = (script.engine(), ServiceId::new("s1"));
    let (seen, object) = engine.service_spec(&id).await.unwrap();
    assert_eq!(seen, Version(u64::MAX));
    assert_eq!(engine.update_service(&id, seen, &object["Spec"], Some("e30=")).await.unwrap(), ["be careful"]);
    assert_eq!(script.bodies(), [object["Spec"].to_string()]);
    assert_eq!(script.asked().last().unwrap(), "POST /v1.45/services/s1/update?version=18446744073709551615");
    engine.rollback_service(&id, seen, &object["Spec"]).await.unwrap();
    assert!(script.asked().last().unwrap().ends_with("&rollback=previous"));
}

#[tokio::test(start_paused = true)]
async fn a_write_is_a_conflict_when_refused_for_its_version_and_unsure_when_its_answer_is_lost() {
    let write = |engine: Engine| async move {
        engine.update_service(&ServiceId::new("s1"), Version(1), &json!({}), None).await.unwrap_err()
    };
    let sequence = || Reply::refuse(500, "rpc error: code = Unknown desc = update out of sequence");
    assert!(write(odd("/update", sequence)).await.is_conflict());
    assert!(matches!(write(odd("/update", || Reply::Silence)).await, EngineError::Unsure { .. }));
    assert!(matches!(write(odd("/update", || Reply::BreakAfter("{"))).await, EngineError::Unsure { .. }));
    let refused = write(over(Arc::new(Nowhere(ErrorKind::ConnectionRefused)))).await;
    assert!(matches!(refused, EngineError::Unreachable { .. }), "{refused:?}");
}

#[tokio::test]
async fn logs_come_as_lines_until_the_stream_ends() {
    let query = LogQuery {
        target: LogTarget::Service { id: ServiceId::new("s1"), tty: false },
        follow: true,
        tail: Some(7),
        since: Some(jiff::Timestamp::new(5, 20).unwrap()),
    };
    let script = Script::new(|asked| {
        asked.line.contains("/logs").then(|| {
            let (sender, receiver) = mpsc::channel(8);
            let text = b"2026-01-01T00:00:00Z com.docker.swarm.node.id=n one\n";
            let header = [1, 0, 0, 0, 0, 0, 0, u8::try_from(text.len()).unwrap()];
            let (head, tail) = text.split_at(30);
            sender.try_send(Bytes::from([&header[..], head].concat())).unwrap();
            sender.try_send(Bytes::from(tail)).unwrap();
            sender.try_send(Bytes::from(&b"\x03\0\0\0\0\0\0\x05oh no"[..])).unwrap();
            Reply::Stream(receiver)
        })
    });
    let lines: Vec<_> = script.engine().logs(query).map(Result::unwrap).collect().await;
    let told: Vec<_> = lines.iter().map(|line| (line.stream, line.text.as_str())).collect();
    assert_eq!(told, [(LogStream::Stdout, "one"), (LogStream::System, "oh no")]);
    let asked = script.asked();
    assert!(asked[1].ends_with("/logs?stdout=1&stderr=1&details=1&timestamps=1&follow=1&tail=7&since=5.000000020"));
}

#[tokio::test]
async fn a_log_that_cannot_be_had_is_one_error() {
    let target = LogTarget::Task { id: crate::model::TaskId::new("t"), service: ServiceId::new("s"), tty: false };
    let query = LogQuery { target, follow: true, tail: None, since: None };
    let lines: Vec<_> = odd("/logs", || Reply::refuse(404, "task t not found")).logs(query.clone()).collect().await;
    assert!(matches!(&lines[..], [Err(error)] if error.is_not_found()), "{lines:?}");
    let lines: Vec<_> = odd("/logs", || Reply::BreakAfter("\x01\0")).logs(query).collect().await;
    assert!(matches!(&lines[..], [Err(EngineError::Unreachable { .. })]), "{lines:?}");
}

#[tokio::test]
async fn the_rest_of_the_api_is_open_as_json() {
    let script = Script::new(|asked| match asked.line.as_str() {
        "GET /v1.45/secrets" => Some(Reply::ok("[{\"ID\":\"x\"}]")),
        "POST /v1.45/nodes/n/update?version=3" => Some(Reply::ok("")),
        "DELETE /v1.45/secrets/x" => Some(Reply::Text(204, String::new())),
        _ => None,
    });
    let engine = script.engine();
    assert_eq!(engine.get_json("/secrets").await.unwrap()[0]["ID"], "x");
    assert_eq!(engine.post_json("/nodes/n/update?version=3", &json!({"Role": "worker"})).await.unwrap(), json!(null));
    engine.delete("/secrets/x").await.unwrap();
    assert!(engine.get_json("/nothing").await.unwrap_err().is_not_found());
    assert!(engine.within(Duration::from_secs(1)).get_json("/bad path").await.is_err());
}

/// An engine that answers one path so, and after it one that answers as usual.
fn after(path: &'static str, reply: fn() -> Reply) -> (Engine, Arc<Script>) {
    let first = Script::new(move |asked| asked.line.split(['?']).next().unwrap().ends_with(path).then(reply));
    let second = Script::new(|_| None);
    let dialers = vec![first.dialer(), second.dialer()];
    (Engine::of_managers(dialers, Arc::new(FixedClock(jiff::Timestamp::UNIX_EPOCH))), second)
}

#[tokio::test(start_paused = true)]
async fn whatever_is_wrong_with_one_manager_the_next_one_answers() {
    type Odd = (&'static str, fn() -> Reply);
    let cases: [Odd; 10] = [
        ("/info", || Reply::ok(r#"{"Swarm":{"LocalNodeState":"active","ControlAvailable":false}}"#)),
        ("/info", || Reply::ok(r#"{"Swarm":{"LocalNodeState":"inactive"}}"#)),
        ("/info", || Reply::ok(r#"{"Swarm":{"LocalNodeState":"locked"}}"#)),
        ("/info", || Reply::Silence),
        ("/version", || Reply::ok("<html>a proxy")),
        ("/version", || Reply::ok(r#"{"Version":"18","ApiVersion":"1.38"}"#)),
        ("/services", || Reply::StallAfter("[")),
        ("/services", || Reply::BreakAfter("[")),
        ("/services", || Reply::refuse(500, "rpc error: code = DeadlineExceeded desc = context deadline exceeded")),
        ("/services", || Reply::refuse(503, "This node is not a swarm manager. Worker nodes can't be used to")),
    ];
    for (at, (path, reply)) in cases.into_iter().enumerate() {
        let (engine, second) = after(path, reply);
        engine.list().await.unwrap_or_else(|error| panic!("{at}: {error:?}"));
        assert!(second.asked().iter().any(|line| line.ends_with("/services")), "{at}");
    }
    // What takes its time anywhere is no reason to leave a manager.
    let (engine, second) = after("/json", || Reply::Silence);
    let slow = engine.at_registry("nginx", None).await.unwrap_err();
    assert!(matches!(slow, EngineError::TimedOut { .. }) && second.asked().is_empty(), "{slow:?}");
    // What any manager would say is said by the first that is asked.
    let (engine, second) = after("/services", || Reply::refuse(500, "disk full"));
    assert!(matches!(engine.list().await, Err(EngineError::Refused { status: 500, .. })));
    assert!(second.asked().is_empty());
}
