//! Findings after which it is not known what must not be done: in files that say who drives a stack, what is switched off
//! and what is guarded, and in what a stack demands before its deploy. What cannot be read there must not count as nothing.

use std::path::Path;

use super::{config, critical, preflight, rules};
use crate::diag::{Finding, Severity};

/// Something in a file of the whole folder may forbid what is about to be done, and is not known.
pub fn is_doubt(finding: &Finding) -> bool {
    let file = &*finding.spot.file;
    let guards = config::NAMES.contains(&file) || file == critical::FILE;
    finding.severity == Severity::Error && (guards || hides_governor(finding))
}

/// It is not known who drives the stacks: a registry cannot be read.
pub fn hides_governor(finding: &Finding) -> bool {
    let unread = [rules::FILE_BROKEN.id, rules::FILE_UNREADABLE.id].contains(&finding.rule);
    unread && Path::new(&*finding.spot.file).extension().is_some_and(|end| end == "toml")
}

/// It is not known what the stack in this directory demands before its deploy.
pub fn hides_demands(finding: &Finding, dir: &Path) -> bool {
    let file = Path::new(&*finding.spot.file);
    let is_preflight = preflight::NAMES.iter().any(|name| dir.join(name) == file);
    finding.severity == Severity::Error && is_preflight
}
