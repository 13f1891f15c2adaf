//! Deploys on the simulated swarm, from the plan to the tasks: what was predicted is what happens, and what breaks off
//! half-way is finished by the next one. Time stands still while nobody waits for it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on should stop, and one that is not run should say so"
)]

#[cfg(test)]
mod breaks;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod doubt;
#[cfg(test)]
mod drift;
#[cfg(test)]
mod history;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod known;
#[cfg(test)]
mod locks;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod prepare;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod rollout;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod verbs;
#[cfg(test)]
mod volumes;
#[cfg(test)]
mod wish;
