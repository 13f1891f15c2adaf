//! Several managers of one swarm, as the operator sees them come and go.

use portable_pty::CommandBuilder;
use quarterdeck::sim::Door;

use crate::console::{Console, Screen};
use crate::world::World;

fn through(world: &World, nodes: &[&str]) -> Console {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_quarterdeck"));
    for node in nodes {
        command.args(["-H", &world.host_of(node)]);
    }
    Console::start(command, 140, 40)
}

#[test]
fn the_header_says_which_manager_is_in_use_and_goes_on_with_the_next() {
    let world = World::new();
    let mut console = through(&world, &["barbary", "lorcha", "ching", "angre"]);
    console.until("barbary is in use", |screen| screen.is_live() && screen.header().contains("barbary"));
    assert!(console.screen().header().contains("by --host"), "{}", console.screen().text());
    // It can no longer be reached from here; a worker that was named by mistake is passed over, and told.
    world.sim.door("barbary", Door::Shut);
    console.until("ching is in use", |screen| screen.is_live() && screen.header().contains("ching"));
    console.until_said(&["passed over it is a"]);
    // It hangs.
    world.sim.door("ching", Door::Silent);
    console.until("angre is in use", |screen| screen.is_live() && screen.header().contains("angre"));
    // What happens is seen through it, and the first that is back is not hurried to.
    world.sim.door("barbary", Door::Open);
    world.sim.scale("media_plex", 3);
    console.press("4/plex\r");
    let screen = console.until("the change is seen", |screen| screen.row(&["media_plex", "3/3"]).is_some());
    assert!(screen.header().contains("angre"), "{}", screen.text());
    console.leave();
}

#[test]
fn without_a_majority_the_last_picture_stays_and_says_what_to_do_and_nothing_is_changed() {
    let world = World::new();
    let mut console = through(&world, &["barbary", "ching", "angre"]);
    console.until("it is live", |screen| screen.is_live() && screen.header().contains("nodes 5/5"));
    world.sim.no_leader(true);
    let screen = console.until("it is stale", |screen| screen.is_stale() && screen.says("no leader"));
    assert!(screen.says("barbary") && screen.says("bring managers back"), "{}", screen.text());
    world.sim.forget_requests();
    console.press("4/plex\r");
    console.until("the list is still there", |screen| screen.row(&["media_plex"]).is_some());
    console.press("gr");
    console.until_said(&["refused: the swarm does not answer"]);
    assert!(world.sim.writes().is_empty());
    world.sim.no_leader(false);
    console.until("it is live again", |screen| screen.is_live());
    console.leave();
}

#[test]
fn with_all_managers_gone_the_console_stays_and_finds_the_one_that_comes_back() {
    let world = World::new();
    let mut console = through(&world, &["barbary", "ching"]);
    console.until("it is live", Screen::is_live);
    for node in ["barbary", "ching"] {
        world.sim.door(node, Door::Shut);
    }
    let screen = console.until("it is stale", |screen| screen.is_stale());
    assert!(screen.says("none of 2 managers can be used") || screen.says("stream of events"), "{}", screen.text());
    world.sim.door("ching", Door::Open);
    console.press("R");
    console.until("ching is in use", |screen| screen.is_live() && screen.header().contains("ching"));
    console.leave();
}
