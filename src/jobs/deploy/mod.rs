//! Deploy: what was planned, done in its order: networks, secrets, configs, services, and at the end what goes.
//!
//! The plan that was shown is drawn anew on the swarm as it is now. Only what was shown is done; what somebody else has
//! done meanwhile is left out, and what somebody else has changed stops the job before it writes anything. So a job
//! that broke off half-way is finished by the next one.

mod over;
mod parts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::converge::{Awaited, By, Reached, wait};
use super::cx::{JobCx, Outcome};
use super::desk::Prepared;
use super::{truth, write};
use crate::action::How;
use crate::diag::{Diagnostic, Explain};
use crate::model::{ServiceId, State, Version};
use crate::plan::{self, Change, Drawn, Effect, Plan, Promised, Step, Thing, Todo, Truth};

/// Services that are written and waited for at one time.
const AT_ONCE: usize = 8;

/// Does what a plan says.
///
/// # Errors
/// With what went wrong, what is done and what is left.
pub async fn run(cx: &JobCx, shown: &Plan, prepared: Option<Prepared>, how: How) -> Result<Outcome, Diagnostic> {
    let patient = JobCx { patience: how.patience.unwrap_or(cx.patience), ..cx.clone() };
    let cx = &patient;
    let names: Vec<String> = shown.work().map(Change::title).collect();
    cx.steps(std::iter::once("check".to_owned()).chain(names)).await;
    cx.step(0, State::Converging, "looking whether the swarm is as it was planned on").await;
    let prepared = prepared.ok_or_else(|| {
        Diagnostic::new("the plan is no longer at hand", "plan again: what is deployed is only what was just shown")
    });
    let checked = match prepared {
        Ok(prepared) => check(cx, shown, prepared, how).await,
        Err(fault) => Err(fault),
    };
    let run = match checked {
        Ok(run) => run,
        Err(fault) => {
            cx.step(0, State::Failed, fault.line()).await;
            return Err(fault.because("nothing was written"));
        }
    };
    cx.step(0, State::Done, "as planned").await;
    run.all().await
}

/// Draws the plan anew, and refuses what was not shown.
async fn check<'a>(cx: &'a JobCx, shown: &'a Plan, prepared: Prepared, how: How) -> Result<Run<'a>, Diagnostic> {
    let mut truth = truth::swarm(&cx.engine).await.map_err(|error| error.explain())?;
    truth.images.clone_from(&prepared.images);
    let drawn = plan::draw(&prepared.wish, &truth, how.options, &Promised::new());
    if let Some(fault) = drawn.plan.faults.first() {
        let more = drawn.plan.faults.iter().skip(1).fold(fault.clone(), |told, fault| told.because(fault.line()));
        return Err(more);
    }
    let other = shown.unannounced(&drawn.plan);
    if !other.is_empty() {
        let what = format!("{} is not as it was when the plan was shown", shown.stack);
        let fault = Diagnostic::new(what, "look at the plan again, and deploy that");
        return Err(other.into_iter().fold(fault, |fault, why| fault.because(format!("not shown: {why}"))));
    }
    Ok(Run { cx, shown, prepared, how, truth, drawn, made: Mutex::default() })
}

struct Run<'a> {
    cx: &'a JobCx,
    shown: &'a Plan,
    prepared: Prepared,
    how: How,
    truth: Truth,
    drawn: Drawn,
    /// Ids of what was made on the way.
    made: Mutex<BTreeMap<(Thing, String), String>>,
}

/// How a part of the work ended.
type Ended = Result<bool, Diagnostic>;

