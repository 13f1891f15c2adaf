//! In which order the stacks of a platform come up: tier by tier, inside a tier in waves whose stacks need nothing from
//! each other.

use std::collections::{BTreeMap, BTreeSet};

use super::Sketches;
use crate::diag::Spot;
use crate::model::{Catalogue, Tier};
use crate::stack::Kind;

/// One stack stands on another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Which stack waits.
    pub stack: String,
    /// For which one.
    pub on: String,
    /// Why.
    pub why: Why,
    /// Where that is written.
    pub spot: Spot,
}

/// Why a stack stands on another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The registry or `quarterdeck.yaml` says so.
    Declared,
    /// The other makes something that this one uses.
    Uses(Kind, String),
}

/// The stacks of the swarm in the order in which they come up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    /// Tier by tier; the stacks of a wave may come up side by side.
    pub tiers: Vec<(Tier, Vec<Vec<String>>)>,
    /// Why.
    pub edges: Vec<Edge>,
    /// Stacks that wait for each other; they come up together after the rest of their tier.
    pub circles: Vec<Vec<String>>,
}

/// Everything that one stack stands on, declared or found out. What the pre-flight of a stack makes counts as its own.
#[must_use]
pub fn edges(catalogue: &Catalogue, sketches: &Sketches, declared: &[(String, String, Spot)]) -> Vec<Edge> {
    let mut owners: BTreeMap<(Kind, &str), &str> = BTreeMap::new();
    for (stack, note) in sketches {
        for secret in note.preflight.iter().flat_map(|preflight| &preflight.secrets) {
            owners.entry((Kind::Secret, &secret.name)).or_insert(stack);
        }
    }
    // What a stack file makes itself counts for more than what a pre-flight prepares.
    for (stack, note) in sketches {
        owners.extend(note.sketch.makes.keys().map(|(kind, name)| ((*kind, name.as_str()), stack.as_str())));
    }
    let mut edges: BTreeSet<Edge> = BTreeSet::new();
    for (stack, on, spot) in declared.iter().filter(|(_, on, _)| catalogue.stacks.contains_key(on)) {
        edges.insert(Edge { stack: stack.clone(), on: on.clone(), why: Why::Declared, spot: spot.clone() });
    }
    for (stack, note) in sketches {
        let own = note.preflight.iter().flat_map(|preflight| &preflight.secrets);
        let own: BTreeSet<&str> = own.map(|secret| secret.name.as_str()).collect();
        for ((kind, name), spot) in &note.sketch.needs {
            let Some(on) = owners.get(&(*kind, name.as_str())).filter(|on| *on != stack) else { continue };
            if *kind == Kind::Secret && own.contains(name.as_str()) {
                continue;
            }
            let why = Why::Uses(*kind, name.clone());
            edges.insert(Edge { stack: stack.clone(), on: (*on).to_owned(), why, spot: spot.clone() });
        }
    }
    edges.into_iter().collect()
}

/// The order that keeps all edges. Stacks of a single host's docker compose are no part of it.
#[must_use]
pub fn order(catalogue: &Catalogue, edges: Vec<Edge>) -> Order {
    let mut order = Order { edges, ..Order::default() };
    for tier in Tier::ALL.iter().filter(|tier| **tier != Tier::Unassigned) {
        let names: BTreeSet<&str> = catalogue
            .stacks
            .values()
            .filter(|filed| filed.tier == *tier && filed.host.is_none())
            .map(|filed| filed.name.as_str())
            .collect();
        let mut waiting: BTreeMap<&str, BTreeSet<&str>> = names.iter().map(|name| (*name, BTreeSet::new())).collect();
        for edge in &order.edges {
            if names.contains(edge.on.as_str())
                && let Some(on) = waiting.get_mut(edge.stack.as_str())
            {
                on.insert(&edge.on);
            }
        }
        let mut waves: Vec<Vec<String>> = Vec::new();
        while !waiting.is_empty() {
            let mut ready: Vec<&str> = waiting.iter().filter(|(_, on)| on.is_empty()).map(|(name, _)| *name).collect();
            if ready.is_empty() {
                ready = first_circle(&waiting);
                order.circles.push(ready.iter().map(|name| (*name).to_owned()).collect());
            }
            waiting.retain(|name, _| !ready.contains(name));
            waiting.values_mut().for_each(|on| on.retain(|name| !ready.contains(name)));
            waves.push(ready.iter().map(|name| (*name).to_owned()).collect());
        }
        if !waves.is_empty() {
            order.tiers.push((tier.clone(), waves));
        }
    }
    order
}

