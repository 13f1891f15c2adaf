//! Stories of keys and what they bring about.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use super::trial::{console, crumbs, judged, last_told, later, names, press, snapshot, stale};
use super::*;
use crate::action::{Action, Board, Job, JobId, JobState, Scope};
use crate::diag::Diagnostic;
use crate::model::sample::noon;
use crate::model::{Change, Link, LogTarget, ServiceId};

#[test]
fn enter_goes_down_and_escape_comes_back_but_never_leaves() {
    let mut app = console();
    press(&mut app, "3 j enter enter enter");
    assert_eq!(crumbs(&app), "stacks > services of web > tasks of web_front > about web_front.1");
    assert_eq!(press(&mut app, "esc esc esc esc esc"), []);
    assert_eq!(crumbs(&app), "stacks");
    assert_eq!(press(&mut app, "q"), [Effect::Quit]);
}

#[test]
fn escape_closes_the_prompt_then_clears_the_filter_then_goes_back() {
    let mut app = console();
    press(&mut app, "3 j enter /");
    press(&mut app, "f r o n t");
    for (crumb, filter) in [("stacks > services of web", "front"), ("stacks > services of web", ""), ("stacks", "")] {
        press(&mut app, "esc");
        let Screen::List(screen) = app.views().top() else { panic!("no list") };
        assert_eq!((crumbs(&app).as_str(), screen.list.filter.text()), (crumb, filter));
    }
}

#[test]
fn field_filters_look_at_one_field() {
    for (filter, left) in [
        ("tier:platform", vec!["web_front"]),
        ("stack:media !state:off", vec!["media_plex", "media_seed"]),
        ("node:m1", vec!["web_front"]),
        ("role:manager", vec!["web_front"]),
        ("state:done", vec!["media_seed"]),
        ("!media", vec!["web_front"]),
        ("image:plex", vec!["media_plex"]),
    ] {
        let mut app = console();
        press(&mut app, "4 /");
        for c in filter.chars() {
            app.update(Msg::Key(if c == ' ' { "space".into() } else { c.to_string() }));
        }
        assert_eq!(names(&app), left, "{filter}");
    }
}

