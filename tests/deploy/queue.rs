//! Jobs that stand behind others: who waits for whom, who is skipped, and what a thousand of them cost.

use std::sync::Arc;
use std::time::Instant;

use quarterdeck::action::{Action, How, JobId, JobState, Pinned, Scope, Shot};
use quarterdeck::hub::After;
use quarterdeck::model::{NodeId, ServiceId, Version};
use quarterdeck::plan::{Options, Plan};
use quarterdeck::sim::{Fault, Scenario};

use super::desk::{Desk, desk};
use super::wish::stack;

/// A job that has nothing to do and ends well.
fn idle(name: &str) -> Action {
    Action::Redeploy { scope: Scope::Stack(name.to_owned()), services: Vec::new() }
}

async fn deploy(desk: &Desk, name: &str) -> Action {
    let (drawn, prepared) = desk.drawn(&stack(name, &[("web", "nginx:1")]), Options::default()).await;
    Action::Deploy { plan: Arc::new(drawn.plan), wish: desk.handle.keep(prepared), how: How::default() }
}

fn state(desk: &Desk, id: JobId) -> JobState {
    desk.handle.board.latest().job(id).unwrap().state.clone()
}

#[tokio::test(start_paused = true)]
async fn a_job_waits_for_those_it_stands_on_and_is_skipped_when_one_fails() {
    let desk = desk(Scenario::new()).await;
    desk.sim.fault(Fault::on("POST /networks").status(500, "no disk left").once());
    let first = desk.handle.submit(deploy(&desk, "db").await).unwrap();
    let second = desk.handle.submit_after(deploy(&desk, "web").await, vec![first]).unwrap();
    let third = desk.handle.submit_after(idle("far"), vec![second]).unwrap();
    let mut batch = desk.handle.batch();
    let anyway = batch.add(idle("anyway"), After { over: vec![first], ..After::default() });
    desk.handle.submit_all(batch).unwrap();
    assert_eq!(desk.ended(anyway).await.state, JobState::Done);
    let JobState::Skipped { because } = desk.ended(third).await.state else { panic!("{:?}", state(&desk, third)) };
    assert!(
        because.starts_with("blocked by deploy stack db, because ") && because.contains("no disk left"),
        "{because}"
    );
    assert!(matches!(state(&desk, second), JobState::Skipped { .. }));
    assert_eq!(desk.sim.services(), [""; 0]);
    assert!(desk.sim.writes().iter().all(|seen| !seen.path.contains("services")), "nothing was asked for web");
    // What is over already is looked at as well.
    let late = desk.handle.submit_after(idle("late"), vec![first]).unwrap();
    assert!(matches!(desk.ended(late).await.state, JobState::Skipped { .. }));
}

#[tokio::test(start_paused = true)]
async fn what_is_cancelled_takes_along_what_stands_on_it() {
    let desk = desk(Scenario::new()).await;
    let first = desk.handle.submit(deploy(&desk, "db").await).unwrap();
    let second = desk.handle.submit_after(deploy(&desk, "web").await, vec![first]).unwrap();
    let third = desk.handle.submit_after(idle("far"), vec![second]).unwrap();
    let mut board = desk.handle.board.clone();
    board.until(|board| board.job(third).is_some()).await.unwrap();
    assert_eq!(state(&desk, second), JobState::Waiting { behind: "deploy stack db".to_owned() });
    desk.handle.cancel_all(vec![second]);
    let JobState::Skipped { because } = desk.ended(third).await.state else { panic!() };
    assert_eq!(because, "blocked by deploy stack web, because it was cancelled");
    assert_eq!(desk.ended(first).await.state, JobState::Done);
}

#[tokio::test(start_paused = true)]
async fn a_newer_wish_replaces_the_one_that_waits_but_not_one_that_others_wait_for() {
    let desk = desk(Scenario::new()).await;
    let busy = desk.handle.submit(deploy(&desk, "db").await).unwrap();
    let old = desk.handle.submit_after(idle("web"), vec![busy]).unwrap();
    let new = desk.handle.submit_after(idle("web"), vec![busy]).unwrap();
    let behind = desk.handle.submit_after(idle("far"), vec![new]).unwrap();
    let newest = desk.handle.submit(idle("web")).unwrap();
    for id in [new, behind, newest] {
        assert_eq!(desk.ended(id).await.state, JobState::Done);
    }
    assert_eq!(state(&desk, old), JobState::Cancelled { done: 0, left: 0 });
}

