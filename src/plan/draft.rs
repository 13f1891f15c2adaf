//! A plan while it is drawn: the wish, the truth, and what has been found so far.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::change::{Change, Effect, Plan, Thing};
use super::truth::{Truth, id_of, seen};
use crate::diag::Diagnostic;
use crate::stack::{Awaited, Kind, Place, Wish};

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// What has another content gets another name, and the services that use it are told.
    pub rotate: bool,
    /// What is removed that the file no longer has.
    pub prune: Prune,
    /// When the digest of an image counts.
    pub resolve: Resolve,
    /// Whether what is made bears our own labels.
    pub marks: bool,
}

/// What is removed that the file no longer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prune {
    /// Nothing.
    Nothing,
    /// Services, as the docker CLI does.
    Services,
    /// Everything that bears the label of the stack.
    Everything,
}

/// When the digest of an image counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolve {
    /// Always: a newer image under the same tag is a change.
    Always,
    /// Only where the file names another image than was deployed.
    Changed,
    /// Never: tags are written as they stand.
    Never,
}

impl Default for Options {
    fn default() -> Self {
        Self { rotate: false, prune: Prune::Everything, resolve: Resolve::Always, marks: true }
    }
}

/// What somebody else will have made before this plan is applied, by kind and name: the stack that makes it.
pub type Promised = BTreeMap<(Thing, String), String>;

/// A plan, and what to do for it: one step for each change that changes something, in the same order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drawn {
    /// What is shown.
    pub plan: Plan,
    /// What is done.
    pub steps: Vec<Step>,
}

/// What to do for one change.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What kind of thing.
    pub kind: Thing,
    /// Its name in the swarm.
    pub name: String,
    /// What to do.
    pub todo: Todo,
}

/// What to do with one object. Bodies name secrets, configs and networks by name: ids are known when it is done.
#[derive(Debug, Clone, PartialEq)]
pub enum Todo {
    /// Make it.
    Create {
        /// The body, without payload.
        body: Value,
        /// The key in the file of the secret or config whose payload it is.
        payload: Option<String>,
    },
    /// Write it over what was seen.
    Update {
        /// Which.
        id: String,
        /// The version it was drawn on.
        version: u64,
        /// The body.
        body: Value,
    },
    /// Remove it.
    Remove {
        /// Which.
        id: String,
    },
}

pub(super) struct Draft<'a> {
    pub wish: &'a Wish,
    pub truth: &'a Truth,
    pub options: Options,
    pub drawn: Drawn,
    /// Under which name a wished secret or config stands in the swarm, where it is another than in the file.
    pub renamed: BTreeMap<(Thing, &'a str), String>,
    /// Ids of objects that this plan keeps or has told of.
    pub kept: BTreeSet<&'a str>,
    /// Earlier contents under other names: ids of what is not wanted any more.
    pub outdated: Vec<(Thing, &'a Value)>,
}

impl<'a> Draft<'a> {
    pub fn fault(&mut self, fault: Diagnostic) {
        self.drawn.plan.faults.push(fault);
    }

    pub fn warn(&mut self, warning: Diagnostic) {
        self.drawn.plan.warnings.push(warning);
    }

    /// `file:line:column` of something wished.
    pub fn place(&self, place: Place) -> String {
        self.wish.sources.name(place)
    }

    /// Who makes the content of this before the deploy, if it is not there yet. Then it is told.
    pub fn awaits(&mut self, kind: Thing, (key, name): (&str, &str)) -> bool {
        let is = |one: &&Awaited| one.key == key && one.kind.map_or(Thing::Service, thing) == kind;
        let Some(found) = self.wish.awaited.iter().find(is) else { return false };
        let lacks = match kind {
            Thing::Service => "its variables are not all known yet",
            _ => "its content is not known yet",
        };
        self.await_from(&found.by, (kind, name), lacks);
        true
    }

    /// Something is made before the deploy.
    pub fn await_from(&mut self, by: &str, (kind, name): (Thing, &str), lacks: &'static str) {
        let unmade = super::Unmade { kind, name: name.to_owned(), by: by.to_owned(), lacks };
        self.drawn.plan.unmade.push(unmade);
    }

    /// The object stays.
    pub fn keep(&mut self, kind: Thing, name: &str, live: &'a Value) {
        self.kept.insert(id_of(live));
        let change = Change { seen: Some(seen(live)), ..Change::none(kind, name) };
        self.drawn.plan.changes.push(change);
    }

    /// The object is made.
    pub fn create(&mut self, change: Change, body: Value, payload: Option<String>) {
        let step = Step { kind: change.kind, name: change.name.clone(), todo: Todo::Create { body, payload } };
        self.drawn.plan.changes.push(Change { effect: Effect::Create, ..change });
        self.drawn.steps.push(step);
    }

    /// The object is written over.
    pub fn update(&mut self, change: Change, live: &'a Value, body: Value) {
        self.kept.insert(id_of(live));
        let seen = seen(live);
        let todo = Todo::Update { id: seen.id.clone(), version: seen.version, body };
        self.drawn.steps.push(Step { kind: change.kind, name: change.name.clone(), todo });
        self.drawn.plan.changes.push(Change { seen: Some(seen), ..change });
    }

    /// The object goes.
    pub fn remove(&mut self, change: Change, live: &'a Value) {
        let seen = seen(live);
        let todo = Todo::Remove { id: seen.id.clone() };
        self.drawn.steps.push(Step { kind: change.kind, name: change.name.clone(), todo });
        self.drawn.plan.changes.push(Change { effect: Effect::Remove, seen: Some(seen), ..change });
    }
}

/// The kind of an object beside services, as plans name it.
#[must_use]
pub fn thing(kind: Kind) -> Thing {
    match kind {
        Kind::Network => Thing::Network,
        Kind::Secret => Thing::Secret,
        Kind::Config => Thing::Config,
    }
}
