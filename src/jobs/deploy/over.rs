//! A service that is written over what was seen: once, and on top of somebody else's change only where the plan for it
//! is still the same.

use std::sync::PoisonError;

use serde_json::{Value, json};

use super::Run;
use crate::diag::{Diagnostic, Explain};
use crate::jobs::registries::{Header, Registries};
use crate::jobs::write;
use crate::model::{ServiceId, Version};
use crate::plan::{self, Effect, Promised, Step, Thing, Todo, Truth};

impl Run<'_> {
    /// Writes a service over what was seen. Gives the version it was written over; none if there was nothing to write.
    pub(super) async fn update(
        &self,
        step: &Step,
        id: &str,
        seen: Version,
        body: &Value,
    ) -> Result<Option<Version>, Diagnostic> {
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
            let there = plan::apart(
                &body,
                object.get("Spec").unwrap_or(&Value::Null),
                &self.truth_with(&object),
                &self.prepared.wish.hidden,
            );
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
        let fields = plan::apart(&old.unwrap_or_default(), &new, &truth, &self.prepared.wish.hidden);
        let what = format!("{} was changed by somebody else while it was deployed", step.name);
        let fault = Diagnostic::new(what, "look at what changed and plan again; nothing was written over it");
        Err(fields.iter().fold(fault, |fault, field| {
            let said = |value: &Option<String>| crate::model::text::clean(value.as_deref().unwrap_or("nothing"));
            fault.because(format!("{}: {} became {}", plan::short(&field.path), said(&field.old), said(&field.new)))
        }))
    }
}
