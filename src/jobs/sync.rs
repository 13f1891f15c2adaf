//! The checkout is brought forward, and what that changes is sorted by what may be done with it. It moves a branch
//! forward or leaves it as it is; it writes nothing to the swarm.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::diag::Diagnostic;
use crate::git::{Repository, Standing};
use crate::model::{Filed, MANAGED};
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
}

impl Sorted {
    /// Of these stacks.
    #[must_use]
    pub fn of(checkout: &Checkout, touched: &Touched) -> Self {
        let auto = checkout.config().auto;
        let (mut ours, mut foreign) = (Vec::new(), Vec::new());
        for filed in touched.keys().filter_map(|name| checkout.catalogue.stacks.get(name)) {
            match (&filed.host, &filed.governed) {
                (Some(host), _) => foreign.push((filed.name.clone(), format!("run by docker compose on {host}"))),
                (None, Some(_)) => foreign.push((filed.name.clone(), MANAGED.to_owned())),
                (None, None) => ours.push(filed.clone()),
            }
        }
        let allowed = ours.iter().map(|filed| filed.name.clone()).filter(|name| auto.holds(name)).collect();
        Self { ours, allowed, foreign }
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

/// The repository of the folder that a checkout was read from.
///
/// # Errors
/// If it lies on no disk or in no repository.
pub async fn repository(checkout: &Checkout) -> Result<Repository, Diagnostic> {
    let stacks = checkout.files.whole(Path::new("stacks"));
    let root = stacks.as_deref().and_then(Path::parent).ok_or_else(|| {
        Diagnostic::new("this folder lies on no disk", "give one that is a checkout of a repository: -C DIR")
    })?;
    Repository::open(root).await
}
