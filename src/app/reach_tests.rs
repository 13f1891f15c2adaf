//! Shells, surveys and prunes as messages and effects.

use std::sync::Arc;

use super::trial::{last_told, press};
use super::*;
use crate::action::Action;
use crate::diag::Diagnostic;
use crate::model::sample::{node, noon, service, swarm};
use crate::model::{Amount, Asked, Disk, Holding, Holds, NodeId, Ran, RanEnd, Reply, Survey, TaskState, Told, Volume};

fn picture() -> Picture {
    let running = service("shop_web")
        .task(1, "w1", TaskState::Running)
        .and(|task| {
            task.container = Some("c1".into());
            task.since = Some(noon() - jiff::SignedDuration::from_secs(60));
        })
        .task(2, "w2", TaskState::Running)
        .and(|task| {
            task.container = Some("c2".into());
            task.since = Some(noon());
        })
        .task(2, "m1", TaskState::Rejected);
    let ended = service("shop_old").task(1, "w1", TaskState::Failed);
    Picture::of(swarm([node("m1").manager(true), node("w1"), node("w2")], [running, ended]), &Arc::default(), noon())
}

fn app(read_only: bool) -> App {
    let mut app = App::new(Settings { now: noon(), read_only, ..Settings::default() });
    app.update(Msg::Swarm(Arc::new(picture())));
    app
}

fn seen(app: &mut App, told: &[(&str, Reply)]) {
    let (look, _) = app.surveying_now().expect("something is asked");
    let nodes = told.iter().map(|(node, reply)| (NodeId::new(node), reply.clone())).collect();
    app.update(Msg::Seen { look, survey: Arc::new(Survey { nodes }) });
}

fn disk() -> Disk {
    Disk { dangling: Amount { count: 2, bytes: 2 << 20 }, ..Disk::default() }
}

fn volume(name: &str, used_by: u64) -> Volume {
    Volume {
        name: name.into(),
        driver: "local".into(),
        place: String::new(),
        created: None,
        size: Some(7),
        used_by,
        anonymous: false,
        stack: String::new(),
        elsewhere: None,
    }
}

