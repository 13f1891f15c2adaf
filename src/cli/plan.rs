//! `plan`: what a deploy would change, which services would restart, and in which order it would go. Writes nothing.

use serde::Serialize;

use super::args::{Globals, Which};
use super::connect::{World, unreachable};
use super::{Ending, Stopped, print, wishes};
use crate::diag::Diagnostic;
use crate::jobs::{Choice, NoRollout, Planned, Rollout, rollout};
use crate::plan::{self, Options, Plan, Stretch};
use crate::platform::govern;

/// Shows the plans.
pub async fn run(globals: &Globals, world: &World, which: &Which, options: Options) -> Result<Ending, Stopped> {
    let mut rollout = draw(world, wishes::choice(world, which, options, true)?).await?;
    // Looking writes nothing, so whoever governs a stack, its plan is shown; a deploy of it is refused.
    for planned in &mut rollout.stacks {
        planned.plan.warnings.extend(govern::driven(&world.catalogue, &planned.plan.stack).err());
    }
    if globals.json {
        print::document(&Document::of(&rollout));
    } else {
        show(&rollout);
    }
    Ok(if rollout.faults().next().is_none() { Ending::Done } else { Ending::Failed })
}

/// Draws the plans of stacks on one look at the swarm, in the order in which they would be deployed.
pub async fn draw(world: &World, choice: Choice) -> Result<Rollout, Stopped> {
    rollout((&world.engine, &world.registries), &world.checkout, choice).await.map_err(|none| match none {
        NoRollout::Swarm(error) => unreachable(&error),
        NoRollout::Folder(mut faults) => {
            let last =
                faults.pop().unwrap_or_else(|| Diagnostic::new("the folder cannot be read", "look at its files"));
            faults.iter().for_each(print::fault);
            Stopped::new(Ending::Misuse, last)
        }
    })
}

/// All plans as text, and the course.
pub fn show(rollout: &Rollout) {
    let plans = rollout.stacks.iter().flat_map(|planned| plan::show(&planned.plan));
    let left_out = rollout.left_out.iter().map(|(stack, why)| format!("{stack}: left out, {why}"));
    let networks = rollout.networks.iter().map(|name| format!("network {name} is made first: no stack makes it"));
    let prepares = rollout.stacks.iter().filter(|planned| planned.has_work()).flat_map(prepares);
    let plans = networks.chain(plans).chain(prepares);
    // Stops where nobody reads any more.
    plans.chain(left_out).chain(course(rollout)).all(|line| print::line(&line));
}

/// What is put in place before a stack is deployed, or although nothing of it is.
fn prepares(planned: &Planned) -> Vec<String> {
    let when = match (&planned.prepare, planned.plan.is_empty()) {
        (Some((prepare, _)), true) if !prepare.lacks() => "with deploy --prepare",
        (_, true) => "all the same",
        (_, false) => "before it",
    };
    let steps = planned.prepare.iter().flat_map(|(prepare, _)| prepare.steps());
    steps.map(|step| format!("{}: {when}, {step}", planned.plan.stack)).collect()
}

/// The course as text; nothing where a single stack is all of it.
fn course(rollout: &Rollout) -> Vec<String> {
    let stretches = plan::stretches(&rollout.legs);
    let deploys: usize = stretches.iter().flat_map(|stretch| &stretch.waves).map(Vec::len).sum();
    if deploys < 2 {
        return Vec::new();
    }
    // Without a gate no tier waits for another.
    let tiers = stretches.iter().filter(|stretch| !stretch.waves.is_empty()).count();
    let waits = tiers < 2 || stretches.iter().any(|stretch| !stretch.gate.is_empty());
    let head = if waits { "in this order:" } else { "side by side, each after what it stands on:" };
    let mut lines = vec![head.to_owned()];
    for Stretch { tier, waves, gate } in &stretches {
        let waves: Vec<String> = waves.iter().map(|wave| wave.join(", ")).collect();
        if !waves.is_empty() {
            lines.push(format!("  {:<14} {}", tier.name(), waves.join(" → ")));
        }
        if !gate.is_empty() {
            lines.push(format!("  {:<14} {} must stand: {}", "gate", tier.name(), gate.join(", ")));
        }
    }
    lines
}

/// The document of `plan --json`; names in it are a promise to scripts.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    /// What is made first, for no stack makes it.
    networks: &'a [String],
    stacks: Vec<Row<'a>>,
    prepares: Vec<Prepares<'a>>,
    course: Vec<Part>,
    left_out: Vec<LeftOut<'a>>,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    tier: &'a str,
    #[serde(flatten)]
    plan: &'a Plan,
}

#[derive(Debug, Serialize)]
struct Prepares<'a> {
    stack: &'a str,
    steps: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Part {
    tier: &'static str,
    waves: Vec<Vec<String>>,
    gate: Vec<String>,
}

#[derive(Debug, Serialize)]
struct LeftOut<'a> {
    stack: &'a str,
    why: &'a str,
}

impl<'a> Document<'a> {
    /// Of all plans.
    pub fn of(rollout: &'a Rollout) -> Self {
        let row = |planned: &'a Planned| Row { tier: planned.tier.name(), plan: &planned.plan };
        let part = |stretch: Stretch| Part { tier: stretch.tier.name(), waves: stretch.waves, gate: stretch.gate };
        Self {
            networks: &rollout.networks,
            stacks: rollout.stacks.iter().map(row).collect(),
            prepares: rollout
                .stacks
                .iter()
                .filter_map(|planned| planned.prepare.as_ref())
                .map(|(prepare, _)| Prepares { stack: &prepare.stack, steps: prepare.steps() })
                .collect(),
            course: plan::stretches(&rollout.legs).into_iter().map(part).collect(),
            left_out: rollout.left_out.iter().map(|(stack, why)| LeftOut { stack, why }).collect(),
        }
    }
}
