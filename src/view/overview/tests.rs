//! The overview at every size, as it is seen.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::widgets::Widget;

use super::*;
use crate::model::sample::{node, noon, service, swarm};
use crate::model::{NodeId, Snapshot, TaskState};
use crate::view::screen::{drawn, homelab, screen, styled};
use crate::view::theme::Theme;

const PLAIN: Theme = Theme { colour: false, ascii: true };

fn cx(theme: Theme) -> Cx {
    Cx { theme, now: noon() }
}

fn show(picture: &Picture, view: &OverviewView, theme: Theme) -> impl FnOnce(Rect, &mut Buffer) {
    let (picture, view) = (picture.clone(), view.clone());
    move |area, buf| {
        Overview { picture: &picture, board: &board(), view: &view, cx: &cx(theme) }.render(area, buf);
    }
}

fn board() -> Board {
    use crate::action::{Action, Job, JobId, JobState, Scope};
    let action = Action::Redeploy { scope: Scope::Stack("monitoring".into()), services: Vec::new() };
    let at = |ago: i64| noon().checked_sub(jiff::Span::new().seconds(ago)).ok();
    Board::from_iter([Job {
        id: JobId(1),
        action: Arc::new(action),
        course: None,
        after: Vec::new(),
        past: Vec::new(),
        submitted: at(72).unwrap_or_default(),
        started: at(71),
        ended: at(30),
        state: JobState::Done,
        why: String::new(),
        steps: Vec::new(),
    }])
}

#[test]
fn at_120_by_40_machines_are_boxes() {
    insta::assert_snapshot!(screen((120, 35), show(&homelab(), &OverviewView::default(), Theme::default())));
}

#[test]
fn at_80_by_24_machines_are_rows() {
    insta::assert_snapshot!(screen((80, 20), show(&homelab(), &OverviewView::default(), Theme::default())));
}

#[test]
fn at_45_by_12_the_same_order_holds() {
    insta::assert_snapshot!(screen((45, 10), show(&homelab(), &OverviewView::default(), Theme::default())));
}

#[test]
fn at_200_by_60_the_selected_thing_is_told_in_full() {
    let picture = homelab();
    let mut view = OverviewView::default();
    view.select(Pane::Nodes, Subject::Node(NodeId::new("lorcha")));
    insta::assert_snapshot!(screen((200, 56), show(&picture, &view, Theme::default())));
}

#[test]
fn the_selected_thing_is_reversed_and_a_state_has_its_colour() {
    let picture = homelab();
    let mut view = OverviewView::default();
    view.select(Pane::Nodes, Subject::Node(NodeId::new("ching")));
    insta::assert_snapshot!(styled((100, 33), show(&picture, &view, Theme::default())));
    view.select(Pane::Tiers, Subject::Stack("observability".into()));
    let buf = drawn((100, 33), show(&picture, &view, Theme::default()));
    let reversed: String = buf
        .content
        .iter()
        .filter(|cell| cell.modifier.contains(ratatui::style::Modifier::REVERSED))
        .map(ratatui::buffer::Cell::symbol)
        .collect();
    assert_eq!(reversed, "observability ✖");
}

#[test]
fn without_colour_and_in_ascii_everything_still_reads() {
    let buf = drawn((120, 35), show(&homelab(), &OverviewView::default(), PLAIN));
    assert!(buf.content.iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
    assert!(buf.content.iter().all(|cell| cell.symbol().is_ascii()), "{buf:?}");
    insta::assert_snapshot!(screen((80, 20), show(&homelab(), &OverviewView::default(), PLAIN)));
}

#[test]
fn a_calm_swarm_takes_one_line_to_say_so() {
    let swarm = swarm([node("m1").manager(true)], [service("web_app").task(1, "m1", TaskState::Running)]);
    let calm = Picture::of(swarm, &Arc::default(), noon());
    insta::assert_snapshot!(screen((80, 20), show(&calm, &OverviewView::default(), Theme::default())));
}

#[test]
fn before_anything_is_known_it_says_what_is_tried() {
    let link = Link::Connecting { to: "ssh://barbary".into(), why: Some("connection refused".into()) };
    let picture = Picture { swarm: Snapshot { link, ..Snapshot::default() }, ..Picture::default() };
    insta::assert_snapshot!(screen((60, 6), show(&picture, &OverviewView::default(), Theme::default())));
}

#[test]
fn a_stale_picture_is_dimmed_all_over() {
    let link = Link::Stale { since: noon(), why: "no answer".into(), retry_at: None };
    let picture = homelab().with_link(link);
    let buf = drawn((80, 20), show(&picture, &OverviewView::default(), Theme::default()));
    assert!(buf.content.iter().all(|cell| cell.modifier.contains(ratatui::style::Modifier::DIM)));
}

#[test]
fn many_troubles_take_a_third_and_say_how_many_are_left() {
    let broken = (0..20).map(|at| {
        let pending = service(&format!("s{at:02}_app")).task(1, "", TaskState::Pending);
        pending.and(|task| task.error = "no suitable node (insufficient resources on 40 nodes)".into())
    });
    let nodes = (0..40).map(|at| node(&format!("w{at}")).manager(at == 0));
    let picture = Picture::of(swarm(nodes, broken), &Arc::default(), noon());
    insta::assert_snapshot!(screen((80, 20), show(&picture, &OverviewView::default(), Theme::default())));
    insta::assert_snapshot!(screen((120, 50), show(&picture, &OverviewView::default(), Theme::default())));
}

#[test]
fn no_size_breaks_it() {
    let picture = homelab();
    for width in (0..210).step_by(13) {
        for height in (0..60).step_by(3) {
            drawn((width, height), show(&picture, &OverviewView::default(), Theme::default()));
        }
    }
}
