//! `stack deploy`, `stack rm` and `stack config`: the docker CLI's verbs of the same names.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::args::{Globals, ResolveImage, StackDeploy, StackFiles, StackVerb};
use super::connect::World;
use super::{Ending, Stopped, print};
use crate::diag::Diagnostic;
use crate::jobs::twin::{self, Deploy, Halt, Resolve, Said};
use crate::stack::{self, Disk, Sources};

/// Does what was asked with stacks.
pub async fn run(globals: &Globals, world: &World, verb: StackVerb) -> Result<Ending, Stopped> {
    let changes = !matches!(verb, StackVerb::Config(_));
    if changes && globals.read_only {
        let fault = Diagnostic::new("a read-only session changes nothing", "leave out --read-only");
        return Err(Stopped::new(Ending::Misuse, fault));
    }
    match verb {
        StackVerb::Config(files) => config(&files),
        StackVerb::Deploy(deploy) => self::deploy(globals, world, &deploy).await,
        StackVerb::Rm { names, .. } => rm(globals, world, &names).await,
    }
}

/// The files that were named, the folder from which they are seen, and the variables of the environment.
fn open(files: &StackFiles) -> Result<(Sources, PathBuf, BTreeMap<String, String>), Stopped> {
    let here = std::env::current_dir().map_err(|error| {
        let fault = Diagnostic::new("the current folder cannot be told", "change into a folder that exists");
        Stopped::new(Ending::Failed, fault.because(error.to_string()))
    })?;
    let (sources, dir) = Disk::open(&files.files, &here, &mut std::io::stdin().lock()).map_err(all)?;
    let words =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Ok((sources, dir, words.collect()))
}

/// Tells all faults but the last, which ends the verb.
fn all(mut faults: Vec<Diagnostic>) -> Stopped {
    let none = || Diagnostic::new("the stack cannot be read", "look at its files");
    let last = faults.pop().unwrap_or_else(none);
    faults.iter().for_each(print::fault);
    Stopped::new(Ending::Failed, last)
}

fn notes(notes: &[Diagnostic]) {
    for note in notes {
        let place = if note.place.is_empty() { String::new() } else { format!("{}: ", note.place) };
        print::remark(&format!("note: {place}{} ({})", note.line(), note.mend));
    }
}

/// Prints the files laid over each other.
pub fn config(files: &StackFiles) -> Result<Ending, Stopped> {
    let (sources, dir, environment) = open(files)?;
    let (text, found) = stack::compose_text(&sources, &dir, &Disk, &environment).map_err(all)?;
    notes(&found);
    print::line(text.trim_end());
    Ok(Ending::Done)
}

async fn deploy(globals: &Globals, world: &World, wanted: &StackDeploy) -> Result<Ending, Stopped> {
    let (sources, dir, environment) = open(&wanted.files)?;
    let wish = stack::read(&wanted.name, sources, &dir, &Disk, &environment).map_err(all)?;
    notes(&wish.notes);
    let deploy = Deploy {
        wish: &wish,
        prune: wanted.prune,
        resolve: match wanted.resolve_image {
            ResolveImage::Always => Resolve::Always,
            ResolveImage::Changed => Resolve::Changed,
            ResolveImage::Never => Resolve::Never,
        },
        credentials: wanted.with_registry_auth.then(|| world.registries.clone()),
        wait: !wanted.detach,
    };
    let json = globals.json;
    let quiet = wanted.quiet;
    match Box::pin(twin::deploy(&world.engine, &deploy, &|said| tell((json, quiet), said))).await {
        Ok(()) => Ok(Ending::Done),
        Err(Halt::Unreachable(fault)) => Err(Stopped::new(Ending::Unreachable, fault)),
        Err(Halt::Failed(fault)) => Err(Stopped::new(Ending::Failed, fault)),
    }
}

async fn rm(globals: &Globals, world: &World, names: &[String]) -> Result<Ending, Stopped> {
    let mut faults = Vec::new();
    for name in names {
        let json = globals.json;
        if let Err(fault) = Box::pin(twin::remove(&world.engine, name, &|said| tell((json, false), said))).await {
            faults.push(fault);
        }
    }
    if faults.is_empty() { Ok(Ending::Done) } else { Err(all(faults)) }
}

/// One line for what is being done; warnings go to standard error.
fn tell((json, quiet): (bool, bool), said: Said) {
    match said {
        Said::Doing(_) if quiet => {}
        Said::Doing(text) if json => {
            print::json_line(&serde_json::json!({ "doing": text }));
        }
        Said::Doing(text) => {
            print::line(&text);
        }
        Said::Warning(text) => print::remark(&text),
    }
}
