//! A simulated swarm, a queue on it, and plans that are drawn and done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use quarterdeck::action::prune::Sweep;
use quarterdeck::action::{Action, How, Job, JobId, JobState};
use quarterdeck::clock::Clock;
use quarterdeck::engine::Engine;
use quarterdeck::fleet::{Each, Fleet, Machine};
use quarterdeck::hub::{self, Handle, Hub, Means, Seams};
use quarterdeck::jobs::{Guard, Locks, Prepared, Registries, truth};
use quarterdeck::journal::Journal;
use quarterdeck::model::Picture;
use quarterdeck::plan::{self, Drawn, Options, Plan, Promised};
use quarterdeck::platform::Checkout;
use quarterdeck::sim::{Scenario, Sim};
use quarterdeck::stack::Wish;
use serde_json::Value;
use tokio::time::Instant;

/// Wall time that goes with the runtime's own, which a test holds still.
#[derive(Debug)]
struct Along(Timestamp, Instant);

impl Clock for Along {
    fn now(&self) -> Timestamp {
        self.0 + self.1.elapsed()
    }
}

pub struct Desk {
    pub sim: Sim,
    pub engine: Engine,
    pub handle: Handle,
    pub registries: Registries,
    pub fleet: Fleet,
    pub journal: Journal,
    _hub: Hub,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.handle.stop.cancel();
    }
}

/// A swarm of five nodes whose time runs.
pub async fn desk(scenario: Scenario) -> Desk {
    desk_as(scenario, Registries::default()).await
}

/// As [`desk`], for somebody whom registries know.
pub async fn desk_as(scenario: Scenario, registries: Registries) -> Desk {
    desk_with(scenario, registries, Journal::default()).await
}

/// As [`desk_as`], with this journal.
pub async fn desk_with(scenario: Scenario, registries: Registries, journal: Journal) -> Desk {
    desk_of(scenario, registries, Checkout::without_files(Arc::default()), (Seams::default(), journal, Locks::None))
        .await
}

/// As [`desk_as`], on the files of a folder, with somebody to ask.
pub async fn desk_in(scenario: Scenario, registries: Registries, checkout: Checkout, seams: Seams) -> Desk {
    desk_of(scenario, registries, checkout, (seams, Journal::default(), Locks::None)).await
}

pub async fn desk_of(
    scenario: Scenario,
    registries: Registries,
    checkout: Checkout,
    means: (Seams, Journal, Locks),
) -> Desk {
    desk_by(scenario, registries, checkout, means, &|sim: &Sim, clock: Arc<Along>| Engine::new(sim.dialer(), clock))
        .await
}

/// As [`desk_of`], on the files of a folder, through every manager there is.
pub async fn desk_by_all(checkout: Checkout) -> Desk {
    let means = (Seams::default(), Journal::default(), Locks::None);
    let engine = |sim: &Sim, clock: Arc<Along>| {
        Engine::of_managers(["barbary", "ching", "angre"].map(|name| sim.dialer_to(name)).into(), clock)
    };
    desk_by(Scenario::new(), Registries::default(), checkout, means, &engine).await
}

async fn desk_by(
    scenario: Scenario,
    registries: Registries,
    checkout: Checkout,
    (seams, journal, locks): (Seams, Journal, Locks),
    engine: &dyn Fn(&Sim, Arc<Along>) -> Engine,
) -> Desk {
    let sim = scenario.managers(["barbary", "ching", "angre"]).workers(["lorcha", "dhow"]).start();
    sim.settle();
    let clock = Arc::new(Along(sim.now(), Instant::now()));
    sim.run(1.0);
    let engine = engine(&sim, clock.clone());
    let all = sim.clone();
    let ways = Arc::new(Each(move |machine: &Machine| Ok(all.dialer_to(&machine.hostname))));
    let fleet = Fleet::new(ways, Arc::default(), clock.clone());
    let means = Means {
        engine: engine.clone(),
        fleet: fleet.clone(),
        checkout,
        registries: registries.clone(),
        journal: journal.clone(),
        locks,
        guard: Guard::new(seams.asker.clone(), None),
    };
    let (handle, hub) = hub::begin_with(means, seams, clock);
    let mut swarm = handle.swarm.clone();
    swarm.until(|picture: &Picture| picture.swarm.known && picture.swarm.link.is_live()).await.unwrap();
    Desk { sim, engine, handle, registries, fleet, journal, _hub: hub }
}

