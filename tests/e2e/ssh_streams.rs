//! Streams of real engines through SSH: hundreds of logs at once, and what is read or typed when its line is cut.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::SelectAll;
use quarterdeck::ask::Asker;
use quarterdeck::clock::{SharedClock, SystemClock};
use quarterdeck::engine::Engine;
use quarterdeck::model::{LogQuery, LogTarget, ServiceId};
use quarterdeck::ssh::{Hosts, Target};

use super::console::{Console, Screen};
use super::lab::{Lab, patience, take};
use super::operator::{Operator, far_ends};
use super::swarm::{Swarm, fleet_is_well};

/// Logs that are followed at the same time.
const LOGS: usize = 300;

/// Logs that are opened in one moment.
const WAVE: usize = 25;

fn ready(lab: &Lab) -> Operator {
    fleet_is_well(lab);
    Operator::of(lab)
}

#[test]
fn hundreds_of_logs_are_followed_at_once_through_one_connection() {
    let Some(lab) = take("hundreds_of_logs") else { return };
    let captain = ready(&lab);
    let service = lab.docker("ching", &["service", "inspect", "--format", "{{.ID}}", "fleet_agent"]);
    let query = LogQuery {
        target: LogTarget::Service { id: ServiceId::new(service.trim()), tty: false },
        follow: true,
        tail: Some(1),
        since: None,
    };
    let clock: SharedClock = Arc::new(SystemClock);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let hosts = Hosts::new(captain.settings(), Asker::nobody());
        let target: Target = "ssh://captain@barbary".parse().unwrap();
        let engine = Engine::new(hosts.host(&target).dialer(&target.socket_path), clock);
        // Logging in takes its time on a loaded machine, and is none of theirs.
        engine.ping().await.expect("the engine answers");
        let mut all = SelectAll::new();
        let (mut seen, mut lines) = (BTreeSet::new(), 0_usize);
        // Opened in waves: that all are followed at once is meant, not that all are opened in one moment. Each has its
        // first line, and then the slowest of them another one: what was there is not all that comes.
        let follow = async {
            for open in (WAVE..=LOGS).step_by(WAVE) {
                all.extend(
                    (open - WAVE..open).map(|number| engine.logs(query.clone()).map(move |line| (number, line))),
                );
                while seen.len() < open || (open == LOGS && lines < 4 * LOGS) {
                    let (number, line) = all.next().await.expect("none of them ends");
                    line.expect("a line");
                    seen.insert(number);
                    lines += 1;
                }
            }
        };
        tokio::time::timeout(3 * patience(), follow).await.expect("all of them come");
        assert_eq!(far_ends(std::process::id()).len(), 1, "one connection carries them");
        let at_hand = engine.ping().await.expect("the engine answers beside them");
        eprintln!("{lines} lines of {LOGS} logs; a question beside them took {at_hand:?}");
    });
}

#[test]
fn a_log_goes_on_through_the_next_manager_where_its_line_was_cut() {
    let Some(lab) = take("a_log_goes_on") else { return };
    let captain = ready(&lab);
    // Whichever manager answers first is used.
    let managers = ["barbary", "ching", "angre"];
    let used = |screen: &Screen| managers.into_iter().find(|node| screen.header().contains(&format!("@{node}")));
    let mut console = captain.console(&managers, &[]);
    let screen = console.until("it is live", |screen| screen.is_live() && used(screen).is_some());
    let first = used(&screen).expect("a manager");
    console.press("4/fleet_agent\rl");
    console.until("its log is read", |screen| screen.is_live() && screen.says("tick "));
    let fault = lab.fault(&["kill", first]);
    let moved = console.until("another manager is in use", |screen| {
        screen.is_live() && used(screen).is_some_and(|node| node != first) && screen.says("tick ")
    });
    console.until("lines come through it", |screen| screen.is_live() && last_tick(screen) != last_tick(&moved));
    console.press("\u{1b}");
    console.until("keys are answered", |screen| screen.row(&["fleet_agent"]).is_some() && !screen.says("tick "));
    drop(fault);
    console.leave();
    let other = managers.into_iter().find(|node| *node != first).expect("another one");
    Swarm::through(&lab, other).until("the swarm is whole", super::swarm::Status::is_whole);
}

/// The last line of a ticking task on this screen.
fn last_tick(screen: &Screen) -> Option<String> {
    screen.text().lines().rev().find(|row| row.contains("tick ")).map(str::to_owned)
}

#[test]
fn a_shell_opens_by_its_key_on_another_node_and_a_cut_line_gives_the_console_back() {
    let Some(lab) = take("a_shell_opens_by_its_key") else { return };
    let captain = ready(&lab);
    let mut console = captain.console(&["barbary", "ching"], &[]);
    console.until("it is live", |screen| screen.is_live() && screen.header().contains("nodes 5/5"));
    // Earlier attempts of this node may stand above the one that runs: its row is chosen by its state.
    console.press("5/fleet_agent@lorcha state:running\r");
    console.until("its task stands alone", |screen| {
        screen.says("tasks 1/") && screen.row(&["fleet_agent@lorcha"]).is_some()
    });
    shell(&mut console, "one$((1+1))two", "one2two");
    console.press("exit 3\r");
    console.until("the console is back", |screen| screen.is_live() && screen.says("ended with code 3"));
    shell(&mut console, "three$((1+3))four", "three4four");
    let fault = lab.fault(&["kill", "lorcha"]);
    console.until("the console is back and says what became of the shell", |screen| {
        screen.is_live() && !screen.says("three4four") && screen.row(&["lorcha", "broke"]).is_some()
    });
    console.press("2");
    console.until("keys are answered", |screen| screen.row(&["lorcha", "worker"]).is_some());
    drop(fault);
    console.leave();
    Swarm::through(&lab, "ching").until("the swarm is whole", super::swarm::Status::is_whole);
}

fn shell(console: &mut Console, typed: &str, said: &str) {
    console.press("s");
    console.until("the shell has the terminal", |screen| !screen.says("tasks") && screen.text().contains(['#', '$']));
    console.press(&format!("echo {typed}\r"));
    console.until_said(&[said]);
}
