//! Managers reached by SSH that are lost one after the other, and jobs that are under way meanwhile.

use std::time::Instant;

use serde_json::Value;

use super::console::Console;
use super::lab::{Lab, take, until};
use super::operator::Operator;
use super::swarm::{Swarm, fleet_is_well};
use super::verbs::said;

const MANAGERS: [&str; 3] = ["barbary", "ching", "angre"];

fn ready(lab: &Lab) -> Operator {
    fleet_is_well(lab);
    Operator::of(lab)
}

/// The other two, and the first again last.
fn from(first: &str) -> Vec<&'static str> {
    let (mut order, rest): (Vec<_>, Vec<_>) = MANAGERS.into_iter().partition(|name| *name == first);
    order.extend(rest);
    order
}

fn is_through(console: &Console, nodes: &[&str]) -> String {
    let screen = console.until(&format!("one of {nodes:?} is in use"), |screen| {
        screen.is_live() && nodes.iter().any(|node| screen.header().contains(&format!("@{node}")))
    });
    let node = nodes.iter().find(|node| screen.header().contains(&format!("@{node}")));
    node.map(|node| (*node).to_owned()).unwrap_or_default()
}

#[test]
fn the_leader_in_use_is_lost_and_the_next_one_shows_what_happens() {
    let Some(lab) = take("the_leader_in_use_is_lost") else { return };
    let captain = ready(&lab);
    for fault in [&["engine", "kill"][..], &["kill"], &["link", "down"]] {
        let leader = fleet_is_well(&lab).leader().to_owned();
        let order = from(&leader);
        // Whichever manager answers first is used: where the leader was slow, once more.
        let begun = || {
            let console = captain.console(&order, &[]);
            if is_through(&console, &MANAGERS) == leader {
                Some(console)
            } else {
                console.leave();
                None
            }
        };
        let mut console = (0..10).find_map(|_| begun()).expect("the first that is named answers first");
        console.press("4");
        let words: Vec<&str> = match fault {
            [one] => vec![one, &leader],
            [one, other] => vec![one, &leader, other],
            _ => unreachable!(),
        };
        let struck = lab.fault(&words);
        let cut = Instant::now();
        let next =
            Swarm::through(&lab, order[1]).until("another leads", |now| !["", leader.as_str()].contains(&now.leader()));
        let elected = cut.elapsed();
        let through = is_through(&console, &order[1..]);
        let shown = cut.elapsed();
        eprintln!(
            "{words:?}: {} leads {elected:.1?} after the cut; shown through {through} at {shown:.1?}: {:.1?} after the election",
            next.leader(),
            shown.saturating_sub(elected)
        );
        lab.scale(order[1], "fleet_web=3");
        console.until("what happens is seen", |screen| screen.is_live() && screen.row(&["fleet_web", "3/3"]).is_some());
        lab.scale(order[1], "fleet_web=4");
        drop(struck);
        console.until("all is well", |screen| screen.is_live() && screen.header().contains("nodes 5/5"));
        console.leave();
        Swarm::through(&lab, "ching").until("the swarm is whole", super::swarm::Status::is_whole);
    }
}

#[test]
fn with_all_managers_gone_the_last_picture_stays_and_the_first_that_is_back_is_used() {
    let Some(lab) = take("with_all_managers_gone") else { return };
    let captain = ready(&lab);
    let mut console = captain.console(&MANAGERS, &[]);
    is_through(&console, &MANAGERS);
    console.press("4");
    console.until("services are shown", |screen| screen.row(&["fleet_web", "4/4"]).is_some());
    let fault = lab.fault(&["link", "barbary", "down"]);
    lab.run(&["link", "ching", "down"]);
    lab.run(&["link", "angre", "down"]);
    let old = console.until("what is shown is called old", super::console::Screen::is_stale);
    assert!(old.row(&["fleet_web", "4/4"]).is_some(), "{}", old.text());
    console.until("it grows old", |screen| screen.is_stale() && screen.header().contains("stale 3"));
    console.press("2");
    console.until("keys are answered", |screen| screen.is_stale() && screen.row(&["lorcha", "worker"]).is_some());
    assert!(console.is_alive());
    drop(fault);
    console.press("R");
    console.until("it is live again", |screen| screen.is_live() && screen.header().contains("nodes 5/5"));
    console.leave();
}