impl Desk {
    pub async fn drawn(&self, wish: &Wish, options: Options) -> (Drawn, Prepared) {
        let truth = truth::survey(&self.engine, &self.registries, &[wish], options.resolve).await.unwrap();
        let drawn = plan::draw(wish, &truth, options, &Promised::new());
        (drawn, Prepared { wish: Arc::new(wish.clone()), images: truth.images, unread: None })
    }

    pub async fn plan(&self, wish: &Wish) -> Plan {
        self.drawn(wish, Options::default()).await.0.plan
    }

    /// Plans and puts the deploy into the queue.
    pub async fn begin(&self, wish: &Wish, how: How) -> JobId {
        let (drawn, prepared) = self.drawn(wish, how.options).await;
        assert!(drawn.plan.faults.is_empty(), "{:#?}", drawn.plan.faults);
        let wish = self.handle.keep(prepared);
        self.handle.submit(Action::Deploy { plan: Arc::new(drawn.plan), wish, how }).unwrap()
    }

    /// A deploy to its end.
    pub async fn deploy(&self, wish: &Wish) -> Job {
        let id = self.begin(wish, How::default()).await;
        self.ended(id).await
    }

    pub async fn done(&self, wish: &Wish) {
        let job = self.deploy(wish).await;
        assert_eq!(job.state, JobState::Done, "{job:#?}");
    }

    pub async fn teardown(&self, stack: &str) -> Job {
        self.teardown_with(stack, Vec::new()).await
    }

    /// A teardown that takes these volumes along.
    pub async fn teardown_with(&self, stack: &str, volumes: Vec<Sweep>) -> Job {
        let truth = truth::swarm(&self.engine).await.unwrap();
        let plan = Arc::new(plan::teardown(stack, &truth, &BTreeSet::new()));
        let id = self.handle.submit(Action::Teardown { plan, volumes }).unwrap();
        self.ended(id).await
    }

    pub async fn ended(&self, id: JobId) -> Job {
        let mut board = self.handle.board.clone();
        let wait = board.until(|board| board.job(id).is_some_and(|job| job.state.is_over()));
        let board = tokio::time::timeout(Duration::from_secs(3600), wait).await.expect("the job ends").unwrap();
        board.job(id).unwrap().clone()
    }

    /// Ids of the tasks that run, by service.
    pub fn running(&self, service: &str) -> BTreeSet<String> {
        let tasks = self.sim.tasks(service);
        let runs = |task: &&Value| task["Status"]["State"] == "running" && task["DesiredState"] == "running";
        tasks.iter().filter(runs).map(|task| task["ID"].as_str().unwrap().to_owned()).collect()
    }

    /// Everything of a stack as it is asked for, without ids and versions: what two deploys must agree in.
    pub async fn end_state(&self, stack: &str) -> BTreeMap<String, String> {
        let truth = truth::swarm(&self.engine).await.unwrap();
        let all = [&truth.services, &truth.networks, &truth.secrets, &truth.configs];
        let mut state = BTreeMap::new();
        for (kind, list) in all.into_iter().enumerate() {
            for object in list {
                let spec = object.get("Spec").unwrap_or(object);
                if spec["Labels"][quarterdeck::stack::NAMESPACE] != stack {
                    continue;
                }
                let mut spec = spec.clone();
                let name = spec["Name"].as_str().unwrap().to_owned();
                // Who deployed it, and when, is another each time.
                if let Some(labels) = spec["Labels"].as_object_mut() {
                    labels.retain(|key, _| {
                        !["at", "by", "commit", "deed"].iter().any(|end| key == &format!("quarterdeck.{end}"))
                    });
                }
                for key in ["Id", "Created", "IPAM", "Options"] {
                    spec.as_object_mut().unwrap().shift_remove(key);
                }
                for pointer in [
                    "/TaskTemplate/ContainerSpec/Secrets",
                    "/TaskTemplate/ContainerSpec/Configs",
                    "/TaskTemplate/Networks",
                ] {
                    for part in spec.pointer_mut(pointer).and_then(Value::as_array_mut).into_iter().flatten() {
                        for key in ["SecretID", "ConfigID", "Target"] {
                            part.as_object_mut().unwrap().shift_remove(key);
                        }
                    }
                }
                state.insert(format!("{kind} {name}"), spec.to_string());
            }
        }
        state
    }
}
