//! Labels for Traefik: routers, the services they lead to, and the middlewares on the way.

use std::collections::{BTreeMap, BTreeSet};

use super::traefik_rule::{Syntax, check};
use crate::diag::{Finding, Spot};
use crate::lint::service::{Label, Service};
use crate::lint::stack::{Scene, Stack};
use crate::platform::{mend, rules};

/// What tells a service's port; how it is spoken to tells none.
const PORTS: [&str; 2] = ["loadbalancer.server.port", "loadbalancer.server.url"];

/// A router of a service, from its labels.
#[derive(Debug, Default)]
pub struct Router<'a> {
    /// `http` or `tcp`.
    pub kind: &'a str,
    /// Its name.
    pub name: &'a str,
    /// What it says, by the last part of the label.
    pub said: BTreeMap<String, &'a Label>,
}

/// Labels of the form `traefik.KIND.WHAT.NAME.REST`.
fn named<'a>(service: &'a Service, what: &'a str) -> impl Iterator<Item = (&'a str, &'a str, &'a str, &'a Label)> {
    service.labels.iter().filter_map(move |label| {
        let mut parts = label.key.splitn(5, '.');
        let (first, kind, group) = (parts.next()?, parts.next()?, parts.next()?);
        let (name, rest) = (parts.next()?, parts.next()?);
        (first.eq_ignore_ascii_case("traefik") && group.eq_ignore_ascii_case(what)).then_some((kind, name, rest, label))
    })
}

/// The routers of a service.
pub fn routers_of(service: &Service) -> Vec<Router<'_>> {
    let mut routers: Vec<Router<'_>> = Vec::new();
    for (kind, name, rest, label) in named(service, "routers") {
        let rest = rest.to_ascii_lowercase();
        match routers.iter_mut().find(|router| (router.kind, router.name) == (kind, name)) {
            Some(router) => {
                router.said.insert(rest, label);
            }
            None => routers.push(Router { kind, name, said: [(rest, label)].into() }),
        }
    }
    routers
}

/// Traefik is to heed the service.
pub fn is_enabled(service: &Service) -> bool {
    service.label("traefik.enable").is_none_or(|label| label.value.eq_ignore_ascii_case("true"))
}

/// All its routers lead to what Traefik itself or a file of it holds.
pub fn is_internal(service: &Service) -> bool {
    let routers = routers_of(service);
    let elsewhere = |router: &Router<'_>| router.said.get("service").is_some_and(|label| label.value.contains('@'));
    !routers.is_empty() && routers.iter().all(elsewhere)
}

/// Ports, rules and networks of routed services.
pub fn routers(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let syntax = syntax(scene);
    for (stack, service) in scene.services().filter(|(_, service)| is_enabled(service)) {
        let routers = routers_of(service);
        let who = stack.own(service);
        for router in &routers {
            let Some((_, any)) = router.said.first_key_value() else { continue };
            match router.said.get("rule") {
                // What comes by UDP is told apart by its entry point alone.
                None if router.kind.eq_ignore_ascii_case("udp") => {}
                None => {
                    let what = format!("the router {} of {who} has no rule", router.name);
                    let mend = format!("add traefik.{}.routers.{}.rule", router.kind, router.name);
                    findings.push(rules::TRAEFIK_ROUTER.broken(any.spot.clone(), what, mend));
                }
                Some(rule) => {
                    let syntax = if router.said.contains_key("rulesyntax") { Syntax::Either } else { syntax };
                    if let Err((why, hint)) = check(&rule.value, syntax) {
                        let what = format!("the rule of the router {} of {who} cannot be read", router.name);
                        findings.push(rules::TRAEFIK_RULE.broken(rule.spot.clone(), what, hint).because(why));
                    }
                }
            }
        }
        let enabled =
            service.label("traefik.enable").or(routers.first().and_then(|one| one.said.values().next().copied()));
        let Some(enabled) = enabled
            .filter(|_| !is_internal(service) && (service.label("traefik.enable").is_some() || !routers.is_empty()))
        else {
            continue;
        };
        for (_, name, _, label) in
            named(service, "services").filter(|(_, _, rest, _)| rest.eq_ignore_ascii_case(PORTS[0]))
        {
            let is_port = label.value.contains('$') || label.value.parse::<u16>().is_ok_and(|port| port > 0);
            if !is_port {
                let what = format!("{who} tells Traefik the port `{}`, which is none", label.value);
                let mend = format!("write a number from 1 to 65535 for traefik.http.services.{name}.{}", PORTS[0]);
                findings.push(rules::TRAEFIK_PORT.broken(label.spot.clone(), what, mend));
            }
        }
        if !named(service, "services").any(|(_, _, rest, _)| PORTS.contains(&rest.to_ascii_lowercase().as_str())) {
            let what = format!("{who} does not tell Traefik its port");
            let mend = format!("add traefik.http.services.{}.loadbalancer.server.port", service.key);
            findings.push(rules::TRAEFIK_PORT.broken(enabled.spot.clone(), what, mend));
        }
        let said =
            service.label("traefik.swarm.network").is_some() || service.label("traefik.docker.network").is_some();
        if service.networks.len() > 1 && !said {
            let what =
                format!("{who} is in {} networks, and Traefik is not told which one to use", service.networks.len());
            findings.push(rules::TRAEFIK_NETWORK.broken(
                enabled.spot.clone(),
                what,
                "add traefik.swarm.network with the network of the ingress",
            ));
        }
    }
}

