//! What to ask next and what an answer means: the following of a swarm as a pure machine.
//! It never waits, never asks by itself, and has at most one question out at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::backoff::backoff;
use super::pace::Pace;
use super::question::{Answer, Ask, Parts};
use crate::model::{Change, Link, Listing, Node, NodeId, Service, ServiceId, SwarmEvent, Task};

/// How long hints are gathered before they are acted on.
const GATHER: Duration = Duration::from_millis(100);
/// How often the whole list is asked for when nothing happens: a task that ends tells nobody.
const REST: Duration = Duration::from_secs(5);
/// The whole list is not asked for more often than so many times as long as it takes.
const SHARE: u32 = 20;
/// The same, when something happened that only the whole list can tell.
const SHARE_IN_HASTE: u32 = 4;
/// How long the line may be silent before it is tried.
const SILENCE: Duration = Duration::from_secs(5);
/// What is due within this time of another question is asked with it.
const NEAR: Duration = Duration::from_millis(500);
/// The longest wait for a new attempt while the managers look for a leader: they find one in seconds.
const VOTE: Duration = Duration::from_secs(2);
/// Going on at another manager without a wait is done at most so often.
const MOVE: Duration = Duration::from_secs(2);
/// More parts than this are asked for as the whole.
const MOST_PARTS: usize = 50;

/// The moment of a step: on the machine's own scale, on the wall, and the dice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub mono: Duration,
    pub wall: Timestamp,
    pub roll: f64,
}

/// What the machine wants next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// This asked, and the answer brought with the same ticket.
    Ask(u64, Ask),
    /// To be asked again at that moment, or when something is heard.
    Wait(Option<Duration>),
}

/// What is heard without having been asked for.
#[derive(Debug)]
pub(super) enum Heard {
    /// The engine tells that something happened.
    Event(SwarmEvent),
    /// The stream of events ended.
    Cut(String),
    /// The same, and there are other managers to go on with at once.
    Moved(String),
    /// Answers come from another manager than events: what is shown is right, and events are to be heard there.
    Elsewhere,
    /// Somebody wants it now.
    Nudge,
}

/// How far the following is.
#[derive(Debug)]
enum Stage {
    /// No stream; the next attempt is made at that moment.
    Detached { retry_at: Duration },
    /// The stream is open, the whole list is not there yet.
    Listing,
    /// What is shown is what is.
    Live,
}

/// The machine.
#[derive(Debug)]
pub(super) struct Follow {
    to: String,
    stage: Stage,
    failures: u32,
    /// The ticket of the question that is out.
    out: Option<u64>,
    ticket: u64,
    hints: Parts,
    hinted: Option<Duration>,
    whole_at: Duration,
    whole_done: Duration,
    took: Duration,
    quiet_since: Duration,
    pace: Pace,
    latency: Duration,
    shown: Option<Duration>,
    moved: Option<Duration>,
    /// When the picture was last known to be right.
    right: Option<Timestamp>,
}

impl Follow {
    /// A machine that has not begun; `to` is where it leads, for people.
    pub(super) fn new(to: &str) -> Self {
        Self {
            to: to.to_owned(),
            stage: Stage::Detached { retry_at: Duration::ZERO },
            failures: 0,
            out: None,
            ticket: 0,
            hints: Parts::default(),
            hinted: None,
            whole_at: Duration::ZERO,
            whole_done: Duration::ZERO,
            took: Duration::ZERO,
            quiet_since: Duration::ZERO,
            pace: Pace::default(),
            latency: Duration::ZERO,
            shown: None,
            moved: None,
            right: None,
        }
    }

    /// What is to be done now.
    pub(super) fn wish(&mut self, now: Duration) -> Wish {
        if self.out.is_some() {
            return Wish::Wait(None);
        }
        match self.stage {
            Stage::Detached { retry_at } if now < retry_at => Wish::Wait(Some(retry_at)),
            Stage::Detached { .. } => self.ask(Ask::Open),
            Stage::Listing => self.ask_whole(),
            Stage::Live => self.wish_live(now),
        }
    }

