//! A change to the swarm as data: it can be shown before it is done, queued, refused, logged and told apart.
//! Nothing here does anything.

pub mod availability;
mod board;
mod course;
mod deed;
pub mod gate;
mod history;
pub mod prepare;
pub mod prune;
pub mod redeploy;
pub mod rollback;
#[cfg(test)]
pub mod sample;
pub mod scale;
pub mod undo;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::model::text::counted;
use crate::model::{NodeId, ServiceId, Version};
use crate::plan::{Labels, Options, Plan, Thing};

pub use availability::Duty;
pub use board::{Board, Job, JobId, JobState, StepReport};
pub use course::{Course, Request, Standing};
pub use deed::{Begun, Commit, Deed, End, OUTCOMES, Process, Redo, Swept, Touched, Trodden, told};
pub use history::History;

/// An object as it was when the operator saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// Its id.
    pub id: ServiceId,
    /// Its name, for messages.
    pub name: String,
    /// The version that was shown. A write to any other is refused, unless it stands for [`Pinned::AS_LEFT`].
    pub version: Version,
    /// How many tasks will be replaced.
    pub tasks: u64,
    /// The stack it belongs to; empty if to none.
    pub stack: String,
}

impl Pinned {
    /// The version of what a job before this one leaves, in the same breath and shown with it. No object has it.
    pub const AS_LEFT: Version = Version(0);
}

/// A node as it was when the operator saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: NodeId,
    /// Its name, for messages.
    pub name: String,
    /// The version that was shown. A write to any other is refused.
    pub version: Version,
}

/// A wish that the queue keeps until its job begins: contents of secrets never lie in an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kept(pub u64);

/// How a deploy is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct How {
    /// How its plan was drawn.
    pub options: Options,
    /// Ends as soon as everything is written, converged or not.
    pub detach: bool,
    /// How long one service may take to converge; none for as long as usual.
    pub patience: Option<Duration>,
    /// What its pre-flight leads to beyond what was shown is agreed to beforehand.
    pub agreed: bool,
}

/// What to redeploy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All services of a stack.
    Stack(String),
    /// One service.
    Service(String),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scope::Stack(name) => write!(f, "stack {name}"),
            Scope::Service(name) => write!(f, "service {name}"),
        }
    }
}

/// A change to the swarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Replaces every task of these services by a new one of the same spec.
    Redeploy {
        /// What the operator pointed at.
        scope: Scope,
        /// The services as they were seen, in the order in which they roll.
        services: Vec<Pinned>,
    },
    /// Makes a stack what its file says.
    Deploy {
        /// What was shown: nothing else is done.
        plan: Arc<Plan>,
        /// The wish behind it.
        wish: Kept,
        /// How.
        how: How,
    },
    /// Takes a stack away.
    Teardown {
        /// What was shown: nothing else is removed.
        plan: Arc<Plan>,
        /// Volumes that go with it, node by node: those that were shown.
        volumes: Vec<prune::Sweep>,
    },
    /// Brings the previous specs of services back.
    Rollback {
        /// What the operator pointed at.
        scope: Scope,
        /// The services as they were seen.
        services: Vec<Pinned>,
    },
    /// Changes how many tasks a service has.
    Scale {
        /// The service as it was seen.
        service: Pinned,
        /// How many it had.
        from: u64,
        /// How many it is to have.
        to: u64,
    },
    /// Brings back what deeds have replaced.
    Undo {
        /// The keys of the deeds, the oldest first.
        of: Vec<String>,
        /// What a person calls it.
        title: String,
        /// What was shown: nothing else is done.
        plan: Arc<Plan>,
    },
    /// Lets a node take tasks, keep those it has, or run none.
    Availability {
        /// The node as it was seen.
        node: Member,
        /// What it is to do.
        to: Duty,
    },
    /// Throws away what nothing needs.
    Prune {
        /// What goes, node by node.
        sweeps: Vec<prune::Sweep>,
    },
    /// Waits until a tier stands.
    Gate(gate::Gate),
    /// Puts in place what a stack needs before it is deployed.
    Prepare(prepare::Prepare),
    /// Makes the names and monitors of a stack known outside, or takes them back.
    Register {
        /// Of which.
        stack: String,
        /// They are taken back.
        gone: bool,
        /// The labels by which it was known, where no file says them any more.
        labels: Vec<Labels>,
    },
    /// Takes snapshots of datasets on machines.
    Snapshot {
        /// Of which.
        shots: Vec<Shot>,
        /// What each is called, the part after the `@`.
        name: String,
    },
}

/// A dataset to take a snapshot of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shot {
    /// The node it lies on.
    pub node: NodeId,
    /// The name of that node.
    pub host: String,
    /// The dataset.
    pub dataset: String,
}

/// Actions in one lane run one after the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(pub String);

