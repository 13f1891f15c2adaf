//! `/events`: what happened, as a stream of JSON lines. Must never lose an event that is still kept.

use std::collections::VecDeque;
use std::io;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::Method;
use hyper::body::Frame;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

use super::query::Filters;
use super::{Answer, Ask, Body, Refusal, Reply, World, nowhere};
use crate::sim::Sim;
use crate::sim::world::event::Event;
use crate::sim::world::text;

/// What a follower wants to hear.
pub(crate) struct Follow {
    after: u64,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    filters: Filters,
}

pub(super) fn route(world: &World, ask: &Ask) -> Answer<Reply> {
    if ask.method != Method::GET {
        return nowhere();
    }
    // A filter that the engine does not know hides nothing.
    let filters = ask.query.any_filters()?;
    let since = moment(world, ask.query.get("since"))?;
    let until = moment(world, ask.query.get("until"))?;
    if let (Some(since), Some(until)) = (since, until)
        && until < since
    {
        return Err(Refusal::bad("`since` time cannot be after `until` time"));
    }
    let after = if since.is_some() { 0 } else { world.events.last() };
    Ok(Reply::Events(Follow { after, since, until, filters }))
}

/// A moment as clients write it: seconds with a fraction, RFC 3339, or a Go duration before now.
pub(super) fn moment(world: &World, text: Option<&str>) -> Answer<Option<Timestamp>> {
    let Some(text) = text.filter(|t| !t.is_empty() && *t != "0") else { return Ok(None) };
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(Some(at));
    }
    let (seconds, nanos) = text.split_once('.').unwrap_or((text, "0"));
    let nanos = format!("{nanos:0<9}");
    if let (Ok(seconds), Ok(nanos)) = (seconds.parse(), nanos.get(..9).unwrap_or("0").parse())
        && let Ok(at) = Timestamp::new(seconds, nanos)
    {
        return Ok(Some(at));
    }
    text.parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|before| world.now.checked_sub(before).ok())
        .map(Some)
        .ok_or_else(|| Refusal::bad(format!("failed to parse value as time or duration: {text:?}")))
}

impl Follow {
    fn wants(&self, event: &Event) -> bool {
        let body = &event.body;
        let (kind, name) = (text(body, "/Type"), text(body, "/Actor/Attributes/name"));
        let actor = |kind_wanted: &str| {
            self.filters.any(kind_wanted, |v| kind == kind_wanted && (text(body, "/Actor/ID") == v || name == v))
        };
        self.since.is_none_or(|at| event.at >= at)
            && self.until.is_none_or(|at| event.at <= at)
            && self.filters.any("type", |v| v == kind)
            && self.filters.any("event", |v| v == text(body, "/Action"))
            && self.filters.any("scope", |v| v == text(body, "/scope"))
            && ["service", "node", "secret", "config", "network"].iter().all(|kind| actor(kind))
            && ["container", "image", "volume", "daemon", "plugin"]
                .iter()
                .all(|kind| self.filters.values(kind).is_none())
            && self.filters.labels("label", |k| body.pointer("/Actor/Attributes")?.get(k).and_then(Value::as_str))
    }
}

struct Reading {
    sim: Sim,
    follow: Follow,
    pulse: watch::Receiver<u64>,
    ready: VecDeque<Bytes>,
    over: bool,
}

/// The stream of events as a response body.
pub(super) fn body(sim: &Sim, follow: Follow) -> Body {
    let reading = Reading { sim: sim.clone(), follow, pulse: sim.pulse(), ready: VecDeque::new(), over: false };
    let pieces = stream::unfold(reading, |mut reading| async move {
        let line = reading.next().await?;
        Some((Ok::<_, io::Error>(Frame::data(line)), reading))
    });
    StreamBody::new(pieces).boxed_unsync()
}

impl Reading {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(line) = self.ready.pop_front() {
                return Some(line);
            }
            if self.over {
                return None;
            }
            self.pulse.borrow_and_update();
            self.refill();
            if self.ready.is_empty() && !self.over && self.pulse.changed().await.is_err() {
                return None;
            }
        }
    }

    fn refill(&mut self) {
        let (sim, follow, ready) = (&self.sim, &mut self.follow, &mut self.ready);
        self.over = sim.look(|state| {
            let mut last = follow.after;
            for event in state.world.events.after(follow.after) {
                last = event.seq;
                if follow.wants(event) {
                    ready.push_back(Bytes::from(format!("{}\n", event.body)));
                }
            }
            follow.after = last;
            follow.until.is_some_and(|until| state.world.now >= until)
        });
    }
}
