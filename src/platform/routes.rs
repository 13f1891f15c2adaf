//! Under which names the services of a stack are reached from outside, as the labels for its ingress say it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::wishes::Checkout;
use crate::diag::Diagnostic;

/// A name that the ingress answers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The name.
    pub host: String,
    /// The path that a monitor asks for.
    pub path: String,
    /// The answers that a monitor takes for good; none for its usual ones.
    pub codes: Vec<String>,
}

/// What a stack is known by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Its names, in order.
    pub routes: Vec<Route>,
    /// Some of its labels are read by AutoKuma, which makes the monitors itself.
    pub autokuma: bool,
}

impl Checkout {
    /// The names of a stack, by the labels that its services are deployed with.
    ///
    /// # Errors
    /// With all that is wrong with its file.
    pub fn known(&self, stack: &str) -> Result<Known, Vec<Diagnostic>> {
        Ok(Known::by(&self.labels(stack)?))
    }

    /// The labels that its services are deployed with.
    ///
    /// # Errors
    /// With all that is wrong with its file.
    pub fn labels(&self, stack: &str) -> Result<Vec<BTreeMap<String, String>>, Vec<Diagnostic>> {
        let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
        let labels = |body: &Value| {
            let labels = body.get("Labels").and_then(Value::as_object);
            labels.into_iter().flatten().filter_map(text).collect()
        };
        Ok(self.wish(stack)?.services.iter().map(|service| labels(&service.body)).collect())
    }
}

impl Known {
    /// What services with these labels are known by.
    #[must_use]
    pub fn by(labels: &[BTreeMap<String, String>]) -> Self {
        let autokuma = labels.iter().flat_map(BTreeMap::keys).any(|key| key.starts_with("kuma."));
        let mut routes: Vec<Route> = labels.iter().flat_map(routes).collect();
        routes.sort();
        routes.dedup_by(|a, b| a.host == b.host);
        Self { routes, autokuma }
    }
}

/// The names in the labels of one service.
#[must_use]
pub fn routes(labels: &BTreeMap<String, String>) -> Vec<Route> {
    let path = labels.get("uptime_kuma.path").map(|path| path.trim().to_owned()).unwrap_or_default();
    let codes = labels.get("uptime_kuma.accepted_statuscodes").map(String::as_str).unwrap_or_default();
    let codes: Vec<String> =
        codes.split(',').map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned).collect();
    let quiet = labels.get("traefik.enable").is_some_and(|said| said.trim() == "false");
    let mut hosts = BTreeSet::new();
    for (key, value) in labels {
        if is_rule(key) && !quiet {
            hosts.extend(of_rule(value));
        }
        if key == "caddy"
            || key.strip_prefix("caddy_").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
        {
            hosts.extend(value.split([' ', ',']).filter_map(of_site));
        }
    }
    hosts.into_iter().map(|host| Route { host, path: path.clone(), codes: codes.clone() }).collect()
}

fn is_rule(key: &str) -> bool {
    key.strip_prefix("traefik.http.routers.")
        .is_some_and(|rest| rest.split_once('.').is_some_and(|(_, key)| key == "rule"))
}

/// The names in each ``Host(`a`, `b`)`` of a rule; patterns name nothing, and neither does what is excluded.
fn of_rule(rule: &str) -> Vec<String> {
    let mut hosts = Vec::new();
    let mut rest = rule;
    while let Some(at) = rest.find("Host(") {
        let (before, after) = rest.split_at(at);
        let inside = after.trim_start_matches("Host(");
        let (inside, behind) = inside.split_once(')').unwrap_or((inside, ""));
        let part_of_a_word = before.chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric());
        if !part_of_a_word && !before.trim_end().ends_with('!') {
            hosts.extend(inside.split(',').filter_map(|name| host(name.trim().trim_matches(['`', '"', '\'']))));
        }
        rest = behind;
    }
    hosts
}

/// The name in the address of a site: `https://name:443/path`. A snippet, a port alone and a pattern name nothing.
fn of_site(site: &str) -> Option<String> {
    let site = site.trim();
    let site = site.strip_prefix("https://").or_else(|| site.strip_prefix("http://")).unwrap_or(site);
    host(site.split(['/', ':']).next()?)
}

fn host(name: &str) -> Option<String> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let label = |label: &str| {
        (1..64).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
    };
    (name.len() < 254 && name.contains('.') && name.split('.').all(label)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(labels: &[(&str, &str)]) -> String {
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        routes(&labels).into_iter().map(|route| route.host).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn names_are_found_in_the_rules_of_traefik_and_in_the_sites_of_caddy() {
        for (labels, expected) in [
            (&[("traefik.http.routers.a.rule", "Host(`A.example.net`)")][..], "a.example.net"),
            (
                &[("traefik.http.routers.a.rule", "Host(`a.x.net`, \"b.x.net\") && PathPrefix(`/api`)")],
                "a.x.net b.x.net",
            ),
            (
                &[("traefik.http.routers.a.rule", "(Host(`a.x.net`) || Host(`b.x.net`)) && !Host(`c.x.net`)")],
                "a.x.net b.x.net",
            ),
            (&[("traefik.http.routers.a.rule", "HostRegexp(`.+\\.x\\.net`)")], ""),
            (&[("traefik.tcp.routers.a.rule", "HostSNI(`*`)")], ""),
            (&[("traefik.enable", "false"), ("traefik.http.routers.a.rule", "Host(`a.x.net`)")], ""),
            (&[("traefik.http.routers.a.rulesyntax", "Host(`a.x.net`)")], ""),
            (&[("caddy", "a.x.net, https://b.x.net:8443 http://c.x.net/path")], "a.x.net b.x.net c.x.net"),
            (&[("caddy_0", "a.x.net"), ("caddy_1", "b.x.net"), ("caddy_0.tls.dns", "c.x.net")], "a.x.net b.x.net"),
            (&[("caddy", "(snippet)"), ("caddy_1", "*.x.net"), ("caddy_2", ":80"), ("caddy_3", "{$HOST}")], ""),
            (&[("caddy.reverse_proxy", "{{upstreams 80}}"), ("homepage.href", "https://a.x.net")], ""),
        ] {
            assert_eq!(hosts(labels), expected, "{labels:?}");
        }
    }

    #[test]
    fn a_stack_is_known_by_the_labels_of_its_services_with_the_values_put_in() {
        let text = "services:\n  a:\n    image: x\n    labels: {caddy: in.a.container}\n    deploy:\n      labels:\n        caddy: \"app.${DOMAIN}\"\n        uptime_kuma.path: /health\n        uptime_kuma.accepted_statuscodes: \"200, 401\"\n  b:\n    image: y\n    deploy: {labels: {kuma.b.http.url: x}}\n";
        let files = super::super::Files::of(&[], &[(".env", "DOMAIN=example.net\n"), ("stacks/a/compose.yaml", text)]);
        let catalogue = std::sync::Arc::new(super::super::read(&files).catalogue);
        let checkout =
            Checkout { files: std::sync::Arc::new(files), catalogue, surroundings: std::sync::Arc::default() };
        let known = checkout.known("a").unwrap();
        assert!(known.autokuma);
        let codes = vec!["200".to_owned(), "401".to_owned()];
        assert_eq!(known.routes, [Route { host: "app.example.net".to_owned(), path: "/health".to_owned(), codes }]);
    }
}
