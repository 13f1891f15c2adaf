//! Several managers of one swarm: who is asked, who is left, and what is never asked twice.

use std::sync::Arc;
use std::time::Duration;

use quarterdeck::action::{JobState, redeploy};
use quarterdeck::clock::SystemClock;
use quarterdeck::engine::{Engine, EngineError, Nudge};
use quarterdeck::hub::{self, Handle};
use quarterdeck::jobs::TailNews;
use quarterdeck::model::{Link, LogQuery, LogTarget, Picture, Snapshot};
use quarterdeck::sim::{Behaviour, Door, Fault, Scenario, Seen, Sim, service};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::followed::followed;

fn swarm() -> Sim {
    of_seed(1)
}

fn of_seed(seed: u64) -> Sim {
    Scenario::new()
        .seed(seed)
        .managers(["m1", "m2", "m3"])
        .workers(["w1"])
        .stack("media")
        .service(service("plex").image("plex:1").replicas(2).update(1, "start-first", "pause", 1))
        .start()
}

fn through(sim: &Sim, names: &[&str]) -> Engine {
    Engine::of_managers(names.iter().map(|name| sim.dialer_to(name)).collect(), Arc::new(SystemClock))
}

/// Through whom it was asked, since the requests were last forgotten.
fn asked(sim: &Sim) -> Vec<String> {
    let mut at: Vec<String> = sim.requests().into_iter().map(|seen| seen.at).collect();
    at.sort();
    at.dedup();
    at
}

fn is_through(now: &Snapshot, manager: &str) -> bool {
    now.link.is_live() && now.cluster.through == manager
}

#[tokio::test(start_paused = true)]
async fn a_question_that_fails_at_one_manager_is_asked_at_the_next_and_stays_there() {
    let sim = swarm();
    let engine = through(&sim, &["m1", "m2", "m3"]);
    assert_eq!(engine.list().await.unwrap().cluster.through, "m1");
    assert_eq!(engine.at(), "sim://m1");
    sim.node_down("m1");
    let listing = engine.list().await.unwrap();
    assert_eq!((listing.cluster.through.as_str(), listing.services.len()), ("m2", 1));
    assert_eq!(engine.at(), "sim://m2");
    // It is back, and nobody hurries to it; but when it is needed it is there.
    sim.node_up("m1");
    sim.forget_requests();
    assert_eq!(engine.list().await.unwrap().cluster.through, "m2");
    assert_eq!(asked(&sim), ["m2"]);
    sim.door("m2", Door::Shut);
    sim.door("m3", Door::Shut);
    assert_eq!(engine.list().await.unwrap().cluster.through, "m1");
}

