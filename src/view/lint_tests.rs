//! The screen of what is wrong in the folder, as pictures.

use std::sync::Arc;

use super::frame;
use super::screen::{homelab, screen};
use super::theme::Theme;
use crate::app::{App, Effect, LintId, Msg, Settings};
use crate::diag::{Diagnostic, Finding, Rule, Severity, Spot};
use crate::model::sample::noon;

const RULES: [Rule; 3] = [
    Rule {
        id: "restart-stops",
        severity: Severity::Warning,
        title: "a service that should last is not started again when it ends",
        why: "once it ends it stays down, and nobody tells",
    },
    Rule {
        id: "health-missing",
        severity: Severity::Info,
        title: "others depend on a service that does not say how its health is found out",
        why: "they are let at it as soon as its process runs",
    },
    Rule {
        id: "port-dns",
        severity: Severity::Error,
        title: "port 53 is published through the swarm's own routing",
        why: "every node then answers for DNS",
    },
];

fn findings() -> Arc<[Finding]> {
    let [stops, health, dns] = &RULES;
    let at = |file: &str, line| Spot::of(file).line(line, 9);
    let monitoring = "stacks/platform/monitoring/compose.yaml";
    [
        health.broken(
            at(monitoring, 12),
            "others of monitoring start after loki, which has no healthcheck",
            "give it a healthcheck",
        ),
        stops.broken(
            at(monitoring, 41),
            "plex of media-core stays down when it ends without a fault",
            "write `condition: any`",
        ),
        dns.broken(
            at("stacks/dns/compose.yaml", 9),
            "dns of dns publishes port 53 on \u{1b}[31mevery node",
            "publish it in the long form with `mode: host`",
        ),
    ]
    .into()
}

fn app(size: (u16, u16)) -> (App, Vec<Effect>) {
    let mut app = App::new(Settings { now: noon(), ..Settings::default() });
    app.update(Msg::Size { width: size.0, height: size.1 });
    app.update(Msg::Swarm(Arc::new(homelab())));
    let effects = app.update(Msg::Key("F".to_owned()));
    (app, effects)
}

fn shown(app: &App, size: (u16, u16)) -> String {
    screen(size, |area, buf| frame(app, Theme::default(), area, buf))
}

fn answered(app: &mut App, id: u64, answer: Result<Arc<[Finding]>, Diagnostic>) -> Vec<Effect> {
    app.update(Msg::Linted { id: LintId(id), answer })
}

#[test]
fn what_is_wrong_in_the_folder_is_shown_the_worst_first() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let (mut app, effects) = app(size);
        assert_eq!(effects, [Effect::Lint(LintId(1))]);
        assert!(shown(&app, size).contains("looking through the folder"));
        assert_eq!(answered(&mut app, 1, Ok(findings())), []);
        insta::assert_snapshot!(format!("lint_{}x{}", size.0, size.1), shown(&app, size));
    }
}

#[test]
fn enter_says_why_it_is_wrong_and_how_to_mend_it() {
    let size = (80, 24);
    let (mut app, _) = app(size);
    answered(&mut app, 1, Ok(findings()));
    app.update(Msg::Key("enter".to_owned()));
    let page = shown(&app, size);
    for words in ["every node then answers for DNS", "publish it in the long form", "stacks/dns/compose.yaml:9:9"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains('\u{1b}'));
}

#[test]
fn refresh_looks_again_and_a_late_answer_never_overwrites_the_newer_one() {
    let size = (80, 24);
    let (mut app, _) = app(size);
    answered(&mut app, 1, Ok(findings()));
    assert_eq!(app.update(Msg::Key("R".to_owned())), [Effect::Lint(LintId(2))]);
    assert!(shown(&app, size).contains("dns of dns"), "what was found stays while somebody looks");
    assert_eq!(app.update(Msg::Key("R".to_owned())), [Effect::Lint(LintId(3))]);
    answered(&mut app, 3, Ok([].into()));
    answered(&mut app, 2, Ok(findings()));
    assert!(shown(&app, size).contains("nothing is wrong in the folder"));
    // Nobody looks again only because the screen is opened again.
    app.update(Msg::Key("1".to_owned()));
    assert_eq!(app.update(Msg::Key("F".to_owned())), []);
}

#[test]
fn a_look_that_broke_off_is_told_and_what_was_found_before_stands() {
    let size = (120, 40);
    let (mut app, _) = app(size);
    answered(&mut app, 1, Ok(findings()));
    app.update(Msg::Key("R".to_owned()));
    answered(&mut app, 2, Err(Diagnostic::new("the look broke off", "try again")));
    let page = shown(&app, size);
    assert!(page.contains("the look broke off") && page.contains("port-dns"), "{page}");
}
