//! Stories of keys that replace tasks.

use super::trial::{confirm, console, crumbs, judged, last_told, later, press, snapshot, stale};
use super::*;
use crate::action::{Action, Scope};
use crate::model::sample::{node, noon, service, swarm};
use crate::model::{Change, Picture, Version};

#[test]
fn redeploying_asks_first_and_cancel_has_the_focus() {
    let mut app = console();
    press(&mut app, "4 /");
    press(&mut app, "p l e x enter r");
    assert!(!confirm(&app).on_yes);
    assert_eq!(press(&mut app, "enter"), [], "enter on Cancel does nothing");
    assert!(app.popups().is_empty());
}

#[test]
fn yes_puts_the_pinned_service_into_the_queue() {
    let mut app = console();
    press(&mut app, "4 /");
    press(&mut app, "p l e x enter r tab");
    let effects = press(&mut app, "enter");
    let [Effect::Submit(Action::Redeploy { scope, services })] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(*scope, Scope::Service("media_plex".into()));
    assert_eq!((services[0].name.as_str(), services[0].version, services[0].tasks), ("media_plex", Version(7), 1));
}

#[test]
fn no_letter_says_yes() {
    for key in ["y", "Y", "space", "r", "x"] {
        let mut app = console();
        press(&mut app, "4 r");
        assert_eq!(press(&mut app, key), [], "{key}");
        assert_eq!(press(&mut app, "enter"), [], "{key} moved the focus");
    }
}

#[test]
fn the_question_keeps_what_it_showed_and_says_when_the_world_moved_on() {
    let mut app = console();
    press(&mut app, "4 /");
    press(&mut app, "p l e x enter r tab");
    let newer = service("media_plex").with(|s| s.version = Version(9)).build();
    app.update(Msg::Swarm(judged(snapshot().after(Change::Service(Box::new(newer))))));
    assert_eq!(redeploy::outdated(&confirm(&app), app.picture()), ["media_plex"]);
    let effects = press(&mut app, "enter");
    let [Effect::Submit(Action::Redeploy { services, .. })] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(services[0].version, Version(7), "the queue refuses it: nobody saw version 9");
}

#[test]
fn a_stack_rolls_without_its_one_shots_and_what_is_off() {
    let mut app = console();
    // In no folder: there is no file to redeploy it from.
    app.update(Msg::Swarm(Arc::new(Picture::of(snapshot(), &Arc::default(), noon()))));
    press(&mut app, ": m e d i a enter");
    assert_eq!(crumbs(&app), "overview > services of media");
    press(&mut app, "esc 3 /");
    press(&mut app, "m e d i a enter G r");
    let question = confirm(&app);
    assert_eq!(question.title, "redeploy stack media");
    assert_eq!(question.items.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(), ["media_plex"]);
    assert_eq!(question.notes, ["one-shots are not run again: seed", "left off, no task is wanted: off"]);
}

#[test]
fn a_tier_is_redeployed_by_its_stacks_that_run() {
    let mut app = console();
    app.update(Msg::Swarm(Arc::new(Picture::of(snapshot(), &Arc::default(), noon()))));
    press(&mut app, "3");
    assert!(matches!(app.views().top().subject(app.picture()), Some(Subject::Tier(_))));
    press(&mut app, "r");
    let names: Vec<String> = confirm(&app).items.iter().map(|item| item.name.clone()).collect();
    assert_eq!(names, ["media_plex", "web_front"]);
}

#[test]
fn a_one_shot_that_is_pointed_at_runs_again() {
    let mut app = console();
    press(&mut app, "4 /");
    press(&mut app, "s e e d enter r");
    assert_eq!(confirm(&app).items[0].how, "runs again from the start");
}

#[test]
fn acting_is_refused_with_the_reason() {
    let lost = swarm([node("m1").manager(true).down(), node("m2").manager(false).down()], [service("a_b")]);
    let read_only = Settings { now: noon(), read_only: true, ..Settings::default() };
    for (settings, picture, why) in [
        (Settings { now: later(34), ..Settings::default() }, stale(), "refused: the swarm does not answer"),
        (read_only, judged(snapshot()), "refused: this console is read-only"),
        (Settings { now: noon(), ..Settings::default() }, judged(lost), "refused: the managers have no majority"),
    ] {
        let mut app = App::new(settings);
        app.update(Msg::Swarm(picture));
        assert_eq!(press(&mut app, "4 r"), []);
        assert!(app.popups().is_empty());
        assert!(last_told(&app).starts_with(why), "{}", last_told(&app));
    }
}

#[test]
fn a_service_that_is_off_has_nothing_to_redeploy() {
    let mut app = console();
    press(&mut app, "4 /");
    press(&mut app, "_ o f f enter r");
    assert_eq!(last_told(&app), "media_off has nothing to roll: scaled to 0");
}

#[test]
fn marked_services_are_redeployed_together() {
    let mut app = console();
    press(&mut app, "4 /");
    press(&mut app, "p l e x | f r o n t enter space space r tab");
    assert_eq!(press(&mut app, "enter").len(), 2);
}
