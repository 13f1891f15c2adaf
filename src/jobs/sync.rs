//! The checkout is brought forward, and what that changes is sorted by what may be done with it. It moves a branch
//! forward or leaves it as it is; it writes nothing to the swarm.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::folder::{Folder, read_again, reading};
use super::ledger::on_disk;
use super::registries::Registries;
use super::rollout::{Choice, NoRollout, Rollout, rollout};
use crate::action::History;
use crate::diag::Diagnostic;
use crate::engine::Engine;
use crate::git::{Repository, Standing};
use crate::journal::Journal;
use crate::model::text::clean;
use crate::model::{Filed, MANAGED};
use crate::plan::{Gates, Options};
use crate::platform::{self, Checkout, Touched};

/// How the checkout was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// From the commit up to which everything was deployed.
    pub from: String,
    /// To this one.
    pub to: String,
    /// What differs between the two.
    pub files: Vec<PathBuf>,
    /// What `.env` said before, if Git has it.
    values: Option<String>,
    /// What else there is to know.
    pub notes: Vec<String>,
}

impl Moved {
    /// The stacks that this touches, each with why.
    #[must_use]
    pub fn touched(&self, checkout: &Checkout) -> Touched {
        platform::touched(checkout, &self.files, self.values.as_deref())
    }
}

/// Touched stacks, by what may be done with them.
#[derive(Debug, Clone, Default)]
pub struct Sorted {
    /// Those that can be planned.
    pub ours: Vec<Filed>,
    /// Of those, the ones that may be deployed unasked.
    pub allowed: BTreeSet<String>,
    /// What others run, each with who.
    pub foreign: Vec<(String, String)>,
    /// Those that have no file any more.
    pub gone: BTreeSet<String>,
}

impl Sorted {
    /// Of these stacks.
    #[must_use]
    pub fn of(checkout: &Checkout, moved: &Moved, touched: &Touched) -> Self {
        let auto = checkout.config().auto;
        let (mut ours, mut foreign) = (Vec::new(), Vec::new());
        for filed in touched.keys().filter_map(|name| checkout.catalogue.stacks.get(name)) {
            match (filed.why_absent(), &filed.governed) {
                (Some(why), _) => foreign.push((filed.name.clone(), why)),
                (None, Some(_)) => foreign.push((filed.name.clone(), MANAGED.to_owned())),
                (None, None) => ours.push(filed.clone()),
            }
        }
        let allowed = ours.iter().map(|filed| filed.name.clone()).filter(|name| auto.holds(name)).collect();
        Self { ours, allowed, foreign, gone: platform::gone(checkout, &moved.files) }
    }

    /// The deploy of those that can be planned. What lies on machines is not seen from here: it counts as changed until
    /// it was put there from this commit.
    #[must_use]
    pub fn choice(&self, moved: &Moved, history: &History) -> Choice {
        let names = self.ours.iter().map(|filed| &filed.name);
        let places = names.filter(|name| !history.prepared(name, &moved.to)).cloned().collect();
        Choice { stacks: self.ours.clone(), broad: false, options: Options::default(), gates: Gates::Named, places }
    }
}

/// Moves the branch of the repository that this folder lies in forward, or says why it stays.
///
/// # Errors
/// With why it cannot be moved; it is as it was then.
pub async fn forward(repository: &Repository) -> Result<Moved, Diagnostic> {
    let dirty = repository.dirty().await?;
    if let Some(first) = dirty.first() {
        let others = if dirty.len() > 1 { format!(" and {} more", dirty.len() - 1) } else { String::new() };
        let what = format!("the checkout has changes that are in no commit: {first}{others}");
        return Err(Diagnostic::new(what, "commit them and push, or take them back: git restore"));
    }
    let before = repository.head().await?;
    let upstream = repository.upstream().await?;
    repository.fetch().await?;
    let from = repository.synced().await.unwrap_or(before);
    // Whatever breaks off from here on, the next one begins where this one did.
    repository.keep_synced(&from).await?;
    let mut notes = Vec::new();
    match repository.standing(&upstream).await? {
        Standing::Same => {}
        Standing::Behind => repository.forward(&upstream).await?,
        Standing::Ahead => notes.push(format!("the checkout has commits that {upstream} lacks: push them")),
        Standing::Diverged => return Err(diverged(repository, &upstream).await),
    }
    repository.settle().await?;
    let to = repository.head().await?;
    if !repository.leads(&from, &to).await {
        notes.push(format!(
            "history was rewritten: compared with {}, up to which everything was deployed",
            short(&from)
        ));
    }
    let files = repository.changed(&from, &to).await?;
    let values = repository.file(&from, platform::VALUES).await;
    Ok(Moved { from, to, files, values, notes })
}

