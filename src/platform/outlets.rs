//! `registrations` in `quarterdeck.yaml`: where the names and monitors of a stack are made known after its deploy.
//! Credentials are named and never written there.

use std::path::PathBuf;

use super::credential::{self, Credential};
use super::reader::Reader;
use crate::stack::{Map, Node, Value};

/// How long a name may be remembered, in seconds, unless it is said.
const TTL: u32 = 3600;

/// Where something is made known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outlets {
    /// A Technitium name server.
    pub technitium: Option<NameServer>,
    /// A Pi-hole of version 6.
    pub pihole: Option<NameServer>,
    /// An Uptime Kuma.
    pub kuma: Option<Monitors>,
}

/// A name server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameServer {
    /// Where its API is.
    pub url: String,
    /// Its token or password.
    pub credential: Credential,
    /// The zone whose names are ours.
    pub zone: String,
    /// The node that answers for the names of stacks.
    pub ingress: String,
    /// Where it is asked for names, `host:port`; none for port 53 of the API's host.
    pub server: Option<String>,
    /// Who signs its certificate; none for whom this machine trusts.
    pub ca: Option<PathBuf>,
    /// How long names may be remembered.
    pub ttl: u32,
}

/// A program that asks whether names answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Monitors {
    /// Where it is.
    pub url: String,
    /// Who logs in.
    pub username: String,
    /// With this password.
    pub credential: Credential,
    /// Who signs its certificate.
    pub ca: Option<PathBuf>,
    /// AutoKuma makes the monitors from labels.
    pub autokuma: bool,
}

impl Outlets {
    /// Nothing is made known anywhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.technitium.is_none() && self.pihole.is_none() && self.kuma.is_none()
    }
}

/// What stands under `registrations`.
pub fn read(node: &Node, reader: &mut Reader<'_>) -> Outlets {
    let Some(map) = reader.map("registrations", node) else { return Outlets::default() };
    reader.known("registrations", map, &["technitium", "pihole", "uptime_kuma"]);
    Outlets {
        technitium: map.get("technitium").and_then(|node| server("technitium", "token", node, reader)),
        pihole: map.get("pihole").and_then(|node| server("pihole", "password", node, reader)),
        kuma: map.get("uptime_kuma").and_then(|node| monitors(node, reader)),
    }
}

fn server(name: &str, secret: &str, node: &Node, reader: &mut Reader<'_>) -> Option<NameServer> {
    let map = reader.map(name, node)?;
    reader.known(name, map, &["url", secret, "zone", "ingress", "server", "ca", "ttl"]);
    let zone = demanded(name, "zone", (map, node), reader);
    let ingress = demanded(name, "ingress", (map, node), reader);
    let url = demanded(name, "url", (map, node), reader);
    let credential = secret_of(name, secret, (map, node), reader);
    let ttl = match map.get("ttl").map(|node| (node, &node.value)) {
        None => TTL,
        Some((_, Value::Int(seconds))) if (1..=604_800).contains(seconds) => u32::try_from(*seconds).unwrap_or(TTL),
        Some((node, _)) => {
            reader.wrong(node.place, "ttl is no number of seconds", "write seconds, from 1 to 604800");
            TTL
        }
    };
    Some(NameServer {
        url: url?,
        credential: credential?,
        zone: zone?.trim_end_matches('.').to_ascii_lowercase(),
        ingress: ingress?,
        server: map.get("server").and_then(|node| reader.word("server", node)),
        ca: map.get("ca").and_then(|node| reader.word("ca", node)).map(PathBuf::from),
        ttl,
    })
}

fn monitors(node: &Node, reader: &mut Reader<'_>) -> Option<Monitors> {
    let name = "uptime_kuma";
    let map = reader.map(name, node)?;
    reader.known(name, map, &["url", "username", "password", "ca", "autokuma"]);
    let url = demanded(name, "url", (map, node), reader);
    let credential = secret_of(name, "password", (map, node), reader);
    let username = map.get("username").and_then(|node| reader.word("username", node));
    Some(Monitors {
        url: url?,
        username: username.unwrap_or_else(|| "admin".to_owned()),
        credential: credential?,
        ca: map.get("ca").and_then(|node| reader.word("ca", node)).map(PathBuf::from),
        autokuma: map.get("autokuma").and_then(|node| reader.truth("autokuma", node)).unwrap_or(false),
    })
}

fn demanded(name: &str, key: &str, (map, node): (&Map, &Node), reader: &mut Reader<'_>) -> Option<String> {
    if map.get(key).is_none() {
        reader.wrong(node.place, format!("{name} has no {key}"), format!("write {key}"));
    }
    map.get(key).and_then(|node| reader.word(key, node))
}

fn secret_of(name: &str, key: &str, (map, node): (&Map, &Node), reader: &mut Reader<'_>) -> Option<Credential> {
    if map.get(key).is_none() {
        reader.wrong(
            node.place,
            format!("{name} has no {key}"),
            format!("write {key} as {{env: NAME}} or {{file: PATH}}"),
        );
    }
    map.get(key).and_then(|node| credential::read(key, node, reader))
}

#[cfg(test)]
mod tests {
    use super::super::{Files, read as read_platform};
    use super::*;

    fn read_text(text: &str) -> (Outlets, Vec<String>) {
        let platform = read_platform(&Files::of(&[], &[("quarterdeck.yaml", text)]));
        (
            platform.config.outlets,
            platform.findings.iter().map(|one| format!("{} {} {}", one.spot, one.what, one.mend)).collect(),
        )
    }

    #[test]
    fn each_outlet_says_where_it_is_and_where_its_credential_lies() {
        let (outlets, findings) = read_text(
            "registrations:\n  technitium: {url: http://dns:5380, token: {env: T}, zone: Example.net., ingress: barbary}\n  pihole: {url: http://pi, password: {file: /run/p}, zone: example.net, ingress: barbary, server: \"pi:5353\", ttl: 60}\n  uptime_kuma: {url: http://kuma:3001, password: {env: K}, autokuma: true}\n",
        );
        assert_eq!(findings, Vec::<String>::new());
        let technitium = outlets.technitium.unwrap();
        assert_eq!((technitium.zone.as_str(), technitium.ttl, technitium.server), ("example.net", TTL, None));
        let pihole = outlets.pihole.unwrap();
        assert_eq!((pihole.ttl, pihole.server.as_deref()), (60, Some("pi:5353")));
        assert_eq!(outlets.kuma.map(|kuma| (kuma.username, kuma.autokuma)), Some(("admin".to_owned(), true)));
        assert!(read_text("").0.is_empty());
    }

    #[test]
    fn what_is_missing_or_secret_is_told_and_not_used() {
        for (text, word) in [
            ("registrations: {technitium: {url: http://a, token: hunter2, zone: x.net, ingress: a}}", "{env: NAME}"),
            ("registrations: {technitium: {url: http://a, token: {env: T}, ingress: a}}", "has no zone"),
            ("registrations: {technitum: {}}", "write `technitium`"),
            ("registrations: {pihole: {url: http://a, zone: x.net, ingress: a}}", "has no password"),
            (
                "registrations: {pihole: {url: http://a, password: {env: T}, zone: x, ingress: a, ttl: long}}",
                "no number",
            ),
            ("registrations: {uptime_kuma: {password: {env: T, file: /x}, url: http://k}}", "either env or file"),
        ] {
            let (_, findings) = read_text(text);
            assert!(
                findings.iter().any(|one| one.contains(word)) && !format!("{findings:?}").contains("hunter2"),
                "{text}: {findings:?}"
            );
        }
    }
}
