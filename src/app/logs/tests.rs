//! What a log keeps, shows and finds.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::app::Move;
use crate::model::sample::noon;
use crate::model::{ServiceId, TaskId};

fn line(text: &str) -> LogLine {
    LogLine {
        at: Some(noon()),
        node: None,
        service: ServiceId::new("web"),
        task: Some(TaskId::new("t1")),
        stream: LogStream::Stdout,
        text: text.to_owned(),
    }
}

fn log() -> LogsView {
    let mut view = LogsView::new(LogTarget::Service { id: ServiceId::new("web"), tty: false }, "web");
    view.resize(80, 5);
    view
}

fn keeping(lines: usize, bytes: usize) -> LogsView {
    let mut view = log();
    (view.ring.max_lines, view.ring.max_bytes) = (lines, bytes);
    view
}

fn numbered(count: usize) -> Vec<LogLine> {
    (0..count).map(|at| line(&format!("line {at}"))).collect()
}

fn seen(view: &LogsView) -> Vec<String> {
    let entries = view.visible().into_iter().filter_map(|visible| view.entry(visible.number));
    entries
        .map(|entry| match entry {
            Entry::Line(line) => line.text.clone(),
            Entry::Rule { text, .. } => format!("-- {text}"),
        })
        .collect()
}

#[test]
fn the_newest_lines_are_shown_and_followed() {
    let mut view = log();
    view.lines(numbered(8), 0);
    assert_eq!(seen(&view), ["line 3", "line 4", "line 5", "line 6", "line 7"]);
    view.lines(vec![line("new")], 0);
    assert_eq!(seen(&view).last().map(String::as_str), Some("new"));
}

#[test]
fn going_up_stands_still_and_only_the_bottom_follows_again() {
    let mut view = log();
    view.lines(numbered(20), 0);
    view.go(Move::Up);
    view.lines(vec![line("new")], 0);
    assert_eq!(seen(&view)[0], "line 14");
    view.go(Move::Down);
    view.go(Move::Down);
    assert!(!view.is_following());
    assert_eq!(seen(&view)[4], "new");
    view.go(Move::Bottom);
    assert!(view.is_following());
    view.apply(LogIntent::Follow, noon());
    view.lines(numbered(3), 0);
    assert_eq!(seen(&view)[4], "new");
}

#[test]
fn what_is_kept_has_a_limit_and_what_went_is_counted() {
    let mut view = keeping(10, 1 << 20);
    view.lines(numbered(25), 3);
    assert_eq!((view.kept(), view.let_go(), view.dropped), (10, 16, 3));
    view.go(Move::Top);
    assert_eq!(seen(&view)[0], "line 15");
    let mut small = keeping(1000, 1000);
    small.lines(numbered(100), 0);
    assert!(small.kept() < 10 && small.kept() > 0);
}

#[test]
fn the_top_row_stays_until_it_is_let_go() {
    let mut view = keeping(10, 1 << 20);
    view.lines(numbered(10), 0);
    view.go(Move::Top);
    view.lines(numbered(4), 0);
    assert_eq!(seen(&view)[0], "line 4");
}

#[test]
fn a_filter_hides_and_a_search_only_finds() {
    let mut view = log();
    view.lines(numbered(30), 0);
    view.filter("line 2");
    assert_eq!((view.shown(), seen(&view)[0].as_str()), (11, "line 25"));
    view.lines(vec![line("line 200"), line("other")], 0);
    assert_eq!(view.shown(), 12);
    view.filter("!2");
    assert!(seen(&view).iter().all(|text| !text.contains('2')));
    view.filter("");
    view.search("LINE 1");
    assert_eq!(view.searched().map(|(_, found)| found), Some(0), "a capital means a capital");
    view.search("line 1");
    assert_eq!(view.searched().map(|(_, found)| found), Some(11));
    assert_eq!(view.shown(), 32);
}

#[test]
fn a_broken_pattern_is_told_and_the_last_good_one_stays() {
    let mut view = log();
    view.lines(numbered(3), 0);
    view.search("line");
    view.search("line(");
    assert!(view.fault.as_deref().is_some_and(|fault| fault.contains("unclosed")), "{:?}", view.fault);
    assert_eq!(view.searched().map(|(_, found)| found), Some(3));
}

