//! Services that somebody may be using right now, and how to ask them whether that is so.

use std::path::{Path, PathBuf};

use super::config::{self, Config};
use super::credential::{self, Credential};
use super::files::Files;
use super::page::Page;
use super::reader::Reader;
use super::{rules, safety, suggest};
use crate::diag::{Finding, Spot};
use crate::stack::{Map, Node};

/// Where the list lies.
pub const FILE: &str = "config/critical-services.yaml";

/// A service that is asked before its stack is touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Critical {
    /// Its key in the compose file.
    pub name: String,
    /// Its stack.
    pub stack: String,
    /// What people call it.
    pub display_name: String,
    /// How to ask it for sessions.
    pub check: Option<SessionCheck>,
    /// Stacks that it needs.
    pub needs: Vec<(String, Spot)>,
    /// Where it is written.
    pub spot: Spot,
}

/// How a service is asked for sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCheck {
    /// Where to ask.
    pub url: String,
    /// Where the token lies. The parameter of a URL that carries it elsewhere is not used: it would be logged there.
    pub token: Option<Credential>,
    /// How the answer is read.
    pub method: Method,
    /// Who signs its certificate; none for whom this machine trusts.
    pub ca: Option<PathBuf>,
}

/// How an answer about sessions is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `MediaContainer.size` and its `Metadata`.
    Plex,
    /// A list, in which `NowPlayingItem` tells what plays.
    Jellyfin,
}

/// The list of the folder; empty if there is none.
pub fn read(files: &Files, findings: &mut Vec<Finding>) -> Vec<Critical> {
    let Some(page) = Page::yaml(files, Path::new(FILE), findings) else { return Vec::new() };
    let mut reader = Reader::new(&page, &rules::CRITICAL_SHAPE, findings);
    let Some(map) = page.root.as_ref().and_then(|root| reader.map("the list of critical services", root)) else {
        return Vec::new();
    };
    reader.known("the file", map, &["critical_services"]);
    map.get("critical_services").map(|node| list(node, &mut reader)).unwrap_or_default()
}

/// Those of the folder and of its configuration, read anew, with the configuration: an edit counts at once. With them
/// what is wrong in these files: something in them may be guarded and is not known.
pub fn all(files: &Files) -> (Config, Vec<Critical>, Vec<Finding>) {
    let mut findings = Vec::new();
    let config = config::read(files, &mut findings);
    let mut all = read(files, &mut findings);
    all.extend(config.critical.iter().cloned());
    findings.retain(safety::is_doubt);
    (config, all, findings)
}

/// The services of a list, wherever it stands.
pub fn list(node: &Node, reader: &mut Reader<'_>) -> Vec<Critical> {
    let items = reader.list("critical_services", node);
    items.iter().filter_map(|item| service(item, reader)).collect()
}

fn service(item: &Node, reader: &mut Reader<'_>) -> Option<Critical> {
    let map = reader.map("a critical service", item)?;
    reader.known("a critical service", map, &["name", "stack", "display_name", "session_check", "cross_stack_deps"]);
    let name = demanded(map, "name", item, reader)?;
    let stack = demanded(map, "stack", item, reader)?;
    let display_name = map.get("display_name").and_then(|node| reader.word("display_name", node));
    let check = map.get("session_check").and_then(|node| check(node, reader));
    let needs = map.get("cross_stack_deps").map(|node| reader.words("cross_stack_deps", node)).unwrap_or_default();
    Some(Critical {
        display_name: display_name.unwrap_or_else(|| name.clone()),
        name,
        stack,
        check,
        needs,
        spot: reader.at(item.place),
    })
}

fn check(item: &Node, reader: &mut Reader<'_>) -> Option<SessionCheck> {
    let map = reader.map("session_check", item)?;
    reader.known("session_check", map, &["url", "auth_param", "auth_secret", "method", "ca"]);
    let url = demanded(map, "url", item, reader)?;
    let word = demanded(map, "method", item, reader)?;
    let method = match word.as_str() {
        "plex" => Method::Plex,
        "jellyfin" => Method::Jellyfin,
        other => {
            let place = map.get("method").map_or(item.place, |node| node.place);
            reader.wrong(place, format!("there is no method `{other}`"), suggest::mend(other, &["plex", "jellyfin"]));
            return None;
        }
    };
    let token = map.get("auth_secret").and_then(|node| credential::read("auth_secret", node, reader));
    let ca = map.get("ca").and_then(|node| reader.word("ca", node)).map(PathBuf::from);
    Some(SessionCheck { url, token, method, ca })
}

fn demanded(map: &Map, key: &str, item: &Node, reader: &mut Reader<'_>) -> Option<String> {
    if map.get(key).is_none() {
        reader.wrong(item.place, format!("a critical service has no {key}"), format!("write {key}"));
    }
    map.get(key).and_then(|node| reader.word(key, node))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Vec<Critical>, Vec<Finding>) {
        let mut findings = Vec::new();
        (read(&Files::of(&[], &[(FILE, text)]), &mut findings), findings)
    }

    #[test]
    fn a_service_says_how_it_is_asked_for_sessions() {
        let (services, findings) = read_text(
            "critical_services:\n  - name: plex\n    stack: application_media_core\n    display_name: Plex\n    session_check:\n      url: http://plex:32400/status/sessions\n      auth_param: X-Plex-Token\n      auth_secret: op://homelab/plex/token\n      method: plex\n    cross_stack_deps: []\n",
        );
        assert_eq!(findings, []);
        assert_eq!((services[0].name.as_str(), services[0].spot.line), ("plex", 2));
        assert_eq!(services[0].check.as_ref().unwrap().method, Method::Plex);
        assert_eq!(read_text("# none yet\n").0, []);
    }

    #[test]
    fn what_is_not_understood_is_told() {
        for (text, place) in [
            ("critical_services: [{name: a}]", "1:21"),
            ("critical_services: [{name: a, stack: b, session: {}}]", "1:41"),
            ("critical_services: [{name: a, stack: b, session_check: {url: c, method: emby}}]", "1:73"),
            ("services: []", "1:1"),
        ] {
            let (_, findings) = read_text(text);
            assert_eq!(findings[0].spot.to_string(), format!("{FILE}:{place}"), "{text}");
        }
    }
}
