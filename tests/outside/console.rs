//! The keys for what lies outside, in the real console: each shows what it would do, and nothing is done without a yes.

use std::sync::Arc;

use crate::dnsmasq::Dnsmasq;
use crate::register::{known, outlet, world};
use crate::sync::{Team, WEB};
use crate::technitium;

#[test]
fn a_sync_in_the_console_shows_what_came_and_deploys_it_after_a_yes() {
    let team = Team::new("");
    let mut console = team.world.console(&[]);
    console.press("3");
    console.until_said(&["STACK", "web", "db"]);
    team.push(&[("stacks/application/web/compose.yaml", &WEB.replace("web:", "web9:"))]);
    console.press("f");
    console.until_said(&["what came from the remote", "web: stacks/application/web/compose.yaml", "→"]);
    assert_eq!(team.head(), crate::sync::git(&team.colleague, &["rev-parse", "HEAD"]));
    // The first answer under the cursor is no.
    console.press("\r");
    console.until_said(&["deploy what came", "Cancel"]);
    console.press("\r");
    console.until(|screen| !screen.contains("Cancel"));
    assert!(team.world.sim.writes().is_empty());
    console.press("\r");
    console.until_said(&["deploy what came", "Cancel"]);
    console.press("\t\r");
    console.until(|_| team.world.sim.services() == ["web_a"]);
    let spec = team.world.sim.service("web_a").unwrap()["Spec"].to_string();
    assert!(spec.contains("web9:1"), "{spec}");
    // A stack that came is in its tier at once, in the console that is open.
    team.push(&[("stacks/platform/hub/compose.yaml", &WEB.replace("web:", "hub:"))]);
    console.press("\x1b");
    console.until_said(&["STACK", "web", "db"]);
    console.press("f");
    console.until_said(&["hub is new"]);
    console.press("\x1b");
    console.until_said(&["STACK", "hub"]);
}

#[test]
fn a_sync_that_cannot_be_says_why_on_the_screen_and_a_read_only_console_has_none() {
    let team = Team::new("");
    team.world.put("quarterdeck.yaml", "name: mine\n");
    let mut console = team.world.console(&[]);
    console.press("3");
    console.until_said(&["STACK", "web"]);
    console.press("f");
    console.until_said(&["in no commit: quarterdeck.yaml", "mend: commit them and push"]);
    let mut watching = team.world.console(&["--read-only"]);
    watching.press("3");
    watching.until_said(&["STACK", "web"]);
    watching.press("f");
    watching.until_said(&["refused: this console is read-only"]);
}

#[test]
fn a_registration_in_the_console_shows_every_change_and_replaces_a_stranger_s_only_after_a_yes() {
    let Some(server) = Dnsmasq::start().map(Arc::new) else { return };
    let state = technitium::Shared::default();
    let (world, stand_in) = world(technitium::answers(Arc::clone(&state), Some(Arc::clone(&server))));
    outlet(&world, "technitium", &stand_in, server.port);
    state.lock().unwrap().zones.insert("example.test".to_owned());
    state.lock().unwrap().records.push(("app.example.test".into(), "A".into(), "192.0.2.99".into()));
    let mut console = world.console(&[]);
    console.press("3");
    console.until_said(&["STACK", "app"]);
    console.press("Gm");
    let shown = console.until_said(&["register stack app", "add api.example.test CNAME barbary.example.test"]);
    assert!(shown.contains("remove app.example.test A 192.0.2.99"), "{shown}");
    console.press("\t\t\r");
    console.until(|screen| !screen.contains("Cancel"));
    assert_eq!(known(&state).len(), 1, "a look and a no change nothing");
    console.press("m");
    console.until_said(&["register stack app", "Cancel"]);
    console.press("\t\r");
    console.until(|_| known(&state).len() == 4);
    console.until(|_| known(&state).contains(&"app.example.test CNAME barbary.example.test".to_owned()));
    console.press("7");
    console.until_said(&["register stack app", "done"]);
    console.press("3m");
    console.until_said(&["app is known as it should be"]);
}