    fn wish_live(&mut self, now: Duration) -> Wish {
        if self.whole_at <= now {
            return self.ask_whole();
        }
        let hinted = self.hinted.map(|since| since + GATHER);
        let paced = self.pace.next();
        if hinted.is_some_and(|due| due <= now) || paced.is_some_and(|due| due <= now) {
            return self.ask_parts(now);
        }
        let silent = self.quiet_since + SILENCE;
        if silent <= now {
            return self.ask(Ask::Ping);
        }
        Wish::Wait([Some(self.whole_at), Some(silent), hinted, paced].into_iter().flatten().min())
    }

    fn ask_parts(&mut self, now: Duration) -> Wish {
        let due: BTreeSet<ServiceId> = self.pace.due(now + NEAR).cloned().collect();
        if self.hints.len() + due.len() > MOST_PARTS {
            let soon = self.whole_done + self.took * SHARE_IN_HASTE;
            if soon <= now {
                return self.ask_whole();
            }
            self.whole_at = self.whole_at.min(soon);
            return Wish::Wait(Some(self.whole_at));
        }
        let mut parts = std::mem::take(&mut self.hints);
        self.hinted = None;
        parts.services.extend(due);
        self.ask(Ask::Parts(parts))
    }

    fn ask_whole(&mut self) -> Wish {
        // All that was hinted at so far happened before the question, so the answer has it.
        self.hints = Parts::default();
        self.hinted = None;
        self.whole_at = Duration::MAX;
        self.ask(Ask::Whole)
    }

    fn ask(&mut self, ask: Ask) -> Wish {
        self.ticket += 1;
        self.out = Some(self.ticket);
        Wish::Ask(self.ticket, ask)
    }

    /// Takes an answer. One to an older question than the one that is out means nothing any more.
    pub(super) fn answer(&mut self, ticket: u64, answer: Answer, now: Now) -> Vec<Change> {
        if self.out != Some(ticket) {
            return Vec::new();
        }
        self.out = None;
        match answer {
            Answer::Failed(why) => self.detach(why, now, self.backoff(now)),
            Answer::Leaderless(why) => self.detach(why, now, self.backoff(now).min(VOTE)),
            Answer::Opened { latency } => {
                self.quiet_since = now.mono;
                self.latency = latency;
                self.stage = Stage::Listing;
                Vec::new()
            }
            Answer::Whole { listing, took } => self.whole(listing, took, now),
            Answer::Parts { asked, services, nodes } => self.parts(asked, services, nodes, now),
            Answer::Pong(latency) => {
                self.quiet_since = now.mono;
                // One slow answer among quick ones is no news.
                self.latency = (self.latency * 3 + latency) / 4;
                self.right = Some(now.wall);
                self.live().into_iter().collect()
            }
        }
    }

    /// Takes what comes of itself.
    pub(super) fn hear(&mut self, heard: Heard, now: Now) -> Vec<Change> {
        match heard {
            Heard::Event(event) => {
                self.hint(&event, now.mono);
                // Nodes are updated each time a task attaches to a network; such news say nothing.
                if is_idle_talk(&event) { Vec::new() } else { vec![Change::Event(event)] }
            }
            Heard::Cut(_) | Heard::Moved(_) | Heard::Elsewhere if matches!(self.stage, Stage::Detached { .. }) => {
                Vec::new()
            }
            Heard::Cut(why) => self.detach(why, now, self.backoff(now)),
            Heard::Moved(why) if self.moved.is_some_and(|last| now.mono < last + MOVE) => {
                self.detach(why, now, self.backoff(now))
            }
            Heard::Moved(why) => {
                self.moved = Some(now.mono);
                self.detach(why, now, Duration::ZERO)
            }
            Heard::Elsewhere => {
                self.restart(now.mono);
                Vec::new()
            }
            Heard::Nudge => {
                match &mut self.stage {
                    Stage::Detached { retry_at } => *retry_at = now.mono,
                    Stage::Listing => {}
                    Stage::Live => self.whole_at = now.mono,
                }
                Vec::new()
            }
        }
    }

