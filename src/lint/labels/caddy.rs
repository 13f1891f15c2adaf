//! Labels for caddy-docker-proxy: sites, and where they lead.

use std::collections::BTreeSet;

use super::caddy_block;
use crate::diag::Finding;
use crate::lint::stack::Scene;
use crate::platform::rules;

/// Directives of the block without a site, which holds for the whole of Caddy.
const GLOBAL: &[&str] = &[
    "acme_ca",
    "acme_ca_root",
    "acme_dns",
    "acme_eab",
    "admin",
    "auto_https",
    "cert_issuer",
    "debug",
    "default_bind",
    "default_sni",
    "dns",
    "ech",
    "email",
    "events",
    "fallback_sni",
    "grace_period",
    "http_port",
    "https_port",
    "key_type",
    "layer4",
    "local_certs",
    "log",
    "metrics",
    "ocsp_stapling",
    "on_demand_tls",
    "order",
    "persist_config",
    "pki",
    "preferred_chains",
    "renew_interval",
    "servers",
    "shutdown_delay",
    "skip_install_trust",
    "storage",
];

/// Blocks without a site, and upstreams that cannot be read.
pub fn sites(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services() {
        let who = stack.own(service);
        let sites: BTreeSet<&str> = service
            .labels
            .iter()
            .filter_map(|label| caddy_block(&label.key).filter(|(_, rest)| rest.is_empty()).map(|(block, _)| block))
            .collect();
        let is_global = |directive: &str| {
            let first = directive.split('.').next().unwrap_or_default();
            GLOBAL.contains(&unnumbered(first))
        };
        let holds = |block: &str| {
            let of = service.labels.iter().filter_map(|label| caddy_block(&label.key));
            of.filter(|(own, rest)| *own == block && !rest.is_empty()).map(|(_, rest)| rest).collect::<Vec<_>>()
        };
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for label in &service.labels {
            let Some((block, rest)) = caddy_block(&label.key) else { continue };
            if !rest.is_empty() && !is_global(rest) && !sites.contains(block) && told.insert(block) {
                let what = format!("{who} has {}, and no label `{block}` that names the site", label.key);
                let mend = format!("add `{block}: name.example.test`");
                findings.push(rules::CADDY_SITE.broken(label.spot.clone(), what, mend));
            }
            if rest.is_empty()
                && label.value.trim().is_empty()
                && (holds(block).is_empty() || !holds(block).into_iter().all(is_global))
            {
                let what = format!("the label `{block}` of {who} names no site");
                findings.push(rules::CADDY_SITE.broken(label.spot.clone(), what, "write the host name of the site"));
            }
            // Where it goes on below, it may name its upstreams there.
            let goes_on = || {
                let below = format!("{}.", label.key);
                service.labels.iter().any(|other| other.key.starts_with(&below))
            };
            if rest.rsplit('.').next().is_none_or(|last| unnumbered(last) != "reverse_proxy")
                || (label.value.trim().is_empty() && goes_on())
            {
                continue;
            }
            if without_port(&label.value) {
                let what = format!("the upstream `{}` of {who} names no port", label.value);
                let mend = "write \"{{upstreams 8080}}\", with the port that the service listens on";
                findings.push(rules::CADDY_PORT.broken(label.spot.clone(), what, mend));
            } else if let Err(why) = upstream(&label.value) {
                let what = format!("the upstream `{}` of {who} cannot be read", label.value);
                let mend = "write \"{{upstreams 8080}}\", with the port that the service listens on";
                findings.push(rules::CADDY_UPSTREAM.broken(label.spot.clone(), what, mend).because(why));
            }
        }
    }
}

/// Without the number that keeps several of one directive apart: `1_reverse_proxy`, `reverse_proxy_1`.
fn unnumbered(directive: &str) -> &str {
    let directive = directive.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('_');
    directive.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_')
}

fn upstream(value: &str) -> Result<(), &'static str> {
    if value.matches("{{").count() != value.matches("}}").count() {
        return Err("the braces are not all closed");
    }
    let Some((_, rest)) = value.split_once("{{") else {
        return if value.trim().is_empty() { Err("it names nobody") } else { Ok(()) };
    };
    let (inner, _) = rest.split_once("}}").unwrap_or((rest, ""));
    let mut words = inner.split_whitespace();
    if words.next() != Some("upstreams") {
        return Ok(());
    }
    match words.last().map(str::parse::<u16>) {
        Some(Ok(_)) => Ok(()),
        Some(Err(_)) if inner.contains("${") => Ok(()),
        Some(Err(_)) => Err("the last word of upstreams is no port"),
        None => Ok(()),
    }
}

/// `{{upstreams}}`, or with a protocol and no port.
fn without_port(value: &str) -> bool {
    let inner = value.split_once("{{").and_then(|(_, rest)| rest.split_once("}}"));
    let words: Vec<&str> = inner.map(|(inner, _)| inner.split_whitespace().collect()).unwrap_or_default();
    matches!(words.as_slice(), ["upstreams"] | ["upstreams", "http" | "https" | "h2c"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_names_its_port() {
        for value in
            ["{{upstreams 80}}", "{{ upstreams https 8443 }}", "192.0.2.1:80", "unix//run/x", "/api/* {{upstreams 1}}"]
        {
            assert_eq!(upstream(value), Ok(()), "{value}");
        }
        for value in ["", "{{upstreams web}}", "{{upstreams 80}", "{{upstreams 99999}}"] {
            assert!(upstream(value).is_err(), "{value}");
        }
        assert!(without_port("{{upstreams}}") && without_port("/a/* {{ upstreams http }}"));
        assert!(!without_port("{{upstreams 80}}") && !without_port("web:80"));
        assert_eq!((unnumbered("0_reverse_proxy"), unnumbered("reverse_proxy_2")), ("reverse_proxy", "reverse_proxy"));
    }
}
