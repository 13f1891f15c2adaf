//! The demo against its own story.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::super::Sim;
use super::super::world::text;
use super::{demo, demo_at, demo_quiet};
use crate::clock::FixedClock;

#[test]
fn the_demo_starts_converged_and_its_first_trouble_comes_soon_and_heals() {
    let clock = FixedClock(Timestamp::from_second(1_800_000_000).unwrap());
    let quiet = demo_quiet(&clock);
    assert_eq!(quiet.now(), clock.0);
    assert!(quiet.look(|s| s.world.is_settled()));
    let short = |sim: &Sim| -> Vec<String> {
        let is_short = |name: &String| {
            let wish = sim.service(name).unwrap();
            wish.pointer("/Spec/Mode/Replicated/Replicas")
                .and_then(Value::as_u64)
                .is_some_and(|n| sim.running(name) as u64 != n)
        };
        sim.services().into_iter().filter(is_short).collect()
    };
    assert_eq!(short(&quiet), Vec::<String>::new());
    assert!((45..=60).contains(&quiet.services().len()), "{}", quiet.services().len());
    let sim = demo(&clock);
    let autokuma = |sim: &Sim| sim.running("observability_autokuma");
    assert!(sim.advance_until(Duration::from_secs(10), |s| autokuma(s) == 0));
    let healed = |s: &Sim| autokuma(s) == 1 && s.now() > clock.0 + Duration::from_secs(80);
    assert!(sim.advance_until(Duration::from_secs(110), healed));
    assert!(sim.advance_until(Duration::from_secs(60), |s| s.running("monitoring_promtail") == 4));
    assert!(sim.advance_until(Duration::from_secs(90), |s| s.running("monitoring_promtail") == 5));
    let rolled_back = |s: &Sim| s.update_state("media-core_sonarr") == "rollback_completed";
    assert!(sim.advance_until(Duration::from_secs(200), rolled_back));
    let upscalers = |n: usize| move |s: &Sim| s.running("scratch_upscaler") == n;
    let waits = |s: &Sim| s.tasks("scratch_upscaler").iter().any(|t| text(t, "/Status/State") == "pending");
    assert!(sim.advance_until(Duration::from_secs(60), waits));
    assert!(sim.advance_until(Duration::from_secs(90), upscalers(1)));
    assert!(sim.advance_until(Duration::from_secs(90), upscalers(0)));
    assert!(sim.advance_until(Duration::from_secs(60), |s| autokuma(s) == 0), "the next round begins");
}

#[test]
fn one_moment_of_the_story_is_always_the_same_world() {
    let clock = FixedClock(Timestamp::from_second(1_800_000_000).unwrap());
    let world = || {
        let sim = demo_at(&clock, Duration::from_secs(150));
        assert_eq!(sim.now(), clock.0);
        let told: Vec<_> = sim.services().iter().map(|name| (sim.service(name), sim.tasks(name))).collect();
        let lines = sim.look(|s| s.world.tasks.values().flat_map(|t| t.lines.clone()).collect::<Vec<_>>());
        (told, format!("{lines:?}"), sim.nodes().iter().map(|name| sim.node(name).unwrap()).collect::<Vec<_>>())
    };
    let (told, lines, nodes) = world();
    assert_eq!((&told, &lines, &nodes), (&world().0, &world().1, &world().2));
    let down = nodes.iter().filter(|node| text(node, "/Status/State") == "down");
    assert_eq!(down.map(|node| text(node, "/Description/Hostname")).collect::<Vec<_>>(), ["dhow"]);
}
