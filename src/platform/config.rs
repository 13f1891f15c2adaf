//! `quarterdeck.yaml`: what the folder says to Quarterdeck alone. All of it may be left out. Strict: a key that is not
//! known is told with the one that was probably meant.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::critical::{self, Critical};
use super::files::{Files, plain};
use super::govern::{self, Chosen};
use super::outlets::{self, Outlets};
use super::page::Page;
use super::reader::Reader;
use super::{rules, suggest};
use crate::diag::{Finding, Spot};
use crate::model::Tier;
use crate::stack::{Kind, Map, Node, Value};

/// What it is called.
pub const NAMES: [&str; 2] = ["quarterdeck.yaml", "quarterdeck.yml"];
/// What can be said in it.
const KEYS: [&str; 14] = [
    "name",
    "checkout",
    "tiers",
    "stacks",
    "gates",
    "timeouts",
    "thresholds",
    "critical_services",
    "komodo",
    "sync",
    "networks",
    "secrets",
    "directories",
    "registrations",
];
/// Tiers that a stack can be put into.
const TIERS: [(&str, Tier); 3] =
    [("infrastructure", Tier::Infrastructure), ("platform", Tier::Platform), ("application", Tier::Application)];
/// What can be held up by a gate.
const GATES: [(&str, Gate); 4] =
    [("preflight", Gate::Preflight), ("tier", Gate::Tier), ("sessions", Gate::Sessions), ("hooks", Gate::Hooks)];
/// What a gate does.
const BARS: [(&str, Bar); 3] = [("stop", Bar::Stop), ("warn", Bar::Warn), ("ask", Bar::Ask)];

/// What the folder says to Quarterdeck.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// The name of the platform.
    pub name: Option<String>,
    /// Where the folder is checked out on the managers.
    pub checkout: Option<String>,
    /// Stacks by name.
    pub stacks: BTreeMap<String, StackConfig>,
    /// The tier of stacks, by name.
    pub tiers: BTreeMap<String, Tier>,
    /// What each gate does.
    pub gates: BTreeMap<Gate, Bar>,
    /// How long things may take.
    pub timeouts: BTreeMap<String, Duration>,
    /// From which share on a resource is in trouble: per cent, first the warning and then the alarm.
    pub thresholds: BTreeMap<String, (u8, u8)>,
    /// Services that are asked before their stack is touched.
    pub critical: Vec<Critical>,
    /// Stacks that are driven from here although Komodo's registry names them.
    pub drive: Chosen,
    /// Where names and monitors of stacks are made known.
    pub outlets: Outlets,
    /// Stacks that `sync --auto` may deploy.
    pub auto: Chosen,
    /// Networks and secrets that are there before any stack, made by nobody in the folder.
    pub outside: Vec<(Kind, String, Spot)>,
    /// Directories that machines have before any stack: datasets, and what is mounted from elsewhere.
    pub directories: Vec<(String, Spot)>,
}

/// What the folder says of one stack.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StackConfig {
    /// Where it is written.
    pub spot: Spot,
    /// Its compose file, or the directory it lies in.
    pub path: Option<PathBuf>,
    /// Its tier.
    pub tier: Option<Tier>,
    /// Stacks that must stand before it.
    pub after: Vec<(String, Spot)>,
    /// The host that runs it by docker compose, outside the swarm.
    pub host: Option<(String, Spot)>,
    /// How long it may take to converge.
    pub timeout: Option<Duration>,
    /// Gates that differ from those of the platform.
    pub gates: BTreeMap<Gate, Bar>,
    /// Where it is said that it is not to run: all stacks together are deployed without it.
    pub off: Option<Spot>,
}

/// Something that may hold a deploy up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gate {
    /// The pre-flight of the stack.
    Preflight,
    /// The health of the tiers below.
    Tier,
    /// Somebody uses a critical service.
    Sessions,
    /// The folder wants to run a script.
    Hooks,
}

