//! Plans that are being made for the screen. A newer question for one ends the older.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::action::undo::Back;
use crate::action::{Action, Deed, How, JobId, Request};
use crate::app::{Msg, PLAN_ALL, PlanId, PlanOffer, Whole};
use crate::diag::Diagnostic;
use crate::hub::{Handle, Planned, Rest, Rollout};
use crate::plan::{self, Options};

/// The question under way, and the answer to the one before, where that was a plan from files.
#[derive(Debug, Default)]
pub struct Plans {
    making: JoinSet<(Msg, Option<Rollout>)>,
    made: Option<(PlanId, Rollout)>,
}

impl Plans {
    /// Begins to make one.
    pub fn begin(&mut self, handle: &Handle, id: PlanId, stack: String, rotate: bool) {
        self.making.abort_all();
        let handle = handle.clone();
        self.making.spawn(async move {
            if stack == PLAN_ALL {
                return all(&handle, id, rotate).await;
            }
            one(&handle, id, &stack, rotate).await
        });
    }

    /// Begins to make those of several stacks, as one.
    pub fn begin_some(&mut self, handle: &Handle, id: PlanId, stacks: Vec<String>) {
        self.making.abort_all();
        let handle = handle.clone();
        self.making.spawn(async move {
            match handle.rollout_of(&Request { stacks, ..Request::default() }, BTreeSet::new()).await {
                Ok(rollout) => whole(id, rollout, Vec::new()),
                Err(none) => (Msg::Planned { id, answer: Err(none.faults()) }, None),
            }
        });
    }

    /// Begins to make the plan of an undo.
    pub fn take_back(&mut self, handle: &Handle, id: PlanId, back: Back) {
        self.making.abort_all();
        let handle = handle.clone();
        self.making.spawn(async move {
            let answer = handle.take_back(&back).await.map_err(|fault| vec![fault]);
            (Msg::Planned { id, answer: answer.map(offer) }, None)
        });
    }

    /// Begins to make the plan of what is left of a deed.
    pub fn finish(&mut self, handle: &Handle, id: PlanId, deed: Arc<Deed>) {
        self.making.abort_all();
        let handle = handle.clone();
        self.making.spawn(async move {
            match Box::pin(handle.resume(&deed)).await {
                Ok(Rest::Made(made)) => (Msg::Planned { id, answer: Ok(offer(*made)) }, None),
                Ok(Rest::FromFile(rollout)) if deed.begun.request().is_some() => whole(id, *rollout, Vec::new()),
                Ok(Rest::FromFile(rollout)) => shown(id, *rollout),
                Err(faults) => (Msg::Planned { id, answer: Err(faults) }, None),
            }
        });
    }

    /// Begins to bring the checkout forward, and to make the plan of what that changes.
    pub fn sync(&mut self, handle: &Handle, id: PlanId) {
        self.making.abort_all();
        let handle = handle.clone();
        self.making.spawn(async move {
            match handle.sync().await {
                Ok(came) => whole(id, came.rollout, came.told),
                Err(faults) => (Msg::Planned { id, answer: Err(faults) }, None),
            }
        });
    }

    /// The next one that is made.
    pub async fn next(&mut self) -> Msg {
        loop {
            match self.making.join_next().await {
                Some(Ok((msg, rollout))) => {
                    if let (Msg::Planned { id, .. }, Some(rollout)) = (&msg, rollout) {
                        self.made = Some((*id, rollout));
                    }
                    return msg;
                }
                // One that was given up.
                Some(Err(_)) => {}
                None => return std::future::pending().await,
            }
        }
    }

    /// Puts what was shown into the queue. Gives the first job of it.
    pub fn roll_out(&mut self, handle: &Handle, id: PlanId, all_tasks: bool) -> Result<JobId, Diagnostic> {
        let gone = || Diagnostic::new("the plan is no longer at hand", "press p: it is made anew");
        let (_, rollout) = self.made.take().filter(|(made, _)| *made == id).ok_or_else(gone)?;
        let how = How { options: rollout.options, ..How::default() };
        let batch = match all_tasks {
            true => handle.enlist_all_tasks(&rollout, how),
            false => handle.enlist(&rollout, how, rollout.gate),
        };
        let first = batch.ids().next().ok_or_else(gone)?;
        handle.submit_all(batch).map(|()| first)
    }
}

fn offer((plan, action): (plan::Plan, Option<Action>)) -> Box<PlanOffer> {
    Box::new(PlanOffer { plan, action, ..PlanOffer::default() })
}

async fn one(handle: &Handle, id: PlanId, stack: &str, rotate: bool) -> (Msg, Option<Rollout>) {
    let request = Request { stacks: vec![stack.to_owned()], rotate, ..Request::default() };
    match handle.rollout_of(&request, BTreeSet::new()).await {
        Ok(rollout) => shown(id, rollout),
        Err(none) => (Msg::Planned { id, answer: Err(none.faults()) }, None),
    }
}

fn shown(id: PlanId, rollout: Rollout) -> (Msg, Option<Rollout>) {
    let mut prepares = prepares(&rollout).into_iter().flatten();
    let offer = |planned: &Planned| {
        let (plan, prepares) = (planned.plan.clone(), prepares.by_ref().collect());
        Box::new(PlanOffer { plan, prepares, rolls: true, ..PlanOffer::default() })
    };
    let answer = rollout.stacks.first().map(offer).ok_or_else(Vec::new);
    (Msg::Planned { id, answer }, Some(rollout))
}

/// What is put in place before each stack is deployed, or although nothing of it is: before the first of them also what
/// no stack makes.
fn prepares(rollout: &Rollout) -> Vec<Vec<String>> {
    let mut common = rollout.networks.iter().map(|name| format!("network {name}"));
    let first = |planned: &Planned| match planned.has_work() {
        true => common.by_ref().chain(planned.prepare.iter().flat_map(|(prepare, _)| prepare.steps())).collect(),
        false => Vec::new(),
    };
    rollout.stacks.iter().map(first).collect()
}

async fn all(handle: &Handle, id: PlanId, rotate: bool) -> (Msg, Option<Rollout>) {
    let options = Options { rotate, ..Options::default() };
    match handle.rollout_of_all(options).await {
        Ok(rollout) => whole(id, rollout, Vec::new()),
        Err(none) => (Msg::Planned { id, answer: Err(none.faults()) }, None),
    }
}

fn whole(id: PlanId, rollout: Rollout, came: Vec<String>) -> (Msg, Option<Rollout>) {
    let whole = Whole {
        plans: rollout.stacks.iter().map(|planned| planned.plan.clone()).collect(),
        prepares: prepares(&rollout),
        stretches: plan::stretches(&rollout.legs),
        left_out: rollout.left_out.clone(),
        came,
    };
    let offer = PlanOffer { whole: Some(whole), rolls: true, ..PlanOffer::default() };
    (Msg::Planned { id, answer: Ok(Box::new(offer)) }, Some(rollout))
}
