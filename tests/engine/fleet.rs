//! All nodes at once, through the hub as a console holds it: what they use, and what is thrown away on them.

use std::sync::Arc;

use quarterdeck::action::prune::preview;
use quarterdeck::action::{Board, JobState};
use quarterdeck::clock::SystemClock;
use quarterdeck::diag::Explain;
use quarterdeck::engine::Engine;
use quarterdeck::fleet::{Each, Fleet, Machine};
use quarterdeck::hub::{self, Handle, Hub};
use quarterdeck::model::{Asked, Disk, Node, NodeId, Reply, State, Told, Waste};
use quarterdeck::sim::{Fault, Scenario, Sim, service};
use tokio_util::sync::CancellationToken;

struct World {
    sim: Sim,
    handle: Handle,
    fleet: Fleet,
    _hub: Hub,
}

async fn world() -> World {
    let sim = Scenario::new()
        .managers(["barbary"])
        .workers(["lorcha", "dhow"])
        .service(service("web").image("nginx:1.27").replicas(6))
        .silent()
        .start();
    sim.run(5.0);
    let (clock, all) = (Arc::new(SystemClock), sim.clone());
    let ways = Arc::new(Each(move |machine: &Machine| Ok(all.dialer_to(&machine.hostname))));
    let fleet = Fleet::new(ways, Arc::default(), clock.clone());
    let engine = Engine::new(sim.dialer(), clock.clone());
    let (handle, hub) =
        hub::start_with(engine, fleet.clone(), quarterdeck::platform::Checkout::without_files(Arc::default()), clock);
    handle.swarm.clone().until(|picture| picture.swarm.known && picture.swarm.link.is_live()).await.unwrap();
    World { sim, handle, fleet, _hub: hub }
}

impl World {
    fn nodes(&self) -> Vec<Node> {
        let picture = self.handle.swarm.latest();
        let mut nodes: Vec<Node> = picture.swarm.nodes.values().map(|node| node.as_ref().clone()).collect();
        nodes.sort_by(|a, b| a.hostname.cmp(&b.hostname));
        nodes
    }

    fn id(&self, hostname: &str) -> NodeId {
        self.nodes().into_iter().find(|node| node.hostname == hostname).expect("a node").id
    }

    async fn disks(&self) -> Vec<(NodeId, String, Disk)> {
        let nodes = self.nodes();
        let disks = self.fleet.on_all(&nodes, |e| async move { e.disk().await.map_err(|e| e.explain()) }).await;
        nodes.iter().zip(disks).map(|(node, (id, disk))| (id, node.hostname.clone(), disk.unwrap())).collect()
    }
}

#[tokio::test]
async fn usage_is_told_as_long_as_it_is_asked_and_a_silent_node_is_named_and_comes_back() {
    let world = world().await;
    world.sim.node_down("dhow");
    let (stop, dhow) = (CancellationToken::new(), world.id("dhow"));
    let mut look = world.handle.survey(Asked::Usage, None, stop.clone());
    let survey = look
        .until(|survey| {
            let rich = survey.nodes.iter().filter(|(_, reply)| match reply {
                Reply::Told(Told::Usage(used)) => !used.is_empty() && used.iter().all(|used| used.readings.len() > 2),
                _ => false,
            });
            rich.count() == 2 && matches!(survey.of(&dhow), Some(Reply::Silent { .. }))
        })
        .await
        .unwrap();
    assert_eq!(survey.nodes.len(), 3);
    world.sim.node_up("dhow");
    look.until(|survey| matches!(survey.of(&dhow), Some(Reply::Told(_)))).await.unwrap();
    stop.cancel();
    while look.changed().await.is_ok() {}
}

#[tokio::test]
async fn one_node_is_asked_alone() {
    let world = world().await;
    let lorcha = world.id("lorcha");
    let mut look = world.handle.survey(Asked::Volumes, Some(&lorcha), CancellationToken::new());
    let survey = look.until(|survey| matches!(survey.of(&lorcha), Some(Reply::Told(_)))).await.unwrap();
    assert_eq!(survey.nodes.len(), 1);
}

#[tokio::test]
async fn a_node_that_fails_is_told_and_the_others_are_pruned() {
    let world = world().await;
    let before = world.disks().await;
    let known: Vec<_> = before.iter().map(|(id, name, disk)| (id.clone(), name.clone(), Ok(disk))).collect();
    let offer = preview(&known, &Waste::HARMLESS).unwrap();
    assert_eq!(offer.goes.len(), 3);
    world.sim.fault(Fault::on("POST /images/prune").status(500, "disk on fire").times(1));
    let job = world.handle.submit(offer.action).unwrap();
    let over = |board: &Board| board.job(job).is_some_and(|job| job.state.is_over());
    let board = world.handle.board.clone().until(over).await.unwrap();
    let job = board.job(job).unwrap();
    let states: Vec<State> = job.steps.iter().map(|step| step.state).collect();
    assert_eq!(states, [State::Failed, State::Done, State::Done], "{:?}", job.steps);
    let JobState::Failed(fault) = &job.state else { panic!("{:?}", job.state) };
    assert!(fault.what == "1 of 3 nodes failed" && fault.to_string().contains("disk on fire"), "{fault}");
    for (_, name, disk) in world.disks().await.iter().skip(1) {
        assert!(Waste::HARMLESS.iter().all(|kind| disk.waste(*kind).count == 0), "{name}: {disk:?}");
    }
}

#[tokio::test]
async fn only_the_volumes_that_were_shown_go() {
    let world = world().await;
    let before = world.disks().await;
    let (id, name, disk) = &before[0];
    let shown = Disk { unused_volumes: disk.unused_volumes[..1].to_vec(), ..Disk::default() };
    let offer = preview(&[(id.clone(), name.clone(), Ok(&shown))], &[Waste::Volumes]).unwrap();
    let job = world.handle.submit(offer.action).unwrap();
    let over = |board: &Board| board.job(job).is_some_and(|job| job.state.is_over());
    let board = world.handle.board.clone().until(over).await.unwrap();
    assert_eq!(board.job(job).unwrap().state, JobState::Done);
    let after = world.disks().await;
    assert_eq!(after[0].2.unused_volumes, disk.unused_volumes[1..]);
}
