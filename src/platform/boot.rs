//! The boot server's groups and profiles (matchbox): which machine boots what. Read as far as drift needs it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;

use super::files::Files;
use super::page::{Page, word};
use super::reader::Reader;
use super::rules;
use crate::diag::{Finding, Spot};
use crate::stack::{Map, Node};

/// How an installer is told where its answers lie.
const INSTALLERS: [&str; 7] = ["auto=true", "autoinstall", "coreos.inst", "inst.ks=", "ks=", "preseed/", "url="];

/// What a boot server has been told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Boot {
    /// Which machine gets which profile.
    pub groups: Vec<Group>,
    /// What a profile boots.
    pub profiles: Vec<Profile>,
    /// Assets in the folder, as a profile names them; none if the folder holds no assets.
    pub assets: Option<BTreeSet<String>>,
}

/// Which machine gets which profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// The profile it gives.
    pub profile: Option<(String, Spot)>,
    /// The MAC address it selects; none means every machine.
    pub mac: Option<(String, Spot)>,
    /// The machine's name.
    pub hostname: Option<String>,
    /// The address it gives the machine.
    pub address: Option<(String, Spot)>,
    /// The key that may log in to the installed machine.
    pub key: Option<(String, Spot)>,
    /// Where it is written.
    pub spot: Spot,
}

/// What is booted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its id.
    pub id: String,
    /// Files it fetches from the boot server, as paths below its assets.
    pub assets: Vec<(String, Spot)>,
    /// The unattended installation it starts, if any.
    pub generic: Option<String>,
    /// It writes an operating system to the disk of the machine.
    pub installs: bool,
    /// Where it is written.
    pub spot: Spot,
}

/// Every boot server of the folder, taken together.
pub fn read(files: &Files, findings: &mut Vec<Finding>) -> Boot {
    let mut boot = Boot::default();
    let homes: BTreeSet<PathBuf> = files
        .paths()
        .iter()
        .filter(|path| is_json(path) && path.parent().is_some_and(|dir| dir.ends_with("profiles")))
        .filter_map(|path| Some(path.parent()?.parent()?.to_owned()))
        .collect();
    for home in &homes {
        for path in files.paths().iter().filter(|path| path.starts_with(home)) {
            let below = path.strip_prefix(home).unwrap_or(path);
            let part = below.iter().next().and_then(|part| part.to_str()).unwrap_or_default();
            match part {
                "groups" if is_json(path) => boot.groups.extend(open(files, path, findings, group)),
                "profiles" if is_json(path) => boot.profiles.extend(open(files, path, findings, profile)),
                "assets" => {
                    boot.assets.get_or_insert_default().insert(below.to_string_lossy().into_owned());
                }
                _ => {}
            }
        }
    }
    boot
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "json")
}

