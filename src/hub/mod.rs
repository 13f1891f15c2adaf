//! Where the hand begins: starts following and the queue, keeps the one writer of the picture, hands out handles.

mod handle;

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::action::Board;
use crate::clock::SharedClock;
use crate::diag::Diagnostic;
use crate::engine::{Engine, follow};
use crate::fleet::{Each, Fleet, Machine};
use crate::jobs::register::Registrar;
use crate::jobs::{Folder, Guard, Ledger, Locks, Queue, Registries, run};
use crate::journal::Journal;
use crate::model::{Catalogue, Change, Link, Picture};
use crate::platform::Checkout;
pub use crate::store::Reader;
use crate::store::{Writer, store};

pub use crate::jobs::{After, Batch, Choice, NoRollout, Planned, Rest, Rollout, Seams};
pub use handle::{Against, Done, Handle, Look, Output};

/// Changes on their way to the writer. Full means: following waits; should the engine then cut the stream, it lists again.
const CHANGES: usize = 256;

/// The tasks behind a handle. They end after `stop`.
#[derive(Debug)]
pub struct Hub(JoinSet<()>);

impl Hub {
    /// Waits until everything has ended.
    pub async fn ended(mut self) {
        while self.0.join_next().await.is_some() {}
    }
}

/// Starts following this engine, judged against this folder. No other node is reached.
#[must_use]
pub fn start(engine: Engine, catalogue: Arc<Catalogue>, clock: SharedClock) -> (Handle, Hub) {
    let ways = Arc::new(Each(|machine: &Machine| Err(nowhere(machine))));
    let fleet = Fleet::new(ways, Arc::clone(&catalogue), Arc::clone(&clock));
    start_with(engine, fleet, Checkout::without_files(catalogue), clock)
}

fn nowhere(machine: &Machine) -> Diagnostic {
    Diagnostic::new(format!("no way to {}", machine.hostname), format!("give -H ssh://{}", machine.hostname))
}

/// What a hand works with.
#[derive(Debug, Clone)]
pub struct Means {
    /// The managers.
    pub engine: Engine,
    /// The ways to all nodes.
    pub fleet: Fleet,
    /// The files of the stacks.
    pub checkout: Checkout,
    /// Who we are at registries.
    pub registries: Registries,
    /// Where everything is written down before it is done.
    pub journal: Journal,
    /// Whether lanes are locked in the swarm.
    pub locks: Locks,
    /// Who is asked before somebody is disturbed.
    pub guard: Guard,
}

/// As [`start`], with the ways to all nodes and the files of the stacks.
#[must_use]
pub fn start_with(engine: Engine, fleet: Fleet, checkout: Checkout, clock: SharedClock) -> (Handle, Hub) {
    let (registries, journal, guard) = (Registries::default(), Journal::default(), Guard::default());
    begin(Means { engine, fleet, checkout, registries, journal, locks: Locks::None, guard }, clock)
}

/// As [`start`], with all that a hand may have.
#[must_use]
pub fn begin(means: Means, clock: SharedClock) -> (Handle, Hub) {
    begin_with(means, Seams::default(), clock)
}

/// As [`begin`], with ways to the operator and to whoever knows if a stack is in use.
#[must_use]
pub fn begin_with(means: Means, seams: Seams, clock: SharedClock) -> (Handle, Hub) {
    let Means { engine, fleet, checkout, registries, journal, locks, guard } = means;
    let stop = CancellationToken::new();
    let first = Picture { catalogue: Arc::clone(&checkout.catalogue), ..Picture::default() };
    let first = first.with_link(Link::Connecting { to: engine.at(), why: None });
    let (pictures, swarm) = store(first);
    let (boards, board) = store(Board::default());
    let (changes, heard) = mpsc::channel(CHANGES);
    // One nudge says as much as many: a full channel means that one is already on its way.
    let (nudges, nudged) = mpsc::channel(1);
    let ledger = Ledger::new(journal.clone(), Arc::clone(&clock), locks);
    let (queue, handle) =
        Queue::new(boards, (engine.clone(), registries.clone(), fleet.clone()), swarm.clone(), ledger.clone());
    let folder = Folder::of(checkout);
    let registrar = Registrar::of(folder.clone());
    let seams = Seams { registrar: registrar.clone(), ..seams };
    let queue = queue.with_seams(seams).guarded(guard.over(folder.clone()));
    let mut tasks = JoinSet::new();
    tasks.spawn(follow(engine.clone(), changes, nudged, stop.clone()));
    tasks.spawn(keep(pictures, (heard, folder.news()), Arc::clone(&clock)));
    tasks.spawn(run(queue, stop.clone()));
    (
        Handle {
            swarm,
            board,
            clock,
            stop,
            engine,
            fleet,
            registries,
            folder,
            journal,
            ledger,
            registrar,
            queue: handle,
            nudges,
        },
        Hub(tasks),
    )
}

/// Applies changes as they come and publishes the judged picture, once for all that came together.
async fn keep(
    mut pictures: Writer<Picture>,
    (mut heard, mut folder): (mpsc::Receiver<Change>, watch::Receiver<Checkout>),
    clock: SharedClock,
) {
    let mut together = Vec::new();
    loop {
        tokio::select! {
            many = heard.recv_many(&mut together, CHANGES) => {
                if many == 0 {
                    return;
                }
                let known = pictures.now();
                let mut snapshot = known.swarm.clone();
                for change in together.drain(..) {
                    snapshot = snapshot.after(change);
                }
                let next = known.after(snapshot, clock.now());
                pictures.renew(|_| next);
            }
            Ok(()) = folder.changed() => {
                let catalogue = Arc::clone(&folder.borrow_and_update().catalogue);
                pictures.renew(|known| known.against(&catalogue));
            }
        }
    }
}
