//! Stacks under the tiers they belong to.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::World;
use crate::app::Subject;
use crate::app::list::{Cell, Column, Row};
use crate::model::{Drift, MANAGED, StackHealth, State, Tier, TierHealth};

/// The columns.
pub const COLUMNS: &[Column] = &[
    Column::words("STACK", 14, 36),
    Column::words("STATE", 12, 14),
    Column::numbers("SERVICES", 8),
    Column::words("FILE", 4, 12).keep(2),
    Column::numbers("ONE-SHOT", 8).keep(3),
    Column::numbers("DEPLOYED", 8).keep(5).quiet(),
    Column::words("NODES", 5, 32).keep(4).quiet(),
    Column::words("PATH", 4, 48).keep(6).quiet(),
    Column::words("REASON", 16, 200).keep(1).grows(),
];

/// A row for each tier, and below it one for each of its stacks.
pub fn rows(world: World<'_>, unfolded: &BTreeMap<Subject, bool>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (place, tier) in (0_u32..).zip(world.picture.tiers.iter()) {
        let subject = Subject::Tier(tier.tier.clone());
        let open = unfolded.get(&subject).copied().unwrap_or(true);
        let parent = rows.len();
        rows.push(head(world, tier, subject, open).placed(place * 2, 0));
        if !open {
            continue;
        }
        let mut stacks: Vec<&StackHealth> =
            world.picture.stacks.iter().filter(|stack| stack.tier == tier.tier).collect();
        // What is wrong comes first; all others stay in the order of their names.
        stacks.sort_by_key(|stack| Reverse(if stack.state.is_trouble() { stack.state } else { State::Done }));
        for (rank, stack) in (0_u32..).zip(stacks) {
            let mut row = row(world, stack).placed(place * 2 + 1, rank);
            row.parent = Some(parent);
            row.depth = 1;
            rows.push(row);
        }
    }
    rows
}

fn head(world: World<'_>, tier: &TierHealth, subject: Subject, open: bool) -> Row {
    let stacks = || world.picture.stacks.iter().filter(|stack| stack.tier == tier.tier);
    let sum = |of: fn(&StackHealth) -> usize| stacks().map(of).sum::<usize>() as u64;
    let stacks_of = crate::app::format::count(tier.stacks.len() as u64, "stack");
    let mut row = Row::new(
        subject,
        tier.state,
        vec![
            Cell::text_of(tier.tier.name()),
            Cell::state(tier.state),
            Cell::Share(sum(|stack| stack.ready), sum(|stack| stack.long_running)),
            Cell::None,
            one_shots(sum(|stack| stack.done), sum(|stack| stack.one_shots)),
            Cell::None,
            Cell::None,
            Cell::None,
            Cell::Text(match tier.tier {
                Tier::Unassigned => format!("{} of {stacks_of} ready; in no folder", tier.ready),
                _ => format!("{} of {stacks_of} ready", tier.ready),
            }),
        ],
    );
    row.header = true;
    row.unfolds = Some(open);
    row
}

fn row(world: World<'_>, stack: &StackHealth) -> Row {
    let nodes: Vec<&str> = stack.nodes.iter().map(|node| world.picture.swarm.hostname(node)).collect();
    let all = nodes.len() > 2 && nodes.len() == world.picture.swarm.nodes.len();
    let name = if stack.name.is_empty() { "(no stack)" } else { &stack.name };
    Row::new(
        Subject::Stack(stack.name.clone()),
        stack.state,
        vec![
            Cell::text_of(name),
            Cell::state(stack.state),
            Cell::Share(stack.ready as u64, stack.long_running as u64),
            Cell::Text(world.drift.get(&stack.name).map(Drift::word).unwrap_or_default()),
            one_shots(stack.done as u64, stack.one_shots as u64),
            Cell::When(deployed(world, stack)),
            Cell::Text(if all { "all".to_owned() } else { nodes.join(" ") }),
            Cell::Text(stack.file.clone().unwrap_or_default()),
            Cell::Text(world.board.holds_up(&stack.name).unwrap_or_else(|| match stack.reasons.as_slice() {
                [] => differs(world, stack),
                [only] => only.clone(),
                [first, rest @ ..] => format!("{first} (+{} more)", rest.len()),
            })),
        ],
    )
}

/// When a deploy from here wrote one of its services last.
fn deployed(world: World<'_>, stack: &StackHealth) -> Option<Timestamp> {
    let services = stack.services.iter().filter_map(|id| world.picture.swarm.services.get(id));
    services.filter_map(|service| service.deployed()).map(|record| record.at).max()
}

/// Where nothing is wrong with a stack, who else drives it and that its file says something else is what there is to
/// tell.
fn differs(world: World<'_>, stack: &StackHealth) -> String {
    let governed = world.picture.catalogue.governor(&stack.name).map(|_| MANAGED.to_owned());
    let differs = match world.drift.get(&stack.name) {
        Some(drift @ (Drift::Differs(_) | Drift::Fault(_))) => Some(drift.sentence()),
        _ => None,
    };
    governed.into_iter().chain(differs).collect::<Vec<_>>().join("; ")
}

fn one_shots(done: u64, all: u64) -> Cell {
    if all == 0 { Cell::None } else { Cell::Share(done, all) }
}
