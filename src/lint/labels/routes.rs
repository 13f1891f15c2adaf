//! Hosts that services want to be reached by, over all stacks.

use std::collections::BTreeMap;

use super::{caddy_block, traefik};
use crate::diag::{Finding, Spot};
use crate::lint::service::Service;
use crate::lint::stack::Scene;
use crate::platform::rules;

/// Something that one service alone can have: a host, or a whole rule where more than a host is asked for.
fn wants(service: &Service) -> Vec<(String, Spot)> {
    let mut wants = Vec::new();
    if traefik::is_enabled(service) {
        for router in traefik::routers_of(service) {
            let said = |key: &str| router.said.get(key).map(|label| label.value.trim()).unwrap_or_default();
            // A router with a priority says itself which one counts.
            let Some(rule) = router.said.get("rule").filter(|_| router.kind == "http" && said("priority").is_empty())
            else {
                continue;
            };
            let points = said("entrypoints");
            wants.extend(
                hosts(&rule.value).into_iter().map(|host| (format!("traefik {points} {host}"), rule.spot.clone())),
            );
        }
    }
    for label in &service.labels {
        if caddy_block(&label.key).is_some_and(|(_, rest)| rest.is_empty()) && !label.value.starts_with('(') {
            let sites = label.value.split([',', ' ']).filter(|site| !site.is_empty());
            wants.extend(sites.map(|site| (format!("caddy  {}", site.to_ascii_lowercase()), label.spot.clone())));
        }
    }
    wants
}

/// The hosts of a rule that asks for nothing else, or the rule itself.
pub fn hosts(rule: &str) -> Vec<String> {
    let alone = rule.split("||").map(str::trim).map(|part| {
        let inner = part.strip_prefix("Host(")?.strip_suffix(')')?;
        (!inner.contains(['(', ')', '&']))
            .then(|| inner.split(',').map(|host| host.trim().trim_matches(['`', '"', '\'']).to_ascii_lowercase()))
    });
    let alone: Option<Vec<_>> = alone.collect();
    match alone {
        Some(lists) => lists.into_iter().flatten().collect(),
        None => vec![rule.split_whitespace().collect::<String>()],
    }
}

/// Hosts that two services want.
pub fn twice(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let mut first: BTreeMap<String, (String, Spot)> = BTreeMap::new();
    for (stack, service) in scene.services().filter(|(_, service)| !service.is_off) {
        let who = stack.own(service);
        for (want, spot) in wants(service) {
            let host = want.rsplit(' ').next().unwrap_or_default().to_owned();
            match first.get(&want) {
                Some((other, _)) if *other == who => {}
                Some((other, at)) => {
                    let what = format!("{other} and {who} both want {host}");
                    let mend = format!("give one of them another name, here or at {at}");
                    findings.push(rules::ROUTE_TWICE.broken(spot, what, mend));
                }
                None => {
                    first.insert(want, (who.clone(), spot));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_known_by_its_hosts_or_else_by_itself() {
        for (rule, expected) in [
            ("Host(`A.test`)", vec!["a.test"]),
            ("Host(`a`, `b`) || Host(`c`)", vec!["a", "b", "c"]),
            ("Host(`a`) && PathPrefix(`/x`)", vec!["Host(`a`)&&PathPrefix(`/x`)"]),
        ] {
            assert_eq!(hosts(rule), expected, "{rule}");
        }
    }
}
