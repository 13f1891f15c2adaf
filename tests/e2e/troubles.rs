//! Services that cannot be well, each for a reason of its own, and each told apart on screen.

use super::console::Console;
use super::lab::{Lab, take};
use super::swarm::Swarm;

/// The rows of the services screen say, for each service, its state and these words.
fn shown(lab: &Lab, expected: &[(&str, &str, &str)]) {
    let mut console = Console::open(&lab.engine("ching"));
    console.press("4");
    for (service, state, why) in expected {
        console.until(&format!("{service} is {state}, {why}"), |screen| screen.row(&[service, state, why]).is_some());
    }
    console.leave();
}

#[test]
fn a_one_shot_that_is_done_is_told_from_one_that_failed() {
    let Some(lab) = take("one_shots") else { return };
    lab.only(&["jobs"]);
    let swarm = Swarm::through(&lab, "ching");
    let now =
        swarm.until("both have ended", |now| now.state("jobs_count") == "done" && now.state("jobs_doomed") == "failed");
    // A swarm that has just lost managers may run a place of a job once more than it was asked for.
    assert!(now.service("jobs_count")["completed"].as_u64().is_some_and(|completed| completed >= 3));
    assert!(now.why("jobs_doomed").contains("exits 7"), "{}", now.why("jobs_doomed"));
    shown(&lab, &[("jobs_count", "done", "/3"), ("jobs_doomed", "failed", "exits 7")]);
}

#[test]
fn each_trouble_has_its_own_reason() {
    let Some(lab) = take("each_trouble") else { return };
    lab.only(&["fleet", "trouble"]);
    // Both workers give their port 8080 to the door; a rival finds none.
    let rival = lab.passing("rival");
    let image = lab.image("v1");
    let port = "mode=host,published=8080,target=8080";
    let words = ["service", "create", "--detach", "--name", "rival", "--constraint", "node.role==worker", "--publish"];
    let swarm = Swarm::through(&lab, "ching");
    swarm.until("the doors are open", |now| now.state("fleet_door") == "ready");
    lab.docker("ching", &[&words[..], &[port, &image]].concat());

    let expected = [
        ("trouble_homeless", "waiting", "5 nodes without label berth=nowhere"),
        ("trouble_ghost", "failed", "No such image"),
        ("trouble_sick", "failed", "became unhealthy"),
        ("trouble_crash", "failed", "exits 3"),
        ("trouble_giant", "waiting", "insufficient resources"),
        ("rival", "waiting", "host-mode port already in use"),
    ];
    let now = swarm.until("each is judged", |now| {
        let is_so =
            |(service, state, why): &(&str, &str, &str)| now.state(service) == *state && now.why(service).contains(why);
        // The trouble of others is not the fleet's own.
        expected.iter().all(is_so) && now.state("fleet_web") == "ready"
    });
    assert_eq!(now.code, 1);
    shown(&lab, &expected);
    drop(rival);
}

#[test]
fn a_node_that_the_registry_refuses_rejects_its_tasks() {
    let Some(lab) = take("a_node_that_the_registry_refuses") else { return };
    lab.only(&["fleet"]);
    // An image that no node has yet.
    let tag = format!("new{}", std::process::id());
    lab.run(&["image", "demo", &tag]);
    let image = lab.image(&tag);
    let guest = lab.passing("guest");
    let fault = lab.fault(&["registry", "deny", "lorcha"]);
    let words = ["service", "create", "--detach", "--name", "guest", "--replicas", "1", "--restart-delay", "2s"];
    lab.docker("ching", &[&words[..], &["--constraint", "node.hostname==lorcha", &image]].concat());
    let swarm = Swarm::through(&lab, "ching");
    let now = swarm.until("its tasks are rejected", |now| now.why("guest").contains("rejected on lorcha"));
    assert!(now.why("guest").contains("No such image"), "{}", now.why("guest"));
    shown(&lab, &[("guest", "", "rejected on lorcha")]);
    // The tasks themselves say it too.
    let mut console = Console::open(&lab.engine("ching"));
    console.press("5");
    console.until("a rejected task is shown", |screen| {
        screen.row(&["rejected", "guest.1", "lorcha", "No such image"]).is_some()
    });
    fault.undo(&["registry", "allow", "lorcha"]);
    swarm.until("it runs", |now| now.service("guest")["running"] == 1);
    console.until("the console sees it run", |screen| screen.row(&["running", "guest.1", "lorcha"]).is_some());
    console.leave();
    drop(guest);
}
