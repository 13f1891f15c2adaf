//! What the journal says of jobs, what is refused when it takes no line, and what an undo brings back.

use std::os::unix::fs::symlink;
use std::sync::Arc;

use quarterdeck::action::undo::{last_converged, undo};
use quarterdeck::action::{Action, Board, Commit, History, How, Job, JobId, JobState, Kept, Scope, scale};
use quarterdeck::hub::Rest;
use quarterdeck::jobs::{Registries, truth};
use quarterdeck::journal::{Author, Journal};
use quarterdeck::plan::{Plan, Thing};
use quarterdeck::sim::{Fault, Scenario, service};
use quarterdeck::stack::Wish;
use serde_json::{Value, json};

use super::desk::{Desk, desk, desk_with};
use super::wish::{config, edit, image, stack};

fn shop() -> Wish {
    stack("shop", &[("web", "nginx:1"), ("db", "postgres:16"), ("old", "old:1")])
}

fn later() -> Wish {
    let mut wish = stack("shop", &[("web", "nginx:2"), ("db", "postgres:16"), ("new", "new:1")]);
    edit(&mut wish, "db", "/Labels/owner", json!("me"));
    wish
}

fn history(desk: &Desk) -> History {
    desk.journal.read().unwrap()
}

fn swarm(desk: &Desk) -> String {
    desk.handle.swarm.latest().swarm.cluster.id.clone()
}

/// The specs of all services of the stack, as the swarm has them.
async fn specs(desk: &Desk) -> Vec<(String, Value)> {
    let truth = truth::swarm(&desk.engine).await.unwrap();
    let mut specs: Vec<(String, Value)> = truth
        .services
        .iter()
        .map(|live| (live["Spec"]["Name"].as_str().unwrap().to_owned(), live["Spec"].clone()))
        .collect();
    specs.sort_by(|a, b| a.0.cmp(&b.0));
    specs
}

async fn take_back(desk: &Desk, key: Option<&str>) -> Job {
    let back = undo(&history(desk), key, &swarm(desk)).unwrap();
    let (plan, action) = desk.handle.take_back(&back).await.unwrap();
    let action = action.unwrap_or_else(|| panic!("{plan:#?}"));
    let id = desk.handle.submit(action).unwrap();
    desk.ended(id).await
}

