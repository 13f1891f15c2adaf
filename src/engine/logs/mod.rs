//! Log lines of a service or a task, as they were written on any node. Memory stays bounded whatever is written.

mod decode;
mod prefix;

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::Stream;
use futures_util::stream::unfold;
use jiff::Timestamp;
use tokio::time::timeout;

use decode::Decoder;

use super::client::Engine;
use super::error::EngineError;
use super::http::{Call, Flow, escaped};
use crate::model::{LogLine, LogQuery, LogTarget};

/// How long a log that does not follow may be silent: the engine fetches lines from other nodes.
const SILENCE: Duration = Duration::from_secs(30);
/// The content type that says for sure that frames come.
const FRAMED: &str = "application/vnd.docker.multiplexed-stream";

/// A log that is being read.
struct Reading {
    engine: Engine,
    call: Call,
    follow: bool,
    flow: Flow,
    decoder: Decoder,
    ready: VecDeque<LogLine>,
}

/// How far the reading is.
enum Stage {
    Asked(Box<(Engine, LogQuery)>),
    Open(Box<Reading>),
    Over,
}

impl Engine {
    /// The lines asked for, oldest first; for ever where the query follows. Ends after the first error.
    pub fn logs(&self, query: LogQuery) -> impl Stream<Item = Result<LogLine, EngineError>> + Send + Unpin + use<> {
        Box::pin(unfold(Stage::Asked(Box::new((self.clone(), query))), |mut stage| async move {
            loop {
                stage = match stage {
                    Stage::Asked(asked) => match asked.0.open_log(asked.1).await {
                        Ok(reading) => Stage::Open(Box::new(reading)),
                        Err(error) => return Some((Err(error), Stage::Over)),
                    },
                    Stage::Open(mut reading) => match reading.line().await {
                        Ok(Some(line)) => return Some((Ok(line), Stage::Open(reading))),
                        Ok(None) => Stage::Over,
                        Err(error) => return Some((Err(error), Stage::Over)),
                    },
                    Stage::Over => return None,
                };
            }
        }))
    }

    async fn open_log(&self, query: LogQuery) -> Result<Reading, EngineError> {
        let (service, tty) = match &query.target {
            LogTarget::Service { id, tty } => (id, *tty),
            LogTarget::Task { service, tty, .. } => (service, *tty),
        };
        let call = Call::get(path(&query)).within(self.patience);
        let (headers, flow) = self.http.open(&call).await?;
        let kind = headers.get(hyper::header::CONTENT_TYPE);
        let framed = !tty || kind.is_some_and(|kind| kind.as_bytes() == FRAMED.as_bytes());
        Ok(Reading {
            engine: self.clone(),
            decoder: Decoder::new(service.clone(), framed),
            follow: query.follow,
            flow,
            ready: VecDeque::new(),
            call: call.within(SILENCE),
        })
    }
}

impl Reading {
    async fn line(&mut self) -> Result<Option<LogLine>, EngineError> {
        loop {
            if let Some(line) = self.ready.pop_front() {
                return Ok(Some(line));
            }
            match self.part().await? {
                Some(part) => self.decoder.push(&part, &mut self.ready),
                None => {
                    self.decoder.end(&mut self.ready);
                    return Ok(self.ready.pop_front());
                }
            }
        }
    }

    async fn part(&mut self) -> Result<Option<bytes::Bytes>, EngineError> {
        let next = self.engine.http.stream_part(&self.call, &mut self.flow);
        if self.follow {
            return next.await;
        }
        match timeout(SILENCE, next).await {
            Ok(part) => part,
            Err(_) => Err(self.engine.http.late(&self.call, &self.flow)),
        }
    }
}

fn path(query: &LogQuery) -> String {
    let of = match &query.target {
        LogTarget::Service { id, .. } => format!("/services/{}", escaped(id.as_str())),
        LogTarget::Task { id, .. } => format!("/tasks/{}", escaped(id.as_str())),
    };
    let tail = query.tail.map_or_else(|| "all".to_owned(), |tail| tail.to_string());
    let since = query.since.map(|since| format!("&since={}", seconds(since))).unwrap_or_default();
    let follow = u8::from(query.follow);
    format!("{of}/logs?stdout=1&stderr=1&details=1&timestamps=1&follow={follow}&tail={tail}{since}")
}

/// A moment as the engine wants it: seconds, a point, nine digits.
fn seconds(at: Timestamp) -> String {
    let at = at.max(Timestamp::UNIX_EPOCH);
    format!("{}.{:09}", at.as_second(), at.subsec_nanosecond())
}
