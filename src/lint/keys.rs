//! What a swarm says to the keys of a stack file, and what it says to images.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::stack::Scene;
use crate::diag::{Finding, Rule, Severity, Spot};
use crate::platform::{Files, refusals as refusals_of, rules};
use crate::stack::grammar::image;
use crate::stack::{Fault, Folder};

/// Keys whose loss a service notices.
const LOST: [&str; 8] =
    ["cgroup_parent", "cgroupns_mode", "devices", "ipc", "pid", "privileged", "security_opt", "userns_mode"];

/// What is refused, what only we take, and what is ignored.
pub fn keys(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for stack in scene.swarm() {
        let told = |rule: &Rule, fault: &Fault| tell(rule, stack.at(fault.place), fault);
        findings.extend(stack.survey.refused.iter().map(|fault| told(&rules::SWARM_REFUSED, fault)));
        findings.extend(stack.survey.extended.iter().map(|fault| told(&rules::SWARM_EXTENDED, fault)));
        for fault in &stack.survey.ignored {
            let what = fault.diagnostic.what.as_str();
            let key = what.split(' ').next().and_then(|path| path.rsplit('.').next()).unwrap_or_default();
            let rule = match key {
                "network_mode" if shares(scene.folder.files, &stack.filed.file, fault) => {
                    let why = "it gets a network of its own: what it was to reach through the other, such as a VPN, it reaches directly";
                    findings.push(told(&rules::SWARM_LOST, fault).because(why));
                    continue;
                }
                "network_mode" => &rules::SWARM_HOST_NETWORK,
                key if LOST.contains(&key) => &rules::SWARM_LOST,
                _ => &rules::SWARM_IGNORED,
            };
            findings.push(told(rule, fault));
        }
    }
}

/// The network is that of another container.
fn shares(files: &Files, file: &Path, fault: &Fault) -> bool {
    let text = files.text(file).unwrap_or_default();
    let line = text.lines().nth(fault.place.line.saturating_sub(1) as usize).unwrap_or_default();
    let said = line.split_once("network_mode:").map(|(_, said)| said.trim_start().trim_start_matches(['"', '\'']));
    said.is_some_and(|said| said.starts_with("service:") || said.starts_with("container:"))
}

/// What a deploy refuses beyond the shape of the file, in the words of the plan. Where a rule has told a fault of that
/// line with more knowledge of the folder, its word is enough.
pub fn refusals(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let values = &scene.folder.platform.values;
    for stack in scene.swarm() {
        let told: BTreeSet<u32> = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error && stack.is_in(&finding.spot))
            .map(|finding| finding.spot.line)
            .collect();
        let hooks = stack.note.preflight.as_ref().is_some_and(|preflight| preflight.hooks.is_some());
        let folder = Lenient { files: scene.folder.files, hooks };
        for fault in refusals_of(&folder, stack.filed, &stack.note.sketch, values) {
            if !told.contains(&fault.place.line) {
                findings.push(tell(&rules::SWARM_REFUSED, stack.at(fault.place), &fault));
            }
        }
    }
}

/// The files as they will be when the stack is deployed: those outside the folder, and those that hooks make, are
/// taken to be there.
struct Lenient<'a> {
    files: &'a Files,
    hooks: bool,
}

impl Folder for Lenient<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let outside = path.is_absolute() || path.starts_with("..") || path.starts_with("~");
        match self.files.read(path) {
            Err(_) if self.hooks || outside => Ok(Vec::new()),
            read => read,
        }
    }
}

fn tell(rule: &Rule, spot: Spot, fault: &Fault) -> Finding {
    let told = &fault.diagnostic;
    let finding = rule.broken(spot, told.what.clone(), told.mend.clone());
    match told.why.is_empty() {
        true => finding,
        false => finding.because(told.why.join("; ")),
    }
}

/// Images that are not the same tomorrow.
pub fn images(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services() {
        let who = stack.own(service);
        let Some(name) = &service.image else {
            let mend = "name an image that the nodes can pull";
            let what = format!("the service {who} has no image");
            findings.push(rules::IMAGE_MISSING.broken(service.spot.clone(), what, mend));
            continue;
        };
        if name.is_open() || name.text.contains('@') || image::parse(&name.text).is_err() {
            continue;
        }
        let last = name.text.rsplit('/').next().unwrap_or_default();
        let (rule, word) = match last.split_once(':') {
            Some((_, "latest")) => (&rules::IMAGE_LATEST, "is not pinned"),
            Some(_) => continue,
            None => (&rules::IMAGE_UNTAGGED, "has no tag"),
        };
        let what = format!("the image {} of {who} {word}", name.text);
        findings.push(rule.broken(name.spot.clone(), what, "write the version that was tried, as in name:1.2.3"));
    }
}
