//! The jobs of a rollout: each leg of its course as an action that stands behind others.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::batch::{After, Batch};
use super::desk::{Contents, Desk};
use super::rollout::Rollout;
use crate::action::gate::{Gate, Mode};
use crate::action::prepare::Prepare;
use crate::action::{Action, How, JobId, Request};
use crate::model::text::counted;
use crate::plan::{Does, Leg, Prune};

impl Rollout {
    /// Puts every leg of the course into a batch.
    pub(super) fn enlist(&self, batch: &mut Batch, desk: &Desk, how: How, gate: Mode) {
        let of = |leg: &'_ Leg| match &leg.does {
            Does::Deploy(stack) | Does::Prepare(stack) => Some(stack.clone()),
            Does::Look(_) | Does::Gate(_) => None,
        };
        let deploys = self.legs.iter().filter_map(of).collect::<BTreeSet<String>>().len();
        if deploys > 1 || self.legs.iter().any(|leg| matches!(leg.does, Does::Gate(_))) {
            batch.begin_course(format!("deploy {}", counted(deploys as u64, "stack")), self.request(how, gate));
        }
        let mut ids: Vec<Option<JobId>> = Vec::new();
        let lowest = self.legs.first().filter(|_| !self.networks.is_empty());
        let first = lowest.map(|leg| {
            let prepare = Prepare { contents: desk.keep_contents(Contents::default()), ..self.common() };
            batch.add_to(&leg.tier, Action::Prepare(prepare), After::default())
        });
        for leg in &self.legs {
            let jobs =
                |on: &[usize]| -> Vec<JobId> { on.iter().filter_map(|leg| ids.get(*leg).copied().flatten()).collect() };
            let after = After { well: jobs(&leg.well).into_iter().chain(first).collect(), over: jobs(&leg.over) };
            let action = self.action(leg, desk, how, gate);
            ids.push(action.map(|action| batch.add_to(&leg.tier, action, after)));
        }
    }

    /// What it takes to ask for it once more.
    fn request(&self, how: How, gate: Mode) -> Request {
        Request {
            stacks: self.stacks.iter().map(|planned| planned.plan.stack.clone()).collect(),
            broad: self.broad,
            gated: self.gated,
            gate,
            patience: how.patience.map(|patience| patience.as_secs()),
            rotate: how.options.rotate,
            no_prune: how.options.prune == Prune::Nothing,
        }
    }

    /// What all stacks need and none makes.
    fn common(&self) -> Prepare {
        Prepare { networks: self.networks.clone(), ..Prepare::of("") }
    }

    fn action(&self, leg: &Leg, desk: &Desk, how: How, mode: Mode) -> Option<Action> {
        let patience = how.patience.unwrap_or(self.at_a_gate);
        let gate = |stacks: Vec<String>, inner| Gate { tier: leg.tier.clone(), stacks, inner, mode, patience };
        match &leg.does {
            Does::Deploy(stack) => {
                let planned = self.of(stack)?;
                let wish = desk.keep(planned.prepared.clone()?);
                let how = How { patience: how.patience.or(planned.patience), ..how };
                Some(Action::Deploy { plan: Arc::new(planned.plan.clone()), wish, how })
            }
            Does::Look(stack) => Some(Action::Gate(gate(vec![stack.clone()], true))),
            Does::Gate(stacks) => Some(Action::Gate(gate(stacks.clone(), false))),
            Does::Prepare(stack) => {
                let (prepare, contents) = self.of(stack)?.prepare.clone()?;
                Some(Action::Prepare(Prepare { contents: desk.keep_contents(contents), ..prepare }))
            }
        }
    }
}
