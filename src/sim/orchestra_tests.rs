//! What the orchestra of the simulator makes of services, nodes and updates.

use std::time::Duration;

use serde_json::{Value, json};

use super::tests::{call, five, get, web};
use super::world::{number, text};
use super::*;
use crate::clock::FixedClock;

fn state(task: &Value) -> (&str, &str) {
    (text(task, "/Status/State"), text(task, "/DesiredState"))
}

#[test]
fn the_same_story_gives_the_same_world() {
    let told = || {
        let sim = five().service(web(4)).after(Duration::from_secs(3), Deed::NodeDown("dhow".into())).start();
        sim.advance(Duration::from_secs(20));
        sim.look(|s| s.world.tasks.values().map(world::task::Task::view).collect::<Vec<_>>())
    };
    assert_eq!(told(), told());
}

#[test]
fn a_scenario_starts_converged_unless_it_says_otherwise() {
    assert_eq!(five().service(web(3)).start().running("web"), 3);
    let sim = five().service(web(3)).unconverged().start();
    assert_eq!(sim.running("web"), 0);
    assert!(sim.settle());
    assert_eq!(sim.running("web"), 3);
}

#[test]
fn a_task_never_goes_back_to_an_earlier_state() {
    let sim = demo(&FixedClock(Timestamp::UNIX_EPOCH));
    let mut before = std::collections::BTreeMap::new();
    for _ in 0..1200 {
        sim.advance(Duration::from_millis(500));
        sim.look(|s| {
            for task in s.world.tasks.values() {
                let was = before.insert(task.id.clone(), (task.state, task.desired));
                assert!(was.is_none_or(|(state, desired)| state <= task.state && desired <= task.desired), "{task:?}");
            }
        });
    }
}

#[test]
fn a_good_update_rolls_through_and_completes() {
    let sim = five().service(web(4).update(1, "start-first", "rollback", 2)).start();
    sim.update_image("web", "nginx:1.28");
    assert_eq!(sim.update_state("web"), "updating");
    let never_fewer = |sim: &Sim| {
        assert!(sim.running("web") >= 4);
        sim.update_state("web") == "completed"
    };
    assert!(sim.advance_until(Duration::from_secs(120), never_fewer));
    assert!(sim.settle());
    assert!(
        sim.tasks("web")
            .iter()
            .filter(|t| state(t).1 == "running")
            .all(|t| text(t, "/Spec/ContainerSpec/Image") == "nginx:1.28")
    );
}

#[test]
fn a_bad_update_rolls_back_or_pauses_as_it_was_told() {
    for (action, end) in [("rollback", "rollback_completed"), ("pause", "paused"), ("continue", "completed")] {
        let sim = five()
            .service(web(3).healthcheck().update(1, "stop-first", action, 2))
            .behaviour("nginx:bad", Behaviour::Sick)
            .start();
        sim.update_image("web", "nginx:bad");
        assert!(
            sim.advance_until(Duration::from_secs(300), |s| s.update_state("web") == end),
            "{action}: {}",
            sim.update_state("web")
        );
        let image = text(&sim.service("web").unwrap(), "/Spec/TaskTemplate/ContainerSpec/Image").to_owned();
        assert_eq!(image == "nginx:1.27", action == "rollback", "{action}");
        let unhealthy =
            |t: &Value| text(t, "/Status/Err") == "task: non-zero exit (137): dockerexec: unhealthy container";
        assert!(sim.tasks("web").iter().any(unhealthy));
    }
}

#[tokio::test]
async fn a_rollback_by_hand_takes_back_the_previous_spec() {
    let sim = five().service(web(2)).start();
    sim.update_image("web", "nginx:1.28");
    assert!(sim.settle());
    let now = get(&sim, "/services/web").await;
    let path = format!("/services/web/update?version={}&rollback=previous", now["Version"]["Index"]);
    assert_eq!(call(&sim, "POST", &path, now["Spec"].clone()).await.0, 200);
    assert_eq!(sim.update_state("web"), "rollback_started");
    assert!(sim.settle());
    assert_eq!(sim.update_state("web"), "rollback_completed");
    assert_eq!(text(&sim.service("web").unwrap(), "/Spec/TaskTemplate/ContainerSpec/Image"), "nginx:1.27");
}

#[test]
fn tasks_of_a_dead_node_are_said_to_run_and_others_take_over() {
    let sim = five().service(web(5)).start();
    sim.node_down("dhow");
    assert!(sim.settle());
    assert_eq!(sim.running("web"), 5);
    assert_eq!(sim.tasks("web").iter().filter(|t| state(t) == ("running", "shutdown")).count(), 1);
    sim.node_up("dhow");
    assert!(sim.settle());
    let old = sim.tasks("web").into_iter().find(|t| state(t).1 == "shutdown").unwrap();
    assert_eq!((state(&old).0, text(&old, "/Status/Err")), ("failed", "task: non-zero exit (255)"));
}

#[tokio::test]
async fn every_update_of_a_job_runs_it_again() {
    let sim = five().service(service("batch").job(2)).start();
    let now = get(&sim, "/services/batch").await;
    let path = format!("/services/batch/update?version={}", now["Version"]["Index"]);
    assert_eq!(call(&sim, "POST", &path, now["Spec"].clone()).await.0, 200);
    assert_eq!(get(&sim, "/services/batch").await["JobStatus"]["JobIteration"]["Index"], 1);
    assert!(sim.settle());
    assert_eq!(sim.tasks("batch").iter().filter(|t| state(t).0 == "complete").count(), 2);
}

