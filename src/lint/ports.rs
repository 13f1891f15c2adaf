//! Published ports, of all stacks together. A port of the swarm's routing is taken on every node; one of host mode only
//! where a task of the service runs.

use std::collections::{BTreeMap, BTreeSet};

use super::place::Hosts;
use super::service::{Port, Service};
use super::stack::{Scene, Stack};
use crate::diag::Finding;
use crate::platform::rules;

/// Ports that databases listen on.
const DATABASES: [(u32, &str); 8] = [
    (1433, "SQL Server"),
    (3306, "MySQL"),
    (5432, "PostgreSQL"),
    (6379, "Redis"),
    (8086, "InfluxDB"),
    (9200, "Elasticsearch"),
    (11211, "memcached"),
    (27017, "MongoDB"),
];

/// Who publishes a port.
struct Taken<'a> {
    stack: &'a Stack<'a>,
    service: &'a Service,
    port: &'a Port,
}

impl Taken<'_> {
    fn name(&self) -> String {
        format!("{} of {}", self.service.key, self.stack.name())
    }
}

/// Two services, one port.
pub fn clashes(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let hosts = Hosts::of(scene.folder);
    let mut taken: BTreeMap<(u32, &str), Vec<Taken<'_>>> = BTreeMap::new();
    for (stack, service) in scene.services().filter(|(stack, service)| stack.filed.off.is_none() && !service.is_off) {
        for port in service.ports.iter().filter(|port| port.published != 0) {
            taken.entry((port.published, &port.protocol)).or_default().push(Taken { stack, service, port });
        }
    }
    for ((number, protocol), takers) in taken {
        for (at, second) in takers.iter().enumerate() {
            let before = takers.iter().take(at).filter(|first| !std::ptr::eq(first.service, second.service));
            let Some((first, sure)) =
                before.filter_map(|first| Some((first, meet(first, second, &hosts)?))).max_by_key(|(_, sure)| *sure)
            else {
                continue;
            };
            let what = format!("{} and {} both publish {number}/{protocol}", first.name(), second.name());
            let rule = if sure { &rules::PORT_CLASH } else { &rules::PORT_SHARED_HOST };
            let mend = if sure {
                format!("publish another port here, or at {}", first.port.spot)
            } else {
                "place the two on different hosts, or publish another port".to_owned()
            };
            findings.push(rule.broken(second.port.spot.clone(), what, mend));
        }
    }
}

/// Whether two takers of a port meet: certainly, perhaps, or never.
fn meet(first: &Taken<'_>, second: &Taken<'_>, hosts: &Hosts<'_>) -> Option<bool> {
    if !first.port.on_host || !second.port.on_host {
        return Some(true);
    }
    let (one, other) = (hosts.fitting(first.service), hosts.fitting(second.service));
    let bound =
        |service: &Service| service.constraints.iter().map(|word| word.text.replace(' ', "")).collect::<BTreeSet<_>>();
    let same = bound(first.service) == bound(second.service);
    let pinned = hosts.pins(first.service) && hosts.pins(second.service);
    if pinned {
        return (same || !one.is_disjoint(&other)).then_some(true);
    }
    if !one.is_empty() && !other.is_empty() && one.is_disjoint(&other) {
        return None;
    }
    Some(first.service.is_global && second.service.is_global && same)
}

/// What a single port is told.
pub fn single(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services() {
        let who = stack.own(service);
        for port in service.ports.iter().filter(|port| !port.on_host) {
            let spot = || port.spot.clone();
            if let Some(address) = &port.address {
                let what = format!("{who} wants port {} at {address} only", port.published.max(port.target));
                let mend =
                    "take the port away, or publish it in the long form with `mode: host` and close it with a firewall";
                findings.push(rules::PORT_ADDRESS.broken(spot(), what, mend));
            }
            if port.published == 53 {
                let what = format!("{who} publishes port 53 on every node");
                findings.push(rules::PORT_DNS.broken(spot(), what, "publish it in the long form with `mode: host`"));
            }
            if let Some((_, name)) = DATABASES.iter().find(|(number, _)| *number == port.target && port.published != 0)
            {
                let what = format!("{who} publishes {name} on port {} of every node", port.published);
                let mend = "take the port away: services on one network reach it without";
                findings.push(rules::PORT_DATABASE.broken(spot(), what, mend));
            }
            if service.endpoint.as_ref().is_some_and(|endpoint| endpoint.text == "dnsrr") {
                let what = format!("{who} has endpoint_mode dnsrr and publishes {}", port.target);
                let mend = "publish it in the long form with `mode: host`, or take endpoint_mode away";
                findings.push(rules::PORT_DNSRR.broken(spot(), what, mend));
            }
        }
    }
}
