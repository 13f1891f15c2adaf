//! The real client and the real follower against the simulated swarm: every call, every fault that the simulator knows.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use quarterdeck::clock::SystemClock;
use quarterdeck::engine::{Engine, EngineError, Nudge};
use quarterdeck::model::{Link, LogLine, LogQuery, LogStream, LogTarget, ServiceId, Snapshot, TaskState};
use quarterdeck::sim::{Fault, Scenario, Sim, service};
use serde_json::json;

use crate::followed::followed;

fn three() -> Scenario {
    Scenario::new()
        .managers(["m1", "m2", "m3"])
        .workers(["w1", "w2"])
        .service(service("web").image("nginx:1.27").replicas(3).healthcheck())
}

fn engine(sim: &Sim) -> Engine {
    Engine::new(sim.dialer(), Arc::new(SystemClock))
}

fn named(swarm: &Snapshot, name: &str) -> Option<ServiceId> {
    swarm.services.values().find(|service| service.name == name).map(|service| service.id.clone())
}

fn running(swarm: &Snapshot, name: &str) -> usize {
    let up = |id: &ServiceId| {
        let tasks = swarm.tasks_of(id).iter();
        tasks.filter(|task| task.is_wanted() && task.state == TaskState::Running).count()
    };
    named(swarm, name).map_or(0, |id| up(&id))
}

#[tokio::test]
async fn a_simulated_swarm_is_listed_whole() {
    let sim = three().start();
    let listing = engine(&sim).list().await.unwrap();
    assert_eq!((listing.nodes.len(), listing.services.len(), listing.tasks.len()), (5, 1, 3));
    assert_eq!(listing.cluster.through, "m1");
    assert!(listing.services[0].has_health_check);
    assert_eq!(listing.nodes.iter().filter(|node| node.is_leader()).count(), 1);
}

#[tokio::test]
async fn each_engine_is_spoken_to_in_a_version_it_knows() {
    for (theirs, least, spoken) in [((1, 41), (1, 12), "1.41"), ((1, 45), (1, 24), "1.45"), ((1, 60), (1, 44), "1.51")]
    {
        let sim = three().api(theirs, least, "1.0").start();
        assert_eq!(engine(&sim).list().await.unwrap().cluster.api_version, spoken);
    }
    let old = engine(&three().api((1, 38), (1, 12), "18.06").start()).list().await.unwrap_err();
    assert!(matches!(old, EngineError::TooOld { .. }), "{old:?}");
    let new = engine(&three().api((1, 70), (1, 60), "40").start()).list().await.unwrap_err();
    assert!(matches!(new, EngineError::TooNew { .. }), "{new:?}");
}

#[tokio::test]
async fn a_worker_and_a_swarm_without_leader_say_what_they_are() {
    let sim = three().start();
    let worker = Engine::new(sim.dialer_to("w1"), Arc::new(SystemClock)).list().await.unwrap_err();
    assert!(matches!(worker, EngineError::NotAManager { .. }), "{worker:?}");
    sim.no_leader(true);
    let headless = engine(&sim).list().await.unwrap_err();
    assert!(matches!(headless, EngineError::NoLeader { .. }), "{headless:?}");
}

#[tokio::test]
async fn a_health_check_is_still_there_after_an_update() {
    let sim = three().start();
    let engine = engine(&sim);
    let id = engine.list().await.unwrap().services.remove(0).id;
    let (seen, object) = engine.service_spec(&id).await.unwrap();
    let mut spec = object["Spec"].clone();
    let before = spec["TaskTemplate"]["ContainerSpec"]["Healthcheck"].clone();
    assert!(before.is_object());
    spec["Labels"]["who"] = json!("me");
    engine.update_service(&id, seen, &spec, None).await.unwrap();
    let (newer, object) = engine.service_spec(&id).await.unwrap();
    assert!(newer > seen);
    assert_eq!(object["Spec"], spec);
    let again = engine.update_service(&id, seen, &spec, None).await.unwrap_err();
    assert!(again.is_conflict(), "{again:?}");
}

