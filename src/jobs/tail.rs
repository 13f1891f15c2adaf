//! Follows logs for a reader that may be slower than they come: what does not fit is dropped and counted.

use std::time::Duration;

use futures_util::{StreamExt, pin_mut};
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::diag::{Diagnostic, Explain};
use crate::engine::Engine;
use crate::model::{LogLine, LogQuery};

/// Lines that are taken together; the reader is woken once for all of them.
const BATCH: usize = 512;
/// The longest that a line waits for others to be taken with it.
const PATIENCE: Duration = Duration::from_millis(40);
/// How long to wait before a tail that was cut is begun again.
const AGAIN: Duration = Duration::from_secs(2);

/// What a tail tells.
#[derive(Debug)]
pub enum TailNews {
    /// Lines, oldest first, and how many were dropped before them.
    Lines(Vec<LogLine>, u64),
    /// The line is lost; the tail goes on when it can.
    Cut(Diagnostic),
    /// There is nothing more.
    Ended,
}

/// Reads lines until `stop`. A tail that follows is begun again after a cut, where it was cut.
pub async fn tail(engine: Engine, mut query: LogQuery, news: mpsc::Sender<TailNews>, stop: CancellationToken) {
    let mut dropped = 0;
    let mut told = false;
    loop {
        let mut last = None;
        let fault = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            fault = once(&engine, &query, (&news, &mut dropped, &mut last)) => fault,
        };
        told &= last.is_none();
        if let Some(at) = last {
            query.since = Some(at);
            query.tail = None;
        }
        match fault {
            None if !query.follow => {
                let _ = news.send(TailNews::Ended).await;
                return;
            }
            None => {}
            Some(fault) if !query.follow => {
                let _ = news.send(TailNews::Cut(fault)).await;
                return;
            }
            Some(fault) if !told => {
                told = true;
                let _ = news.send(TailNews::Cut(fault)).await;
            }
            Some(_) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
}

type Sink<'a> = (&'a mpsc::Sender<TailNews>, &'a mut u64, &'a mut Option<Timestamp>);

/// Reads one stream to its end.
async fn once(engine: &Engine, query: &LogQuery, (news, dropped, last): Sink<'_>) -> Option<Diagnostic> {
    let lines = engine.logs(query.clone());
    pin_mut!(lines);
    let batches = lines.ready_chunks(BATCH);
    pin_mut!(batches);
    let mut waiting: Vec<LogLine> = Vec::new();
    let mut flush = tokio::time::interval(PATIENCE);
    flush.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            _ = flush.tick(), if !waiting.is_empty() => give(news, &mut waiting, dropped),
            batch = batches.next() => match batch {
                None => {
                    give(news, &mut waiting, dropped);
                    return None;
                }
                Some(batch) => {
                    for line in batch {
                        match line {
                            // Begun again, the stream repeats the line it was cut at.
                            Ok(line) if query.tail.is_none() && line.at.is_some() && line.at <= query.since => {}
                            Ok(line) => {
                                *last = line.at.or(*last);
                                waiting.push(line);
                            }
                            Err(error) => {
                                give(news, &mut waiting, dropped);
                                return Some(error.explain());
                            }
                        }
                    }
                    if waiting.len() >= BATCH {
                        give(news, &mut waiting, dropped);
                    }
                }
            },
        }
    }
}

/// Hands lines over if there is room; else they are dropped and counted, for the reader must never be waited for.
fn give(news: &mpsc::Sender<TailNews>, waiting: &mut Vec<LogLine>, dropped: &mut u64) {
    if waiting.is_empty() {
        return;
    }
    let lines = std::mem::take(waiting);
    let count = lines.len() as u64;
    match news.try_send(TailNews::Lines(lines, *dropped)) {
        Ok(()) => *dropped = 0,
        Err(_) => *dropped += count,
    }
}
