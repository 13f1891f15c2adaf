//! Which deeds an undo or a way back takes back, and whether it may.

use super::{Deed, History};
use crate::diag::Diagnostic;
use crate::model::text::counted;

/// Deeds to take back, the oldest first, and what a person calls that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Back {
    /// Their keys.
    pub of: Vec<String>,
    /// The title.
    pub title: String,
    /// The stack; empty if it is about none.
    pub stack: String,
}

/// The deed that is meant: by the beginning of its key, else the newest that can be undone.
///
/// # Errors
/// When there is none, or it cannot be undone, with the reason.
pub fn undo(history: &History, key: Option<&str>, swarm: &str) -> Result<Back, Diagnostic> {
    let list = "list what was done: quarterdeck history";
    let here = |deed: &Deed| deed.begun.swarm == swarm;
    let deed = match key {
        Some(key) => history.find(key).ok_or_else(|| {
            Diagnostic::new(format!("no deed, or more than one, has an id that begins with {key}"), list)
        })?,
        None => history
            .deeds
            .iter()
            .find(|deed| here(deed) && deed.may_be_undone())
            .ok_or_else(|| Diagnostic::new("nothing was done that could be undone", list))?,
    };
    let refused = |why: &str| {
        Diagnostic::new(format!("{} cannot be undone", deed.begun.what), "deploy the file of an earlier commit instead")
            .because(why)
    };
    if !here(deed) {
        return Err(refused("it was done to another swarm"));
    }
    if deed.end.is_none() && deed.alive {
        return Err(refused("it still goes on"));
    }
    if deed.begun.request().is_some() {
        let what = format!("{} is not undone as a whole", deed.begun.what);
        return Err(Diagnostic::new(what, "undo its parts, the newest first: quarterdeck history lists them"));
    }
    if !deed.may_be_undone() {
        return Err(refused(
            "nothing is kept of what it replaced: data, images and contents of secrets do not come back",
        ));
    }
    Ok(Back {
        of: vec![deed.begun.job.clone()],
        title: format!("undo {}", deed.begun.what),
        stack: deed.begun.stack.clone(),
    })
}

/// What was done to a stack after its last deploy but this one that ended well; none where no such deploy is known.
#[must_use]
pub fn last_converged(history: &History, stack: &str, swarm: &str) -> Option<Back> {
    let of_stack = |deed: &&std::sync::Arc<Deed>| deed.begun.stack == stack && deed.begun.swarm == swarm;
    // Newest first.
    let deeds: Vec<_> = history.deeds.iter().filter(of_stack).collect();
    let newest = deeds.iter().position(|deed| deed.begun.kind == "deploy")?;
    let good = deeds
        .iter()
        .skip(newest + 1)
        .position(|deed| deed.begun.kind == "deploy" && deed.outcome() == "done")
        .map(|at| newest + 1 + at)?;
    let after: Vec<String> =
        deeds.iter().take(good).rev().filter(|deed| deed.may_be_undone()).map(|deed| deed.begun.job.clone()).collect();
    let target = deeds.get(good)?;
    let at = target.begun.at.strftime("%Y-%m-%d %H:%M");
    let commit = target.begun.commit.as_ref().map(|commit| format!(", commit {}", commit.short())).unwrap_or_default();
    let title = format!("roll back stack {stack} to the deploy of {at}{commit}");
    tracing::debug!(title, deeds = counted(after.len() as u64, "deed"), "the way back");
    (!after.is_empty()).then(|| Back { of: after, title, stack: stack.to_owned() })
}
