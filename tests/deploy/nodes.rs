//! Nodes that are drained, paused and let go on: what leaves them, what cannot, and the way back.

use quarterdeck::action::availability::{Duty, node};
use quarterdeck::action::undo::undo;
use quarterdeck::action::{Action, Job, JobState};
use quarterdeck::model::{Picture, State};
use quarterdeck::sim::{Fault, Scenario, service};
use serde_json::Value;

use super::desk::{Desk, desk};

fn scenario() -> Scenario {
    Scenario::new()
        .node_label("lorcha", "shelf", "top")
        .stack("media")
        .service(service("plex").image("plex:1").constraint("node.hostname == lorcha"))
        .service(service("web").image("web:1").replicas(5))
        .global(service("agent").image("agent:1"))
}

async fn offered(desk: &Desk, name: &str, to: Duty) -> Action {
    let mut swarm = desk.handle.swarm.clone();
    let settled = |picture: &Picture| picture.services.values().all(|health| health.running >= health.desired);
    let picture = swarm.until(settled).await.unwrap();
    node(&picture, name, to, &[]).unwrap().unwrap().action
}

async fn done(desk: &Desk, name: &str, to: Duty) -> Job {
    let action = offered(desk, name, to).await;
    let id = desk.handle.submit(action).unwrap();
    desk.ended(id).await
}

fn on(desk: &Desk, name: &str) -> usize {
    let id = desk.sim.node(name).unwrap()["ID"].clone();
    let wanted = |task: &&Value| task["NodeID"] == id && task["DesiredState"] == "running";
    let tasks = ["media_plex", "media_web", "media_agent"].iter().flat_map(|service| desk.sim.tasks(service));
    tasks.collect::<Vec<_>>().iter().filter(wanted).count()
}

fn spec(desk: &Desk, name: &str) -> Value {
    desk.sim.node(name).unwrap()["Spec"].clone()
}

#[tokio::test(start_paused = true)]
async fn what_leaves_a_drained_node_runs_elsewhere_or_says_why_it_cannot() {
    let desk = desk(scenario()).await;
    let before = spec(&desk, "lorcha");
    assert!(on(&desk, "lorcha") >= 2);
    desk.sim.forget_requests();
    let job = done(&desk, "lorcha", Duty::Drain).await;
    assert_eq!(job.state, JobState::Done, "{job:#?}");
    assert_eq!(on(&desk, "lorcha"), 0);
    assert_eq!(desk.sim.running("media_web"), 5);
    let step = |name: &str| job.steps.iter().find(|step| step.name == name).unwrap_or_else(|| panic!("{job:#?}"));
    assert_eq!(step("media_plex").state, State::Waiting);
    assert!(step("media_plex").detail.contains("lorcha is drained"), "{}", step("media_plex").detail);
    assert_eq!((step("media_web").state, step("lorcha").state), (State::Done, State::Done));
    // One write, and of the node's spec nothing but that.
    let writes = desk.sim.writes();
    let [write] = writes.as_slice() else { panic!("{writes:?}") };
    assert!(write.path.contains("/nodes/"), "{}", write.path);
    let mut after = spec(&desk, "lorcha");
    assert_eq!(after["Availability"], "drain");
    after["Availability"] = before["Availability"].clone();
    assert_eq!(after, before);
}

#[tokio::test(start_paused = true)]
async fn a_drain_is_undone_and_so_is_that() {
    let desk = desk(scenario()).await;
    let before = spec(&desk, "lorcha");
    assert_eq!(done(&desk, "lorcha", Duty::Drain).await.state, JobState::Done);
    for (title, availability) in [("undo drain lorcha", "active"), ("undo undo drain lorcha", "drain")] {
        let history = desk.journal.read().unwrap();
        let back = undo(&history, None, &desk.handle.swarm.latest().swarm.cluster.id).unwrap();
        assert_eq!(back.title, title);
        let (plan, action) = desk.handle.take_back(&back).await.unwrap();
        let told = format!("{:?}", plan.warnings);
        assert_eq!(told.contains("does not move back by itself"), availability == "active", "{told}");
        let id = desk.handle.submit(action.unwrap()).unwrap();
        let job = desk.ended(id).await;
        assert_eq!(job.state, JobState::Done, "{job:#?}");
        assert_eq!(job.action.lane().0, "node lorcha");
        assert_eq!(desk.sim.node("lorcha").unwrap()["Spec"]["Availability"], availability);
        if availability == "active" {
            assert_eq!(spec(&desk, "lorcha"), before);
        } else {
            assert_eq!(on(&desk, "lorcha"), 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_paused_node_keeps_its_tasks_and_an_activated_one_takes_more() {
    let desk = desk(scenario()).await;
    let there = on(&desk, "lorcha");
    let job = done(&desk, "lorcha", Duty::Pause).await;
    assert_eq!((&job.state, job.action.title().as_str()), (&JobState::Done, "pause lorcha"));
    assert_eq!(on(&desk, "lorcha"), there);
    let job = done(&desk, "lorcha", Duty::Active).await;
    assert_eq!((&job.state, job.action.title().as_str()), (&JobState::Done, "activate lorcha"));
    assert_eq!(desk.sim.node("lorcha").unwrap()["Spec"]["Availability"], "active");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_somebody_else_has_changed_since_is_left_as_it_is() {
    let desk = desk(scenario()).await;
    let action = offered(&desk, "lorcha", Duty::Drain).await;
    assert_eq!(done(&desk, "lorcha", Duty::Pause).await.state, JobState::Done);
    desk.sim.forget_requests();
    let id = desk.handle.submit(action).unwrap();
    let JobState::Failed(fault) = desk.ended(id).await.state else { panic!() };
    assert!(fault.what.contains("lorcha was changed since you looked at it"), "{fault}");
    assert!(desk.sim.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_drain_whose_answer_is_lost_is_looked_up_and_not_repeated() {
    let desk = desk(scenario()).await;
    let action = offered(&desk, "lorcha", Duty::Drain).await;
    desk.sim.fault(Fault::on("POST /nodes").cut_body().once());
    let id = desk.handle.submit(action).unwrap();
    let job = desk.ended(id).await;
    assert_eq!(job.state, JobState::Done, "{job:#?}");
    assert_eq!(desk.sim.writes().iter().filter(|seen| seen.path.contains("/nodes/")).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_is_cancelled_while_it_waits_ends_at_once_and_the_swarm_goes_on() {
    let desk = desk(scenario()).await;
    let action = offered(&desk, "lorcha", Duty::Drain).await;
    let id = desk.handle.submit(action).unwrap();
    let mut board = desk.handle.board.clone();
    let waits = |job: &Job| job.steps.iter().any(|step| step.state == State::Converging && step.detail.contains("run"));
    board.until(|board| board.job(id).is_some_and(waits)).await.unwrap();
    desk.handle.cancel_all(vec![id]);
    let job = desk.ended(id).await;
    assert!(matches!(job.state, JobState::Cancelled { left, .. } if left > 0), "{job:#?}");
    assert!(job.steps.iter().any(|step| step.detail.contains("the swarm goes on with it")), "{job:#?}");
    let mut swarm = desk.handle.swarm.clone();
    let moved =
        |picture: &Picture| picture.services.values().filter(|health| health.running >= health.desired).count() >= 2;
    swarm.until(moved).await.unwrap();
}
