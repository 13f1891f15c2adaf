//! What a description tells of each kind of thing.

use super::*;
use crate::action::{Action, Board, History, Job, JobId, JobState, Scope};
use crate::app::Move;
use crate::model::sample::{node, noon, service, swarm};
use crate::model::{Drifts, Mode, NodeId, Picture, ServiceId, Survey, TaskId, TaskState};

fn picture() -> Picture {
    let web = service("shop_web")
        .mode(Mode::Replicated(2))
        .with(|web| {
            web.constraints = vec!["node.labels.disk == ssd".into(), "node.labels.igpu == true".into()];
            web.labels.insert("api.token".into(), "hunter2".into());
            web.raw = r#"{"ID":"x","Spec":{"Name":"shop_web"}}"#.into();
        })
        .task(1, "w1", TaskState::Failed)
        .and(|task| task.exit_code = Some(3))
        .task(1, "w1", TaskState::Running)
        .task(2, "m1", TaskState::Running);
    let nodes = [node("m1").manager(true), node("w1").label("disk", "ssd")];
    Picture::of(swarm(nodes, [web]), &Default::default(), noon())
}

fn board() -> Board {
    let action = Action::Redeploy { scope: Scope::Stack("shop".into()), services: Vec::new() };
    Board::from_iter([Job {
        id: JobId(1),
        action: action.into(),
        course: None,
        after: Vec::new(),
        past: Vec::new(),
        submitted: noon(),
        started: Some(noon()),
        ended: None,
        state: JobState::Running,
        why: String::new(),
        steps: Vec::new(),
    }])
}

/// What a page of these subjects does not read.
#[derive(Default)]
struct Rest(Survey, Drifts, History);

fn world<'a>(picture: &'a Picture, board: &'a Board, Rest(survey, drift, done): &'a Rest) -> World<'a> {
    World { picture, board, survey, drift, lint: None, done, now: noon() }
}

fn look(view: &mut DescribeView, picture: &Picture) {
    view.refresh(world(picture, &Board::default(), &Rest::default()));
}

fn told(subject: &Subject) -> String {
    let described = describe(subject, world(&picture(), &board(), &Rest::default())).expect("it is there");
    let mut text = described.title.clone();
    for section in &described.sections {
        text.push_str(&format!("\n[{}]", section.title));
        for field in &section.fields {
            let state = field.state.as_ref().map(|stated| format!("{} ", stated.word)).unwrap_or_default();
            text.push_str(&format!("\n{}: {state}{}", field.label, field.value));
        }
    }
    text
}

#[test]
fn a_service_tells_which_nodes_meet_which_constraint() {
    let text = told(&Subject::Service(ServiceId::new("shop_web")));
    assert!(text.contains("constraints: node.labels.disk == ssd: w1"), "{text}");
    assert!(text.contains(": waiting node.labels.igpu == true: no node"), "{text}");
    assert!(text.contains("may go to: waiting no node that is ready and active"), "{text}");
    assert!(text.contains("api.token: •••"), "{text}");
}

#[test]
fn tasks_stand_under_their_slot_with_what_was_before() {
    let text = told(&Subject::Service(ServiceId::new("shop_web")));
    assert!(text.contains(".1: running on w1 for 0s\n: failed on w1 0s ago after 0s, exit 3\n.2: running"), "{text}");
}

#[test]
fn every_kind_of_thing_can_be_described() {
    let web = ServiceId::new("shop_web");
    for (subject, word) in [
        (Subject::Node(NodeId::new("m1")), "manager, leads"),
        (Subject::Service(web.clone()), "2 of 2 tasks run"),
        (Subject::Task(web, TaskId::new("shop_web.0")), "other attempts of this slot"),
        (Subject::Stack("shop".into()), "1 of 1 service ready"),
        (Subject::Tier(crate::model::Tier::Unassigned), "1 of 1 stack ready"),
        (Subject::Quorum, "1 of 1 managers reachable"),
        (Subject::Job(JobId(1)), "lane: stack shop"),
    ] {
        let text = told(&subject);
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn the_page_of_a_thing_that_is_gone_stays_and_says_so() {
    let mut view = DescribeView::new(Subject::Service(ServiceId::new("shop_web")), false);
    view.resize(60, 10);
    look(&mut view, &picture());
    let rows = view.rows();
    look(&mut view, &Picture::default());
    assert!(view.gone);
    assert_eq!(view.rows(), rows);
}

#[test]
fn a_page_scrolls_to_its_end_and_no_further_and_to_what_is_found() {
    let mut view = DescribeView::new(Subject::Service(ServiceId::new("shop_web")), false);
    view.resize(60, 10);
    look(&mut view, &picture());
    view.go(Move::Bottom);
    assert_eq!(view.top() + 10, view.rows());
    view.go(Move::Down);
    assert_eq!(view.top() + 10, view.rows());
    view.search("igpu");
    let seen = |view: &DescribeView| view.visible().any(|(_, row)| row.text.contains("igpu"));
    assert!(seen(&view));
    view.go(Move::Top);
    assert!(!seen(&view));
    view.go_to_found(true);
    assert!(seen(&view));
    view.set_raw(true);
    assert_eq!(view.visible().next().map(|(_, row)| row.text.as_str()), Some("ID: x"));
}
