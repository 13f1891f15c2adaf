//! Volumes that go with their stack: those that were shown, on every node that has some, when the tasks have gone.

use quarterdeck::action::JobState;
use quarterdeck::action::prune::Sweep;
use quarterdeck::model::Volume;
use quarterdeck::sim::{Fault, Scenario};
use serde_json::json;

use super::desk::{Desk, desk};
use super::wish::{edit, stack};

/// A stack with data on disk and a definition of what lies elsewhere.
async fn with_volumes() -> (Desk, Vec<Sweep>) {
    let desk = desk(Scenario::new()).await;
    for name in ["shop", "other"] {
        let mut wish = stack(name, &[("db", "postgres:16")]);
        let label = json!({ "com.docker.stack.namespace": name });
        let far = json!({"Options": {"type": "nfs", "device": ":/export", "o": "addr=192.0.2.1,password=hush"}});
        let mounts = json!([
            {"Type": "volume", "Source": format!("{name}_data"), "Target": "/d", "VolumeOptions": {"Labels": label}},
            {"Type": "volume", "Source": format!("{name}_far"), "Target": "/f",
                "VolumeOptions": {"Labels": label, "DriverConfig": far}},
        ]);
        edit(&mut wish, "db", "/TaskTemplate/ContainerSpec/Mounts", mounts);
        desk.done(&wish).await;
    }
    let picture = desk.handle.swarm.latest();
    let mut sweeps = Vec::new();
    for node in picture.swarm.nodes.values() {
        let own: Vec<Volume> = volumes(&desk, node).await.into_iter().filter(|v| v.stack == "shop").collect();
        for volume in &own {
            assert_eq!(volume.elsewhere.as_deref(), (volume.name == "shop_far").then_some("on nfs :/export"));
        }
        if !own.is_empty() {
            let volumes = own.into_iter().map(|volume| volume.name).collect();
            sweeps.push(Sweep { id: node.id.clone(), name: node.hostname.clone(), kinds: Vec::new(), volumes });
        }
    }
    assert_eq!(sweeps.len(), 2, "two tasks on two nodes");
    (desk, sweeps)
}

async fn volumes(desk: &Desk, node: &quarterdeck::model::Node) -> Vec<Volume> {
    desk.fleet.engine(node).await.unwrap().volumes().await.unwrap()
}

async fn left(desk: &Desk, stack: &str) -> usize {
    let mut left = 0;
    for node in desk.handle.swarm.latest().swarm.nodes.values() {
        left += volumes(desk, node).await.iter().filter(|volume| volume.stack == stack).count();
    }
    left
}

#[tokio::test(start_paused = true)]
async fn volumes_go_after_the_tasks_and_those_of_another_stack_stay() {
    let (desk, sweeps) = with_volumes().await;
    let before = left(&desk, "other").await;
    let job = desk.teardown_with("shop", sweeps).await;
    assert_eq!(job.state, JobState::Done, "{job:#?}");
    assert_eq!((left(&desk, "shop").await, left(&desk, "other").await), (0, before));
    let paths: Vec<String> = desk.sim.writes().iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect();
    let place = |part: &str| paths.iter().position(|path| path.contains(part)).unwrap();
    assert!(place("DELETE /networks") < place("DELETE /volumes"), "{paths:?}");
    assert!(before > 0);
}

#[tokio::test(start_paused = true)]
async fn a_volume_that_stays_is_named_with_its_node_and_all_others_go() {
    let (desk, sweeps) = with_volumes().await;
    let first = sweeps[0].name.clone();
    desk.sim.fault(Fault::on("DELETE /volumes/shop_data").at(&first).status(500, "the disk is read-only"));
    let job = desk.teardown_with("shop", sweeps).await;
    let JobState::Failed(fault) = &job.state else { panic!("{job:#?}") };
    let said = fault.to_string();
    assert!(said.contains("volumes stayed on 1 node") && said.contains(&first) && said.contains("read-only"), "{said}");
    assert!(said.contains("1 of 2 volumes stayed: ") && said.contains("shop_data"), "{said}");
    assert_eq!(left(&desk, "shop").await, 1);
}
