//! How many commands and shells a host lets one connection have at once. It refuses more than its `MaxSessions`, and
//! does not say how many that is: so it is learned.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

/// Below OpenSSH's usual 10, so that the operator's own tools find room.
const USUAL: usize = 8;

#[derive(Debug)]
struct State {
    cap: usize,
    taken: usize,
}

/// Places of one connection.
#[derive(Debug, Clone)]
pub struct Slots(Arc<(Mutex<State>, Notify)>);

/// A place that is taken; dropping it frees it.
#[derive(Debug)]
pub struct Slot(Slots);

impl Default for Slots {
    fn default() -> Self {
        Self(Arc::new((Mutex::new(State { cap: USUAL, taken: 0 }), Notify::new())))
    }
}

impl Slots {
    /// Waits for a place, and leaves this many free for others.
    pub async fn take(&self, spare: usize) -> Slot {
        loop {
            let freed = self.0.1.notified();
            tokio::pin!(freed);
            // Before looking, so that what is freed in between is not missed.
            freed.as_mut().enable();
            if self.try_take(spare) {
                return Slot(self.clone());
            }
            freed.await;
        }
    }

    fn try_take(&self, spare: usize) -> bool {
        let mut state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        // With few places, keeping one free matters less than going on at all.
        let cap = state.cap.saturating_sub(spare).max(1);
        let free = state.taken < cap;
        state.taken += usize::from(free);
        free
    }

    /// The host has refused one that held a place. Waiting helps if others hold one too: then that many are
    /// what it allows.
    pub fn refused(&self, slot: Slot) -> bool {
        let others = {
            let mut state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
            let others = state.taken.saturating_sub(1);
            state.cap = state.cap.min(others.max(1));
            others
        };
        drop(slot);
        others > 0
    }

    /// How many there are, as far as is known.
    #[cfg(test)]
    pub fn cap(&self) -> usize {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).cap
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.0.0.lock().unwrap_or_else(PoisonError::into_inner).taken -= 1;
        self.0.0.1.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn who_finds_no_place_waits_for_one() {
        let slots = Slots::default();
        let mut taken = Vec::new();
        for _ in 0..USUAL {
            taken.push(slots.take(0).await);
        }
        let mut waiting = Box::pin(slots.take(0));
        assert!((&mut waiting).now_or_never().is_none());
        taken.pop();
        waiting.await;
    }

    #[tokio::test]
    async fn a_refusal_teaches_how_many_places_there_are() {
        let slots = Slots::default();
        let taken = [slots.take(0).await, slots.take(0).await, slots.take(0).await];
        let fourth = slots.take(0).await;
        assert!(slots.refused(fourth));
        assert_eq!(slots.cap(), 3);
        assert!(slots.take(0).now_or_never().is_none());
        drop(taken);
        let alone = slots.take(0).await;
        assert!(!slots.refused(alone), "with no others there is nothing to wait for");
    }

    #[tokio::test]
    async fn long_streams_leave_room_for_commands() {
        let slots = Slots::default();
        let mut taken = Vec::new();
        for _ in 0..USUAL - 2 {
            taken.push(slots.take(2).await);
        }
        assert!(slots.take(2).now_or_never().is_none());
        assert!(slots.take(0).now_or_never().is_some());
    }
}
