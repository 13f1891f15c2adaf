//! A Docker Swarm in memory, behind the Engine API on a byte stream. Knows HTTP and JSON, never our model.
//!
//! [`Scenario`] says what there is, [`Scenario::start`] gives a [`Sim`]: a handle whose world stands still
//! until it is told to [`advance`](Sim::advance), [`settle`](Sim::settle) or [`run`](Sim::run).

mod account;
mod behaviour;
mod build;
mod deed;
mod demo;
mod door;
mod fault;
mod http;
mod scenario;
mod serve;
mod shell;
mod somebody;
mod wish;
mod world;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use behaviour::Behaviour;
pub use deed::Deed;
pub use demo::{demo, demo_at, demo_quiet};
pub use door::Door;
pub use fault::Fault;
pub use scenario::Scenario;
pub use wish::{Wish, service};

use door::Doors;
use fault::FaultBook;
use world::World;

/// How many requests are remembered.
const KEPT_REQUESTS: usize = 10_000;

/// One request the simulator got.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path without version, with its query.
    pub path: String,
    /// The body as sent.
    pub body: Bytes,
    /// The hostname of the node that got it.
    pub at: String,
    /// The header `X-Registry-Auth`; empty where there was none.
    pub auth: String,
}

impl Seen {
    /// Whether this request asked for a change.
    #[must_use]
    pub fn is_write(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }

    /// The body as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) faults: FaultBook,
    pub(crate) requests: VecDeque<Seen>,
    pub(crate) doors: Doors,
}

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    /// Counts changes, so that streams know when to look again.
    pulse: watch::Sender<u64>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// A handle on a simulated swarm; clones are the same swarm.
#[derive(Debug, Clone)]
pub struct Sim(Arc<Inner>);

impl Sim {
    fn new(world: World) -> Self {
        let state = State { world, faults: FaultBook::default(), requests: VecDeque::new(), doors: Doors::default() };
        Self(Arc::new(Inner {
            state: Mutex::new(state),
            pulse: watch::channel(0).0,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }))
    }

    /// One synchronous step on the state; whoever follows is told to look again.
    pub(crate) fn step<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let answer = self.look(act);
        self.0.pulse.send_modify(|n| *n = n.wrapping_add(1));
        answer
    }

    /// As [`Sim::step`], for what changes nothing that anybody follows.
    pub(crate) fn look<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut state)
    }

    pub(crate) fn pulse(&self) -> watch::Receiver<u64> {
        self.0.pulse.subscribe()
    }

    /// The simulated time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.look(|s| s.world.now)
    }

    /// Lets this much simulated time pass at once.
    pub fn advance(&self, time: Duration) {
        self.step(|s| s.world.tick(time));
    }

    /// As [`Sim::advance`], but wakes nobody when there is nothing new.
    fn pass(&self, time: Duration) {
        let moved = self.look(|s| {
            let before = s.world.progress();
            s.world.tick(time);
            s.world.progress() != before
        });
        if moved {
            self.0.pulse.send_modify(|n| *n = n.wrapping_add(1));
        }
    }

    /// Lets time pass until all tasks are where they should be and no update runs; at most ten simulated
    /// minutes, then it gives false (a crash loop never settles).
    pub fn settle(&self) -> bool {
        self.step(|s| s.world.settle(Duration::from_secs(600)))
    }

    /// Lets time pass in tenths of a second until this holds; false after `limit` of simulated time.
    pub fn advance_until(&self, limit: Duration, mut holds: impl FnMut(&Sim) -> bool) -> bool {
        let end = self.now() + limit;
        while !holds(self) {
            if self.now() >= end {
                return false;
            }
            self.advance(Duration::from_millis(100));
        }
        true
    }

    /// Lets simulated time pass with the real one from now on, `speed` times as fast, until [`Sim::stop`].
    /// Needs a tokio runtime.
    pub fn run(&self, speed: f64) {
        let sim = self.clone();
        self.0.tasks.spawn(async move {
            let mut beat = tokio::time::interval(Duration::from_millis(100));
            beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
            let mut last = Instant::now();
            loop {
                tokio::select! {
                    biased;
                    () = sim.0.stop.cancelled() => return,
                    _ = beat.tick() => {}
                }
                let now = Instant::now();
                sim.pass(now.duration_since(last).mul_f64(speed.clamp(0.0, 1000.0)));
                last = now;
            }
        });
    }

    /// Ends the clock, the listeners and all connections, and waits for them.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Orders a fault.
    pub fn fault(&self, fault: Fault) {
        self.look(|s| s.faults.order(fault));
    }

    /// Shuts, silences or opens the way to a node; the node itself stays as it is.
    pub fn door(&self, hostname: &str, door: Door) {
        self.step(|s| s.doors.set(hostname, door));
    }

    /// Takes all faults back.
    pub fn clear_faults(&self) {
        self.look(|s| s.faults.clear());
    }

    /// All requests so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Seen> {
        self.look(|s| s.requests.iter().cloned().collect())
    }

    /// The requests that asked for a change.
    #[must_use]
    pub fn writes(&self) -> Vec<Seen> {
        self.requests().into_iter().filter(Seen::is_write).collect()
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        self.look(|s| s.requests.clear());
    }

    pub(crate) fn note(&self, seen: Seen) -> Option<fault::Harm> {
        let (call, at) = (format!("{} {}", seen.method, seen.path), seen.at.clone());
        self.look(|s| {
            if s.requests.len() >= KEPT_REQUESTS {
                s.requests.pop_front();
            }
            s.requests.push_back(seen);
            s.faults.strike(&call, &at)
        })
    }
}

#[cfg(test)]
mod orchestra_tests;
#[cfg(test)]
mod tests;
