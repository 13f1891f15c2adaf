//! Pages that authentik guards, three ways: labels that ask it, blueprints that make a provider, and the list of the
//! outpost that serves it.

use std::collections::BTreeSet;

use super::routes::hosts;
use super::{caddy_block, traefik};
use crate::diag::{Finding, Spot};
use crate::lint::service::Service;
use crate::lint::stack::Scene;
use crate::platform::rules;

/// How authentik is asked: in the address of its outpost.
const OUTPOST: &str = "goauthentik.io";

/// A page that asks authentik who is there.
struct Page<'a> {
    host: String,
    spot: &'a Spot,
    who: String,
}

/// Pages without a provider, and providers without a page or an outpost. A folder without such blueprints is set up by
/// hand, and says nothing.
pub fn three_ways(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let sign_on = &scene.folder.depth.sign_on;
    let pages = pages(scene);
    // A provider for a domain, and one whose host nobody can tell, may be for any page.
    let closed = !sign_on.providers.is_empty() && sign_on.providers.iter().all(|one| one.host.is_some());
    for page in pages.iter().filter(|_| closed) {
        if !sign_on.providers.iter().any(|one| one.host.as_deref() == Some(&page.host)) {
            let what =
                format!("{} is to be reached as {} by whom authentik knows, and has no provider", page.who, page.host);
            let mend = format!("add a provider with external_host: https://{} to the blueprints", page.host);
            findings.push(rules::SIGN_ON_MISSING.broken(page.spot.clone(), what, mend));
        }
    }
    let asked: BTreeSet<&str> = pages.iter().map(|page| page.host.as_str()).collect();
    let open = asked.iter().any(|host| host.contains("${"));
    for provider in &sign_on.providers {
        let name = provider.names.last().map_or("the provider", String::as_str);
        if let Some(host) = provider.host.as_deref().filter(|host| !open && !asked.contains(host)) {
            let what = format!("{name} is a provider for {host}, which asks authentik nothing");
            let mend = "add forward_auth to the labels of the page, or take the provider away";
            findings.push(rules::SIGN_ON_IDLE.broken(provider.spot.clone(), what, mend));
        }
        if sign_on.served.as_ref().is_some_and(|served| !provider.names.iter().any(|name| served.contains(name))) {
            let what = format!("no outpost serves {name}");
            let mend = "add it to the providers of an outpost in the blueprints";
            findings.push(rules::SIGN_ON_UNSERVED.broken(provider.spot.clone(), what, mend));
        }
    }
}

fn pages<'a>(scene: &Scene<'a>) -> Vec<Page<'a>> {
    let guards = guards(scene);
    let mut pages = Vec::new();
    for (stack, service) in scene.services() {
        let who = || stack.own(service);
        pages.extend(of_caddy(service).map(|(host, spot)| Page { host, spot, who: who() }));
        for router in traefik::routers_of(service).into_iter().filter(|_| traefik::is_enabled(service)) {
            let (Some(rule), Some(used)) = (router.said.get("rule"), router.said.get("middlewares")) else { continue };
            let own = |name: &str| name.split('@').next().unwrap_or_default().to_ascii_lowercase();
            if used.value.split(',').any(|name| guards.contains(&own(name.trim()))) {
                let hosts = hosts(&rule.value).into_iter().filter(|host| !host.contains('('));
                pages.extend(hosts.map(|host| Page { host, spot: &rule.spot, who: who() }));
            }
        }
    }
    pages
}

/// Middlewares that ask authentik.
fn guards(scene: &Scene<'_>) -> BTreeSet<String> {
    let labels = scene.services().flat_map(|(_, service)| &service.labels);
    labels
        .filter(|label| label.value.contains(OUTPOST))
        .filter_map(|label| {
            let key = label.key.to_ascii_lowercase();
            let name = key.strip_prefix("traefik.http.middlewares.")?.strip_suffix(".forwardauth.address")?;
            Some(name.to_owned())
        })
        .collect()
}

/// Sites of Caddy whose block asks authentik.
fn of_caddy(service: &Service) -> impl Iterator<Item = (String, &Spot)> {
    let asks = |block: &str| {
        service.labels.iter().any(|label| {
            caddy_block(&label.key).is_some_and(|(own, rest)| own == block && rest.contains("forward_auth"))
                && label.value.contains(OUTPOST)
        })
    };
    service.labels.iter().flat_map(move |label| {
        let site = caddy_block(&label.key).is_some_and(|(block, rest)| rest.is_empty() && asks(block));
        let names = label.value.split([',', ' ']).filter(move |name| site && !name.is_empty());
        names.map(|name| {
            let name = name.split_once("://").map_or(name, |(_, rest)| rest);
            (name.split(['/', ':']).next().unwrap_or_default().to_ascii_lowercase(), &label.spot)
        })
    })
}