/// What a gate does when its check fails; the strictest is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bar {
    /// It is told, and goes on.
    Warn,
    /// The operator decides, and the decision is written down.
    Ask,
    /// Nothing goes on.
    Stop,
}

/// The configuration of the folder; empty if there is none.
pub fn read(files: &Files, findings: &mut Vec<Finding>) -> Config {
    let page = NAMES.iter().find_map(|name| Page::yaml(files, Path::new(name), findings));
    let Some(page) = page else { return Config::default() };
    let mut config = Config::default();
    let mut reader = Reader::new(&page, &rules::CONFIG_SHAPE, findings);
    if let Some(map) = page.root.as_ref().and_then(|root| reader.map("quarterdeck.yaml", root)) {
        config.fill(map, &mut reader);
    }
    config
}

impl Config {
    fn fill(&mut self, map: &Map, reader: &mut Reader<'_>) {
        reader.known("quarterdeck.yaml", map, &KEYS);
        for entry in &map.0 {
            let node = &entry.node;
            match entry.key.as_str() {
                "name" => self.name = reader.word("name", node),
                "checkout" => self.checkout = checkout(node, reader),
                "gates" => self.gates = gates(node, reader),
                "komodo" => self.drive = govern::read("komodo", "drive", node, reader),
                "registrations" => self.outlets = outlets::read(node, reader),
                "sync" => self.auto = govern::read("sync", "auto", node, reader),
                "critical_services" => self.critical = critical::list(node, reader),
                "networks" => self.outside(Kind::Network, &entry.key, node, reader),
                "secrets" => self.outside(Kind::Secret, &entry.key, node, reader),
                "directories" => self.directories = directories(node, reader),
                "tiers" => self.tiers(node, reader),
                "stacks" => {
                    for stack in reader.map("stacks", node).map(|map| map.0.as_slice()).unwrap_or_default() {
                        let spot = reader.at(stack.place);
                        self.stacks.insert(stack.key.clone(), StackConfig::read(spot, &stack.node, reader));
                    }
                }
                "timeouts" => {
                    let Some(map) = reader.map("timeouts", node) else { continue };
                    reader.known("timeouts", map, &["converge", "one_shot", "drain", "join", "preflight"]);
                    for entry in &map.0 {
                        if let Some(time) = duration(&entry.node, reader) {
                            self.timeouts.insert(entry.key.clone(), time);
                        }
                    }
                }
                "thresholds" => self.thresholds(node, reader),
                _ => {}
            }
        }
    }

    fn outside(&mut self, kind: Kind, key: &str, node: &Node, reader: &mut Reader<'_>) {
        self.outside.extend(reader.words(key, node).into_iter().map(|(name, spot)| (kind, name, spot)));
    }

    fn tiers(&mut self, node: &Node, reader: &mut Reader<'_>) {
        let Some(map) = reader.map("tiers", node) else { return };
        reader.known("tiers", map, &TIERS.map(|(name, _)| name));
        for (name, tier) in TIERS {
            for (stack, spot) in map.get(name).map(|node| reader.words(name, node)).unwrap_or_default() {
                if let Some(first) = self.tiers.insert(stack.clone(), tier.clone()) {
                    let what = format!("the stack {stack} is put into {} and into {name}", first.name());
                    reader.findings.push(rules::CONFIG_SHAPE.broken(spot, what, "keep one of the two"));
                }
            }
        }
    }

    fn thresholds(&mut self, node: &Node, reader: &mut Reader<'_>) {
        let Some(map) = reader.map("thresholds", node) else { return };
        reader.known("thresholds", map, &["cpu", "memory", "disk"]);
        for entry in &map.0 {
            let shares: Vec<u8> = reader
                .list(&entry.key, &entry.node)
                .iter()
                .filter_map(|share| match share.value {
                    Value::Int(share) => u8::try_from(share).ok().filter(|share| *share <= 100),
                    _ => None,
                })
                .collect();
            match shares.as_slice() {
                [warning, alarm] if warning <= alarm => {
                    self.thresholds.insert(entry.key.clone(), (*warning, *alarm));
                }
                _ => reader.wrong(
                    entry.node.place,
                    format!("the threshold of {} is not two shares in per cent", entry.key),
                    "write the share that warns and the share that alarms, as [75, 95]",
                ),
            }
        }
    }
}

