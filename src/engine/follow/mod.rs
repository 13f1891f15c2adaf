//! Follows a swarm for ever: stream of events first, then the list, then what changes. When the line is lost the
//! picture stays and says so, and attempts go on. It never has two questions out, and never gives up.

mod backoff;
mod machine;
mod news;
mod pace;
#[cfg(test)]
mod paper;
mod question;
#[cfg(test)]
mod world;

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use machine::{Follow, Heard, Now, Wish};
use question::{Answer, Ask};

use super::client::Engine;
use super::error::EngineError;
use super::events::Events;
use crate::diag::Explain;
use crate::model::{Change, Cluster, Link};

/// How long an answer may take before the picture counts as stale.
const PATIENCE: Duration = Duration::from_secs(5);

/// A word from outside to the one who follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nudge {
    /// Look again, or try again, now.
    Now,
}

/// Tells `sink` all that changes in the swarm, until `stop` or until nobody listens.
/// A full sink makes it wait; should the engine then cut the stream, everything is listed again.
pub async fn follow(engine: Engine, sink: mpsc::Sender<Change>, nudge: mpsc::Receiver<Nudge>, stop: CancellationToken) {
    let to = engine.at();
    tracing::info!(at = %to, "following");
    let driver = Driver {
        follow: Follow::new(&to),
        engine: engine.within(PATIENCE),
        cluster: Cluster::default(),
        events: None,
        question: None,
        nudge: Some(nudge),
        start: Instant::now(),
        dice: RandomState::new(),
    };
    let first = Change::Link(Link::Connecting { to: to.clone(), why: None });
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        () = driver.run(sink, first) => {}
    }
    tracing::info!(at = %to, "no longer following");
}

/// An answer on its way.
type Question = BoxFuture<'static, (u64, Result<Reply, EngineError>)>;

enum Reply {
    Opened(Box<Events>, Cluster, Duration),
    Other(Answer),
}

/// What woke the driver.
enum Woken {
    Answered(u64, Result<Reply, EngineError>),
    Event(Result<Option<crate::model::SwarmEvent>, EngineError>),
    Nudged(Option<Nudge>),
    Time,
}

struct Driver {
    follow: Follow,
    engine: Engine,
    cluster: Cluster,
    events: Option<Box<Events>>,
    question: Option<Question>,
    nudge: Option<mpsc::Receiver<Nudge>>,
    start: Instant,
    dice: RandomState,
}

impl Driver {
    async fn run(mut self, sink: mpsc::Sender<Change>, first: Change) {
        let mut changes = vec![first];
        loop {
            for change in changes {
                if sink.send(change).await.is_err() {
                    return;
                }
            }
            let wait = match self.follow.wish(self.start.elapsed()) {
                Wish::Ask(ticket, ask) => {
                    self.question = Some(self.put(ticket, ask));
                    None
                }
                Wish::Wait(until) => until,
            };
            let woken = self.wait(wait).await;
            changes = self.step(woken);
        }
    }

    async fn wait(&mut self, until: Option<Duration>) -> Woken {
        let Self { question, events, nudge, start, .. } = self;
        tokio::select! {
            biased;
            (ticket, reply) = pending_unless(question.as_mut()) => {
                self.question = None;
                Woken::Answered(ticket, reply)
            }
            nudged = async { match nudge { Some(nudge) => nudge.recv().await, None => std::future::pending().await } } => {
                Woken::Nudged(nudged)
            }
            event = async { match events { Some(events) => events.next().await, None => std::future::pending().await } } => {
                Woken::Event(event)
            }
            () = async { match until { Some(until) => tokio::time::sleep_until(*start + until).await,
                                       None => std::future::pending().await } } => Woken::Time,
        }
    }

