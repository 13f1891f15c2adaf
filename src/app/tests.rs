//! Stories of keys and what they bring about.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::action::{Action, Board, Job, JobId, JobState, Scope};
use crate::diag::Diagnostic;
use crate::model::sample::{node, noon, service, swarm};
use crate::model::{
    Catalogue, Change, Filed, Link, LogTarget, Mode, Picture, ServiceId, Snapshot, TaskState, Tier, Version,
};

fn snapshot() -> Snapshot {
    swarm(
        [node("m1").manager(true), node("w1")],
        [
            service("media_plex").task(1, "w1", TaskState::Running).with(|s| s.version = Version(7)),
            service("media_seed").mode(Mode::ReplicatedJob { total: 1, at_once: 1 }).task(1, "w1", TaskState::Complete),
            service("media_off").mode(Mode::Replicated(0)),
            service("web_front").task(1, "m1", TaskState::Running),
        ],
    )
}

fn judged(snapshot: Snapshot) -> Arc<Picture> {
    let filed = |name: &str, tier| (name.to_owned(), Filed::new(name, tier, "compose.yaml"));
    let catalogue = Catalogue {
        name: "homelab".into(),
        stacks: [filed("media", Tier::Application), filed("web", Tier::Platform)].into(),
        ..Catalogue::default()
    };
    Arc::new(Picture::of(snapshot, &Arc::new(catalogue), noon()))
}

fn console() -> App {
    let mut app = App::new(Settings { now: noon(), ..Settings::default() });
    app.update(Msg::Size { width: 80, height: 24 });
    app.update(Msg::Swarm(judged(snapshot())));
    app.take_dirty();
    app
}

fn press(app: &mut App, keys: &str) -> Vec<Effect> {
    keys.split_whitespace().flat_map(|key| app.update(Msg::Key(key.to_owned()))).collect()
}

fn names(app: &App) -> Vec<String> {
    match app.views().top() {
        Screen::List(screen) => screen.list.visible().map(|row| screen::name(&row.subject, app.picture())).collect(),
        _ => Vec::new(),
    }
}

fn told(app: &App) -> String {
    app.messages().newest_first().next().map(|message| message.text.clone()).unwrap_or_default()
}

fn crumbs(app: &App) -> String {
    app.views().open().map(|screen| screen.crumb(app.picture())).collect::<Vec<_>>().join(" > ")
}

fn confirm(app: &App) -> Confirm {
    match app.popups() {
        [Popup::Confirm(confirm)] => confirm.clone(),
        other => panic!("no question is open: {other:?}"),
    }
}

fn stale() -> Arc<Picture> {
    let link = Link::Stale { since: noon(), why: "no answer".into(), retry_at: Some(later(8)) };
    judged(snapshot().after(Change::Link(link)))
}

fn later(seconds: i64) -> Timestamp {
    noon().checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

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
        assert!(told(&app).starts_with(why), "{}", told(&app));
    }
}

#[test]
fn a_service_that_is_off_has_nothing_to_redeploy() {
    let mut app = console();
    press(&mut app, "4 /");
    press(&mut app, "_ o f f enter r");
    assert_eq!(told(&app), "media_off has nothing to roll: scaled to 0");
}

#[test]
fn marked_services_are_redeployed_together() {
    let mut app = console();
    press(&mut app, "4 /");
    press(&mut app, "p l e x | f r o n t enter space space r tab");
    assert_eq!(press(&mut app, "enter").len(), 2);
}

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
    assert_eq!(told(&app), "redeploy stack media: done in 41s");
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
    assert_eq!(press(&mut app, "x"), [Effect::Cancel(JobId(3))]);
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
    assert_eq!(told(&app), "nothing is called servixes; did you mean services?");
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
fn a_stack_that_differs_from_its_file_is_marked_and_a_known_answer_draws_nothing() {
    let mut app = console();
    press(&mut app, "3");
    app.take_dirty();
    let drifts: crate::model::Drifts =
        [("media".to_owned(), crate::model::Drift::Differs(2)), ("web".to_owned(), crate::model::Drift::Same)].into();
    app.update(Msg::Drift(Arc::new(drifts.clone())));
    assert!(app.take_dirty());
    let Screen::List(screen) = app.views().top() else { panic!("no list") };
    let cells = |stack: &str| -> Vec<String> {
        let row = screen.list.on_screen(20).map(|(_, row)| row);
        let row = row.into_iter().find(|row| row.subject == Subject::Stack(stack.to_owned())).unwrap();
        row.cells.iter().filter_map(|cell| cell.text().map(str::to_owned)).collect()
    };
    assert!(cells("media").contains(&"differs 2".to_owned()), "{:?}", cells("media"));
    assert!(cells("web").contains(&"same".to_owned()), "{:?}", cells("web"));
    app.update(Msg::Drift(Arc::new(drifts)));
    assert!(!app.take_dirty(), "an answer that is known already was drawn again");
}

