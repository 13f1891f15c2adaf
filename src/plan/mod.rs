//! Wish against truth: what would have to change in the swarm so that a stack is as its file says. Pure.

mod canon;
mod capacity;
mod change;
mod course;
mod draft;
mod draw;
mod fields;
mod image;
mod network;
mod order;
mod parts;
mod ports;
mod refused;
mod service;
mod show;
mod teardown;
mod truth;
mod undo;

#[cfg(test)]
mod tests;

pub use capacity::capacity;
pub use change::{Change, Effect, Field, Labels, Plan, Seen, Thing, Unmade};
pub use course::{Does, Field as CourseField, Gates, Leg, Mark, Stretch, course, descent, stretches};
pub use draft::{Drawn, Options, Promised, Prune, Resolve, Step, Todo, thing};
pub use draw::draw;
pub use image::{full_name, needs_digest};
pub use order::{Staged, promised, waves};
pub use service::{apart, id_in, with_ids};
pub use show::{headline, short, show};
pub use teardown::teardown;
pub use truth::{Image, Truth};
pub use undo::{Was, renamed, undo};
