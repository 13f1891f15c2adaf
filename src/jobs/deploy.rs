//! Deploy: what was planned, done in its order: networks, secrets, configs, services, and at the end what goes.
//!
//! The plan that was shown is drawn anew on the swarm as it is now. Only what was shown is done; what somebody else has
//! done meanwhile is left out, and what somebody else has changed stops the job before it writes anything. So a job
//! that broke off half-way is finished by the next one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::{Value, json};

use super::converge::{Awaited, By, wait};
use super::cx::{JobCx, Outcome};
use super::desk::Prepared;
use super::registries::{Header, Registries};
use super::{truth, write};
use crate::action::How;
use crate::diag::{Diagnostic, Explain};
use crate::engine::Part;
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
    let mut other = Vec::new();
    for change in drawn.plan.work() {
        let known = shown.change(change.kind, &change.name);
        if !known.is_some_and(|known| known.says_as(change)) {
            let fields: Vec<&str> = change.fields.iter().map(|field| field.path.as_str()).collect();
            let fields = if fields.is_empty() { String::new() } else { format!(" ({})", fields.join(", ")) };
            other.push(format!("{}: {}{fields}", change.title(), change.effect.words()));
        }
    }
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
            self.told(number, self.part(number, step).await).await?;
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
            self.told(number, self.gone(number, step).await).await?;
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

    async fn told(&self, number: usize, ended: Result<String, Diagnostic>) -> Result<(), Diagnostic> {
        match ended {
            Ok(words) => self.cx.step(self.line(number), State::Done, words).await,
            Err(fault) => {
                self.cx.step(self.line(number), State::Failed, fault.line()).await;
                return Err(fault);
            }
        }
        Ok(())
    }

    /// Makes or writes over a network, secret or config.
    async fn part(&self, number: usize, step: &Step) -> Result<String, Diagnostic> {
        self.cx.step(self.line(number), State::Converging, "writing").await;
        match &step.todo {
            Todo::Create { body, payload } => {
                let id = match payload {
                    Some(key) => {
                        write::create(self.cx, step.kind, &step.name, &self.filled(step.kind, body, key)?).await?
                    }
                    None => write::create(self.cx, step.kind, &step.name, body).await?,
                };
                self.remember(step, id);
                Ok("made".to_owned())
            }
            Todo::Update { id, version, body } => {
                let part = if step.kind == Thing::Secret { Part::Secret } else { Part::Config };
                self.labels(part, step, (id, Version(*version)), body).await
            }
            Todo::Remove { .. } => Ok(String::new()),
        }
    }

    /// Writes labels; after a lost answer it is looked whether they are there, before they are written again.
    async fn labels(
        &self,
        part: Part,
        step: &Step,
        (id, version): (&str, Version),
        body: &Value,
    ) -> Result<String, Diagnostic> {
        let place = format!("{} {}", step.kind.word(), step.name);
        let mut lost = None;
        for _ in 0..write::WRITES {
            let error = match self.cx.engine.update_part(part, id, version, body).await {
                Ok(()) => return Ok("labels written".to_owned()),
                Err(error) => error,
            };
            if !error.leaves_doubt() {
                return Err(error.explain().at(place));
            }
            let object = write::patiently(|| write::look(self.cx, step.kind, id)).await;
            let object = object.map_err(|again| write::not_known(&place, &again, &error))?;
            if object.pointer("/Spec/Labels") == body.get("Labels") {
                return Ok("labels written".to_owned());
            }
            lost = Some(error);
        }
        Err(write::unanswered(&place, lost.as_ref()))
    }

    /// A body with its payload, for as long as it takes to send it.
    fn filled(&self, kind: Thing, body: &Value, key: &str) -> Result<Value, Diagnostic> {
        let wish = &self.prepared.wish;
        let parts = if kind == Thing::Secret { &wish.secrets } else { &wish.configs };
        let payload = parts.iter().find(|part| part.key == key).and_then(|part| part.payload.as_ref());
        let Some(payload) = payload else {
            return Err(Diagnostic::new(format!("the content of {key} is not at hand"), "plan again"));
        };
        let mut body = body.clone();
        let data = base64::engine::general_purpose::STANDARD.encode(&*payload.0);
        if let Some(body) = body.as_object_mut() {
            body.insert("Data".to_owned(), json!(data));
        }
        Ok(body)
    }

    fn remember(&self, step: &Step, id: String) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.insert((step.kind, step.name.clone()), id);
    }

    fn with_ids(&self, body: &Value) -> Value {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        plan::with_ids(body.clone(), |kind, name| {
            made.get(&(kind, name.to_owned())).cloned().or_else(|| plan::id_in(&self.truth, kind, name))
        })
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
                Ok(()) => {
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

    async fn service(&self, number: usize) -> Result<String, Diagnostic> {
        let (Some(step), Some(change)) = (self.drawn.steps.get(number), self.drawn.plan.work().nth(number)) else {
            return Ok(String::new());
        };
        let line = self.line(number);
        self.cx.step(line, State::Converging, "writing").await;
        let (id, beyond) = match &step.todo {
            Todo::Create { body, .. } => {
                (write::create(self.cx, Thing::Service, &step.name, &self.cx.marked(self.with_ids(body))).await?, None)
            }
            Todo::Update { id, version, body } => match self.update(step, id, Version(*version), body).await? {
                Some(beyond) => (id.clone(), Some(beyond)),
                None => return Ok("is so already".to_owned()),
            },
            Todo::Remove { .. } => return Ok(String::new()),
        };
        if self.how.detach {
            return Ok("written, not waited for".to_owned());
        }
        let by = match change.effect {
            Effect::Create => By::Create,
            Effect::InPlace => By::Change,
            _ => By::Roll { round: None },
        };
        wait(self.cx, line, &Awaited { id: ServiceId::new(&id), name: step.name.clone(), beyond, by }).await
    }

    /// Writes a service over what was seen. Gives the version it was written over; none if there was nothing to write.
    async fn update(&self, step: &Step, id: &str, seen: Version, body: &Value) -> Result<Option<Version>, Diagnostic> {
        let service = ServiceId::new(id);
        let body = self.cx.marked(self.with_ids(body));
        let header = self.header(step, &body).await;
        let mut lost = None;
        for _ in 0..write::WRITES {
            let error =
                match self.cx.engine.update_service(&service, seen, &body, Registries::text(header.as_ref())).await {
                    Ok(_) => return Ok(Some(seen)),
                    Err(error) => error,
                };
            if !error.leaves_doubt() && !error.is_conflict() {
                return Err(error.explain().at(format!("service {}", step.name)));
            }
            tracing::warn!(service = step.name, %error, "a write was not simply taken: looking again");
            let (version, object) = write::patiently(|| self.cx.engine.service_spec(&service))
                .await
                .map_err(|again| write::not_known(&step.name, &again, &error))?;
            let there = plan::apart(&body, object.get("Spec").unwrap_or(&Value::Null), &self.truth_with(&object));
            // A conflict may be with our own write, whose answer was lost before.
            if there.is_empty() && (lost.is_some() || error.leaves_doubt()) {
                return Ok(Some(seen));
            }
            if version != seen || error.is_conflict() {
                return self.again(step, &service, version, object).await;
            }
            lost = Some(error);
        }
        Err(write::unanswered(&step.name, lost.as_ref()))
    }

    /// Who we are at the registry of an image. Only where tasks are replaced anyway: other credentials are another spec
    /// to the swarm, and would replace tasks of which the plan says that they go on. Without it the swarm keeps its own.
    async fn header(&self, step: &Step, body: &Value) -> Option<Header> {
        let rolls =
            self.drawn.plan.change(step.kind, &step.name).is_some_and(|change| change.effect == Effect::Restart);
        if rolls { write::header(self.cx, body).await } else { None }
    }

    fn truth_with(&self, object: &Value) -> Truth {
        let mut truth = self.truth.clone();
        let id = object.get("ID");
        truth.services.retain(|service| service.get("ID") != id);
        truth.services.push(object.clone());
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        for ((kind, name), id) in &*made {
            // What was made on the way has its place in the picture by its name alone.
            let list = match kind {
                Thing::Network => &mut truth.networks,
                Thing::Secret | Thing::Config | Thing::Service | Thing::Node => continue,
            };
            list.push(json!({"Id": id, "Name": name, "Scope": "swarm"}));
        }
        truth
    }

    /// Somebody else was faster: if the plan for this object is still the same it is written once more, on top.
    async fn again(
        &self,
        step: &Step,
        id: &ServiceId,
        version: Version,
        object: Value,
    ) -> Result<Option<Version>, Diagnostic> {
        let old = self.truth.named(Thing::Service, &step.name).and_then(|live| live.get("Spec")).cloned();
        let new = object.get("Spec").cloned().unwrap_or_default();
        let truth = self.truth_with(&object);
        let options = plan::Options { prune: plan::Prune::Nothing, ..self.how.options };
        let drawn = plan::draw(&self.prepared.wish, &truth, options, &Promised::new());
        let now = drawn.plan.change(Thing::Service, &step.name);
        if now.is_some_and(|change| change.effect == Effect::None) {
            return Ok(None);
        }
        let planned = self.drawn.plan.change(Thing::Service, &step.name);
        let body = drawn.steps.iter().find(|other| other.kind == Thing::Service && other.name == step.name);
        if let (Some(now), Some(planned), Some(Step { todo: Todo::Update { body, .. }, .. })) = (now, planned, body)
            && now.says_as(planned)
        {
            let body = self.cx.marked(self.with_ids(body));
            let header = self.header(step, &body).await;
            return match self.cx.engine.update_service(id, version, &body, Registries::text(header.as_ref())).await {
                Ok(_) => Ok(Some(version)),
                Err(error) => Err(error.explain().at(format!("service {}", step.name))),
            };
        }
        let fields = plan::apart(&old.unwrap_or_default(), &new, &truth);
        let what = format!("{} was changed by somebody else while it was deployed", step.name);
        let fault = Diagnostic::new(what, "look at what changed and plan again; nothing was written over it");
        Err(fields.iter().fold(fault, |fault, field| {
            let said = |value: &Option<String>| crate::model::text::clean(value.as_deref().unwrap_or("nothing"));
            fault.because(format!("{}: {} became {}", plan::short(&field.path), said(&field.old), said(&field.new)))
        }))
    }

    /// Removes what the file no longer has.
    async fn gone(&self, number: usize, step: &Step) -> Result<String, Diagnostic> {
        let Todo::Remove { id } = &step.todo else { return Ok(String::new()) };
        self.cx.step(self.line(number), State::Converging, "removing").await;
        write::remove(self.cx, step.kind, id).await?;
        if step.kind == Thing::Service && !self.how.detach {
            write::tasks_gone(self.cx, self.line(number), &self.shown.stack, std::slice::from_ref(id)).await?;
        }
        Ok("removed".to_owned())
    }
}
