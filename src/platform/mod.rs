//! The platform folder: files in, a [`Catalogue`] out. Knows no network; faults in one file never hide the others.

mod files;
mod inventory;
mod managers;
mod stacks;
mod values;
mod wishes;

use std::path::{Path, PathBuf};

use crate::diag::Diagnostic;
use crate::model::Catalogue;

pub use files::{Files, FilesError};
pub use managers::ManagerHost;
pub use values::Values;
pub use wishes::Checkout;

/// What a folder says, and what is wrong in it.
#[derive(Debug, Default)]
pub struct Platform {
    /// Stacks and hosts.
    pub catalogue: Catalogue,
    /// The managers that the inventory names, and how each is reached.
    pub managers: Vec<ManagerHost>,
    /// Faults that were found on the way.
    pub faults: Vec<Diagnostic>,
}

/// Reads the folder; what cannot be read is a fault beside what can.
#[must_use]
pub fn read(files: &Files) -> Platform {
    let mut faults = Vec::new();
    let stacks = stacks::find(files.paths(), &mut faults);
    let hosts = inventory::hosts(files, &mut faults);
    let managers = managers::managers(files);
    Platform { catalogue: Catalogue { name: files.name().to_owned(), stacks, hosts }, managers, faults }
}

/// The folder to work on: the one given, else the nearest at or above this one that looks like a platform.
#[must_use]
pub fn find(given: Option<&Path>, here: &Path) -> Option<PathBuf> {
    match given {
        Some(given) => Some(given.to_owned()),
        None => here.ancestors().find(|dir| dir.join("stacks").is_dir()).map(Path::to_owned),
    }
}