impl Run<'_> {
    async fn all(&self) -> Result<Outcome, Diagnostic> {
        self.skip_what_is_done().await;
        let mut done = BTreeSet::new();
        let ended = self.in_order(&mut done).await;
        let left: Vec<String> = self
            .drawn
            .plan
            .work()
            .enumerate()
            .filter(|(number, _)| !done.contains(number))
            .map(|(_, change)| change.title())
            .collect();
        match ended {
            Ok(true) => Ok(Outcome::Whole),
            Ok(false) => Ok(Outcome::Stopped { done: done.len(), left: left.len() }),
            Err(fault) => {
                let so_far = format!("{} of {} steps are done and stay", done.len(), done.len() + left.len());
                let left = format!("not done: {}; deploy again to finish it", left.join(", "));
                Err(fault.because(so_far).because(left))
            }
        }
    }

    /// Parts first, then services, then what goes. Gives false when it was told to stop.
    async fn in_order(&self, done: &mut BTreeSet<usize>) -> Ended {
        let steps = || self.drawn.steps.iter().enumerate();
        let goes = |step: &Step| matches!(step.todo, Todo::Remove { .. });
        for (number, step) in steps().filter(|(_, step)| step.kind != Thing::Service && !goes(step)) {
            if self.cx.stop.is_cancelled() {
                return Ok(false);
            }
            self.told(number, self.part(number, step).await.map(Reached::There)).await?;
            done.insert(number);
        }
        let services = steps().filter(|(_, step)| step.kind == Thing::Service && !goes(step)).map(|(number, _)| number);
        if !self.services(services.collect(), done).await? {
            return Ok(false);
        }
        for (number, step) in steps().filter(|(_, step)| goes(step)) {
            if self.cx.stop.is_cancelled() {
                return Ok(false);
            }
            if !self.told(number, self.gone(number, step).await).await? {
                return Ok(false);
            }
            done.insert(number);
        }
        Ok(true)
    }

    /// Where a step stands on the board: the first line there is the check.
    fn line(&self, number: usize) -> usize {
        let Some(change) = self.drawn.plan.work().nth(number) else { return 0 };
        let same = |known: &Change| (known.kind, &known.name) == (change.kind, &change.name);
        self.shown.work().position(same).map_or(0, |position| position + 1)
    }

    /// What was planned and is there by now needs no step.
    async fn skip_what_is_done(&self) {
        for (position, change) in self.shown.work().enumerate() {
            let still = self.drawn.plan.work().any(|now| (now.kind, &now.name) == (change.kind, &change.name));
            if !still {
                self.cx.step(position + 1, State::Done, "is so already").await;
            }
        }
    }

    /// Says how a step ended. Gives false where it was told to wait for it no longer.
    async fn told(&self, number: usize, ended: Result<Reached, Diagnostic>) -> Ended {
        let line = self.line(number);
        match ended {
            Ok(Reached::There(words)) => self.cx.step(line, State::Done, words).await,
            Ok(Reached::Left(words)) => {
                self.cx.step(line, State::Off, words).await;
                return Ok(false);
            }
            Err(fault) => {
                self.cx.step(line, State::Failed, fault.line()).await;
                return Err(fault);
            }
        }
        Ok(true)
    }

    /// All services: each when those it stands on have converged, some at a time. After a failure none is begun.
    async fn services(&self, mut waiting: Vec<usize>, done: &mut BTreeSet<usize>) -> Ended {
        let all: BTreeSet<&str> =
            waiting.iter().filter_map(|number| Some(self.drawn.steps.get(*number)?.name.as_str())).collect();
        let mut ready: BTreeSet<&str> = BTreeSet::new();
        let mut running = FuturesUnordered::new();
        let mut faults: Vec<Diagnostic> = Vec::new();
        loop {
            while faults.is_empty() && !self.cx.stop.is_cancelled() && running.len() < AT_ONCE {
                let free = |number: &usize| {
                    self.after(*number).iter().all(|name| ready.contains(name.as_str()) || !all.contains(name.as_str()))
                };
                // A circle was warned of in the plan: it is begun with whoever comes first.
                let next = waiting.iter().position(free).or((running.is_empty() && !waiting.is_empty()).then_some(0));
                let Some(next) = next else { break };
                let number = waiting.remove(next);
                running.push(async move { (number, self.service(number).await) });
            }
            let Some((number, ended)) = running.next().await else { break };
            match self.told(number, ended).await {
                // Told to stop: nothing more is begun either.
                Ok(false) => waiting.push(number),
                Ok(true) => {
                    done.insert(number);
                    ready.extend(self.drawn.steps.get(number).map(|step| step.name.as_str()));
                }
                Err(fault) => faults.push(fault),
            }
        }
        let mut faults = faults.into_iter();
        match faults.next() {
            Some(first) => Err(faults.fold(first, |told, fault| told.because(format!("and {}", fault.line())))),
            None => Ok(waiting.is_empty()),
        }
    }

    fn after(&self, number: usize) -> &[String] {
        self.drawn.plan.work().nth(number).map_or(&[], |change| &change.after)
    }

    async fn service(&self, number: usize) -> Result<Reached, Diagnostic> {
        let there = |words: &str| Ok(Reached::There(words.to_owned()));
        let (Some(step), Some(change)) = (self.drawn.steps.get(number), self.drawn.plan.work().nth(number)) else {
            return there("");
        };
        let line = self.line(number);
        self.cx.step(line, State::Converging, "writing").await;
        let (id, beyond) = match &step.todo {
            Todo::Create { body, .. } => {
                (write::create(self.cx, Thing::Service, &step.name, &self.cx.marked(self.with_ids(body))).await?, None)
            }
            Todo::Update { id, version, body } => match self.update(step, id, Version(*version), body).await? {
                Some(beyond) => (id.clone(), Some(beyond)),
                None => return there("is so already"),
            },
            Todo::Remove { .. } => return there(""),
        };
        if self.how.detach {
            return there("written, not waited for");
        }
        let by = match change.effect {
            Effect::Create => By::Create,
            Effect::InPlace => By::Change,
            _ => By::Roll { forced: false },
        };
        wait(self.cx, line, &Awaited { id: ServiceId::new(&id), name: step.name.clone(), beyond, by }).await
    }

    /// Removes what the file no longer has.
    async fn gone(&self, number: usize, step: &Step) -> Result<Reached, Diagnostic> {
        let Todo::Remove { id } = &step.todo else { return Ok(Reached::There(String::new())) };
        self.cx.step(self.line(number), State::Converging, "removing").await;
        write::remove(self.cx, step.kind, id).await?;
        if step.kind == Thing::Service && !self.how.detach {
            let (line, ids) = (self.line(number), std::slice::from_ref(id));
            if write::tasks_gone(self.cx, line, &self.shown.stack, ids).await?.is_none() {
                return Ok(Reached::Left("removed; its tasks still end".to_owned()));
            }
        }
        Ok(Reached::There("removed".to_owned()))
    }
}
