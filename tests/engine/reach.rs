//! What only the engine of a node knows, asked of simulated nodes: containers, commands in them, usage, disk.

use std::sync::Arc;

use futures_util::StreamExt;
use quarterdeck::clock::SystemClock;
use quarterdeck::engine::Engine;
use quarterdeck::engine::exec::{Command, Exec};
use quarterdeck::model::{Amount, Waste};
use quarterdeck::sim::{Scenario, Sim, service};

fn swarm() -> Sim {
    let sim = Scenario::new()
        .managers(["m1"])
        .workers(["w1"])
        .stack("shop")
        .service(service("web").image("nginx:1.27").constraint("node.hostname==w1").mount("shop_data", "/data"))
        .service(service("bare").image("traefik/whoami:v1").constraint("node.hostname==w1"))
        .service(service("small").image("redis:7-alpine").constraint("node.hostname==w1"))
        .silent()
        .start();
    sim.run(5.0);
    sim
}

fn engine(sim: &Sim, node: &str) -> Engine {
    Engine::new(sim.dialer_to(node), Arc::new(SystemClock))
}

async fn container(engine: &Engine, service: &str) -> String {
    let all = engine.containers(false).await.unwrap();
    all.iter().find(|container| container.name.starts_with(service)).expect("a container").id.clone()
}

fn plain(words: &[&str]) -> Command {
    Command { words: words.iter().map(|word| (*word).to_owned()).collect(), terminal: None, input: true }
}

/// All it says on standard output and on standard error, and its code.
async fn to_the_end(mut exec: Exec) -> (String, String, Option<i64>) {
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    while let Some(piece) = exec.output.next().await.unwrap() {
        if piece.is_error { errors.extend(piece.bytes) } else { out.extend(piece.bytes) }
    }
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(out), text(errors), exec.control.code().await.unwrap())
}

async fn run(engine: &Engine, service: &str, words: &[&str]) -> (String, String, Option<i64>) {
    let id = container(engine, service).await;
    to_the_end(engine.exec(&id, &plain(words)).await.unwrap()).await
}

#[tokio::test]
async fn a_command_says_what_it_says_and_ends_with_its_code() {
    let sim = swarm();
    let engine = engine(&sim, "w1");
    let id = container(&engine, "shop_web").await;
    assert_eq!(run(&engine, "shop_web", &["hostname"]).await, (format!("{}\n", &id[..12]), String::new(), Some(0)));
    assert_eq!(run(&engine, "shop_web", &["sh", "-c", "echo a; exit 7"]).await, ("a\n".into(), String::new(), Some(7)));
    let (_, errors, code) = run(&engine, "shop_web", &["ls", "/nowhere"]).await;
    assert!(errors.contains("No such file") && code == Some(1), "{errors}");
    let (said, _, code) = run(&engine, "shop_web", &["nosuch"]).await;
    assert!(said.contains("executable file not found in $PATH") && code == Some(127), "{said}");
    let (said, ..) = run(&engine, "shop_bare", &["sh"]).await;
    assert!(said.contains("executable file not found"), "{said}");
}

#[tokio::test]
async fn what_goes_in_comes_out_byte_for_byte_and_the_end_of_it_is_heard() {
    let sim = swarm();
    let engine = engine(&sim, "w1");
    let id = container(&engine, "shop_web").await;
    let mut exec = engine.exec(&id, &plain(&["cat"])).await.unwrap();
    let sent: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
    let (mut input, mut output) = (exec.input, exec.output);
    let writing = async {
        input.write(&sent).await.unwrap();
        input.end().await.unwrap();
    };
    let reading = async {
        let mut got = Vec::new();
        while let Some(piece) = output.next().await.unwrap() {
            got.extend(piece.bytes);
        }
        got
    };
    let ((), got) = tokio::join!(writing, reading);
    assert!(got == sent, "{} of {} bytes came back", got.len(), sent.len());
    assert_eq!(exec.control.code().await.unwrap(), Some(0));
    exec = engine.exec(&id, &plain(&["wc", "-c"])).await.unwrap();
    exec.input.write(b"12345").await.unwrap();
    exec.input.end().await.unwrap();
    assert_eq!(to_the_end(exec).await.0, "5\n");
}

