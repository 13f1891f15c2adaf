//! Networks, secrets and configs of a deploy: made with their contents, or their labels written over.

use std::sync::PoisonError;

use base64::Engine as _;
use serde_json::{Value, json};

use super::Run;
use crate::diag::{Diagnostic, Explain};
use crate::engine::Part;
use crate::jobs::write;
use crate::model::{State, Version};
use crate::plan::{self, Step, Thing, Todo};

impl Run<'_> {
    /// Makes or writes over a network, secret or config.
    pub(super) async fn part(&self, number: usize, step: &Step) -> Result<String, Diagnostic> {
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

    pub(super) fn with_ids(&self, body: &Value) -> Value {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        plan::with_ids(body.clone(), |kind, name| {
            made.get(&(kind, name.to_owned())).cloned().or_else(|| plan::id_in(&self.truth, kind, name))
        })
    }
}
