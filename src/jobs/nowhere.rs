//! An image that is nowhere: no node can get it, and the registry itself does not know it. Then nothing is waited for.
//! A node says the same of a registry that is away for a moment, so what nodes say is never enough.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::converge::Awaited;
use super::cx::JobCx;
use super::registries::Registries;
use crate::diag::Diagnostic;
use crate::engine::EngineError;
use crate::model::{Availability, NodeId, Picture, Service, Task, TaskId, TaskState, eligible};
use crate::plan::full_name;

/// So many tasks must have been refused before a registry is asked.
const REFUSED: usize = 3;
/// So many, wherever they were tried: the swarm tries a node several times before it takes the next.
const MANY: usize = 10;
/// How often it is asked.
const AGAIN: Duration = Duration::from_secs(30);

/// Tasks of a service that nodes refused since its change, because they could not get its image.
#[derive(Debug, Default)]
pub struct Refusals {
    by_node: BTreeMap<NodeId, BTreeSet<TaskId>>,
    asked: Option<Instant>,
}

impl Refusals {
    /// Takes in what the swarm shows. A fault if no node can get the image and the registry says that there is none.
    pub async fn look(&mut self, cx: &JobCx, picture: &Picture, awaited: &Awaited) -> Option<Diagnostic> {
        let service = picture.swarm.services.get(&awaited.id)?;
        if awaited.beyond.is_some_and(|seen| service.version <= seen) {
            return None;
        }
        let refused = self.take(picture, service)?;
        if self.asked.is_some_and(|asked| asked.elapsed() < AGAIN) {
            return None;
        }
        self.asked = Some(Instant::now());
        let image = full_name(&service.image);
        let header = cx.registries.of_image(&image).await;
        let answer = cx.engine.at_registry(&image, Registries::text(header.as_ref())).await;
        let error = answer.err().filter(is_denied)?;
        let why = crate::diag::Explain::explain(&error).line();
        let what = format!("{}: its image {} is nowhere to be had", awaited.name, service.image);
        let nodes: Vec<&str> = self.by_node.keys().map(|node| picture.swarm.hostname(node)).collect();
        let mend = "look at the image's name and tag, and at who you are at its registry; then deploy again";
        let fault = Diagnostic::new(what, mend).because(format!("refused on {}: {refused}", nodes.join(", ")));
        Some(fault.because(format!("its registry says so too: {why}")))
    }

    /// What nodes say, if each that may run a task has refused one for its image, or so many were refused, and none got on.
    fn take(&mut self, picture: &Picture, service: &Service) -> Option<String> {
        let began = service.update.as_ref().and_then(|update| update.started).or(service.updated);
        let since = picture.swarm.tasks_of(&service.id).iter().filter(|task| task.created >= began);
        let mut words = None;
        for task in since {
            if lacks_image(task) {
                let node = task.node.clone()?;
                self.by_node.entry(node).or_default().insert(task.id.clone());
                words = Some(if task.error.is_empty() { task.message.clone() } else { task.error.clone() });
            } else if matches!(task.state, TaskState::Starting | TaskState::Running | TaskState::Complete) {
                // Somewhere it was to be had.
                self.by_node.clear();
                return None;
            }
        }
        let takes = |node: &crate::model::Node| {
            node.is_ready() && node.availability == Availability::Active && eligible(service, node)
        };
        let mut may = picture.swarm.nodes.values().filter(|node| takes(node));
        let everywhere = may.all(|node| self.by_node.contains_key(&node.id));
        let all: usize = self.by_node.values().map(BTreeSet::len).sum();
        words.filter(|_| (everywhere && all >= REFUSED) || all >= MANY)
    }
}

fn lacks_image(task: &Task) -> bool {
    let says = |words: &str| words.contains("No such image") || words.contains("manifest unknown");
    task.state == TaskState::Rejected && (says(&task.error) || says(&task.message))
}

/// The registry answered, and has no such image for us. One that did not answer has said nothing.
fn is_denied(error: &EngineError) -> bool {
    let said = |message: &str| {
        let message = message.to_ascii_lowercase();
        ["manifest unknown", "name unknown", "not found", "denied", "unauthorized", "no such image"]
            .iter()
            .any(|word| message.contains(word))
    };
    match error {
        EngineError::Refused { message, .. } => said(message),
        error => error.is_not_found(),
    }
}
