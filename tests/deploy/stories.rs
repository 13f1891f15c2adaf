//! Deploys that go well, and deploys of what does not run.

use std::time::Duration;

use proptest::prelude::*;
use quarterdeck::action::{Action, How, JobState, redeploy, rollback, scale};
use quarterdeck::plan::{Effect, Options, Thing};
use quarterdeck::sim::{Behaviour, Scenario, service};
use serde_json::json;

use super::desk::{Desk, desk};
use super::wish::{config, edit, image, stack};

fn fault(state: &JobState) -> String {
    match state {
        JobState::Failed(fault) => fault.to_string(),
        other => panic!("{other:?}"),
    }
}

async fn nothing_to_do(desk: &Desk, wish: &quarterdeck::stack::Wish) {
    let plan = desk.plan(wish).await;
    assert!(plan.is_empty() && plan.faults.is_empty() && plan.warnings.is_empty(), "{plan:#?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_deployed_is_there_and_healthy_and_again_nothing_is_to_do() {
    let desk = desk(Scenario::new()).await;
    let wish = stack("shop", &[("web", "nginx:1"), ("db", "postgres:16")]);
    desk.done(&wish).await;
    assert_eq!((desk.running("shop_web").len(), desk.running("shop_db").len()), (2, 2));
    desk.sim.forget_requests();
    nothing_to_do(&desk, &wish).await;
    assert!(desk.sim.writes().is_empty());
    // One list round: four lists, and each image once.
    let asked: Vec<String> = desk.sim.requests().into_iter().map(|seen| seen.path).collect();
    for list in ["/services?status=true", "/secrets", "/configs", "/distribution/nginx:1/json"] {
        assert_eq!(asked.iter().filter(|path| *path == list).count(), 1, "{list}: {asked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_label_changes_in_place_and_an_image_rolls() {
    let desk = desk(Scenario::new()).await;
    let mut wish = stack("shop", &[("web", "nginx:1"), ("db", "postgres:16")]);
    desk.done(&wish).await;
    let before = (desk.running("shop_web"), desk.running("shop_db"));
    edit(&mut wish, "web", "/Labels/owner", json!("me"));
    assert_eq!(desk.plan(&wish).await.change(Thing::Service, "shop_web").unwrap().effect, Effect::InPlace);
    desk.done(&wish).await;
    assert_eq!((desk.running("shop_web"), desk.running("shop_db")), before);
    image(&mut wish, "web", "nginx:2");
    desk.done(&wish).await;
    assert!(desk.running("shop_web").is_disjoint(&before.0) && desk.running("shop_db") == before.1);
    nothing_to_do(&desk, &wish).await;
}

#[tokio::test(start_paused = true)]
async fn an_image_that_does_not_run_is_rolled_back_and_that_is_a_failure() {
    let desk = desk(Scenario::new()).await;
    let mut wish = stack("shop", &[("web", "nginx:1")]);
    desk.done(&wish).await;
    desk.sim.behave("nginx:bad", Behaviour::crashing(3, "no"));
    image(&mut wish, "web", "nginx:bad");
    let job = desk.deploy(&wish).await;
    let said = fault(&job.state);
    assert!(
        said.contains("shop_web failed and was rolled back") && said.contains("deploy again to finish it"),
        "{said}"
    );
    assert_eq!(desk.running("shop_web").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_redeploy_that_is_rolled_back_is_a_failure_as_soon_as_it_is() {
    let desk = desk(Scenario::new()).await;
    let wish = stack("shop", &[("web", "nginx:1")]);
    desk.done(&wish).await;
    let image = desk.sim.service("shop_web").unwrap()["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"].clone();
    desk.sim.behave(image.as_str().unwrap(), Behaviour::crashing(3, "no"));
    let offer = redeploy::stack(&desk.handle.swarm.latest(), "shop").unwrap();
    let job = desk.handle.submit(offer.action).unwrap();
    let job = desk.ended(job).await;
    let said = fault(&job.state);
    let took = job.ended.unwrap().duration_since(job.started.unwrap());
    assert!(said.contains("shop_web") && !said.contains("has not converged within"), "{said}");
    assert!(said.contains("rolled back") || said.contains("rollback"), "{said}");
    assert!(took.as_secs() < 120, "{took}");
}

#[tokio::test(start_paused = true)]
async fn a_config_that_changed_is_rotated_in_one_roll_and_the_old_one_goes() {
    let desk = desk(Scenario::new()).await;
    let mut wish = stack("shop", &[("web", "nginx:1")]);
    desk.done(&wish).await;
    config(&mut wish, "listen 81");
    assert_eq!(desk.plan(&wish).await.faults.len(), 1);
    let how = How { options: Options { rotate: true, ..Options::default() }, ..How::default() };
    let job = desk.begin(&wish, how).await;
    let job = desk.ended(job).await;
    assert_eq!(job.state, JobState::Done, "{job:#?}");
    let updates = desk.sim.writes().iter().filter(|seen| seen.path.contains("/update")).count();
    assert_eq!(updates, 1);
    let configs: Vec<String> = desk.end_state("shop").await.into_keys().filter(|name| name.starts_with('3')).collect();
    assert!(configs.len() == 1 && configs[0].starts_with("3 shop_conf_"), "{configs:?}");
    nothing_to_do(&desk, &wish).await;
}

#[tokio::test(start_paused = true)]
async fn what_the_file_no_longer_has_goes_when_the_rest_stands() {
    let desk = desk(Scenario::new()).await;
    let wish = stack("shop", &[("web", "nginx:1"), ("old", "old:1")]);
    desk.done(&wish).await;
    let mut smaller = stack("shop", &[("web", "nginx:2")]);
    smaller.configs.clear();
    edit(&mut smaller, "web", "/TaskTemplate/ContainerSpec/Configs", json!(null));
    desk.sim.forget_requests();
    desk.done(&smaller).await;
    assert_eq!(desk.sim.services(), ["shop_web"]);
    let writes: Vec<String> = desk.sim.writes().into_iter().map(|seen| seen.method).collect();
    assert_eq!(writes, ["POST", "DELETE", "DELETE"]);
    nothing_to_do(&desk, &smaller).await;
}

#[tokio::test(start_paused = true)]
async fn a_teardown_takes_one_stack_and_leaves_its_neighbour() {
    let desk = desk(Scenario::new()).await;
    let (shop, other) = (stack("shop", &[("web", "nginx:1")]), stack("shop2", &[("web", "nginx:1")]));
    desk.done(&shop).await;
    desk.done(&other).await;
    let job = desk.teardown("shop").await;
    assert_eq!(job.state, JobState::Done, "{job:#?}");
    assert!(desk.end_state("shop").await.is_empty());
    assert!(desk.running("shop_web").is_empty());
    nothing_to_do(&desk, &other).await;
}

#[tokio::test(start_paused = true)]
async fn a_service_waits_for_the_one_it_stands_on() {
    let desk = desk(Scenario::new()).await;
    let mut wish = stack("shop", &[("web", "nginx:1"), ("db", "postgres:16")]);
    wish.services[0].after = vec!["db".into()];
    desk.sim.behave("postgres:16", Behaviour::crashing(1, "no disk"));
    let how = How { patience: Some(Duration::from_secs(60)), ..How::default() };
    let job = desk.begin(&wish, how).await;
    let said = fault(&desk.ended(job).await.state);
    assert!(
        said.contains("shop_db has not converged within 60 s") && said.contains("not done: shop_db, shop_web"),
        "{said}"
    );
    assert_eq!(desk.sim.services(), ["shop_db"]);
    desk.sim.behave("postgres:16", Behaviour::default());
    desk.done(&wish).await;
    assert_eq!(desk.running("shop_web").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn when_time_is_up_each_task_says_what_it_waits_for() {
    let desk = desk(Scenario::new()).await;
    let mut wish = stack("shop", &[("web", "nginx:1")]);
    edit(&mut wish, "web", "/TaskTemplate/Placement/Constraints", json!(["node.labels.disk==ssd"]));
    let how = How { patience: Some(Duration::from_secs(30)), ..How::default() };
    let job = desk.begin(&wish, how).await;
    let said = fault(&desk.ended(job).await.state);
    assert!(said.contains("shop_web.1 is pending: no suitable node"), "{said}");
    assert!(said.contains("shop_web.2 is pending"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_one_shot_is_done_when_it_completed_and_failed_when_it_did_not() {
    let desk = desk(Scenario::new()).await;
    let mut wish = stack("shop", &[("seed", "seed:1")]);
    edit(&mut wish, "seed", "/Mode", json!({"ReplicatedJob": {"MaxConcurrent": 1, "TotalCompletions": 1}}));
    edit(&mut wish, "seed", "/UpdateConfig", json!(null));
    edit(&mut wish, "seed", "/TaskTemplate/RestartPolicy", json!({"Condition": "none"}));
    desk.sim.behave("seed:1", Behaviour::OneShot(Duration::from_secs(2)));
    desk.done(&wish).await;
    nothing_to_do(&desk, &wish).await;
    image(&mut wish, "seed", "seed:2");
    desk.sim.behave("seed:2", Behaviour::crashing(7, "no"));
    let job = desk.deploy(&wish).await;
    assert!(fault(&job.state).contains("shop_seed"), "{job:#?}");
}

#[tokio::test(start_paused = true)]
async fn rollback_brings_the_previous_spec_back_and_scale_changes_a_number() {
    let desk = desk(Scenario::new()).await;
    let mut wish = stack("shop", &[("web", "nginx:1")]);
    desk.done(&wish).await;
    image(&mut wish, "web", "nginx:2");
    desk.done(&wish).await;
    let mut swarm = desk.handle.swarm.clone();
    let picture =
        swarm.until(|p| p.swarm.services.values().any(|s| s.image == "nginx:2" && s.has_previous)).await.unwrap();
    let offer = rollback::stack(&picture, "shop").unwrap();
    let job = desk.handle.submit(offer.action).unwrap();
    let job = desk.ended(job).await;
    assert_eq!(job.state, JobState::Done, "{job:#?}");
    let image = desk.sim.service("shop_web").unwrap()["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"].clone();
    assert!(image.as_str().unwrap().starts_with("nginx:1@"), "{image}");

    let before = desk.running("shop_web");
    let version = |p: &quarterdeck::model::Picture| p.swarm.services.values().next().map(|s| s.version.0);
    let now = desk.sim.service("shop_web").unwrap()["Version"]["Index"].as_u64();
    let picture = swarm.until(|p| version(p) == now).await.unwrap();
    let action = scale::service(&picture, "shop_web", 4).unwrap().unwrap();
    assert!(matches!(&action, Action::Scale { from: 2, to: 4, .. }));
    let job = desk.handle.submit(action).unwrap();
    let job = desk.ended(job).await;
    assert_eq!(job.state, JobState::Done, "{job:#?}");
    assert!(desk.running("shop_web").len() == 4 && desk.running("shop_web").is_superset(&before));
}

#[tokio::test(start_paused = true)]
async fn a_stack_of_the_docker_cli_needs_nothing() {
    // As the CLI deploys it: images pinned, ids of networks, secrets and configs in place.
    let desk = desk(Scenario::new().stack("media").service(service("plex").image("plex:1").replicas(2))).await;
    let live = desk.sim.service("media_plex").unwrap()["Spec"].clone();
    let mut wish = stack("media", &[("plex", "plex:1")]);
    wish.networks.clear();
    wish.secrets.clear();
    wish.configs.clear();
    wish.services[0].body = live;
    let plan = desk.plan(&wish).await;
    let fields: Vec<&str> = plan.changes.iter().flat_map(|c| &c.fields).map(|f| f.path.as_str()).collect();
    assert!(fields.is_empty() || fields == ["TaskTemplate.ContainerSpec.Image"], "{plan:#?}");
}

/// Edits of a service that the simulator takes.
fn edits() -> Vec<(&'static str, serde_json::Value)> {
    vec![
        ("/Labels/new", json!("x")),
        ("/Mode", json!({"Replicated": {"Replicas": 3}})),
        ("/UpdateConfig", json!({"Parallelism": 0, "Monitor": 1_000_000_000_i64})),
        ("/TaskTemplate/Placement", json!({"Constraints": ["node.role!=nothing"]})),
        ("/TaskTemplate/ContainerSpec/Env", json!(["A=2"])),
        ("/TaskTemplate/ContainerSpec/Labels/x", json!("y")),
        ("/TaskTemplate/Resources", json!({"Limits": {"MemoryBytes": 64 << 20}})),
        ("/EndpointSpec", json!({"Ports": [{"TargetPort": 80, "PublishedPort": 8080}]})),
        ("/TaskTemplate/RestartPolicy", json!({"Condition": "any", "Delay": 1_000_000_000_i64})),
        ("/TaskTemplate/ContainerSpec/Secrets", json!(null)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn tasks_are_replaced_where_the_plan_says_so_and_then_nothing_is_left_to_do(
        picked in prop::collection::btree_set(0..edits().len(), 1..4)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let desk = desk(Scenario::new()).await;
            let mut wish = stack("shop", &[("web", "nginx:1")]);
            wish.secrets[0].payload = None;
            wish.secrets[0].body["Driver"] = json!({"Name": "vault"});
            desk.done(&wish).await;
            let before = desk.running("shop_web");
            for index in &picked {
                let (pointer, value) = edits().swap_remove(*index);
                edit(&mut wish, "web", pointer, value);
            }
            let effect = desk.plan(&wish).await.change(Thing::Service, "shop_web").unwrap().effect;
            desk.done(&wish).await;
            let after = desk.running("shop_web");
            match effect {
                Effect::Restart => assert!(after.is_disjoint(&before), "{picked:?}"),
                Effect::InPlace => assert!(after.is_superset(&before), "{picked:?}"),
                other => panic!("{other:?}"),
            }
            nothing_to_do(&desk, &wish).await;
        });
    }
}
