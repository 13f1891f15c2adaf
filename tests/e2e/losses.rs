//! A worker that loses its power, with all that ran on it.

use super::console::Console;
use super::lab::take;
use super::swarm::{Swarm, fleet_is_well};

#[test]
fn tasks_of_a_worker_without_power_are_unknown_and_then_run_elsewhere() {
    let Some(lab) = take("a_worker_without_power") else { return };
    fleet_is_well(&lab);
    let swarm = Swarm::through(&lab, "ching");
    swarm.until_all(&["fleet_web", "fleet_agent", "fleet_door"], "ready");
    let mut console = Console::open(&lab.engine("ching"));
    console.press("2");
    console.until("it is live", |screen| screen.is_live() && screen.row(&["ready", "dhow"]).is_some());

    let fault = lab.fault(&["kill", "dhow"]);
    let lost = console.until("the loss is shown", |screen| screen.row(&["down", "dhow"]).is_some());
    let row = lost.row(&["down", "dhow"]).unwrap_or_default();
    assert!(row.contains(" ?"), "nobody knows what its tasks do: {row}");
    let now = swarm.until("the replicas run elsewhere", |now| {
        now.node("dhow")["state"] == "down" && now.service("fleet_web")["running"] == 4
    });
    assert_eq!(now.node("dhow")["tasks"], 0, "what ran on a node without power is not said to run");
    assert!(now.node("dhow")["unknown_tasks"].as_u64() > Some(0), "{}", now.node("dhow"));
    assert_eq!(now.code, 1);
    // The other worker already has its port, so one of two doors finds no place, and that is said.
    let now = swarm.until("the door waits", |now| now.why("fleet_door").contains("host-mode port"));
    assert_eq!(now.state("fleet_door"), "degraded", "{}", now.why("fleet_door"));
    console.press("4");
    console.until("the door's reason is on screen", |screen| screen.row(&["fleet_door", "1/2"]).is_some());

    drop(fault);
    console.until("the node is back", |screen| screen.header().contains("nodes 5/5"));
    let now = swarm.until_all(&["fleet_web", "fleet_agent", "fleet_door"], "ready");
    assert_eq!(now.node("dhow")["unknown_tasks"], 0);
    console.leave();
}
