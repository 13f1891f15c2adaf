//! Whether services stay up, and how others know that they are.

use std::collections::BTreeSet;

use super::stack::Scene;
use crate::diag::Finding;
use crate::platform::rules;
use crate::stack::Kind;

/// Services that should last and are not started again.
pub fn restarts(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services().filter(|(_, service)| service.is_lasting()) {
        let who = format!("{} of {}", service.key, stack.name());
        let stops = service.restart.as_ref().filter(|word| matches!(word.text.as_str(), "none" | "no" | "on-failure"));
        if let Some(word) = stops {
            let what = match word.text.as_str() {
                "on-failure" => format!("{who} stays down when it ends without a fault"),
                _ => format!("{who} stays down when it ends"),
            };
            let mend = "write `condition: any`, or `mode: replicated-job` if it is meant to end";
            findings.push(rules::RESTART_STOPS.broken(word.spot.clone(), what, mend));
        } else if let Some((number, spot)) = service.attempts.as_ref().filter(|(number, _)| *number > 0) {
            let what = format!("{who} is given up after {number} attempts");
            let mend = "take max_attempts away; `delay` keeps the attempts apart";
            findings.push(rules::RESTART_GIVES_UP.broken(spot.clone(), what, mend));
        }
    }
}

/// Services that others wait for or use, and whose health nobody can see. Those of other stacks reach them by a
/// network that the stack offers.
pub fn healths(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let wanted: BTreeSet<&str> = scene
        .swarm()
        .flat_map(|stack| stack.networks.values().filter(|part| part.external).map(|part| part.name.as_str()))
        .collect();
    for stack in scene.swarm() {
        let awaited: BTreeSet<&str> =
            stack.services.iter().flat_map(|service| &service.after).map(|word| word.text.as_str()).collect();
        for service in stack.services.iter().filter(|one| one.is_lasting() && !one.has_health && !one.is_unwatched) {
            // What runs on every node looks at its node, and nobody waits for it.
            let networks = service.networks.iter().filter(|_| !service.is_global);
            let offered = networks.map(|word| stack.network(&word.text)).find(|name| {
                wanted.contains(name.as_str()) && stack.note.sketch.makes.contains_key(&(Kind::Network, name.clone()))
            });
            let what = match (awaited.contains(service.key.as_str()), offered) {
                (true, _) => {
                    format!("others of {} start after {}, which has no healthcheck", stack.name(), service.key)
                }
                (false, Some(network)) => {
                    format!(
                        "other stacks reach {} of {} by {network}, and it has no healthcheck",
                        service.key,
                        stack.name()
                    )
                }
                (false, None) => continue,
            };
            let mend = "give it a healthcheck, or `disable: true` if nothing can be asked";
            findings.push(rules::HEALTH_MISSING.broken(service.spot.clone(), what, mend));
        }
    }
}