#[test]
fn a_drained_node_loses_its_tasks_and_a_global_service_its_place_there() {
    let sim = five().service(web(5)).global(service("agent")).start();
    sim.carry_out(Deed::Availability { node: "lorcha".into(), to: "drain".into() });
    assert!(sim.settle());
    assert_eq!((sim.running("web"), sim.running("agent")), (5, 4));
    sim.carry_out(Deed::Availability { node: "lorcha".into(), to: "active".into() });
    assert!(sim.settle());
    assert_eq!(sim.running("agent"), 5);
}

#[test]
fn a_task_that_no_node_can_take_says_why_and_goes_on_when_one_can() {
    let sim = five().service(web(1).constraint("node.labels.gpu==true")).start();
    let task = sim.tasks("web").remove(0);
    assert_eq!(state(&task).0, "pending");
    assert_eq!(text(&task, "/Status/Err"), "no suitable node (scheduling constraints not satisfied on 5 nodes)");
    sim.carry_out(Deed::Label { node: "dhow".into(), key: "gpu".into(), value: Some("true".into()) });
    assert!(sim.settle());
    assert_eq!(sim.running("web"), 1);
}

#[test]
fn placement_heeds_limits_reservations_and_roles() {
    let sim = five()
        .service(service("one").replicas(7).max_per_node(1))
        .service(service("big").replicas(6).reserve(1000, 5000))
        .service(service("lead").replicas(3).constraint("node.role != worker"))
        .start();
    assert_eq!((sim.running("one"), sim.running("big"), sim.running("lead")), (5, 5, 3));
    let why =
        |name: &str| sim.tasks(name).iter().map(|t| text(t, "/Status/Err").to_owned()).find(|e| !e.is_empty()).unwrap();
    assert_eq!(why("one"), "no suitable node (max replicas per node limit exceed)");
    assert_eq!(why("big"), "no suitable node (insufficient resources on 5 nodes)");
}

#[test]
fn a_crashing_service_is_tried_again_and_its_history_is_kept_short() {
    let sim = five().service(service("bad").image("bad:1")).behaviour("bad:1", Behaviour::crashing(3, "boom")).start();
    sim.advance(Duration::from_secs(120));
    let tasks = sim.tasks("bad");
    assert!(tasks.len() <= 6, "{}", tasks.len());
    let failed = tasks.iter().find(|t| state(t).0 == "failed").unwrap();
    assert_eq!(
        (text(failed, "/Status/Err"), number(failed, "/Status/ContainerStatus/ExitCode")),
        ("task: non-zero exit (3)", 3)
    );
}

#[test]
fn a_restart_policy_ends_the_tries() {
    let sim = five()
        .service(service("bad").image("bad:1").restart("on-failure", 2))
        .behaviour("bad:1", Behaviour::crashing(1, ""))
        .start();
    sim.advance(Duration::from_secs(300));
    assert_eq!((sim.tasks("bad").len(), sim.running("bad")), (3, 0));
}

#[test]
fn an_image_that_is_missing_is_rejected() {
    let sim = five().service(service("bad").image("bad:1")).behaviour("bad:1", Behaviour::Missing).start();
    let rejected = sim.tasks("bad").into_iter().find(|t| state(t).0 == "rejected").unwrap();
    assert_eq!(text(&rejected, "/Status/Err"), "No such image: bad:1");
}

#[tokio::test]
async fn jobs_complete_and_run_again_when_they_are_forced() {
    let sim = five().service(service("batch").job(3)).start();
    let status = |all: Value| all[0]["ServiceStatus"].clone();
    assert_eq!(status(get(&sim, "/services?status=1").await)["CompletedTasks"], 3);
    let now = get(&sim, "/services/batch").await;
    let mut spec = now["Spec"].clone();
    spec["TaskTemplate"]["ForceUpdate"] = json!(1);
    call(&sim, "POST", &format!("/services/batch/update?version={}", now["Version"]["Index"]), spec).await;
    assert_eq!(get(&sim, "/services/batch").await["JobStatus"]["JobIteration"]["Index"], 1);
    assert_eq!(status(get(&sim, "/services?status=1").await)["CompletedTasks"], 0);
    assert!(sim.settle());
    assert_eq!(status(get(&sim, "/services?status=1").await)["CompletedTasks"], 3);
}

#[test]
fn a_removed_services_tasks_linger_before_they_go() {
    let sim = five().service(web(2)).start();
    sim.remove_service("web");
    let count = || sim.look(|s| s.world.tasks.len());
    assert_eq!((sim.services().len(), count()), (0, 2));
    assert!(sim.advance_until(Duration::from_secs(10), |_| count() == 0));
}

#[test]
fn a_big_swarm_has_as_many_tasks_as_it_was_told() {
    let sim = Scenario::big(1000, 10_000).start();
    assert_eq!(sim.look(|s| (s.world.services.len(), s.world.tasks.len())), (1000, 10_000));
    assert!(sim.look(|s| s.world.is_settled()));
}