#[tokio::test]
async fn a_terminal_is_raw_and_follows_a_new_size() {
    let sim = swarm();
    let engine = engine(&sim, "w1");
    let id = container(&engine, "shop_small").await;
    let command = Command { terminal: Some((80, 24)), ..plain(&["sh"]) };
    let mut exec = engine.exec(&id, &command).await.unwrap();
    let mut said = String::new();
    for (size, wanted) in [((80, 24), "24 80\r\n"), ((133, 50), "50 133\r\n")] {
        exec.control.resize(size).await.unwrap();
        exec.input.write(b"stty size\r").await.unwrap();
        while !said.ends_with(&format!("{wanted}/ # ")) {
            let piece = exec.output.next().await.unwrap().expect("more");
            said += &String::from_utf8_lossy(&piece.bytes);
        }
    }
    exec.input.write(b"exit 3\r").await.unwrap();
    assert_eq!(to_the_end(exec).await.2, Some(3));
}

#[tokio::test]
async fn a_container_that_dies_ends_its_shell() {
    let sim = swarm();
    let engine = engine(&sim, "w1");
    let id = container(&engine, "shop_web").await;
    let exec = engine.exec(&id, &Command { terminal: Some((80, 24)), ..plain(&["sh"]) }).await.unwrap();
    sim.kill("shop_web", 9);
    assert_eq!(to_the_end(exec).await.2, Some(137));
    let gone = engine.exec("feedbeef", &plain(&["ls"])).await.unwrap_err();
    assert!(gone.is_not_found(), "{gone}");
    let refused = engine.exec(&id, &plain(&["ls"])).await.unwrap_err().to_string();
    assert!(refused.contains("refused"), "{refused}");
}

#[tokio::test]
async fn readings_come_one_after_another_and_only_the_first_knows_no_cpu() {
    let sim = swarm();
    let engine = engine(&sim, "w1");
    let id = container(&engine, "shop_web").await;
    let read: Vec<_> = engine.stats(&id).take(4).map(Result::unwrap).collect().await;
    assert!(read[0].cpu.is_none() && read[1..].iter().all(|reading| reading.cpu.is_some()), "{read:?}");
    assert!(read[1..].iter().all(|reading| reading.apart >= 1000));
    assert!(read.windows(2).all(|two| two[0].received < two[1].received), "{read:?}");
    assert!(read.iter().all(|reading| reading.memory > 0 && reading.memory < reading.limit));
    sim.kill("shop_web", 9);
    let rest: Vec<_> = engine.stats(&id).collect().await;
    assert!(rest.iter().all(Result::is_ok), "the end of a container is no fault: {rest:?}");
}

#[tokio::test]
async fn a_disk_is_told_and_what_is_pruned_is_what_was_counted() {
    let sim = swarm();
    let engine = engine(&sim, "w1");
    sim.kill("shop_web", 1);
    let before = engine.disk().await.unwrap();
    assert!(before.stopped.count == 1 && before.dangling.count > 0, "{before:?}");
    for kind in Waste::HARMLESS {
        assert_eq!(engine.prune(kind).await.unwrap(), before.waste(kind), "{kind:?}");
    }
    let after = engine.disk().await.unwrap();
    assert!(Waste::HARMLESS.iter().all(|kind| after.waste(*kind) == Amount::default()), "{after:?}");
    let all = before.unused_volumes.iter().all(|volume| after.unused_volumes.contains(volume));
    assert!(all, "data stays until it is asked for by itself: {after:?}");
    assert_eq!(engine.prune(Waste::Volumes).await.unwrap(), after.waste(Waste::Volumes));
    assert!(engine.disk().await.unwrap().unused_volumes.is_empty());
}

#[tokio::test]
async fn images_and_volumes_know_who_uses_them() {
    let sim = swarm();
    let engine = engine(&sim, "w1");
    let images = engine.images().await.unwrap();
    let nginx = images.iter().find(|image| image.tags == ["nginx:1.27"]).expect("the image");
    assert_eq!(nginx.used_by, 1);
    assert!(images.iter().any(|image| image.is_dangling() && image.used_by == 0));
    let volumes = engine.volumes().await.unwrap();
    let data = volumes.iter().find(|volume| volume.name == "shop_data").expect("the volume");
    assert!(data.used_by == 1 && data.size.is_some_and(|size| size > 0) && !data.anonymous, "{data:?}");
    let refused = engine.remove_volume("shop_data").await.unwrap_err();
    assert!(refused.to_string().contains("refused"), "{refused}");
    let manager = self::engine(&sim, "m1");
    assert!(manager.volumes().await.unwrap().iter().all(|volume| volume.name != "shop_data"), "it lies elsewhere");
}

#[tokio::test]
async fn a_worker_tells_of_itself_and_not_of_the_swarm() {
    let sim = swarm();
    let worker = engine(&sim, "w1");
    assert_eq!(worker.own_node().await.unwrap(), sim.node("w1").unwrap()["ID"].as_str().unwrap());
    let refused = worker.get_json("/nodes").await.unwrap_err();
    assert!(refused.to_string().contains("is a worker"), "{refused}");
}
