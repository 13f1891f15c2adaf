//! Trials against a real swarm, run by hand: `cargo nextest run --test engine lab --run-ignored all --no-capture`.
//! They read, and they make and remove services named `eng-…`; they never touch a node.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use quarterdeck::clock::SystemClock;
use quarterdeck::engine::{Engine, EngineError, Nudge, follow};
use quarterdeck::model::{Change, LogQuery, LogTarget, ServiceId, Snapshot, TaskState};
use quarterdeck::store::{Reader, store};
use quarterdeck::wire::Endpoint;

fn socket(of: &str) -> String {
    let env = std::fs::read_to_string("/tmp/lab-ready").expect("the lab runs");
    let key = format!("LAB_SOCKET_{of}=");
    env.lines().find_map(|line| line.strip_prefix(&key)).expect("the lab has such a node").to_owned()
}

fn engine(of: &str) -> Engine {
    Engine::new(Endpoint::Unix(socket(of).into()).dialer(), Arc::new(SystemClock))
}

fn followed(engine: Engine) -> (Reader<Snapshot>, mpsc::Sender<Nudge>, CancellationToken) {
    let (sink, mut changes) = mpsc::channel(256);
    let (nudge, nudges) = mpsc::channel(4);
    let stop = CancellationToken::new();
    let (mut writer, reader) = store(Snapshot::default());
    tokio::spawn(follow(engine, sink, nudges, stop.clone()));
    tokio::spawn(async move {
        while let Some(change) = changes.recv().await {
            if !matches!(&change, Change::Everything(_)) {
                println!("{:?} {}", std::time::Instant::now(), short(&change));
            }
            writer.apply(change);
        }
    });
    (reader, nudge, stop)
}

fn short(change: &Change) -> String {
    match change {
        Change::Service(service) => format!("service {} {:?} {:?}", service.name, service.mode, service.update),
        Change::Tasks { of, tasks } => {
            let states: Vec<_> = tasks.iter().map(|task| (task.state.as_str(), task.desired.as_str())).collect();
            format!("tasks of {of}: {states:?}")
        }
        other => format!("{other:?}").chars().take(160).collect(),
    }
}

async fn within<T>(seconds: u64, what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(seconds), what).await.expect("in time")
}

fn running(swarm: &Snapshot, id: &ServiceId) -> usize {
    swarm.tasks_of(id).iter().filter(|task| task.is_wanted() && task.state == TaskState::Running).count()
}

