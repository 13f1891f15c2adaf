//! Keeps in view what the journal says. Looks at a file's size at rest, and reads it only when a line was added.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::action::{Board, History};
use crate::journal::Journal;
use crate::store::{Reader, Writer};

/// How often it is looked whether another process has written.
const LOOKS: Duration = Duration::from_secs(5);

/// A journal that is written all the time is read with rests of so many times its reading, so that a thousand deeds in a
/// row do not cost a thousand readings.
const RESTS: u32 = 8;

/// Tells what was done, as long as somebody listens and `stop` is not cancelled.
pub async fn history(journal: Journal, board: Reader<Board>, told: Writer<History>, stop: CancellationToken) {
    stop.run_until_cancelled(keep(journal, board, told)).await;
}

async fn keep(journal: Journal, mut board: Reader<Board>, mut told: Writer<History>) {
    let mut known = None;
    loop {
        let stamp = journal.stamp();
        // Whether the process of an open deed is still there is asked each time.
        let open = told.now().deeds.iter().any(|deed| deed.end.is_none() && !deed.own && deed.alive);
        if known != Some(stamp) || open {
            let (journal, began) = (journal.clone(), Instant::now());
            let read = tokio::task::spawn_blocking(move || journal.read()).await;
            known = Some(stamp);
            match read {
                Ok(Ok(history)) => told.renew(|before| shared(before, history)),
                Ok(Err(fault)) => told.renew(|_| History { notes: vec![fault.line()], ..History::default() }),
                Err(error) => tracing::warn!(%error, "reading the journal broke off"),
            }
            sleep((began.elapsed() * RESTS).min(LOOKS)).await;
        }
        tokio::select! {
            changed = board.changed() => if changed.is_err() { return },
            () = sleep(LOOKS) => {}
        }
    }
}

/// What did not change stays where it lies.
fn shared(before: &History, mut now: History) -> History {
    for (at, deed) in now.deeds.iter_mut().rev().enumerate() {
        let known = before.deeds.len().checked_sub(at + 1).and_then(|at| before.deeds.get(at));
        if let Some(known) = known.filter(|known| *known == deed) {
            *deed = Arc::clone(known);
        }
    }
    now
}
