//! Which stacks of the folder a verb is about.

use std::collections::{BTreeMap, BTreeSet};

use super::Ending;
use super::Stopped;
use super::args::Which;
use super::connect::World;
use super::follow::misuse;
use crate::jobs::Choice;
use crate::model::{Filed, Tier};
use crate::plan::{Gates, Options};
use crate::platform::govern;

/// The stacks that were asked for, in name order. Without a word it is all of them, if that may be.
fn chosen(world: &World, which: &Which, all_if_silent: bool) -> Result<Vec<Filed>, Stopped> {
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
        // What one host runs by itself is left out later, with its reason.
        named && (which.only.is_empty() || which.only.contains(&filed.name)) && !which.skip.contains(&filed.name)
    };
    let chosen: Vec<Filed> = known.values().filter(wanted).cloned().collect();
    if chosen.is_empty() {
        let mend = "list them by tier: quarterdeck plan; then say which";
        return Err(misuse("no stack of the folder is all that was asked for", mend));
    }
    Ok(chosen)
}

/// What a deploy or a plan of it is about. Where stacks are not named one by one, there are gates between all
/// tiers.
pub fn choice(world: &World, which: &Which, options: Options, all_if_silent: bool) -> Result<Choice, Stopped> {
    let broad = which.stacks.is_empty();
    let stacks = chosen(world, which, all_if_silent)?;
    let gates = if broad { Gates::All } else { Gates::Named };
    let places = stacks.iter().filter(|_| which.prepare).map(|filed| filed.name.clone()).collect();
    Ok(Choice { stacks, broad, options, gates, places })
}

/// Refuses what was named and is not ours to drive; of a tier or of all it is left out, with its reason.
pub fn ours(world: &World, which: &Which) -> Result<(), Stopped> {
    let mut all = which.stacks.iter().filter_map(|name| world.catalogue.stacks.get(name));
    all.try_for_each(govern::ours).map_err(|fault| Stopped::new(Ending::Misuse, fault))
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
