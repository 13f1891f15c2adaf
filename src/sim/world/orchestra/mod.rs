//! What follows from the wishes: which tasks there are, where they run, what becomes of them.
//! Same rules as swarmkit's orchestrators; must never read the machine's time.

mod constraint;
mod nodes;
mod place;
mod reconcile;
mod restart;
mod run;
mod update;

pub(crate) use constraint::Constraint;
pub(crate) use update::{Updater, image_of, or_object};
