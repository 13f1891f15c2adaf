//! What was done, by whom, why and how it ended: one deed for each action that a queue began, as the journal tells it.
//! A deed names fields and holds no value of one: a value may be a secret.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::prune::Sweep;
use super::{Action, Request};
use crate::diag::Diagnostic;
use crate::model::State;
use crate::plan::{Plan, Prune};

/// The commit of the folder that a deed was done from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Its hash.
    pub id: String,
    /// The folder differed from it.
    pub dirty: bool,
}

impl Commit {
    /// As a person reads it.
    #[must_use]
    pub fn short(&self) -> String {
        let id = self.id.get(..7).unwrap_or(&self.id);
        format!("{id}{}", if self.dirty { "+" } else { "" })
    }
}

/// One object that a deed was to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    /// What kind of thing.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What was to happen to it.
    pub effect: String,
    /// The fields that differ, by their paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

/// The process that did it, so that it can be told whether it is still there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// The boot of the machine that it ran in.
    pub boot: String,
    /// When it began, in the machine's own count.
    pub started: u64,
    /// The machine.
    pub host: String,
}

/// What doing it once more would take.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Redo {
    /// Nothing that is known here.
    #[default]
    Nothing,
    /// The stack is deployed from its file.
    Deploy {
        /// What has another content gets another name.
        rotate: bool,
        /// What the file no longer has stays.
        #[serde(default)]
        no_prune: bool,
        /// How long each of its services may take to converge, in seconds; none for as long as usual.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        patience: Option<u64>,
    },
    /// Stacks are deployed from their files, tier by tier.
    Course(Request),
    /// The stack is prepared, and with that deployed.
    Prepare {
        /// Which.
        stack: String,
    },
    /// Services are rolled.
    Redeploy {
        /// Their ids.
        services: Vec<String>,
    },
    /// Services go back.
    Rollback {
        /// Their ids.
        services: Vec<String>,
    },
    /// A service gets so many tasks.
    Scale {
        /// Its name.
        service: String,
        /// How many.
        to: u64,
    },
    /// The stack goes.
    Teardown {
        /// Volumes that go with it.
        volumes: Vec<Swept>,
    },
    /// What a deed replaced is brought back.
    Undo {
        /// The keys of the deeds, the oldest first.
        of: Vec<String>,
        /// What a person calls it.
        title: String,
    },
    /// A node takes tasks, or takes none.
    Availability {
        /// Its id.
        node: String,
        /// What it is to be.
        to: String,
    },
}

/// Volumes of one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Swept {
    /// The node's id.
    pub node: String,
    /// Its name.
    pub host: String,
    /// The names of the volumes.
    pub volumes: Vec<String>,
}

/// What is known of a deed when it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Its key: no two deeds have the same.
    pub job: String,
    /// The number of its job in the queue of its process.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// Who, as `user@host`.
    pub who: String,
    /// The version of this program.
    pub version: String,
    /// The swarm, by its id.
    pub swarm: String,
    /// One word for what is done.
    pub kind: String,
    /// What a person calls it.
    pub what: String,
    /// The stack it is about; empty if it is about none.
    pub stack: String,
    /// Why, in the words of who asked for it.
    #[serde(default)]
    pub why: String,
    /// What the folder was.
    #[serde(default)]
    pub commit: Option<Commit>,
    /// The process.
    pub process: Process,
    /// What was to be changed.
    pub changes: Vec<Touched>,
    /// How to do it once more.
    #[serde(default)]
    pub redo: Redo,
    /// The key of the course that it is a part of; empty if it stands alone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub course: String,
}

impl Begun {
    /// What was asked for, where it was a course of many jobs.
    #[must_use]
    pub fn request(&self) -> Option<&Request> {
        if let Redo::Course(request) = &self.redo { Some(request) } else { None }
    }
}

/// The words for how a deed ended, or goes on.
pub const OUTCOMES: [&str; 9] =
    ["done", "failed", "cancelled", "skipped", "interrupted", "resumed", "dropped", "not begun", "running"];

/// How a deed ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// One of [`OUTCOMES`].
    pub outcome: String,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fault: Vec<String>,
    /// The steps, as far as they came.
    #[serde(default)]
    pub steps: Vec<Trodden>,
    /// Why it went on although something spoke against it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub although: String,
    /// The deed that finished it later, or who let it be.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
}

impl End {
    /// What is said later of a deed, or by somebody else.
    #[must_use]
    pub fn told(at: Timestamp, outcome: &str, by: String) -> Self {
        let (outcome, although) = (outcome.to_owned(), String::new());
        Self { at, outcome, fault: Vec::new(), steps: Vec::new(), although, by }
    }
}

/// A step of a deed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trodden {
    /// What it was about.
    pub name: String,
    /// The word of its state.
    pub state: String,
    /// In words.
    pub detail: String,
}

/// One deed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// How it began.
    pub begun: Begun,
    /// How it ended; none while it goes on, and for one that broke off.
    pub end: Option<End>,
    /// Its process is there.
    pub alive: bool,
    /// It is of this process.
    pub own: bool,
    /// What it replaces lies beside the journal.
    pub kept: bool,
}

impl Deed {
    /// It began, it did not end, and nobody is there any more who could end it.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.end.is_none() && !self.alive
    }

    /// One word for how it stands.
    #[must_use]
    pub fn outcome(&self) -> &str {
        match &self.end {
            Some(end) => &end.outcome,
            None if self.alive => "running",
            None => "interrupted",
        }
    }

    /// The sign for it.
    #[must_use]
    pub fn state(&self) -> State {
        match self.outcome() {
            "done" => State::Done,
            "running" => State::Converging,
            "interrupted" => State::Degraded,
            "cancelled" | "skipped" | "dropped" | "resumed" | "not begun" => State::Off,
            _ => State::Failed,
        }
    }

    /// It can be asked for that it is undone: it is over, and what it replaced is kept.
    #[must_use]
    pub fn may_be_undone(&self) -> bool {
        self.kept && (self.end.is_some() || !self.alive)
    }
}

