//! `sync`: the checkout is brought forward, what that changes is shown, and what the folder allows is deployed. Up to
//! where everything is deployed is kept in the repository, so that what failed or waited comes again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use super::args::Globals;
use super::connect::World;
use super::follow::{Following, Outcome, close, misuse, with_hub, word};
use super::plan::{self, Document};
use super::ways::Front;
use super::{Ending, Stopped, deploy, print};
use crate::action::{How, Job};
use crate::clock::SharedClock;
use crate::diag::Diagnostic;
use crate::git::Repository;
use crate::jobs::sync::{self, Moved, Sorted, forward};
use crate::jobs::{Choice, Planned, Rollout};
use crate::plan::Options;
use crate::platform::{self, Touched};

/// Brings the checkout forward.
pub async fn run(globals: &Globals, clock: SharedClock, auto: bool) -> Result<Ending, Stopped> {
    if auto && globals.read_only {
        return Err(misuse("a read-only session changes nothing", "leave out --auto or --read-only"));
    }
    let here = std::env::current_dir().unwrap_or_else(|_| Path::new(".").to_owned());
    let root = platform::find(globals.platform.as_deref(), &here)
        .ok_or_else(|| misuse("no platform folder with stacks is here", "give the folder with -C DIR"))?;
    let repository = Repository::open(&root).await.map_err(|fault| Stopped::new(Ending::Misuse, fault))?;
    let moved = forward(&repository).await.map_err(failed)?;
    moved.notes.iter().for_each(|note| print::remark(note));
    // From here on the folder is what it was brought to.
    let world = World::real(globals, clock, Front::Verb).await?;
    let touched = moved.touched(&world.checkout);
    let sorted = Sorted::of(&world.checkout, &moved, &touched);
    let history = world.journal.read().map_err(failed)?;
    let choice = sorted.choice(&moved, &history);
    let rollout = draw(&world, choice.clone()).await?;
    if !globals.json {
        sync::words(&moved, &touched, &sorted).iter().all(|line| print::line(line));
        if moved.from != moved.to {
            plan::show(&rollout);
        }
    }
    let mut work = Work::of(&rollout);
    let done = match auto {
        true => deploy_allowed(globals, &world, (&sorted, choice, rollout.held()), &mut work).await?,
        false => Done::default(),
    };
    if work.waiting.is_empty() && !work.faulty {
        repository.keep_synced(&moved.to).await.map_err(failed)?;
    }
    let ending = if work.faulty && done.ending == Ending::Done { Ending::Failed } else { done.ending };
    if globals.json {
        report((&moved, &touched), &sorted, &rollout, (&done, &work, ending));
    }
    match done.fault {
        Some(fault) => Err(Stopped::new(ending, fault)),
        None => close(&done.jobs, ending),
    }
}

fn failed(fault: Diagnostic) -> Stopped {
    Stopped::new(Ending::Failed, fault)
}

async fn draw(world: &World, choice: Choice) -> Result<Rollout, Stopped> {
    if choice.stacks.is_empty() {
        return Ok(Rollout::default());
    }
    plan::draw(world, choice).await
}

/// What is left to do.
struct Work {
    /// Stacks that are not as their files say.
    waiting: Vec<String>,
    /// Some cannot be deployed at all.
    faulty: bool,
}

impl Work {
    fn of(rollout: &Rollout) -> Self {
        let waits = |planned: &&Planned| !planned.plan.is_empty() || planned.prepare.is_some();
        let waiting = rollout.stacks.iter().filter(waits).map(|planned| planned.plan.stack.clone()).collect();
        Self { waiting, faulty: rollout.faults().next().is_some() }
    }
}

/// What was deployed.
struct Done {
    jobs: Vec<Job>,
    ending: Ending,
    /// Why nothing could be begun.
    fault: Option<Diagnostic>,
}

impl Default for Done {
    fn default() -> Self {
        Self { jobs: Vec::new(), ending: Ending::Done, fault: None }
    }
}

/// The document of `sync --json`; names in it are a promise to scripts.
#[derive(Serialize)]
struct Report<'a> {
    outcome: &'a str,
    from: &'a str,
    to: &'a str,
    touched: &'a Touched,
    foreign: BTreeMap<&'a str, &'a str>,
    allowed: &'a BTreeSet<String>,
    waiting: &'a [String],
    gone: &'a BTreeSet<String>,
    #[serde(flatten)]
    plans: Document<'a>,
    actions: Vec<Outcome<'a>>,
}

fn report(
    (moved, touched): (&Moved, &Touched),
    sorted: &Sorted,
    rollout: &Rollout,
    (done, work, ending): (&Done, &Work, Ending),
) {
    print::document(&Report {
        outcome: word(ending),
        from: &moved.from,
        to: &moved.to,
        touched,
        foreign: sorted.foreign.iter().map(|(name, who)| (name.as_str(), who.as_str())).collect(),
        allowed: &sorted.allowed,
        waiting: &work.waiting,
        gone: &sorted.gone,
        plans: Document::of(rollout),
        actions: done.jobs.iter().map(Outcome::of).collect(),
    });
}

/// Deploys what is allowed and has changed; what is not allowed, or cannot be deployed, goes on waiting.
async fn deploy_allowed(
    globals: &Globals,
    world: &World,
    (sorted, choice, held): (&Sorted, Choice, BTreeSet<String>),
    work: &mut Work,
) -> Result<Done, Stopped> {
    let (stacks, waiting): (Vec<String>, Vec<String>) =
        work.waiting.drain(..).partition(|name| sorted.allowed.contains(name) && !held.contains(name));
    work.waiting = waiting;
    let (held, by_hand): (Vec<&str>, Vec<&str>) = work
        .waiting
        .iter()
        .map(String::as_str)
        .partition(|name| sorted.allowed.contains(*name) && held.contains(*name));
    for (why, names) in [
        ("not allowed by `sync` in quarterdeck.yaml, deploy by hand", by_hand),
        ("left out, for they cannot be deployed or stand on what cannot", held),
    ] {
        if !names.is_empty() {
            print::remark(&format!("{why}: {}", names.join(", ")));
        }
    }
    if stacks.is_empty() {
        return Ok(Done::default());
    }
    let chosen = sorted.ours.iter().filter(|filed| stacks.contains(&filed.name)).cloned().collect();
    let rollout = draw(world, Choice { stacks: chosen, ..choice }).await?;
    if let Err(stopped) = deploy::refuse_faults(&rollout) {
        work.waiting.extend(stacks);
        return Ok(Done { ending: Ending::Failed, fault: Some(stopped.fault), jobs: Vec::new() });
    }
    let done = with_hub(world, async |handle, _| {
        let mut following = Following::new(globals, handle);
        // Nobody sits there: the folder allows these, with all that their pre-flights lead to.
        let how = How { options: Options::default(), agreed: true, ..How::default() };
        let ending = following.run_all(handle.enlist(&rollout, how, rollout.gate)).await?;
        Ok(Done { jobs: following.ended, ending, fault: None })
    })
    .await?;
    if done.ending != Ending::Done {
        work.waiting.extend(stacks);
    }
    Ok(done)
}