#[test]
fn the_log_of_a_service_begins_a_tail_and_leaving_ends_it() {
    let mut app = console();
    press(&mut app, "4 /");
    press(&mut app, "p l e x enter");
    let effects = press(&mut app, "l");
    let [Effect::Tail { id, query }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(query.target, LogTarget::Service { id: ServiceId::new("media_plex"), tty: false });
    assert!(query.follow);
    let line = |text: &str| crate::model::LogLine {
        at: None,
        node: None,
        service: ServiceId::new("media_plex"),
        task: None,
        stream: crate::model::LogStream::Stdout,
        text: text.into(),
    };
    app.take_dirty();
    app.update(Msg::Lines { tail: TailId(99), lines: vec![line("of another")], dropped: 0 });
    assert!(!app.take_dirty(), "lines of a tail that was left are no news");
    app.update(Msg::Lines { tail: *id, lines: vec![line("hello")], dropped: 0 });
    assert!(app.take_dirty());
    assert_eq!(press(&mut app, "esc"), [Effect::StopTail]);
}

#[test]
fn the_same_picture_again_draws_nothing() {
    let mut app = console();
    press(&mut app, "2");
    app.take_dirty();
    app.update(Msg::Swarm(judged(snapshot())));
    let link = Link::Live { latency: Duration::from_millis(3) };
    app.update(Msg::Swarm(judged(snapshot().after(Change::Link(link)))));
    assert!(!app.take_dirty());
    let link = Link::Live { latency: Duration::from_millis(80) };
    app.update(Msg::Swarm(judged(snapshot().after(Change::Link(link)))));
    assert!(app.take_dirty(), "a line that became slow is news");
}

#[test]
fn time_passes_only_where_it_is_seen() {
    let mut app = console();
    press(&mut app, "2");
    app.take_dirty();
    assert!(
        app.stays() > Some(SignedDuration::from_secs(1)) || app.stays().is_none(),
        "no age is on the screen of nodes"
    );
    app.update(Msg::Tick(later(5)));
    assert!(!app.take_dirty());
    press(&mut app, "5");
    assert!(
        app.stays().is_some_and(|stays| stays <= SignedDuration::from_secs(1)),
        "a task of five seconds gets older"
    );
    app.take_dirty();
    app.update(Msg::Tick(later(6)));
    assert!(app.take_dirty());
    app.update(Msg::Tick(later(7_300)));
    app.take_dirty();
    assert!(
        app.stays() > Some(SignedDuration::from_secs(1)) || app.stays().is_none(),
        "two hours do not change within a second"
    );
    app.update(Msg::Tick(later(7_301)));
    assert!(!app.take_dirty());
    app.update(Msg::Tick(later(5)));
    app.update(Msg::Swarm(stale()));
    assert!(app.stays().is_some_and(|stays| stays <= SignedDuration::from_secs(1)), "a countdown is shown");
}

#[test]
fn the_end_of_a_job_is_told_and_a_fault_stays() {
    let job = |state: JobState| {
        let action = Action::Redeploy { scope: Scope::Stack("media".into()), services: Vec::new() };
        let job = Job {
            id: JobId(1),
            action: Arc::new(action),
            course: None,
            after: Vec::new(),
            past: Vec::new(),
            submitted: noon(),
            started: Some(noon()),
            ended: state.is_over().then(|| later(41)),
            state,
            why: String::new(),
            steps: Vec::new(),
        };
        Msg::Board(Arc::new(Board::from_iter([job])))
    };
    let mut app = console();
    app.update(job(JobState::Running));
    app.update(job(JobState::Done));
    assert_eq!(last_told(&app), "redeploy stack media: done in 41s");
    let mut app = console();
    app.update(job(JobState::Running));
    app.update(job(JobState::Failed(Diagnostic::new("plex was rolled back", "read its log"))));
    app.update(Msg::Tick(later(600)));
    assert!(app.messages().current(later(600)).is_some(), "a fault stays until it is seen");
    press(&mut app, "E esc");
    assert!(app.messages().current(later(600)).is_none());
}

#[test]
fn a_running_job_can_be_cancelled_and_only_there() {
    let mut app = console();
    assert_eq!(press(&mut app, "7 x"), []);
    let action = Action::Redeploy { scope: Scope::Stack("media".into()), services: Vec::new() };
    let job = Job {
        id: JobId(3),
        action: Arc::new(action),
        course: None,
        after: Vec::new(),
        past: Vec::new(),
        submitted: noon(),
        started: None,
        ended: None,
        state: JobState::Running,
        why: String::new(),
        steps: Vec::new(),
    };
    app.update(Msg::Board(Arc::new(Board::from_iter([job]))));
    assert_eq!(press(&mut app, "x"), [Effect::Cancel(vec![JobId(3)])]);
}

#[test]
fn copying_again_copies_the_next_part() {
    let mut app = console();
    press(&mut app, "4 /");
    press(&mut app, "p l e x enter");
    let copies = press(&mut app, "c c c c");
    let text = |text: &str| Effect::Copy(text.into());
    assert_eq!(copies, [text("media_plex"), text("media_plex"), text("media_plex:1"), text("media_plex")]);
}

#[test]
fn views_can_be_gone_back_and_forth_in() {
    let mut app = console();
    press(&mut app, "2 4 -");
    assert_eq!(crumbs(&app), "nodes");
    press(&mut app, "-");
    assert_eq!(crumbs(&app), "services");
    press(&mut app, "[ [");
    assert_eq!(crumbs(&app), "overview");
    press(&mut app, "] ]");
    assert_eq!(crumbs(&app), "services");
}

#[test]
fn a_name_that_nothing_has_gets_a_proposal() {
    let mut app = console();
    press(&mut app, ": s e r v i x e s enter");
    assert_eq!(last_told(&app), "nothing is called servixes; did you mean services?");
}

#[test]
fn every_key_of_the_table_does_no_harm_on_any_screen() {
    for place in ["1", "2", "3", "4", "5", "7", "8", "4 l", "4 d", "4 y"] {
        for binding in keymap::BINDINGS {
            for key in binding.keys {
                let mut app = console();
                press(&mut app, place);
                let effects = press(&mut app, key);
                assert!(effects.iter().all(|effect| !matches!(effect, Effect::Submit(_))), "{place} {key}");
            }
        }
    }
}

#[test]
fn refresh_asks_for_a_look_now() {
    assert_eq!(press(&mut console(), "R"), [Effect::Nudge]);
    assert_eq!(press(&mut console(), "ctrl-r"), [Effect::Nudge]);
}

#[test]
fn what_the_footer_offers_is_not_answered_with_why_it_does_nothing() {
    for place in ["1", "2", "3", "3 j", "4", "5", "7", "8", "4 d", "4 y", "2 d", "2 y"] {
        let mut app = console();
        press(&mut app, place);
        let offered = keymap::hints(app.views().top().scopes(), false);
        for binding in offered.into_iter().filter(|binding| app.is_of_use(binding.intent)) {
            let mut app = console();
            press(&mut app, place);
            press(&mut app, binding.keys[0]);
            let told = last_told(&app);
            let refused = ["point at", "cannot be", "has no log", "has no shell", "only what", "nothing is selected"];
            assert!(!refused.iter().any(|word| told.contains(word)), "{} at {place}: {told}", binding.label);
        }
    }
    let mut app = console();
    press(&mut app, "2");
    assert!(!app.is_of_use(Intent::Redeploy) && !app.is_of_use(Intent::Logs), "a node has neither");
}
