//! In which order stacks are deployed: tier by tier, and inside a tier after the stacks whose networks, secrets and
//! configs they use.

use std::collections::BTreeSet;

use super::change::Thing;
use super::draft::{Promised, thing};
use crate::model::Tier;
use crate::stack::Wish;

/// A stack on its way, with the tier it belongs to.
pub type Staged<'a> = (Tier, &'a Wish);

/// Numbers of stacks that can be deployed at one time, one wave after the other.
#[must_use]
pub fn waves(stacks: &[Staged<'_>]) -> Vec<Vec<usize>> {
    let mut waves = Vec::new();
    for tier in Tier::ALL {
        let mut waiting: Vec<usize> =
            stacks.iter().enumerate().filter(|(_, (of, _))| *of == tier).map(|(index, _)| index).collect();
        while !waiting.is_empty() {
            let owned: BTreeSet<(Thing, &str, usize)> = waiting.iter().flat_map(|index| made(stacks, *index)).collect();
            let needs = |index: &usize| {
                let externals = stacks.get(*index).map(|(_, wish)| wish.externals.as_slice()).unwrap_or_default();
                externals.iter().any(|external| {
                    owned.iter().any(|(kind, name, owner)| {
                        owner != index && *kind == thing(external.kind) && *name == external.name
                    })
                })
            };
            let (next, rest): (Vec<usize>, Vec<usize>) = waiting.iter().partition(|index| !needs(index));
            // Stacks that need each other go together: the plan says what is missing.
            let (next, rest) = if next.is_empty() { (rest, Vec::new()) } else { (next, rest) };
            waves.push(next);
            waiting = rest;
        }
    }
    waves
}

fn made<'a>(stacks: &[Staged<'a>], index: usize) -> Vec<(Thing, &'a str, usize)> {
    let Some((_, wish)) = stacks.get(index) else { return Vec::new() };
    let named = |kind: Thing, parts: &'a [crate::stack::WishedPart]| {
        parts.iter().map(move |part| (kind, part.name.as_str(), index))
    };
    named(Thing::Network, &wish.networks)
        .chain(named(Thing::Secret, &wish.secrets))
        .chain(named(Thing::Config, &wish.configs))
        .collect()
}

/// What stacks deployed earlier will have made.
#[must_use]
pub fn promised(wish: &Wish) -> Promised {
    let stack = [(Tier::Unassigned, wish)];
    made(&stack, 0).into_iter().map(|(kind, name, _)| ((kind, name.to_owned()), wish.stack.clone())).collect()
}