#[tokio::test]
#[ignore = "needs the lab"]
async fn every_manager_lists_the_same_swarm_and_a_worker_says_what_it_is() {
    let mut ids = Vec::new();
    for manager in ["barbary", "ching", "angre"] {
        let start = std::time::Instant::now();
        let engine = engine(manager);
        let listing = engine.list().await.unwrap();
        println!("{:?} in {:?}, ping {:?}", listing.cluster, start.elapsed(), engine.ping().await.unwrap());
        for node in &listing.nodes {
            println!("  {} {} {} {} {:?}", node.hostname, node.role, node.state, node.address, node.manager);
        }
        println!("  {} services, {} tasks, {:?}", listing.services.len(), listing.tasks.len(), listing.networks);
        ids.push(listing.cluster.id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let error = engine("lorcha").probe().await.unwrap_err();
    println!("{}", quarterdeck::diag::Explain::explain(&error));
    assert!(matches!(error, EngineError::NotAManager { .. }));
}

#[tokio::test]
#[ignore = "needs the lab"]
async fn a_service_is_followed_from_its_making_to_its_end() {
    let engine = engine("ching");
    let image = std::env::var("ENG_IMAGE").expect("ENG_IMAGE names an image that the lab has");
    let (mut swarm, _nudge, stop) = followed(engine.clone());
    within(20, swarm.until(|swarm| swarm.link.is_live() && swarm.known)).await.unwrap();
    let script = "while true; do echo hello from $HOSTNAME; echo oops >&2; sleep 1; done";
    let spec = json!({
        "Name": "eng-follow",
        "TaskTemplate": { "ContainerSpec": { "Image": image, "Command": ["sh", "-c", script], "StopGracePeriod": 1_000_000_000,
            "Healthcheck": { "Test": ["CMD-SHELL", "true"], "Interval": 2_000_000_000_u64 } } },
        "Mode": { "Replicated": { "Replicas": 3 } },
    });
    let (id, warnings) = engine.create_service(&spec, None).await.unwrap();
    println!("made {id}, {warnings:?}");
    within(60, swarm.until(|swarm| running(swarm, &id) == 3)).await.unwrap();

    let (seen, object) = engine.service_spec(&id).await.unwrap();
    let mut spec = object["Spec"].clone();
    spec["Mode"]["Replicated"]["Replicas"] = json!(5);
    engine.update_service(&id, seen, &spec, None).await.unwrap();
    let error = engine.update_service(&id, seen, &spec, None).await.unwrap_err();
    assert!(error.is_conflict(), "{error:?}");
    let now = within(60, swarm.until(|swarm| running(swarm, &id) == 5)).await.unwrap();
    assert!(now.services[&id].has_health_check);

    let query = LogQuery {
        target: LogTarget::Service { id: id.clone(), tty: false },
        follow: false,
        tail: Some(3),
        since: None,
    };
    let lines: Vec<_> = within(30, engine.logs(query).collect::<Vec<_>>()).await;
    let nodes: std::collections::BTreeSet<_> =
        lines.iter().filter_map(|line| line.as_ref().unwrap().node.clone()).collect();
    println!("{} lines of {} nodes, such as {:?}", lines.len(), nodes.len(), lines.first());
    assert!(nodes.len() >= 2);

    engine.remove_service(&id).await.unwrap();
    within(20, swarm.until(|swarm| !swarm.services.contains_key(&id))).await.unwrap();
    assert!(engine.service_spec(&id).await.unwrap_err().is_not_found());
    stop.cancel();
}

/// Processor time of this process so far, in hundredths of a second.
fn ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[tokio::test]
#[ignore = "needs the lab, and a minute"]
async fn following_costs_next_to_nothing() {
    let (mut swarm, _nudge, stop) = followed(engine("angre"));
    within(20, swarm.until(|swarm| swarm.link.is_live() && swarm.known)).await.unwrap();
    let (before, start) = (ticks(), std::time::Instant::now());
    let mut wakes = 0;
    let end = tokio::time::Instant::now() + Duration::from_secs(60);
    while tokio::time::timeout_at(end, swarm.changed()).await.is_ok() {
        wakes += 1;
    }
    let share = (ticks() - before) as f64 / start.elapsed().as_secs_f64();
    println!("{share:.2} % of a core, {wakes} pictures in a minute");
    stop.cancel();
}

#[tokio::test]
#[ignore = "needs the lab"]
async fn logs_of_a_terminal_and_of_a_talkative_service_come_as_lines_and_the_registry_tells_a_digest() {
    let engine = engine("barbary");
    for service in engine.list().await.unwrap().services {
        if !service.name.starts_with("logs_") && !service.name.starts_with("fleet_") {
            continue;
        }
        let query = LogQuery {
            target: LogTarget::Service { id: service.id.clone(), tty: service.tty },
            follow: true,
            tail: Some(2),
            since: None,
        };
        let lines = engine.logs(query).take(4).collect::<Vec<_>>();
        match tokio::time::timeout(Duration::from_secs(8), lines).await {
            Ok(lines) => {
                for line in lines {
                    let line = line.unwrap();
                    assert!(line.at.is_some() && line.task.is_some() && line.node.is_some(), "{line:?}");
                    let text: String = line.text.chars().take(100).collect();
                    println!("{} tty={} {:?} {text:?}", service.name, service.tty, line.stream);
                }
            }
            Err(_) => println!("{}: fewer than four lines in 8 s", service.name),
        }
        match engine.digest_of(&service.image).await {
            Ok(digest) => println!("{} is {digest}, pinned {:?}", service.image, service.digest),
            Err(error) => println!("{}", quarterdeck::diag::Explain::explain(&error)),
        }
    }
}
