//! Stories of what the folder says of stacks: drift, who governs them, what comes from the remote and what is made known.

use std::sync::Arc;

use super::trial::{console, judged, last_told, press, snapshot};
use super::*;
use crate::action::Action;
use crate::diag::Diagnostic;
use crate::model::sample::noon;

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
    assert!(last_told(&watching).contains("read-only"));
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
    let done = Action::Register { stack: "media".to_owned(), gone: false, labels: Vec::new() };
    assert_eq!(press(&mut app, "tab enter"), [Effect::Submit(done)]);
    app.update(Msg::Outlook { stack: "media".to_owned(), answer: Ok(vec![outlet("Technitium", Ok(Vec::new()))]) });
    assert!(app.popups.is_empty() && last_told(&app).contains("known as it should be"));
}
