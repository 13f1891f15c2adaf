//! Deploys that break off: at each write, in each way. The next one ends where an undisturbed one does.

use quarterdeck::action::{How, JobState};
use quarterdeck::plan::Options;
use quarterdeck::sim::{Behaviour, Fault, Scenario};
use quarterdeck::stack::Wish;
use serde_json::json;

use super::desk::{Desk, desk};
use super::wish::{config, edit, image, stack};

fn first() -> Wish {
    stack("shop", &[("web", "nginx:1"), ("db", "postgres:16"), ("old", "old:1")])
}

/// Everything at once: something new, something rolled, something in place, something gone.
fn second() -> Wish {
    let mut wish = stack("shop", &[("web", "nginx:2"), ("db", "postgres:16"), ("new", "new:1")]);
    config(&mut wish, "listen 81");
    edit(&mut wish, "db", "/Labels/owner", json!("me"));
    wish
}

fn rotating() -> How {
    How { options: Options { rotate: true, ..Options::default() }, ..How::default() }
}

async fn deploy(desk: &Desk, wish: &Wish) -> JobState {
    let id = desk.begin(wish, rotating()).await;
    desk.ended(id).await.state
}

#[tokio::test(start_paused = true)]
async fn whatever_breaks_off_is_finished_by_the_next_one() {
    let undisturbed = desk(Scenario::new()).await;
    undisturbed.done(&first()).await;
    undisturbed.sim.forget_requests();
    assert_eq!(deploy(&undisturbed, &second()).await, JobState::Done);
    let expected = undisturbed.end_state("shop").await;
    let writes = undisturbed.sim.writes().len();
    assert!(writes >= 6, "{writes}");
    type Harm = fn(Fault) -> Fault;
    // Refused, and done with the answer lost.
    let harms: [Harm; 2] = [|fault| fault.status(500, "no disk left"), Fault::cut_body];
    for harm in harms {
        for at in 0..writes {
            let desk = desk(Scenario::new()).await;
            desk.done(&first()).await;
            // Faults are ordered by method; writes are POST first and DELETE last.
            let posts = undisturbed.sim.writes().iter().filter(|seen| seen.method == "POST").count();
            let (on, skip) = if at < posts { ("POST", at) } else { ("DELETE", at - posts) };
            desk.sim.fault(harm(Fault::on(on)).after(skip).once());
            let state = deploy(&desk, &second()).await;
            desk.sim.clear_faults();
            if let JobState::Failed(fault) = &state {
                let said = fault.to_string();
                assert!(said.contains("are done and stay") && said.contains("not done: "), "{said}");
                assert_eq!(deploy(&desk, &second()).await, JobState::Done, "{on} {skip}");
            }
            assert_eq!(desk.end_state("shop").await, expected, "{on} {skip}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_after_and_nothing_is_written_twice() {
    let desk = desk(Scenario::new()).await;
    for call in ["POST /networks", "POST /secrets", "POST /configs", "POST /services/create"] {
        desk.sim.fault(Fault::on(call).cut_body().once());
    }
    let job = desk.deploy(&first()).await;
    assert_eq!(job.state, JobState::Done, "{job:#?}");
    let creates = desk.sim.writes().len();
    assert_eq!(creates, 6, "{:?}", desk.sim.writes().iter().map(|seen| seen.path.clone()).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_changed_since_the_plan_was_shown_stops_it_before_it_writes() {
    let desk = desk(Scenario::new()).await;
    desk.done(&first()).await;
    let (drawn, prepared) = desk.drawn(&second(), rotating().options).await;
    desk.sim.update_image("shop_db", "postgres:17");
    desk.sim.forget_requests();
    let wish = desk.handle.keep(prepared);
    let action = quarterdeck::action::Action::Deploy { plan: std::sync::Arc::new(drawn.plan), wish, how: rotating() };
    let id = desk.handle.submit(action).unwrap();
    let JobState::Failed(fault) = desk.ended(id).await.state else { panic!() };
    let said = fault.to_string();
    assert!(said.contains("not as it was when the plan was shown") && said.contains("nothing was written"), "{said}");
    assert!(said.contains("shop_db"), "{said}");
    assert!(desk.sim.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_conflict_is_read_again_and_written_only_if_the_plan_is_still_the_same() {
    let conflict =
        || Fault::on("POST /services/").status(500, "rpc error: code = Unknown desc = update out of sequence").once();
    let desk = desk(Scenario::new()).await;
    let mut wish = first();
    desk.done(&wish).await;
    image(&mut wish, "web", "nginx:2");
    // Nobody changed anything that counts: it is written on top.
    desk.sim.fault(conflict());
    desk.done(&wish).await;
    assert!(desk.sim.service("shop_web").unwrap()["Spec"].to_string().contains("nginx:2@"));
}

#[tokio::test(start_paused = true)]
async fn told_to_stop_it_stops_between_two_steps_and_says_what_is_left() {
    let desk = desk(Scenario::new()).await;
    let mut wish = first();
    // One after the other, so that there is a between.
    wish.services[0].after = vec!["db".into()];
    wish.services[1].after = vec!["old".into()];
    let id = desk.begin(&wish, How::default()).await;
    let mut board = desk.handle.board.clone();
    board
        .until(|board| {
            board.job(id).is_some_and(|job| job.steps.iter().any(|step| step.detail.contains("watched for")))
        })
        .await
        .unwrap();
    desk.handle.cancel_all(vec![id]);
    let JobState::Cancelled { done, left } = desk.ended(id).await.state else { panic!() };
    // What was only waited for is not done.
    assert_eq!((done, left), (3, 3));
    assert_eq!(desk.sim.services(), ["shop_old"]);
    desk.done(&wish).await;
}

#[tokio::test(start_paused = true)]
async fn contents_of_secrets_lie_neither_on_the_board_nor_in_what_is_told() {
    let desk = desk(Scenario::new()).await;
    desk.sim.fault(Fault::on("POST /secrets").status(400, "no").once());
    let job = desk.deploy(&first()).await;
    assert!(matches!(job.state, JobState::Failed(_)));
    let told = format!("{:?}", desk.handle.board.latest());
    assert!(!told.contains("hunter2") && !told.contains("aHVudGVyMg"), "{told}");
    desk.done(&first()).await;
}

#[tokio::test(start_paused = true)]
async fn a_teardown_that_broke_off_is_finished_by_the_next_one() {
    for call in ["DELETE /services", "DELETE /secrets", "DELETE /configs", "DELETE /networks"] {
        let desk = desk(Scenario::new()).await;
        desk.done(&first()).await;
        desk.sim.fault(Fault::on(call).status(500, "no disk left").once());
        let job = desk.teardown("shop").await;
        let JobState::Failed(fault) = &job.state else { panic!("{call}: {job:#?}") };
        assert!(fault.to_string().contains("not done: "), "{fault}");
        assert_eq!(desk.teardown("shop").await.state, JobState::Done);
        assert!(desk.end_state("shop").await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_one_shot_of_its_stack_is_about_to_make_is_waited_for() {
    let words = "invalid mount config for type \"bind\": bind source path does not exist: /srv/shop/secrets/word";
    let minutes = std::time::Duration::from_secs(120);
    let scenario = Scenario::new().behaviour("web:1", Behaviour::Refused(words.to_owned()));
    let desk = desk(scenario.behaviour("op:1", Behaviour::OneShot(minutes))).await;
    let mut wish = stack("shop", &[("web", "web:1"), ("secrets", "op:1")]);
    edit(&mut wish, "secrets", "/Mode", json!({"ReplicatedJob": {"MaxConcurrent": 1, "TotalCompletions": 1}}));
    edit(&mut wish, "secrets", "/UpdateConfig", json!(null));
    let id = desk.begin(&wish, How::default()).await;
    tokio::time::sleep(minutes).await;
    desk.sim.behave("web:1", Behaviour::Healthy);
    assert_eq!(desk.ended(id).await.state, JobState::Done);
    // One that has ended makes nothing any more.
    let other = self::desk(Scenario::new().behaviour("web:1", Behaviour::Refused(words.to_owned()))).await;
    other.sim.behave("op:1", Behaviour::OneShot(std::time::Duration::from_secs(1)));
    let state = other.deploy(&wish).await.state;
    assert!(format!("{state:?}").contains("no node that may run it takes it"), "{state:?}");
}

/// What ends after two minutes is no reason to fail.
async fn it_is_waited_for(behaviour: Behaviour) {
    let desk = desk(Scenario::new().behaviour("late:1", behaviour)).await;
    let id = desk.begin(&stack("shop", &[("web", "late:1")]), How::default()).await;
    tokio::time::sleep(std::time::Duration::from_secs(120)).await;
    desk.sim.behave("late:1", Behaviour::Healthy);
    assert_eq!(desk.ended(id).await.state, JobState::Done);
}

#[tokio::test(start_paused = true)]
async fn an_image_that_is_nowhere_is_not_waited_for_and_one_whose_registry_is_away_is() {
    let desk = desk(Scenario::new().unknown_image("nowhere:1").behaviour("nowhere:1", Behaviour::Missing)).await;
    let began = tokio::time::Instant::now();
    let JobState::Failed(fault) = desk.deploy(&stack("shop", &[("web", "nowhere:1")])).await.state else { panic!() };
    let told = fault.to_string();
    assert!(told.contains("its image nowhere:1 is nowhere to be had") && told.contains("No such image"), "{told}");
    assert!(told.contains("its registry says so too"), "{told}");
    assert!(began.elapsed() < std::time::Duration::from_secs(300), "{:?}", began.elapsed());
    // No node gets it for a while, but its registry has it: it is waited for, and comes.
    it_is_waited_for(Behaviour::Missing).await;
}

#[tokio::test(start_paused = true)]
async fn what_every_machine_refuses_for_what_it_lacks_is_not_waited_for() {
    let words = "invalid mount config for type \"bind\": bind source path does not exist: /dev/dri";
    let desk = desk(Scenario::new().behaviour("film:1", Behaviour::Refused(words.to_owned()))).await;
    let began = tokio::time::Instant::now();
    let JobState::Failed(fault) = desk.deploy(&stack("shop", &[("web", "film:1")])).await.state else { panic!() };
    let told = fault.to_string();
    assert!(told.contains("no node that may run it takes it") && told.contains("/dev/dri"), "{told}");
    assert!(began.elapsed() < std::time::Duration::from_secs(300), "{:?}", began.elapsed());
    // A network that a machine only has not heard of yet is waited for.
    let words = "invalid config for network shop_default: no configured subnet contains the address";
    it_is_waited_for(Behaviour::Refused(words.to_owned())).await;
}

#[tokio::test(start_paused = true)]
async fn told_to_stop_while_it_only_waits_it_ends_at_once_and_the_swarm_goes_on() {
    let desk = desk(Scenario::new()).await;
    let mut wish = stack("shop", &[("web", "nginx:1")]);
    edit(&mut wish, "web", "/TaskTemplate/Placement", json!({"Constraints": ["node.labels.no==where"]}));
    let id = desk.begin(&wish, How::default()).await;
    let mut board = desk.handle.board.clone();
    let waits = |job: &quarterdeck::action::Job| {
        job.steps.iter().any(|step| step.name == "shop_web" && step.detail.contains("waits for a node"))
    };
    board.until(|board| board.job(id).is_some_and(waits)).await.unwrap();
    let began = tokio::time::Instant::now();
    desk.handle.cancel_all(vec![id]);
    let job = desk.ended(id).await;
    assert!(began.elapsed() < std::time::Duration::from_secs(1), "{:?}", began.elapsed());
    assert!(matches!(job.state, JobState::Cancelled { left: 1, .. }), "{job:#?}");
    let step = job.steps.iter().find(|step| step.name == "shop_web").unwrap();
    assert!(step.detail.contains("the swarm goes on with it"), "{step:?}");
    assert_eq!(desk.sim.services(), ["shop_web"]);
}
