//! A console on trial: what the tests of this room press, and what they read from it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::model::sample::{node, noon, service, swarm};
use crate::model::{Catalogue, Change, Filed, Link, Mode, Picture, Snapshot, TaskState, Tier, Version};

pub(super) fn snapshot() -> Snapshot {
    swarm(
        [node("m1").manager(true), node("w1")],
        [
            service("media_plex").task(1, "w1", TaskState::Running).with(|s| s.version = Version(7)),
            service("media_seed").mode(Mode::ReplicatedJob { total: 1, at_once: 1 }).task(1, "w1", TaskState::Complete),
            service("media_off").mode(Mode::Replicated(0)),
            service("web_front").task(1, "m1", TaskState::Running),
        ],
    )
}

pub(super) fn judged(snapshot: Snapshot) -> Arc<Picture> {
    let filed = |name: &str, tier| (name.to_owned(), Filed::new(name, tier, "compose.yaml"));
    let catalogue = Catalogue {
        name: "homelab".into(),
        stacks: [filed("media", Tier::Application), filed("web", Tier::Platform)].into(),
        ..Catalogue::default()
    };
    Arc::new(Picture::of(snapshot, &Arc::new(catalogue), noon()))
}

pub(super) fn console() -> App {
    let mut app = App::new(Settings { now: noon(), ..Settings::default() });
    app.update(Msg::Size { width: 80, height: 24 });
    app.update(Msg::Swarm(judged(snapshot())));
    app.take_dirty();
    app
}

pub(super) fn press(app: &mut App, keys: &str) -> Vec<Effect> {
    keys.split_whitespace().flat_map(|key| app.update(Msg::Key(key.to_owned()))).collect()
}

pub(super) fn names(app: &App) -> Vec<String> {
    match app.views().top() {
        Screen::List(screen) => screen.list.visible().map(|row| screen::name(&row.subject, app.picture())).collect(),
        _ => Vec::new(),
    }
}

pub(super) fn last_told(app: &App) -> String {
    app.messages().newest_first().next().map(|message| message.text.clone()).unwrap_or_default()
}

pub(super) fn crumbs(app: &App) -> String {
    app.views().open().map(|screen| screen.crumb(app.picture())).collect::<Vec<_>>().join(" > ")
}

pub(super) fn confirm(app: &App) -> Confirm {
    match app.popups() {
        [Popup::Confirm(confirm)] => confirm.clone(),
        other => panic!("no question is open: {other:?}"),
    }
}

pub(super) fn stale() -> Arc<Picture> {
    let link = Link::Stale { since: noon(), why: "no answer".into(), retry_at: Some(later(8)) };
    judged(snapshot().after(Change::Link(link)))
}

pub(super) fn later(seconds: i64) -> Timestamp {
    noon().checked_add(SignedDuration::from_secs(seconds)).unwrap()
}
