//! Labels for caddy-docker-proxy: sites, and where they lead.

use std::collections::BTreeSet;

use super::caddy_block;
use crate::diag::Finding;
use crate::lint::stack::Scene;
use crate::platform::rules;

/// Blocks without a site, and upstreams that cannot be read.
pub fn sites(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services() {
        let who = format!("{} of {}", service.key, stack.name());
        let sites: BTreeSet<&str> = service
            .labels
            .iter()
            .filter_map(|label| caddy_block(&label.key).filter(|(_, rest)| rest.is_empty()).map(|(block, _)| block))
            .collect();
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for label in &service.labels {
            let Some((block, rest)) = caddy_block(&label.key) else { continue };
            if !rest.is_empty() && !sites.contains(block) && told.insert(block) {
                let what = format!("{who} has {}, and no label `{block}` that names the site", label.key);
                let mend = format!("add `{block}: name.example.test`");
                findings.push(rules::CADDY_SITE.broken(label.spot.clone(), what, mend));
            }
            if rest.is_empty() && label.value.trim().is_empty() {
                let what = format!("the label `{block}` of {who} names no site");
                findings.push(rules::CADDY_SITE.broken(label.spot.clone(), what, "write the host name of the site"));
            }
            if rest.rsplit('.').next().is_some_and(|last| unnumbered(last) == "reverse_proxy")
                && let Err(why) = upstream(&label.value)
            {
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
        None => Err("without a port it means port 80"),
    }
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
        for value in ["", "{{upstreams}}", "{{upstreams http}}", "{{upstreams 80}", "{{upstreams 99999}}"] {
            assert!(upstream(value).is_err(), "{value}");
        }
        assert_eq!((unnumbered("0_reverse_proxy"), unnumbered("reverse_proxy_2")), ("reverse_proxy", "reverse_proxy"));
    }
}
