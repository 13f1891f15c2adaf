//! What was done, on screen 7: taken back, finished, let be, and a lock taken over.

use std::process::{Command, Stdio};
use std::time::Duration;

use portable_pty::CommandBuilder;
use quarterdeck::sim::Fault;
use tempfile::TempDir;

use crate::console::{Console, Screen};
use crate::world::World;

/// A home that verbs and the console share: in it lies the journal.
fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn console(world: &World, home: &TempDir) -> Console {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_quarterdeck"));
    command.args(["-H", &world.host()]);
    command.env("HOME", home.path());
    command.env("XDG_STATE_HOME", home.path());
    let console = Console::start(command, 140, 40);
    console.until_said(&["live"]);
    console
}

fn verb(world: &World, home: &TempDir, words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quarterdeck"));
    command.args(["-H", &world.host()]).args(words.split_whitespace());
    command.env("HOME", home.path()).env("XDG_STATE_HOME", home.path());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn replicas(world: &World) -> u64 {
    world.sim.service("media_plex").unwrap()["Spec"]["Mode"]["Replicated"]["Replicas"].as_u64().unwrap()
}

/// A scale whose process was killed when its write had been sent, and not answered.
fn broken_off(world: &World, home: &TempDir) {
    broken_off_in(world, home, "scale media_plex=3 -y", "/services/");
}

/// A verb whose process was killed when this write of it had been sent, and not answered.
fn broken_off_in(world: &World, home: &TempDir, words: &str, path: &str) {
    world.sim.fault(Fault::on("POST /services").stall());
    let mut child = verb(world, home, words).spawn().unwrap();
    let begun = std::time::Instant::now();
    while !world.sim.writes().iter().any(|seen| seen.path.contains(path)) {
        assert!(begun.elapsed() < Duration::from_secs(60), "the write did not come");
        std::thread::park_timeout(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    world.sim.clear_faults();
}

#[test]
fn u_shows_what_an_undo_takes_and_enter_does_it() {
    let (world, home) = (World::new(), home());
    assert!(verb(&world, &home, "scale media_plex=3 -y").status().unwrap().success());
    assert_eq!(replicas(&world), 3);
    let mut console = console(&world, &home);
    console.press("7");
    console.until("the deed is listed", |screen| screen.row(&["scale media_plex to 3", "done"]).is_some());
    console.press("gu");
    console.until_said(&["undo scale media_plex to 3", "Replicas", "3 → 2"]);
    console.press("\r");
    console.until_said(&["Cancel", "Do it"]);
    assert_eq!(replicas(&world), 3, "nothing is done before it is said");
    console.press("\t\r");
    console.until("it is done", |screen| screen.row(&["undo scale media_plex to 3", "done"]).is_some());
    assert_eq!(replicas(&world), 2);
    console.leave();
}

#[test]
fn f_finishes_what_broke_off_and_z_lets_it_be() {
    let (world, home) = (World::new(), home());
    broken_off(&world, &home);
    let mut console = console(&world, &home);
    console.press("7");
    console.until("it is listed", |screen| screen.row(&["scale media_plex to 3", "interrupted"]).is_some());
    console.press("gf");
    console.until_said(&["the rest of scale media_plex to 3", "service media_plex"]);
    console.press("\r");
    console.until_said(&["Cancel", "Do it"]);
    console.press("\t\r");
    console.until("it is done", |screen| screen.row(&["scale media_plex to 3", "done"]).is_some());
    assert_eq!(replicas(&world), 3);
    console.leave();

    let (world, home) = (World::new(), self::home());
    broken_off(&world, &home);
    let before = replicas(&world);
    let mut console = self::console(&world, &home);
    console.press("7");
    console.until("it is listed", |screen| screen.row(&["scale media_plex to 3", "interrupted"]).is_some());
    console.press("gz");
    console.until("it is let be", |screen| screen.row(&["scale media_plex to 3", "dropped"]).is_some());
    assert_eq!(replicas(&world), before);
    console.leave();
}

#[test]
fn f_finishes_a_whole_course_that_broke_off_and_its_parts_lie_below_it() {
    let (world, home) = (World::new(), home());
    for (path, image) in [("infrastructure/dns", "dns:1"), ("application/wiki", "wiki:1")] {
        let folder = home.path().join("stacks").join(path);
        std::fs::create_dir_all(&folder).unwrap();
        let text = format!("services:\n  web: {{image: '{image}', deploy: {{update_config: {{monitor: 100ms}}}}}}\n");
        std::fs::write(folder.join("compose.yaml"), text).unwrap();
    }
    let folder = home.path().display();
    broken_off_in(&world, &home, &format!("-C {folder} deploy --all -y"), "/services/create");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_quarterdeck"));
    command.args(["-H", &world.host(), "-C"]);
    command.arg(home.path());
    command.env("HOME", home.path());
    command.env("XDG_STATE_HOME", home.path());
    let mut console = Console::start(command, 140, 40);
    console.until_said(&["live"]);
    console.press("7");
    let screen = console.until("the course is listed", |screen| {
        screen.row(&["deploy 2 stacks", "interrupted", "f finishes it"]).is_some()
    });
    assert!(screen.row(&["deploy stack dns"]).is_none(), "{}", screen.text());
    console.press("g\r");
    console.until("its parts lie below it", |screen| screen.row(&["deploy stack dns", "interrupted"]).is_some());
    console.press("f");
    console.until_said(&["the rest of deploy 2 stacks", "wiki"]);
    console.press("\r");
    console.until_said(&["Cancel", "Deploy"]);
    console.press("\t\r");
    console.until("it is done", |screen| screen.row(&["deploy 2 stacks", "done"]).is_some());
    console.press("7");
    console.until("nothing is left of it", |screen| screen.row(&["deploy 2 stacks", "resumed"]).is_some());
    assert!(world.sim.service("wiki_web").is_some());
    console.leave();
}

#[test]
fn the_lock_of_a_console_that_is_gone_is_taken_over_by_a_key() {
    let (world, home) = (World::new(), home());
    let elsewhere = self::home();
    // Another machine's journal: here nobody knows whether its process is gone.
    broken_off(&world, &elsewhere);
    let mut console = console(&world, &home);
    let ask = |console: &mut Console, keys: &str| {
        console.press(keys);
        console.until("it is found", |screen| screen.row(&["media_plex", "ready"]).is_some());
        console.press("gr");
        console.until_said(&["redeploy service media_plex", "Cancel"]);
        console.press("\t\r");
    };
    world.sim.advance(Duration::from_secs(90));
    ask(&mut console, "4/plex\r");
    console.press("7");
    console.until("it is refused", |screen| screen.row(&["redeploy service media_plex", "is at it"]).is_some());
    console.press("gT");
    console.until_said(&["the next job takes its lock over"]);
    // The filter stays with its list.
    ask(&mut console, "4");
    console.press("7");
    // It is watched for 35 s whether the holder is heard of.
    let done = |screen: &Screen| screen.row(&["redeploy service media_plex", "done in"]).is_some();
    console.until_within(Duration::from_secs(180), "it is done", done);
    console.leave();
}

#[test]
fn a_node_is_drained_by_a_key_after_a_question_that_says_what_cannot_move() {
    let (world, home) = (World::new(), home());
    let mut console = console(&world, &home);
    console.press("2/dhow\r");
    console.until("it is found", |screen| screen.row(&["dhow", "ready"]).is_some());
    console.press("ge");
    console.until_said(&["drain dhow", "media_sonarr", "can run nowhere else: node.hostname==dhow", "Cancel"]);
    console.press("\r");
    console.until("nothing is done", |screen| !screen.says("can run nowhere else"));
    assert!(world.sim.writes().is_empty());
    console.press("e");
    console.until_said(&["drain dhow", "Cancel"]);
    console.press("\t\r");
    console.until("it is drained", |screen| screen.row(&["drain dhow", "done"]).is_some());
    assert_eq!(world.sim.node("dhow").unwrap()["Spec"]["Availability"], "drain");
    console.leave();
}

#[test]
fn a_stack_is_redeployed_from_its_file_with_what_differs_and_with_every_task() {
    let (world, home) = (World::new(), home());
    let folder = tempfile::tempdir().unwrap();
    let stack = folder.path().join("stacks/application/shop");
    std::fs::create_dir_all(&stack).unwrap();
    let file = |tag: &str| {
        format!(
            "services:\n  web:\n    image: web:{tag}\n    deploy: {{update_config: {{monitor: 500ms}}}}\n  db:\n    image: db:1\n    deploy: {{update_config: {{monitor: 500ms}}}}\n"
        )
    };
    std::fs::write(stack.join("compose.yaml"), file("1")).unwrap();
    std::fs::write(folder.path().join(".env"), "").unwrap();
    let place = folder.path().display().to_string();
    assert!(verb(&world, &home, &format!("-C {place} deploy shop -y")).status().unwrap().success());
    std::fs::write(stack.join("compose.yaml"), file("2")).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_quarterdeck"));
    command.args(["-H", &world.host(), "-C", &place]);
    command.env("HOME", home.path());
    let mut console = Console::start(command, 140, 40);
    console.until_said(&["live"]);
    console.press("3/shop\r");
    console.until("it is found", |screen| screen.row(&["shop", "ready"]).is_some());
    console.press("Gr");
    let screen = console.until_said(&["redeploy shop", "shop_web", "replace every task", "Cancel"]);
    assert!(screen.row(&["shop_db", "restart"]).is_none(), "{}", screen.text());
    console.press("a");
    console.until("every task is taken along", |screen| screen.row(&["shop_db", "restart"]).is_some());
    console.press("\t\r");
    console.until("both are done", |screen| screen.row(&["redeploy stack shop", "done"]).is_some());
    let spec = |name: &str| world.sim.service(name).unwrap()["Spec"]["TaskTemplate"].clone();
    assert!(spec("shop_web")["ContainerSpec"]["Image"].to_string().contains("web:2"));
    assert_eq!(spec("shop_web")["ForceUpdate"].as_u64().unwrap_or(0), 0, "replaced once");
    assert_eq!(spec("shop_db")["ForceUpdate"], 1);
    console.leave();
}
