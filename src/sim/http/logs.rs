//! `/services/{id}/logs` and `/tasks/{id}/logs`: what containers wrote, in frames or raw.

use std::collections::VecDeque;
use std::io;

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use jiff::Timestamp;
use tokio::sync::watch;

use super::{Answer, Ask, Body, Refusal, Reply, World, events};
use crate::sim::Sim;
use crate::sim::world::task::{LogLine, Task};
use crate::sim::world::{Id, stamp};

/// Whose lines.
#[derive(Debug, Clone)]
pub(crate) enum Whose {
    Service(Id),
    Task(Id),
}

/// What a reader of logs asked for.
pub(crate) struct Follow {
    whose: Whose,
    stdout: bool,
    stderr: bool,
    follow: bool,
    timestamps: bool,
    details: bool,
    tail: Option<usize>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    /// A terminal's output: no frames.
    pub(super) raw: bool,
}

pub(super) fn open(world: &World, ask: &Ask, whose: Whose) -> Answer<Reply> {
    let (stdout, stderr) = (ask.query.flag("stdout"), ask.query.flag("stderr"));
    if !stdout && !stderr {
        return Err(Refusal::new(500, "Bad parameters: you must choose at least one stream"));
    }
    let template = match &whose {
        Whose::Service(id) => world.services.get(id).map(|s| &s.template),
        Whose::Task(id) => world.tasks.get(id).map(|t| &t.spec),
    };
    let raw =
        template.and_then(|t| t.pointer("/ContainerSpec/TTY")).and_then(serde_json::Value::as_bool).unwrap_or(false);
    let follow = Follow {
        stdout,
        stderr,
        follow: ask.query.flag("follow"),
        timestamps: ask.query.flag("timestamps"),
        details: ask.query.flag("details"),
        tail: ask.query.get("tail").and_then(|t| t.parse().ok()),
        since: events::moment(world, ask.query.get("since"))?,
        until: events::moment(world, ask.query.get("until"))?,
        whose,
        raw,
    };
    Ok(Reply::Logs(follow))
}

impl Follow {
    fn tasks<'a>(&'a self, world: &'a World) -> Box<dyn Iterator<Item = &'a Task> + 'a> {
        match &self.whose {
            Whose::Service(id) => Box::new(world.tasks_of(id)),
            Whose::Task(id) => Box::new(world.tasks.get(id).into_iter()),
        }
    }

    fn reachable(world: &World, task: &Task) -> bool {
        task.node.as_ref().and_then(|n| world.nodes.get(n)).is_some_and(|n| n.up)
    }

    fn wants(&self, line: &LogLine) -> bool {
        (if line.stderr { self.stderr || self.raw } else { self.stdout })
            && self.since.is_none_or(|at| line.at >= at)
            && self.until.is_none_or(|at| line.at <= at)
    }

    fn print(&self, task: &Task, line: &LogLine) -> Bytes {
        let mut text = String::new();
        if self.timestamps {
            text.push_str(&stamp(line.at));
            text.push(' ');
        }
        if self.details {
            let node = task.node.as_deref().unwrap_or("");
            text.push_str(&format!(
                "com.docker.swarm.node.id={node},com.docker.swarm.service.id={},com.docker.swarm.task.id={} ",
                task.service, task.id
            ));
        }
        text.push_str(&line.text);
        text.push('\n');
        if self.raw { Bytes::from(text) } else { frame(if line.stderr { 2 } else { 1 }, &text) }
    }

    /// The lines after one number, in the order they were written.
    fn lines(&self, world: &World, after: u64, tail: Option<usize>) -> Vec<(u64, Bytes)> {
        let mut out = Vec::new();
        for task in self.tasks(world).filter(|t| Self::reachable(world, t)) {
            let new = task.lines.iter().rev().take_while(|l| l.seq > after).filter(|l| self.wants(l));
            // The tail counts for each task, as each node cuts its own.
            let new: Vec<&LogLine> = new.take(tail.unwrap_or(usize::MAX)).collect();
            out.extend(new.into_iter().map(|line| (line.seq, self.print(task, line))));
        }
        out.sort_by_key(|(seq, _)| *seq);
        out
    }

    /// What the engine says at the end if a node could not be asked.
    fn complaint(&self, world: &World) -> Option<Bytes> {
        let mut silent: Vec<&str> =
            self.tasks(world).filter(|t| !Self::reachable(world, t)).filter_map(|t| t.node.as_deref()).collect();
        silent.sort_unstable();
        silent.dedup();
        if silent.is_empty() || self.raw {
            return None;
        }
        let each: Vec<String> = silent.iter().map(|n| format!("node {n} is not available")).collect();
        let text = format!(
            "Error grabbing logs: rpc error: code = Unknown desc = warning: incomplete log stream. \
             some logs could not be retrieved for the following reasons: {}\n",
            each.join(", ")
        );
        Some(frame(3, &text))
    }
}

/// One frame: the stream's number, three zeros, the length, the text.
fn frame(stream: u8, text: &str) -> Bytes {
    let mut out = BytesMut::with_capacity(8 + text.len());
    out.put_slice(&[stream, 0, 0, 0]);
    out.put_u32(u32::try_from(text.len()).unwrap_or(u32::MAX));
    out.put_slice(text.as_bytes());
    out.freeze()
}

struct Reading {
    sim: Sim,
    follow: Follow,
    pulse: watch::Receiver<u64>,
    ready: VecDeque<Bytes>,
    after: u64,
    begun: bool,
}

/// The lines as a response body.
pub(super) fn body(sim: &Sim, follow: Follow) -> Body {
    let pulse = sim.pulse();
    let reading = Reading { sim: sim.clone(), follow, pulse, ready: VecDeque::new(), after: 0, begun: false };
    let pieces = stream::unfold(reading, |mut reading| async move {
        let piece = reading.next().await?;
        Some((Ok::<_, io::Error>(Frame::data(piece)), reading))
    });
    StreamBody::new(pieces).boxed_unsync()
}

impl Reading {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(piece);
            }
            if self.begun && !self.follow.follow {
                return None;
            }
            self.pulse.borrow_and_update();
            self.refill();
            if self.ready.is_empty() && self.follow.follow && self.pulse.changed().await.is_err() {
                return None;
            }
        }
    }

    fn refill(&mut self) {
        let first = !std::mem::replace(&mut self.begun, true);
        let tail = if first { self.follow.tail } else { None };
        let (follow, after) = (&self.follow, self.after);
        let (lines, newest, complaint) = self.sim.look(|state| {
            let newest = follow.tasks(&state.world).filter_map(|t| t.lines.back().map(|l| l.seq)).max().unwrap_or(0);
            let complaint = if follow.follow { None } else { follow.complaint(&state.world) };
            (follow.lines(&state.world, after, tail), newest, complaint)
        });
        self.after = self.after.max(newest);
        self.ready.extend(lines.into_iter().map(|(_, piece)| piece));
        self.ready.extend(complaint);
    }
}