#[tokio::test]
async fn every_fault_of_the_line_has_its_name() {
    let sim = three().start();
    let patient = engine(&sim);
    let hasty = engine(&sim).within(Duration::from_millis(300));
    let struck = async |fault: Fault, by: &Engine| {
        sim.fault(fault);
        let error = by.list().await.unwrap_err();
        sim.clear_faults();
        patient.list().await.unwrap();
        error
    };
    let stalled = struck(Fault::on("GET /tasks").stall(), &hasty).await;
    assert!(matches!(stalled, EngineError::TimedOut { .. }), "{stalled:?}");
    let half = struck(Fault::on("GET /tasks").stall_body(), &hasty).await;
    assert!(matches!(half, EngineError::TimedOut { .. }), "{half:?}");
    let cut = struck(Fault::on("GET /tasks").cut(), &patient).await;
    assert!(matches!(cut, EngineError::Unreachable { .. }), "{cut:?}");
    let torn = struck(Fault::on("GET /tasks").cut_body(), &patient).await;
    assert!(matches!(torn, EngineError::Unreachable { .. }), "{torn:?}");
    let html = struck(Fault::on("GET /tasks").not_json(), &patient).await;
    assert!(matches!(html, EngineError::NotJson { .. }), "{html:?}");
    let refused = struck(Fault::on("GET /tasks").status(500, "disk full"), &patient).await;
    assert!(matches!(refused, EngineError::Refused { status: 500, .. }), "{refused:?}");
}

#[tokio::test]
async fn what_others_do_is_seen() {
    let sim = three().start();
    sim.run(20.0);
    let mut followed = followed(engine(&sim));
    let now = followed.until(|now| running(now, "web") == 3).await;
    assert_eq!(now.nodes.len(), 5);
    sim.scale("web", 5);
    followed.until(|now| running(now, "web") == 5).await;
    sim.node_down("w1");
    followed.until(|now| now.nodes.values().any(|node| node.hostname == "w1" && !node.is_ready())).await;
    followed.until(|now| running(now, "web") == 5).await;
    sim.node_up("w1");
    followed.until(|now| now.nodes.values().all(|node| node.is_ready())).await;
    sim.remove_service("web");
    let now = followed.until(|now| now.services.is_empty()).await;
    assert!(now.events.iter().any(|event| event.kind == "service" && event.action == "remove"));
    sim.stop().await;
}

#[tokio::test]
async fn a_lost_manager_leaves_the_picture_and_comes_back() {
    let sim = three().start();
    let mut followed = followed(engine(&sim));
    followed.until_live().await;
    sim.node_down("m1");
    let now = followed.until(|now| matches!(now.link, Link::Stale { .. })).await;
    assert_eq!(now.services.len(), 1);
    sim.node_up("m1");
    followed.nudge.send(Nudge::Now).await.unwrap();
    followed.until_live().await;
    sim.no_leader(true);
    followed.nudge.send(Nudge::Now).await.unwrap();
    followed.until(|now| matches!(&now.link, Link::Stale { why, .. } if why.contains("no leader"))).await;
    sim.no_leader(false);
    followed.nudge.send(Nudge::Now).await.unwrap();
    followed.until_live().await;
}

#[tokio::test]
async fn logs_of_all_nodes_come_with_their_origin() {
    let sim = three().history(Duration::from_secs(60)).start();
    let engine = engine(&sim);
    let id = engine.list().await.unwrap().services.remove(0).id;
    let query = |tty| LogQuery {
        target: LogTarget::Service { id: id.clone(), tty },
        follow: false,
        tail: Some(5),
        since: None,
    };
    let lines: Vec<LogLine> = engine.logs(query(false)).map(Result::unwrap).collect().await;
    assert!(!lines.is_empty());
    assert!(lines.iter().all(|line| line.at.is_some() && line.node.is_some() && line.task.is_some()), "{lines:?}");
    let node = lines[0].node.clone().unwrap();
    let name = engine.list().await.unwrap().nodes.into_iter().find(|found| found.id == node).unwrap().hostname;
    sim.node_down(if name == "m1" { "w1" } else { &name });
    let lines: Vec<LogLine> = engine.logs(query(false)).map(Result::unwrap).collect().await;
    println!("{:?}", lines.iter().map(|line| (line.stream, &line.text)).collect::<Vec<_>>());
    if name != "m1" {
        assert!(lines.iter().any(|line| line.stream == LogStream::System), "{lines:?}");
    }
}

#[tokio::test]
async fn a_swarm_of_many_tasks_is_listed_in_good_time() {
    let sim = Scenario::big(200, 3000).start();
    let engine = engine(&sim);
    let start = std::time::Instant::now();
    let listing = engine.list().await.unwrap();
    println!("{} services, {} tasks in {:?}", listing.services.len(), listing.tasks.len(), start.elapsed());
    assert!(listing.tasks.len() >= 3000);
}