fn open<T>(
    files: &Files,
    path: &Path,
    findings: &mut Vec<Finding>,
    read: impl Fn(&Map, &str, &mut Reader<'_>) -> T,
) -> Option<T> {
    let page = Page::yaml(files, path, findings)?;
    // YAML allows more; the boot server does not.
    if path.extension().is_some_and(|end| end == "json")
        && let Err(fault) = serde_json::from_str::<IgnoredAny>(&page.text)
    {
        let number = |count: usize| u32::try_from(count).unwrap_or_default();
        let spot = page.spot.line(number(fault.line()), number(fault.column()));
        let mend = "write it as JSON: names and texts in double quotes, no comma before a closing bracket, no comments";
        let what = format!("the file is no JSON: {fault}");
        findings.push(rules::FILE_BROKEN.broken(spot, what, mend).because("the boot server reads nothing of it"));
    }
    let mut reader = Reader::new(&page, &rules::BOOT_SHAPE, findings);
    let map = reader.map("the file", page.root.as_ref()?)?;
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    Some(read(map, stem, &mut reader))
}

/// A text with its place.
fn text(map: &Map, key: &str, reader: &Reader<'_>) -> Option<(String, Spot)> {
    let node = map.get(key)?;
    Some((word(node).filter(|word| !word.is_empty())?, reader.at(node.place)))
}

fn group(map: &Map, stem: &str, reader: &mut Reader<'_>) -> Group {
    let empty = Map::default();
    let mut inner = |key: &str| map.get(key).and_then(|node| reader.map(key, node)).unwrap_or(&empty);
    let (selector, metadata) = (inner("selector"), inner("metadata"));
    let spot = map.0.first().map_or_else(|| reader.page.spot.clone(), |entry| reader.at(entry.place));
    if text(map, "profile", reader).is_none() {
        reader.findings.push(rules::BOOT_SHAPE.broken(
            spot.clone(),
            format!("the group {stem} has no profile"),
            "name a profile",
        ));
    }
    Group {
        id: text(map, "id", reader).map_or_else(|| stem.to_owned(), |(id, _)| id),
        profile: text(map, "profile", reader),
        mac: text(selector, "mac", reader),
        hostname: text(metadata, "hostname", reader).map(|(name, _)| name),
        address: text(metadata, "static_ip", reader).or_else(|| text(metadata, "reserved_ip", reader)),
        key: text(metadata, "ssh_authorized_key", reader),
        spot,
    }
}

fn profile(map: &Map, stem: &str, reader: &mut Reader<'_>) -> Profile {
    let spot = map.0.first().map_or_else(|| reader.page.spot.clone(), |entry| reader.at(entry.place));
    let mut assets = Vec::new();
    let generic = text(map, "generic_id", reader).map(|(generic, _)| generic);
    let mut installs = generic.is_some();
    if let Some(boot) = map.get("boot").and_then(|node| reader.map("boot", node)) {
        installs |= is_installer(boot);
        let initrd = boot.get("initrd").map(|node| reader.list("initrd", node)).unwrap_or_default();
        for node in boot.get("kernel").into_iter().chain(initrd) {
            let Some(path) = Node::text(node).and_then(|text| text.split_whitespace().next_back()) else { continue };
            if let Some(at) = path.find("/assets/").filter(|_| !path.contains("{{") && !path.contains("${")) {
                assets.push((path.get(at + 1..).unwrap_or_default().to_owned(), reader.at(node.place)));
            }
        }
    }
    Profile {
        id: text(map, "id", reader).map_or_else(|| stem.to_owned(), |(id, _)| id),
        assets,
        generic,
        installs,
        spot,
    }
}

/// Whether what is booted is an installer: it says so to its kernel, or it is a kernel with a system of its own in
/// memory. A menu, and the disk of the machine, are neither.
fn is_installer(boot: &Map) -> bool {
    let said = |key: &str| boot.get(key).and_then(Node::text).is_some_and(|text| !text.trim().is_empty());
    let listed = |key: &str| boot.get(key).and_then(Node::list).unwrap_or_default().iter().filter_map(word);
    let answers = listed("args").any(|arg| INSTALLERS.iter().any(|start| arg.starts_with(start)));
    said("kernel") && (answers || listed("initrd").any(|path| !path.trim().is_empty()))
}

/// A MAC address as six pairs in small letters, or none if it is none.
#[must_use]
pub fn mac(text: &str) -> Option<String> {
    let pairs: Vec<String> = text.split([':', '-']).map(str::to_lowercase).collect();
    let good = |pair: &String| pair.len() == 2 && pair.chars().all(|c| c.is_ascii_hexdigit());
    let whole = pairs.join(":");
    (pairs.len() == 6 && pairs.iter().all(good) && whole != "00:00:00:00:00:00").then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_profiles_and_assets_are_read_with_their_places() {
        let files = Files::of(
            &["stacks/pxe/config/assets/debian/linux"],
            &[
                (
                    "stacks/pxe/config/groups/ching.json",
                    "{\n  \"id\": \"ching\",\n  \"profile\": \"debian\",\n  \"selector\": {\"mac\": \"00:00:5E:00:53:01\"},\n  \"metadata\": {\"hostname\": \"ching\", \"domain\": \"{{ env `D` }}\", \"static_ip\": \"192.0.2.1\"}\n}\n",
                ),
                ("stacks/pxe/config/groups/default.json", "{\"profile\": \"none\"}"),
                (
                    "stacks/pxe/config/profiles/debian.json",
                    "{\"id\": \"debian\", \"boot\": {\"kernel\": \"/assets/debian/linux\", \"initrd\": [\"--name main http://x:8480/assets/debian/initrd.gz\"], \"args\": [\"${mac:hexhyp}\"]}, \"generic_id\": \"seed\"}",
                ),
                (
                    "stacks/pxe/config/profiles/none.json",
                    "{\"id\": \"none\", \"boot\": {\"kernel\": \"\", \"initrd\": []}}",
                ),
                ("stacks/other/groups/x.json", "[]"),
            ],
        );
        let mut findings = Vec::new();
        let boot = read(&files, &mut findings);
        assert_eq!(findings, []);
        let [ching, default] = boot.groups.as_slice() else { panic!("two groups") };
        assert_eq!(ching.mac.as_ref().unwrap().1.to_string(), "stacks/pxe/config/groups/ching.json:4:23");
        assert_eq!((default.id.as_str(), &default.mac), ("default", &None));
        let assets: Vec<&str> = boot.profiles[0].assets.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(assets, ["assets/debian/linux", "assets/debian/initrd.gz"]);
        assert!(boot.profiles[1].assets.is_empty());
        assert!(boot.assets.unwrap().contains("assets/debian/linux"));
    }

    #[test]
    fn what_only_yaml_allows_is_told_at_its_place() {
        for (text, place) in [
            ("{\"id\": \"a\",\n \"profile\": \"p\",}", "2:17"),
            ("{'id': 'a', 'profile': 'p'}", "1:2"),
            ("# the first\n{\"profile\": \"p\"}", "1:1"),
        ] {
            let files = Files::of(
                &[],
                &[
                    ("stacks/pxe/config/groups/a.json", text),
                    ("stacks/pxe/config/profiles/p.json", "{\"id\": \"p\", \"boot\": {}}"),
                ],
            );
            let mut findings = Vec::new();
            let boot = read(&files, &mut findings);
            let told: Vec<String> = findings.iter().map(|one| format!("{} {}", one.rule, one.spot)).collect();
            assert_eq!(told, [format!("file-broken stacks/pxe/config/groups/a.json:{place}")], "{text}");
            assert_eq!(boot.groups.len(), 1, "what can be read of it counts");
        }
    }

    #[test]
    fn a_placeholder_is_no_mac_address() {
        assert_eq!(mac("00-00-5E-00-53-FF").as_deref(), Some("00:00:5e:00:53:ff"));
        for text in ["XX:XX:XX:XX:XX:XX", "00:00:00:00:00:00", "", "00:00:5e:00:53", "TODO"] {
            assert_eq!(mac(text), None, "{text}");
        }
    }
}
