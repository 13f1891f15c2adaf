//! What no waiting mends. An image that is nowhere: no node can get it, and the registry itself does not know it; a node
//! says the same of a registry that is away for a moment, so what nodes say is never enough. And containers that every
//! node refuses for what it lacks itself, again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::converge::Awaited;
use super::cx::JobCx;
use super::registries::Registries;
use crate::diag::Diagnostic;
use crate::engine::EngineError;
use crate::model::{Availability, NodeId, Picture, Service, Snapshot, Task, TaskId, TaskState, eligible};
use crate::plan::full_name;

/// So many tasks must have been refused before a registry is asked.
const REFUSED: usize = 3;
/// So many, wherever they were tried: the swarm tries a node several times before it takes the next.
const MANY: usize = 10;
/// How often it is asked.
const AGAIN: Duration = Duration::from_secs(30);
/// What an engine says when its machine lacks what a container wants: daemon/daemon_unix.go and
/// volume/mounts/linux_parser.go of moby/moby.
const LACKING: [&str; 4] = [
    "bind source path does not exist",
    "invalid mount config for type",
    "Range of CPUs is from",
    "Minimum memory limit allowed",
];

/// Tasks of a service that nodes refused since its change.
#[derive(Debug, Default)]
pub struct Refusals {
    /// Because they could not get its image.
    images: Refused,
    /// Because the machine lacks something.
    machines: Refused,
    asked: Option<Instant>,
}

/// Tasks that were refused for one kind of reason, by node.
#[derive(Debug, Default)]
struct Refused(BTreeMap<NodeId, BTreeSet<TaskId>>);

impl Refusals {
    /// Takes in what the swarm shows. A fault if no node will ever run it.
    pub async fn look(&mut self, cx: &JobCx, picture: &Picture, awaited: &Awaited) -> Option<Diagnostic> {
        let service = picture.swarm.services.get(&awaited.id)?;
        if awaited.beyond.is_some_and(|seen| service.version <= seen) {
            return None;
        }
        if is_being_made(&picture.swarm, service) {
            self.machines = Refused::default();
        } else if let Some(words) =
            self.machines.take(picture, service, lacks_something).filter(|_| self.machines.count() >= MANY)
        {
            let nodes = self.machines.nodes(picture);
            let fault = Diagnostic::new(
                format!("{}: no node that may run it takes it", awaited.name),
                "change what it asks of the machine, or give the machine what it lacks; then deploy again",
            );
            return Some(fault.because(format!("refused on {nodes}, {} times: {words}", self.machines.count())));
        }
        let refused = self.images.take(picture, service, lacks_image)?;
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
        let nodes = self.images.nodes(picture);
        let mend = "look at the image's name and tag, and at who you are at its registry; then deploy again";
        let fault = Diagnostic::new(what, mend).because(format!("refused on {nodes}: {refused}"));
        Some(fault.because(format!("its registry says so too: {why}")))
    }
}

impl Refused {
    fn count(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }

    fn nodes(&self, picture: &Picture) -> String {
        self.0.keys().map(|node| picture.swarm.hostname(node)).collect::<Vec<_>>().join(", ")
    }

    /// What nodes say, if each that may run a task has refused one for this, or so many were refused, and none got on.
    fn take(&mut self, picture: &Picture, service: &Service, is: fn(&Task) -> bool) -> Option<String> {
        let began = service.update.as_ref().and_then(|update| update.started).or(service.updated);
        let since = picture.swarm.tasks_of(&service.id).iter().filter(|task| task.created >= began);
        let mut words = None;
        for task in since {
            if is(task) {
                let node = task.node.clone()?;
                self.0.entry(node).or_default().insert(task.id.clone());
                words = Some(if task.error.is_empty() { task.message.clone() } else { task.error.clone() });
            } else if matches!(task.state, TaskState::Starting | TaskState::Running | TaskState::Complete) {
                // Somewhere it was to be had.
                self.0.clear();
                return None;
            }
        }
        let takes = |node: &crate::model::Node| {
            node.is_ready() && node.availability == Availability::Active && eligible(service, node)
        };
        let mut may = picture.swarm.nodes.values().filter(|node| takes(node));
        let everywhere = may.all(|node| self.0.contains_key(&node.id));
        words.filter(|_| (everywhere && self.count() >= REFUSED) || self.count() >= MANY)
    }
}

/// A one-shot of its stack has not ended: it may make what is lacking, as those do that write secrets.
fn is_being_made(swarm: &Snapshot, service: &Service) -> bool {
    let mut jobs = swarm.services.values().filter(|other| other.mode.is_one_shot() && other.stack == service.stack);
    service.stack.is_some()
        && jobs
            .any(|job| swarm.tasks_of(&job.id).iter().any(|task| task.is_wanted() && task.state != TaskState::Complete))
}

fn lacks_image(task: &Task) -> bool {
    is_refused_for(task, &["No such image", "manifest unknown"])
}

fn lacks_something(task: &Task) -> bool {
    is_refused_for(task, &LACKING)
}

fn is_refused_for(task: &Task, words: &[&str]) -> bool {
    let says = |text: &str| words.iter().any(|words| text.contains(words));
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
