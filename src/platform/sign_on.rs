//! Blueprints of authentik as far as the folder needs to know them: for which pages it signs people on, and which of
//! these its outposts serve. What only authentik can work out stays unknown.

use std::ffi::OsStr;

use super::files::Files;
use super::page::{Page, word};
use crate::diag::{Finding, Spot};
use crate::stack::{Map, Node, Value};

/// What blueprints say of proxies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignOn {
    /// Providers for proxies.
    pub providers: Vec<Provider>,
    /// What outposts serve, by id or name of the provider; none if no blueprint says it.
    pub served: Option<Vec<String>>,
}

/// A provider for proxies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its id and its name, as outposts refer to it.
    pub names: Vec<String>,
    /// The host of the one page that it is for; none if it is for a whole domain, or nobody can tell.
    pub host: Option<String>,
    /// Where it is written.
    pub spot: Spot,
}

/// The blueprints below `stacks/`.
pub fn read(files: &Files, findings: &mut Vec<Finding>) -> SignOn {
    let mut sign_on = SignOn::default();
    let is_one = |path: &&std::path::PathBuf| {
        let named = |part: &OsStr| part.to_string_lossy().to_ascii_lowercase().contains("blueprint");
        path.extension().is_some_and(|end| end == "yaml" || end == "yml") && path.iter().any(named)
    };
    for path in files.paths().iter().filter(is_one) {
        let Some(page) = Page::yaml(files, path, findings) else { continue };
        let entries = page.root.as_ref().and_then(Node::map).and_then(|map| map.get("entries"));
        for entry in entries.and_then(Node::list).unwrap_or_default().iter().filter_map(Node::map) {
            sign_on.take(entry, &page);
        }
    }
    sign_on
}

impl SignOn {
    fn take(&mut self, entry: &Map, page: &Page) {
        let empty = Map::default();
        let part = |key: &str| entry.get(key).and_then(Node::map).unwrap_or(&empty);
        let (identifiers, attrs) = (part("identifiers"), part("attrs"));
        let text = |map: &Map, key: &str| map.get(key).and_then(word);
        match text(entry, "model").unwrap_or_default().as_str() {
            "authentik_providers_proxy.proxyprovider" => {
                let names = [text(entry, "id"), text(identifiers, "name"), text(attrs, "name")];
                let mode = text(attrs, "mode").unwrap_or_default();
                let host = text(attrs, "external_host").filter(|_| mode != "forward_domain");
                let place = entry.0.first().map(|first| first.place).unwrap_or_default();
                self.providers.push(Provider {
                    names: names.into_iter().flatten().collect(),
                    host: host.and_then(|host| host_of(&host)),
                    spot: page.at(place),
                });
            }
            "authentik_outposts.outpost" => {
                let Some(providers) = attrs.get("providers").and_then(Node::list) else { return };
                self.served.get_or_insert_default().extend(providers.iter().filter_map(last));
            }
            _ => {}
        }
    }
}

/// The name in `!KeyOf id`, and in `!Find [model, [name, NAME]]`.
fn last(node: &Node) -> Option<String> {
    match &node.value {
        Value::List(list) => list.last().and_then(last),
        _ => word(node),
    }
}

/// The host of an address; none if authentik works it out from something else.
fn host_of(address: &str) -> Option<String> {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest).split(['/', ':']).next()?;
    (host.contains('.') && !host.contains(['{', '$', '%'])).then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_and_what_outposts_serve_are_read_from_blueprints() {
        let text = "entries:\n  - model: authentik_providers_proxy.proxyprovider\n    id: one\n    identifiers: {name: Films}\n    attrs: {mode: forward_single, external_host: \"https://Films.example.test/x\", authorization_flow: !Find [a, [slug, b]]}\n  - model: authentik_providers_proxy.proxyprovider\n    identifiers: {name: all}\n    attrs: {mode: forward_domain, external_host: https://auth.example.test}\n  - model: authentik_providers_proxy.proxyprovider\n    attrs: {name: open, external_host: !Format [\"https://%s\", !Env HOST]}\n  - model: authentik_outposts.outpost\n    attrs: {providers: [!KeyOf one, !Find [authentik_providers_proxy.proxyprovider, [name, all]]]}\n";
        let files =
            Files::of(&[], &[("stacks/auth/blueprints/a.yaml", text), ("stacks/auth/config/a.yaml", "entries: 5")]);
        let mut findings = Vec::new();
        let sign_on = read(&files, &mut findings);
        assert_eq!(findings, []);
        let told: Vec<(Vec<&str>, Option<&str>, u32)> = sign_on
            .providers
            .iter()
            .map(|one| (one.names.iter().map(String::as_str).collect(), one.host.as_deref(), one.spot.line))
            .collect();
        assert_eq!(
            told,
            [(vec!["one", "Films"], Some("films.example.test"), 2), (vec!["all"], None, 6), (vec!["open"], None, 9)]
        );
        assert_eq!(sign_on.served.unwrap(), ["one", "all"]);
    }
}
