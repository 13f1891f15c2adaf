//! Networks, volumes, secrets and configs: declared where they are used, made by somebody, from files that are there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Folder;
use super::service::Service;
use super::stack::{Part, Scene, Stack, Word, users};
use crate::diag::{Finding, Spot};
use crate::platform::{mend, plain, rules};
use crate::stack::Kind;

/// Networks that every engine has.
const BUILT_IN: [&str; 5] = ["bridge", "docker_gwbridge", "host", "ingress", "none"];

/// What services name and their file does not declare.
pub fn undeclared(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services() {
        let volumes: Vec<Word> = service
            .mounts
            .iter()
            .filter(|mount| !mount.is_bind && !mount.source.is_empty())
            .map(|mount| Word { text: mount.source.clone(), spot: mount.spot.clone() })
            .collect();
        for (kind, named, declared) in [
            ("network", &service.networks, &stack.networks),
            ("volume", &volumes, &stack.volumes),
            ("secret", &service.secrets, &stack.secrets),
            ("config", &service.configs, &stack.configs),
        ] {
            let known: Vec<&str> = declared.keys().map(String::as_str).collect();
            for word in named.iter().filter(|word| !declared.contains_key(&word.text)) {
                // The network `default` is there without a word.
                if word.is_open() || (kind == "network" && word.text == "default") {
                    continue;
                }
                let what = format!(
                    "{} of {} names the {kind} {}, which its file does not declare",
                    service.key,
                    stack.name(),
                    word.text
                );
                let declare = format!("declare it under `{kind}s` at the top of the file");
                let hint =
                    if known.is_empty() { declare } else { format!("{declare}, or {}", mend(&word.text, &known)) };
                findings.push(rules::PART_UNDECLARED.broken(word.spot.clone(), what, hint));
            }
        }
    }
}

/// Files that secrets and configs are made from. A stack with hooks may make them itself.
pub fn files(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for stack in scene.swarm() {
        let hooks = stack.note.preflight.as_ref().is_some_and(|preflight| preflight.hooks.is_some());
        let dir = stack.filed.file.parent().unwrap_or(Path::new(""));
        let parts = stack.secrets.values().map(|part| ("secret", part));
        for (kind, part) in parts.chain(stack.configs.values().map(|part| ("config", part))) {
            let Some(file) = part.file.as_ref().filter(|file| !part.external && !file.is_open() && !hooks) else {
                continue;
            };
            if file.text.starts_with(['/', '~']) {
                continue;
            }
            let path = plain(&dir.join(&file.text));
            if !matches!(scene.folder.files.found(&path), Ok(Some(_)) | Err(_)) {
                let what = format!("the {kind} {} is made from {}, which is not there", part.name, file.text);
                findings.push(rules::PART_FILE.broken(
                    file.spot.clone(),
                    what,
                    format!("write it to {}", path.display()),
                ));
            }
        }
    }
}

/// What stacks need and nothing in the folder makes, each told once.
pub fn externals(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let made = made(scene);
    let mut needed: BTreeMap<(Kind, &str), Vec<(&str, &Spot)>> = BTreeMap::new();
    for stack in scene.swarm() {
        for (kind, parts) in kinds(stack) {
            for (key, part) in parts.iter().filter(|(_, part)| part.external && !part.name.contains("${")) {
                if stack.services.iter().any(|service| uses(service, kind, key)) {
                    needed.entry((kind, part.name.as_str())).or_default().push((stack.name(), &part.spot));
                }
            }
        }
    }
    nested(scene, &made, findings);
    for ((kind, name), stacks) in needed {
        let built_in = kind == Kind::Network && BUILT_IN.contains(&name);
        if built_in || made.contains(&(kind, name.to_owned())) {
            continue;
        }
        let Some((_, spot)) = stacks.first() else { continue };
        let who: BTreeSet<&str> = stacks.iter().map(|(stack, _)| *stack).collect();
        let what = format!("nothing makes the {} {name}, which {}", kind.word(), users(&who));
        let how = match kind {
            Kind::Network => {
                "let one stack declare it without `external`, or name it under `networks` in quarterdeck.yaml; \
                 quarterdeck deploy makes one that several stacks use"
            }
            Kind::Secret => "name it under `secrets` in the pre-flight.yml of a stack, or in quarterdeck.yaml",
            Kind::Config => "let one stack declare it without `external`",
        };
        findings.push(rules::EXTERNAL_MISSING.broken((*spot).clone(), what, how));
    }
}

