//! From the texts of stack files to the wish: each file is read, the files are laid over each other, and the whole is
//! turned into what the engine is to have. All faults of a step are told at once; nothing is asked of a swarm.

use std::collections::BTreeMap;
use std::path::Path;

use super::convert;
use super::document;
use super::grammar::path;
use super::place::{Folder, Sources};
use super::project::Project;
use super::project::cx::Cx;
use super::text;
use super::wish::Wish;
use crate::diag::Diagnostic;

/// What a stack of this name wishes for. Relative paths are seen from `dir`; variables come from `environment` alone.
///
/// # Errors
/// All faults that can be found before the swarm is asked.
pub fn read(
    name: &str,
    sources: Sources,
    dir: &Path,
    folder: &dyn Folder,
    environment: &BTreeMap<String, String>,
) -> Result<Wish, Vec<Diagnostic>> {
    if name.trim_matches(|c: char| c.is_whitespace() || c == '\'' || c == '"').is_empty() {
        let mend = "give the stack a name, such as shop";
        return Err(vec![Diagnostic::new(format!("a stack cannot be called {name:?}"), mend)]);
    }
    let dir = path::clean(&dir.to_string_lossy());
    let mut cx = Cx::new(&sources, &dir, folder, environment);
    let Some(project) = project(&mut cx) else { return Err(cx.into_faults()) };
    // Also after a fault, so that all are told at once; what could not be read is left out and causes no further one.
    let mut wish = convert::wish(name, &project, &sources, &mut cx);
    if !cx.faults.is_empty() {
        return Err(cx.into_faults());
    }
    wish.notes = cx.notes;
    wish.awaited = cx.awaited;
    Ok(wish)
}

/// The files laid over each other, with variables put in and short forms written out, as one file.
///
/// # Errors
/// As [`read`], without what concerns a swarm.
pub fn compose_text(
    sources: &Sources,
    dir: &Path,
    folder: &dyn Folder,
    environment: &BTreeMap<String, String>,
) -> Result<(String, Vec<Diagnostic>), Vec<Diagnostic>> {
    let dir = path::clean(&dir.to_string_lossy());
    let mut cx = Cx::new(sources, &dir, folder, environment);
    match project(&mut cx) {
        Some(project) if cx.faults.is_empty() => Ok((text::document(&project.emit()), cx.notes)),
        _ => Err(cx.into_faults()),
    }
}

/// Every file, laid over each other; none if one of them is no stack file. What else is wrong is told to `cx`.
fn project(cx: &mut Cx<'_>) -> Option<Project> {
    let mut documents = Vec::new();
    for (number, source) in (0..).zip(&cx.sources.0) {
        match document::read_as_far(number, source, cx.environment) {
            Ok((document, faults)) => {
                documents.push(document);
                cx.told(faults);
            }
            Err(faults) => cx.told(faults),
        }
    }
    // What is sound is read on, so that all is told at once; laid over each other it would make no sense.
    if !cx.faults.is_empty() {
        for document in &documents {
            let _sound = Project::read(&format!("3.{}", document.version.0), &document.root, cx);
        }
        return None;
    }
    let mut whole: Option<Project> = None;
    for document in documents {
        let version = format!("3.{}", document.version.0);
        let next = Project::read(&version, &document.root, cx);
        cx.notes.extend(document.notes);
        match &mut whole {
            None => whole = Some(next),
            Some(base) => {
                if base.version != next.version {
                    let what = "the files have different versions";
                    let why = format!("the first is {}, another {}", base.version, next.version);
                    cx.fault(document.root.place, what, why, "give all files the same version, or none");
                }
                base.merge(next);
            }
        }
    }
    if whole.is_none() {
        cx.told([Diagnostic::new("there is no stack file", "name one with -c FILE")]);
    }
    whole
}
