//! A gate: what stands on a tier waits until that tier stands.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::{Picture, ServiceId, State, Tier, UpdateState};

/// What a gate does when its time is up and something is still missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It stays shut.
    #[default]
    Stop,
    /// It says so, and opens.
    Warn,
    /// The operator decides.
    Ask,
}

/// Stacks of a tier that must stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// Of which tier.
    pub tier: Tier,
    /// Which stacks: those that belong to the tier now, or one that the next one of its tier stands on.
    pub stacks: Vec<String>,
    /// It is passed inside its tier, between two stacks.
    pub inner: bool,
    /// What it does when its time is up.
    pub mode: Mode,
    /// How long it waits.
    pub patience: Duration,
}

impl Gate {
    /// What a person calls it.
    #[must_use]
    pub fn title(&self) -> String {
        match self.inner {
            false => format!("gate of {}", self.tier.name()),
            true => format!("look at {}", self.stacks.join(", ")),
        }
    }
}

/// How a stack stands before a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Every long-running service has converged, every one-shot completed; in words.
    Stands(String),
    /// It stands, but tasks of it failed a short while ago: only if it stays so does it count.
    Shaky(String),
    /// Not yet, and why.
    Lacks(State, String),
}

/// Judges a stack for a gate.
#[must_use]
pub fn judge(picture: &Picture, stack: &str) -> Standing {
    if !picture.swarm.link.is_live() {
        return Standing::Lacks(State::Unknown, "the swarm does not answer; waiting for it".to_owned());
    }
    let Some(health) = picture.stack(stack).filter(|health| !health.services.is_empty()) else {
        return Standing::Lacks(State::Waiting, "not in the swarm".to_owned());
    };
    let is_up = |id| picture.health(id).is_some_and(|one| one.state.is_settled()) || is_back(picture, id);
    if health.services.iter().all(is_up) {
        let shots = match health.one_shots {
            0 => String::new(),
            all => format!(", {} of {all} one-shots done", health.done),
        };
        let words = format!("{} of {} ready{shots}", health.ready, health.long_running);
        let failures: u64 = health.services.iter().filter_map(|id| picture.health(id)).map(|one| one.failures).sum();
        return if failures == 0 { Standing::Stands(words) } else { Standing::Shaky(words) };
    }
    let why = health.reasons.first().cloned().unwrap_or_else(|| health.state.word().to_owned());
    let more = health.reasons.len().saturating_sub(1);
    let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
    Standing::Lacks(health.state, format!("{why}{more}"))
}

/// All of it runs as before an update that was rolled back. Where its file wishes something else a deploy has been tried
/// by now, and its failure holds the gate.
fn is_back(picture: &Picture, id: &ServiceId) -> bool {
    let update = picture.swarm.services.get(id).and_then(|service| service.update.as_ref());
    let back = update.is_some_and(|update| update.state == UpdateState::RollbackCompleted);
    back && picture.health(id).is_some_and(|one| one.running >= one.desired)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Mode as Runs;
    use crate::model::TaskState;
    use crate::model::sample::{node, noon, service, swarm};

    #[test]
    fn a_stack_stands_when_what_runs_long_runs_and_what_runs_once_is_done() {
        let web = || service("shop_web").mode(Runs::Replicated(1));
        let seed = || service("shop_seed").mode(Runs::ReplicatedJob { total: 1, at_once: 1 });
        let runs = || web().task(1, "m1", TaskState::Running);
        let back = |service: &mut crate::model::Service| {
            let state = UpdateState::RollbackCompleted;
            service.update =
                Some(crate::model::Update { state, message: String::new(), started: None, completed: None });
        };
        for (services, stands) in [
            (vec![runs(), seed().task(1, "m1", TaskState::Complete)], true),
            (vec![runs(), seed().task(1, "m1", TaskState::Running)], false),
            (vec![web().task(1, "m1", TaskState::Pending), seed().task(1, "m1", TaskState::Complete)], false),
            (vec![service("other_web").task(1, "m1", TaskState::Running)], false),
            (vec![runs().with(back)], true),
            (vec![web().task(1, "m1", TaskState::Pending).with(back)], false),
        ] {
            let picture = Picture::of(swarm([node("m1").manager(true)], services), &Default::default(), noon());
            let said = judge(&picture, "shop");
            assert_eq!(matches!(said, Standing::Stands(_)), stands, "{said:?}");
        }
    }
}
