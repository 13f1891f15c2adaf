//! Whether what runs is what the files say: told once, told anew when a service has changed, and silent at rest.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use quarterdeck::clock::{FixedClock, SharedClock};
use quarterdeck::engine::Engine;
use quarterdeck::fleet::{Fleet, Only};
use quarterdeck::hub::{self, Means};
use quarterdeck::jobs::{Guard, Locks, Registries};
use quarterdeck::journal::Journal;
use quarterdeck::model::Drift;
use quarterdeck::platform::{self, Checkout, Files};
use quarterdeck::sim;

#[tokio::test(start_paused = true)]
async fn what_is_changed_by_hand_is_told_and_a_swarm_at_rest_is_not_asked_again() {
    let clock: SharedClock = Arc::new(FixedClock("2026-03-14T12:00:00Z".parse().unwrap()));
    let sim = sim::demo_quiet(&*clock);
    sim.run(1.0);
    let files = Files::shipped();
    let catalogue = Arc::new(platform::read(&files).catalogue);
    let stacks = catalogue.stacks.values().filter(|filed| filed.is_awaited()).count();
    let checkout =
        Checkout { files: Arc::new(files), catalogue: catalogue.clone(), surroundings: Arc::new(BTreeMap::new()) };
    let engine = Engine::new(sim.dialer(), clock.clone());
    let fleet = Fleet::new(Arc::new(Only::new(vec![sim.dialer()], &clock)), catalogue, clock.clone());
    let (registries, journal, guard) = (Registries::default(), Journal::default(), Guard::default());
    let means = Means { engine, fleet, checkout, registries, journal, locks: Locks::None, guard };
    let (handle, _hub) = hub::begin(means, clock);
    let mut drift = handle.drift(handle.stop.clone());
    let told = drift.until(|told| told.len() == stacks).await.unwrap();
    assert!(told.values().all(|drift| *drift == Drift::Same), "{told:?}");

    // Only a look of ours asks for secrets.
    let looks = || sim.requests().iter().filter(|seen| seen.path.ends_with("/secrets")).count();
    let before = looks();
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(looks(), before, "a swarm at rest was asked again");

    sim.scale("monitoring_grafana", 3);
    let told = drift.until(|told| told.get("monitoring") != Some(&Drift::Same)).await.unwrap();
    assert_eq!(told.get("monitoring"), Some(&Drift::Differs(1)));
    assert_eq!(told.values().filter(|drift| **drift == Drift::Same).count(), stacks - 1);
    handle.stop.cancel();
}
