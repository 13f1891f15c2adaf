//! A swarm in which all is well, and the ends of `status`.

use super::console::Console;
use super::lab::take;
use super::swarm::{Swarm, fleet_is_well};
use super::verbs::quarterdeck;

#[test]
fn a_swarm_that_is_well_is_shown_whole_and_status_ends_with_0() {
    let Some(lab) = take("a_swarm_that_is_well") else { return };
    fleet_is_well(&lab);
    let swarm = Swarm::through(&lab, "ching");
    let now = swarm.until("all is well", |now| now.code == 0 && now.is_whole() && now.state("fleet_web") == "ready");
    assert_eq!(now.said["quorum"]["can_lose"], 1);
    assert_eq!(now.service("fleet_web")["running"], 4);
    assert_eq!(now.service("fleet_agent")["desired"], 5);
    assert_eq!(now.service("fleet_door")["mode"], "replicated");
    let leader = now.leader().to_owned();

    let mut console = Console::open(&lab.engine("ching"));
    let screen = console.until("the swarm is shown", |screen| screen.is_live() && screen.says("nodes 5/5"));
    assert!(screen.header().contains("3 managers, can lose 1"), "{}", screen.text());
    console.press("2");
    for node in ["barbary", "ching", "angre", "lorcha", "dhow"] {
        console.until_said(&[node]);
    }
    console.until("the leader is named", |screen| screen.row(&["ready", &leader, "leader"]).is_some());
    console.press("4");
    console.until("the replicas are counted", |screen| screen.row(&["ready", "fleet_web", "4/4"]).is_some());
    console.until("the host's port is shown", |screen| screen.row(&["fleet_door", "8080"]).is_some());
    console.leave();
}

#[test]
fn a_small_terminal_shows_the_same_swarm() {
    let Some(lab) = take("a_small_terminal") else { return };
    fleet_is_well(&lab);
    Swarm::through(&lab, "ching").until_all(&["fleet_web", "fleet_agent", "fleet_door"], "ready");
    for (cols, rows) in [(80, 24), (45, 12)] {
        let mut console = Console::sized(&lab.engine("ching"), cols, rows);
        console.until("it is live", |screen| screen.header().contains("live "));
        console.press("4");
        console.until("a service is shown", |screen| screen.row(&["fleet_agent"]).is_some());
        console.leave();
    }
}

#[test]
fn status_tells_by_its_end_what_is_wrong() {
    let Some(lab) = take("status_tells_by_its_end") else { return };
    lab.only(&["fleet", "jobs"]);
    let swarm = Swarm::through(&lab, "angre");
    let failed = swarm.until("the doomed job has failed", |now| now.state("jobs_doomed") == "failed");
    assert_eq!(failed.code, 1, "a job that failed is not healthy");

    let worker = quarterdeck(&lab.engine("lorcha"), &["status", "--json"]);
    assert_eq!(worker.code, 4, "{worker:?}");
    assert!(worker.err.contains("is a worker") && worker.out.is_empty(), "{worker:?}");
    let nobody = quarterdeck("unix:///run/nobody/docker.sock", &["status", "--json"]);
    assert_eq!(nobody.code, 4, "{nobody:?}");
    assert!(nobody.err.contains("cannot be reached") && nobody.out.is_empty(), "{nobody:?}");
    let misuse = quarterdeck("gopher://there", &["status"]);
    assert_eq!(misuse.code, 2, "{misuse:?}");
}
