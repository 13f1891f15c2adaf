//! Labels for Traefik: routers, the services they lead to, and the middlewares on the way.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::Finding;
use crate::lint::service::{Label, Service};
use crate::lint::stack::{Scene, Stack};
use crate::platform::{mend, rules};

/// What a rule can ask, for HTTP and for TCP.
const MATCHERS: [&str; 17] = [
    "ALPN",
    "ClientIP",
    "Header",
    "HeaderRegexp",
    "Headers",
    "HeadersRegexp",
    "Host",
    "HostHeader",
    "HostRegexp",
    "HostSNI",
    "HostSNIRegexp",
    "Method",
    "Path",
    "PathPrefix",
    "PathRegexp",
    "Query",
    "QueryRegexp",
];

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
                    if let Err((why, hint)) = check(&rule.value) {
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

/// Reads a rule; if it is none, why and what to do.
fn check(rule: &str) -> Result<(), (String, String)> {
    let mut depth = 0_i32;
    let mut rest = rule;
    // A matcher or a closing bracket came last, so an operator follows.
    let mut complete = false;
    let fault = |why: &str, mend: &str| Err((why.to_owned(), mend.to_owned()));
    loop {
        rest = rest.trim_start();
        let Some(sign) = rest.chars().next() else { break };
        let operator = ["&&", "||"].iter().find_map(|operator| rest.strip_prefix(operator));
        if complete {
            if let Some(after) = operator {
                (rest, complete) = (after, false);
            } else if let Some(after) = rest.strip_prefix(')').filter(|_| depth > 0) {
                (rest, depth) = (after, depth - 1);
            } else {
                return fault(
                    "an operator is missing, or a bracket closes that was never opened",
                    "join the parts with && or ||",
                );
            }
            continue;
        }
        if let Some(after) = rest.strip_prefix('(') {
            (rest, depth) = (after, depth + 1);
        } else if let Some(after) = rest.strip_prefix('!') {
            rest = after;
        } else if sign.is_ascii_alphabetic() {
            rest = matcher(rest)?;
            complete = true;
        } else {
            return fault("something stands where a matcher should", "write a rule such as Host(`name.example.test`)");
        }
    }
    match (complete, depth) {
        (true, 0) => Ok(()),
        (true, _) => fault("a bracket is never closed", "close it with `)`"),
        (false, _) => fault("it ends where a matcher should follow", "write a rule such as Host(`name.example.test`)"),
    }
}

/// The rest behind one matcher with its arguments.
fn matcher(text: &str) -> Result<&str, (String, String)> {
    let (name, rest) = text.split_at(text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len()));
    if !MATCHERS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return Err((format!("there is no matcher {name}"), mend(name, &MATCHERS)));
    }
    let quotes = || (format!("the value of {name} is not between backticks"), format!("write {name}(`value`)"));
    let mut rest = rest.trim_start().strip_prefix('(').ok_or_else(quotes)?;
    loop {
        rest = rest.trim_start();
        let quote = rest.chars().next().filter(|sign| matches!(sign, '`' | '"' | '\'')).ok_or_else(quotes)?;
        let (_, after) = rest
            .get(1..)
            .unwrap_or_default()
            .split_once(quote)
            .ok_or_else(|| ("a backtick is never closed".to_owned(), format!("write {name}(`value`)")))?;
        rest = after.trim_start();
        if let Some(after) = rest.strip_prefix(')') {
            return Ok(after);
        }
        rest = rest.strip_prefix(',').ok_or_else(quotes)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_as_traefik_reads_them() {
        for rule in [
            "Host(`a.example.test`)",
            "Host(`a`, `b`) && (PathPrefix(`/api`) || !Header(\"X\", 'y'))",
            "HostRegexp(`{sub:[a-z]+}.example.test`) && PathPrefix(`/`)",
            "HostSNI(`*`)",
            "Host(`${NAME}.example.test`)",
        ] {
            assert_eq!(check(rule), Ok(()), "{rule}");
        }
        for rule in [
            "",
            "Host(`a)",
            "Host(a)",
            "Host`a`",
            "Hots(`a`)",
            "Host(`a`) PathPrefix(`/`)",
            "Host(`a`) &&",
            "(Host(`a`)",
            "Host(`a`))",
            "&& Host(`a`)",
            "Host()",
            "Host(`a`,)",
        ] {
            assert!(check(rule).is_err(), "{rule}");
        }
    }
}
