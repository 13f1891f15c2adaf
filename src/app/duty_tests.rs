//! Stories of keys that redeploy a stack from its file, and that tell nodes what to do.

use std::sync::Arc;

use super::trial::{confirm, crumbs, press};
use super::*;
use crate::action::{Action, Duty};
use crate::model::sample::{node, noon, service, swarm};
use crate::model::{Catalogue, Filed, TaskState, Tier, Version};
use crate::plan::{Change, Effect as Does, Plan, Thing};

fn console() -> App {
    let services = [
        service("media_plex").task(1, "w1", TaskState::Running).with(|s| s.version = Version(7)),
        service("media_web").task(1, "w1", TaskState::Running),
    ];
    let filed = Filed::new("media", Tier::Application, "compose.yaml");
    let catalogue = Catalogue { stacks: [("media".to_owned(), filed)].into(), ..Catalogue::default() };
    let nodes = [node("m1").manager(true), node("w1").with(|n| n.version = Version(9))];
    let mut app = App::new(Settings { now: noon(), ..Settings::default() });
    app.update(Msg::Size { width: 100, height: 30 });
    app.update(Msg::Swarm(Arc::new(Picture::of(swarm(nodes, services), &Arc::new(catalogue), noon()))));
    app
}

fn names(confirm: &Confirm) -> Vec<&str> {
    confirm.items.iter().map(|item| item.name.as_str()).collect()
}

/// The plan that comes back: plex restarts if it should, web stays.
fn offer(restarts: bool) -> Box<PlanOffer> {
    let effect = if restarts { Does::Restart } else { Does::None };
    let plex = Change { effect, tasks: Some(1), ..Change::none(Thing::Service, "media_plex") };
    let changes = vec![plex, Change::none(Thing::Service, "media_web")];
    let plan = Plan { stack: "media".into(), changes, ..Plan::default() };
    Box::new(PlanOffer { plan, rolls: true, prepares: Vec::new(), ..PlanOffer::default() })
}

fn planned(app: &mut App, effects: &[Effect], restarts: bool) -> PlanId {
    let [Effect::Plan { id, stack, rotate: false }] = effects else { panic!("{effects:?}") };
    assert_eq!(stack, "media");
    app.update(Msg::Planned { id: *id, answer: Ok(offer(restarts)) });
    *id
}

#[test]
fn a_stack_with_a_file_is_redeployed_from_it_with_one_key_and_one_question() {
    let mut app = console();
    let effects = press(&mut app, "3 / m e d i a enter G r");
    let id = planned(&mut app, &effects, true);
    let question = confirm(&app);
    assert_eq!((question.title.as_str(), question.on_yes), ("redeploy media", false));
    assert_eq!(names(&question), ["media_plex"]);
    // It opened by itself: a key that was under way answers nothing.
    press(&mut app, "l enter");
    assert_eq!(confirm(&app), question);
    // Cancel has the focus, and leads back to where the key was pressed.
    assert_eq!(press(&mut app, "tab tab enter"), []);
    assert_eq!(crumbs(&app), "stacks");
    let effects = press(&mut app, "r");
    let again = planned(&mut app, &effects, true);
    assert_ne!(id, again);
    assert_eq!(press(&mut app, "tab enter"), [Effect::RollOut { id: again, all_tasks: false }]);
    assert_eq!(crumbs(&app), "stacks");
}

#[test]
fn every_task_is_taken_along_by_a_key_in_the_question() {
    let mut app = console();
    let effects = press(&mut app, "3 / m e d i a enter G r");
    let id = planned(&mut app, &effects, true);
    press(&mut app, "a");
    assert_eq!(names(&confirm(&app)), ["media_plex", "media_web"]);
    press(&mut app, "a");
    assert_eq!(names(&confirm(&app)), ["media_plex"]);
    press(&mut app, "a");
    assert_eq!(press(&mut app, "tab enter"), [Effect::RollOut { id, all_tasks: true }]);
}

#[test]
fn where_nothing_differs_only_every_task_is_something_to_do() {
    let mut app = console();
    let effects = press(&mut app, "3 / m e d i a enter G r");
    let id = planned(&mut app, &effects, false);
    assert_eq!(press(&mut app, "tab enter"), []);
    assert!(confirm(&app).sums_up.contains("Nothing differs"));
    assert_eq!(press(&mut app, "a enter"), [Effect::RollOut { id, all_tasks: true }]);
}

