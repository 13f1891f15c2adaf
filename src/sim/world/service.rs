//! A service: the wish. Holds the spec as it was sent; what follows from it is in `orchestra`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::orchestra::Updater;
use super::task::Place;
use super::{Id, number, stamp, text};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Replicated(u64),
    Global,
    Job { at_once: u64, total: u64 },
    GlobalJob,
}

impl Mode {
    pub(crate) fn of(spec: &Value) -> Self {
        let mode = spec.get("Mode");
        let part = |name: &str| mode.and_then(|m| m.get(name));
        if part("Global").is_some() {
            Mode::Global
        } else if part("GlobalJob").is_some() {
            Mode::GlobalJob
        } else if let Some(job) = part("ReplicatedJob") {
            let at_once = job.get("MaxConcurrent").and_then(Value::as_u64).unwrap_or(1);
            Mode::Job { at_once, total: job.get("TotalCompletions").and_then(Value::as_u64).unwrap_or(at_once) }
        } else {
            let replicas = part("Replicated").and_then(|r| r.get("Replicas")).and_then(Value::as_u64);
            Mode::Replicated(replicas.unwrap_or(1))
        }
    }

    pub(crate) fn is_job(self) -> bool {
        matches!(self, Mode::Job { .. } | Mode::GlobalJob)
    }

    pub(crate) fn is_global(self) -> bool {
        matches!(self, Mode::Global | Mode::GlobalJob)
    }

    /// The word the `mode` filter knows.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Mode::Replicated(_) => "replicated",
            Mode::Global => "global",
            Mode::Job { .. } => "replicated-job",
            Mode::GlobalJob => "global-job",
        }
    }
}

/// What the service says of its last update.
#[derive(Debug, Clone)]
pub(crate) struct UpdateStatus {
    pub(crate) state: &'static str,
    pub(crate) started: Timestamp,
    pub(crate) completed: Option<Timestamp>,
    pub(crate) message: String,
}

#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) index: u64,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) spec: Value,
    pub(crate) previous: Option<Value>,
    pub(crate) template: Arc<Value>,
    pub(crate) labels: Arc<Value>,
    pub(crate) endpoint: Arc<Value>,
    pub(crate) attachments: Arc<Value>,
    pub(crate) virtual_ips: Vec<Value>,
    /// Published ports that were given out because the spec asked for none in particular.
    pub(crate) given_ports: BTreeMap<String, u64>,
    pub(crate) mode: Mode,
    pub(crate) update: Option<UpdateStatus>,
    pub(crate) updater: Option<Updater>,
    pub(crate) iteration: u64,
    pub(crate) last_run: Timestamp,
    pub(crate) restarts: BTreeMap<Place, Vec<Timestamp>>,
}

/// A part of the restart policy, with the engine's defaults.
pub(crate) struct RestartPolicy {
    pub(crate) condition: String,
    pub(crate) delay: Duration,
    pub(crate) attempts: u64,
    pub(crate) window: Duration,
}

impl Service {
    pub(crate) fn label(&self, key: &str) -> Option<&str> {
        self.spec.pointer("/Labels")?.get(key)?.as_str()
    }

    pub(crate) fn restart_policy(&self) -> RestartPolicy {
        let part = |name: &str| self.template.pointer("/RestartPolicy").and_then(|p| p.get(name));
        let nanos = |name: &str, default| Duration::from_nanos(part(name).and_then(Value::as_u64).unwrap_or(default));
        RestartPolicy {
            condition: part("Condition").and_then(Value::as_str).unwrap_or("any").to_owned(),
            delay: nanos("Delay", 5_000_000_000),
            attempts: part("MaxAttempts").and_then(Value::as_u64).unwrap_or(0),
            window: nanos("Window", 0),
        }
    }

    /// As `GET /services/{id}` gives it, without `ServiceStatus`.
    pub(crate) fn view(&self) -> Value {
        let mut out = json!({
            "ID": self.id,
            "Version": {"Index": self.index},
            "CreatedAt": stamp(self.created),
            "UpdatedAt": stamp(self.updated),
            "Spec": self.spec,
        });
        let Some(map) = out.as_object_mut() else { return out };
        if let Some(previous) = &self.previous {
            map.insert("PreviousSpec".into(), previous.clone());
        }
        map.insert("Endpoint".into(), self.endpoint_view());
        if let Some(update) = &self.update {
            let mut status =
                json!({"State": update.state, "StartedAt": stamp(update.started), "Message": update.message});
            if let (Some(at), Some(map)) = (update.completed, status.as_object_mut()) {
                map.insert("CompletedAt".into(), json!(stamp(at)));
            }
            map.insert("UpdateStatus".into(), status);
        }
        if self.mode.is_job() {
            map.insert(
                "JobStatus".into(),
                json!({"JobIteration": round(self.iteration), "LastExecution": stamp(self.last_run)}),
            );
        }
        out
    }

    fn endpoint_view(&self) -> Value {
        let mut out = json!({"Spec": *self.endpoint});
        let Some(map) = out.as_object_mut() else { return out };
        let ports: Vec<Value> =
            self.endpoint.get("Ports").and_then(Value::as_array).into_iter().flatten().cloned().collect();
        if !ports.is_empty() {
            let given = ports.into_iter().map(|mut port| {
                if number(&port, "/PublishedPort") == 0
                    && text(&port, "/PublishMode") != "host"
                    && let Some(published) = self.given_ports.get(&port_key(&port))
                    && let Some(map) = port.as_object_mut()
                {
                    map.insert("PublishedPort".into(), json!(published));
                }
                port
            });
            map.insert("Ports".into(), Value::Array(given.collect()));
        }
        if !self.virtual_ips.is_empty() {
            map.insert("VirtualIPs".into(), Value::Array(self.virtual_ips.clone()));
        }
        out
    }
}

/// Target and protocol: what tells two unpublished ports apart.
pub(crate) fn port_key(port: &Value) -> String {
    format!("{}/{}", number(port, "/TargetPort"), text(port, "/Protocol"))
}

/// A round of a one-shot, as the engine tells it: the first, zero, goes without saying.
pub(crate) fn round(iteration: u64) -> Value {
    if iteration == 0 { json!({}) } else { json!({"Index": iteration}) }
}
