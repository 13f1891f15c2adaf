//! `plan`: what a deploy would change, and which services would restart. Writes nothing.

use serde::Serialize;

use super::args::{Globals, Which};
use super::connect::{World, unreachable};
use super::wishes::{self, Read};
use super::{Ending, Stopped, print};
use crate::jobs::Prepared;
use crate::jobs::truth;
use crate::model::Tier;
use crate::plan::{self, Options, Plan, Promised, Staged};
use crate::platform::govern;
use crate::stack::Wish;

/// The plan of one stack, with what a deploy of it needs.
pub struct Planned {
    /// The tier it belongs to.
    pub tier: Tier,
    /// What would change.
    pub plan: Plan,
    /// The wish behind it; none if its file cannot be read.
    pub prepared: Option<Prepared>,
}

/// Stacks whose plans can be done at one time, one wave after the other.
pub type Waves = Vec<Vec<Planned>>;

/// Shows the plans.
pub async fn run(globals: &Globals, world: &World, which: &Which, options: Options) -> Result<Ending, Stopped> {
    let mut waves = draw(world, wishes::read(world, wishes::chosen(world, which, true)?)?, options).await?;
    // Looking writes nothing, so whoever governs a stack, its plan is shown; a deploy of it is refused.
    for Planned { plan, .. } in waves.iter_mut().flatten() {
        plan.warnings.extend(govern::driven(&world.catalogue, &plan.stack).err());
    }
    if globals.json {
        print::document(&Document::of(&waves));
    } else {
        show(&waves);
    }
    let sound = waves.iter().flatten().all(|planned| planned.plan.faults.is_empty());
    Ok(if sound { Ending::Done } else { Ending::Failed })
}

/// All plans as text.
pub fn show(waves: &Waves) {
    for planned in waves.iter().flatten() {
        for line in plan::show(&planned.plan) {
            if !print::line(&line) {
                return;
            }
        }
    }
}

/// Draws the plans of stacks on one look at the swarm, in the order in which they would be deployed.
pub async fn draw(world: &World, stacks: Vec<Read>, options: Options) -> Result<Waves, Stopped> {
    let mut unreadable = Vec::new();
    let mut wished: Vec<(Tier, std::sync::Arc<Wish>)> = Vec::new();
    for Read { filed, wish } in stacks {
        match wish {
            Ok(wish) => wished.push((filed.tier, std::sync::Arc::new(wish))),
            Err(faults) => {
                let plan = Plan { stack: filed.name, faults, ..Plan::default() };
                unreadable.push(Planned { tier: filed.tier, plan, prepared: None });
            }
        }
    }
    let wishes: Vec<&Wish> = wished.iter().map(|(_, wish)| &**wish).collect();
    let truth = truth::survey(&world.engine, &world.registries, &wishes, options.resolve)
        .await
        .map_err(|error| unreachable(&error))?;
    let staged: Vec<Staged<'_>> = wished.iter().map(|(tier, wish)| (tier.clone(), &**wish)).collect();
    let mut promised = Promised::new();
    let mut waves = Waves::new();
    for wave in plan::waves(&staged) {
        let mut planned = Vec::new();
        for (tier, wish) in wave.iter().filter_map(|index| wished.get(*index)) {
            let plan = plan::draw(wish, &truth, options, &promised).plan;
            let images = truth::asked(&[&**wish], options.resolve)
                .into_iter()
                .filter_map(|name| truth.images.get(&name).cloned().map(|image| (name, image)))
                .collect();
            let prepared = Some(Prepared { wish: std::sync::Arc::clone(wish), images });
            planned.push(Planned { tier: tier.clone(), plan, prepared });
        }
        for (_, wish) in wave.iter().filter_map(|index| wished.get(*index)) {
            promised.extend(plan::promised(wish));
        }
        waves.push(planned);
    }
    if !unreadable.is_empty() {
        waves.push(unreadable);
    }
    Ok(waves)
}

/// The document of `plan --json`; names in it are a promise to scripts.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    stacks: Vec<Row<'a>>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    tier: &'a str,
    #[serde(flatten)]
    plan: &'a Plan,
}

impl<'a> Document<'a> {
    /// Of all plans.
    pub fn of(waves: &'a Waves) -> Self {
        let row = |planned: &'a Planned| Row { tier: planned.tier.name(), plan: &planned.plan };
        Self { stacks: waves.iter().flatten().map(row).collect() }
    }
}
