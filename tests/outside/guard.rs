//! Nobody is disturbed by a change without being named first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::stand_in::{StandIn, said};
use crate::world::World;

const MEDIA: &str = "services: {plex: {image: plex:1}}\n";
const IDLE: &str = r#"{"MediaContainer":{"size":0}}"#;
const BUSY: &str = r#"{"MediaContainer":{"size":1,"Metadata":[{"title":"A Film","User":{"title":"ana"},"Player":{"state":"playing"}}]}}"#;

/// A media server that answers with this status, and its world.
fn world() -> (World, StandIn, Arc<AtomicU16>) {
    let world = World::new();
    let status = Arc::new(AtomicU16::new(200));
    let answers = Arc::clone(&status);
    let plex = world.stand_in(move |seen| {
        if seen.headers.get("x-plex-token").map(String::as_str) != Some("s3cret-token") || !seen.query.is_empty() {
            return said(401, "");
        }
        match answers.load(Ordering::SeqCst) {
            200 => said(200, BUSY),
            204 => said(200, IDLE),
            status => said(status, ""),
        }
    });
    world.put("stacks/application/media/compose.yaml", MEDIA);
    world.put("stacks/application/other/compose.yaml", "services: {a: {image: a:1}}\n");
    world.put(".env", "PLEX_TOKEN=s3cret-token\n");
    let list = format!(
        "critical_services:\n  - name: plex\n    stack: media\n    display_name: Plex\n    session_check:\n      url: {}/status/sessions\n      auth_param: X-Plex-Token\n      auth_secret: {{env: PLEX_TOKEN}}\n      method: plex\n",
        plex.url()
    );
    world.put("config/critical-services.yaml", &list);
    (world, plex, status)
}

/// Writes to anything but the lock that is held while somebody is asked.
fn changes(world: &World) -> usize {
    world.sim.writes().iter().filter(|seen| !seen.path.contains("/configs/")).count()
}

#[test]
fn who_is_watching_is_named_and_nothing_is_written() {
    let (world, plex, status) = world();
    for verb in [&["deploy", "media", "-y"][..], &["deploy", "media", "-y", "--json"]] {
        let (code, out, err) = world.said(verb);
        assert_eq!(code, 1, "{out}\n{err}");
        assert!(err.contains("ana watches A Film (playing)") && err.contains("--override-guard WHY"), "{err}");
        assert!(!out.contains("s3cret") && !err.contains("s3cret"));
    }
    assert_eq!(changes(&world), 0);
    // Who cannot be asked counts as watched.
    for (code, why) in [(503, "status 503"), (401, "refuses the token"), (500, "status 500")] {
        status.store(code, Ordering::SeqCst);
        let (ended, _, err) = world.said(&["deploy", "media", "-y"]);
        assert!(ended == 1 && err.contains(why), "{err}");
    }
    assert_eq!(changes(&world), 0);
    let asked = plex.seen();
    assert!(
        asked.iter().all(|seen| seen.path == "/status/sessions" && seen.method == "GET" && seen.body.is_empty()),
        "{asked:?}"
    );
}

