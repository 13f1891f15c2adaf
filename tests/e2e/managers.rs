//! Managers that die, hang, stop and come back while the console looks on.

use super::console::Console;
use super::lab::{Lab, take};
use super::swarm::{Swarm, fleet_is_well};
use super::verbs::quarterdeck;

/// The leader, and a manager that is not: through that one the swarm is looked at.
fn leader_and_other(lab: &Lab) -> (String, String) {
    let leader = fleet_is_well(lab).leader().to_owned();
    let other = lab.managers().into_iter().find(|manager| *manager != leader).expect("another manager");
    (leader, other)
}

#[test]
fn the_leader_loses_its_power_and_the_next_one_is_shown() {
    let Some(lab) = take("the_leader_loses_its_power") else { return };
    let (leader, other) = leader_and_other(&lab);
    let mut console = Console::open(&lab.engine(&other));
    console.press("2");
    console.until("the leader is shown", |screen| screen.is_live() && screen.row(&[&leader, "leader"]).is_some());

    let fault = lab.fault(&["kill", &leader]);
    let swarm = Swarm::through(&lab, &other);
    let now = swarm.until("another manager leads", |now| {
        !["", leader.as_str()].contains(&now.leader()) && now.node(&leader)["state"] == "down"
    });
    let next = now.leader().to_owned();
    assert_eq!(now.said["quorum"]["can_lose"], 0, "of two managers none can be lost");
    assert_eq!(now.node(&leader)["reachability"], "unreachable");
    console.until("the console shows it", |screen| {
        screen.is_live() && screen.row(&[&next, "leader"]).is_some() && screen.row(&[&leader, "down"]).is_some()
    });
    let screen = console.until("the loss is counted", |screen| screen.header().contains("nodes 4/5"));
    assert!(screen.header().contains("can lose 0"), "{}", screen.text());

    // What happens from now on is seen: the picture is fresh.
    lab.scale(&other, "fleet_web=3");
    console.press("4");
    console.until("a change is seen", |screen| screen.row(&["fleet_web", "3/3"]).is_some());
    drop(fault);
    console.until("all is well again", |screen| screen.is_live() && screen.header().contains("nodes 5/5"));
    console.leave();
}

#[test]
fn the_manager_in_use_is_killed_and_the_console_waits_for_it() {
    let Some(lab) = take("the_manager_in_use_is_killed") else { return };
    let (_, other) = leader_and_other(&lab);
    let mut console = Console::open(&lab.engine(&other));
    console.press("4");
    console.until("it is live", |screen| screen.is_live() && screen.row(&["fleet_web", "4/4"]).is_some());

    let fault = lab.fault(&["engine", &other, "kill"]);
    let stale = console.until("what is shown is called old", super::console::Screen::is_stale);
    assert!(stale.row(&["fleet_web", "4/4"]).is_some(), "the last picture stays:\n{}", stale.text());
    let said = quarterdeck(&lab.engine(&other), &["status"]);
    assert_eq!(said.code, 4, "{said:?}");
    // Meanwhile the swarm goes on without it.
    let elsewhere = lab.managers().into_iter().find(|manager| *manager != other).expect("another manager");
    Swarm::through(&lab, &elsewhere).until("the others miss it", |now| now.node(&other)["state"] == "down");
    assert!(console.is_alive() && console.screen().is_stale(), "{}", console.screen().text());

    fault.undo(&["engine", &other, "start"]);
    console.until("it is live again", |screen| screen.is_live() && screen.header().contains("nodes 5/5"));
    console.leave();
}

#[test]
fn an_engine_that_hangs_is_told_from_one_that_answers() {
    let Some(lab) = take("an_engine_that_hangs") else { return };
    let (_, other) = leader_and_other(&lab);
    let mut console = Console::open(&lab.engine(&other));
    console.until("it is live", |screen| screen.is_live() && screen.header().contains("nodes 5/5"));

    let fault = lab.fault(&["engine", &other, "hang"]);
    let said = quarterdeck(&lab.engine(&other), &["status"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.err.contains("did not answer") && said.err.contains("within"), "{said:?}");
    console.until("what is shown is called old", super::console::Screen::is_stale);
    // Keys are answered though the engine is not.
    console.press("2");
    console.until("keys are answered", |screen| screen.is_stale() && screen.row(&["lorcha", "worker"]).is_some());

    fault.undo(&["engine", &other, "resume"]);
    console.until("it is live again", |screen| screen.is_live() && screen.header().contains("nodes 5/5"));
    console.leave();
}

#[test]
fn an_engine_that_is_stopped_for_a_minute_leaves_an_old_picture_and_then_a_new_one() {
    let Some(lab) = take("an_engine_that_is_stopped_for_a_minute") else { return };
    let (_, other) = leader_and_other(&lab);
    let mut console = Console::open(&lab.engine(&other));
    console.press("4");
    console.until("it is live", |screen| screen.is_live() && screen.row(&["fleet_web", "4/4"]).is_some());

    let fault = lab.fault(&["engine", &other, "stop"]);
    console.until("what is shown is called old", super::console::Screen::is_stale);
    let elsewhere = lab.managers().into_iter().find(|manager| *manager != other).expect("another manager");
    lab.scale(&elsewhere, "fleet_web=3");
    // The age on the screen is the clock of this test.
    let old = console.until("a minute has passed", |screen| screen.header().contains("stale 1m"));
    assert!(old.row(&["fleet_web", "4/4"]).is_some(), "an old picture is not mended by guesses:\n{}", old.text());

    fault.undo(&["engine", &other, "start"]);
    console.until("what changed meanwhile is seen", |screen| {
        screen.is_live() && screen.row(&["fleet_web", "3/3"]).is_some()
    });
    console.leave();
}