#[tokio::test(start_paused = true)]
async fn a_deed_is_written_down_with_who_why_and_what_and_without_a_value() {
    let folder = tempfile::tempdir().unwrap();
    let commit = Commit { id: "77ab0123".into(), dirty: false };
    let author = Author {
        user: "ann".into(),
        host: "ching".into(),
        why: "a newer image".into(),
        commit: Arc::new(move || Some(commit.clone())),
    };
    let journal = Journal::in_folder(folder.path().join("journal"), author);
    let desk = desk_with(Scenario::new(), Registries::default(), journal).await;
    let mut wish = shop();
    edit(&mut wish, "web", "/TaskTemplate/ContainerSpec/Env", json!(["COLOUR=mauve-and-pink"]));
    // An engine that repeats what it was given.
    desk.sim.fault(Fault::on("POST /secrets").status(400, "hunter2 is no secret, mauve-and-pink is no colour").once());
    assert!(matches!(desk.deploy(&wish).await.state, JobState::Failed(_)));
    desk.done(&wish).await;
    let history = history(&desk);
    let [done, failed] = history.deeds.as_slice() else { panic!("{history:#?}") };
    assert_eq!((done.outcome(), failed.outcome()), ("done", "failed"));
    let begun = &done.begun;
    assert_eq!((begun.kind.as_str(), begun.what.as_str()), ("deploy", "deploy stack shop"));
    assert_eq!((begun.who.as_str(), begun.why.as_str()), ("ann@ching", "a newer image"));
    assert_eq!(begun.commit.as_ref().unwrap().id, "77ab0123");
    assert_eq!(begun.swarm, swarm(&desk));
    assert!(
        begun.changes.iter().any(|change| (change.name.as_str(), change.effect.as_str()) == ("shop_web", "create"))
    );
    assert!(done.end.as_ref().unwrap().steps.iter().any(|step| step.name == "shop_web" && step.state == "done"));
    let lines = std::fs::read_to_string(folder.path().join("journal/journal.jsonl")).unwrap();
    assert!(lines.contains("is no secret"), "{lines}");
    for value in ["hunter2", "aHVudGVyMg", "mauve-and-pink"] {
        assert!(!lines.contains(value), "{value} is in the journal:\n{lines}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_journal_takes_no_line_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("journal")).unwrap();
    symlink("/dev/full", folder.path().join("journal/journal.jsonl")).unwrap();
    let journal = Journal::in_folder(folder.path().join("journal"), Author::default());
    let desk = desk_with(Scenario::new(), Registries::default(), journal).await;
    desk.sim.forget_requests();
    let JobState::Failed(fault) = desk.deploy(&shop()).await.state else { panic!() };
    let told = fault.to_string();
    assert!(told.contains("was not begun") && told.contains("No space left"), "{told}");
    assert!(desk.sim.writes().is_empty(), "{:?}", desk.sim.writes());
}

#[tokio::test(start_paused = true)]
async fn an_undone_deploy_leaves_every_spec_as_it_was_byte_for_byte() {
    let desk = desk(Scenario::new()).await;
    desk.done(&shop()).await;
    let before = specs(&desk).await;
    desk.done(&later()).await;
    assert_ne!(specs(&desk).await, before);
    let job = take_back(&desk, None).await;
    assert_eq!(job.state, JobState::Done, "{job:#?}");
    assert_eq!(specs(&desk).await, before);
    // And the undo is itself a deed that can be undone.
    let after = take_back(&desk, None).await;
    assert_eq!(after.state, JobState::Done, "{after:#?}");
    assert!(specs(&desk).await.iter().any(|(name, _)| name == "shop_new"));
}

#[tokio::test(start_paused = true)]
async fn scale_and_redeploy_are_undone() {
    let desk = desk(Scenario::new()).await;
    desk.done(&shop()).await;
    let before = specs(&desk).await;
    let picture = desk.handle.swarm.latest();
    let scale = quarterdeck::action::scale::service(&picture, "shop_web", 4).unwrap().unwrap();
    let redeploy = quarterdeck::action::redeploy::stack(&picture, "shop").unwrap().action;
    for action in [scale, redeploy] {
        let mut swarm = desk.handle.swarm.clone();
        let mut action = action;
        // Pinned as it is now: the deed before has moved the versions.
        if matches!(action, Action::Redeploy { .. }) {
            swarm.changed().await.unwrap();
            action = quarterdeck::action::redeploy::stack(&desk.handle.swarm.latest(), "shop").unwrap().action;
        }
        let id = desk.handle.submit(action).unwrap();
        let job = desk.ended(id).await;
        assert_eq!(job.state, JobState::Done, "{job:#?}");
        assert_ne!(specs(&desk).await, before);
        let job = take_back(&desk, None).await;
        assert_eq!(job.state, JobState::Done, "{job:#?}");
        assert_eq!(specs(&desk).await, before);
    }
}

#[tokio::test(start_paused = true)]
async fn an_undo_of_an_undo_keeps_a_service_that_belongs_to_no_stack() {
    let desk = desk(Scenario::new().service(service("lone").image("lone:1").replicas(2))).await;
    let picture = desk.handle.swarm.latest();
    let id = desk.handle.submit(scale::service(&picture, "lone", 4).unwrap().unwrap()).unwrap();
    assert_eq!(desk.ended(id).await.state, JobState::Done);
    let after = specs(&desk).await;
    for _ in 0..2 {
        let job = take_back(&desk, None).await;
        assert_eq!(job.state, JobState::Done, "{job:#?}");
    }
    assert_eq!(specs(&desk).await, after);
}

#[tokio::test(start_paused = true)]
async fn what_a_deed_had_not_made_is_not_removed_by_its_undo() {
    let desk = desk(Scenario::new()).await;
    desk.sim.fault(Fault::on("POST /services/create").status(500, "no disk left").once());
    let wish = stack("shop", &[("web", "nginx:1")]);
    assert!(matches!(desk.deploy(&wish).await.state, JobState::Failed(_)));
    let failed = history(&desk).deeds[0].begun.job.clone();
    desk.done(&wish).await;
    let before = specs(&desk).await;
    let back = undo(&history(&desk), Some(&failed), &swarm(&desk)).unwrap();
    let (plan, _) = desk.handle.take_back(&back).await.unwrap();
    assert!(plan.work().all(|change| change.kind != Thing::Service), "{plan:#?}");
    assert!(format!("{:?}", plan.warnings).contains("was made later, by somebody else"), "{plan:#?}");
    assert_eq!(specs(&desk).await, before);
}

#[tokio::test(start_paused = true)]
async fn a_deed_that_kept_nothing_stands_in_no_ones_way() {
    let desk = desk(Scenario::new()).await;
    desk.done(&shop()).await;
    desk.done(&later()).await;
    let plan = Arc::new(Plan { stack: "shop".into(), ..Plan::default() });
    let deploy = Action::Deploy { plan, wish: Kept(0), how: How::default() };
    let (swarm, now) = (swarm(&desk), desk.handle.clock.now());
    // It broke off before anything was kept, and was let be.
    let begun = desk.journal.begin((JobId(99), &deploy), &swarm, now).unwrap();
    desk.handle.let_be(&begun.job).unwrap();
    let history = history(&desk);
    assert!(!history.deeds[0].may_be_undone() && history.deeds[1].may_be_undone());
    assert_eq!(undo(&history, None, &swarm).unwrap().of, [history.deeds[1].begun.job.clone()]);
    let back = last_converged(&history, "shop", &swarm);
    assert!(back.is_none_or(|back| !back.of.contains(&begun.job)));
}

#[tokio::test(start_paused = true)]
async fn what_the_end_of_the_program_stops_broke_off_and_what_waited_was_not_begun() {
    let desk = desk(Scenario::new()).await;
    let mut wish = shop();
    edit(&mut wish, "web", "/TaskTemplate/Placement", json!({"Constraints": ["node.labels.no==where"]}));
    let first = desk.begin(&wish, How::default()).await;
    let mut board = desk.handle.board.clone();
    let waits = |board: &Board| {
        board.job(first).is_some_and(|job| job.steps.iter().any(|s| s.name == "shop_web" && s.detail.contains("run")))
    };
    board.until(waits).await.unwrap();
    let idle = Action::Redeploy { scope: Scope::Stack("far".into()), services: Vec::new() };
    let second = desk.handle.submit_after(idle, vec![first]).unwrap();
    board.until(|board| board.job(second).is_some()).await.unwrap();
    desk.handle.stop.cancel();
    board.until(|board| board.job(first).is_some_and(|job| job.state.is_over())).await.unwrap();
    let told: Vec<(String, String)> =
        history(&desk).deeds.iter().map(|deed| (deed.begun.what.clone(), deed.outcome().to_owned())).collect();
    // This very process is still there: for any other the first one is interrupted.
    let said = [("redeploy stack far", "not begun"), ("deploy stack shop", "running")];
    assert_eq!(told, said.map(|(what, how)| (what.to_owned(), how.to_owned())));
}

#[tokio::test(start_paused = true)]
async fn volumes_that_a_teardown_was_to_take_are_shown_and_their_word_asked_before_it_is_finished() {
    use quarterdeck::action::prune::Sweep;
    let desk = desk(Scenario::new()).await;
    desk.done(&shop()).await;
    let node = desk.handle.swarm.latest().swarm.nodes.values().next().unwrap().clone();
    let name = node.hostname.clone();
    let volumes = vec![Sweep { id: node.id.clone(), name, kinds: Vec::new(), volumes: vec!["shop_data".into()] }];
    let action = Action::Teardown { plan: Arc::new(Plan { stack: "shop".into(), ..Plan::default() }), volumes };
    desk.journal.begin((JobId(99), &action), &swarm(&desk), desk.handle.clock.now()).unwrap();
    let Ok(Rest::Made(made)) = desk.handle.resume(&history(&desk).deeds[0]).await else { panic!() };
    let (plan, action) = *made;
    let told = format!("{:?}", plan.warnings);
    assert!(told.contains("shop_data") && told.contains(&node.hostname), "{told}");
    assert_eq!(action.unwrap().word(), Some("shop"));
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_changed_since_is_told_before_it_is_taken_back() {
    let desk = desk(Scenario::new()).await;
    desk.done(&shop()).await;
    let mut wish = shop();
    image(&mut wish, "web", "nginx:2");
    desk.done(&wish).await;
    desk.sim.update_image("shop_web", "nginx:3");
    let back = undo(&history(&desk), None, &swarm(&desk)).unwrap();
    let (plan, _) = desk.handle.take_back(&back).await.unwrap();
    let told: Vec<String> = plan.warnings.iter().map(ToString::to_string).collect();
    assert!(
        told.iter().any(|said| said.contains("shop_web was changed since") && said.contains("nginx:3")),
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_teardown_is_undone_as_far_as_an_engine_gives_things_away() {
    let desk = desk(Scenario::new()).await;
    let mut wish = shop();
    wish.secrets.clear();
    for key in ["web", "db", "old"] {
        edit(&mut wish, key, "/TaskTemplate/ContainerSpec/Secrets", Value::Null);
    }
    config(&mut wish, "listen 80");
    desk.done(&wish).await;
    let before = desk.end_state("shop").await;
    assert_eq!(desk.teardown("shop").await.state, JobState::Done);
    assert!(desk.end_state("shop").await.is_empty());
    let job = take_back(&desk, None).await;
    assert_eq!(job.state, JobState::Done, "{job:#?}");
    let names = |state: &std::collections::BTreeMap<String, String>| state.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&desk.end_state("shop").await), names(&before));
    // What no engine gives away is said.
    desk.done(&shop()).await;
    assert_eq!(desk.teardown("shop").await.state, JobState::Done);
    let back = undo(&history(&desk), None, &swarm(&desk)).unwrap();
    let (plan, action) = desk.handle.take_back(&back).await.unwrap();
    assert!(action.is_none());
    let told = format!("{:?}{:?}", plan.warnings, plan.faults);
    assert!(told.contains("no engine gives the content of a secret away"), "{told}");
    assert!(told.contains("the secret shop_key is gone"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_stack_goes_back_to_its_last_deploy_that_ended_well() {
    let desk = desk(Scenario::new()).await;
    let deploys = [("nginx:1", true), ("nginx:2", false), ("nginx:3", false)];
    let mut good = Vec::new();
    for (tag, ends_well) in deploys {
        let mut wish = shop();
        image(&mut wish, "web", tag);
        if !ends_well {
            edit(&mut wish, "db", "/Labels/tag", json!(tag));
            desk.sim.fault(Fault::on("POST /services/").status(500, "no disk left").after(1).once());
        }
        let job = desk.deploy(&wish).await;
        desk.sim.clear_faults();
        assert_eq!(job.state == JobState::Done, ends_well, "{job:#?}");
        if ends_well {
            good = specs(&desk).await;
        }
    }
    assert_ne!(specs(&desk).await, good);
    let back = last_converged(&history(&desk), "shop", &swarm(&desk)).unwrap();
    assert_eq!(back.of.len(), 2, "{back:?}");
    let (_, action) = desk.handle.take_back(&back).await.unwrap();
    let id = desk.handle.submit(action.unwrap()).unwrap();
    assert_eq!(desk.ended(id).await.state, JobState::Done);
    assert_eq!(specs(&desk).await, good);
}

#[tokio::test(start_paused = true)]
async fn a_rollback_is_undone_byte_for_byte() {
    let desk = desk(Scenario::new()).await;
    desk.done(&shop()).await;
    let mut wish = shop();
    image(&mut wish, "web", "nginx:2");
    desk.done(&wish).await;
    let before = specs(&desk).await;
    let mut swarm = desk.handle.swarm.clone();
    let has_way = |picture: &quarterdeck::model::Picture| {
        picture.swarm.services.values().any(|service| service.name == "shop_web" && service.has_previous)
    };
    let picture = swarm.until(has_way).await.unwrap();
    let id = picture.swarm.services.values().find(|service| service.name == "shop_web").unwrap().id.clone();
    let action = quarterdeck::action::rollback::service(&picture, &id).unwrap().action;
    let job = desk.handle.submit(action).unwrap();
    assert_eq!(desk.ended(job).await.state, JobState::Done);
    assert_ne!(specs(&desk).await, before);
    let job = take_back(&desk, None).await;
    assert_eq!(job.state, JobState::Done, "{job:#?}");
    assert_eq!(specs(&desk).await, before);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_undone_says_why() {
    use quarterdeck::action::prune::Sweep;
    use quarterdeck::model::Waste;
    let desk = desk(Scenario::new()).await;
    let node = desk.handle.swarm.latest().swarm.nodes.values().next().unwrap().clone();
    let sweep =
        |kinds: Vec<Waste>| Sweep { id: node.id.clone(), name: node.hostname.clone(), kinds, volumes: Vec::new() };
    let id = desk.handle.submit(Action::Prune { sweeps: vec![sweep(Waste::HARMLESS.to_vec())] }).unwrap();
    assert_eq!(desk.ended(id).await.state, JobState::Done);
    let history = history(&desk);
    let key = history.deeds[0].begun.job.clone();
    let fault = undo(&history, Some(&key), &swarm(&desk)).unwrap_err();
    assert!(
        fault.what.contains("cannot be undone") && fault.to_string().contains("nothing is kept of what"),
        "{fault}"
    );
    // Nor is anything of another swarm, and what is undone is said where nothing is.
    let fault = undo(&history, None, &swarm(&desk)).unwrap_err();
    assert!(fault.what.contains("nothing was done that could be undone"), "{fault}");
    desk.done(&shop()).await;
    let fault = undo(&self::history(&desk), Some(&self::history(&desk).deeds[0].begun.job), "another").unwrap_err();
    assert!(fault.to_string().contains("another swarm"), "{fault}");
}

#[tokio::test(start_paused = true)]
async fn where_what_would_be_replaced_cannot_be_kept_nothing_is_sent_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("journal");
    let journal = Journal::in_folder(place.clone(), Author::default());
    let desk = desk_with(Scenario::new(), Registries::default(), journal).await;
    desk.done(&shop()).await;
    let before = specs(&desk).await;
    let known = history(&desk).deeds.len();
    // The lines still fit, what is kept beside them does not.
    std::fs::remove_dir_all(place.join("kept")).unwrap();
    std::fs::write(place.join("kept"), "no folder").unwrap();
    desk.sim.forget_requests();
    let JobState::Failed(fault) = desk.deploy(&later()).await.state else { panic!() };
    assert!(fault.to_string().contains("nothing was written"), "{fault}");
    assert!(desk.sim.writes().is_empty(), "{:?}", desk.sim.writes());
    assert_eq!(specs(&desk).await, before);
    assert_eq!(history(&desk).deeds.len(), known + 1);
    std::fs::remove_file(place.join("kept")).unwrap();
    desk.done(&later()).await;
}