#[tokio::test(start_paused = true)]
async fn what_is_called_alike_is_not_the_same_thing_and_another_number_is() {
    let desk = desk(Scenario::new()).await;
    let busy = desk.handle.submit(deploy(&desk, "db").await).unwrap();
    let undo = |of: &str| Action::Undo {
        of: vec![of.into()],
        title: "undo scale web to 3".into(),
        plan: Arc::new(Plan { stack: "web".into(), ..Plan::default() }),
    };
    let shots = |name: &str| {
        let shot = |at: u64| Shot { node: NodeId::new("n"), host: "h".into(), dataset: format!("{name}{at}") };
        Action::Snapshot { shots: vec![shot(1), shot(2)], name: "now".into() }
    };
    let scale = |name: &str, to: u64| {
        let (id, name, stack) = (ServiceId::new(name), name.to_owned(), "web".to_owned());
        Action::Scale { service: Pinned { id, name, version: Version(1), tasks: 1, stack }, from: 1, to }
    };
    let after = |action| desk.handle.submit_after(action, vec![busy]).unwrap();
    let pairs = [
        (undo("a"), undo("b"), false),
        (shots("a"), shots("b"), false),
        (scale("a", 3), scale("b", 3), false),
        (scale("c", 3), scale("c", 5), true),
    ];
    for (first, second, replaces) in pairs {
        let title = first.title();
        let (first, second) = (after(first), after(second));
        let mut board = desk.handle.board.clone();
        let board = board.until(|board| board.job(second).is_some()).await.unwrap();
        assert_eq!(board.job(first).unwrap().state.is_over(), replaces, "{title}");
    }
}

#[tokio::test(start_paused = true)]
async fn four_deploys_run_at_once_and_no_more() {
    let desk = desk(Scenario::new()).await;
    let mut ids = Vec::new();
    for number in 0..6 {
        ids.push(desk.handle.submit(deploy(&desk, &format!("s{number}")).await).unwrap());
    }
    let mut board = desk.handle.board.clone();
    board.until(|board| ids.iter().all(|id| board.job(*id).is_some())).await.unwrap();
    assert_eq!(board.latest().counts(), (4, 2, 0));
    assert_eq!(state(&desk, ids[5]), JobState::Waiting { behind: "4 other deploys".to_owned() });
    let other = desk.handle.submit(idle("else")).unwrap();
    assert_eq!(desk.ended(other).await.state, JobState::Done, "another job needs no deploy's hand");
    let most = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    board
        .until(|board| {
            most.fetch_max(board.counts().0, std::sync::atomic::Ordering::Relaxed);
            ids.iter().all(|id| board.job(*id).is_none_or(|job| job.state.is_over()))
        })
        .await
        .unwrap();
    assert_eq!(most.load(std::sync::atomic::Ordering::Relaxed), 4);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_actions_are_taken_at_once_and_worked_off_without_growth() {
    let desk = desk(Scenario::new()).await;
    let mut batch = desk.handle.batch();
    let mut last = None;
    for number in 0..1000 {
        let after = After { well: last.into_iter().collect(), over: Vec::new() };
        last = Some(batch.add(idle(&format!("s{number}")), after));
    }
    let began = Instant::now();
    desk.handle.submit_all(batch).unwrap();
    let last = last.unwrap();
    let mut board = desk.handle.board.clone();
    let all = board.until(|board| board.job(last).is_some_and(|job| job.state.is_over())).await.unwrap();
    println!("1,000 actions, each behind the one before: {:?}", began.elapsed());
    assert_eq!(all.job(last).unwrap().state, JobState::Done);
    assert!(all.jobs.len() <= 201, "{} jobs are kept", all.jobs.len());
    // The room is given back: as many again are taken, and more than there is room for are refused whole.
    let mut again = desk.handle.batch();
    (0..4096).for_each(|number| _ = again.add(idle(&format!("s{number}")), After::default()));
    desk.handle.submit_all(again).unwrap();
    let mut more = desk.handle.batch();
    (0..4096).for_each(|number| _ = more.add(idle(&format!("t{number}")), After::default()));
    assert!(desk.handle.submit_all(more).unwrap_err().what.contains("the queue is full"));
}
