//! Makes the names and monitors of a stack known, or takes them back: at each outlet of the folder on its own, and
//! never as a part of a deploy. What fails at one outlet is told and holds up no other.

mod names;
mod outlets;
mod sealed;
mod servers;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::cx::{JobCx, Outcome};
use super::folder::Folder;
use crate::action::Action;
use crate::diag::Diagnostic;
use crate::model::State;
use crate::model::text::counted;
use crate::plan::Labels;
use crate::platform::Checkout;
use outlets::Outlet;

/// Makes stacks of this folder known, where the folder says so.
#[derive(Debug, Clone, Default)]
pub struct Registrar {
    folder: Option<Folder>,
    /// What the operator saw and agreed to, stack by stack, until the job of it begins.
    agreed: Arc<Mutex<BTreeMap<String, BTreeSet<String>>>>,
}

impl Registrar {
    /// For the stacks of this folder.
    #[must_use]
    pub fn of(folder: Folder) -> Self {
        Self { folder: Some(folder), agreed: Arc::default() }
    }

    /// What is to be made known after this was done.
    #[must_use]
    pub fn after(&self, action: &Action) -> Option<Action> {
        let checkout = self.folder.as_ref()?.now();
        let (gone, labels) = match action {
            Action::Deploy { .. } => (false, Vec::new()),
            Action::Teardown { plan, .. } => (true, plan.labels.clone()),
            _ => return None,
        };
        let known = |stack: &&str| !labels.is_empty() || checkout.catalogue.stacks.contains_key(*stack);
        let stack = action.stack().filter(known)?.to_owned();
        is_wanted(&checkout).then_some(Action::Register { stack, gone, labels })
    }

    /// What was shown of this stack, the operator agrees to: the next job of it may replace what others have made as
    /// far as it was shown.
    pub fn agree(&self, stack: &str, found: &Look) {
        let words = found.iter().filter_map(|(_, found)| found.as_ref().ok()).flat_map(|found| found.todo.clone());
        let mut agreed = self.agreed.lock().unwrap_or_else(PoisonError::into_inner);
        agreed.insert(stack.to_owned(), words.collect());
    }

    fn agreed(&self, stack: &str) -> BTreeSet<String> {
        self.agreed.lock().unwrap_or_else(PoisonError::into_inner).remove(stack).unwrap_or_default()
    }

    /// Checks, applies and verifies, at one outlet after the other.
    ///
    /// # Errors
    /// With what failed, after all others were done.
    pub async fn run(&self, cx: &JobCx, (stack, gone): (&str, bool), labels: &[Labels]) -> Result<Outcome, Diagnostic> {
        match &self.folder {
            Some(folder) => run(cx, &folder.now(), (stack, gone, labels), &self.agreed(stack)).await,
            None => Err(Diagnostic::new("no folder says where to register", "give the folder with -C DIR")),
        }
    }
}

/// What was found at an outlet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// What is to be done there, in words.
    pub todo: Vec<String>,
    /// Why nothing is ever to be done there; empty where something may be.
    pub note: String,
}

/// Each outlet by its name, and what was found there.
pub type Look = Vec<(&'static str, Result<Found, Diagnostic>)>;

/// What a registration would do at each outlet. Changes nothing.
///
/// # Errors
/// With all that is wrong with the file of the stack.
pub async fn look(checkout: &Checkout, stack: &str, gone: bool) -> Result<Look, Vec<Diagnostic>> {
    let mut found = Vec::new();
    for outlet in open(checkout, (stack, gone), &[]).await? {
        found.push((outlet.name(), outlet.check().await));
    }
    Ok(found)
}

async fn run(
    cx: &JobCx,
    checkout: &Checkout,
    (stack, gone, labels): (&str, bool, &[Labels]),
    agreed: &BTreeSet<String>,
) -> Result<Outcome, Diagnostic> {
    let outlets = open(checkout, (stack, gone), labels).await.map_err(|faults| {
        let fault = faults.into_iter().next();
        fault.unwrap_or_else(|| Diagnostic::new(format!("{stack} cannot be read"), "look at its file"))
    })?;
    cx.steps(outlets.iter().map(|outlet| outlet.name().to_owned())).await;
    let mut failed = Vec::new();
    for (index, outlet) in outlets.iter().enumerate() {
        if cx.stop.is_cancelled() {
            return Ok(Outcome::Stopped { done: index, left: outlets.len() - index });
        }
        cx.step(index, State::Converging, "looking").await;
        match outlet.perform(agreed).await {
            Ok(words) => cx.step(index, State::Done, words).await,
            Err(fault) => {
                cx.step(index, State::Failed, fault.line()).await;
                failed.push((outlet.name(), fault));
            }
        }
    }
    let Some((_, first)) = failed.first() else { return Ok(Outcome::Whole) };
    let what =
        format!("{} of {stack} failed; the stack itself is as it is", counted(failed.len() as u64, "registration"));
    let fault = Diagnostic::new(what, first.mend.clone()).at(first.place.clone());
    Err(failed.iter().fold(fault, |told, (name, fault)| {
        fault.why.iter().fold(told.because(format!("{name}: {}", fault.what)), |told, why| told.because(why.clone()))
    }))
}

/// The outlets of the folder with what this stack is known by. Files may lie on a slow disk.
async fn open(
    checkout: &Checkout,
    (stack, gone): (&str, bool),
    labels: &[Labels],
) -> Result<Vec<Outlet>, Vec<Diagnostic>> {
    let (checkout, stack, labels) = (checkout.clone(), stack.to_owned(), labels.to_vec());
    let broken = |error: tokio::task::JoinError| {
        vec![Diagnostic::new("reading broke off", "this is a bug: its log says more").because(error.to_string())]
    };
    tokio::task::spawn_blocking(move || Outlet::all(&checkout, (&stack, gone), &labels)).await.map_err(broken)?
}

/// The folder makes something known somewhere.
#[must_use]
pub fn is_wanted(checkout: &Checkout) -> bool {
    !checkout.config().outlets.is_empty()
}
