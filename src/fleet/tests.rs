//! The fleet on a simulated swarm, every node with an engine of its own.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::clock::SystemClock;
use crate::diag::Explain;
use crate::model::{Change, Snapshot};
use crate::sim::{Scenario, Sim, service};

fn swarm() -> Sim {
    Scenario::new()
        .managers(["barbary", "ching", "angre"])
        .workers(["lorcha", "dhow"])
        .service(service("web").image("nginx:1.27").replicas(5))
        .silent()
        .start()
}

async fn nodes(sim: &Sim) -> Vec<Node> {
    let listing = Engine::new(sim.dialer(), Arc::new(SystemClock)).list().await.unwrap();
    let snapshot = Snapshot::default().after(Change::Everything(Box::new(listing)));
    let mut nodes: Vec<Node> = snapshot.nodes.values().map(|node| node.as_ref().clone()).collect();
    nodes.sort_by(|a, b| a.hostname.cmp(&b.hostname));
    nodes
}

fn fleet(ways: impl Ways) -> Fleet {
    Fleet::new(Arc::new(ways), Arc::default(), Arc::new(SystemClock))
}

#[tokio::test]
async fn every_node_is_asked_and_one_that_is_down_is_named_with_the_reason() {
    let sim = swarm();
    let nodes = nodes(&sim).await;
    sim.node_down("dhow");
    let reached = sim.clone();
    let fleet = fleet(Each(move |machine: &Machine| Ok(reached.dialer_to(&machine.hostname))));
    let told = fleet.on_all(&nodes, |engine| async move { engine.own_node().await.map_err(|e| e.explain()) }).await;
    assert_eq!(told.len(), 5);
    for (node, (id, answer)) in nodes.iter().zip(&told) {
        assert_eq!(node.id, *id);
        match answer {
            Ok(own) => assert_eq!(own, node.id.as_str()),
            Err(fault) => assert!(node.hostname == "dhow" && fault.to_string().contains("dhow"), "{fault}"),
        }
    }
    assert_eq!(told.iter().filter(|(_, answer)| answer.is_err()).count(), 1);
}

#[tokio::test]
async fn the_connected_engine_serves_its_own_node_and_says_what_leads_to_the_others() {
    let sim = swarm();
    let nodes = nodes(&sim).await;
    let fleet = fleet(Only::new(vec![sim.dialer()], &(Arc::new(SystemClock) as _)));
    for node in &nodes {
        match fleet.engine(node).await {
            Ok(engine) => assert!(node.hostname == "barbary" && engine.containers(true).await.is_ok()),
            Err(fault) => {
                assert_ne!(node.hostname, "barbary");
                assert_eq!(fault.what, format!("no way to {}", node.hostname));
                assert_eq!(fault.mend, format!("give -H ssh://{}", node.hostname));
            }
        }
    }
}

#[tokio::test]
async fn the_way_to_a_node_is_looked_for_once() {
    let sim = swarm();
    let nodes = nodes(&sim).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let fleet = fleet(Each(move |machine: &Machine| {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(sim.dialer_to(&machine.hostname))
    }));
    for _ in 0..3 {
        assert!(fleet.engine(&nodes[0]).await.is_ok());
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}
