//! `deploy`: the plan is shown, one question asked, and what was shown is done, tier by tier, each behind its gate.

use serde::Serialize;

use super::args::{DeployWish, Globals};
use super::connect::World;
use super::follow::{Following, Outcome, close, confirmed, may_change, misuse, with_hub, word};
use super::plan::{Document, draw, show};
use super::{Ending, Stopped, print, standing, wishes};
use crate::action::{How, Job};
use crate::diag::Diagnostic;
use crate::jobs::Rollout;
use crate::plan::{Gates, Plan};

/// Deploys stacks and waits until they have converged.
pub async fn run(globals: &Globals, world: World, wish: &DeployWish) -> Result<Ending, Stopped> {
    wishes::ours(&world, &wish.which)?;
    let mut choice = wishes::choice(&world, &wish.which, wish.options(), false)?;
    // Who does not wait for a stack does not wait for a tier.
    choice.gates = match (wish.detach, wish.gate) {
        (true, _) => Gates::None,
        (false, Some(_)) => Gates::All,
        (false, None) => choice.gates,
    };
    let how = How { options: wish.options(), detach: wish.detach, patience: wish.patience(), agreed: globals.yes };
    if globals.read_only && !wish.dry_run {
        return Err(misuse("a read-only session changes nothing", "leave out --read-only, or say --dry-run"));
    }
    let rollout = draw(&world, choice).await?;
    if !globals.json {
        show(&rollout);
    }
    refuse_faults(&rollout)?;
    let unchanged = if wish.dry_run || wish.detach { Vec::new() } else { standing::unchanged(&rollout) };
    if wish.dry_run || !rollout.has_work() {
        let stands = standing::look(&world, &unchanged, wish.patience()).await;
        if globals.json {
            report(&rollout, &[], *stands.as_ref().unwrap_or(&Ending::Failed));
        }
        return stands;
    }
    may_change(globals)?;
    if !confirmed(globals, "deploy now?") {
        return Ok(Ending::Cancelled);
    }
    let gate = wish.gate.map_or(rollout.gate, Into::into);
    with_hub(&world, async |handle, _| {
        let mut following = Following::new(globals, handle);
        let ending = following.run_all(handle.enlist(&rollout, how, gate)).await?;
        // What failed is told first; what stands beside it is looked at only where nothing did.
        let stands = match ending {
            Ending::Done => standing::stand(handle, &unchanged, wish.patience()).await,
            ending => Ok(ending),
        };
        if globals.json {
            report(&rollout, &following.ended, *stands.as_ref().unwrap_or(&Ending::Failed));
        }
        close(&following.ended, ending)?;
        stands
    })
    .await
}

/// All faults at once, before anything is written.
pub fn refuse_faults(rollout: &Rollout) -> Result<(), Stopped> {
    let faulty: Vec<&Plan> =
        rollout.stacks.iter().map(|planned| &planned.plan).filter(|p| !p.faults.is_empty()).collect();
    let faults: Vec<&Diagnostic> = rollout.faults().collect();
    let Some((last, others)) = faults.split_last() else { return Ok(()) };
    for fault in others {
        print::fault(fault);
    }
    let names: Vec<&str> = faulty.iter().map(|plan| plan.stack.as_str()).collect();
    let told = (*last).clone().because(format!("nothing was written; faults are in {}", names.join(", ")));
    Err(Stopped::new(Ending::Failed, told))
}

#[derive(Serialize)]
struct Report<'a> {
    outcome: &'a str,
    #[serde(flatten)]
    plans: Document<'a>,
    actions: Vec<Outcome<'a>>,
}

/// The document of what was planned and done.
pub fn report(rollout: &Rollout, jobs: &[Job], ending: Ending) {
    let actions = jobs.iter().map(Outcome::of).collect();
    print::document(&Report { outcome: word(ending), plans: Document::of(rollout), actions });
}
