//! One engine, or several managers of one swarm, over HTTP. A question that fails because of a manager is asked again at
//! the next; a change never is, unless it certainly did not leave this machine. It knows nothing of services or nodes.

mod answer;
mod call;
mod dialect;
mod line;
mod roster;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hyper::body::Incoming;
use hyper::upgrade::Upgraded;
use hyper::{HeaderMap, Request, Response};
use tokio_util::sync::CancellationToken;

pub(super) use answer::{refusal, snippet};
pub(super) use call::{Call, PATIENCE, WRITE_PATIENCE, escaped, filters};
pub(super) use dialect::Spoken;
pub(super) use line::{Line, json};
use roster::Roster;

use super::error::EngineError;
use crate::model::Cluster;
use crate::wire::SharedDialer;

/// How long a manager may be silent before a question is taken to the next; the last one has all the time there is.
const SHORT: Duration = Duration::from_secs(3);
/// The head start that each manager has before the next.
const START: Duration = Duration::from_millis(700);

/// HTTP with a swarm. Cheap to clone: all clones share connections.
#[derive(Clone)]
pub(super) struct Http(Arc<Shared>);

struct Shared {
    lines: Vec<Line>,
    roster: Mutex<Roster>,
}

/// One that was chosen, and in which turn.
#[derive(Clone)]
struct Via {
    line: Line,
    at: usize,
    turn: u64,
}

/// An answer that comes bit by bit. When it breaks, that is no reason to leave the manager: the next question tells.
/// But it breaks when the manager is left, for one that hangs would never end it.
pub(super) struct Flow {
    via: Via,
    left: CancellationToken,
    body: Incoming,
}

impl Http {
    /// Over these, the preferred first.
    pub(super) fn new(dialers: Vec<SharedDialer>) -> Self {
        let lines: Vec<Line> = dialers.into_iter().map(Line::new).collect();
        let roster = Mutex::new(Roster::new(lines.len()));
        Self(Arc::new(Shared { lines, roster }))
    }

    /// Where the engine in use is, as typed; all of them while none is.
    pub(super) fn at(&self) -> String {
        match self.roster().current().and_then(|at| self.0.lines.get(at)) {
            Some(line) => line.at().to_owned(),
            None => self.0.lines.iter().map(Line::at).collect::<Vec<_>>().join(", "),
        }
    }

    /// There is another one to go to.
    pub(super) fn has_others(&self) -> bool {
        self.0.lines.len() > 1
    }

    /// Begins a new connection life: no old connection is used again, the version is asked anew, and whether who is in
    /// use may stay so.
    pub(super) fn forget(&self) {
        let mut roster = self.roster();
        roster.renew();
        let current = roster.current().unwrap_or(0);
        drop(roster);
        if let Some(line) = self.0.lines.get(current) {
            line.forget();
        }
    }

    /// What the engine in use is: which swarm it manages, and through which node.
    pub(super) async fn standing(&self, patience: Duration) -> Result<Cluster, EngineError> {
        let call = Call::get("/info").within(patience);
        let mut left = self.0.lines.len();
        loop {
            let via = self.via().await?;
            left = left.saturating_sub(1);
            let answer = super::probe::standing(&via.line, self.hurried(&call, left).patience).await;
            let fit = answer.and_then(|cluster| match self.has_others() {
                true => self.roster().admit(via.at, &cluster).map(|()| cluster),
                false => Ok(cluster),
            });
            match fit {
                Ok(mut cluster) => {
                    cluster.passed = self.roster().misfits();
                    return Ok(cluster);
                }
                Err(error) => self.goes_on(&via, &call, (error, left))?,
            }
        }
    }

    /// The version both sides know.
    pub(super) async fn spoken(&self, patience: Duration) -> Result<Spoken, EngineError> {
        let via = self.via().await?;
        let spoken = via.line.spoken(patience).await;
        spoken.inspect_err(|error| self.settle(&via, error))
    }

    /// Asks, and gives the answer once its head is there and says yes.
    pub(super) async fn open(&self, call: &Call) -> Result<(HeaderMap, Flow), EngineError> {
        let mut left = self.0.lines.len();
        loop {
            let via = self.via().await?;
            left = left.saturating_sub(1);
            match via.line.open(&self.hurried(call, left)).await {
                Ok(response) => {
                    let (parts, body) = response.into_parts();
                    let left = self.roster().left(via.at);
                    return Ok((parts.headers, Flow { via, left, body }));
                }
                Err(error) => self.goes_on(&via, call, (error, left))?,
            }
        }
    }

    /// Asks for the stream itself: after the head of the answer it belongs to the caller.
    pub(super) async fn hand_over(&self, call: &Call) -> Result<Upgraded, EngineError> {
        let via = self.via().await?;
        via.line.hand_over(call).await.inspect_err(|error| self.settle(&via, error))
    }

    /// Asks, and gives the whole answer as text.
    pub(super) async fn text(&self, call: &Call) -> Result<String, EngineError> {
        let mut left = self.0.lines.len();
        loop {
            let via = self.via().await?;
            left = left.saturating_sub(1);
            match via.line.text(&self.hurried(call, left)).await {
                Ok(text) => return Ok(text),
                Err(error) => self.goes_on(&via, call, (error, left))?,
            }
        }
    }