/// The stacks of one circle that waits for nothing outside itself: none of them is ready, so there is one.
fn first_circle<'a>(waiting: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<&'a str> {
    let reach = |from: &'a str| -> BTreeSet<&'a str> {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&str> = waiting.get(from).into_iter().flatten().copied().collect();
        while let Some(name) = next.pop() {
            if seen.insert(name) {
                next.extend(waiting.get(name).into_iter().flatten());
            }
        }
        seen
    };
    // Whoever reaches the fewest others stands in a circle that leads nowhere else.
    let smallest = waiting.keys().map(|name| reach(name)).min_by_key(BTreeSet::len).unwrap_or_default();
    smallest.into_iter().collect()
}

impl Order {
    /// A stack stands on another, on whatever way.
    #[must_use]
    pub fn needs(&self, stack: &str, other: &str) -> bool {
        reaches(self.edges.iter(), stack, other)
    }
}

/// There is a way along these edges.
pub fn reaches<'a>(edges: impl Iterator<Item = &'a Edge> + Clone, from: &str, to: &str) -> bool {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut next = vec![from];
    while let Some(name) = next.pop() {
        for edge in edges.clone().filter(|edge| edge.stack == name) {
            if edge.on == to {
                return true;
            }
            if seen.insert(&edge.on) {
                next.push(&edge.on);
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Filed;

    fn catalogue(stacks: &[(&str, Tier)]) -> Catalogue {
        let stacks =
            stacks.iter().map(|(name, tier)| ((*name).to_owned(), Filed::new(*name, tier.clone(), "f"))).collect();
        Catalogue { stacks, ..Catalogue::default() }
    }

    fn edge(stack: &str, on: &str) -> Edge {
        Edge { stack: stack.into(), on: on.into(), why: Why::Declared, spot: Spot::default() }
    }

    fn waves(order: &Order) -> Vec<String> {
        order
            .tiers
            .iter()
            .map(|(tier, waves)| {
                let waves: Vec<String> = waves.iter().map(|wave| wave.join("+")).collect();
                format!("{}: {}", tier.name(), waves.join(" > "))
            })
            .collect()
    }

    #[test]
    fn what_needs_nothing_from_each_other_comes_up_side_by_side() {
        use Tier::{Application, Infrastructure, Platform};
        let mut platform = catalogue(&[
            ("dns", Infrastructure),
            ("db", Platform),
            ("mail", Platform),
            ("sso", Platform),
            ("web", Application),
        ]);
        let mut alone = Filed::new("smart", Platform, "f");
        alone.host = Some("nas".to_owned());
        platform.stacks.insert("smart".to_owned(), alone);
        let order =
            order(&platform, vec![edge("sso", "db"), edge("sso", "mail"), edge("web", "sso"), edge("web", "dns")]);
        assert_eq!(waves(&order), ["infrastructure: dns", "platform: db+mail > sso", "application: web"]);
        assert!(order.needs("web", "db") && !order.needs("db", "web"));
    }

    #[test]
    fn a_circle_is_told_and_the_rest_still_has_an_order() {
        use Tier::Platform;
        let platform =
            catalogue(&[("a", Platform), ("b", Platform), ("c", Platform), ("d", Platform), ("e", Platform)]);
        let edges = vec![edge("a", "b"), edge("b", "a"), edge("c", "a"), edge("e", "d"), edge("d", "d")];
        let order = order(&platform, edges);
        assert_eq!(order.circles, [vec!["d"], vec!["a", "b"]]);
        assert_eq!(waves(&order), ["platform: d > e > a+b > c"]);
    }
}
