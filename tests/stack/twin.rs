//! Deploying to a simulated swarm: what is asked, what is written, and what happens when the line or the swarm fails.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use quarterdeck::clock::SystemClock;
use quarterdeck::engine::Engine;
use quarterdeck::jobs::Registries;
use quarterdeck::jobs::twin::{self, Deploy, Halt, Resolve, Said};
use quarterdeck::sim::{Fault, Scenario, Sim};
use quarterdeck::stack::Wish;

use super::desk::good;

const SHOP: &str = "services: {web: {image: nginx:1.27, secrets: [key], deploy: {replicas: 2}}, db: {image: redis:7}}
secrets: {key: {file: key}}";

fn swarm() -> (Sim, Engine) {
    let sim = Scenario::new().managers(["barbary", "ching", "angre"]).start();
    sim.run(50.0);
    let engine = Engine::new(sim.dialer(), Arc::new(SystemClock));
    (sim, engine)
}

fn order(wish: &Wish) -> Deploy<'_> {
    Deploy { wish, prune: false, resolve: Resolve::Never, credentials: None, wait: false }
}

/// Deploys, and gives what was said.
async fn deploy(engine: &Engine, order: &Deploy<'_>) -> (Result<(), Halt>, Vec<Said>) {
    let heard = Mutex::new(Vec::new());
    let result = twin::deploy(engine, order, &|said| heard.lock().unwrap().push(said)).await;
    (result, heard.into_inner().unwrap())
}

fn failed(result: Result<(), Halt>) -> String {
    match result {
        Err(Halt::Failed(fault)) => fault.to_string(),
        other => panic!("{other:?}"),
    }
}

