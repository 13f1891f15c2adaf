//! The registry and `quarterdeck.yaml` against the stacks of the folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Folder;
use crate::diag::{Finding, Spot};
use crate::model::Tier;
use crate::platform::{RunsOn, mend, prefix, rules};

/// Registered stacks against their files.
pub fn files(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    let mut first: BTreeMap<&Path, &str> = BTreeMap::new();
    for stack in &folder.platform.registry.stacks {
        let missing = |file: &&std::path::PathBuf| !stack.elsewhere && matches!(folder.files.found(file), Ok(None));
        for file in stack.files.iter().filter(missing) {
            let what = format!("the registered stack {} has no file {}", stack.name, file.display());
            let mend = "write its run_directory and file_paths as they are in the folder";
            findings.push(rules::REGISTERED_NOWHERE.broken(stack.spot.clone(), what, mend));
        }
        let Some(file) = stack.files.first() else { continue };
        match first.get(file.as_path()) {
            Some(other) => {
                let what = format!("{} is registered as {other} and as {}", file.display(), stack.name);
                findings.push(rules::REGISTERED_TWICE.broken(stack.spot.clone(), what, "take one of the two out"));
            }
            None => {
                first.insert(file, &stack.name);
            }
        }
    }
}

/// Stacks that nobody registered. What brings the registry itself up is in none: the infrastructure that is named by
/// its file.
pub fn unregistered(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    let platform = folder.platform;
    if !platform.registry.is_there {
        return;
    }
    for filed in platform.catalogue.stacks.values() {
        let by_file = filed.file.file_name().and_then(|name| name.to_str()).and_then(prefix).is_some();
        let bootstrap = filed.tier == Tier::Infrastructure && by_file;
        let known =
            platform.registry.of_file(&filed.file).is_some() || platform.config.stacks.contains_key(&filed.name);
        if !known && !bootstrap {
            let what = format!("the stack {} is not registered", filed.name);
            let mend = "register it in komodo/resources.toml, or name it under `stacks` in quarterdeck.yaml";
            findings.push(rules::STACK_UNREGISTERED.broken(Spot::of(&filed.file.to_string_lossy()), what, mend));
        }
    }
}

/// Files that bring a stack up under their own name, and are registered under another one. That a folder does so is
/// seen from such files that are in no registry.
pub fn renamed(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    let platform = folder.platform;
    let own = |file: &Path| file.file_name().and_then(|name| name.to_str()).and_then(prefix).map(str::to_owned);
    let stacks = || platform.catalogue.stacks.values().filter(|filed| filed.tier == Tier::Infrastructure);
    if !stacks().any(|filed| own(&filed.file).is_some() && platform.registry.of_file(&filed.file).is_none()) {
        return;
    }
    for filed in stacks() {
        let (Some(own), Some(registered)) = (own(&filed.file), platform.registry.of_file(&filed.file)) else {
            continue;
        };
        if matches!(registered.runs_on, RunsOn::Swarm(_)) && registered.name != own {
            let what = format!("{} is registered as {}", filed.file.display(), registered.name);
            let mend = format!("bring it up as {} everywhere, or register it as {own}", registered.name);
            findings.push(rules::STACK_RENAMED.broken(registered.spot.clone(), what, mend));
        }
    }
}

/// `ignore_services` against the services of the stack, both ways.
pub fn services(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    for stack in &folder.platform.registry.stacks {
        let Some(note) = folder.depth.stacks.get(&stack.name) else { continue };
        let services = &note.sketch.services;
        let names: Vec<&str> = services.iter().map(|service| service.name.as_str()).collect();
        for (ignored, spot) in &stack.ignored {
            match services.iter().find(|service| service.name == *ignored) {
                None => {
                    let what = format!("the stack {} has no service {ignored}", stack.name);
                    findings.push(rules::REGISTRY_IGNORED.broken(spot.clone(), what, mend(ignored, &names)));
                }
                Some(service) if !service.rests => {
                    let what = format!("the service {ignored} of {} runs for good and is ignored", stack.name);
                    findings.push(rules::REGISTRY_HIDDEN.broken(spot.clone(), what, "take it out of ignore_services"));
                }
                Some(_) => {}
            }
        }
        let ignored: BTreeSet<&str> = stack.ignored.iter().map(|(name, _)| name.as_str()).collect();
        for service in services.iter().filter(|service| service.rests && !ignored.contains(service.name.as_str())) {
            let what = format!("the one-shot {} of {} is not ignored", service.name, stack.name);
            let mend = format!("add \"{}\" to its ignore_services", service.name);
            findings.push(rules::REGISTRY_JOB.broken(stack.spot.clone(), what, mend));
        }
    }
}

/// Stacks that `quarterdeck.yaml` and the list of critical services name.
pub fn named(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    let stacks = &folder.platform.catalogue.stacks;
    let names: Vec<&str> = stacks.keys().map(String::as_str).collect();
    let config = &folder.platform.config;
    let chosen = config.drive.named().iter().chain(config.auto.named()).map(|(name, spot)| (name, spot));
    let named = config.stacks.iter().map(|(name, stack)| (name, &stack.spot)).chain(chosen);
    for (name, spot) in named.filter(|(name, _)| !stacks.contains_key(*name)) {
        let what = format!("quarterdeck.yaml names the stack {name}, which does not exist");
        findings.push(rules::CONFIG_STACK.broken(spot.clone(), what, mend(name, &names)));
    }
    for critical in folder.platform.critical.iter().filter(|critical| !stacks.contains_key(&critical.stack)) {
        let what =
            format!("the critical service {} belongs to {}, which does not exist", critical.name, critical.stack);
        findings.push(rules::CRITICAL_STACK.broken(critical.spot.clone(), what, mend(&critical.stack, &names)));
    }
}

/// Servers that are believed whoever they are.
pub fn certificates(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    for server in folder.platform.registry.servers.iter().filter(|server| server.insecure_tls) {
        let what = format!("the certificate of the server {} is not checked", server.name);
        let mend = "give it a certificate that Komodo trusts, and take insecure_tls away";
        findings.push(rules::REGISTRY_TLS.broken(server.spot.clone(), what, mend));
    }
}
