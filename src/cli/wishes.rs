//! Which stacks of the folder a verb is about, and what their files wish for.

use std::collections::{BTreeMap, BTreeSet};

use super::args::Which;
use super::connect::World;
use super::follow::misuse;
use super::{Ending, Stopped, print};
use crate::diag::Diagnostic;
use crate::model::{Filed, MANAGED, Tier};
use crate::platform::govern;
use crate::stack::Wish;

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
        // What one host runs by itself is no part of a tier; if it is named, its reading says why it is not deployed.
        let mine = filed.host.is_none() || which.stacks.contains(&filed.name);
        named
            && mine
            && (which.only.is_empty() || which.only.contains(&filed.name))
            && !which.skip.contains(&filed.name)
    };
    Ok(known.values().filter(wanted).cloned().collect())
}

/// Those that are ours to drive. One that was named and is not stops all; of a tier or of all it is left out and told.
pub fn ours(stacks: Vec<Filed>, which: &Which) -> Result<Vec<Filed>, Stopped> {
    let (mut kept, mut foreign) = (Vec::new(), Vec::new());
    for filed in stacks {
        match govern::ours(&filed) {
            Ok(()) => kept.push(filed),
            Err(fault) if which.stacks.contains(&filed.name) => return Err(Stopped::new(Ending::Misuse, fault)),
            Err(_) => foreign.push(filed.name),
        }
    }
    if !foreign.is_empty() {
        print::remark(&format!("left out, {MANAGED}: {}", foreign.join(", ")));
    }
    Ok(kept)
}

/// Reads the files of stacks.
pub fn read(world: &World, stacks: Vec<Filed>) -> Result<Vec<Read>, Stopped> {
    let values = world.checkout.values().map_err(|fault| Stopped::new(Ending::Misuse, fault))?;
    Ok(stacks.into_iter().map(|filed| Read { wish: world.checkout.wish_of(&filed, &values), filed }).collect())
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
