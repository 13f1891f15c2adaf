//! What an operator does and sees: keys in, screens out, and what it came to in the swarm.

use quarterdeck::sim::{Behaviour, Fault, Scenario, service};
use serde_json::{Value, json};

use crate::console::Console;
use crate::world::World;

/// Writes to services; the lock that a console holds meanwhile is none.
fn changes(world: &World) -> usize {
    world.sim.writes().iter().filter(|seen| seen.path.contains("/services/")).count()
}

fn force_update(world: &World, service: &str) -> u64 {
    world.sim.service(service).unwrap().pointer("/Spec/TaskTemplate/ForceUpdate").and_then(Value::as_u64).unwrap_or(0)
}

#[test]
fn the_platform_is_drawn_at_every_size() {
    let world = World::new();
    for (cols, rows) in [(200, 60), (120, 40), (80, 24), (45, 12)] {
        let console = Console::sized(&world.host(), cols, rows);
        console.until("the swarm is drawn", |screen| screen.says("barbary") && screen.says("live"));
        console.leave();
    }
}

#[test]
fn a_node_that_dies_changes_the_overview_without_a_key() {
    let world = World::new();
    let console = Console::sized(&world.host(), 120, 40);
    console.until_said(&["nodes 5/5", "live"]);
    world.sim.node_down("dhow");
    let screen = console.until("dhow is down", |screen| screen.row(&["failed", "dhow", "down"]).is_some());
    assert!(screen.says("nodes 4/5"), "{}", screen.text());
    // sonarr may run on dhow alone, so its stack waits and says for what.
    console.until("sonarr waits", |screen| screen.row(&["media_sonarr", "dhow is down"]).is_some());
    world.sim.node_up("dhow");
    console.until("all is well again", |screen| screen.says("nodes 5/5") && screen.row(&["media_sonarr"]).is_none());
    console.leave();
}

#[test]
fn one_key_and_one_confirmation_redeploy_a_stack() {
    let world = World::new();
    let mut console = Console::sized(&world.host(), 120, 40);
    console.until_said(&["live"]);
    let before = world.sim.service("media_plex").unwrap()["Spec"].clone();
    world.sim.forget_requests();
    console.press("3/media\r");
    console.until("the stack is found", |screen| screen.row(&["media", "ready"]).is_some());
    console.press("gjr");
    let screen = console.until_said(&["redeploy stack media", "Cancel", "media_plex"]);
    assert!(screen.says("one-shots are not run again: seed"), "{}", screen.text());
    // Cancel has the focus: enter changes nothing.
    console.press("\r");
    console.until("the question is gone", |screen| !screen.says("redeploy stack media"));
    assert!(world.sim.writes().is_empty());
    console.press("r");
    console.until_said(&["redeploy stack media"]);
    console.press("\t\r");
    console.until("it is done and told", |screen| screen.row(&["redeploy stack media", "done"]).is_some());
    let mut after = world.sim.service("media_plex").unwrap()["Spec"].clone();
    assert_eq!(after["TaskTemplate"]["ForceUpdate"], json!(1));
    assert!(after["TaskTemplate"]["ContainerSpec"]["Healthcheck"].is_object(), "the health check is still there");
    after["TaskTemplate"]["ForceUpdate"] = before["TaskTemplate"].get("ForceUpdate").cloned().unwrap_or(json!(0));
    assert_eq!(after["TaskTemplate"]["ContainerSpec"], before["TaskTemplate"]["ContainerSpec"]);
    assert_eq!(force_update(&world, "media_sonarr"), 1);
    assert_eq!(force_update(&world, "media_seed"), 0);
    assert_eq!(changes(&world), 2, "one write for each service");
    console.press("7\r");
    console.until_said(&["redeploy stack media", "media_sonarr"]);
    console.leave();
}

#[test]
fn what_somebody_else_changed_is_told_and_never_forced() {
    let world = World::new();
    let mut console = Console::sized(&world.host(), 120, 40);
    console.until_said(&["live"]);
    console.press("4/sonarr\r");
    console.until("it is found", |screen| screen.row(&["media_sonarr", "ready"]).is_some());
    console.press("gr");
    console.until_said(&["redeploy service media_sonarr"]);
    world.sim.update_image("media_sonarr", "sonarr:5");
    world.sim.forget_requests();
    console.press("\t\r");
    console.until_said(&["media_sonarr was changed since you looked at it"]);
    assert_eq!(changes(&world), 0);
    assert_eq!(force_update(&world, "media_sonarr"), 0);
    console.leave();
}

