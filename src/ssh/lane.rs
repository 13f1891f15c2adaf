//! Bytes on their way from the connection to one reader. Who brings them never waits: a reader that falls too far
//! behind loses its stream, and no other does.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, ReadBuf};

/// What keeping a piece costs beside its bytes: many small ones must not slip through the cap.
const PIECE: usize = 96;

#[derive(Default)]
struct Held {
    pieces: VecDeque<Bytes>,
    cost: usize,
    end: Option<Result<(), String>>,
    reader: Option<Waker>,
}

/// Where bytes are put in.
pub struct LaneIn {
    held: Arc<Mutex<Held>>,
    cap: usize,
}

/// Where they come out.
pub struct LaneOut(Arc<Mutex<Held>>);

/// A lane that holds this much at most.
pub fn lane(cap: usize) -> (LaneIn, LaneOut) {
    let held = Arc::<Mutex<Held>>::default();
    (LaneIn { held: Arc::clone(&held), cap }, LaneOut(held))
}

fn lock(held: &Mutex<Held>) -> MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LaneIn {
    /// Puts bytes in; false if the reader has fallen too far behind.
    pub fn push(&self, bytes: Bytes) -> bool {
        // To a reader, a piece of nothing would be the end.
        if bytes.is_empty() {
            return true;
        }
        let mut held = lock(&self.held);
        if held.cost + bytes.len() + PIECE > self.cap {
            return false;
        }
        held.cost += bytes.len() + PIECE;
        held.pieces.push_back(bytes);
        wake(held);
        true
    }

    /// Nothing more comes, for this reason if it is one. What comes first counts.
    pub fn end(&self, how: Result<(), String>) {
        let mut held = lock(&self.held);
        if held.end.is_none() {
            held.end = Some(how);
        }
        wake(held);
    }
}

fn wake(mut held: MutexGuard<'_, Held>) {
    let reader = held.reader.take();
    drop(held);
    if let Some(reader) = reader {
        reader.wake();
    }
}

impl Drop for LaneIn {
    fn drop(&mut self) {
        self.end(Err("the stream was cut".to_owned()));
    }
}

impl AsyncRead for LaneOut {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut held = lock(&self.0);
        let mut moved = false;
        while buf.remaining() > 0 {
            let Some(piece) = held.pieces.front_mut() else { break };
            let part = piece.split_to(piece.len().min(buf.remaining()));
            buf.put_slice(&part);
            let done = !piece.has_remaining();
            held.cost = held.cost.saturating_sub(part.len() + if done { PIECE } else { 0 });
            if done {
                held.pieces.pop_front();
            }
            moved = true;
        }
        if moved || buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        match &held.end {
            Some(Ok(())) => Poll::Ready(Ok(())),
            Some(Err(why)) => Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionAborted, why.clone()))),
            None => {
                held.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    #[tokio::test]
    async fn bytes_come_out_as_they_went_in_and_then_the_end() {
        let (into, mut out) = lane(1 << 20);
        let reader = tokio::spawn(async move {
            let mut all = Vec::new();
            out.read_to_end(&mut all).await.map(|_| all)
        });
        for piece in ["one ", "", "two ", "three"] {
            assert!(into.push(Bytes::from_static(piece.as_bytes())));
        }
        into.end(Ok(()));
        assert_eq!(reader.await.unwrap().unwrap(), b"one two three");
    }

    #[tokio::test]
    async fn a_lane_takes_no_more_than_its_cap_and_takes_again_once_it_was_read() {
        let (into, mut out) = lane(4 * (1000 + PIECE));
        let piece = Bytes::from(vec![0; 1000]);
        let pushed = (0..10).filter(|_| into.push(piece.clone())).count();
        assert_eq!(pushed, 4);
        let mut some = vec![0; 2000];
        out.read_exact(&mut some).await.unwrap();
        assert!(into.push(piece.clone()) && into.push(piece.clone()) && !into.push(piece));
        let many = (0..100_000).filter(|_| into.push(Bytes::from_static(b"x"))).count();
        assert!(many < 100, "small pieces count too");
    }

    #[tokio::test]
    async fn a_stream_that_is_cut_ends_with_an_error_after_what_came() {
        let (into, mut out) = lane(1000);
        into.push(Bytes::from_static(b"some"));
        drop(into);
        let mut all = Vec::new();
        assert!(out.read_to_end(&mut all).await.unwrap_err().to_string().contains("was cut"));
        assert_eq!(all, b"some");
    }
}