#[test]
fn an_empty_house_and_another_stack_are_not_held_up() {
    let (world, plex, status) = world();
    let (code, _, err) = world.said(&["deploy", "other", "-y"]);
    assert_eq!(code, 0, "{err}");
    assert!(plex.seen().is_empty(), "a stack that nobody watches is not asked for");
    status.store(204, Ordering::SeqCst);
    let (code, _, err) = world.said(&["deploy", "media", "-y"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(world.sim.services(), ["media_plex", "other_a"]);
}

#[test]
fn every_verb_that_disturbs_is_guarded_and_an_override_is_kept_with_its_words() {
    let (world, _, status) = world();
    status.store(204, Ordering::SeqCst);
    assert_eq!(world.said(&["deploy", "media", "-y"]).0, 0);
    status.store(200, Ordering::SeqCst);
    world.sim.forget_requests();
    let verbs: [&[&str]; 4] = [
        &["redeploy", "media", "-y", "--all-tasks"],
        &["scale", "media_plex=2", "-y"],
        &["redeploy", "media_plex", "-y"],
        &["teardown", "media", "-y"],
    ];
    for verb in verbs {
        let (code, _, err) = world.said(verb);
        assert!(code == 1 && err.contains("ana watches A Film"), "{verb:?}: {err}");
    }
    assert_eq!(changes(&world), 0);
    let (code, out, err) =
        world.said(&["scale", "media_plex=2", "-y", "--json", "--override-guard", "the disk is full"]);
    assert_eq!(code, 0, "{err}");
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    let why = told[0]["why"].as_str().unwrap();
    assert!(why.starts_with("the disk is full (") && why.contains("ana watches"), "{why}");
    let (code, _, err) = world.said(&["teardown", "media", "-y", "--override-guard", ""]);
    assert_eq!(code, 2, "an override says why: {err}");
}

#[test]
fn the_folder_says_whether_a_watched_service_stops_a_change_or_only_warns() {
    let (world, ..) = world();
    world.put("quarterdeck.yaml", "gates: {sessions: stop}\n");
    let (code, _, err) = world.said(&["deploy", "media", "-y", "--override-guard", "now"]);
    assert!(code == 1 && err.contains("ana watches") && !err.contains("--override-guard"), "{err}");
    world.put("quarterdeck.yaml", "gates: {sessions: stop}\nstacks: {media: {gates: {sessions: warn}}}\n");
    let (code, _, err) = world.said(&["deploy", "media", "-y"]);
    assert!(code == 0 && err.contains("all the same: Plex: 1 session: ana watches"), "{err}");
}

#[test]
fn a_stack_that_a_watched_service_needs_is_guarded_with_it() {
    let (world, ..) = world();
    let list = "critical_services: [{name: plex, stack: media, cross_stack_deps: [other]}]\n";
    world.put("config/critical-services.yaml", list);
    let (code, _, err) = world.said(&["deploy", "other", "-y"]);
    assert!(code == 1 && err.contains("does not say how it is asked"), "{err}");
}

#[test]
fn a_drain_asks_for_what_is_watched_on_that_node_and_for_nothing_else() {
    let (world, plex, status) = world();
    status.store(204, Ordering::SeqCst);
    let pinned = "services: {plex: {image: plex:1, deploy: {placement: {constraints: [node.hostname == lorcha]}}}}\n";
    world.put("stacks/application/media/compose.yaml", pinned);
    assert_eq!(world.said(&["deploy", "media", "-y"]).0, 0);
    status.store(200, Ordering::SeqCst);
    world.sim.forget_requests();
    let asked = plex.seen().len();
    let (code, _, err) = world.said(&["node", "drain", "ching", "-y"]);
    assert!(code == 0 && plex.seen().len() == asked, "{err}");
    world.sim.forget_requests();
    let (code, out, err) = world.said(&["node", "drain", "lorcha", "-y"]);
    assert!(code == 1 && err.contains("ana watches A Film") && err.contains("--override-guard WHY"), "{err}");
    assert!(out.contains("can run nowhere else: node.hostname == lorcha"), "{out}");
    assert_eq!(changes(&world), 0);
    let (code, _, err) = world.said(&["node", "drain", "lorcha", "-y", "--override-guard", "its fan is broken"]);
    assert!(code == 0 && err.contains("its fan is broken (Plex: 1 session"), "{err}");
    // What gives it its tasks back disturbs nobody; what takes them away again does.
    assert_eq!(world.said(&["undo", "-y"]).0, 0);
    let (code, _, err) = world.said(&["undo", "-y"]);
    assert!(code == 1 || err.contains("ana watches"), "{err}");
}

#[test]
fn a_pre_flight_that_asks_is_refused_where_nobody_can_be_asked_unless_somebody_said_why() {
    let (world, ..) = world();
    world.put("stacks/application/other/pre-flight.yml", "validate:\n  env: [NEEDED]\n");
    world.put("quarterdeck.yaml", "gates: {preflight: stop}\n");
    let (code, _, err) = world.said(&["deploy", "other", "-y"]);
    assert!(
        code == 1 && err.contains("other needs a value for NEEDED") && err.contains("nothing was written"),
        "{err}"
    );
    world.put("quarterdeck.yaml", "gates: {preflight: ask}\n");
    let (code, out, err) = world.said(&["deploy", "other", "-y"]);
    assert!(out.contains("the deploy asks before it goes on"), "{out}");
    assert!(
        code == 1 && err.contains("something it demands is missing") && err.contains("--override-guard WHY"),
        "{err}"
    );
    assert!(world.sim.services().is_empty());
    let (code, _, err) = world.said(&["deploy", "other", "-y", "--override-guard", "it is only a test"]);
    assert!(code == 0 && err.contains("it is only a test (other needs a value for NEEDED"), "{err}");
    assert_eq!(world.sim.services(), ["other_a"]);
}