/// What the rules of the folder are read with: by the version of the Traefik that it brings up.
fn syntax(scene: &Scene<'_>) -> Syntax {
    let tag = |service: &Service| {
        let image = service.image.as_ref().map_or("", |image| image.text.as_str());
        image.strip_prefix(service.repository()).unwrap_or_default().trim_start_matches([':', 'v']).to_owned()
    };
    let third = |service: &Service| tag(service).split(['.', '-', '@']).next() == Some("3");
    let older = |service: &Service| service.command.iter().any(|word| word.text.to_lowercase().contains("rulesyntax"));
    let mut all =
        scene.services().map(|(_, service)| service).filter(|service| service.program() == "traefik").peekable();
    let is_third = all.peek().is_some() && all.all(|service| third(service) && !older(service));
    if is_third { Syntax::Third } else { Syntax::Either }
}

/// Routers and services whose name two services use for something else each.
pub fn twice(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    type Said = BTreeMap<String, String>;
    let mut known: BTreeMap<(&str, String, String), (String, Said, &Spot)> = BTreeMap::new();
    let is_on = |stack: &Stack<'_>, one: &Service| stack.filed.off.is_none() && !one.is_off && is_enabled(one);
    for (stack, service) in scene.services().filter(|(stack, one)| is_on(stack, one)) {
        let who = stack.own(service);
        let mut own: BTreeMap<(&str, String, String), (Said, &Spot)> = BTreeMap::new();
        for group in ["routers", "services"] {
            for (kind, name, rest, label) in named(service, group) {
                let key = (group, kind.to_ascii_lowercase(), name.to_ascii_lowercase());
                let (said, _) = own.entry(key).or_insert_with(|| (Said::new(), &label.spot));
                said.insert(rest.to_ascii_lowercase(), label.value.clone());
            }
        }
        for (key, (said, spot)) in own {
            match known.get(&key) {
                // A router that two say alike is one; tasks of a service that two share answer in turn.
                Some((_, before, _)) if key.0 == "routers" && *before == said => {}
                Some((other, _, first)) => {
                    let (word, name) = (key.0.trim_end_matches('s'), &key.2);
                    let what = format!("{who} and {other} both make the {word} {name} of Traefik");
                    let mend = format!("give one of them another name; the other is at {first}");
                    findings.push(rules::TRAEFIK_TWICE.broken(spot.clone(), what, mend));
                }
                None => {
                    known.insert(key, (who.clone(), said, spot));
                }
            }
        }
    }
}

/// Services and middlewares that routers name. What has a provider other than the swarm is made elsewhere, and what is
/// off makes nothing, unless it is Traefik itself: then nobody asks.
pub fn names(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let mut made: BTreeSet<(&str, String)> = BTreeSet::new();
    let is_on = |stack: &Stack<'_>, service: &Service| stack.filed.off.is_none() && !service.is_off;
    let makers = scene.services().filter(|(stack, one)| is_on(stack, one) || one.program() == "traefik");
    for (_, service) in makers {
        for group in ["services", "middlewares"] {
            made.extend(named(service, group).map(|(_, name, _, _)| (group, name.to_ascii_lowercase())));
        }
    }
    for (stack, service) in scene.services().filter(|(stack, one)| is_enabled(one) && is_on(stack, one)) {
        for router in routers_of(service) {
            for (key, group, word) in [("service", "services", "service"), ("middlewares", "middlewares", "middleware")]
            {
                let Some(label) = router.said.get(key) else { continue };
                for name in
                    label.value.split(',').map(str::trim).filter(|name| !name.is_empty() && !name.contains("${"))
                {
                    let (own, provider) = name.split_once('@').unwrap_or((name, "swarm"));
                    if !matches!(provider, "swarm" | "docker") || made.contains(&(group, own.to_ascii_lowercase())) {
                        continue;
                    }
                    let known: Vec<&str> =
                        made.iter().filter(|(of, _)| *of == group).map(|(_, name)| name.as_str()).collect();
                    let what = format!(
                        "the router {} of {} of {} names the {word} {name}, which no label makes",
                        router.name,
                        service.key,
                        stack.name()
                    );
                    let hint = if known.is_empty() {
                        format!("make it with labels, or name its provider as in {own}@file")
                    } else {
                        mend(own, &known)
                    };
                    findings.push(rules::TRAEFIK_UNKNOWN.broken(label.spot.clone(), what, hint));
                }
            }
        }
    }
}