fn force(lab: &Lab, through: &str, service: &str) -> u64 {
    let spec = lab.docker(through, &["service", "inspect", "--format", "{{json .Spec}}", service]);
    let spec: Value = serde_json::from_str(&spec).expect("a spec");
    spec["TaskTemplate"]["ForceUpdate"].as_u64().unwrap_or(0)
}

#[test]
#[ignore = "it strikes in the middle of a change and hangs on how fast the swarm gives tasks up: run it by hand"]
fn a_redeployment_goes_on_when_its_manager_is_lost_and_writes_once() {
    let Some(lab) = take("a_redeployment_goes_on") else { return };
    let captain = ready(&lab);
    // On workers alone: a manager that is lost takes no task along.
    let steady = lab.passing("steady");
    let words = ["service", "create", "--detach", "--name", "steady", "--replicas", "2", "--update-monitor", "3s"];
    let there = ["--constraint", "node.role==worker", "--update-delay", "5s", "--stop-grace-period", "1s"];
    lab.docker("ching", &[&words[..], &there, &[&lab.image("v1")]].concat());
    for fault in [["link", "barbary", "down"], ["engine", "barbary", "kill"]] {
        Swarm::through(&lab, "ching").until("all is well", |now| now.is_whole() && now.state("steady") == "ready");
        let before = force(&lab, "ching", "steady");
        let job = captain.begin(&MANAGERS, &["redeploy", "steady", "--yes", "--json"]);
        until("it is written", || match force(&lab, "ching", "steady") {
            now if now > before => Ok(()),
            now => Err(now.to_string()),
        });
        let struck = lab.fault(&fault);
        let ended = said(job.wait_with_output().expect("an end"));
        eprintln!("{fault:?}: code {}, {} {}", ended.code, ended.out.trim(), ended.err.trim());
        assert_eq!(ended.code, 0, "{ended:?}");
        assert_eq!(force(&lab, "ching", "steady"), before + 1, "{ended:?}");
        drop(struck);
        Swarm::through(&lab, "ching").until("it is well", |now| now.is_whole() && now.state("steady") == "ready");
        assert_eq!(force(&lab, "ching", "steady"), before + 1, "nothing was written later");
    }
    drop(steady);
}

#[test]
#[ignore = "it strikes in the middle of a change and hangs on how fast the swarm gives tasks up: run it by hand"]
fn a_manager_that_takes_a_change_and_says_nothing_gets_it_once() {
    let Some(lab) = take("a_manager_that_takes_a_change") else { return };
    let captain = ready(&lab);
    let before = force(&lab, "ching", "fleet_web");
    let mut console = captain.console(&MANAGERS, &[]);
    is_through(&console, &["barbary"]);
    console.press("4/fleet_web\r");
    console.until("it stands alone", |screen| screen.says("1/3"));
    let fault = lab.fault(&["engine", "barbary", "hang"]);
    console.press("r");
    console.until_said(&["Redeploy", "fleet_web", "Cancel"]);
    console.press("\t\r");
    console.until("the job runs", |screen| screen.header().contains("running") || screen.says("refused"));
    // Its own tasks there are only replaced once the engine goes on: a swarm may take minutes to give them up.
    is_through(&console, &["ching", "angre"]);
    fault.undo(&["engine", "barbary", "resume"]);
    console.until("the job is over", |screen| !screen.header().contains("running"));
    console.press("7");
    let told = console.until("the queue tells of it", |screen| {
        screen.says("queue") && screen.row(&["redeploy", "fleet_web"]).is_some()
    });
    let swarm = Swarm::through(&lab, "ching");
    swarm.until("it is whole", |now| now.is_whole() && now.state("fleet_web") == "ready");
    let rose = force(&lab, "ching", "fleet_web") - before;
    eprintln!("written {rose} times; told: {:?}", told.row(&["redeploy", "fleet_web"]));
    let is_done = told.row(&["done", "fleet_web"]).is_some();
    assert!(rose == 1 || rose == 0 && !is_done, "written {rose} times:\n{}", told.text());
    console.leave();
}