    /// Reads JSON, or says what stands there instead.
    pub(super) fn json<'a, T: serde::Deserialize<'a>>(&self, call: &Call, text: &'a str) -> Result<T, EngineError> {
        json(&self.at(), call, text)
    }

    /// Sends a request as it is, for those who build their own.
    pub(super) async fn forward<B>(
        &self,
        request: Request<B>,
        patience: Duration,
    ) -> Result<Response<Incoming>, EngineError>
    where
        B: hyper::body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let via = self.via().await?;
        let answer = via.line.forward(request, patience).await;
        // A registry that is slow is no fault of the manager.
        answer.inspect_err(|error| {
            if error.is_before_any_change() {
                self.settle(&via, error)
            }
        })
    }

    /// The next part of an answer, whenever it comes. Nothing is lost if this is dropped half-way.
    pub(super) async fn stream_part(&self, call: &Call, flow: &mut Flow) -> Result<Option<Bytes>, EngineError> {
        let Flow { via, left, body } = flow;
        tokio::select! {
            biased;
            part = via.line.stream_part(call, body) => part,
            () = left.cancelled() => {
                let (at, why) = (via.line.at().to_owned(), "another manager is asked from now on".to_owned());
                Err(EngineError::Unreachable { at, kind: std::io::ErrorKind::ConnectionAborted, why })
            }
        }
    }

    /// This answer has been waited for too long.
    pub(super) fn late(&self, call: &Call, flow: &Flow) -> EngineError {
        flow.via.line.late(call)
    }

    /// This answer comes from who is in use.
    pub(super) fn is_present(&self, flow: &Flow) -> bool {
        self.roster().present().0 == flow.via.turn
    }

    fn roster(&self) -> MutexGuard<'_, Roster> {
        self.0.roster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who is asked now. A lone engine needs no choosing: what it is, its own answers tell.
    async fn via(&self) -> Result<Via, EngineError> {
        let (turn, choice) = self.roster().present();
        let at = match self.has_others() {
            true => *choice.get_or_try_init(|| self.elect()).await?,
            false => 0,
        };
        match self.0.lines.get(at) {
            Some(line) => Ok(Via { line: line.clone(), at, turn }),
            None => Err(EngineError::NoneUsable { at: String::new(), tried: Vec::new() }),
        }
    }

    /// Asks one after the other whether it is a manager of this swarm, each with a head start before the next, and takes
    /// the first that is.
    async fn elect(&self) -> Result<usize, EngineError> {
        let mut waiting = self.roster().order().into_iter().peekable();
        let mut asked = FuturesUnordered::new();
        let mut tried = Vec::new();
        loop {
            if let Some((at, line)) = waiting.next().and_then(|at| Some((at, self.0.lines.get(at)?))) {
                asked.push(async move { (at, super::probe::standing(line, line::DIAL).await) });
            }
            tokio::select! {
                biased;
                Some((at, answer)) = asked.next() => {
                    let fit = answer.and_then(|cluster| self.roster().admit(at, &cluster));
                    match fit {
                        Ok(()) => {
                            drop(asked);
                            self.hang_up_all_but(at);
                            return Ok(at);
                        }
                        Err(error) => {
                            tracing::warn!(%error, why = %error.explained(), "a manager is passed over");
                            self.roster().pass(at, error.clone());
                            tried.push(error);
                        }
                    }
                }
                () = tokio::time::sleep(START), if waiting.peek().is_some() => {}
                else => return Err(self.none_of(tried)),
            }
        }
    }

    /// What is kept of connections to those that were tried and not taken.
    fn hang_up_all_but(&self, at: usize) {
        for (_, line) in self.0.lines.iter().enumerate().filter(|(other, _)| *other != at) {
            line.forget();
        }
    }

    fn none_of(&self, tried: Vec<EngineError>) -> EngineError {
        let at = self.0.lines.iter().map(Line::at).collect::<Vec<_>>().join(", ");
        EngineError::NoneUsable { at, tried }
    }

    /// With others to go to, nobody is waited for long; but a change is never hurried, for it may be under way, and what
    /// takes its time anywhere (a registry is asked, a disk is counted) is given it.
    fn hurried(&self, call: &Call, left: usize) -> Call {
        match left > 0 && !call.changes_something() && call.patience <= PATIENCE {
            true => call.clone().within(call.patience.min(SHORT)),
            false => call.clone(),
        }
    }

    /// Whether the call may be asked again: then the manager is left; else the error is the answer.
    fn goes_on(&self, via: &Via, call: &Call, (error, left): (EngineError, usize)) -> Result<(), EngineError> {
        if call.patience > PATIENCE && matches!(error, EngineError::TimedOut { .. }) {
            return Err(error);
        }
        self.settle(via, &error);
        let again = match call.changes_something() {
            true => error.is_before_any_change(),
            false => error.is_of_the_manager(),
        };
        if again && left > 0 { Ok(()) } else { Err(error) }
    }

    /// Leaves a manager that failed, if there are others.
    fn settle(&self, via: &Via, error: &EngineError) {
        if self.has_others() && error.is_of_the_manager() && self.roster().leave(via.turn, via.at, error) {
            tracing::warn!(at = via.line.at(), %error, "this manager is left");
            via.line.forget();
        }
    }
}
