//! `deploy`: the plan is shown, one question asked, and what was shown is done, tier by tier.

use std::sync::Arc;

use serde::Serialize;

use super::args::{DeployWish, Globals};
use super::connect::World;
use super::follow::{Following, Outcome, close, confirmed, may_change, misuse, with_hub, word};
use super::plan::{Document, Waves, draw, show};
use super::{Ending, Stopped, print, wishes};
use crate::action::{Action, How};
use crate::diag::Diagnostic;
use crate::plan::Plan;

/// Deploys stacks and waits until they have converged.
pub async fn run(globals: &Globals, world: World, wish: &DeployWish) -> Result<Ending, Stopped> {
    let stacks = wishes::ours(wishes::chosen(&world, &wish.which, false)?, &wish.which)?;
    let how = How { options: wish.options(), detach: wish.detach, patience: wish.patience() };
    if globals.read_only {
        return Err(misuse("a read-only session changes nothing", "leave out --read-only"));
    }
    let waves = draw(&world, wishes::read(&world, stacks)?, how.options).await?;
    if !globals.json {
        show(&waves);
    }
    refuse_faults(&waves)?;
    let work = waves.iter().flatten().filter(|planned| !planned.plan.is_empty()).count();
    if work == 0 {
        if globals.json {
            report(&waves, &[], Ending::Done);
        }
        return Ok(Ending::Done);
    }
    may_change(globals)?;
    if !confirmed(globals, "deploy now?") {
        return Ok(Ending::Cancelled);
    }
    with_hub(&world, async |handle, _| {
        let mut following = Following::new(globals, handle);
        let mut ending = Ending::Done;
        for wave in &waves {
            let actions: Vec<Action> = wave
                .iter()
                .filter(|planned| !planned.plan.is_empty())
                .filter_map(|planned| {
                    let wish = handle.keep(planned.prepared.clone()?);
                    Some(Action::Deploy { plan: Arc::new(planned.plan.clone()), wish, how })
                })
                .collect();
            if actions.is_empty() {
                continue;
            }
            ending = following.run(actions).await?;
            if ending != Ending::Done {
                left_out(&waves, following.ended.len());
                break;
            }
        }
        if globals.json {
            report(&waves, &following.ended, ending);
        }
        close(&following.ended, ending)
    })
    .await
}

/// All faults at once, before anything is written.
fn refuse_faults(waves: &Waves) -> Result<(), Stopped> {
    let faulty: Vec<&Plan> =
        waves.iter().flatten().map(|planned| &planned.plan).filter(|p| !p.faults.is_empty()).collect();
    let faults: Vec<&Diagnostic> = faulty.iter().flat_map(|plan| &plan.faults).collect();
    let Some((last, others)) = faults.split_last() else { return Ok(()) };
    for fault in others {
        print::fault(fault);
    }
    let names: Vec<&str> = faulty.iter().map(|plan| plan.stack.as_str()).collect();
    let told = (*last).clone().because(format!("nothing was written; faults are in {}", names.join(", ")));
    Err(Stopped::new(Ending::Failed, told))
}

fn left_out(waves: &Waves, begun: usize) {
    let work = waves.iter().flatten().filter(|planned| !planned.plan.is_empty());
    let names: Vec<&str> = work.skip(begun).map(|planned| planned.plan.stack.as_str()).collect();
    if !names.is_empty() {
        print::remark(&format!("not begun, because what they stand on failed: {}", names.join(", ")));
    }
}

#[derive(Serialize)]
struct Report<'a> {
    outcome: &'a str,
    #[serde(flatten)]
    plans: Document<'a>,
    actions: Vec<Outcome<'a>>,
}

fn report(waves: &Waves, jobs: &[crate::action::Job], ending: Ending) {
    let actions = jobs.iter().map(Outcome::of).collect();
    print::document(&Report { outcome: word(ending), plans: Document::of(waves), actions });
}