/// Networks that compose files beside the stacks need. Their own stack is not known, so what it makes counts for them.
fn nested(scene: &Scene<'_>, made: &BTreeSet<(Kind, String)>, findings: &mut Vec<Finding>) {
    for (path, sketch) in &scene.folder.depth.nested {
        for ((kind, name), spot) in &sketch.needs {
            let known = made.contains(&(*kind, name.clone())) || BUILT_IN.contains(&name.as_str());
            if *kind != Kind::Network || known || name.contains("${") {
                continue;
            }
            let what = format!("nothing makes the network {name}, which {} uses", path.display());
            let mend = "let a stack declare it without `external`, or name it under `networks` in quarterdeck.yaml";
            findings.push(rules::EXTERNAL_MISSING.broken(spot.clone(), what, mend));
        }
    }
}

fn kinds<'a>(stack: &'a Stack<'_>) -> [(Kind, &'a BTreeMap<String, Part>); 3] {
    [(Kind::Network, &stack.networks), (Kind::Secret, &stack.secrets), (Kind::Config, &stack.configs)]
}

fn uses(service: &Service, kind: Kind, key: &str) -> bool {
    let named = match kind {
        Kind::Network => &service.networks,
        Kind::Secret => &service.secrets,
        Kind::Config => &service.configs,
    };
    named.iter().any(|word| word.text == key) || (kind == Kind::Network && key == "default" && named.is_empty())
}

/// Everything that the folder makes: stacks, pre-flights, `quarterdeck.yaml`, and networks that the playbooks make.
fn made(scene: &Scene<'_>) -> BTreeSet<(Kind, String)> {
    let folder = scene.folder;
    let mut made: BTreeSet<(Kind, String)> = BTreeSet::new();
    for note in folder.depth.stacks.values() {
        made.extend(note.sketch.makes.keys().cloned());
        let secrets = note.preflight.iter().flat_map(|preflight| &preflight.secrets);
        made.extend(secrets.map(|secret| (Kind::Secret, secret.name.clone())));
    }
    made.extend(folder.platform.config.outside.iter().map(|(kind, name, _)| (*kind, name.clone())));
    made.extend(required(folder).map(|name| (Kind::Network, name.to_owned())));
    made
}

/// Networks that playbooks make.
fn required<'a>(folder: &'a Folder<'_>) -> impl Iterator<Item = &'a str> {
    let variable = folder.platform.inventory.all.get("swarm_required_networks");
    let items = variable.and_then(|variable| variable.node.list()).unwrap_or_default();
    items.iter().filter_map(|item| item.text())
}

/// Networks that are made beforehand, by playbooks, by scripts or by Quarterdeck, and again by a stack.
pub fn twice(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let folder = scene.folder;
    let mut before: BTreeMap<String, &str> = BTreeMap::new();
    for path in
        folder.files.under(Path::new("scripts")).iter().filter(|path| path.extension().is_some_and(|it| it == "sh"))
    {
        let text = folder.files.found(path).ok().flatten().unwrap_or_default();
        before.extend(text.lines().filter_map(created).map(|name| (name.to_owned(), "a script")));
    }
    before.extend(required(folder).map(|name| (name.to_owned(), "a playbook")));
    let own = folder.platform.config.outside.iter().filter(|(kind, ..)| *kind == Kind::Network);
    before.extend(own.map(|(_, name, _)| (name.clone(), "quarterdeck.yaml")));
    for stack in scene.swarm() {
        for part in stack.networks.values().filter(|part| !part.external) {
            let Some(maker) = before.get(&part.name) else { continue };
            let what = format!("{} makes the network {}, which {maker} makes too", stack.name(), part.name);
            let mend = "make it external here, or let the stack alone make it";
            findings.push(rules::NETWORK_TWICE.broken(part.spot.clone(), what, mend));
        }
    }
}

/// The network that a line of a script makes.
fn created(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("network create ")?;
    let after = after.split(['|', '&', ';', '>', '#']).next()?;
    // What is left of `2>/dev/null` is no name.
    let name = after.split_whitespace().rfind(|word| !matches!(*word, "1" | "2"))?.trim_matches(['"', '\'']);
    (!before.trim_start().starts_with('#') && !name.starts_with('-') && !name.contains('$')).then_some(name)
}
