//! Whether what runs is what the files say: told once, told anew when a service has changed, and silent at rest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use quarterdeck::action::gate::Mode;
use quarterdeck::action::{How, Request};
use quarterdeck::clock::{FixedClock, SharedClock};
use quarterdeck::engine::Engine;
use quarterdeck::fleet::{Fleet, Only};
use quarterdeck::hub::{self, Handle, Hub, Means};
use quarterdeck::jobs::{Guard, Locks, Registries};
use quarterdeck::journal::Journal;
use quarterdeck::model::{Drift, Tier};
use quarterdeck::platform::{self, Checkout, Files};
use quarterdeck::sim::{self, Scenario, Sim};

/// The deploy of one stack.
fn asked(stack: &str) -> Request {
    Request { stacks: vec![stack.to_owned()], ..Request::default() }
}

/// A console's hand on this folder and this swarm.
fn hand(sim: &Sim, files: Files, clock: SharedClock) -> (Handle, Hub) {
    let catalogue = Arc::new(platform::read(&files).catalogue);
    let checkout =
        Checkout { files: Arc::new(files), catalogue: catalogue.clone(), surroundings: Arc::new(BTreeMap::new()) };
    let engine = Engine::new(sim.dialer(), clock.clone());
    let fleet = Fleet::new(Arc::new(Only::new(vec![sim.dialer()], &clock)), catalogue, clock.clone());
    let (registries, journal, guard) = (Registries::default(), Journal::default(), Guard::default());
    hub::begin(Means { engine, fleet, checkout, registries, journal, locks: Locks::None, guard }, clock)
}

fn noon() -> SharedClock {
    Arc::new(FixedClock("2026-03-14T12:00:00Z".parse().unwrap()))
}

#[tokio::test(start_paused = true)]
async fn what_is_changed_by_hand_is_told_and_a_swarm_at_rest_is_not_asked_again() {
    let clock = noon();
    let sim = sim::demo_quiet(&*clock);
    sim.run(1.0);
    let files = Files::shipped();
    let stacks = platform::read(&files).catalogue.stacks.values().filter(|filed| filed.is_awaited()).count();
    let (handle, _hub) = hand(&sim, files, clock);
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

#[tokio::test(start_paused = true)]
async fn an_edit_of_any_file_that_a_stack_reads_is_told_and_files_at_rest_cost_no_question() {
    let folder = tempfile::tempdir().unwrap();
    let mut written = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let mut put = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        // Two edits within one tick of the disk's clock are two all the same.
        written += Duration::from_secs(1);
        std::fs::File::open(&path).unwrap().set_modified(written).unwrap();
    };
    let web = "services: {a: {image: \"web:${TAG}\", configs: [c], deploy: {update_config: {monitor: 500ms}}}}\nconfigs: {c: {file: ./conf/app.conf}}\n";
    put(".env", "TAG=1\n");
    put("stacks/application/web/compose.yaml", web);
    put("stacks/application/web/conf/app.conf", "a=1\n");
    put("stacks/application/db/compose.yaml", "services: {a: {image: db:1}}\n");
    let sim = Scenario::new().managers(["m1"]).start();
    sim.run(20.0);
    let (handle, _hub) = hand(&sim, Files::on_disk(folder.path()).unwrap(), noon());
    let mut swarm = handle.swarm.clone();
    swarm.until(|picture| picture.swarm.known && picture.swarm.link.is_live()).await.unwrap();
    let mut drift = handle.drift(handle.stop.clone());
    drift.until(|told| told.get("web") == Some(&Drift::NotDeployed)).await.unwrap();
    let rollout = handle.rollout_of(&asked("web"), BTreeSet::new()).await.unwrap();
    handle.submit_all(handle.enlist(&rollout, How::default(), Mode::Stop)).unwrap();
    drift.until(|told| told.get("web") == Some(&Drift::Same)).await.unwrap();

    let looks = || sim.requests().iter().filter(|seen| seen.path.ends_with("/secrets")).count();
    let before = looks();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(looks(), before, "ten minutes without an edit asked again");

    put("stacks/application/web/conf/app.conf", "a=2\n");
    drift.until(|told| matches!(told.get("web"), Some(Drift::Differs(_) | Drift::Fault(_)))).await.unwrap();
    put("stacks/application/web/conf/app.conf", "a=1\n");
    drift.until(|told| told.get("web") == Some(&Drift::Same)).await.unwrap();
    put(".env", "TAG=2\n");
    drift.until(|told| matches!(told.get("web"), Some(Drift::Differs(_)))).await.unwrap();
    put("stacks/application/web/compose.yaml", "services: [\n");
    let told = drift.until(|told| matches!(told.get("web"), Some(Drift::Fault(_)))).await.unwrap();
    assert_eq!(told.get("db"), Some(&Drift::NotDeployed), "what is wrong with one file hides no other");
    assert!(looks() - before <= 5, "{} looks for four edits", looks() - before);

    // A stack that comes is there in its tier, can be planned, and is gone again when its file is.
    put("stacks/platform/mail/compose.yaml", "services: {a: {image: mail:1}}\n");
    let picture = swarm.until(|picture| picture.stack("mail").is_some()).await.unwrap();
    let tier = picture.tiers.iter().find(|tier| tier.stacks.contains(&"mail".to_owned())).unwrap();
    assert_eq!(tier.tier, Tier::Platform);
    drift.until(|told| told.get("mail") == Some(&Drift::NotDeployed)).await.unwrap();
    let rollout = handle.rollout_of(&asked("mail"), BTreeSet::new()).await.unwrap();
    assert!(rollout.has_work());
    std::fs::remove_dir_all(folder.path().join("stacks/platform")).unwrap();
    swarm.until(|picture| picture.stack("mail").is_none()).await.unwrap();
    drift.until(|told| told.get("mail").is_none()).await.unwrap();
    handle.stop.cancel();
}
