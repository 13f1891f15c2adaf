//! Faults of the folder that are seen only when its parts are compared. A rule is a row of the table in
//! `platform::rules` and a function here; faults of a single file are found while it is read. Pure: judges what was
//! read, changes nothing, knows no swarm.

mod boot;
#[cfg(test)]
mod cases;
mod docs;
mod grants;
mod hosts;
mod keys;
mod labels;
mod life;
mod order;
mod parts;
mod place;
mod placeholder;
mod ports;
mod preflight;
mod registry;
mod service;
mod stack;
mod storage;
mod tasks;
mod templates;
#[cfg(test)]
mod tests;
mod values;

use crate::diag::{Finding, Rule, Severity, arrange};
use crate::platform::{Depth, Environment, Files, Platform, read_in, rules};
use stack::{Check, Scene, Stack};

/// What the rules compare.
pub struct Folder<'a> {
    /// Its files.
    pub files: &'a Files,
    /// What it says.
    pub platform: &'a Platform,
    /// What lies below `stacks/`.
    pub depth: &'a Depth,
}

/// Every function that compares parts of the folder.
const CHECKS: &[fn(&Folder<'_>, &mut Vec<Finding>)] = &[
    hosts::managers,
    hosts::addresses,
    hosts::placeholders,
    registry::files,
    registry::unregistered,
    registry::renamed,
    registry::services,
    registry::named,
    registry::certificates,
    order::unknown,
    order::circles,
    order::tiers,
    order::undeclared,
    values::variables,
    values::defaults,
    values::nested,
    preflight::env,
    preflight::labels,
    preflight::templates,
    preflight::filled,
    preflight::certificates,
    boot::groups,
    boot::twice,
    boot::reinstalls,
    boot::profiles,
    boot::addresses,
    boot::machines,
    tasks::files,
    docs::paths,
];

/// Every function that looks at services, of all stacks together.
const SERVICE_CHECKS: &[Check] = &[
    keys::keys,
    keys::images,
    values::literals,
    storage::databases,
    storage::floating,
    storage::relative,
    storage::unprovisioned,
    place::shapes,
    place::unmet,
    place::left_out,
    place::undemanded,
    place::cards,
    ports::clashes,
    ports::single,
    parts::undeclared,
    parts::files,
    grants::unlike,
    parts::externals,
    parts::twice,
    templates::unused,
    life::restarts,
    life::healths,
    life::shapes,
    life::programs,
];

/// All findings of a folder, as somebody with this environment sees it, in the order of its files.
#[must_use]
pub fn check(files: &Files, environment: Environment) -> Vec<Finding> {
    let mut platform = read_in(files, environment);
    let mut depth = platform.depth(files);
    let mut findings = std::mem::take(&mut platform.findings);
    findings.append(&mut depth.findings);
    let folder = Folder { files, platform: &platform, depth: &depth };
    for check in CHECKS {
        check(&folder, &mut findings);
    }
    let scene = Scene { folder: &folder, stacks: &Stack::all(&folder) };
    for check in SERVICE_CHECKS.iter().chain(labels::CHECKS) {
        check(&scene, &mut findings);
    }
    // Last, for it leaves out what the others have told.
    keys::refusals(&scene, &mut findings);
    // Names and words of the folder are told; a secret among them is not.
    for finding in &mut findings {
        for text in [&mut finding.what, &mut finding.why, &mut finding.mend] {
            *text = platform.values.mask(text);
        }
    }
    arrange(&mut findings);
    findings
}

/// The rule of this name.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules::ALL.iter().copied().find(|rule| rule.id == id)
}

/// The page of rules.
#[must_use]
pub fn manual() -> String {
    let mut page =
        "# Rules of the folder\n\nWhat `quarterdeck lint` looks for. An error makes it end with exit code 1.\n\n"
            .to_owned();
    page += "| rule | severity | looks for | because |\n| --- | --- | --- | --- |\n";
    for rule in rules::ALL {
        page += &format!("| `{}` | {} | {} | {} |\n", rule.id, rule.severity.word(), rule.title, rule.why);
    }
    page
}

/// How many findings there are of each severity.
#[must_use]
pub fn counts(findings: &[Finding]) -> [(Severity, usize); 3] {
    [Severity::Error, Severity::Warning, Severity::Info]
        .map(|severity| (severity, findings.iter().filter(|finding| finding.severity == severity).count()))
}