#[test]
fn n_goes_from_find_to_find_and_round() {
    let mut view = log();
    view.lines(numbered(30), 0);
    view.search("line .5");
    let at = |view: &LogsView| view.found();
    view.apply(LogIntent::NextMatch, noon());
    assert_eq!(at(&view), Some(25));
    view.apply(LogIntent::NextMatch, noon());
    assert_eq!(at(&view), Some(15));
    view.apply(LogIntent::NextMatch, noon());
    assert_eq!(at(&view), Some(25));
    view.apply(LogIntent::PreviousMatch, noon());
    assert_eq!(at(&view), Some(15));
    assert!(seen(&view).contains(&"line 15".to_owned()));
    assert_eq!(view.copied().split_whitespace().last(), Some("15"));
}

#[test]
fn a_least_level_keeps_what_continues_a_grave_line() {
    let mut view = log();
    let lines = ["INFO ok", "ERROR broke", "    at main.rs:3", "Caused by: x", "no level", "level=warn slow"];
    view.lines(lines.iter().map(|text| line(text)).collect(), 0);
    view.set_level(Some(Level::Warn));
    assert_eq!(seen(&view), ["ERROR broke", "    at main.rs:3", "Caused by: x", "level=warn slow"]);
    view.next_level();
    view.next_level();
    assert_eq!(view.shown(), 6);
}

#[test]
fn what_the_engine_says_of_missing_lines_is_never_hidden() {
    let mut view = log();
    view.lines(vec![line("a"), LogLine { stream: LogStream::System, ..line("node away") }], 0);
    view.filter("nothing");
    assert_eq!(seen(&view), ["node away"]);
    view.apply(LogIntent::MarkLine, noon());
    assert_eq!(seen(&view), ["node away", "-- mark"]);
}

#[test]
fn more_of_the_past_is_asked_for_until_there_is_no_more() {
    let mut view = log();
    view.lines(numbered(3), 0);
    let more = view.apply(LogIntent::Longer, noon());
    assert_eq!((more.and_then(|query| query.tail), view.kept()), (Some(2000), 0));
    assert_eq!(view.apply(LogIntent::Longer, noon()).and_then(|query| query.tail), Some(10_000));
    view.lines(numbered(3), 0);
    assert_eq!((view.apply(LogIntent::Longer, noon()), view.kept()), (None, 3), "what is there stays");
}

#[test]
fn wrapped_lines_scroll_row_by_row() {
    let mut view = log();
    view.show.wrap = true;
    view.lines(vec![line(&"x".repeat(1000)), line("end")], 0);
    let before = view.visible();
    view.go(Move::Up);
    let after = view.visible();
    assert_eq!(before[0].row, after[0].row + 1);
    view.go(Move::Top);
    assert_eq!(view.visible()[0], Visible { number: 0, row: 0, rows: before[0].rows });
}

#[test]
fn lines_per_second_are_counted_between_ticks() {
    let mut view = log();
    view.tick(noon());
    view.lines(numbered(300), 0);
    view.tick(noon().checked_add(SignedDuration::from_secs(2)).unwrap_or_default());
    assert_eq!(view.per_second, 150);
}

#[test]
fn a_flood_is_taken_in_stride() {
    let mut view = log();
    let flood: Vec<LogLine> = numbered(100_000);
    view.lines(flood, 0);
    assert_eq!(view.visible().len(), 5);
}

proptest! {
    #[test]
    fn the_screen_is_full_whatever_is_pressed(
        keys in proptest::collection::vec(0u8..14, 0..40), height in 1u16..12, width in 10u16..120,
    ) {
        let mut view = keeping(50, 1 << 20);
        view.resize(width, height);
        for (at, key) in keys.into_iter().enumerate() {
            match key {
                0 => view.go(Move::Up),
                1 => view.go(Move::Down),
                2 => view.go(Move::PageUp),
                3 => view.go(Move::PageDown),
                4 => view.go(Move::Top),
                5 => view.go(Move::Bottom),
                6 => view.search("line .*1"),
                7 => view.filter(if at % 2 == 0 { "3" } else { "" }),
                8 => drop(view.apply(LogIntent::NextMatch, noon())),
                9 => drop(view.apply(LogIntent::Wrap, noon())),
                10 => drop(view.apply(LogIntent::Follow, noon())),
                11 => drop(view.apply(LogIntent::MatchesOnly, noon())),
                12 => view.lines(vec![line(&"long ".repeat(at * 3))], 0),
                _ => view.lines(numbered(at * 2), 0),
            }
            let rows: usize = view.visible().iter().map(|visible| visible.rows - visible.row).sum();
            prop_assert!(rows >= usize::from(height).min(view.shown()));
        }
    }
}