#[tokio::test(start_paused = true)]
async fn a_manager_that_hangs_is_left_after_a_short_time() {
    let sim = swarm();
    let engine = through(&sim, &["m1", "m2"]);
    engine.list().await.unwrap();
    sim.door("m1", Door::Silent);
    let begun = Instant::now();
    assert_eq!(engine.list().await.unwrap().cluster.through, "m2");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    // One that hangs from the beginning costs its head start only.
    let begun = Instant::now();
    assert_eq!(through(&sim, &["m1", "m2"]).list().await.unwrap().cluster.through, "m2");
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    // One that speaks, and then hangs at one question only, is left as well.
    sim.door("m1", Door::Open);
    sim.fault(Fault::on("GET /tasks").stall().at("m2"));
    let begun = Instant::now();
    engine.list().await.unwrap();
    assert!(engine.at() == "sim://m1" && begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_is_no_manager_of_this_swarm_is_passed_over_and_told() {
    let (sim, other) = (of_seed(1), of_seed(2));
    let dialers = vec![sim.dialer_to("m1"), sim.dialer_to("w1"), other.dialer_to("m2"), sim.dialer_to("m3")];
    let engine = Engine::of_managers(dialers, Arc::new(SystemClock));
    assert!(engine.list().await.unwrap().cluster.passed.is_empty());
    sim.door("m1", Door::Shut);
    let cluster = engine.list().await.unwrap().cluster;
    assert_eq!(cluster.through, "m3");
    let told: Vec<_> = cluster.passed.iter().map(|passed| (passed.endpoint.as_str(), passed.why.as_str())).collect();
    // One that is merely away is no wrong address.
    assert_eq!(told, [("sim://w1", "a worker"), ("sim://m2", "of another swarm")]);
    assert!(other.writes().is_empty());
    sim.door("m3", Door::Shut);
    let none = engine.list().await.unwrap_err();
    assert!(matches!(&none, EngineError::NoneUsable { tried, .. } if tried.len() == 4), "{none:?}");
}

#[tokio::test(start_paused = true)]
async fn a_swarm_at_rest_is_asked_through_one_manager_alone() {
    let sim = swarm();
    let mut followed = followed(through(&sim, &["m2", "m1", "m3"]));
    followed.until(|now| is_through(now, "m2")).await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert_eq!(asked(&sim), ["m2"]);
}

#[tokio::test(start_paused = true)]
async fn a_picture_goes_on_at_another_manager_and_hears_what_happens_there() {
    let sim = swarm();
    let mut followed = followed(through(&sim, &["m1", "m2", "m3"]));
    followed.until(|now| now.known && is_through(now, "m1")).await;
    for (lost, next, how) in [("m1", "m2", Door::Shut), ("m2", "m3", Door::Silent)] {
        let begun = Instant::now();
        sim.door(lost, how);
        followed.until(|now| is_through(now, next)).await;
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        // An event brings it, not the next list.
        let begun = Instant::now();
        sim.scale("media_plex", if next == "m2" { 3 } else { 4 });
        let events = followed.swarm.latest().events.len();
        followed.until(|now| now.events.len() > events).await;
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    }
    let now = followed.swarm.snapshot();
    let told: Vec<&str> = now.events.iter().filter(|e| e.kind == "manager").map(|e| e.detail.as_str()).collect();
    assert_eq!(told, ["sim://m1 → sim://m2", "sim://m2 → sim://m3"]);
}

#[tokio::test(start_paused = true)]
async fn a_new_leader_brings_a_fresh_picture_within_seconds_and_none_an_old_one_that_says_what_to_do() {
    let sim = swarm();
    let mut followed = followed(through(&sim, &["m1", "m2", "m3"]));
    followed.until(|now| now.known && now.link.is_live()).await;
    sim.no_leader(true);
    let stale = followed.until(|now| matches!(&now.link, Link::Stale { why, .. } if why.contains("no leader"))).await;
    assert_eq!(stale.services.len(), 1, "the last picture stays");
    let Link::Stale { why, .. } = &stale.link else { panic!("{:?}", stale.link) };
    assert!(why.contains("bring managers back until more than half of them run"), "{why}");
    // However long it lasts, the attempts stay close.
    tokio::time::sleep(Duration::from_secs(300)).await;
    sim.no_leader(false);
    let begun = Instant::now();
    followed.until(|now| now.link.is_live()).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn with_all_managers_gone_the_last_picture_stays_and_attempts_go_on() {
    let sim = swarm();
    let mut followed = followed(through(&sim, &["m1", "m2"]));
    let right = followed.until(|now| now.known && now.link.is_live()).await;
    for manager in ["m1", "m2"] {
        sim.door(manager, Door::Shut);
    }
    let stale = followed.until(|now| matches!(now.link, Link::Stale { .. })).await;
    assert_eq!(stale.services, right.services);
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert!(matches!(followed.swarm.latest().link, Link::Stale { retry_at: Some(_), .. }));
    sim.door("m2", Door::Open);
    followed.nudge.send(Nudge::Now).await.unwrap();
    followed.until(|now| is_through(now, "m2")).await;
}

/// A redeploy of the stack through these managers; gives how it ended.
async fn redeployed(sim: &Sim, names: &[&str], harm: impl FnOnce(&Sim)) -> (JobState, Vec<Seen>) {
    let (handle, _hub) = hub::start(through(sim, names), Arc::default(), Arc::new(SystemClock));
    let mut swarm = handle.swarm.clone();
    let ready = |now: &Picture| now.swarm.known && now.swarm.link.is_live() && now.stack("media").is_some();
    let picture = swarm.until(ready).await.unwrap();
    sim.forget_requests();
    let offer = redeploy::stack(&picture, "media").unwrap();
    harm(sim);
    let id = handle.submit(offer.action).unwrap();
    let state = over(&handle, id).await;
    handle.stop.cancel();
    (state, sim.writes())
}

async fn over(handle: &Handle, id: quarterdeck::action::JobId) -> JobState {
    let mut board = handle.board.clone();
    let is_over = |state: &JobState| !matches!(state, JobState::Waiting { .. } | JobState::Running);
    let ended = board.until(|board| board.job(id).is_some_and(|job| is_over(&job.state)));
    let board = tokio::time::timeout(Duration::from_secs(60), ended).await.expect("it ends").unwrap();
    board.job(id).unwrap().state.clone()
}

fn rounds(sim: &Sim) -> Option<u64> {
    sim.service("media_plex").unwrap().pointer("/Spec/TaskTemplate/ForceUpdate").and_then(Value::as_u64)
}

#[tokio::test(start_paused = true)]
async fn a_write_is_never_sent_twice_unless_the_version_index_proves_that_it_did_not_happen() {
    let lose = |fault: Fault| move |sim: &Sim| sim.fault(fault.at("m1").once());
    // Carried out, and the answer lost.
    let sim = swarm();
    sim.run(50.0);
    let (state, writes) = redeployed(&sim, &["m1", "m2"], lose(Fault::on("POST /services").cut_body())).await;
    assert!(matches!(state, JobState::Done), "{state:?}");
    assert_eq!((writes.len(), rounds(&sim)), (1, Some(1)), "it happened, so it is not sent again");

    // Lost before it was carried out: sent again, at the manager that is left.
    let sim = swarm();
    sim.run(50.0);
    let (state, writes) = redeployed(&sim, &["m1", "m2"], lose(Fault::on("POST /services").cut())).await;
    assert!(matches!(state, JobState::Done), "{state:?}");
    let at: Vec<&str> = writes.iter().map(|seen| seen.at.as_str()).collect();
    assert_eq!((at, rounds(&sim)), (vec!["m1", "m2"], Some(1)));
    let looked = sim.requests().iter().filter(|seen| seen.method == "GET" && seen.path.contains("/services/")).count();
    assert!(looked >= 2, "between the two it was looked whether the first had happened");
    assert_eq!(writes[0].path, writes[1].path, "against the version that was seen");

    // A leader that falls while it writes says so, and that is no proof of anything.
    let sim = swarm();
    sim.run(50.0);
    let fallen = Fault::on("POST /services").status(500, "rpc error: code = Unknown desc = node lost leader status");
    let (state, writes) = redeployed(&sim, &["m1", "m2"], lose(fallen)).await;
    assert!(matches!(state, JobState::Done), "{state:?}");
    assert_eq!((writes.len(), rounds(&sim)), (2, Some(1)));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_never_left_is_sent_at_the_next_manager() {
    let sim = swarm();
    let engine = through(&sim, &["m1", "m2"]);
    let id = engine.list().await.unwrap().services.remove(0).id;
    let (seen, object) = engine.service_spec(&id).await.unwrap();
    sim.forget_requests();
    sim.door("m1", Door::Shut);
    // The end of the old connection arrives, or the write would go out on it.
    tokio::time::sleep(Duration::from_millis(10)).await;
    engine.update_service(&id, seen, &object["Spec"], None).await.unwrap();
    assert_eq!(sim.writes().len(), 1);
    assert_eq!(engine.at(), "sim://m2");
    // The version was used up: whoever sends it again is refused.
    assert!(engine.update_service(&id, seen, &object["Spec"], None).await.unwrap_err().is_conflict());
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_is_lost_is_told_as_that_and_asked_nowhere_else() {
    for fault in [Fault::on("POST /services").stall(), Fault::on("POST /services").cut()] {
        let sim = swarm();
        let engine = through(&sim, &["m1", "m2", "m3"]);
        let id = engine.list().await.unwrap().services.remove(0).id;
        let (seen, object) = engine.service_spec(&id).await.unwrap();
        sim.fault(fault);
        let lost = engine.update_service(&id, seen, &object["Spec"], None).await.unwrap_err();
        assert!(matches!(lost, EngineError::Unsure { .. }), "{lost:?}");
        assert_eq!(sim.writes().len(), 1);
        assert_eq!(engine.service_spec(&id).await.unwrap().0, seen, "whoever answers tells that it did not happen");
    }
}

#[tokio::test(start_paused = true)]
async fn a_manager_that_is_demoted_is_left() {
    let sim = swarm();
    let engine = through(&sim, &["m1", "m2"]);
    let listing = engine.list().await.unwrap();
    let node = listing.nodes.iter().find(|node| node.hostname == "m1").unwrap();
    let path = format!("/nodes/{}/update?version={}", node.id, node.version);
    engine.post_json(&path, &json!({"Role": "worker", "Availability": "active"})).await.unwrap();
    assert_eq!(engine.list().await.unwrap().cluster.through, "m2");
    assert_eq!(engine.at(), "sim://m2");
}

#[tokio::test(start_paused = true)]
async fn a_log_goes_on_at_another_manager_even_if_the_first_only_hangs() {
    let sim = swarm();
    sim.behave("plex:1", Behaviour::Chatty(Duration::from_secs(1)));
    sim.run(1.0);
    let (handle, _hub) = hub::start(through(&sim, &["m1", "m2"]), Arc::default(), Arc::new(SystemClock));
    let mut swarm = handle.swarm.clone();
    let picture = swarm.until(|now| now.swarm.known && now.swarm.link.is_live()).await.unwrap();
    let id = picture.swarm.services.keys().next().unwrap().clone();
    let target = LogTarget::Service { id, tty: false };
    let query = LogQuery { target, follow: true, tail: Some(1), since: None };
    let mut news = handle.tail(query, handle.stop.clone());
    sim.door("m1", Door::Silent);
    loop {
        let heard = tokio::time::timeout(Duration::from_secs(60), news.recv()).await.expect("it goes on").unwrap();
        let logs = |seen: &Seen| seen.at == "m2" && seen.path.contains("/logs");
        if matches!(heard, TailNews::Lines(..)) && sim.requests().iter().any(logs) {
            break;
        }
    }
    handle.stop.cancel();
}