async fn diverged(repository: &Repository, upstream: &str) -> Diagnostic {
    let what = format!("the checkout and {upstream} have gone different ways");
    if repository.is_shallow().await {
        let why = "only the newest part of the history is here, and where they parted is not in it";
        return Diagnostic::new(what, "get all of the history, then try again: git fetch --unshallow").because(why);
    }
    let mend = "bring them together by hand: git rebase, then push; sync never merges";
    Diagnostic::new(what, mend)
}

fn short(commit: &str) -> String {
    commit.chars().take(10).collect()
}

/// What came, in words: from where to where, what it touches, and what is left to others.
#[must_use]
pub fn words(moved: &Moved, touched: &Touched, sorted: &Sorted) -> Vec<String> {
    if moved.from == moved.to {
        return vec![format!("at {}: nothing has changed", short(&moved.to))];
    }
    let mut told = vec![format!("{} → {}", short(&moved.from), short(&moved.to))];
    told.extend(touched.iter().map(|(stack, why)| format!("{stack}: {}", clean(&why.join(", ")))));
    if touched.is_empty() {
        told.push("no stack is touched".to_owned());
    }
    told.extend(sorted.foreign.iter().map(|(stack, who)| format!("left alone: {stack}, {who}")));
    told.extend(
        sorted.gone.iter().map(|stack| format!("{stack} has no file any more; if it is to go: teardown {stack}")),
    );
    told
}

/// What came, and the plans of the stacks that it touches.
#[derive(Debug)]
pub struct Came {
    /// In words.
    pub told: Vec<String>,
    /// The plans.
    pub rollout: Rollout,
}

/// Brings the checkout forward and plans what that changes. It goes on to its end whoever waits for it: a checkout is
/// not left half-way.
///
/// # Errors
/// With why it stays as it is, or what is wrong in the folder.
pub async fn come(means: (Engine, Registries), folder: Folder, journal: Journal) -> Result<Came, Vec<Diagnostic>> {
    let coming = tokio::spawn(async move { Box::pin(bring(&means, &folder, journal)).await });
    coming.await.unwrap_or_else(|error| {
        let fault = Diagnostic::new("bringing the checkout forward broke off", "this is a bug: its log says more");
        Err(vec![fault.because(error.to_string())])
    })
}

async fn bring(
    (engine, registries): &(Engine, Registries),
    folder: &Folder,
    journal: Journal,
) -> Result<Came, Vec<Diagnostic>> {
    let one = |fault| vec![fault];
    let checkout = folder.now();
    let repository = repository(&checkout).await.map_err(one)?;
    let moved = forward(&repository).await.map_err(one)?;
    // From here on the folder is what it was brought to.
    let fresh = read_again(&checkout).await.map_err(one)?;
    folder.put(fresh.clone());
    let (of, moved_to) = (fresh.clone(), moved.clone());
    let sort = move || {
        let touched = moved_to.touched(&of);
        let sorted = Sorted::of(&of, &moved_to, &touched);
        (touched, sorted)
    };
    let (touched, sorted) = reading(sort).await.map_err(one)?;
    let rollout = if sorted.ours.is_empty() {
        Rollout::default()
    } else {
        let history = on_disk(move || journal.read()).await.map_err(one)?;
        rollout((engine, registries), &fresh, sorted.choice(&moved, &history)).await.map_err(NoRollout::faults)?
    };
    if !rollout.has_work() && rollout.faults().next().is_none() {
        repository.keep_synced(&moved.to).await.map_err(one)?;
    }
    let mut told = words(&moved, &touched, &sorted);
    told.extend(moved.notes);
    let (before, after) = (&checkout.catalogue.stacks, &fresh.catalogue.stacks);
    told.extend(after.keys().filter(|name| !before.contains_key(*name)).map(|name| format!("{name} is new")));
    Ok(Came { told, rollout })
}

/// The repository of the folder that a checkout was read from.
///
/// # Errors
/// If it lies on no disk or in no repository.
async fn repository(checkout: &Checkout) -> Result<Repository, Diagnostic> {
    let stacks = checkout.files.whole(Path::new("stacks"));
    let root = stacks.as_deref().and_then(Path::parent).ok_or_else(|| {
        Diagnostic::new("this folder lies on no disk", "give one that is a checkout of a repository: -C DIR")
    })?;
    Repository::open(root).await
}
