//! `sync`: the checkout is brought forward, what that changes is shown, and what the folder allows is deployed. Up to
//! where everything is deployed is kept in the repository, so that what failed or waited comes again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::args::{DeployWish, Drawing, Globals, Which};
use super::connect::World;
use super::follow::misuse;
use super::plan::{self, Document};
use super::ways::Front;
use super::{Ending, Stopped, deploy, print};
use crate::clock::SharedClock;
use crate::diag::Diagnostic;
use crate::git::{Repository, Standing};
use crate::jobs::{Choice, Rollout};
use crate::model::{Filed, MANAGED};
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
    // From here on the folder is what it was brought to.
    let world = World::real(globals, clock, Front::Verb).await?;
    let touched = platform::touched(&world.checkout, &moved.files, moved.values.as_deref());
    let sorted = Sorted::of(&world, &touched);
    let rollout = draw(&world, &sorted).await?;
    show(globals, (&moved, &touched), &sorted, &rollout);
    let mut waiting = Work::of(&rollout);
    let ending = match auto {
        true => deploy_allowed(globals, world, &sorted, &mut waiting).await?,
        false if waiting.faulty => Ending::Failed,
        false => Ending::Done,
    };
    if waiting.names.is_empty() && !waiting.faulty {
        repository.keep_synced(&moved.to).await.map_err(failed)?;
    }
    Ok(ending)
}

fn failed(fault: Diagnostic) -> Stopped {
    Stopped::new(Ending::Failed, fault)
}

/// How the checkout was moved.
struct Moved {
    /// From the commit up to which everything was deployed.
    from: String,
    /// To this one.
    to: String,
    /// What differs between the two.
    files: Vec<PathBuf>,
    /// What `.env` said before, if Git has it.
    values: Option<String>,
}

/// Moves the branch forward, or says why it stays.
async fn forward(repository: &Repository) -> Result<Moved, Diagnostic> {
    let dirty = repository.dirty().await?;
    if let Some(first) = dirty.first() {
        let others = if dirty.len() > 1 { format!(" and {} more", dirty.len() - 1) } else { String::new() };
        let what = format!("the checkout has changes that are in no commit: {first}{others}");
        return Err(Diagnostic::new(what, "commit them and push, or take them back: git restore"));
    }
    let upstream = repository.upstream().await?;
    let before = repository.head().await?;
    repository.fetch().await?;
    let from = repository.synced().await.unwrap_or(before);
    // Whatever breaks off from here on, the next one begins where this one did.
    repository.keep_synced(&from).await?;
    match repository.standing(&upstream).await? {
        Standing::Same => {}
        Standing::Behind => repository.forward(&upstream).await?,
        Standing::Ahead => print::remark(&format!("the checkout has commits that {upstream} lacks: push them")),
        Standing::Diverged => {
            let what = format!("the checkout and {upstream} have gone different ways");
            let mend = "bring them together by hand: git rebase, then push; sync never merges";
            return Err(Diagnostic::new(what, mend));
        }
    }
    let to = repository.head().await?;
    let files = repository.changed(&from, &to).await?;
    let values = repository.file(&from, platform::VALUES).await;
    Ok(Moved { from, to, files, values })
}

/// Touched stacks, by what may be done with them.
struct Sorted {
    /// Those that can be planned.
    ours: Vec<Filed>,
    /// Of those, the ones that may be deployed unasked.
    allowed: BTreeSet<String>,
    /// What others run, each with who.
    foreign: Vec<(String, String)>,
}

impl Sorted {
    fn of(world: &World, touched: &Touched) -> Self {
        let auto = world.checkout.config().auto;
        let (mut ours, mut foreign) = (Vec::new(), Vec::new());
        for filed in touched.keys().filter_map(|name| world.catalogue.stacks.get(name)) {
            match (filed.why_absent(), &filed.governed) {
                (Some(why), _) => foreign.push((filed.name.clone(), why)),
                (None, Some(_)) => foreign.push((filed.name.clone(), MANAGED.to_owned())),
                (None, None) => ours.push(filed.clone()),
            }
        }
        let allowed = ours.iter().map(|filed| filed.name.clone()).filter(|name| auto.holds(name)).collect();
        Self { ours, allowed, foreign }
    }
}

async fn draw(world: &World, sorted: &Sorted) -> Result<Rollout, Stopped> {
    if sorted.ours.is_empty() {
        return Ok(Rollout::default());
    }
    let stacks = sorted.ours.clone();
    plan::draw(world, Choice { stacks, broad: false, options: Options::default(), gated: false }).await
}

/// What is left to do.
struct Work {
    names: Vec<String>,
    faulty: bool,
}

impl Work {
    fn of(rollout: &Rollout) -> Self {
        let plans = || rollout.stacks.iter().map(|planned| &planned.plan);
        let names = plans().filter(|plan| !plan.is_empty()).map(|plan| plan.stack.clone()).collect();
        Self { names, faulty: rollout.faults().next().is_some() }
    }
}

#[derive(Serialize)]
struct Report<'a> {
    from: &'a str,
    to: &'a str,
    touched: &'a Touched,
    foreign: std::collections::BTreeMap<&'a str, &'a str>,
    allowed: &'a BTreeSet<String>,
    #[serde(flatten)]
    plans: Document<'a>,
}

fn show(globals: &Globals, (moved, touched): (&Moved, &Touched), sorted: &Sorted, rollout: &Rollout) {
    if globals.json {
        let foreign = sorted.foreign.iter().map(|(name, who)| (name.as_str(), who.as_str())).collect();
        let (from, to, allowed) = (moved.from.as_str(), moved.to.as_str(), &sorted.allowed);
        print::document(&Report { from, to, touched, foreign, allowed, plans: Document::of(rollout) });
        return;
    }
    let short = |commit: &str| commit.chars().take(10).collect::<String>();
    if moved.from == moved.to {
        print::line(&format!("at {}: nothing has changed", short(&moved.to)));
        return;
    }
    print::line(&format!("{} → {}", short(&moved.from), short(&moved.to)));
    for (stack, why) in touched {
        print::line(&format!("{stack}: {}", why.join(", ")));
    }
    if touched.is_empty() {
        print::line("no stack is touched");
    }
    for (stack, who) in &sorted.foreign {
        print::line(&format!("left alone: {stack}, {who}"));
    }
    plan::show(rollout);
}

/// Deploys what is allowed; what is not goes on waiting.
async fn deploy_allowed(
    globals: &Globals,
    world: World,
    sorted: &Sorted,
    waiting: &mut Work,
) -> Result<Ending, Stopped> {
    let stacks: Vec<String> = waiting.names.iter().filter(|name| sorted.allowed.contains(*name)).cloned().collect();
    waiting.names.retain(|name| !sorted.allowed.contains(name));
    if !waiting.names.is_empty() {
        let names = waiting.names.join(", ");
        print::remark(&format!("not allowed by `sync` in quarterdeck.yaml, deploy by hand: {names}"));
    }
    if stacks.is_empty() {
        return Ok(if waiting.faulty { Ending::Failed } else { Ending::Done });
    }
    let unasked = Globals { yes: true, ..globals.clone() };
    let which = Which { stacks: stacks.clone(), ..Which::default() };
    let wish =
        DeployWish { which, drawing: Drawing::default(), detach: false, patience: None, gate: None, dry_run: false };
    let ended = Box::pin(deploy::run(&unasked, world, &wish)).await;
    if !matches!(ended, Ok(Ending::Done)) {
        waiting.names.extend(stacks);
    }
    ended
}
