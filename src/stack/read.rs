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
    let project = project(&mut cx)?;
    let mut wish = convert::wish(name, &project, &sources, &mut cx);
    if !cx.faults.is_empty() {
        return Err(cx.faults);
    }
    wish.notes = cx.notes;
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
    let project = project(&mut cx)?;
    Ok((text::document(&project.emit()), cx.notes))
}

/// Every file, laid over each other.
fn project(cx: &mut Cx<'_>) -> Result<Project, Vec<Diagnostic>> {
    let mut documents = Vec::new();
    for (number, source) in (0..).zip(&cx.sources.0) {
        match document::read(number, source, cx.environment) {
            Ok(document) => documents.push(document),
            Err(faults) => cx.faults.extend(faults),
        }
    }
    if !cx.faults.is_empty() {
        return Err(std::mem::take(&mut cx.faults));
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
    let none = Diagnostic::new("there is no stack file", "name one with -c FILE");
    match whole {
        Some(project) if cx.faults.is_empty() => Ok(project),
        Some(_) => Err(std::mem::take(&mut cx.faults)),
        None => Err(vec![none]),
    }
}