/// A fault in lines.
#[must_use]
pub fn told(fault: &Diagnostic) -> Vec<String> {
    let place = (!fault.place.is_empty()).then(|| format!("at {}", fault.place));
    std::iter::once(fault.what.clone()).chain(place).chain(fault.why.iter().cloned()).collect()
}

impl Action {
    /// One word for what it does.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Action::Redeploy { .. } => "redeploy",
            Action::Deploy { .. } => "deploy",
            Action::Teardown { .. } => "teardown",
            Action::Rollback { .. } => "rollback",
            Action::Scale { .. } => "scale",
            Action::Undo { .. } => "undo",
            Action::Availability { to, .. } => to.verb(),
            Action::Prune { .. } => "prune",
            Action::Snapshot { .. } => "snapshot",
            Action::Gate(_) => "gate",
            Action::Prepare(_) => "prepare",
            Action::Register { .. } => "register",
        }
    }

    /// What it says of each object it would change; no values.
    #[must_use]
    pub fn touches(&self) -> Vec<Touched> {
        let one = |kind: &str, name: &str, effect: &str| Touched {
            kind: kind.to_owned(),
            name: name.to_owned(),
            effect: effect.to_owned(),
            fields: Vec::new(),
        };
        let volumes = |sweeps: &[Sweep]| -> Vec<Touched> {
            let each = |sweep: &Sweep| {
                let kinds = sweep.kinds.iter().map(|kind| (kind.noun(), sweep.name.clone())).collect::<Vec<_>>();
                let volumes = sweep.volumes.iter().map(|name| ("volume", format!("{name} on {}", sweep.name)));
                kinds.into_iter().chain(volumes).map(|(kind, name)| one(kind, &name, "remove")).collect::<Vec<_>>()
            };
            sweeps.iter().flat_map(each).collect()
        };
        match self {
            Action::Deploy { plan, .. } | Action::Undo { plan, .. } => planned(plan),
            Action::Teardown { plan, volumes: sweeps } => planned(plan).into_iter().chain(volumes(sweeps)).collect(),
            Action::Redeploy { services, .. } => {
                services.iter().map(|pin| one("service", &pin.name, "restart")).collect()
            }
            Action::Rollback { services, .. } => {
                services.iter().map(|pin| one("service", &pin.name, "restart")).collect()
            }
            Action::Scale { service, .. } => vec![Touched {
                fields: vec!["Mode.Replicated.Replicas".to_owned()],
                ..one("service", &service.name, "in place")
            }],
            Action::Availability { node, .. } => {
                vec![Touched { fields: vec!["Availability".to_owned()], ..one("node", &node.name, "in place") }]
            }
            Action::Prune { sweeps } => volumes(sweeps),
            Action::Gate(_) | Action::Register { .. } => Vec::new(),
            Action::Prepare(prepare) => prepare
                .steps()
                .iter()
                .filter_map(|step| step.split_once(' '))
                .map(|(kind, name)| one(kind, name, "create"))
                .collect(),
            Action::Snapshot { shots, .. } => shots
                .iter()
                .map(|shot| one("dataset", &format!("{} on {}", shot.dataset, shot.host), "snapshot"))
                .collect(),
        }
    }

    /// What doing it once more would take.
    #[must_use]
    pub fn redo(&self) -> Redo {
        let ids = |pins: &[super::Pinned]| pins.iter().map(|pin| pin.id.to_string()).collect();
        match self {
            Action::Deploy { how, .. } => Redo::Deploy {
                rotate: how.options.rotate,
                no_prune: how.options.prune == Prune::Nothing,
                patience: how.patience.map(|patience| patience.as_secs()),
            },
            Action::Redeploy { services, .. } => Redo::Redeploy { services: ids(services) },
            Action::Rollback { services, .. } => Redo::Rollback { services: ids(services) },
            Action::Scale { service, to, .. } => Redo::Scale { service: service.name.clone(), to: *to },
            Action::Teardown { volumes, .. } => Redo::Teardown {
                volumes: volumes
                    .iter()
                    .map(|sweep| Swept {
                        node: sweep.id.to_string(),
                        host: sweep.name.clone(),
                        volumes: sweep.volumes.clone(),
                    })
                    .collect(),
            },
            Action::Undo { of, title, .. } => Redo::Undo { of: of.clone(), title: title.clone() },
            Action::Availability { node, to } => {
                Redo::Availability { node: node.id.to_string(), to: to.word().to_owned() }
            }
            // What its pre-flight lacks, the deploy of its stack makes.
            Action::Prepare(prepare) if !prepare.stack.is_empty() => Redo::Prepare { stack: prepare.stack.clone() },
            Action::Gate(_)
            | Action::Prepare(_)
            | Action::Prune { .. }
            | Action::Register { .. }
            | Action::Snapshot { .. } => Redo::Nothing,
        }
    }
}

fn planned(plan: &Plan) -> Vec<Touched> {
    let touched = |change: &crate::plan::Change| Touched {
        kind: change.kind.word().to_owned(),
        name: change.name.clone(),
        effect: change.effect.words().to_owned(),
        fields: change.fields.iter().map(|field| field.path.clone()).collect(),
    };
    plan.work().map(touched).collect()
}
