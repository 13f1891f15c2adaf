//! Keys that mislead, and leaving in the midst of jobs, as messages and effects.

use std::sync::Arc;

use super::trial::{confirm, console, crumbs, judged, last_told, press, snapshot};
use super::*;
use crate::action::sample::course;
use crate::model::sample::noon;

#[test]
fn who_leaves_in_the_midst_of_jobs_is_asked_once_and_where_none_is_open_never() {
    for keys in ["q", "ctrl-c"] {
        let mut app = console();
        assert_eq!(press(&mut app, keys), [Effect::Quit]);
        app.update(Msg::Board(Arc::new(course(noon(), true))));
        assert_eq!(press(&mut app, keys), [Effect::Quit], "all are over");
        app.update(Msg::Board(Arc::new(course(noon(), false))));
        assert_eq!(press(&mut app, keys), []);
        let asked = confirm(&app);
        assert!(asked.sums_up.starts_with("1 job runs, 3 wait: leaving cancels what waits"), "{}", asked.sums_up);
        assert_eq!((asked.items.len(), asked.on_yes), (4, false));
        assert_eq!(press(&mut app, "enter"), [], "cancel has the focus");
        press(&mut app, keys);
        assert_eq!(press(&mut app, "tab enter"), [Effect::Quit]);
        press(&mut app, "ctrl-c");
        assert_eq!(press(&mut app, "ctrl-c"), [Effect::Quit], "twice is once and for all");
    }
}

#[test]
fn the_log_that_is_shown_is_not_opened_again_over_itself() {
    let mut app = console();
    let begun = |effects: &[Effect]| effects.iter().filter(|effect| matches!(effect, Effect::Tail { .. })).count();
    let effects = press(&mut app, "4 / p l e x enter l");
    assert_eq!(begun(&effects), 1);
    let before = crumbs(&app);
    assert_eq!(press(&mut app, "6 6"), []);
    assert_eq!(crumbs(&app), before);
    // Below a page it lies open already: the upper one wants its lines too, and the lower one has them again.
    let effects = press(&mut app, "esc d l");
    assert_eq!(begun(&effects), 1);
    assert_eq!(begun(&press(&mut app, "6")), 0);
}

#[test]
fn what_is_marked_and_hidden_by_the_filter_is_acted_on_by_no_key() {
    let mut app = console();
    press(&mut app, "4 / p l e x enter space esc");
    press(&mut app, "/ f r o n t enter r");
    assert_eq!(confirm(&app).title, "redeploy service web_front");
    // Seen again, it is what the key is for.
    press(&mut app, "esc esc r");
    assert_eq!(confirm(&app).title, "redeploy service media_plex");
}

#[test]
fn enter_in_the_queue_opens_the_page_of_what_cannot_be_unfolded() {
    let mut app = console();
    press(&mut app, "7");
    app.update(Msg::Board(Arc::new(course(noon(), false))));
    press(&mut app, "j j j j");
    assert!(matches!(app.views().top().subject(app.picture()), Some(Subject::Step(..))));
    press(&mut app, "enter");
    assert!(matches!(app.views().top(), Screen::Page(_)), "{}", crumbs(&app));
}

#[test]
fn a_key_that_means_nothing_says_so() {
    let mut app = console();
    press(&mut app, "4 9");
    assert_eq!(last_told(&app), "9 means nothing on this screen: ? shows its keys");
}

#[test]
fn what_is_refused_wears_no_tick() {
    let mut app = console();
    app.update(Msg::Swarm(judged(snapshot())));
    press(&mut app, "2 u");
    let last = app.messages().newest_first().next().cloned();
    assert_eq!(last.map(|message| message.level), Some(Level::Warning), "{}", last_told(&app));
}
