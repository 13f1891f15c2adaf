//! The platform folder: files in, a [`Catalogue`] out. Knows no network; faults in one file never hide the others.

mod env;
mod env_scan;
mod files;
mod inventory;
mod page;
mod reader;
pub mod rules;
mod secrecy;
mod stacks;
mod suggest;
mod values;

use std::path::{Path, PathBuf};

use crate::diag::Diagnostic;
use crate::model::Catalogue;

pub use files::{Files, FilesError};

/// What a folder says, and what is wrong in it.
#[derive(Debug, Default)]
pub struct Platform {
    /// Stacks and hosts.
    pub catalogue: Catalogue,
    /// Faults that were found on the way.
    pub faults: Vec<Diagnostic>,
}

/// Reads the folder; what cannot be read is a fault beside what can.
#[must_use]
pub fn read(files: &Files) -> Platform {
    let mut faults = Vec::new();
    let stacks = stacks::find(files.paths(), &mut faults);
    let mut findings = Vec::new();
    let values = values::Values::read(files, values::Environment::new(), &mut findings);
    let hosts = inventory::read(files, &values, &mut findings).hosts.into_iter().map(|(name, host)| (name, host.note)).collect();
    faults.extend(findings.iter().map(Diagnostic::from));
    Platform { catalogue: Catalogue { name: files.name().to_owned(), stacks, hosts }, faults }
}

/// The folder to work on: the one given, else the nearest at or above this one that looks like a platform.
#[must_use]
pub fn find(given: Option<&Path>, here: &Path) -> Option<PathBuf> {
    match given {
        Some(given) => Some(given.to_owned()),
        None => here.ancestors().find(|dir| dir.join("stacks").is_dir()).map(Path::to_owned),
    }
}
