//! Networks, secrets and configs, as raw JSON in both directions. A secret's data goes in and never comes out.

use hyper::Method;
use serde_json::{Value, json};

use super::client::Engine;
use super::error::EngineError;
use super::http::{Call, escaped, filters};
use crate::model::Version;

/// Which kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A network.
    Network,
    /// A secret.
    Secret,
    /// A config.
    Config,
}

impl Part {
    /// Its collection in the API.
    fn path(self) -> &'static str {
        match self {
            Part::Network => "/networks",
            Part::Secret => "/secrets",
            Part::Config => "/configs",
        }
    }
}

impl Engine {
    /// All objects of a kind; with a label, those that bear it (`key=value`).
    ///
    /// # Errors
    /// When the engine does not answer or refuses.
    pub async fn parts(&self, part: Part, label: Option<&str>) -> Result<Vec<Value>, EngineError> {
        let path = match label {
            None => part.path().to_owned(),
            Some(label) => format!("{}?{}", part.path(), filters(&json!({ "label": [label] }))),
        };
        self.list_at(&path).await
    }

    /// Objects of a kind whose names hold one of these, and so all that are called so, and perhaps more.
    ///
    /// # Errors
    /// As [`Engine::parts`].
    pub async fn parts_like(&self, part: Part, names: &[&str]) -> Result<Vec<Value>, EngineError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let path = format!("{}?{}", part.path(), filters(&json!({ "name": names })));
        self.list_at(&path).await
    }

    /// All services that bear a label (`key=value`), as the engine has them.
    ///
    /// # Errors
    /// As [`Engine::parts`].
    pub async fn services_with(&self, label: &str) -> Result<Vec<Value>, EngineError> {
        self.list_at(&format!("/services?{}", filters(&json!({ "label": [label] })))).await
    }

    /// All tasks of services that bear a label, as the engine has them.
    ///
    /// # Errors
    /// As [`Engine::parts`].
    pub async fn tasks_with(&self, label: &str) -> Result<Vec<Value>, EngineError> {
        self.list_at(&format!("/tasks?{}", filters(&json!({ "label": [label] })))).await
    }

    async fn list_at(&self, path: &str) -> Result<Vec<Value>, EngineError> {
        match self.get_json(path).await? {
            Value::Array(list) => Ok(list),
            _ => Ok(Vec::new()),
        }
    }

    /// One object by id or name.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when it is not there.
    pub async fn part(&self, part: Part, id: &str) -> Result<Value, EngineError> {
        self.get_json(&format!("{}/{}", part.path(), escaped(id))).await
    }

    /// Makes one, and gives its id.
    ///
    /// # Errors
    /// When the engine refuses it; [`EngineError::Unsure`] when the answer was lost.
    pub async fn create_part(&self, part: Part, body: &Value) -> Result<String, EngineError> {
        let made = self.post_json(&format!("{}/create", part.path()), body).await?;
        let id = made.get("ID").or_else(|| made.get("Id")).and_then(Value::as_str);
        Ok(id.unwrap_or_default().to_owned())
    }

    /// Writes over a secret or config; the engine takes changed labels and nothing else.
    ///
    /// # Errors
    /// As [`Engine::create_part`], and [`EngineError::Conflict`].
    pub async fn update_part(&self, part: Part, id: &str, seen: Version, body: &Value) -> Result<(), EngineError> {
        let path = format!("{}/{}/update?version={seen}", part.path(), escaped(id));
        self.value(&Call::new(Method::POST, path).with(body).within(self.patience)).await.map(|_| ())
    }

    /// Removes one.
    ///
    /// # Errors
    /// When it is not there or in use; [`EngineError::Unsure`] when the answer was lost.
    pub async fn remove_part(&self, part: Part, id: &str) -> Result<(), EngineError> {
        self.delete(&format!("{}/{}", part.path(), escaped(id))).await
    }
}
