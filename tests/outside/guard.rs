//! Nobody is disturbed by a change without being named first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use quarterdeck::outside::Client;
use quarterdeck::outside::sessions::{Server, presence};
use tokio::io::AsyncWriteExt;
use zeroize::Zeroizing;

use crate::stand_in::{StandIn, said};
use crate::world::World;

const MEDIA: &str = "services: {plex: {image: plex:1, deploy: {update_config: {monitor: 500ms}}}}\n";
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
    world.put(
        "stacks/application/other/compose.yaml",
        "services: {a: {image: a:1, deploy: {update_config: {monitor: 500ms}}}}\n",
    );
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
fn a_list_of_what_is_watched_that_cannot_be_read_counts_as_watched() {
    let (world, _, status) = world();
    status.store(204, Ordering::SeqCst);
    assert_eq!(world.said(&["deploy", "media", "other", "-y"]).0, 0);
    world.sim.forget_requests();
    world.put("config/critical-services.yaml", "critical_services:\n  - name: [plex\n");
    for verb in [&["redeploy", "media_plex", "-y"][..], &["scale", "other_a=2", "-y"]] {
        let (code, _, err) = world.said(verb);
        let told = err.contains("what is guarded is not known") && err.contains("config/critical-services.yaml:");
        assert!(code == 1 && told && err.contains("--override-guard WHY"), "{verb:?}: {err}");
    }
    assert_eq!(changes(&world), 0);
    assert_eq!(world.said(&["redeploy", "media_plex", "-y", "--override-guard", "it hangs"]).0, 0);
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
    // The journal keeps who said so, to what, and in which words.
    let journal = world.journal();
    let kept = journal.iter().filter_map(|line| line["although"].as_str().filter(|words| !words.is_empty()));
    assert_eq!(kept.collect::<Vec<_>>(), [why], "{journal:?}");
    assert!(!format!("{journal:?}").contains("s3cret"));
    // And the history tells them.
    let (_, out, _) = world.said(&["history"]);
    assert!(out.contains(&format!("all the same: {why}")), "{out}");
    let (_, out, _) = world.said(&["history", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(told["actions"][0]["although"], why);
    let (code, _, err) = world.said(&["teardown", "media", "-y", "--override-guard", ""]);
    assert_eq!(code, 2, "an override says why: {err}");
}

#[test]
fn a_server_that_answers_xml_is_understood_as_well() {
    let world = World::new();
    let busy = Arc::new(AtomicU16::new(1));
    let size = Arc::clone(&busy);
    let plex = world.stand_in(move |_| {
        let body = match size.load(Ordering::SeqCst) {
            0 => "<?xml version=\"1.0\"?><MediaContainer size=\"0\"></MediaContainer>",
            _ => "<?xml version=\"1.0\"?><MediaContainer size=\"1\"><Video title=\"A Film\"><User title=\"ana\"/></Video></MediaContainer>",
        };
        (200, vec![("content-type", "text/xml;charset=utf-8".to_owned())], body.to_owned())
    });
    world.put("stacks/application/media/compose.yaml", MEDIA);
    let check = format!("session_check: {{url: \"{}/status/sessions\", method: plex}}", plex.url());
    world
        .put("config/critical-services.yaml", &format!("critical_services: [{{name: plex, stack: media, {check}}}]\n"));
    let (code, _, err) = world.said(&["deploy", "media", "-y"]);
    assert!(code == 1 && err.contains("ana watches A Film"), "{err}");
    assert_eq!(changes(&world), 0);
    busy.store(0, Ordering::SeqCst);
    assert_eq!(world.said(&["deploy", "media", "-y"]).0, 0);
    let asked = plex.seen();
    assert!(asked.iter().all(|seen| seen.headers["accept"] == "application/json"), "JSON is asked for all the same");
}

#[test]
fn a_media_server_behind_tls_is_asked_where_its_certificate_holds() {
    let (world, plex, status) = world();
    status.store(204, Ordering::SeqCst);
    let (port, ca) = world.secured(&plex, "127.0.0.1");
    let list = std::fs::read_to_string(world.folder.path().join("config/critical-services.yaml")).unwrap();
    world.put("config/critical-services.yaml", &list.replace(&plex.url(), &format!("https://127.0.0.1:{port}")));
    let (code, _, err) = world.said(&["deploy", "media", "-y"]);
    assert!(code == 1 && err.contains("signed by nobody who is trusted here"), "{err}");
    assert!(plex.seen().is_empty() && changes(&world) == 0, "no token is shown to a stranger");
    let (code, _, err) = world.said_with(&["deploy", "media", "-y"], &[("SSL_CERT_FILE", &ca)]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(plex.seen().len(), 1);
    // The folder may name who signed it.
    let named = list.replace(&plex.url(), &format!("https://127.0.0.1:{port}"));
    world
        .put("config/critical-services.yaml", &named.replace("method: plex", &format!("method: plex\n      ca: {ca}")));
    let (code, _, err) = world.said(&["redeploy", "media_plex", "-y"]);
    assert!(code == 0 && plex.seen().len() == 2, "{err}");
}

/// What a server of this kind, at this address, is taken to say.
async fn taken(server: Server, url: &str, token: Option<&str>) -> String {
    let client = Client::new(url.parse().unwrap(), None).unwrap();
    let token = token.map(|token| Zeroizing::new(token.to_owned()));
    presence(&client, server, token.as_ref()).await.words()
}

#[tokio::test]
async fn every_answer_of_a_media_server_is_taken_for_what_it_is() {
    const ACTIVE: &str = r#"[{"UserName":"ana","NowPlayingItem":{"Name":"A Film"},"PlayState":{"IsPaused":true}},
        {"UserName":"ben","DeviceName":"a phone that only lies there"}]"#;
    let huge = || format!("[{}1]", "1,".repeat(3 << 20));
    let list = "its answer is no list of sessions";
    let cases: [(Server, u16, String, &str); 12] = [
        (Server::Plex, 200, BUSY.to_owned(), "1 session: ana watches A Film (playing)"),
        (Server::Plex, 200, IDLE.to_owned(), "nobody"),
        (Server::Plex, 401, String::new(), "not known: it refuses the token"),
        (Server::Plex, 503, String::new(), "not known: it answers with status 503"),
        (Server::Plex, 200, "\u{1}\u{2}garbage".to_owned(), list),
        (Server::Plex, 200, huge(), "has more than"),
        (Server::Jellyfin, 200, ACTIVE.to_owned(), "1 session: ana watches A Film (paused)"),
        (Server::Jellyfin, 200, r#"[{"UserName":"ben"}]"#.to_owned(), "nobody"),
        (Server::Jellyfin, 401, String::new(), "not known: it refuses the token"),
        (Server::Jellyfin, 403, String::new(), "not known: it refuses the token"),
        (Server::Jellyfin, 200, "<html>log in</html>".to_owned(), list),
        (Server::Jellyfin, 200, huge(), "has more than"),
    ];
    for (server, status, body, words) in cases {
        let stand_in = StandIn::start(move |_| said(status, body.clone()));
        let told = taken(server, &stand_in.url(), Some("s3cret-token")).await;
        assert!(told.contains(words) && !told.contains("s3cret"), "{server:?} {status}: {told}");
        let seen = stand_in.seen();
        let carried = match server {
            Server::Plex => seen[0].headers["x-plex-token"].clone(),
            Server::Jellyfin => seen[0].headers["authorization"].clone(),
        };
        assert!(carried.contains("s3cret-token") && seen[0].query.is_empty(), "{seen:?}");
    }
    // Nobody is there at all, and a token that no header can carry is not repeated.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let told = taken(Server::Plex, &format!("http://{closed}"), None).await;
    assert!(told.starts_with("not known: it does not answer"), "{told}");
    let open = StandIn::start(|_| said(200, "[]"));
    let told = taken(Server::Jellyfin, &open.url(), Some("s3cret\r\nx: y")).await;
    assert!(told.starts_with("not known") && !told.contains("s3cret") && open.seen().is_empty(), "{told}");
}

#[tokio::test(start_paused = true)]
async fn who_answers_too_slowly_counts_as_not_known() {
    // It says that something will come, and then a byte a second of it, for ever.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await;
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
    });
    let told = taken(Server::Plex, &url, None).await;
    assert!(told.starts_with("not known: no answer within"), "{told}");
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
