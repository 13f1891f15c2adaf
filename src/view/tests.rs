//! Whole screens as pictures.

use std::fmt::Write as _;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::frame;
use super::screen::{homelab, screen, styled};
use super::theme::Theme;
use crate::action::sample::course;
use crate::action::{Action, Board, Job, JobId, JobState, Scope, StepReport};
use crate::app::{App, Msg, PlanId, PlanOffer, Settings};
use crate::diag::Diagnostic;
use crate::model::sample::{node, noon, service, swarm};
use crate::model::{Catalogue, Link, Picture, State, TaskState};
use crate::plan::{Change, Effect, Plan, Thing};

const NARROW: (u16, u16) = (45, 12);
const USUAL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (120, 40);
const WIDE: (u16, u16) = (200, 60);

fn later(seconds: i64) -> Timestamp {
    noon().checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

fn app(picture: Picture, size: (u16, u16), keys: &str) -> App {
    let mut app = App::new(Settings { now: noon(), ..Settings::default() });
    app.update(Msg::Size { width: size.0, height: size.1 });
    app.update(Msg::Swarm(Arc::new(picture)));
    press(&mut app, keys);
    app
}

fn press(app: &mut App, keys: &str) {
    for key in keys.split_whitespace() {
        app.update(Msg::Key(key.to_owned()));
    }
}

fn shown(app: &App, size: (u16, u16)) -> String {
    screen(size, |area, buf| frame(app, Theme::default(), area, buf))
}

/// The screen of the homelab after these keys.
fn shot(size: (u16, u16), keys: &str) -> String {
    shown(&app(homelab(), size, keys), size)
}

fn board() -> Arc<Board> {
    let job = |id: u64, stack: &str, state: JobState, steps: &[(&str, State, &str)]| Job {
        id: JobId(id),
        action: Arc::new(Action::Redeploy { scope: Scope::Stack(stack.into()), services: Vec::new() }),
        course: None,
        after: Vec::new(),
        past: Vec::new(),
        submitted: noon(),
        started: (!matches!(state, JobState::Waiting { .. })).then(noon),
        ended: state.is_over().then(|| later(41)),
        state,
        why: String::new(),
        steps: steps
            .iter()
            .map(|(name, state, detail)| StepReport { name: (*name).into(), state: *state, detail: (*detail).into() })
            .collect(),
    };
    let fault = Diagnostic::new("media-core_sonarr was rolled back", "read its log: l").because("exits 1 on dhow");
    Arc::new(Board::from_iter([
        job(1, "authentik", JobState::Done, &[("authentik_server", State::Ready, "1/1")]),
        job(2, "media-core", JobState::Failed(fault), &[("media-core_sonarr", State::Failed, "rolled back")]),
        job(
            3,
            "monitoring",
            JobState::Running,
            &[
                ("monitoring_grafana", State::Ready, "1/1 converged"),
                ("monitoring_prometheus", State::Converging, "0/1: starting on lorcha"),
            ],
        ),
        job(4, "monitoring", JobState::Waiting { behind: "redeploy stack monitoring".into() }, &[]),
    ]))
}

#[test]
fn overview_nodes_and_services_at_every_size() {
    for (size, name) in [(NARROW, "45x12"), (USUAL, "80x24"), (LARGE, "120x40"), (WIDE, "200x60")] {
        for (key, screen) in [("1", "overview"), ("2", "nodes"), ("4", "services")] {
            insta::assert_snapshot!(format!("{screen}_{name}"), shot(size, key));
        }
    }
}

#[test]
fn the_other_lists_at_80_by_24() {
    for (key, screen) in [("3", "stacks"), ("5", "tasks"), ("8", "events"), ("3 j j enter", "services_of_a_stack")] {
        insta::assert_snapshot!(format!("{screen}_80x24"), shot(USUAL, key));
    }
}

#[test]
fn the_queue_shows_a_course_by_its_tiers() {
    for (size, name) in [(USUAL, "80x24"), (LARGE, "120x40")] {
        for (over, word) in [(false, "runs"), (true, "is_over")] {
            let mut app = app(homelab(), size, "7");
            app.update(Msg::Board(Arc::new(course(noon(), over))));
            insta::assert_snapshot!(format!("course_{word}_{name}"), shown(&app, size));
        }
    }
}

#[test]
fn the_queue_shows_jobs_with_their_steps() {
    for (size, name) in [(USUAL, "80x24"), (NARROW, "45x12")] {
        let mut app = app(homelab(), size, "7");
        app.update(Msg::Board(board()));
        insta::assert_snapshot!(format!("queue_{name}"), shown(&app, size));
    }
}

#[test]
fn an_empty_swarm_says_what_is_missing() {
    let empty = Picture::of(swarm([node("m1").manager(true)], []), &Arc::default(), noon());
    let mut said = String::new();
    for key in ["3", "4", "5", "7", "8"] {
        let drawn = shown(&app(empty.clone(), USUAL, key), USUAL);
        let _ = writeln!(said, "{}", drawn.lines().skip(2).take(3).collect::<Vec<_>>().join("\n"));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn before_the_first_answer_the_screen_stands_and_says_what_is_tried() {
    let mut picture = Picture::default();
    picture.swarm.link =
        Link::Connecting { to: "ssh://barbary".into(), why: Some("connection refused (10.0.5.2:22)".into()) };
    insta::assert_snapshot!(shown(&app(picture, (60, 12), "4"), (60, 12)));
}

#[test]
fn a_stale_picture_is_dimmed_and_counts_down() {
    let link = Link::Stale { since: noon(), why: "no answer".into(), retry_at: Some(later(42)) };
    let mut app = app(homelab().with_link(link), (80, 20), "4");
    app.update(Msg::Tick(later(34)));
    press(&mut app, "r");
    insta::assert_snapshot!(styled((80, 20), |area, buf| frame(&app, Theme::default(), area, buf)));
}

#[test]
fn a_filter_shows_what_it_found_and_what_it_left_out() {
    let found = app(homelab(), (80, 20), "4 / p o s t");
    insta::assert_snapshot!(styled((80, 20), |area, buf| frame(&found, Theme::default(), area, buf)));
    assert!(shot(USUAL, "4 / z z z enter").contains("0 of 12 match · esc clears"));
    assert!(shot(USUAL, "4 / z (").contains("cannot be read: \"z(\": unclosed group"));
}

#[test]
fn questions_help_palette_and_messages_lie_over_the_screen() {
    for (keys, name) in
        [("4 r", "question"), ("4 ?", "help"), ("4 : m o n", "palette"), ("4 d", "page"), ("4 l", "log")]
    {
        insta::assert_snapshot!(format!("{name}_80x24"), shot(USUAL, keys));
    }
    let mut app = app(homelab(), USUAL, "4 /");
    press(&mut app, "o f f esc R");
    let fault = Diagnostic::new("service media-core_plex has changed meanwhile", "look at it, then press r again");
    app.update(Msg::Submitted(Err(fault.because("seen version 7, is 9"))));
    insta::assert_snapshot!("message_80x24", shown(&app, USUAL));
    press(&mut app, "E");
    insta::assert_snapshot!("messages_80x24", shown(&app, USUAL));
    insta::assert_snapshot!("question_45x12", shot(NARROW, "4 r tab"));
}

#[test]
fn a_redeploy_from_a_file_shows_what_differs_and_the_key_for_every_task() {
    let mut app = app(homelab(), USUAL, "3 j j j j j j r");
    let plex = Change { effect: Effect::Restart, tasks: Some(1), ..Change::none(Thing::Service, "authentik_server") };
    let plan = Plan { stack: "authentik".into(), changes: vec![plex], ..Plan::default() };
    let offer = PlanOffer { plan, rolls: true, ..PlanOffer::default() };
    app.update(Msg::Planned { id: PlanId(1), answer: Ok(Box::new(offer)) });
    press(&mut app, "a");
    insta::assert_snapshot!("redeploy_80x24", shown(&app, USUAL));
}

#[test]
fn marks_and_the_cursor_are_seen_without_colour() {
    let app = app(homelab(), (80, 20), "4 space space >");
    let plain = Theme { colour: false, ascii: true };
    let drawn = styled((80, 20), |area, buf| frame(&app, plain, area, buf));
    assert!(drawn.is_ascii() || drawn.replace("══ style ══", "").is_ascii(), "{drawn}");
    insta::assert_snapshot!(drawn);
}

#[test]
fn wide_letters_leave_the_columns_straight() {
    let services =
        ["日本語_サービス", "naïve_café", "plain_web"].map(|name| service(name).task(1, "w1", TaskState::Running));
    let picture = Picture::of(swarm([node("m1").manager(true), node("w1")], services), &Arc::default(), noon());
    let drawn = shown(&app(picture, USUAL, "4"), USUAL);
    let ends: Vec<usize> = drawn
        .lines()
        .filter_map(|line| line.split_once("1/1").map(|(before, _)| crate::app::format::width(before)))
        .collect();
    assert_eq!(ends.len(), 3);
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}\n{drawn}");
}

#[test]
fn a_terminal_that_is_too_small_says_what_it_needs() {
    assert_eq!(shot((30, 5), "4").trim(), "needs 36×8, has 30×5");
}

#[test]
fn a_reader_is_told_so_and_offered_no_act() {
    let mut app = App::new(Settings { now: noon(), read_only: true, ..Settings::default() });
    app.update(Msg::Swarm(Arc::new(homelab())));
    press(&mut app, "4");
    let drawn = shown(&app, USUAL);
    assert!(drawn.contains("read-only") && !drawn.contains("redeploy"), "{drawn}");
}

#[test]
fn nothing_is_drawn_twice_or_beyond_at_any_size() {
    let mut app = app(homelab(), USUAL, "1");
    app.update(Msg::Board(board()));
    for keys in ["1", "2", "3", "4", "5", "7", "8", "4 r", "4 ?", "4 E", "4 d", "4 y", "4 l", "4 : x", "4 / x"] {
        for (width, height) in
            [(1, 1), (36, 8), (37, 9), (45, 12), (60, 19), (80, 20), (159, 30), (160, 30), (300, 100)]
        {
            app.update(Msg::Size { width, height });
            press(&mut app, keys);
            let _ = shown(&app, (width, height));
            press(&mut app, "esc esc esc esc");
        }
    }
}

#[test]
fn ten_thousand_tasks_are_only_drawn_where_they_are_seen() {
    let services = (0..100).map(|at| {
        let tasks = service(&format!("stack{:02}_service{at:03}", at % 20));
        (1..=100).fold(tasks, |service, slot| service.task(slot, "w1", TaskState::Running))
    });
    let nodes = [node("m1").manager(true), node("w1")];
    let picture = Picture::of(swarm(nodes, services), &Arc::new(Catalogue::default()), noon());
    let mut app = app(picture, LARGE, "5");
    for _ in 0..20 {
        press(&mut app, "pgdn");
        let _ = shown(&app, LARGE);
    }
    let drawn = shown(&app, LARGE);
    insta::assert_snapshot!(drawn.lines().take(8).collect::<Vec<_>>().join("\n"));
}
