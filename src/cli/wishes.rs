//! Which stacks of the folder a verb is about, and what their files wish for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::args::Which;
use super::connect::World;
use super::follow::misuse;
use super::{Ending, Stopped};
use crate::diag::Diagnostic;
use crate::model::{Filed, Tier};
use crate::platform::{Values, values};
use crate::stack::{self, Source, Sources, Wish};

/// A stack that was asked for, as far as its file could be read.
pub struct Read {
    /// Where it is filed.
    pub filed: Filed,
    /// What it wishes for, or what is wrong with its file.
    pub wish: Result<Wish, Vec<Diagnostic>>,
}

/// The stacks that were asked for, in name order. Without a word it is all of them, if that may be.
pub fn chosen(world: &World, which: &Which, all_if_silent: bool) -> Result<Vec<Filed>, Stopped> {
    let known = &world.catalogue.stacks;
    let silent = which.stacks.is_empty() && which.tier.is_none() && !which.all;
    if silent && !all_if_silent {
        return Err(misuse("it is not said what to deploy", "name stacks, or a tier with --tier, or say --all"));
    }
    for name in which.stacks.iter().chain(&which.only).chain(&which.skip) {
        if !known.contains_key(name) {
            let mend = "look below stacks/ of the platform folder; -C names another folder";
            return Err(misuse(&format!("the folder has no stack {name}"), mend));
        }
    }
    if known.is_empty() {
        return Err(misuse("no platform folder with stacks is here", "give the folder with -C DIR"));
    }
    let tier = which.tier.map(Tier::from);
    let all = which.all || (silent && all_if_silent);
    let wanted = |filed: &&Filed| {
        let named = which.stacks.contains(&filed.name) || tier.as_ref() == Some(&filed.tier) || all;
        named && (which.only.is_empty() || which.only.contains(&filed.name)) && !which.skip.contains(&filed.name)
    };
    Ok(known.values().filter(wanted).cloned().collect())
}

/// Reads the files of stacks.
pub fn read(world: &World, stacks: Vec<Filed>) -> Result<Vec<Read>, Stopped> {
    let values =
        values(&world.files, world.surroundings.clone()).map_err(|fault| Stopped::new(Ending::Misuse, fault))?;
    Ok(stacks.into_iter().map(|filed| Read { wish: wish(world, &filed, &values), filed }).collect())
}

fn wish(world: &World, filed: &Filed, values: &Values) -> Result<Wish, Vec<Diagnostic>> {
    let text = world.files.text(&filed.file).map_err(|error| {
        let fault = Diagnostic::new(format!("the file of the stack {} cannot be read", filed.name), "look at the file");
        vec![fault.at(filed.file.display().to_string()).because(error.to_string())]
    })?;
    let source = Source { name: filed.file.clone(), text: text.into() };
    let foreign = values.borrowed(&source);
    let dir = filed.file.parent().unwrap_or(Path::new(""));
    let mut wish = stack::read(&filed.name, Sources(vec![source]), dir, &*world.files, &values.all())?;
    if !foreign.is_empty() {
        let names: Vec<&str> = foreign.iter().map(String::as_str).collect();
        let said = Diagnostic::new(
            format!("{} come from the environment of this program", names.join(", ")),
            "put them into the .env of the platform, so that everybody deploys the same",
        );
        wish.notes.push(said.at(filed.file.display().to_string()));
    }
    Ok(wish)
}

/// The environment of this program, as far as it is text.
pub fn surroundings() -> BTreeMap<String, String> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

/// Names in a list, without doubles.
pub fn unique(names: &[String]) -> BTreeSet<&str> {
    names.iter().map(String::as_str).collect()
}
