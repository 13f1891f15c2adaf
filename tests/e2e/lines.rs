//! Logs of a service that runs on several nodes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::console::Console;
use super::lab::{take, until};
use super::swarm::Swarm;
use super::verbs::quarterdeck;

#[test]
fn lines_of_several_nodes_come_as_one_log() {
    let Some(lab) = take("lines_of_several_nodes") else { return };
    lab.only(&["fleet", "logs"]);
    let swarm = Swarm::through(&lab, "ching");
    swarm.until_all(&["logs_chatty", "logs_terminal", "fleet_web"], "ready");

    // More than one burst: of one, the engine may write down all of stderr before all of stdout. And again where a
    // container has not told that much yet.
    let said = until("both streams are told", || {
        let said = quarterdeck(&lab.engine("ching"), &["logs", "logs", "fleet_web", "--tail", "200", "--json"]);
        if said.out.contains("\"stderr\"") && said.out.contains("\"stdout\"") { Ok(said) } else { Err(said.err) }
    });
    assert_eq!(said.code, 0, "{}", said.err);
    let lines: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let all = |key: &str| lines.iter().filter_map(|line| line[key].as_str()).collect::<BTreeSet<_>>();
    assert!(all("node").len() >= 3, "{:?}", all("node"));
    assert_eq!(all("service"), BTreeSet::from(["fleet_web", "logs_chatty", "logs_terminal"]));
    assert_eq!(all("stream"), BTreeSet::from(["stderr", "stdout"]));
    assert!(lines.iter().any(|line| line["line"].as_str().unwrap_or_default().contains("œuvre ✓")));
    let times: Vec<&str> = lines.iter().filter_map(|line| line["timestamp"].as_str()).collect();
    assert!(times.is_sorted() && times.len() == lines.len(), "in the order of time");

    let mut console = Console::open(&lab.engine("ching"));
    console.press("4");
    console.until("it is live", |screen| screen.row(&["logs_chatty", "3/3"]).is_some());
    console.press("/chatty\r");
    console.until("it stands alone", |screen| screen.says("1/5"));
    console.press("l");
    let first = console.until("lines come", |screen| screen.says("level=info"));
    console.until("more lines come", |screen| screen.says("level=info") && screen.text() != first.text());
    console.leave();
}
