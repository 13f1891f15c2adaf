//! What pre-flights demand against what the folder has.

use super::Folder;
use crate::diag::Finding;
use crate::platform::{Preflight, fill, mend, rules};

fn all<'a>(folder: &'a Folder<'_>) -> impl Iterator<Item = (&'a str, &'a Preflight)> {
    folder.depth.stacks.iter().filter_map(|(stack, note)| Some((stack.as_str(), note.preflight.as_ref()?)))
}

/// Values that must be set. Without a `.env` nobody can tell.
pub fn env(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    let values = &folder.platform.values;
    if values.env.is_none() {
        return;
    }
    for (stack, preflight) in all(folder) {
        for (name, spot) in preflight.env.iter().filter(|(name, _)| values.text(name).trim().is_empty()) {
            let word = if values.get(name).is_some() { "is empty" } else { "is not set" };
            let what = format!("{stack} demands {name}, which {word}");
            findings.push(rules::PREFLIGHT_ENV.broken(spot.clone(), what, format!("set {name} in .env")));
        }
    }
}

/// Labels that a node must have. An inventory without hosts tells nothing.
pub fn labels(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    let hosts = &folder.platform.inventory.hosts;
    if hosts.is_empty() {
        return;
    }
    let known: Vec<&str> = hosts.values().flat_map(|host| host.labels.keys()).map(String::as_str).collect();
    for (stack, preflight) in all(folder) {
        for check in &preflight.labels {
            // A value that only Ansible knows may be the one.
            let fits = |value: &str| value.is_empty() || value.eq_ignore_ascii_case(&check.value);
            if hosts.values().any(|host| host.labels.get(&check.key).is_some_and(|label| fits(&label.value))) {
                continue;
            }
            let what = format!("{stack} demands a node with {}={}, and no host has that label", check.key, check.value);
            let hint = match known.contains(&check.key.as_str()) || known.is_empty() {
                true => format!("add {}: {} to the node_labels of a host", check.key, check.value),
                false => format!(
                    "add {}: {} to the node_labels of a host, or {}",
                    check.key,
                    check.value,
                    mend(&check.key, &known)
                ),
            };
            findings.push(rules::PREFLIGHT_LABEL.broken(check.spot.clone(), what, hint));
        }
    }
}

/// Templates that are filled in must lie beside the stack.
pub fn templates(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    for (stack, preflight) in all(folder) {
        let Some(dir) = folder.platform.catalogue.stacks.get(stack).and_then(|filed| filed.file.parent()) else {
            continue;
        };
        for template in &preflight.templates {
            let Some(source) = &template.source else { continue };
            if matches!(folder.files.found(&crate::platform::plain(&dir.join(source))), Ok(None)) {
                let what = format!("the template {source} of {stack} is not there");
                let mend = format!("write it to {}", dir.join(source).display());
                findings.push(rules::PREFLIGHT_SOURCE.broken(template.spot.clone(), what, mend));
            }
        }
    }
}

/// What is filled in before a deploy must be understood: whatever values there are.
pub fn filled(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    for (stack, preflight) in all(folder) {
        let dir = folder.platform.catalogue.stacks.get(stack).and_then(|filed| filed.file.parent());
        let sources = preflight.templates.iter().filter_map(|template| {
            let text = folder.files.text(&crate::platform::plain(&dir?.join(template.source.as_ref()?))).ok()?;
            Some((template, text))
        });
        let placed = preflight.directories.iter().chain(&preflight.files).chain(&preflight.templates);
        for (placed, text) in sources.chain(placed.map(|placed| (placed, placed.path.clone()))) {
            let with = |value: Option<&str>| fill(&text, |_| value.map(str::to_owned)).err().unwrap_or_default();
            let mut wrong = with(Some("x"));
            wrong.extend(with(None).into_iter().filter(|why| !why.ends_with("has no value")));
            if let Some(why) = wrong.into_iter().next() {
                let mend = "use {{ NAME }}, default('…'), basename, and {% if NAME is defined %} alone";
                findings.push(rules::PREFLIGHT_FILL.broken(placed.spot.clone(), format!("{stack}: {why}"), mend));
            }
        }
    }
}

/// The file in which Traefik keeps certificates and their keys. It opens none that others can read.
pub fn certificates(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    for (stack, preflight) in all(folder) {
        let placed = preflight.files.iter().chain(&preflight.templates);
        for file in placed.filter(|file| file.mode & 0o077 != 0 && file.path.rsplit('/').next() == Some("acme.json")) {
            let what = format!("the pre-flight of {stack} gives {} the mode {:04o}", file.path, file.mode);
            findings.push(rules::ACME_MODE.broken(file.spot.clone(), what, "write mode: \"0600\""));
        }
    }
}
