//! What an action in the queue costs beside many others: all of them written into a journal on the disk, with a console
//! that keeps the history in view. What is told is the ratio of a thousand to a hundred: it must not grow with them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use quarterdeck::action::{Action, Scope};
use quarterdeck::clock::{Clock, FixedClock};
use quarterdeck::engine::Engine;
use quarterdeck::fleet::{Each, Fleet, Machine};
use quarterdeck::hub::{self, After, Means};
use quarterdeck::jobs::{Guard, Locks, Registries};
use quarterdeck::journal::{Author, Journal};
use quarterdeck::platform::Checkout;
use quarterdeck::sim::Scenario;

use crate::counting::allocations;

/// What many actions come to, each behind the one before.
struct Worked {
    time: Duration,
    allocations: u64,
    /// Jobs that the board still holds at the end.
    kept: usize,
    /// Bytes of the journal.
    journal: u64,
}

/// Tells what one action costs among a hundred, and among a thousand.
pub fn measure() {
    println!();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (few, many) = (100, 1000);
    // The first run warms what is only made once.
    runtime.block_on(work(few));
    let one = runtime.block_on(work(few));
    let all = runtime.block_on(work(many));
    let each = |worked: &Worked, count: u32| (worked.time / count, worked.allocations / u64::from(count));
    for (worked, count) in [(&one, few), (&all, many)] {
        let (time, allocations) = each(worked, count);
        println!(
            "{count:>5} queued actions: {time:>9.3?} and {allocations:>6} allocations each, {:>4} kept on the board, {:>7} bytes of journal",
            worked.kept, worked.journal
        );
    }
    let ratio = |a: f64, b: f64| b / a.max(1e-9);
    println!(
        "an action among {many} costs {:.2} times the time and {:.2} times the allocations of one among {few}",
        ratio(each(&one, few).0.as_secs_f64(), each(&all, many).0.as_secs_f64()),
        ratio(each(&one, few).1 as f64, each(&all, many).1 as f64),
    );
}

async fn work(count: u32) -> Worked {
    let folder = tempfile::tempdir().unwrap();
    let sim = Scenario::new().managers(["barbary"]).start();
    let clock = Arc::new(FixedClock(sim.now()));
    let engine = Engine::new(sim.dialer(), Arc::<FixedClock>::clone(&clock));
    let all = sim.clone();
    let ways = Arc::new(Each(move |machine: &Machine| Ok(all.dialer_to(&machine.hostname))));
    let place = folder.path().join("journal");
    let means = Means {
        fleet: Fleet::new(ways, Arc::default(), Arc::<FixedClock>::clone(&clock) as Arc<dyn Clock>),
        engine,
        checkout: Checkout::without_files(Arc::default()),
        registries: Registries::default(),
        journal: Journal::in_folder(place.clone(), Author::default()),
        locks: Locks::None,
        guard: Guard::default(),
    };
    let (handle, hub) = hub::begin(means, clock);
    let mut swarm = handle.swarm.clone();
    swarm.until(|picture| picture.swarm.known).await.unwrap();
    let history = handle.history(handle.stop.clone());
    let (before, began) = (allocations(), Instant::now());
    let (mut batch, mut last) = (handle.batch(), None);
    for number in 0..count {
        let idle = Action::Redeploy { scope: Scope::Stack(format!("s{number}")), services: Vec::new() };
        let after = After { well: last.into_iter().collect(), over: Vec::new() };
        last = Some(batch.add(idle, after));
    }
    handle.submit_all(batch).unwrap();
    let last = last.unwrap();
    let mut board = handle.board.clone();
    let over = board.until(|board| board.job(last).is_some_and(|job| job.state.is_over())).await.unwrap();
    let worked = Worked {
        time: began.elapsed(),
        allocations: allocations() - before,
        kept: over.jobs.len(),
        journal: std::fs::metadata(place.join("journal.jsonl")).map(|meta| meta.len()).unwrap_or(0),
    };
    drop(history);
    handle.stop.cancel();
    hub.ended().await;
    worked
}