#[test]
fn several_marked_stacks_are_redeployed_from_their_files_and_what_has_none_is_rolled_beside_them() {
    let mut app = console();
    let filed = |name: &str| (name.to_owned(), Filed::new(name, Tier::Application, "compose.yaml"));
    let catalogue = Arc::new(Catalogue { stacks: [filed("media"), filed("web")].into(), ..Catalogue::default() });
    let services =
        ["media_plex", "media_web", "web_front", "loose_a"].map(|name| service(name).task(1, "w1", TaskState::Running));
    let nodes = [node("m1").manager(true), node("w1")];
    app.update(Msg::Swarm(Arc::new(Picture::of(swarm(nodes, services), &catalogue, noon()))));
    let subjects = ["loose", "media", "web"].map(|name| Subject::Stack(name.to_owned()));
    let plex = app.picture().swarm.services.values().find(|one| one.name == "media_plex").unwrap().id.clone();
    let subjects: Vec<Subject> = subjects.into_iter().chain([Subject::Service(plex)]).collect();
    let effects = app.ask_redeploy(&subjects);
    let [Effect::PlanSome { id, stacks }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(stacks, &["media", "web"]);
    let web = Plan { stack: "web".into(), ..Plan::default() };
    let whole = Whole { plans: vec![offer(true).plan, web], ..Whole::default() };
    app.update(Msg::Planned {
        id: *id,
        answer: Ok(Box::new(PlanOffer { whole: Some(whole), rolls: true, ..PlanOffer::default() })),
    });
    let question = confirm(&app);
    // The service goes with its stack; what differs in a stack is that stack's.
    assert_eq!((question.title.as_str(), names(&question)), ("redeploy 2 stacks", vec!["media", "loose_a"]));
    press(&mut app, "a");
    assert_eq!(names(&confirm(&app)), ["media", "loose_a", "media_web", "web_front"]);
    let done = press(&mut app, "a tab enter");
    let [Effect::Submit(Action::Redeploy { services, .. }), Effect::RollOut { id: rolled, all_tasks: false }] =
        done.as_slice()
    else {
        panic!("{done:?}")
    };
    assert_eq!((services[0].name.as_str(), rolled), ("loose_a", id));
}

#[test]
fn a_plan_that_comes_late_asks_nothing_of_who_does_something_else() {
    let mut app = console();
    let effects = press(&mut app, "3 / m e d i a enter G r");
    press(&mut app, "esc 4");
    planned(&mut app, &effects, true);
    assert!(app.popups().is_empty());
}

#[test]
fn the_plan_of_one_stack_is_carried_out_as_it_was_shown_pre_flight_and_all() {
    let mut app = console();
    let effects = press(&mut app, "3 / m e d i a enter G p");
    let [Effect::Plan { id, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let prepares = vec!["secret media_key".to_owned()];
    app.update(Msg::Planned { id: *id, answer: Ok(Box::new(PlanOffer { prepares, ..*offer(true) })) });
    assert!(app.popups().is_empty(), "p only shows");
    press(&mut app, "enter");
    assert_eq!(names(&confirm(&app)), ["secret media_key", "media_plex"]);
    press(&mut app, "a");
    assert_eq!(names(&confirm(&app)).len(), 2, "a deploy takes nothing along");
    assert_eq!(press(&mut app, "tab enter"), [Effect::RollOut { id: *id, all_tasks: false }]);
}

#[test]
fn an_empty_plan_offers_no_deploy() {
    let mut app = console();
    let effects = press(&mut app, "3 / m e d i a enter G p");
    planned(&mut app, &effects, false);
    let Screen::Plan(screen) = app.views().top() else { panic!() };
    assert!(!screen.may_begin());
    assert_eq!(press(&mut app, "enter"), []);
    assert!(app.popups().is_empty());
}

#[test]
fn a_node_is_drained_after_a_question_that_says_what_moves() {
    let mut app = console();
    press(&mut app, "2 / w 1 enter e");
    let question = confirm(&app);
    assert_eq!((question.title.as_str(), question.on_yes), ("drain w1", false));
    assert_eq!(names(&question), ["media_plex", "media_web"]);
    assert_eq!(question.items[0].how, "moves to m1");
    assert_eq!(press(&mut app, "enter"), [], "Cancel has the focus");
    press(&mut app, "e");
    let effects = press(&mut app, "tab enter");
    let [Effect::Submit(Action::Availability { node, to: Duty::Drain })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!((node.name.as_str(), node.version), ("w1", Version(9)));
    assert_eq!(press(&mut app, "u"), []);
    let told = app.messages().newest_first().next().unwrap().text.clone();
    assert!(told.contains("already: active"), "{told}");
    press(&mut app, "z");
    assert_eq!(confirm(&app).title, "pause w1");
}

#[test]
fn the_palette_drains_a_node_by_name_and_a_reader_drains_none() {
    let mut app = console();
    press(&mut app, ": d r a i n space w 1 enter");
    assert_eq!(confirm(&app).title, "drain w1");
    let picture = app.picture().clone();
    let mut reader = App::new(Settings { now: noon(), read_only: true, ..Settings::default() });
    reader.update(Msg::Swarm(Arc::new(picture)));
    press(&mut reader, "2 e");
    assert!(reader.popups().is_empty());
    assert!(reader.messages().newest_first().next().unwrap().text.contains("read-only"));
}
