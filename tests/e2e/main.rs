//! The program itself on a real swarm of five nodes (`tests/lab`), faults included.
//!
//! Runs where `QUARTERDECK_LAB=1` or `CI=true` says that a lab may be brought up, as root; elsewhere each test says
//! `NOT RUN`. All tests share one swarm and take turns. `./tests/run` brings the lab up and takes it down; run by
//! hand (`QUARTERDECK_LAB=1 cargo nextest run --test e2e`) the lab stays up: `LAB_NAME=e2e tests/lab/lab down`.

#[cfg(test)]
mod calm;
#[cfg(test)]
mod changes;
#[cfg(test)]
#[path = "../support/console.rs"]
#[expect(dead_code, reason = "shared with the tests in tests/console")]
mod console;
#[cfg(test)]
mod deploys;
#[cfg(test)]
mod lab;
#[cfg(test)]
mod lines;
#[cfg(test)]
mod losses;
#[cfg(test)]
mod managers;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod platform;
#[cfg(test)]
mod rollouts;
#[cfg(test)]
mod ssh;
#[cfg(test)]
mod ssh_losses;
#[cfg(test)]
mod ssh_streams;
#[cfg(test)]
mod swarm;
#[cfg(test)]
mod troubles;
#[cfg(test)]
mod verbs;
