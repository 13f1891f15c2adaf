//! Two consoles and one stack: one wins, the other one says who; and a holder who is gone is passed over only if asked.

use std::sync::Arc;
use std::time::Duration;

use quarterdeck::action::{Action, How, JobId, JobState};
use quarterdeck::clock::FixedClock;
use quarterdeck::hub::{self, Handle, Hub, Means, Seams};
use quarterdeck::jobs::{Guard, Locks, Registries};
use quarterdeck::journal::{Author, Journal};
use quarterdeck::model::Picture;
use quarterdeck::platform::Checkout;
use quarterdeck::sim::{Fault, Scenario};
use serde_json::json;

use super::desk::{Desk, desk_of};
use super::wish::{edit, stack};

fn author(user: &str) -> Journal {
    Journal::in_memory(Author { user: user.into(), host: format!("{user}-laptop"), ..Author::default() })
}

async fn locked(locks: Locks) -> Desk {
    let checkout = Checkout::without_files(Arc::default());
    desk_of(Scenario::new(), Registries::default(), checkout, (Seams::default(), author("ann"), locks)).await
}

/// Another console on the same swarm.
async fn other(desk: &Desk, locks: Locks) -> (Handle, Hub) {
    let means = Means {
        engine: desk.engine.clone(),
        fleet: desk.fleet.clone(),
        checkout: Checkout::without_files(Arc::default()),
        registries: Registries::default(),
        journal: author("bob"),
        locks,
        guard: Guard::default(),
    };
    let (handle, hub) = hub::begin(means, Arc::new(FixedClock(desk.sim.now())));
    let mut swarm = handle.swarm.clone();
    swarm.until(|picture: &Picture| picture.swarm.known && picture.swarm.link.is_live()).await.unwrap();
    (handle, hub)
}

async fn ended(handle: &Handle, id: JobId) -> JobState {
    let mut board = handle.board.clone();
    let board = board.until(|board| board.job(id).is_some_and(|job| job.state.is_over())).await.unwrap();
    board.job(id).unwrap().state.clone()
}

fn locks_of(desk: &Desk) -> usize {
    let made = |seen: &&quarterdeck::sim::Seen| {
        seen.path.starts_with("/configs/create") && seen.json()["Name"].to_string().contains("quarterdeck-lock")
    };
    desk.sim.writes().iter().filter(made).count()
}

