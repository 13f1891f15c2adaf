//! Judgements: how a service, a stack, a tier and the whole swarm are doing, and why, in words.
//! Pure functions of a snapshot, the folder and the present time; nothing is remembered here.

mod constraint;
mod picture;
mod reasons;
mod rollup;
mod service;
#[cfg(test)]
mod tests;

pub use constraint::unmet as unmet_constraint;
pub use picture::{NodeLoad, Picture, Quorum, ServiceHealth, Services, StackHealth, TierHealth, Trouble, TroubleAt};
pub use service::is_eligible as eligible;
