//! The driver against a scripted engine, on a clock that jumps: cut streams, silent engines, answers that are no JSON.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::super::script::{Reply, Script};
use super::{Nudge, follow};
use crate::model::{Change, Link, Snapshot};

/// How the engine is at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Well,
    Silent,
    Html,
    Worker,
}

/// A scripted engine that is being followed.
struct Followed {
    script: Arc<Script>,
    mood: Arc<Mutex<Mood>>,
    services: Arc<Mutex<String>>,
    stream: Arc<Mutex<Option<mpsc::Sender<Bytes>>>>,
    changes: mpsc::Receiver<Change>,
    nudge: mpsc::Sender<Nudge>,
    stop: CancellationToken,
    picture: Snapshot,
}

fn followed() -> Followed {
    let mood = Arc::new(Mutex::new(Mood::Well));
    let services = Arc::new(Mutex::new("[]".to_owned()));
    let stream = Arc::new(Mutex::new(None));
    let (is, there, tap) = (Arc::clone(&mood), Arc::clone(&services), Arc::clone(&stream));
    let script = Script::new(move |asked| match *is.lock().unwrap() {
        Mood::Silent => Some(Reply::Silence),
        Mood::Html => Some(Reply::ok("<html><h1>Maintenance</h1>")),
        Mood::Worker if asked.line.ends_with("/info") => {
            Some(Reply::ok(r#"{"Swarm":{"LocalNodeState":"active","ControlAvailable":false}}"#))
        }
        Mood::Well if asked.line.contains("/events?") => {
            let (sender, receiver) = mpsc::channel(16);
            *tap.lock().unwrap() = Some(sender);
            Some(Reply::Stream(receiver))
        }
        Mood::Well if asked.line.contains("/services") => Some(Reply::ok(there.lock().unwrap().clone())),
        _ => None,
    });
    let (sink, changes) = mpsc::channel(4);
    let (nudge, nudges) = mpsc::channel(4);
    let stop = CancellationToken::new();
    tokio::spawn(follow(script.engine(), sink, nudges, stop.clone()));
    Followed { script, mood, services, stream, changes, nudge, stop, picture: Snapshot::default() }
}

impl Followed {
    async fn until(&mut self, what: &str, ready: impl Fn(&Snapshot) -> bool) {
        while !ready(&self.picture) {
            let change = tokio::time::timeout(Duration::from_secs(90), self.changes.recv()).await;
            let change = change.unwrap_or_else(|_| panic!("{what}: {:?}", self.picture.link)).expect("it goes on");
            self.picture = self.picture.after(change);
        }
    }

    async fn until_live(&mut self) {
        self.until("live", |picture| picture.known && picture.link.is_live()).await;
    }

    async fn until_stale(&mut self, because: &str) {
        self.until(because, |now| matches!(&now.link, Link::Stale { why, .. } if why.contains(because))).await;
    }

    fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn cut(&self) {
        self.stream.lock().unwrap().take().expect("a stream is open");
    }

    fn count(&self, path: &str) -> usize {
        self.script.asked().iter().filter(|line| line.contains(path)).count()
    }
}

#[tokio::test(start_paused = true)]
async fn the_stream_is_opened_before_the_list_is_asked_for() {
    let mut followed = followed();
    followed.until_live().await;
    let asked = followed.script.asked();
    let place = |what: &str| asked.iter().position(|line| line.contains(what)).unwrap();
    assert!(place("/info") < place("/events?") && place("/events?") < place("/services"));
}

#[tokio::test(start_paused = true)]
async fn an_event_brings_the_service_it_names() {
    let mut followed = followed();
    followed.until_live().await;
    *followed.services.lock().unwrap() = r#"[{"ID":"s1","Version":{"Index":3},"Spec":{"Name":"web"}}]"#.into();
    let event = r#"{"Type":"service","Action":"create","Actor":{"ID":"s1","Attributes":{"name":"web"}},"time":1}"#;
    let stream = followed.stream.lock().unwrap().clone().unwrap();
    // Cut in the middle of a word, as the network pleases.
    for part in [&event[..20], &event[20..], "\n"] {
        stream.send(Bytes::copy_from_slice(part.as_bytes())).await.unwrap();
    }
    followed.until("the service", |picture| picture.services.values().any(|service| service.name == "web")).await;
    assert_eq!(followed.picture.events.back().unwrap().name, "web");
    assert_eq!(followed.count("filters=%7B%22id%22%3A%5B%22s1%22%5D%7D"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_cut_stream_and_a_silent_engine_leave_the_picture_and_are_got_over() {
    let mut followed = followed();
    *followed.services.lock().unwrap() = r#"[{"ID":"s1"}]"#.into();
    followed.until_live().await;
    followed.cut();
    followed.until_stale("ended the stream").await;
    assert_eq!(followed.picture.services.len(), 1);
    followed.until_live().await;

    // The stream stays open, and nothing is answered any more.
    followed.be(Mood::Silent);
    followed.until_stale("did not answer").await;
    assert_eq!(followed.picture.services.len(), 1);
    followed.be(Mood::Well);
    followed.until_live().await;
    followed.stop.cancel();
    followed.until("nothing", |_| true).await;
    while followed.changes.recv().await.is_some() {}
}

#[tokio::test(start_paused = true)]
async fn what_stops_being_a_manager_or_an_engine_is_told_and_tried_for_ever() {
    let mut followed = followed();
    followed.be(Mood::Html);
    followed
        .until(
            "no engine",
            |now| matches!(&now.link, Link::Connecting { why: Some(why), .. } if why.contains("is no Docker Engine")),
        )
        .await;
    followed.be(Mood::Well);
    followed.until_live().await;
    followed.be(Mood::Worker);
    followed.cut();
    followed.until_stale("is a worker").await;
    let tries = followed.count("/info");
    for _ in 0..20 {
        let change = followed.changes.recv().await.expect("it goes on");
        assert!(matches!(change, Change::Link(Link::Stale { .. })), "{change:?}");
    }
    assert!(followed.count("/info") >= tries + 20);
    followed.be(Mood::Well);
    let before = tokio::time::Instant::now();
    followed.nudge.send(Nudge::Now).await.unwrap();
    followed.until_live().await;
    assert!(before.elapsed() < Duration::from_secs(1), "a nudge does not wait");
}

#[tokio::test(start_paused = true)]
async fn at_rest_nothing_is_told_but_the_list() {
    let mut followed = followed();
    followed.until_live().await;
    let end = tokio::time::Instant::now() + Duration::from_secs(300);
    let mut lists = 0;
    while let Ok(change) = tokio::time::timeout_at(end, followed.changes.recv()).await {
        assert!(matches!(&change, Some(Change::Everything(_))), "{change:?}");
        lists += 1;
    }
    assert!((58..=60).contains(&lists), "{lists}");
    followed.nudge.send(Nudge::Now).await.unwrap();
    assert!(matches!(followed.changes.recv().await, Some(Change::Everything(_))));
    assert!(end.elapsed() < Duration::from_secs(1));
}
