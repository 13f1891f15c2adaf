//! What the folder says for a deploy of many stacks, read once: its order, its values, what stacks demand and wish for, and
//! the networks that all of them need.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::upcoming;
use crate::diag::Diagnostic;
use crate::model::{Catalogue, Filed};
use crate::platform::{self, Checkout, Platform, Preflight};
use crate::stack::{Kind, Wish};

/// What the folder says.
#[derive(Debug)]
pub struct Ground {
    /// The platform, read anew.
    pub platform: Platform,
    /// In which order its stacks come up.
    pub order: platform::Order,
    /// The values for all stacks.
    pub values: platform::Values,
    /// What stacks demand before their deploy.
    pub preflights: BTreeMap<String, Preflight>,
    /// What is wrong in them, by stack: what it demands is not all known.
    pub unread: BTreeMap<String, Vec<Diagnostic>>,
    /// Names of networks that two stacks or more need and none makes.
    pub networks: BTreeSet<String>,
    /// What each stack wishes for, or what is wrong with its file.
    pub wishes: BTreeMap<String, Result<Arc<Wish>, Vec<Diagnostic>>>,
}

/// Reads the folder for these stacks. Waits for the disk.
///
/// # Errors
/// If the folder's values cannot be read.
pub fn ground(checkout: &Checkout, stacks: &[Filed]) -> Result<Ground, Diagnostic> {
    let values = checkout.values()?;
    let platform = platform::read_in(&checkout.files, checkout.surroundings.as_ref().clone());
    let depth = platform.depth(&checkout.files);
    let networks = common_networks(&depth.stacks, &platform.catalogue);
    let hidden = |filed: &Filed| -> Vec<Diagnostic> {
        let dir = filed.file.parent().unwrap_or(Path::new(""));
        depth.findings.iter().filter(|finding| platform::hides_demands(finding, dir)).map(Diagnostic::from).collect()
    };
    let unread = stacks.iter().map(|filed| (filed.name.clone(), hidden(filed))).collect();
    let preflights: BTreeMap<String, Preflight> =
        depth.stacks.into_iter().filter_map(|(name, note)| Some((name, note.preflight?))).collect();
    let wish = |filed: &Filed| {
        let wish = upcoming::wish(checkout, filed, (preflights.get(&filed.name), &values));
        // What a fault repeats of the file may have come from `.env`.
        let mut wish = wish.map_err(|faults| faults.into_iter().map(|fault| values.told(fault)).collect::<Vec<_>>())?;
        for external in &mut wish.externals {
            let makes = |edge: &&platform::Edge| {
                let uses = matches!(&edge.why, platform::Why::Uses(kind, name) if *kind == external.kind && *name == external.name);
                uses && edge.stack == filed.name
            };
            external.by = depth.order.edges.iter().find(makes).map(|edge| edge.on.clone());
        }
        Ok(Arc::new(wish))
    };
    let wishes = stacks.iter().map(|filed| (filed.name.clone(), wish(filed))).collect();
    Ok(Ground { platform, order: depth.order, values, preflights, unread, networks, wishes })
}

/// Networks that belong to the platform and to no stack that is to run. One that a single stack needs may be misspelled.
fn common_networks(stacks: &platform::Sketches, catalogue: &Catalogue) -> BTreeSet<String> {
    let is_network = |part: &&(Kind, String)| part.0 == Kind::Network;
    let to_run = |name: &String| catalogue.stacks.get(name).is_none_or(Filed::is_awaited);
    let sketches: Vec<_> = stacks.iter().filter(|(name, _)| to_run(name)).map(|(_, note)| &note.sketch).collect();
    let made: BTreeSet<&String> =
        sketches.iter().flat_map(|sketch| sketch.makes.keys().filter(is_network)).map(|(_, name)| name).collect();
    let mut needed: BTreeMap<&String, usize> = BTreeMap::new();
    for (_, name) in sketches.iter().flat_map(|sketch| sketch.needs.keys().filter(is_network)) {
        *needed.entry(name).or_default() += 1;
    }
    let common = needed.into_iter().filter(|(name, needs)| *needs > 1 && !made.contains(name));
    common.map(|(name, _)| name.clone()).collect()
}