#[test]
fn a_lost_answer_to_a_write_is_looked_after_and_not_repeated() {
    let world = World::new();
    let mut console = Console::sized(&world.host(), 120, 40);
    console.until_said(&["live"]);
    world.sim.fault(Fault::on("POST /services").cut_body().once());
    console.press("4/sonarr\r");
    console.until("it is found", |screen| screen.row(&["media_sonarr", "ready"]).is_some());
    console.press("gr");
    console.until_said(&["redeploy service media_sonarr"]);
    console.press("\t\r");
    console.until("it is done", |screen| screen.row(&["redeploy service media_sonarr", "done"]).is_some());
    assert_eq!(force_update(&world, "media_sonarr"), 1, "written once");
    console.leave();
}

#[test]
fn an_engine_that_stops_leaves_a_stale_picture_and_comes_back_live() {
    let world = World::new();
    let mut console = Console::sized(&world.host(), 120, 40);
    console.until_said(&["live", "barbary"]);
    world.stop();
    let screen = console.until("it is stale", |screen| screen.is_stale());
    assert!(screen.says("barbary"), "the picture stays:\n{}", screen.text());
    console.press("4gr");
    console.until_said(&["refused: the swarm does not answer"]);
    let again = Scenario::new().managers(["barbary"]).stack("new").service(service("thing").image("x:1"));
    let _sim = world.listen_again(again);
    console.until("it is live again", |screen| screen.is_live() && screen.says("new_thing"));
    console.leave();
}

#[test]
fn a_log_line_cannot_control_the_terminal() {
    let world = World::new();
    let mut console = Console::sized(&world.host(), 120, 40);
    console.until_said(&["live"]);
    console.press("4/noise\r");
    console.until("it is found", |screen| screen.row(&["chatter_noise"]).is_some());
    console.press("gl");
    let screen = console.until_said(&["danger red end"]);
    assert!(screen.says("noise"), "what stood on screen still stands:\n{}", screen.text());
    console.leave();
}

#[test]
fn a_log_line_of_five_megabytes_is_cut_and_the_console_lives() {
    let line = format!("begins {}", "x".repeat(5 << 20));
    let world = World::of(
        Scenario::new()
            .managers(["barbary"])
            .stack("a")
            .service(service("loud").image("loud:1"))
            .behaviour("loud:1", Behaviour::crashing(3, &line)),
    );
    let mut console = Console::sized(&world.host(), 120, 40);
    console.until_said(&["live", "loud"]);
    console.press("4gl");
    console.until_said(&["log of a_loud", "begins xxxx"]);
    console.press("1");
    console.until("keys are still answered", |screen| screen.says("overview") && screen.is_live());
    console.leave();
}

#[test]
fn no_colour_means_none() {
    let world = World::new();
    let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_quarterdeck"));
    command.args(["-H", &world.host()]);
    command.env("NO_COLOR", "1");
    let console = Console::start(command, 80, 24);
    console.until_said(&["live", "ready"]);
    assert!(!console.has_colour());
    console.leave();
    let console = Console::sized(&world.host(), 80, 24);
    console.until_said(&["live", "ready"]);
    assert!(console.has_colour());
    console.leave();
}

#[test]
fn data_of_all_stacks_goes_only_after_their_names_were_typed() {
    let folder = tempfile::tempdir().unwrap();
    let compose = "services:\n  web:\n    image: web:1\n    volumes: [data:/data]\n    deploy: {update_config: {monitor: 500ms}}\nvolumes:\n  data: {}\n";
    for path in ["infrastructure/dns", "application/shop"] {
        let stack = folder.path().join("stacks").join(path);
        std::fs::create_dir_all(&stack).unwrap();
        std::fs::write(stack.join("compose.yaml"), compose).unwrap();
    }
    std::fs::write(folder.path().join(".env"), "").unwrap();
    // One machine, so that its engine holds all volumes.
    let world = World::of(Scenario::new().managers(["barbary"]));
    let start = |words: &[&str]| {
        let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_quarterdeck"));
        command.args(words);
        command.args(["-H", &world.host(), "-C", &folder.path().display().to_string()]);
        Console::start(command, 120, 30)
    };
    let deployed = start(&["deploy", "--all", "-y"]);
    assert_eq!(deployed.ended().1, 0);
    world.sim.forget_requests();
    for (typed, code, left) in [("yes\r", 3, 2), ("dns\r", 3, 2), ("dns shop\r", 0, 0)] {
        let mut console = start(&["teardown", "--all", "--volumes"]);
        console.until_said(&["volume dns_data", "this destroys data; type dns shop to go on"]);
        console.press(typed);
        assert_eq!(console.ended().1, code, "{typed}");
        assert_eq!(world.sim.services().len(), left);
        assert_eq!(world.sim.writes().is_empty(), left == 2);
    }
    // One that a task still holds is tried again.
    let all = world.sim.writes().into_iter().map(|seen| seen.path).filter(|path| path.contains("/volumes/"));
    let gone: std::collections::BTreeSet<String> = all.collect();
    assert_eq!(gone.len(), 2, "{gone:?}");
}