#[test]
fn a_service_opens_a_shell_in_its_newest_running_task_and_says_which() {
    let mut app = app(false);
    let effects = press(&mut app, "4 / w e b enter s");
    let [Effect::Shell(inside)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((inside.container.as_str(), inside.name.as_str()), ("c2", "shop_web.2"));
    assert_eq!(last_told(&app), "opening a shell in shop_web.2 on w2, the newest of 2 · esc gives up");
}

#[test]
fn an_attempt_that_is_over_opens_a_shell_in_the_one_that_took_its_place_and_says_so() {
    let mut app = app(false);
    let effects = press(&mut app, "5 / w e b space m 1 enter s");
    let [Effect::Shell(inside)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(inside.container.as_str(), "c2");
    let told = last_told(&app);
    assert!(told.contains("in shop_web.2 on w2, which took over from the task you point at"), "{told}");
    assert!(press(&mut app, "/ ctrl-u o l d enter s").is_empty());
    assert!(last_told(&app).contains("does not run (failed)"), "{}", last_told(&app));
}

#[test]
fn what_does_not_run_or_may_not_be_changed_opens_none_and_says_why() {
    let mut app1 = app(false);
    assert!(press(&mut app1, "4 / o l d enter s").is_empty());
    assert_eq!(last_told(&app1), "no task of shop_old runs");
    assert!(press(&mut app1, "2 : s h e l l enter").is_empty());
    assert!(last_told(&app1).contains("a node has no shell"), "{}", last_told(&app1));
    let mut reader = app(true);
    assert!(press(&mut reader, "4 s").is_empty());
    assert!(last_told(&reader).contains("read-only"));
}

#[test]
fn the_end_of_a_shell_is_told_with_its_code() {
    let mut app = app(false);
    let ended_with = |app: &mut App, ended| {
        app.update(Msg::ShellEnded("shop_web.1".into(), ended));
        last_told(app)
    };
    assert_eq!(ended_with(&mut app, Ok(Some(3))), "the shell in shop_web.1 ended with code 3");
    assert!(ended_with(&mut app, Ok(Some(137))).contains("its container may be gone"));
    assert!(ended_with(&mut app, Ok(None)).contains("its container is gone"));
    assert_eq!(ended_with(&mut app, Err(Diagnostic::new("no way to w1", "give -H ssh://w1"))), "no way to w1");
}

#[test]
fn nodes_are_asked_only_while_a_screen_wants_to_know() {
    let mut app = app(false);
    let begun = press(&mut app, "2 j U");
    let [Effect::Look { id, asked: Asked::Usage, of: Some(of) }] = begun.as_slice() else { panic!("{begun:?}") };
    assert_eq!(of.as_str(), "w1");
    // Another press there asks all nodes; a late word of the first survey changes nothing.
    let all = press(&mut app, "U");
    assert!(matches!(all.as_slice(), [Effect::Look { asked: Asked::Usage, of: None, .. }]), "{all:?}");
    app.take_dirty();
    let late = Survey { nodes: vec![(NodeId::new("w1"), Reply::Waiting)] };
    app.update(Msg::Seen { look: *id, survey: Arc::new(late) });
    assert!(app.survey().nodes.is_empty() && !app.is_dirty());
    // A page above it keeps it, another screen ends it.
    assert!(press(&mut app, "?  esc").is_empty());
    assert_eq!(press(&mut app, "4"), [Effect::StopLook]);
}

#[test]
fn a_node_that_does_not_answer_is_a_row_with_its_reason() {
    let mut app = app(false);
    press(&mut app, ": d i s k enter");
    let silent = Reply::Silent { why: "no way to w2".into(), mend: "give -H ssh://w2".into() };
    seen(&mut app, &[("m1", Reply::Told(Told::Disk(disk()))), ("w1", Reply::Waiting), ("w2", silent)]);
    let Screen::List(screen) = app.views().top() else { panic!("no list") };
    let rows: Vec<String> = screen
        .list
        .visible()
        .map(|row| row.cells.iter().filter_map(list::Cell::text).collect::<Vec<_>>().join("|"))
        .collect();
    assert_eq!(rows, ["answers|m1", "asking|w1|", "no answer|w2|no way to w2 · give -H ssh://w2"]);
}

#[test]
fn asked_again_a_node_shows_what_it_told_before_until_it_tells_anew() {
    let mut app = app(false);
    press(&mut app, ": d i s k enter");
    seen(&mut app, &[("m1", Reply::Told(Told::Disk(disk())))]);
    let again = press(&mut app, "R");
    assert!(matches!(again.as_slice(), [Effect::Look { asked: Asked::Disk, .. }, Effect::Nudge]), "{again:?}");
    seen(&mut app, &[("m1", Reply::Waiting)]);
    assert!(matches!(app.survey().nodes.as_slice(), [(_, Reply::Told(_))]));
}

#[test]
fn a_prune_shows_what_goes_and_cancel_has_the_focus() {
    let mut app = app(false);
    press(&mut app, ": d i s k enter");
    let silent = Reply::Silent { why: "no way to w2".into(), mend: String::new() };
    seen(&mut app, &[("m1", Reply::Told(Told::Disk(disk()))), ("w2", silent)]);
    press(&mut app, "P");
    let Some(Popup::Confirm(confirm)) = app.popups().last() else { panic!("no question") };
    assert_eq!((confirm.items.len(), confirm.items[0].how.as_str()), (1, "2 dangling images"));
    assert!(confirm.notes.contains(&"w2 is left out: no way to w2".to_owned()), "{:?}", confirm.notes);
    assert!(press(&mut app, "enter").is_empty(), "enter alone changes nothing");
    let done = press(&mut app, "P tab enter");
    assert!(matches!(done.as_slice(), [Effect::Submit(Action::Prune { sweeps })] if sweeps.len() == 1), "{done:?}");
}

#[test]
fn data_goes_only_after_its_word_was_typed_and_only_what_was_shown() {
    let mut app = app(false);
    press(&mut app, ": v o l u m e s enter");
    let told = vec![volume("data", 0), volume("live", 1), volume("old", 0)];
    seen(&mut app, &[("w1", Reply::Told(Told::Volumes(told)))]);
    press(&mut app, "P");
    assert!(press(&mut app, "tab enter").is_empty());
    assert!(last_told(&app).contains("type w1 first"), "{}", last_told(&app));
    assert!(press(&mut app, "w q backspace 1 tab enter").is_empty(), "the cursor was on yes: tab goes back to Cancel");
    let done = press(&mut app, "P w 1 tab enter");
    let [Effect::Submit(Action::Prune { sweeps })] = done.as_slice() else { panic!("{done:?}") };
    assert_eq!(sweeps[0].volumes, ["data", "old"]);
    assert!(sweeps[0].kinds.is_empty());
}

#[test]
fn only_marked_volumes_go_where_some_are_marked() {
    let mut app = app(false);
    press(&mut app, ": v o l u m e s enter");
    let told = vec![volume("data", 0), volume("old", 0)];
    seen(&mut app, &[("w1", Reply::Told(Told::Volumes(told.clone()))), ("w2", Reply::Told(Told::Volumes(told)))]);
    let done = press(&mut app, "space P w 1 tab enter");
    let [Effect::Submit(Action::Prune { sweeps })] = done.as_slice() else { panic!("{done:?}") };
    assert!(sweeps.len() == 1 && sweeps[0].volumes == ["data"], "{sweeps:?}");
}

#[test]
fn a_reader_prunes_nothing() {
    let mut app = app(true);
    press(&mut app, ": d i s k enter");
    seen(&mut app, &[("m1", Reply::Told(Told::Disk(disk())))]);
    press(&mut app, "P");
    assert!(app.popups().is_empty() && last_told(&app).contains("read-only"));
}

fn dataset(name: &str, holds: Holds) -> Holding {
    Holding { free: Some(1 << 30), ..Holding::new(holds, "dataset", name) }
}

#[test]
fn a_snapshot_is_asked_for_with_cancel_focused_and_goes_through_the_queue() {
    let mut app = app(false);
    press(&mut app, "2 M");
    assert!(matches!(app.surveying_now(), Some((_, (Asked::Storage, Some(_))))));
    let told = vec![dataset("tank/a", Holds::Dataset), dataset("/mnt/x", Holds::Mount)];
    seen(&mut app, &[("m1", Reply::Told(Told::Storage(told.clone())))]);
    assert_eq!(press(&mut app, "G T"), [], "a mount has no snapshot");
    assert!(app.popups().is_empty() || press(&mut app, "esc").is_empty());
    press(&mut app, "g");
    let ask = |app: &mut App| {
        for _ in 0..3 {
            if app.popups().is_empty() {
                press(app, "T");
            }
            if app.popups().is_empty() {
                press(app, "j");
            }
        }
        assert!(matches!(app.popups(), [Popup::Confirm(_)]), "{:?}", last_told(app));
    };
    ask(&mut app);
    assert_eq!(press(&mut app, "enter"), [], "the cursor stands on Cancel");
    ask(&mut app);
    let done = press(&mut app, "tab enter");
    let [Effect::Submit(Action::Snapshot { shots, name })] = done.as_slice() else { panic!("{done:?}") };
    assert_eq!((shots.len(), shots[0].dataset.as_str(), shots[0].host.as_str()), (1, "tank/a", "m1"));
    assert!(name.starts_with("quarterdeck-") && name.len() == "quarterdeck-20260101-120000".len(), "{name}");

    let mut reader = super::reach_tests::app(true);
    press(&mut reader, "2 M");
    seen(&mut reader, &[("m1", Reply::Told(Told::Storage(told)))]);
    press(&mut reader, "T");
    assert!(reader.popups().is_empty() && last_told(&reader).contains("read-only"));
}

#[test]
fn a_command_runs_on_the_marked_nodes_and_its_page_shows_what_comes() {
    let mut app = app(false);
    press(&mut app, "2 g space j space x");
    let done = press(&mut app, "d f space - h enter");
    let [Effect::Run { id, line, nodes }] = done.as_slice() else { panic!("{done:?}") };
    assert_eq!((line.as_str(), nodes.len()), ("df -h", 2));
    let mut ran = Ran::begun(line, nodes.iter().cloned());
    ran.hosts[0].lines = vec!["Filesystem".into(), "/dev/vda1".into()];
    ran.hosts[0].end = Some(RanEnd::Code(0));
    app.update(Msg::Ran { id: *id, ran: Arc::new(ran.clone()) });
    let Screen::List(screen) = app.views().top() else { panic!("no page") };
    assert_eq!(screen.list.visible().count(), 4, "two machines, two lines");
    app.update(Msg::Ran { id: RunId(99), ran: Arc::default() });
    let Screen::List(screen) = app.views().top() else { panic!("no page") };
    assert_eq!(screen.list.visible().count(), 4, "a late answer of another run changes nothing");
    assert_eq!(press(&mut app, "x"), [Effect::StopRun]);
    press(&mut app, "esc x");
    assert!(app.prompt().is_none(), "one at a time: its page is shown instead");
    ran.hosts[1].end = Some(RanEnd::Broke("it was stopped".into()));
    app.update(Msg::Ran { id: *id, ran: Arc::new(ran) });
    assert!(last_told(&app).contains("over"), "{}", last_told(&app));
    press(&mut app, "esc x");
    assert!(app.prompt().is_some());

    let mut reader = super::reach_tests::app(true);
    press(&mut reader, "2 x");
    assert!(reader.prompt().is_none() && last_told(&reader).contains("read-only"));
}