    fn step(&mut self, woken: Woken) -> Vec<Change> {
        let now = self.now();
        match woken {
            Woken::Answered(ticket, reply) => {
                let (answer, mut changes) = self.received(reply);
                changes.extend(self.follow.answer(ticket, answer, now));
                if self.is_elsewhere() {
                    changes.extend(self.move_on(now));
                }
                changes
            }
            Woken::Event(Ok(Some(event))) => self.follow.hear(Heard::Event(event), now),
            Woken::Event(Ok(None)) => self.cut("the engine ended the stream of events".into(), now),
            Woken::Event(Err(_)) if self.is_elsewhere() => self.move_on(now),
            Woken::Event(Err(error)) => self.cut(error.explain().line(), now),
            Woken::Nudged(Some(Nudge::Now)) => self.follow.hear(Heard::Nudge, now),
            Woken::Nudged(None) => {
                self.nudge = None;
                Vec::new()
            }
            Woken::Time => Vec::new(),
        }
    }

    /// The answer, and what there is to tell of who gave it.
    fn received(&mut self, reply: Result<Reply, EngineError>) -> (Answer, Vec<Change>) {
        match reply {
            Ok(Reply::Opened(events, cluster, latency)) => {
                self.events = Some(events);
                let news = news::of_managers(&self.cluster, &cluster, self.engine.clock.now());
                self.cluster = cluster;
                (Answer::Opened { latency }, news)
            }
            Ok(Reply::Other(answer)) => (answer, Vec::new()),
            Err(error) => {
                tracing::warn!(at = %self.engine.at(), %error, why = ?error.explain().why, "the line is lost");
                self.events = None;
                let why = error.headline();
                let answer = if error.is_leaderless() { Answer::Leaderless(why) } else { Answer::Failed(why) };
                (answer, Vec::new())
            }
        }
    }

    /// Events come from another manager than answers.
    fn is_elsewhere(&self) -> bool {
        self.events.as_ref().is_some_and(|events| !events.are_present())
    }

    fn move_on(&mut self, now: Now) -> Vec<Change> {
        self.events = None;
        self.question = None;
        self.follow.hear(Heard::Elsewhere, now)
    }

    fn cut(&mut self, why: String, now: Now) -> Vec<Change> {
        tracing::warn!(at = %self.engine.at(), %why, "the stream of events is cut");
        self.events = None;
        self.question = None;
        let heard = if self.engine.http.has_others() { Heard::Moved(why) } else { Heard::Cut(why) };
        self.follow.hear(heard, now)
    }

    fn now(&self) -> Now {
        let mono = self.start.elapsed();
        let roll = f64::from(u32::try_from(self.dice.hash_one(mono) >> 32).unwrap_or_default()) / f64::from(u32::MAX);
        Now { mono, wall: self.engine.clock.now(), roll }
    }

    fn put(&self, ticket: u64, ask: Ask) -> Question {
        let (engine, cluster) = (self.engine.clone(), self.cluster.clone());
        Box::pin(async move { (ticket, carry(&engine, cluster, ask).await) })
    }
}

async fn pending_unless(question: Option<&mut Question>) -> (u64, Result<Reply, EngineError>) {
    match question {
        Some(question) => question.await,
        None => std::future::pending().await,
    }
}

/// Puts the question to the engine.
async fn carry(engine: &Engine, cluster: Cluster, ask: Ask) -> Result<Reply, EngineError> {
    let start = Instant::now();
    Ok(match ask {
        Ask::Open => {
            engine.forget();
            let cluster = engine.probe().await?;
            let events = engine.events().await?;
            Reply::Opened(Box::new(events), cluster, engine.ping().await?)
        }
        Ask::Whole => {
            let listing = Box::new(engine.listing(cluster).await?);
            Reply::Other(Answer::Whole { listing, took: start.elapsed() })
        }
        Ask::Parts(asked) => {
            let (services, nodes) =
                futures_util::try_join!(engine.services(&asked.services), engine.nodes(&asked.nodes))?;
            Reply::Other(Answer::Parts { asked, services, nodes })
        }
        Ask::Ping => Reply::Other(Answer::Pong(engine.ping().await?)),
    })
}

#[cfg(test)]
mod tests;
