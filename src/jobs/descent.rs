//! In which order stacks are taken away: what stands on others goes before them. Reads the folder; writes nothing.

use std::collections::BTreeSet;

use super::folder::reading;
use super::rollout::left_to_others;
use crate::diag::Diagnostic;
use crate::model::Tier;
use crate::plan;
use crate::platform::{self, Checkout};

/// In which order stacks go.
#[derive(Debug, Clone, Default)]
pub struct Descent {
    /// Each with the numbers of those before it that must have gone well.
    pub legs: Vec<(String, Vec<usize>)>,
    /// Stacks that are left out, and why.
    pub left_out: Vec<(String, String)>,
}

/// In which order these stacks are taken away. What others drive stays where it was not named.
///
/// # Errors
/// If reading the folder breaks off.
pub async fn descent(checkout: &Checkout, stacks: BTreeSet<String>, broad: bool) -> Result<Descent, Diagnostic> {
    let from = checkout.clone();
    let read = move || {
        let platform = platform::read_in(&from.files, from.surroundings.as_ref().clone());
        let order = platform.depth(&from.files).order;
        (platform, order)
    };
    let (platform, order) = reading(read).await?;
    let mut out = Descent::default();
    let theirs = |name: &String| platform.catalogue.stacks.get(name).and_then(left_to_others);
    let (left, mine): (Vec<_>, Vec<_>) = stacks
        .into_iter()
        .map(|name| (broad.then(|| theirs(&name)).flatten(), name))
        .partition(|(why, _)| why.is_some());
    out.left_out = left.into_iter().map(|(why, name)| (name, why.unwrap_or_default())).collect();
    let mut mine: BTreeSet<String> = mine.into_iter().map(|(_, name)| name).collect();
    let of_tier = |waves: &Vec<Vec<String>>, mine: &mut BTreeSet<String>| -> Vec<String> {
        waves.iter().flatten().filter_map(|name| mine.take(name)).collect()
    };
    let mut tiers: Vec<(Tier, Vec<String>)> =
        order.tiers.iter().map(|(tier, waves)| (tier.clone(), of_tier(waves, &mut mine))).collect();
    tiers.push((Tier::Unassigned, mine.into_iter().collect()));
    let edges = order.edges.iter().map(|edge| (edge.stack.clone(), edge.on.clone())).collect();
    out.legs = plan::descent(&tiers, &edges);
    Ok(out)
}