fn paths(sim: &Sim) -> Vec<String> {
    sim.requests().iter().map(|seen| format!("{} {}", seen.method, seen.path.split('?').next().unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stack_is_deployed_with_one_list_of_each_kind() {
    let (sim, engine) = swarm();
    let wish = good(&[SHOP]);
    deploy(&engine, &order(&wish)).await.0.unwrap();
    let mut services = sim.services();
    services.sort();
    assert_eq!(services, ["shop_db", "shop_web"]);
    let paths = paths(&sim);
    let asked = |what: &str| paths.iter().filter(|path| *path == what).count();
    assert_eq!((asked("GET /services"), asked("GET /networks"), asked("GET /secrets")), (1, 1, 1), "{paths:?}");
    assert_eq!((asked("GET /configs"), asked("POST /networks/create")), (0, 1), "{paths:?}");
    let place = |what: &str| paths.iter().position(|path| path == what).unwrap();
    assert!(place("POST /networks/create") < place("POST /secrets/create"));
    assert!(place("POST /secrets/create") < place("POST /services/create"));
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_deployment_writes_every_service_and_prunes_when_told() {
    let (sim, engine) = swarm();
    let (whole, less) = (good(&[SHOP]), good(&["services: {web: {image: nginx:1.27}}"]));
    deploy(&engine, &order(&whole)).await.0.unwrap();
    sim.forget_requests();
    let (result, said) = deploy(&engine, &order(&whole)).await;
    result.unwrap();
    assert_eq!(sim.writes().iter().filter(|seen| seen.path.contains("/services/")).count(), 2);
    assert!(said.iter().any(|said| matches!(said, Said::Doing(text) if text.starts_with("Updating service shop_db"))));
    deploy(&engine, &order(&less)).await.0.unwrap();
    assert_eq!(sim.services().len(), 2);
    deploy(&engine, &Deploy { prune: true, ..order(&less) }).await.0.unwrap();
    assert_eq!(sim.services(), ["shop_web"]);
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forced_update_in_between_is_not_undone() {
    let (sim, engine) = swarm();
    let wish = good(&[SHOP]);
    deploy(&engine, &order(&wish)).await.0.unwrap();
    let service = engine.services_with("com.docker.stack.namespace=shop").await.unwrap().remove(0);
    let id = quarterdeck::model::ServiceId::new(service["ID"].as_str().unwrap());
    let (version, object) = engine.service_spec(&id).await.unwrap();
    let mut spec = object["Spec"].clone();
    spec["TaskTemplate"]["ForceUpdate"] = 7.into();
    engine.update_service(&id, version, &spec, None).await.unwrap();
    deploy(&engine, &order(&wish)).await.0.unwrap();
    assert_eq!(engine.service_spec(&id).await.unwrap().1["Spec"]["TaskTemplate"]["ForceUpdate"], 7);
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_whose_answer_is_lost_is_looked_up_before_it_is_repeated() {
    for kind in ["services", "secrets", "networks"] {
        let (sim, engine) = swarm();
        let wish = good(&[SHOP]);
        sim.fault(Fault::on(&format!("POST /{kind}/create")).cut_body().times(1));
        deploy(&engine, &order(&wish)).await.0.unwrap();
        let made = sim.writes().iter().filter(|seen| seen.path == format!("/{kind}/create")).count();
        assert_eq!(made, if kind == "services" { 2 } else { 1 }, "{kind}");
        sim.fault(Fault::on("POST /services/").cut_body().times(1));
        deploy(&engine, &order(&wish)).await.0.unwrap();
        sim.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_conflict_is_read_and_written_again() {
    let (sim, engine) = swarm();
    let wish = good(&[SHOP]);
    deploy(&engine, &order(&wish)).await.0.unwrap();
    let stale = "rpc error: code = Unknown desc = update out of sequence";
    sim.fault(Fault::on("POST /services/").status(500, stale).times(2));
    deploy(&engine, &order(&wish)).await.0.unwrap();
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_should_have_made_is_looked_for_before_anything_is_written() {
    let (sim, engine) = swarm();
    let wish = good(&["services: {web: {image: a, networks: [n], secrets: [k]}}
networks: {n: {external: true, name: theirs}}
secrets: {k: {external: true}}"]);
    let told = failed(deploy(&engine, &order(&wish)).await.0);
    for part in ["network theirs is not in the swarm", "0.yml:2:12", "used by web", "docker network create", "secret k"]
    {
        assert!(told.contains(part), "{part:?} is missing in:\n{told}");
    }
    assert!(sim.writes().is_empty());
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_says_what_is_done_and_what_is_left() {
    let (sim, engine) = swarm();
    let wish = good(&[SHOP]);
    sim.fault(Fault::on("POST /secrets/create").status(500, "disk full"));
    let told = failed(deploy(&engine, &order(&wish)).await.0);
    assert!(told.contains("secret shop_key could not be created") && told.contains("disk full"), "{told}");
    assert!(sim.services().is_empty());
    sim.clear_faults();
    deploy(&engine, &order(&wish)).await.0.unwrap();
    assert_eq!(sim.services().len(), 2);
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn images_are_pinned_and_a_registry_that_does_not_answer_is_told() {
    let (sim, engine) = swarm();
    let wish = good(&["services: {a: {image: nginx:1.27}, b: {image: nginx:1.27}, c: {image: redis:7}}"]);
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let hosts = Arc::clone(&asked);
    let credentials = Registries::new(Arc::new(move |host| {
        hosts.lock().unwrap().push(host);
        Box::pin(std::future::ready(Ok(None)))
    }));
    let order = Deploy { resolve: Resolve::Always, credentials: Some(credentials), ..order(&wish) };
    sim.fault(Fault::on("GET /distribution/redis").status(401, "who are you?"));
    let (result, said) = deploy(&engine, &order).await;
    result.unwrap();
    let lookups = paths(&sim).iter().filter(|path| path.contains("/distribution/nginx")).count();
    assert_eq!(lookups, 1);
    let image = |name: &str| {
        let spec = &sim.service(name).unwrap()["Spec"]["TaskTemplate"];
        (spec["ContainerSpec"]["Image"].as_str().unwrap().to_owned(), spec["Placement"]["Platforms"].is_array())
    };
    assert!(image("shop_a").0.starts_with("nginx:1.27@sha256:"), "{:?}", image("shop_a"));
    assert_eq!(image("shop_c"), ("redis:7".to_owned(), false));
    assert!(said.iter().any(|said| matches!(said, Said::Warning(text) if text.contains("redis:7"))), "{said:?}");
    assert_eq!(*asked.lock().unwrap(), ["docker.io"]);
    // Nobody is said too, as the CLI says it, wherever a registry or a node is told who asks.
    let told = |seen: &quarterdeck::sim::Seen| seen.path.contains("/distribution/") || seen.path.contains("/services/");
    assert!(sim.requests().iter().all(|seen| told(seen) || seen.auth.is_empty()));
    assert!(sim.writes().iter().filter(|seen| told(seen)).all(|seen| seen.auth == "e30="));
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stack_that_converges_is_waited_for_and_one_is_removed() {
    let (sim, engine) = swarm();
    let wish = good(&[SHOP]);
    let waited = Deploy { wait: true, ..order(&wish) };
    let patient = tokio::time::timeout(Duration::from_secs(60), deploy(&engine, &waited)).await;
    patient.expect("it converges").0.unwrap();
    assert_eq!(sim.running("shop_web"), 2);
    let heard = Mutex::new(Vec::new());
    twin::remove(&engine, "shop", &|said| heard.lock().unwrap().push(said)).await.unwrap();
    assert!(sim.services().is_empty());
    let heard = heard.into_inner().unwrap();
    assert!(heard.contains(&Said::Doing("Removing network shop_default".into())), "{heard:?}");
    twin::remove(&engine, "shop", &|said| assert!(matches!(said, Said::Warning(_)))).await.unwrap();
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_is_told_as_what_it_is() {
    let sim = Scenario::new().managers(["barbary"]).workers(["lorcha"]).start();
    let engine = Engine::new(sim.dialer_to("lorcha"), Arc::new(SystemClock));
    let wish = good(&[SHOP]);
    assert!(matches!(deploy(&engine, &order(&wish)).await.0, Err(Halt::Unreachable(_))));
    sim.stop().await;
}
