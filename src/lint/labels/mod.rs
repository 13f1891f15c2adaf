//! Labels that others in the swarm read: ingress, dashboard, monitors, backups.

mod caddy;
mod homepage;
mod kuma;
mod routes;
mod sign_on;
mod traefik;
mod traefik_rule;

use std::collections::BTreeSet;

use super::service::{Label, Service};
use super::stack::{Check, Scene, Stack};
use crate::diag::Finding;
use crate::platform::rules;

/// Every rule about labels.
pub const CHECKS: &[Check] = &[
    places,
    ingress,
    traefik::routers,
    traefik::names,
    traefik::twice,
    caddy::sites,
    homepage::fields,
    homepage::gaps,
    homepage::tiles,
    kuma::shapes,
    kuma::twice,
    kuma::forgets,
    routes::twice,
    sign_on::three_ways,
    backups,
];

/// How labels for others begin: by a word of their own, or by a word with a number.
const READERS: [(&str, &str); 7] = [
    ("traefik.", "Traefik"),
    ("caddy", "Caddy"),
    ("homepage.", "Homepage"),
    ("kuma.", "AutoKuma"),
    ("uptime_kuma.", "Uptime Kuma"),
    ("prometheus.", "Prometheus"),
    ("fiber.", "the backup"),
];

/// Labels under the service itself.
fn places(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services() {
        for label in &service.container_labels {
            let Some((_, reader)) = READERS.iter().find(|(start, _)| label.key.starts_with(start)) else { continue };
            if service.label(&label.key).is_some() {
                continue;
            }
            let what = format!("{} of {} of {} is not where {reader} looks", label.key, service.key, stack.name());
            findings.push(rules::LABEL_PLACE.broken(label.spot.clone(), what, "move it below `deploy: labels:`"));
        }
    }
}

/// Whether a label makes a site of Caddy, or belongs to one: `caddy`, `caddy_1`, `caddy.tls`, `caddy_1.handle`.
fn caddy_block(key: &str) -> Option<(&str, &str)> {
    let (block, rest) = key.split_once('.').unwrap_or((key, ""));
    let number = block.strip_prefix("caddy")?;
    let own =
        number.is_empty() || number.strip_prefix('_').is_some_and(|digits| digits.bytes().all(|c| c.is_ascii_digit()));
    own.then_some((block, rest))
}

/// The label by which a service is reached through this proxy.
fn asks<'a>(service: &'a Service, proxy: &str) -> Option<&'a Label> {
    match proxy {
        "traefik" => service.label("traefik.enable").filter(|label| label.value.eq_ignore_ascii_case("true")),
        _ => service
            .labels
            .iter()
            .find(|label| caddy_block(&label.key).is_some_and(|(_, rest)| rest.contains("reverse_proxy"))),
    }
}

/// The networks that a proxy of this kind is in.
fn proxied(scene: &Scene<'_>, proxy: &str) -> BTreeSet<String> {
    scene
        .services()
        .filter(|(_, service)| service.program().to_ascii_lowercase().contains(proxy))
        .flat_map(|(stack, service)| stack.networks_of(service))
        .collect()
}

/// Services that are to be reached and share no network with the proxy.
fn ingress(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for proxy in ["traefik", "caddy"] {
        let there = proxied(scene, proxy);
        for (stack, service) in scene.services() {
            let Some(label) = asks(service, proxy) else { continue };
            let own: BTreeSet<String> = stack.networks_of(service).into_iter().collect();
            let said = service.label("traefik.swarm.network").or_else(|| service.label("traefik.docker.network"));
            let wanted = match said.filter(|_| proxy == "traefik") {
                Some(said) => BTreeSet::from([said.value.clone()]),
                None => there.clone(),
            };
            let open = own.iter().chain(&wanted).any(|name| name.contains("${"));
            if open || wanted.is_empty() || !own.is_disjoint(&wanted) || is_elsewhere(service, proxy) {
                continue;
            }
            let names: Vec<&str> = wanted.iter().map(String::as_str).collect();
            let what = format!(
                "{} of {} is not in {}, where {proxy} reaches it",
                service.key,
                stack.name(),
                names.join(" or ")
            );
            let mend =
                format!("add {} to its networks, as an external one", names.first().copied().unwrap_or_default());
            findings.push(rules::INGRESS_NETWORK.broken(label.spot.clone(), what, mend));
        }
    }
}

/// All its routes lead to something else than itself, such as the dashboard of the proxy or a machine.
fn is_elsewhere(service: &Service, proxy: &str) -> bool {
    match proxy {
        "traefik" => traefik::is_internal(service),
        _ => {
            !service.labels.iter().any(|label| label.key.contains("reverse_proxy") && label.value.contains("upstreams"))
        }
    }
}

/// Databases whose backup cannot log in.
fn backups(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let is_fiber = |stack: &Stack<'_>| stack.name() == "fiber";
    let granted: BTreeSet<&str> = scene
        .services()
        .filter(|(stack, _)| is_fiber(stack))
        .flat_map(|(_, service)| &service.secrets)
        .map(|word| word.text.as_str())
        .collect();
    if !scene.swarm().any(is_fiber) {
        return;
    }
    for (stack, service) in scene.services() {
        let Some(secret) = service.label("fiber.secret").filter(|secret| !granted.contains(secret.value.as_str()))
        else {
            continue;
        };
        let what = format!(
            "{} of {} is backed up with {}, which fiber does not have",
            service.key,
            stack.name(),
            secret.value
        );
        let mend = format!("add {} to the secrets of fiber", secret.value);
        findings.push(rules::FIBER_SECRET.broken(secret.spot.clone(), what, mend));
    }
}
