//! The order in which stacks come up.

use std::collections::BTreeSet;

use super::Folder;
use crate::diag::Finding;
use crate::platform::{Edge, Why, mend, reaches, rules};

/// Stacks that are waited for and do not exist.
pub fn unknown(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    let stacks = &folder.platform.catalogue.stacks;
    let names: Vec<&str> = stacks.keys().map(String::as_str).collect();
    for (stack, on, spot) in folder.platform.declared() {
        if !stacks.contains_key(&on) {
            let what = format!("{stack} waits for {on}, which does not exist");
            findings.push(rules::ORDER_UNKNOWN.broken(spot, what, mend(&on, &names)));
        }
    }
}

/// Stacks that wait for each other.
pub fn circles(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    for circle in &folder.depth.order.circles {
        let inside = |edge: &&Edge| circle.contains(&edge.stack) && circle.contains(&edge.on);
        let edges: Vec<&Edge> = folder.depth.order.edges.iter().filter(inside).collect();
        let Some(first) = edges.first() else { continue };
        let why: Vec<String> = edges.iter().map(|edge| reason(edge)).collect();
        let what = match circle.as_slice() {
            [one] => format!("{one} waits for itself"),
            many => format!("{} wait for each other", many.join(", ")),
        };
        let mend = "take one `after` out, or let one of them make what both use";
        findings.push(rules::ORDER_CYCLE.broken(first.spot.clone(), what, mend).because(why.join("; ")));
    }
}

/// Edges that lead to a later tier.
pub fn tiers(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    let catalogue = &folder.platform.catalogue;
    for edge in &folder.depth.order.edges {
        let (tier, on) = (catalogue.tier_of(&edge.stack), catalogue.tier_of(&edge.on));
        if on > tier {
            let what =
                format!("{} of the tier {} waits for {} of the tier {}", edge.stack, tier.name(), edge.on, on.name());
            let mend = "move one of the two into another tier";
            findings.push(rules::ORDER_TIER.broken(edge.spot.clone(), what, mend).because(reason(edge)));
        }
    }
}

/// What the registry should say, since it knows no tiers and reads no compose file.
pub fn undeclared(folder: &Folder<'_>, findings: &mut Vec<Finding>) {
    let (edges, registry) = (&folder.depth.order.edges, &folder.platform.registry);
    let declared = edges.iter().filter(|edge| edge.why == Why::Declared);
    let mut told: BTreeSet<(&str, &str)> = BTreeSet::new();
    for edge in edges.iter().filter(|edge| edge.why != Why::Declared) {
        let registered = registry.get(&edge.stack).is_some() && registry.get(&edge.on).is_some();
        if registered && !reaches(declared.clone(), &edge.stack, &edge.on) && told.insert((&edge.stack, &edge.on)) {
            let what = format!("{} needs {}, and the registry does not say so", edge.stack, edge.on);
            let mend = format!("add \"{}\" to the `after` of {}", edge.on, edge.stack);
            let why = format!("{}; {}", reason(edge), rules::ORDER_UNDECLARED.why);
            findings.push(rules::ORDER_UNDECLARED.broken(edge.spot.clone(), what, mend).because(why));
        }
    }
}

fn reason(edge: &Edge) -> String {
    match &edge.why {
        Why::Declared => format!("{} is said to come after {}", edge.stack, edge.on),
        Why::Uses(kind, name) => format!("{} uses the {} {name} that {} makes", edge.stack, kind.word(), edge.on),
    }
}