#[test]
fn a_stack_that_komodo_manages_says_so_beside_what_differs() {
    let mut app = console();
    let mut picture = judged(snapshot()).as_ref().clone();
    let mut catalogue = picture.catalogue.as_ref().clone();
    catalogue.stacks.get_mut("media").unwrap().governed = Some("komodo/resources.toml:2:8".to_owned());
    picture.catalogue = Arc::new(catalogue);
    app.update(Msg::Swarm(Arc::new(picture)));
    press(&mut app, "3");
    let reason = |app: &App| {
        let Screen::List(screen) = app.views().top() else { panic!("no list") };
        let rows: Vec<_> = screen.list.on_screen(20).map(|(_, row)| row).collect();
        let row = rows.into_iter().find(|row| row.subject == Subject::Stack("media".to_owned())).unwrap();
        row.cells.last().and_then(|cell| cell.text().map(str::to_owned)).unwrap_or_default()
    };
    assert_eq!(reason(&app), "managed by Komodo");
    app.update(Msg::Drift(Arc::new([("media".to_owned(), crate::model::Drift::Differs(2))].into())));
    let told = reason(&app);
    assert!(told.starts_with("managed by Komodo; ") && told.contains('2'), "{told}");
}

#[test]
fn a_sync_asks_for_what_came_and_a_read_only_console_for_nothing() {
    let mut app = console();
    let asked = press(&mut app, "3 f");
    assert_eq!(asked, [Effect::Sync(PlanId(1))]);
    assert!(matches!(app.views().top(), Screen::Plan(screen) if screen.stack == "what came from the remote"));
    // It is asked for again by the key that makes any plan anew.
    assert_eq!(press(&mut app, "p"), [Effect::Sync(PlanId(2))]);
    let mut watching = App::new(Settings { now: noon(), read_only: true, ..Settings::default() });
    watching.update(Msg::Swarm(judged(snapshot())));
    assert_eq!(press(&mut watching, "3 f m"), []);
    assert!(told(&watching).contains("read-only"));
}

#[test]
fn what_is_lacking_outside_is_asked_about_and_the_answer_under_the_cursor_is_no() {
    let mut app = console();
    press(&mut app, "3");
    while app.views().top().subject(app.picture()) != Some(Subject::Stack("media".to_owned())) {
        press(&mut app, "j");
    }
    assert_eq!(press(&mut app, "m"), [Effect::Outlook("media".to_owned())]);
    let outlet = |name: &str, found| Outlet { name: name.to_owned(), found, note: String::new() };
    let fault = Diagnostic::new("Pi-hole has no seat free", "wait");
    let lacking = vec![
        outlet("Technitium", Ok(vec!["add app.test\u{1b}[31m CNAME m1.test".to_owned()])),
        outlet("Pi-hole", Err(fault)),
    ];
    app.update(Msg::Outlook { stack: "media".to_owned(), answer: Ok(lacking.clone()) });
    let Some(Popup::Confirm(confirm)) = app.popups.last() else { panic!("no question") };
    assert!(!confirm.on_yes && !confirm.items[0].how.contains('\u{1b}'), "{confirm:?}");
    assert_eq!(confirm.notes, ["Pi-hole: Pi-hole has no seat free"]);
    // An answer to an older question does not lie over this one.
    app.update(Msg::Outlook { stack: "web".to_owned(), answer: Ok(lacking.clone()) });
    assert_eq!(app.popups.len(), 1);
    assert_eq!(press(&mut app, "enter"), []);
    app.update(Msg::Outlook { stack: "media".to_owned(), answer: Ok(lacking) });
    let done = Action::Register { stack: "media".to_owned(), gone: false };
    assert_eq!(press(&mut app, "tab enter"), [Effect::Submit(done)]);
    app.update(Msg::Outlook { stack: "media".to_owned(), answer: Ok(vec![outlet("Technitium", Ok(Vec::new()))]) });
    assert!(app.popups.is_empty() && told(&app).contains("known as it should be"));
}
