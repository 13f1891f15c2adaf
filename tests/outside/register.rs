//! Names and monitors are made known after a deploy, by the rules of each program, and a failure there fails nothing
//! else. Names are asked of a real name server.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::dnsmasq::Dnsmasq;
use crate::stand_in::{Reply, Seen, StandIn};
use crate::world::World;
use crate::{kuma, pihole, technitium};

const APP: &str = "\
services:
  web:
    image: app:1
    deploy:
      update_config: {monitor: 500ms}
      labels:
        caddy: app.${DOMAIN}
        uptime_kuma.path: /health
        uptime_kuma.accepted_statuscodes: 200,401
  api:
    image: api:1
    deploy:
      update_config: {monitor: 500ms}
      labels: ['traefik.http.routers.api.rule=Host(`api.example.test`) && PathPrefix(`/v1`)']
";
const HOSTS: &str = "all:\n  children:\n    managers:\n      hosts:\n        barbary: {ansible_host: 192.0.2.11}\n        ching: {ansible_host: 192.0.2.12}\n";

pub fn world(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> (World, StandIn) {
    let world = World::new();
    world.put("stacks/application/app/compose.yaml", APP);
    world.put("inventory/hosts.yml", HOSTS);
    let secrets = [
        ("TECHNITIUM_TOKEN", technitium::TOKEN),
        ("PIHOLE_PASSWORD", pihole::PASSWORD),
        ("KUMA_PASSWORD", kuma::PASSWORD),
    ];
    for (name, secret) in secrets {
        world.put(&format!("secrets/{name}"), secret);
    }
    world.put(".env", "DOMAIN=example.test\n");
    let stand_in = world.stand_in(answer);
    (world, stand_in)
}

/// The outlet of this name; the name server is asked on this port.
pub fn outlet(world: &World, name: &str, stand_in: &StandIn, port: u16) {
    let (key, secret) = match name {
        "technitium" => ("token", "TECHNITIUM_TOKEN"),
        "pihole" => ("password", "PIHOLE_PASSWORD"),
        _ => ("password", "KUMA_PASSWORD"),
    };
    let file = world.folder.path().join("secrets").join(secret);
    let names = format!(", zone: example.test, ingress: barbary, server: \"127.0.0.1:{port}\"");
    let names = if name == "uptime_kuma" { "" } else { &names };
    let text = format!(
        "registrations:\n  {name}: {{url: \"{}\", {key}: {{file: {}}}{names}}}\n",
        stand_in.url(),
        file.display()
    );
    world.put("quarterdeck.yaml", &text);
}

fn silent(out: &str) {
    for secret in [technitium::TOKEN, pihole::PASSWORD, kuma::PASSWORD] {
        assert!(!out.contains(secret), "{out}");
    }
}

#[test]
fn technitium_learns_a_stack_after_its_deploy_and_forgets_it_after_its_teardown() {
    let Some(server) = Dnsmasq::start().map(Arc::new) else { return };
    let state = technitium::Shared::default();
    let (world, stand_in) = world(technitium::answers(Arc::clone(&state), Some(Arc::clone(&server))));
    outlet(&world, "technitium", &stand_in, server.port);
    let (code, out, _) = world.said(&["register", "app", "--check"]);
    assert!(
        code == 1
            && out.contains("make the zone example.test")
            && out.contains("add app.example.test CNAME barbary.example.test"),
        "{out}"
    );
    assert!(state.lock().unwrap().zones.is_empty(), "a look changes nothing");
    let (code, out, err) = world.said(&["deploy", "app", "-y"]);
    assert!(code == 0 && out.contains("Technitium") && out.contains("verified"), "{out}{err}");
    silent(&out);
    let all = [
        "api.example.test CNAME barbary.example.test",
        "app.example.test CNAME barbary.example.test",
        "barbary.example.test A 192.0.2.11",
        "ching.example.test A 192.0.2.12",
    ];
    assert_eq!(known(&state), all);
    // Again changes nothing, and a record that somebody bent is straightened.
    let writes = state.lock().unwrap().writes;
    assert_eq!(world.said(&["register", "app", "-y"]).0, 0);
    assert_eq!(state.lock().unwrap().writes, writes);
    state.lock().unwrap().records[2] = ("app.example.test".to_owned(), "A".to_owned(), "192.0.2.99".to_owned());
    let (code, out, err) = world.said(&["register", "app", "-y"]);
    assert!(code == 0 && out.contains("remove app.example.test A 192.0.2.99"), "{out}{err}");
    let (code, out, err) = world.said(&["teardown", "app", "-y"]);
    assert!(code == 0 && out.contains("verified"), "{out}{err}");
    assert_eq!(known(&state), all[2..]);
}

#[test]
fn a_stack_whose_file_is_gone_is_forgotten_after_its_teardown_by_the_labels_it_had() {
    let Some(server) = Dnsmasq::start().map(Arc::new) else { return };
    let state = technitium::Shared::default();
    let (world, stand_in) = world(technitium::answers(Arc::clone(&state), Some(Arc::clone(&server))));
    outlet(&world, "technitium", &stand_in, server.port);
    let other = "services: {b: {image: \"b:1\", deploy: {labels: {caddy: api.example.test}}}}\n";
    world.put("stacks/application/other/compose.yaml", other);
    assert_eq!(world.said(&["deploy", "app", "-y"]).0, 0);
    std::fs::remove_dir_all(world.folder.path().join("stacks/application/app")).unwrap();
    let (code, out, err) = world.said(&["teardown", "app", "-y"]);
    assert!(code == 0 && out.contains("Technitium") && out.contains("verified"), "{out}{err}");
    let all = known(&state);
    assert!(!all.iter().any(|record| record.starts_with("app.")), "{all:?}");
    assert!(all.iter().any(|record| record.starts_with("api.")), "another stack wishes it: {all:?}");
}

#[test]
fn a_monitor_that_stands_there_is_changed_only_after_a_yes() {
    let own = json!({ "type": "http", "name": "api.example.test", "url": "http://192.0.2.1", "accepted_statuscodes": ["200-299"] });
    let state: kuma::Shared = Arc::new(std::sync::Mutex::new(kuma::State::with(&[own])));
    let (world, stand_in) = world(kuma::answers(Arc::clone(&state)));
    outlet(&world, "uptime_kuma", &stand_in, 0);
    let (code, out, err) = world.said(&["deploy", "app", "-y"]);
    assert!(code == 0 && err.contains("nobody agreed to let the monitor api.example.test ask"), "{out}{err}");
    let urls = |state: &kuma::Shared| -> Vec<Value> {
        state.lock().unwrap().monitors.values().map(|one| one["url"].clone()).collect()
    };
    assert_eq!(urls(&state), ["http://192.0.2.1", "https://app.example.test/health"], "the rest is done");
    let (code, out, err) = world.said(&["register", "app", "-y"]);
    assert!(code == 0 && out.contains("verified"), "{out}{err}");
    assert_eq!(urls(&state)[0], "https://api.example.test");
}

#[test]
fn a_name_that_another_stack_is_reached_by_too_outlives_the_first() {
    let Some(server) = Dnsmasq::start().map(Arc::new) else { return };
    let state = technitium::Shared::default();
    let (world, stand_in) = world(technitium::answers(Arc::clone(&state), Some(Arc::clone(&server))));
    outlet(&world, "technitium", &stand_in, server.port);
    let other = "services: {b: {image: \"b:1\", deploy: {labels: {caddy: api.example.test}}}}\n";
    world.put("stacks/application/other/compose.yaml", other);
    assert_eq!(world.said(&["register", "app", "-y"]).0, 0);
    let (code, out, err) = world.said(&["register", "app", "-y", "--remove"]);
    assert!(code == 0 && out.contains("remove app.example.test CNAME"), "{out}{err}");
    assert!(known(&state).contains(&"api.example.test CNAME barbary.example.test".to_owned()), "{:?}", known(&state));
    let (code, out, err) = world.said(&["register", "other", "-y", "--remove"]);
    assert!(code == 0 && out.contains("as it should be"), "the first still wishes it: {out}{err}");
}

#[test]
fn a_registration_that_fails_does_not_fail_the_deploy() {
    let state = technitium::Shared::default();
    let (world, stand_in) = world(technitium::answers(state, None));
    outlet(&world, "technitium", &stand_in, 9);
    world.put("secrets/TECHNITIUM_TOKEN", "wrong-t0ken");
    let (code, out, err) = world.said(&["deploy", "app", "-y"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.contains("Technitium refuses the token") && !err.contains("wrong-t0ken"), "{err}");
    assert_eq!(world.sim.services(), ["app_api", "app_web"]);
    // By itself it does fail, and so does one that cannot be reached.
    let (code, _, err) = world.said(&["register", "app", "-y"]);
    assert!(code == 1 && err.contains("refuses the token"), "{err}");
    world.put("quarterdeck.yaml", "registrations: {technitium: {url: \"http://127.0.0.1:9\", token: {env: NO_TOKEN}, zone: example.test, ingress: barbary}}\n");
    let (code, _, err) = world.said(&["register", "app", "--check"]);
    assert!(code == 1 && err.contains("the variable NO_TOKEN holds no credential"), "{err}");
    world.put("quarterdeck.yaml", "");
    assert_eq!(world.said(&["register", "app"]).0, 2);
}

/// What the stand-in holds, in order.
pub fn known(state: &technitium::Shared) -> Vec<String> {
    let state = state.lock().unwrap();
    let mut known: Vec<String> = state.records.iter().map(|(name, kind, to)| format!("{name} {kind} {to}")).collect();
    known.sort();
    known
}

#[test]
fn long_addresses_wildcards_and_the_zone_itself_are_known_and_verified() {
    let Some(server) = Dnsmasq::start().map(Arc::new) else { return };
    let state = technitium::Shared::default();
    let (world, stand_in) = world(technitium::answers(Arc::clone(&state), Some(Arc::clone(&server))));
    outlet(&world, "technitium", &stand_in, server.port);
    world.put("inventory/hosts.yml", &HOSTS.replace("192.0.2.12", "\"2001:db8::12\""));
    let labels = "caddy: example.test, caddy_1: \"*.apps.example.test https://web.example.test\"";
    world.put(
        "stacks/application/app/compose.yaml",
        &format!("services: {{a: {{image: x, deploy: {{labels: {{{labels}}}}}}}}}\n"),
    );
    let (code, out, err) = world.said(&["register", "app", "-y"]);
    assert!(code == 0 && out.contains("verified"), "{out}{err}");
    let nodes = ["barbary.example.test A 192.0.2.11", "ching.example.test AAAA 2001:db8::12"];
    let all = [
        "*.apps.example.test CNAME barbary.example.test",
        nodes[0],
        nodes[1],
        "example.test A 192.0.2.11",
        "web.example.test CNAME barbary.example.test",
    ];
    assert_eq!(known(&state), all);
    let (code, out, err) = world.said(&["register", "app", "-y", "--remove"]);
    assert!(code == 0 && out.contains("verified"), "{out}{err}");
    assert_eq!(known(&state), nodes);
    // A wildcard of somebody's own says the same of every name, also of those that were taken back.
    state.lock().unwrap().records.push(("*.example.test".into(), "CNAME".into(), "barbary.example.test".into()));
    assert_eq!(world.said(&["register", "app", "-y"]).0, 0);
    let (code, out, err) = world.said(&["register", "app", "-y", "--remove"]);
    assert!(code == 0 && known(&state).len() == 3, "{out}{err}");
}

#[test]
fn a_name_that_somebody_else_gave_is_shown_and_replaced_only_after_a_yes() {
    let Some(server) = Dnsmasq::start().map(Arc::new) else { return };
    let state = technitium::Shared::default();
    let (world, stand_in) = world(technitium::answers(Arc::clone(&state), Some(Arc::clone(&server))));
    outlet(&world, "technitium", &stand_in, server.port);
    {
        let mut state = state.lock().unwrap();
        state.zones.insert("example.test".to_owned());
        state.records.push(("app.example.test".into(), "A".into(), "192.0.2.99".into()));
        // The ingress was on another node of the folder before: that is ours.
        state.records.push(("api.example.test".into(), "CNAME".into(), "ching.example.test".into()));
    }
    let (code, out, err) = world.said(&["deploy", "app", "-y"]);
    assert!(code == 0 && err.contains("app.example.test A 192.0.2.99 stands there, and nobody agreed"), "{out}{err}");
    let all = known(&state);
    assert!(all.contains(&"app.example.test A 192.0.2.99".to_owned()) && all.len() == 4, "{all:?}");
    assert!(all.contains(&"api.example.test CNAME barbary.example.test".to_owned()), "{all:?}");
    let (code, out, _) = world.said(&["register", "app", "--check"]);
    let told = "remove app.example.test A 192.0.2.99, which somebody else has made";
    assert!(code == 1 && out.contains(told) && known(&state) == all, "{out}");
    let (code, out, err) = world.said(&["register", "app", "-y"]);
    assert!(code == 0 && known(&state)[1] == "app.example.test CNAME barbary.example.test", "{out}{err}");
    // Taken back is what leads to our ingress, and what was bent meanwhile is another's.
    state.lock().unwrap().records.retain(|(name, ..)| name != "app.example.test");
    state.lock().unwrap().records.push(("app.example.test".into(), "A".into(), "192.0.2.98".into()));
    assert_eq!(world.said(&["register", "app", "-y", "--remove"]).0, 0);
    assert_eq!(known(&state)[0], "app.example.test A 192.0.2.98");
}

#[test]
fn how_long_names_are_remembered_follows_the_folder() {
    let Some(server) = Dnsmasq::start().map(Arc::new) else { return };
    let state = technitium::Shared::default();
    let (world, stand_in) = world(technitium::answers(Arc::clone(&state), Some(Arc::clone(&server))));
    outlet(&world, "technitium", &stand_in, server.port);
    assert_eq!(world.said(&["register", "app", "-y"]).0, 0);
    let config = std::fs::read_to_string(world.folder.path().join("quarterdeck.yaml")).unwrap();
    world.put("quarterdeck.yaml", &config.replace("zone:", "ttl: 300, zone:"));
    let (code, out, _) = world.said(&["register", "app", "--check"]);
    let told = "let app.example.test CNAME barbary.example.test be remembered for 300 s";
    assert!(code == 1 && out.contains(told), "{out}");
    assert_eq!(world.said(&["register", "app", "-y"]).0, 0);
    assert!(state.lock().unwrap().ttls.values().all(|ttl| *ttl == 300));
    assert_eq!(world.said(&["register", "app", "--check"]).0, 0);
}

#[test]
fn what_technitium_refuses_is_told_in_its_words_and_without_its_trace_or_our_token() {
    let state = technitium::Shared::default();
    let (world, stand_in) = world(technitium::answers(Arc::clone(&state), None));
    outlet(&world, "technitium", &stand_in, 9);
    let error =
        |message: String| json!({ "status": "error", "errorMessage": message, "stackTrace": "at DnsServerCore" });
    for (instead, words) in [
        (error("Access was denied.".to_owned()), "permissions, in its administration"),
        (error(format!("cannot use '{}' \u{1b}[31m", technitium::TOKEN)), "cannot use '…'"),
        (json!({ "status": "invalid-token", "errorMessage": "Invalid token or session expired." }), "session expired"),
        (json!({ "status": "2fa-required" }), "no Technitium"),
        (json!("<html>"), "no Technitium"),
    ] {
        state.lock().unwrap().instead = Some(instead);
        let (code, out, err) = world.said(&["register", "app", "--check"]);
        assert!(code == 1 && err.contains(words) && !err.contains("DnsServerCore"), "{err}");
        assert!(!err.contains('\u{1b}'), "{err:?}");
        silent(&format!("{out}{err}"));
    }
}

#[test]
fn a_pihole_session_that_ends_midway_is_begun_again_and_none_is_left_behind() {
    let Some(server) = Dnsmasq::start().map(Arc::new) else { return };
    let state = pihole::Shared::default();
    // A line that somebody wrote has no time of its own, and is as good.
    let own = vec!["api.example.test,barbary.example.test".to_owned()];
    state.lock().unwrap().lists.insert("cnameRecords".to_owned(), own);
    state.lock().unwrap().patience = Some(4);
    let (world, stand_in) = world(pihole::answers(Arc::clone(&state), Some(Arc::clone(&server))));
    outlet(&world, "pihole", &stand_in, server.port);
    world.put("inventory/hosts.yml", &HOSTS.replace("192.0.2.12", "\"2001:db8::12\""));
    let (code, out, err) = world.said(&["register", "app", "-y"]);
    assert!(code == 0 && out.contains("verified"), "{out}{err}");
    {
        let state = state.lock().unwrap();
        assert!(state.opened > 2 && state.sessions.is_empty(), "{} sessions, {:?}", state.opened, state.sessions);
        assert_eq!(state.lists["hosts"], ["192.0.2.11 barbary.example.test", "2001:db8::12 ching.example.test"]);
        let names = ["api.example.test,barbary.example.test", "app.example.test,barbary.example.test,3600"];
        assert_eq!(state.lists["cnameRecords"], names);
    }
    // A Pi-hole that lets nobody stay is asked twice and no more.
    state.lock().unwrap().patience = Some(1);
    let (code, _, err) = world.said(&["register", "app", "--check"]);
    assert!(code == 1 && err.contains("status 401"), "{err}");
}

#[test]
fn what_a_pihole_took_before_it_refused_the_next_is_read_by_its_name_server() {
    let Some(server) = Dnsmasq::start().map(Arc::new) else { return };
    let state = pihole::Shared::default();
    state.lock().unwrap().disliked = Some("app.example.test,barbary.example.test,3600".to_owned());
    let (world, stand_in) = world(pihole::answers(Arc::clone(&state), Some(Arc::clone(&server))));
    outlet(&world, "pihole", &stand_in, server.port);
    let (code, _, err) = world.said(&["register", "app", "-y"]);
    assert!(code == 1 && err.contains("Pi-hole refuses a change") && err.contains("app.example.test"), "{err}");
    let state = state.lock().unwrap();
    assert_eq!((state.restarts, state.lists["hosts"].len()), (1, 2));
}

#[test]
fn a_pihole_that_lets_nobody_in_says_why() {
    let state = pihole::Shared::default();
    let (world, stand_in) = world(pihole::answers(Arc::clone(&state), None));
    outlet(&world, "pihole", &stand_in, 9);
    let error =
        |key: &str| json!({ "error": { "key": key, "message": format!("{key} {}", pihole::PASSWORD), "hint": null } });
    for (status, body, what, mend) in [
        (429, error("api_seats_exceeded"), "no seat free", "max_sessions"),
        (429, error("rate_limiting"), "no more logins for now", "wait a minute"),
        (401, json!({ "session": { "valid": false, "totp": true } }), "wants a second factor", "app password"),
        (200, json!({ "session": { "valid": false } }), "refuses the password", "app password"),
        (404, json!(null), "no Pi-hole of version 6", "before 6"),
    ] {
        state.lock().unwrap().door = Some((status, body));
        let (code, out, err) = world.said(&["register", "app", "--check"]);
        assert!(code == 1 && err.contains(what) && err.contains(mend), "{err}");
        silent(&format!("{out}{err}"));
    }
    assert_eq!(state.lock().unwrap().asked, 0, "who was not let in asks nothing");
}

#[test]
fn no_secret_is_in_a_url_on_the_way_nor_in_anything_that_is_kept() {
    let zones = technitium::Shared::default();
    let (world, technitium) = world(technitium::answers(zones, None));
    let hole = world.stand_in(pihole::answers(pihole::Shared::default(), None));
    let kuma = world.stand_in(kuma::answers(kuma::Shared::default()));
    for (name, stand_in) in [("technitium", &technitium), ("pihole", &hole), ("uptime_kuma", &kuma)] {
        outlet(&world, name, stand_in, 9);
        // Names cannot be verified here: what fails is told and written down too.
        let (_, out, err) = world.said(&["register", "app", "-y", "-v"]);
        silent(&format!("{out}{err}"));
        for seen in stand_in.seen() {
            silent(&format!("{} {:?}", seen.path, seen.query));
        }
        assert!(!stand_in.seen().is_empty());
    }
    // The secrets lie in files of their own; nothing else that was written in this folder may hold one.
    let mut folders = vec![world.folder.path().to_owned()];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("secrets") {
                folders.push(path);
            } else if path.is_file() {
                silent(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
                read += 1;
            }
        }
    }
    assert!(read > 4 && !world.journal().is_empty());
}

#[test]
fn a_name_server_that_says_something_else_is_told() {
    let Some(server) = Dnsmasq::start().map(Arc::new) else { return };
    let state = technitium::Shared::default();
    // Whoever answers for names never hears of what the API was told.
    let (world, stand_in) = world(technitium::answers(Arc::clone(&state), None));
    outlet(&world, "technitium", &stand_in, server.port);
    let (code, _, err) = world.said(&["register", "app", "-y"]);
    assert!(code == 1 && err.contains("is not what 127.0.0.1:") && err.contains("app.example.test CNAME"), "{err}");
}

#[test]
fn pihole_learns_a_stack_in_one_session_that_is_closed_at_the_end() {
    let Some(server) = Dnsmasq::start().map(Arc::new) else { return };
    let state = pihole::Shared::default();
    state.lock().unwrap().lists.insert(
        "hosts".to_owned(),
        vec!["192.0.2.99 app.example.test".to_owned(), "192.0.2.50 other.example.test".to_owned()],
    );
    let (world, stand_in) = world(pihole::answers(Arc::clone(&state), Some(Arc::clone(&server))));
    outlet(&world, "pihole", &stand_in, server.port);
    let (code, out, err) = world.said(&["register", "app", "-y"]);
    assert!(
        code == 0 && out.contains("remove app.example.test A 192.0.2.99") && out.contains("verified"),
        "{out}{err}"
    );
    silent(&format!("{out}{err}"));
    {
        let state = state.lock().unwrap();
        assert_eq!(
            state.lists["hosts"],
            ["192.0.2.50 other.example.test", "192.0.2.11 barbary.example.test", "192.0.2.12 ching.example.test"]
        );
        assert_eq!(state.lists["cnameRecords"].len(), 2);
        assert_eq!((state.restarts, state.sessions.len()), (1, 0), "read once, and nobody stays logged in");
        // One to look, one to change.
        assert_eq!(state.opened, 2);
    }
    assert_eq!(world.said(&["register", "app", "-y", "--remove"]).0, 0);
    assert_eq!(state.lock().unwrap().lists["cnameRecords"], Vec::<String>::new());
    state.lock().unwrap().frozen = true;
    let (code, _, err) = world.said(&["register", "app", "-y"]);
    assert!(code == 1 && err.contains("app_sudo"), "{err}");
    world.put("secrets/PIHOLE_PASSWORD", "wrong-passw0rd");
    let (code, _, err) = world.said(&["register", "app", "-y"]);
    assert!(code == 1 && err.contains("refuses the password") && !err.contains("wrong-passw0rd"), "{err}");
    assert!(state.lock().unwrap().sessions.is_empty());
}

#[test]
fn uptime_kuma_gets_a_monitor_for_each_route_and_loses_only_ours() {
    let own = json!({ "type": "ping", "name": "api.example.test", "hostname": "192.0.2.11" });
    let old = json!({ "type": "http", "name": "api.example.test", "url": "https://api.example.test/old", "accepted_statuscodes": ["200-299"], "interval": 20 });
    let state: kuma::Shared = Arc::new(std::sync::Mutex::new(kuma::State::with(&[own, old])));
    let (world, stand_in) = world(kuma::answers(Arc::clone(&state)));
    outlet(&world, "uptime_kuma", &stand_in, 0);
    let (code, out, err) = world.said(&["register", "app", "--check", "--json"]);
    let told: Value = serde_json::from_str(&out).unwrap();
    assert!(code == 1 && told["outlets"][0]["todo"].as_array().unwrap().len() == 2, "{out}{err}");
    assert_eq!(state.lock().unwrap().monitors.len(), 2);
    let (code, out, err) = world.said(&["register", "app", "-y"]);
    assert!(code == 0 && out.contains("verified"), "{out}{err}");
    silent(&format!("{out}{err}"));
    {
        let state = state.lock().unwrap();
        let changed = &state.monitors[&2];
        assert_eq!((&changed["url"], &changed["interval"]), (&json!("https://api.example.test"), &json!(20)));
        let added = &state.monitors[&3];
        assert_eq!(added["url"], "https://app.example.test/health");
        assert_eq!(added["accepted_statuscodes"], json!(["200", "401"]));
        assert_eq!((state.conversations.len(), state.ended), (0, 3), "every conversation is ended");
    }
    assert_eq!(world.said(&["register", "app", "-y", "--remove"]).0, 0);
    assert_eq!(
        state.lock().unwrap().monitors.keys().collect::<Vec<_>>(),
        [&1],
        "a monitor of another kind is somebody's own"
    );
    world.put("secrets/KUMA_PASSWORD", "wrong-passw0rd");
    let (code, _, err) = world.said(&["register", "app", "-y"]);
    assert!(code == 1 && err.contains("refuses the login") && !err.contains("wrong-passw0rd"), "{err}");
}

#[test]
fn monitors_go_into_the_group_of_their_label_and_keep_what_was_chosen_by_hand() {
    let own = json!({ "type": "http", "name": "api.example.test", "url": "https://old", "accepted_statuscodes": ["200-299"],
        "tags": [{ "tag_id": 4, "name": "mine" }], "notificationIDList": { "2": true }, "interval": 20, "parent": null });
    let state: kuma::Shared = Arc::new(std::sync::Mutex::new(kuma::State::with(&[own])));
    let (world, stand_in) = world(kuma::answers(Arc::clone(&state)));
    outlet(&world, "uptime_kuma", &stand_in, 0);
    let grouped = APP.replace("        caddy:", "        uptime_kuma.group: Services\n        caddy:");
    let grouped = grouped.replace("&& PathPrefix(`/v1`)']", "&& PathPrefix(`/v1`)', 'uptime_kuma.group=Services']");
    world.put("stacks/application/app/compose.yaml", &grouped);
    let (code, out, err) = world.said(&["register", "app", "-y"]);
    assert!(code == 0 && out.contains("add the group Services") && out.contains("verified"), "{out}{err}");
    {
        let state = state.lock().unwrap();
        let groups: Vec<_> = state.monitors.values().filter(|one| one["type"] == "group").collect();
        assert_eq!((groups.len(), &groups[0]["name"]), (1, &json!("Services")));
        let parents: Vec<_> = state.monitors.values().filter_map(|one| one.get("parent")).collect();
        assert_eq!(parents, [&groups[0]["id"], &groups[0]["id"]]);
        let changed = &state.monitors[&1];
        assert_eq!((&changed["tags"][0]["tag_id"], &changed["notificationIDList"]["2"]), (&json!(4), &json!(true)));
        assert_eq!(changed["interval"], 20);
    }
    assert_eq!(world.said(&["register", "app", "--check"]).0, 0);
    // Its last monitor goes, and a group stays: somebody may have put others into it.
    assert_eq!(world.said(&["register", "app", "-y", "--remove"]).0, 0);
    assert_eq!(state.lock().unwrap().monitors.len(), 1);
}

#[test]
fn a_conversation_with_kuma_that_breaks_off_is_begun_again_and_nothing_is_added_twice() {
    for forgets_after in 1..=6 {
        let state = kuma::Shared::default();
        let (world, stand_in) = world(kuma::answers(Arc::clone(&state)));
        outlet(&world, "uptime_kuma", &stand_in, 0);
        state.lock().unwrap().forgets_after = Some(2 + forgets_after);
        let (code, out, err) = world.said(&["register", "app", "-y"]);
        let names: Vec<Value> = state.lock().unwrap().monitors.values().map(|one| one["name"].clone()).collect();
        // A login that breaks off is told; anything later is taken up again.
        if forgets_after == 1 {
            assert!(code == 1 && err.contains("knows the conversation no more") && names.is_empty(), "{out}{err}");
        } else {
            assert!(code == 0 && out.contains("verified"), "{forgets_after}: {out}{err}");
            assert_eq!(names, ["api.example.test", "app.example.test"], "{forgets_after}");
        }
    }
}

#[test]
fn a_kuma_that_lets_nobody_in_says_why() {
    let state = kuma::Shared::default();
    let (world, stand_in) = world(kuma::answers(Arc::clone(&state)));
    outlet(&world, "uptime_kuma", &stand_in, 0);
    for (door, what, mend) in [
        (json!({ "tokenRequired": true }), "wants a second factor", "without a second factor"),
        (json!({ "ok": false, "msg": "Too frequently, try again later." }), "no more logins for now", "wait a minute"),
        (
            json!({ "ok": false, "msg": format!("bad {}", kuma::PASSWORD) }),
            "refuses the login",
            "username and password",
        ),
    ] {
        state.lock().unwrap().door = Some(door);
        let (code, out, err) = world.said(&["register", "app", "--check"]);
        assert!(code == 1 && err.contains(what) && err.contains(mend), "{err}");
        silent(&format!("{out}{err}"));
    }
    assert!(state.lock().unwrap().conversations.is_empty(), "who was not let in says goodbye all the same");
}

#[test]
fn outlets_are_reached_over_tls_by_a_ca_of_their_own_and_by_no_other() {
    let zones = technitium::Shared::default();
    let (world, technitium) = world(technitium::answers(Arc::clone(&zones), None));
    let hole = world.stand_in(pihole::answers(pihole::Shared::default(), None));
    let kuma = world.stand_in(kuma::answers(kuma::Shared::default()));
    for (name, stand_in, scheme, what) in [
        ("technitium", &technitium, "https", "add app.example.test CNAME"),
        ("pihole", &hole, "https", "add app.example.test CNAME"),
        ("uptime_kuma", &kuma, "https", "add the monitor app.example.test"),
        ("uptime_kuma", &kuma, "wss", "add the monitor app.example.test"),
    ] {
        let (port, ca) = world.secured(stand_in, "127.0.0.1");
        outlet(&world, name, stand_in, 9);
        let plain = std::fs::read_to_string(world.folder.path().join("quarterdeck.yaml")).unwrap();
        let secured = plain.replace(&stand_in.url(), &format!("{scheme}://127.0.0.1:{port}"));
        let known = secured.replace("{url:", &format!("{{ca: {ca}, url:"));
        world.put("quarterdeck.yaml", &known);
        let (code, out, err) = world.said(&["register", "app", "--check"]);
        assert!(code == 1 && out.contains(what), "{name}: {out}{err}");
        // Nobody else's signature counts: neither those that this machine trusts, nor another CA.
        let (_, stranger) = world.secured(stand_in, "127.0.0.1");
        let (elsewhere, its_ca) = world.secured(stand_in, "elsewhere.example.test");
        let before = stand_in.seen().len();
        let port = |text: &str| text.replace(&format!(":{port}\""), &format!(":{elsewhere}\""));
        for (config, why) in [
            (secured.clone(), "signed by nobody who is trusted here"),
            (known.replace(&ca, &stranger), "signed by nobody who is trusted here"),
            (port(&known.replace(&ca, &its_ca)), "is for another name"),
            (known.replace(&ca, "/nowhere/ca.pem"), "a file for TLS cannot be read"),
            (known.replace("s://", "://"), "does not answer"),
        ] {
            world.put("quarterdeck.yaml", &config);
            let (code, out, err) = world.said(&["register", "app", "--check"]);
            assert!(code == 1 && err.contains(why), "{name}: {out}{err}");
            assert!(!err.contains("--tlscacert") && !err.contains("engine"), "{err}");
            silent(&format!("{out}{err}"));
        }
        assert_eq!(stand_in.seen().len(), before, "nothing was said where the certificate did not hold");
    }
}

#[test]
fn where_autokuma_reads_labels_nothing_is_done_and_that_is_said() {
    let state = kuma::Shared::default();
    let (world, stand_in) = world(kuma::answers(Arc::clone(&state)));
    outlet(&world, "uptime_kuma", &stand_in, 0);
    world.put(
        "stacks/application/app/compose.yaml",
        "services: {a: {image: x, deploy: {labels: {kuma.a.http.url: https://a.example.test}}}}\n",
    );
    let (code, out, err) = world.said(&["register", "app", "--check"]);
    assert!(code == 0 && out.contains("AutoKuma makes the monitors"), "{out}{err}");
    assert!(stand_in.seen().is_empty());
}