impl Action {
    /// The lane it belongs to: one writer per stack.
    #[must_use]
    pub fn lane(&self) -> Lane {
        let stack = match self {
            Action::Prune { .. } => return Lane("prune".to_owned()),
            Action::Gate(gate) => return Lane(gate.title()),
            Action::Prepare(prepare) => prepare.stack.clone(),
            Action::Register { .. } => return Lane("registrations".to_owned()),
            Action::Snapshot { .. } => return Lane("snapshot".to_owned()),
            Action::Availability { node, .. } => return Lane(format!("node {}", node.name)),
            Action::Undo { plan, .. } if plan.stack.is_empty() => {
                let first = plan.changes.first();
                let kind = if first.is_some_and(|change| change.kind == Thing::Node) { "node" } else { "service" };
                return Lane(format!("{kind} {}", first.map(|change| change.name.as_str()).unwrap_or_default()));
            }
            Action::Deploy { plan, .. } | Action::Teardown { plan, .. } | Action::Undo { plan, .. } => {
                plan.stack.clone()
            }
            Action::Redeploy { scope: Scope::Stack(name), .. } | Action::Rollback { scope: Scope::Stack(name), .. } => {
                name.clone()
            }
            other => match other.services().first() {
                Some(pin) if pin.stack.is_empty() => return Lane(format!("service {}", pin.name)),
                Some(pin) => pin.stack.clone(),
                None => String::new(),
            },
        };
        Lane(format!("stack {stack}"))
    }

    /// The stack whose tasks it touches; none where it touches none, or services outside any stack.
    #[must_use]
    pub fn stack(&self) -> Option<&str> {
        let stack = match self {
            Action::Prune { .. } | Action::Snapshot { .. } | Action::Register { .. } | Action::Availability { .. } => {
                None
            }
            Action::Deploy { plan, .. } | Action::Teardown { plan, .. } | Action::Undo { plan, .. } => {
                Some(plan.stack.as_str())
            }
            Action::Redeploy { scope: Scope::Stack(name), .. } | Action::Rollback { scope: Scope::Stack(name), .. } => {
                Some(name.as_str())
            }
            other => other.services().first().map(|pin| pin.stack.as_str()),
        };
        stack.filter(|stack| !stack.is_empty())
    }

    /// It makes a stack what its file says: few of these run side by side.
    #[must_use]
    pub fn is_deploy(&self) -> bool {
        matches!(self, Action::Deploy { .. })
    }

    /// It makes something known outside, which no deploy waits for.
    #[must_use]
    pub fn is_registration(&self) -> bool {
        matches!(self, Action::Register { .. })
    }

    /// What a person calls it.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Action::Redeploy { scope, .. } => format!("redeploy {scope}"),
            Action::Deploy { plan, .. } => format!("deploy stack {}", plan.stack),
            Action::Teardown { plan, .. } => format!("tear down stack {}", plan.stack),
            Action::Rollback { scope, .. } => format!("roll back {scope}"),
            Action::Scale { service, to, .. } => format!("scale {} to {to}", service.name),
            Action::Undo { title, .. } => title.clone(),
            Action::Availability { node, to } => format!("{} {}", to.verb(), node.name),
            Action::Prune { sweeps } => prune::title(sweeps),
            Action::Gate(gate) => gate.title(),
            Action::Prepare(prepare) => prepare.title(),
            Action::Register { stack, gone: false, .. } => format!("register stack {stack}"),
            Action::Register { stack, gone: true, .. } => format!("take back the names of stack {stack}"),
            Action::Snapshot { shots, .. } => match shots.as_slice() {
                [only] => format!("snapshot of {} on {}", only.dataset, only.host),
                many => format!("snapshots of {}", counted(many.len() as u64, "dataset")),
            },
        }
    }

    /// What it is about: of two wishes for the same thing the newer one counts.
    #[must_use]
    pub fn thing(&self) -> String {
        let kind = self.kind();
        match self {
            Action::Scale { service, .. } => format!("{kind} {}", service.id),
            Action::Undo { of, .. } => format!("{kind} {}", of.join(" ")),
            // Whatever it is to do: the newest word on a node counts.
            Action::Availability { node, .. } => format!("node {}", node.id),
            Action::Prune { sweeps } => format!("{kind} {sweeps:?}"),
            Action::Snapshot { shots, .. } => format!("{kind} {shots:?}"),
            Action::Gate(gate) => format!("{} of {}", self.title(), gate.stacks.join(" ")),
            Action::Prepare(prepare) => format!("{} {}", self.title(), prepare.networks.join(" ")),
            _ => self.title(),
        }
    }

    /// The word that has to be typed before it is done, where that destroys data.
    #[must_use]
    pub fn word(&self) -> Option<&str> {
        let holds = |sweep: &prune::Sweep| !sweep.volumes.is_empty();
        match self {
            Action::Teardown { plan, volumes } if volumes.iter().any(holds) => Some(&plan.stack),
            _ => None,
        }
    }

    /// The services that it is pinned to. A plan pins its objects itself.
    #[must_use]
    pub fn services(&self) -> &[Pinned] {
        match self {
            Action::Redeploy { services, .. } | Action::Rollback { services, .. } => services,
            Action::Scale { service, .. } => std::slice::from_ref(service),
            _ => &[],
        }
    }
}
