//! Changes: an update that fails and is rolled back, and redeployments that change nothing else.

use serde_json::Value;

use super::console::Console;
use super::lab::{Lab, take};
use super::swarm::{FLEET, Swarm, fleet_is_well};
use super::verbs::quarterdeck;

/// A service's whole spec, as docker's own command tells it.
fn spec(lab: &Lab, service: &str) -> Value {
    let text = lab.docker("ching", &["service", "inspect", "--format", "{{json .Spec}}", service]);
    serde_json::from_str(&text).expect("a spec")
}

/// The spec without its `ForceUpdate`, and that.
fn without_force(mut spec: Value) -> (Value, u64) {
    let force = spec["TaskTemplate"].as_object_mut().and_then(|template| template.remove("ForceUpdate"));
    (spec, force.and_then(|force| force.as_u64()).unwrap_or(0))
}

/// Ids of the tasks that run.
fn tasks(lab: &Lab, service: &str) -> Vec<String> {
    let words = ["service", "ps", "--quiet", "--no-trunc", "--filter", "desired-state=running", service];
    let mut ids: Vec<String> = lab.docker("ching", &words).lines().map(str::to_owned).collect();
    ids.sort();
    ids
}

#[test]
fn an_update_that_fails_is_shown_as_a_failure() {
    let Some(lab) = take("an_update_that_fails") else { return };
    fleet_is_well(&lab);
    let swarm = Swarm::through(&lab, "ching");
    swarm.until_all(FLEET, "ready");
    let mut console = Console::open(&lab.engine("ching"));
    console.press("4");
    console.until("it is live", |screen| screen.row(&["ready", "fleet_web", "4/4"]).is_some());

    lab.docker("ching", &["service", "update", "--detach", "--image", &lab.image("sick"), "fleet_web"]);
    console.until("the update is shown", |screen| {
        screen.row(&["fleet_web", "update under way"]).is_some() || screen.row(&["fleet_web", "rolling back"]).is_some()
    });
    let now = swarm.until("it is rolled back", |now| now.why("fleet_web").contains("was rolled back"));
    assert_eq!((now.state("fleet_web"), now.code), ("degraded", 1));
    console.until("the failure is shown", |screen| {
        screen.row(&["degraded", "fleet_web", "4/4", "last update was rolled back"]).is_some()
    });
    console.leave();
    // As it was before, for the tests that follow.
    lab.docker("ching", &["service", "update", "--detach", "--force", "fleet_web"]);
    swarm.until("it is well again", |now| now.state("fleet_web") == "ready" && now.code == 0);
}

#[test]
fn a_redeployment_changes_force_update_and_nothing_else() {
    let Some(lab) = take("a_redeployment") else { return };
    fleet_is_well(&lab);
    let swarm = Swarm::through(&lab, "ching");
    swarm.until_all(FLEET, "ready");
    let before: Vec<_> = FLEET.iter().map(|name| (spec(&lab, name), tasks(&lab, name))).collect();
    assert!(
        lab.docker("ching", &["image", "inspect", &lab.image("v1"), "--format", "{{json .Config.Healthcheck}}"])
            .contains("wget"),
        "the images have health checks"
    );

    let said = quarterdeck(&lab.engine("ching"), &["redeploy", "fleet", "--yes", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    let outcome: Value = serde_json::from_str(&said.out).expect("a document");
    assert_eq!(outcome["outcome"], "done", "{outcome}");
    for (name, (old, old_tasks)) in FLEET.iter().zip(before) {
        let (old, old_force) = without_force(old);
        let (new, new_force) = without_force(spec(&lab, name));
        assert_eq!(old, new, "{name}");
        assert!(new_force > old_force, "{name}: {old_force} and then {new_force}");
        let new_tasks = tasks(&lab, name);
        assert_eq!(new_tasks.len(), old_tasks.len(), "{name}");
        assert!(new_tasks.iter().all(|task| !old_tasks.contains(task)), "{name} runs new tasks");
    }
    swarm.until_all(FLEET, "ready");
}

#[test]
fn r_redeploys_a_service_whose_own_spec_has_a_health_check() {
    let Some(lab) = take("r_redeploys") else { return };
    fleet_is_well(&lab);
    let checked = lab.passing("checked");
    let words = ["service", "create", "--detach", "--name", "checked", "--replicas", "2", "--health-interval", "1s"];
    let health = ["--health-cmd", "wget -q -O /dev/null http://127.0.0.1:8080/health", "--health-retries", "5"];
    let update = ["--update-monitor", "3s", "--update-order", "start-first", "--stop-grace-period", "2s"];
    lab.docker("ching", &[&words[..], &health, &update, &[&lab.image("v1")]].concat());
    let swarm = Swarm::through(&lab, "ching");
    swarm.until_all(&["checked"], "ready");
    let (old, old_force) = without_force(spec(&lab, "checked"));
    assert!(old["TaskTemplate"]["ContainerSpec"]["Healthcheck"]["Test"].is_array(), "{old}");

    let mut console = Console::open(&lab.engine("ching"));
    console.press("4");
    console.until("it is live", |screen| screen.is_live() && screen.row(&["checked", "2/2"]).is_some());
    console.press("/checked\r");
    console.until("it stands alone", |screen| screen.says("1/4"));
    console.press("r");
    console.until_said(&["Redeploy", "checked", "Cancel"]);
    console.press("\t\r");
    console.until("the job runs", |screen| screen.header().contains("running"));
    console.until("the job is done", |screen| !screen.header().contains("running"));
    let (new, new_force) = without_force(spec(&lab, "checked"));
    assert_eq!(old, new);
    assert_eq!(new_force, old_force + 1);
    console.press("7");
    console.until("the queue tells of it", |screen| screen.row(&["done", "checked"]).is_some());
    console.leave();
    drop(checked);
}
