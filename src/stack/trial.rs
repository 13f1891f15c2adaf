//! A file that was looked through is taken as far as a deploy would take it, so that whoever reads the folder says what
//! the plan would say. Nothing comes of it but faults.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::convert;
use super::document::Survey;
use super::fault::Fault;
use super::grammar::path;
use super::place::{Folder, Source, Sources};
use super::project::Project;
use super::project::cx::Cx;

/// What a deploy under this name would refuse beyond what the survey tells: short forms, durations, sizes, and what
/// does not go together. As in [`super::read`], what is refused already is left out and causes nothing further.
#[must_use]
pub fn trial(
    name: &str,
    survey: &Survey,
    source: &Source,
    folder: &dyn Folder,
    environment: &BTreeMap<String, String>,
) -> Vec<Fault> {
    let mut root = survey.root.clone();
    let refused: BTreeSet<_> = survey.refused.iter().map(|fault| fault.place).collect();
    if !refused.is_empty() {
        root.leave_out(&refused);
    }
    let dir = path::clean(&source.name.parent().unwrap_or(Path::new("")).to_string_lossy());
    let sources = Sources(vec![source.clone()]);
    let mut cx = Cx::new(&sources, &dir, folder, environment);
    let project = Project::read("", &root, &mut cx);
    if refused.is_empty() {
        let _unsent = convert::wish(name, &project, &sources, &mut cx);
    }
    cx.faults
}
