//! One writer, many readers, newest wins: no lock to forget, no queue to grow.
//! It never knows what it keeps, but for how a snapshot of the swarm is changed.

use std::sync::Arc;

use tokio::sync::watch;

use crate::model::{Change, Snapshot};

/// The one that writes. Not cloneable: the compiler keeps it the only one.
#[derive(Debug)]
pub struct Writer<T>(watch::Sender<Arc<T>>);

/// One of those that read.
#[derive(Debug)]
pub struct Reader<T>(watch::Receiver<Arc<T>>);

/// The writer is gone: nothing will ever change again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing follows this any more")]
pub struct Closed;

/// A writer and its first reader; more readers are clones of that one.
#[must_use]
pub fn store<T>(first: T) -> (Writer<T>, Reader<T>) {
    let (sender, receiver) = watch::channel(Arc::new(first));
    (Writer(sender), Reader(receiver))
}

impl<T> Clone for Reader<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: PartialEq> Writer<T> {
    /// Puts what `next` makes of the present in its place. Readers are woken only if that is something else.
    pub fn renew(&mut self, next: impl FnOnce(&T) -> T) {
        self.0.send_if_modified(|now| {
            let after = next(now);
            let differs = after != **now;
            if differs {
                *now = Arc::new(after);
            }
            differs
        });
    }

    /// What is there at present.
    #[must_use]
    pub fn now(&self) -> Arc<T> {
        Arc::clone(&self.0.borrow())
    }

    /// One more reader.
    #[must_use]
    pub fn reader(&self) -> Reader<T> {
        Reader(self.0.subscribe())
    }
}

impl Writer<Snapshot> {
    /// Makes one step to a newer picture of the swarm.
    pub fn apply(&mut self, change: Change) {
        self.renew(|now| now.after(change));
    }
}

impl<T> Reader<T> {
    /// The newest there is; whether it was seen stays as it was.
    #[must_use]
    pub fn latest(&self) -> Arc<T> {
        Arc::clone(&self.0.borrow())
    }

    /// The newest there is; it counts as seen.
    pub fn snapshot(&mut self) -> Arc<T> {
        Arc::clone(&self.0.borrow_and_update())
    }

    /// Waits for something newer than what was seen last.
    ///
    /// # Errors
    /// When the writer is gone.
    pub async fn changed(&mut self) -> Result<Arc<T>, Closed> {
        self.0.changed().await.map_err(|_| Closed)?;
        Ok(self.snapshot())
    }

    /// Waits until it is as wanted, which it may be already.
    ///
    /// # Errors
    /// When the writer is gone before that.
    pub async fn until(&mut self, mut ready: impl FnMut(&T) -> bool) -> Result<Arc<T>, Closed> {
        match self.0.wait_for(|now| ready(now)).await {
            Ok(now) => Ok(Arc::clone(&now)),
            Err(_) => Err(Closed),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{Link, ServiceId};

    #[tokio::test]
    async fn a_reader_gets_the_newest_and_waits_for_what_it_wants() {
        let (mut writer, mut reader) = store(0_u32);
        let mut other = reader.clone();
        writer.renew(|now| now + 1);
        writer.renew(|now| now + 1);
        assert_eq!(*reader.changed().await.unwrap(), 2);
        assert_eq!(*other.until(|now| *now == 2).await.unwrap(), 2);
        drop(writer);
        assert_eq!(reader.changed().await, Err(Closed));
        assert_eq!(other.until(|now| *now == 3).await, Err(Closed));
    }

    #[tokio::test]
    async fn a_change_that_changes_nothing_wakes_nobody() {
        let (mut writer, mut reader) = store(Snapshot::default());
        let live = || Change::Link(Link::Live { latency: Duration::from_millis(1) });
        writer.apply(live());
        assert!(reader.changed().await.unwrap().link.is_live());
        writer.apply(live());
        writer.apply(Change::ServiceGone(ServiceId::new("none")));
        assert!(!reader.0.has_changed().unwrap());
    }
}