impl StackConfig {
    fn read(spot: Spot, node: &Node, reader: &mut Reader<'_>) -> Self {
        let mut stack = Self { spot, ..Self::default() };
        let Some(map) = reader.map("a stack", node) else { return stack };
        reader.known("a stack", map, &["path", "tier", "after", "host", "timeout", "gates", "off"]);
        for entry in &map.0 {
            let node = &entry.node;
            match entry.key.as_str() {
                "path" => stack.path = reader.word("path", node).map(|path| plain(Path::new(&path))),
                "tier" => stack.tier = one_of("tier", &TIERS, node, reader),
                "after" => stack.after = reader.words("after", node),
                "host" => stack.host = reader.word("host", node).map(|host| (host, reader.at(node.place))),
                "timeout" => stack.timeout = duration(node, reader),
                "gates" => stack.gates = gates(node, reader),
                "off" => stack.off = reader.truth("off", node).filter(|off| *off).map(|_| reader.at(node.place)),
                _ => {}
            }
        }
        stack
    }
}

fn directories(node: &Node, reader: &mut Reader<'_>) -> Vec<(String, Spot)> {
    let said = reader.words("directories", node);
    if let Some((path, _)) = said.iter().find(|(path, _)| !path.starts_with('/')) {
        reader.wrong(node.place, format!("the directory {path} does not begin at the root"), "write its whole path");
    }
    said
}

fn checkout(node: &Node, reader: &mut Reader<'_>) -> Option<String> {
    let path = reader.word("checkout", node)?;
    if !path.starts_with('/') {
        reader.wrong(node.place, "checkout is no absolute path", "write the path from the root of the managers on");
        return None;
    }
    Some(path)
}

fn gates(node: &Node, reader: &mut Reader<'_>) -> BTreeMap<Gate, Bar> {
    let Some(map) = reader.map("gates", node) else { return BTreeMap::new() };
    reader.known("gates", map, &GATES.map(|(name, _)| name));
    let gate = |name: &str| GATES.iter().find(|(known, _)| *known == name).map(|(_, gate)| *gate);
    map.0
        .iter()
        .filter_map(|entry| Some((gate(&entry.key)?, one_of(&entry.key, &BARS, &entry.node, reader)?)))
        .collect()
}

fn one_of<T: Clone>(name: &str, known: &[(&str, T)], node: &Node, reader: &mut Reader<'_>) -> Option<T> {
    let word = reader.word(name, node)?;
    let found = known.iter().find(|(known, _)| *known == word).map(|(_, value)| value.clone());
    if found.is_none() {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        reader.wrong(node.place, format!("{name} cannot be `{word}`"), suggest::mend(&word, &names));
    }
    found
}