#[tokio::test(start_paused = true)]
async fn of_two_consoles_that_deploy_one_stack_one_wins_and_the_other_says_who() {
    let desk = locked(Locks::Held).await;
    let wish = stack("shop", &[("web", "nginx:1")]);
    let (bob, _hub) = other(&desk, Locks::Held).await;
    let (drawn, prepared) = desk.drawn(&wish, How::default().options).await;
    let first = desk.begin(&wish, How::default()).await;
    let kept = bob.keep(prepared);
    let second = bob.submit(Action::Deploy { plan: Arc::new(drawn.plan), wish: kept, how: How::default() }).unwrap();
    let (ann, bobs) = (desk.ended(first).await.state, ended(&bob, second).await);
    let (JobState::Failed(fault), loser) = (match (&ann, &bobs) {
        (JobState::Done, failed) => (failed.clone(), "ann@ann-laptop"),
        (failed, JobState::Done) => (failed.clone(), "bob@bob-laptop"),
        both => panic!("{both:#?}"),
    }) else {
        panic!("nobody lost")
    };
    let told = fault.to_string();
    for words in [loser, "stack shop", "deploy stack shop", "was heard of", "nothing was written"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert_eq!(locks_of(&desk), 2);
    // It was given back, and stands in nobody's plan.
    assert!(desk.plan(&wish).await.is_empty());
    assert!(desk.end_state("shop").await.keys().all(|name| !name.contains("lock")));
    desk.done(&{
        let mut later = wish.clone();
        edit(&mut later, "web", "/Labels/owner", json!("me"));
        later
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_lock_of_a_console_that_is_gone_is_taken_only_by_who_says_so() {
    let desk = locked(Locks::Held).await;
    let wish = stack("shop", &[("web", "nginx:1")]);
    // A console that took the lock and was never heard of again.
    let labels = json!({"quarterdeck.lock.owner": "eve@old-laptop", "quarterdeck.lock.token": "x", "quarterdeck.lock.what": "deploy stack shop"});
    let body = json!({"Name": "quarterdeck-lock-stack-shop", "Data": "LQ==", "Labels": labels});
    desk.engine.post_json("/configs/create", &body).await.unwrap();
    let JobState::Failed(fault) = desk.deploy(&wish).await.state else { panic!() };
    assert!(fault.mend.contains("wait until eve@old-laptop is done"), "{fault}");
    tokio::time::sleep(Duration::from_secs(90)).await;
    let JobState::Failed(fault) = desk.deploy(&wish).await.state else { panic!() };
    assert!(fault.mend.contains("--steal-lock") && fault.to_string().contains("not heard of"), "{fault}");
    assert!(desk.sim.services().is_empty());
    desk.handle.may_take_over(quarterdeck::action::Lane("stack shop".into()));
    desk.done(&wish).await;
}

#[tokio::test(start_paused = true)]
async fn a_holder_who_moves_is_there_whatever_the_clocks_say() {
    let desk = locked(Locks::Stolen).await;
    let labels = |beat: &str| json!({"quarterdeck.lock.owner": "eve@old-laptop", "quarterdeck.lock.token": "x", "quarterdeck.lock.what": "y", "quarterdeck.lock.beat": beat});
    let body = |beat: &str| json!({"Name": "quarterdeck-lock-stack-shop", "Data": "LQ==", "Labels": labels(beat)});
    let made = desk.engine.post_json("/configs/create", &body("0")).await.unwrap();
    let id = made["ID"].as_str().unwrap().to_owned();
    tokio::time::sleep(Duration::from_secs(90)).await;
    let job = desk.begin(&stack("shop", &[("web", "nginx:1")]), How::default()).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let steps = desk.handle.board.latest().job(job).unwrap().steps.clone();
    assert!(steps[0].name == "lock" && steps[0].detail.contains("eve@old-laptop"), "{steps:#?}");
    let there = desk.engine.get_json(&format!("/configs/{id}")).await.unwrap();
    let path = format!("/configs/{id}/update?version={}", there["Version"]["Index"]);
    desk.engine.post_json(&path, &body("1")).await.unwrap();
    let JobState::Failed(fault) = desk.ended(job).await.state else { panic!() };
    assert!(fault.to_string().contains("wait until eve@old-laptop is done"), "{fault}");
    assert!(desk.sim.services().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_lock_whose_giving_back_was_lost_holds_up_nobody() {
    let desk = locked(Locks::Held).await;
    desk.sim.fault(Fault::on("DELETE /configs").status(500, "rpc error: code = Unavailable desc = the swarm votes"));
    desk.done(&stack("shop", &[("web", "nginx:1")])).await;
    desk.sim.clear_faults();
    desk.done(&stack("shop", &[("web", "nginx:2")])).await;
    // And a request that was lost on its way is sent again.
    desk.sim.fault(Fault::on("DELETE /configs").cut().once());
    desk.done(&stack("shop", &[("web", "nginx:3")])).await;
    let names = desk.engine.get_json("/configs").await.unwrap().to_string();
    assert!(!names.contains("quarterdeck-lock"), "{names}");
}

#[tokio::test(start_paused = true)]
async fn a_holder_says_that_it_is_there_as_long_as_its_job_goes_on() {
    let desk = locked(Locks::Held).await;
    let mut wish = stack("shop", &[("web", "nginx:1")]);
    // No node fits: the job waits for as long as it has patience.
    edit(&mut wish, "web", "/TaskTemplate/Placement", json!({"Constraints": ["node.labels.no==where"]}));
    let id = desk.begin(&wish, How { patience: Some(Duration::from_secs(150)), ..How::default() }).await;
    tokio::time::sleep(Duration::from_secs(100)).await;
    let (bob, _hub) = other(&desk, Locks::Stolen).await;
    let (drawn, prepared) = desk.drawn(&wish, How::default().options).await;
    let mut plan = drawn.plan;
    plan.changes.iter_mut().for_each(|change| change.effect = quarterdeck::plan::Effect::Create);
    let kept = bob.keep(prepared);
    let second = bob.submit(Action::Deploy { plan: Arc::new(plan), wish: kept, how: How::default() }).unwrap();
    let JobState::Failed(fault) = ended(&bob, second).await else { panic!() };
    assert!(fault.to_string().contains("was heard of"), "{fault}");
    assert!(matches!(desk.ended(id).await.state, JobState::Failed(_)));
}

#[tokio::test(start_paused = true)]
async fn a_swarm_that_takes_no_lock_is_told_and_nothing_is_written() {
    let desk = locked(Locks::Held).await;
    desk.sim.fault(Fault::on("POST /configs").status(503, "rpc error: The swarm does not have a leader"));
    let wish = stack("shop", &[("web", "nginx:1")]);
    let JobState::Failed(fault) = desk.deploy(&wish).await.state else { panic!() };
    assert!(fault.to_string().contains("the lock of its lane could not be taken"), "{fault}");
    assert!(desk.sim.services().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_deploy_leaves_its_record_on_services_and_the_plan_stays_empty() {
    let desk = locked(Locks::Held).await;
    let wish = stack("shop", &[("web", "nginx:1")]);
    desk.done(&wish).await;
    let service = desk.sim.service("shop_web").unwrap();
    let labels = &service["Spec"]["Labels"];
    assert_eq!(labels["quarterdeck.by"], "ann@ann-laptop");
    let deed = desk.journal.read().unwrap().deeds[0].begun.job.clone();
    assert_eq!(labels["quarterdeck.deed"], json!(deed));
    assert!(!service["Spec"]["TaskTemplate"].to_string().contains("quarterdeck."), "{service}");
    assert!(desk.plan(&wish).await.is_empty());
}