    fn hint(&mut self, event: &SwarmEvent, now: Duration) {
        match event.kind.as_str() {
            "service" => self.hints.services.insert(ServiceId::new(&event.id)),
            "node" => {
                // The tasks of a node change with it, and only the whole list tells of all of them.
                if !is_idle_talk(event) {
                    self.hasten_whole(now);
                }
                self.hints.nodes.insert(NodeId::new(&event.id))
            }
            "network" => {
                self.hasten_whole(now);
                return;
            }
            _ => return,
        };
        self.hinted.get_or_insert(now);
    }

    fn hasten_whole(&mut self, now: Duration) {
        let soon = (now + GATHER).max(self.whole_done + self.took * SHARE_IN_HASTE);
        self.whole_at = self.whole_at.min(soon);
    }

    fn whole(&mut self, listing: Box<Listing>, took: Duration, now: Now) -> Vec<Change> {
        self.quiet_since = now.mono;
        self.note_all(&listing, now.mono);
        self.stage = Stage::Live;
        self.failures = 0;
        self.took = took;
        self.whole_done = now.mono;
        self.right = Some(now.wall);
        // A wish for another one that came meanwhile stands.
        self.whole_at = self.whole_at.min(now.mono + REST.max(took * SHARE));
        [Change::Everything(listing)].into_iter().chain(self.live()).collect()
    }

    fn note_all(&mut self, listing: &Listing, now: Duration) {
        let mut tasks: BTreeMap<&ServiceId, Vec<&Task>> = BTreeMap::new();
        for task in &listing.tasks {
            tasks.entry(&task.service).or_default().push(task);
        }
        self.pace.keep(&listing.services.iter().map(|service| &service.id).collect());
        for service in &listing.services {
            self.pace.note(service, tasks.get(&service.id).map_or(&[], Vec::as_slice), now);
        }
    }

    fn parts(&mut self, asked: Parts, services: Vec<(Service, Vec<Task>)>, nodes: Vec<Node>, now: Now) -> Vec<Change> {
        self.quiet_since = now.mono;
        self.right = Some(now.wall);
        let (mut gone, mut changes) = (asked, Vec::new());
        for (service, tasks) in services {
            gone.services.remove(&service.id);
            self.pace.note(&service, &tasks.iter().collect::<Vec<_>>(), now.mono);
            let of = service.id.clone();
            changes.extend([Change::Service(Box::new(service)), Change::Tasks { of, tasks }]);
        }
        for node in nodes {
            gone.nodes.remove(&node.id);
            changes.push(Change::Node(Box::new(node)));
        }
        for id in gone.services {
            self.pace.gone(&id);
            changes.push(Change::ServiceGone(id));
        }
        changes.extend(gone.nodes.into_iter().map(Change::NodeGone));
        changes
    }

    /// The line is up: a change if that is news, or if it is much slower or faster than what was said of it.
    fn live(&mut self) -> Option<Change> {
        let notable = |shown: Duration| self.latency.abs_diff(shown) > Duration::from_millis(10).max(shown / 2);
        if self.shown.is_some_and(|shown| !notable(shown)) {
            return None;
        }
        self.shown = Some(self.latency);
        Some(Change::Link(Link::Live { latency: self.latency }))
    }

    fn backoff(&self, now: Now) -> Duration {
        backoff(self.failures.saturating_add(1), now.roll)
    }

    fn detach(&mut self, why: String, now: Now, wait: Duration) -> Vec<Change> {
        self.failures = self.failures.saturating_add(1);
        self.restart(now.mono + wait);
        self.shown = None;
        let link = match self.right {
            Some(since) => Link::Stale { since, why, retry_at: now.wall.checked_add(wait).ok() },
            None => Link::Connecting { to: self.to.clone(), why: Some(why) },
        };
        vec![Change::Link(link)]
    }

    /// All begins anew at that moment: what was hinted at so far will be in the list.
    fn restart(&mut self, retry_at: Duration) {
        self.stage = Stage::Detached { retry_at };
        self.out = None;
        self.hints = Parts::default();
        self.hinted = None;
        self.whole_at = Duration::ZERO;
    }
}

/// An update of a node in which neither role, availability nor state changed.
fn is_idle_talk(event: &SwarmEvent) -> bool {
    event.kind == "node" && event.action == "update" && event.detail.is_empty()
}
