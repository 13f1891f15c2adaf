//! Which records a stack is known by: an address for each node, and a name that leads to the ingress for each route.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::outside::kuma::{self, Monitor};
use crate::outside::names::{Data, Record, Wished};
use crate::plan::Labels;
use crate::platform::{self, Checkout, NameServer, Route};

/// Answers that a monitor takes for good, unless the stack says others.
const GOOD: &str = "200-299";

/// The label of a service that names the group of its monitors.
const GROUP: &str = "uptime_kuma.group";

/// The records that a name server is to have, or to lose, and the names that cannot be, each with the reason. Records
/// of nodes stay, whichever stack goes.
pub fn records(
    checkout: &Checkout,
    server: &NameServer,
    hosts: impl Iterator<Item = String>,
    gone: bool,
) -> (Wished, Vec<String>) {
    let inside =
        |name: &str| name.strip_suffix(&server.zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let whole = |name: &str| {
        let name = name.to_ascii_lowercase();
        if name.contains('.') { name } else { format!("{name}.{}", server.zone) }
    };
    let machines = checkout.catalogue.hosts.iter();
    let machines: Vec<(String, Option<IpAddr>)> =
        machines.map(|(name, note)| (whole(name), note.address.parse().ok())).collect();
    let addressed = machines.iter().filter_map(|(name, address)| Some((name.clone(), Data::from((*address)?))));
    let nodes: Vec<Record> =
        addressed.filter(|(name, _)| inside(name)).map(|(name, data)| Record { name, data }).collect();
    let target = whole(&server.ingress);
    let ours: BTreeSet<Data> = machines
        .iter()
        .flat_map(|(name, address)| [Some(Data::Cname(name.clone())), address.map(Data::from)])
        .flatten()
        .chain([Data::Cname(target.clone())])
        .collect();
    let (mut routes, mut impossible) = (Vec::new(), Vec::new());
    for host in hosts.filter(|host| inside(host) && *host != target) {
        if nodes.iter().any(|node| node.name == host) {
            continue;
        }
        if host != server.zone {
            routes.push(Record { name: host, data: Data::Cname(target.clone()) });
            continue;
        }
        // The name of the zone itself has records of the zone, and with these none that leads to another name.
        match nodes.iter().find(|node| node.name == target) {
            Some(ingress) => routes.push(Record { name: host, data: ingress.data.clone() }),
            None => impossible.push(format!("{host} needs an address, and none is known of {target}")),
        }
    }
    let ttl = server.ttl;
    let wished = match gone {
        true => Wished { there: Vec::new(), gone: routes, ours, ttl },
        false => Wished { there: nodes.into_iter().chain(routes).collect(), gone: Vec::new(), ours, ttl },
    };
    (wished, if gone { Vec::new() } else { impossible })
}

/// Sites of Caddy that stand for all names below one: `*.example.test`.
pub fn patterns(labels: &[Labels]) -> BTreeSet<String> {
    let is_site = |key: &str| {
        let number = key.strip_prefix("caddy").map(|rest| rest.strip_prefix('_').unwrap_or(rest));
        number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let sites = labels.iter().flatten().filter(|(key, _)| is_site(key));
    sites.flat_map(|(_, sites)| sites.split([' ', ','])).filter_map(pattern).collect()
}

fn pattern(site: &str) -> Option<String> {
    let site = site.strip_prefix("https://").or_else(|| site.strip_prefix("http://")).unwrap_or(site);
    let name = site.split(['/', ':']).next()?.trim_end_matches('.').to_ascii_lowercase();
    let sound = |label: &str| {
        (1..64).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let rest = name.strip_prefix("*.")?;
    (rest.contains('.') && rest.split('.').all(sound)).then_some(name)
}

/// The group that monitors of a name belong to, where a service names one beside its route.
pub fn groups(labels: &[Labels]) -> BTreeMap<String, String> {
    let mut groups = BTreeMap::new();
    for labels in labels {
        let Some(group) = labels.get(GROUP).map(|group| group.trim()).filter(|group| !group.is_empty()) else {
            continue;
        };
        groups.extend(platform::routes(labels).into_iter().map(|route| (route.host, group.to_owned())));
    }
    groups
}

/// The monitors of a stack.
pub fn monitors(routes: &[Route], groups: &BTreeMap<String, String>, gone: bool) -> kuma::Wished {
    let monitors = routes.iter().map(|route| Monitor {
        name: route.host.clone(),
        url: format!("https://{}{}", route.host, route.path),
        group: groups.get(&route.host).cloned(),
        codes: if route.codes.is_empty() { vec![GOOD.to_owned()] } else { route.codes.clone() },
    });
    match gone {
        true => kuma::Wished { there: Vec::new(), gone: monitors.collect() },
        false => kuma::Wished { there: monitors.collect(), gone: Vec::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_for_all_names_below_one_is_a_pattern_and_nothing_else_is() {
        for (site, expected) in [
            ("*.Apps.example.test", Some("*.apps.example.test")),
            ("https://*.example.test:8443/x", Some("*.example.test")),
            ("*.test", None),
            ("app.example.test", None),
            ("*", None),
            ("*.*.example.test", None),
            ("(snippet)", None),
        ] {
            assert_eq!(pattern(site).as_deref(), expected, "{site}");
        }
    }
}
