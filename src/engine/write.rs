//! Changes to services and nodes. A spec is read whole, changed by others as JSON, and written back whole, so that no field is
//! lost, known here or not. A write always names the version it has seen, and is never sent twice by itself.

use hyper::Method;
use serde::Deserialize;
use serde_json::Value;

use super::client::Engine;
use super::error::EngineError;
use super::http::{Call, escaped};
use super::soft::{List, Text};
use crate::model::text::clean;
use crate::model::{NodeId, ServiceId, Version};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct DoneJson {
    #[serde(rename = "ID")]
    id: Text,
    #[serde(rename = "Warnings", alias = "Warning")]
    warnings: List<Text>,
}

impl DoneJson {
    fn warnings(self) -> Vec<String> {
        self.warnings.0.iter().map(|warning| clean(&warning.0)).collect()
    }
}

impl Engine {
    /// A service as the engine has it: its version, and the whole object with its `Spec` in it.
    ///
    /// # Errors
    /// When it is not there, or the engine does not answer.
    pub async fn service_spec(&self, id: &ServiceId) -> Result<(Version, Value), EngineError> {
        self.versioned(Call::get(format!("/services/{}", escaped(id.as_str())))).await
    }

    /// A node as the engine has it: its version, and the whole object with its `Spec` in it.
    ///
    /// # Errors
    /// When it is not there, or the engine does not answer.
    pub async fn node_spec(&self, id: &NodeId) -> Result<(Version, Value), EngineError> {
        self.versioned(Call::get(format!("/nodes/{}", escaped(id.as_str())))).await
    }

    /// Writes a whole spec over the version of a node that was seen.
    ///
    /// # Errors
    /// As [`Engine::update_service`].
    pub async fn update_node(&self, id: &NodeId, seen: Version, spec: &Value) -> Result<(), EngineError> {
        let path = format!("/nodes/{}/update?version={seen}", escaped(id.as_str()));
        self.done(Call::new(Method::POST, path).with(spec)).await.map(|_| ())
    }

    async fn versioned(&self, call: Call) -> Result<(Version, Value), EngineError> {
        let call = call.within(self.patience);
        let object = self.value(&call).await?;
        match object.pointer("/Version/Index").and_then(Value::as_u64) {
            Some(version) => Ok((Version(version), object)),
            None => Err(EngineError::NotJson {
                at: self.at(),
                asked: call.asked(),
                said: super::http::snippet(&object.to_string()),
                why: "it has no version".into(),
            }),
        }
    }

    /// Makes a service and gives its id and the engine's warnings. `auth` is the `X-Registry-Auth` header.
    ///
    /// # Errors
    /// When the engine refuses the spec; [`EngineError::Unsure`] when the answer was lost.
    pub async fn create_service(
        &self,
        spec: &Value,
        auth: Option<&str>,
    ) -> Result<(ServiceId, Vec<String>), EngineError> {
        let call = Call::new(Method::POST, "/services/create").with(spec).authorised(auth);
        let done = self.done(call).await?;
        Ok((ServiceId::new(&done.id.0), done.warnings()))
    }

    /// Writes a whole spec over the version that was seen, and gives the engine's warnings.
    /// `auth` is the `X-Registry-Auth` header; without it the engine keeps the credentials it has.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] when the service has changed since; [`EngineError::Unsure`] when the answer was lost.
    pub async fn update_service(
        &self,
        id: &ServiceId,
        seen: Version,
        spec: &Value,
        auth: Option<&str>,
    ) -> Result<Vec<String>, EngineError> {
        let path = format!("/services/{}/update?version={seen}", escaped(id.as_str()));
        let call = Call::new(Method::POST, path).with(spec).authorised(auth);
        Ok(self.done(call).await?.warnings())
    }

    /// Brings the previous spec of a service back. `spec` is the present one, which the engine wants to see.
    ///
    /// # Errors
    /// As [`Engine::update_service`].
    pub async fn rollback_service(
        &self,
        id: &ServiceId,
        seen: Version,
        spec: &Value,
    ) -> Result<Vec<String>, EngineError> {
        let id = escaped(id.as_str());
        let path = format!("/services/{id}/update?version={seen}&registryAuthFrom=previous-spec&rollback=previous");
        Ok(self.done(Call::new(Method::POST, path).with(spec)).await?.warnings())
    }

    /// Removes a service; its tasks end after that.
    ///
    /// # Errors
    /// When it is not there, or the answer was lost.
    pub async fn remove_service(&self, id: &ServiceId) -> Result<(), EngineError> {
        self.delete(&format!("/services/{}", escaped(id.as_str()))).await
    }

    async fn done(&self, call: Call) -> Result<DoneJson, EngineError> {
        let call = call.within(self.patience.max(super::http::WRITE_PATIENCE));
        let text = self.http.text(&call).await?;
        if text.trim().is_empty() {
            return Ok(DoneJson::default());
        }
        self.http.json(&call, &text)
    }
}
