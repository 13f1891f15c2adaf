//! What lies over the screen, where there is little room for it.

use std::sync::Arc;

use super::frame;
use super::screen::{homelab, screen};
use super::theme::Theme;
use crate::app::{App, AskId, Effect, Msg, Outlet, Settings};
use crate::ask::{Question, Wants};
use crate::diag::Diagnostic;
use crate::model::sample::noon;

fn shown(app: &App, size: (u16, u16)) -> String {
    screen(size, |area, buf| frame(app, Theme::default(), area, buf))
}

fn press(app: &mut App, keys: &str) -> Vec<Effect> {
    keys.split_whitespace().flat_map(|key| app.update(Msg::Key(key.to_owned()))).collect()
}

fn console(size: (u16, u16)) -> App {
    let mut app = App::new(Settings { now: noon(), ..Settings::default() });
    app.update(Msg::Size { width: size.0, height: size.1 });
    app.update(Msg::Swarm(Arc::new(homelab())));
    app
}

/// A question with one item and this many notes, each longer than a row.
fn asked(size: (u16, u16), deed: &str, notes: usize) -> App {
    let mut app = console(size);
    let outlet = |at: usize| Outlet {
        name: format!("outlet-{at}"),
        found: Ok(if at == 0 { vec![deed.to_owned()] } else { Vec::new() }),
        note: if at == 0 { String::new() } else { format!("{} end-of-{at}.", "is never written to ".repeat(6)) },
    };
    app.update(Msg::Outlook { stack: "media".to_owned(), answer: Ok((0..=notes).map(outlet).collect()) });
    app
}

/// All that is seen of it on the way down.
fn scrolled(app: &mut App, size: (u16, u16)) -> String {
    let mut all = shown(app, size);
    for _ in 0..400 {
        press(app, "down");
        all.push_str(&shown(app, size));
    }
    all
}

#[test]
fn what_a_question_touches_stands_first_and_every_note_can_be_read_to_its_end() {
    for size in [(80, 24), (40, 10)] {
        let mut app = asked(size, "add plex.example.test", 24);
        let first = shown(&app, size);
        assert!(first.contains("outlet-0") && first.contains("[ Cancel ]"), "{first}");
        let all = scrolled(&mut app, size);
        for at in 1..=24 {
            assert!(all.contains(&format!("end-of-{at}.")), "the note {at} ends unseen at {size:?}");
        }
        assert!(shown(&app, size).contains("[ Cancel ]"), "a note lies over the buttons");
        // At the end, one key goes back by one row.
        let end = shown(&app, size);
        press(&mut app, "k");
        assert_ne!(shown(&app, size), end);
    }
}

#[test]
fn all_that_there_is_to_know_of_a_host_can_be_read_before_it_is_trusted() {
    let size = (36, 8);
    let lines =
        ["the key of barbary is not known", "ED25519 SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", "THE END"];
    let lines = lines.map(str::to_owned).to_vec();
    for wants in [Wants::Consent("Trust"), Wants::Secret] {
        let mut app = console(size);
        let question = Question { title: "is this barbary".to_owned(), lines: lines.clone(), wants };
        app.update(Msg::Asked(AskId(1), question));
        let all = scrolled(&mut app, size);
        assert!(all.contains("THE END") && all.contains("not known"), "{}", shown(&app, size));
        assert!(matches!(wants, Wants::Secret) || shown(&app, size).contains("Trust"));
    }
}

#[test]
fn where_what_it_touches_cannot_be_shown_a_question_takes_no_yes() {
    let deed = "add one name after the other ".repeat(12);
    for (size, taken) in [((36, 8), false), ((80, 24), true)] {
        let mut app = asked(size, &deed, 0);
        let effects = press(&mut app, "tab enter");
        assert_eq!(effects.iter().any(|effect| matches!(effect, Effect::Submit(_))), taken, "{size:?}");
        let told = app.messages().newest_first().any(|message| message.text.contains("too small"));
        assert_eq!((told, app.popups().is_empty()), (!taken, taken), "{size:?}");
    }
}

#[test]
fn help_and_messages_are_scrolled_to_their_last_row_and_back() {
    let size = (45, 12);
    for open in ["4 ?", "E"] {
        let mut app = console(size);
        for at in 0..30 {
            let fault = Diagnostic::new(format!("fault {at}"), "mend it ".repeat(9) + "thus.").because("it broke");
            app.update(Msg::Fault(fault));
        }
        press(&mut app, open);
        press(&mut app, "G");
        let end = shown(&app, size);
        assert!(end.contains(", 0 below"), "{open}: {end}");
        press(&mut app, "k");
        assert!(shown(&app, size).contains(", 1 below"), "{open}: one row back");
        press(&mut app, "pgdn pgdn g");
        assert!(shown(&app, size).contains(" 0 above"), "{open}");
    }
}

#[test]
fn a_fault_is_read_with_its_why_and_its_mend_however_long_they_are() {
    for size in [(80, 24), (45, 12)] {
        let mut app = console(size);
        let long = |word: &str| format!("{} {word}", "the registry did not answer in time and".repeat(5));
        app.update(Msg::Fault(Diagnostic::new(long("WHAT"), long("MEND")).because(long("WHY"))));
        press(&mut app, "E");
        let all = scrolled(&mut app, size);
        for word in ["WHAT", "WHY", "MEND"] {
            assert!(all.contains(word), "{word} is cut at {size:?}");
        }
    }
}