fn duration(node: &Node, reader: &mut Reader<'_>) -> Option<Duration> {
    let word = reader.word("a time-out", node)?;
    let time = word.parse::<jiff::SignedDuration>().ok().and_then(|time| Duration::try_from(time).ok());
    if time.is_none_or(|time| time.is_zero()) {
        reader.wrong(node.place, format!("`{word}` is no length of time"), "write a length of time such as 5m or 90s");
        return None;
    }
    time
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Config, Vec<Finding>) {
        let mut findings = Vec::new();
        (read(&Files::of(&[], &[("quarterdeck.yaml", text)]), &mut findings), findings)
    }

    #[test]
    fn everything_can_be_said_and_nothing_must_be() {
        let (config, findings) = read_text(
            "name: home\ncheckout: /srv/homelab\ntiers:\n  platform: [dns, monitoring]\nstacks:\n  dns:\n    path: stacks/dns\n    after: [vpn]\n    timeout: 20m\n    gates: {preflight: warn}\n  smartctl: {host: barbary, tier: platform}\n  traefik: {off: true}\n  caddy: {off: false}\n  later:\ngates: {tier: stop, sessions: ask}\ntimeouts: {converge: 5m, drain: 90s}\nthresholds: {disk: [75, 95]}\ncritical_services: [{name: plex, stack: media}]\n",
        );
        assert_eq!(findings, []);
        assert_eq!((config.name.as_deref(), config.checkout.as_deref()), (Some("home"), Some("/srv/homelab")));
        assert_eq!(config.tiers["dns"], Tier::Platform);
        let dns = &config.stacks["dns"];
        assert_eq!(
            (dns.path.as_deref(), dns.timeout),
            (Some(Path::new("stacks/dns")), Some(Duration::from_secs(1200)))
        );
        assert_eq!(dns.after[0].1.to_string(), "quarterdeck.yaml:8:13");
        assert_eq!(dns.gates[&Gate::Preflight], Bar::Warn);
        assert_eq!(config.stacks["smartctl"].host.as_ref().unwrap().0, "barbary");
        assert_eq!(config.stacks["traefik"].off.as_ref().unwrap().to_string(), "quarterdeck.yaml:12:18");
        assert_eq!(config.stacks["caddy"].off, None);
        assert_eq!((config.gates[&Gate::Sessions], config.timeouts["drain"]), (Bar::Ask, Duration::from_secs(90)));
        assert_eq!((config.thresholds["disk"], config.critical.len()), ((75, 95), 1));
        assert_eq!(read_text("").0, Config::default());
    }

    #[test]
    fn the_page_and_its_schema_name_just_the_keys_that_are_known() {
        let page = include_str!("../../assets/docs/quarterdeck-yaml.md");
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../assets/docs/quarterdeck.schema.json")).unwrap();
        let named: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        for key in KEYS {
            assert!(page.contains(&format!("| `{key}` |")) && named.iter().any(|name| *name == key), "{key}");
        }
        assert_eq!(named.len(), KEYS.len());
        // What the page shows is understood as it stands there.
        for example in page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            assert_eq!(read_text(example).1, [], "{example}");
        }
    }

    #[test]
    fn what_is_not_understood_is_told_with_what_was_probably_meant() {
        for (text, place, word) in [
            ("stack: {}", "1:1", "write `stacks`"),
            ("stacks: {a: {aftr: [b]}}", "1:14", "write `after`"),
            ("stacks: {a: {tier: app}}", "1:20", "use one of"),
            ("stacks: {a: {timeout: soon}}", "1:23", "5m"),
            ("stacks: {a: {timeout: 0s}}", "1:23", "5m"),
            ("gates: {tier: halt}", "1:15", "use one of: stop"),
            ("gates: {preflght: stop}", "1:9", "write `preflight`"),
            ("komodo: {drive: some}", "1:17", "list of stacks"),
            ("sync: {auto: yes please}", "1:14", "list of stacks"),
            ("komodo: {driv: all}", "1:10", "write `drive`"),
            ("checkout: homelab", "1:11", "from the root"),
            ("directories: [mnt/media]", "1:14", "whole path"),
            ("thresholds: {disk: [95, 75]}", "1:20", "[75, 95]"),
            ("tiers: {apps: [a]}", "1:9", "use one of"),
            ("tiers: {platform: [a], application: [a]}", "1:38", "keep one"),
        ] {
            let (_, findings) = read_text(text);
            let first = findings.first().unwrap_or_else(|| panic!("nothing found in {text}"));
            assert_eq!(first.spot.to_string(), format!("quarterdeck.yaml:{place}"), "{text}");
            assert!(first.mend.contains(word), "{text}: {}", first.mend);
        }
    }
}
