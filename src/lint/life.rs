//! Whether services stay up, and how others know that they are.

use std::collections::BTreeSet;

use super::stack::Scene;
use crate::diag::Finding;
use crate::platform::rules;
use crate::stack::Kind;

/// Services that should last and are not started again.
pub fn restarts(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services().filter(|(_, service)| service.is_lasting()) {
        let who = stack.own(service);
        let stops = service.restart.as_ref().filter(|word| word.text == "none" || word.text.starts_with("on-failure"));
        if let Some(word) = stops {
            let how = if word.text == "none" { "" } else { " without a fault" };
            let what = format!("{who} stays down when it ends{how}");
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

/// Health checks that no engine can run.
pub fn shapes(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services().filter(|(_, service)| !service.is_unwatched) {
        let Some([first, rest @ ..]) = service.test.as_deref() else { continue };
        let (why, mend) = match (first.text.as_str(), rest) {
            ("CMD", [one]) if one.text.contains(' ') => (
                "CMD takes each word by itself, and no program has a blank in its name",
                "write CMD-SHELL in the place of CMD, or each word by itself",
            ),
            ("NONE" | "CMD" | "CMD-SHELL", _) => continue,
            _ if first.is_open() => continue,
            _ => (
                "an engine knows only NONE, CMD and CMD-SHELL as its first word: it never asks, and the task stays starting",
                "write CMD or CMD-SHELL before it",
            ),
        };
        let what = format!("the health check of {} of {} cannot be run", service.key, stack.name());
        findings.push(rules::HEALTH_SHAPE.broken(first.spot.clone(), what, mend).because(why));
    }
}

/// What images have not that their health checks may want, by their names without registry. Only what holds for all
/// their versions stands here.
const LACKING: [(&str, &[&str]); 11] = [
    ("alpine", &["curl"]),
    ("busybox", &["curl"]),
    ("caddy", &["curl"]),
    ("cloudflare/cloudflared", &["sh", "curl", "wget"]),
    ("postgres", &["curl"]),
    ("prom/alertmanager", &["curl"]),
    ("prom/node-exporter", &["curl"]),
    ("prom/prometheus", &["curl"]),
    ("redis", &["curl"]),
    ("tecnativa/docker-socket-proxy", &["curl"]),
    ("traefik", &["curl"]),
];

/// Health checks that cannot run.
pub fn programs(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services() {
        let (Some(image), Some(probe)) = (&service.image, &service.probe) else { continue };
        let path = image.text.split(['@', ':']).next().unwrap_or_default();
        let path = path.trim_start_matches("docker.io/").trim_start_matches("library/");
        let Some((_, lacking)) = LACKING.iter().find(|(name, _)| *name == path) else { continue };
        let program = if probe.in_shell && lacking.contains(&"sh") {
            Some("sh")
        } else {
            // A check that goes on to another program may be content with that.
            let mut words = probe.words.iter().map(|word| word.rsplit('/').next().unwrap_or_default());
            let alone = !probe.words.iter().any(|word| word == "||" || word == "wget");
            words
                .find_map(|word| lacking.iter().find(|one| **one == word))
                .filter(|_| alone || !probe.in_shell)
                .copied()
        };
        if let Some(program) = program {
            let what = format!(
                "the health check of {} of {} needs {program}, which {path} does not have",
                service.key,
                stack.name()
            );
            let mend = "use what the image has: its own command, wget, or `disable: true`";
            findings.push(rules::HEALTH_PROGRAM.broken(probe.spot.clone(), what, mend));
        }
    }
}
