//! What a plan says: plain data that a terminal, a console and a script can show. It holds no payload of a secret.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::diag::Diagnostic;

/// Everything that would change for one stack.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// The name of the stack.
    pub stack: String,
    /// One for each object, in the order in which they are made; what is removed comes last.
    pub changes: Vec<Change>,
    /// What is not known before the pre-flight of the stack is done.
    pub unmade: Vec<Unmade>,
    /// What forbids to apply it.
    pub faults: Vec<Diagnostic>,
    /// What does not forbid it and should be known before.
    pub warnings: Vec<Diagnostic>,
    /// What was found in the file: keys that Swarm ignores, forms that are going away.
    pub notes: Vec<Diagnostic>,
    /// Labels of services that go: by these they are known outside, also where their file is gone.
    pub labels: Vec<Labels>,
}

/// The labels of one service.
pub type Labels = BTreeMap<String, String>;

/// What is not known before the pre-flight of the stack is done: the deploy plans again then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unmade {
    /// What kind of thing.
    pub kind: Thing,
    /// Its name in the swarm.
    pub name: String,
    /// Who makes it.
    pub by: String,
    /// What is lacking until then.
    pub lacks: &'static str,
}

impl Unmade {
    /// All of it in one line.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}: made by {} at deploy; {}", self.kind.word(), self.name, self.by, self.lacks)
    }
}

/// What happens to one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What kind of thing.
    pub kind: Thing,
    /// Its name in the swarm.
    pub name: String,
    /// What happens.
    pub effect: Effect,
    /// What is different. Empty for what is made or removed whole.
    pub fields: Vec<Field>,
    /// How many tasks are replaced, where that is known.
    pub tasks: Option<u64>,
    /// Why, where that does not show: empty most of the time.
    pub why: String,
    /// Names of services that stand before this one.
    pub after: Vec<String>,
    /// The object as it was looked at; none for what is not there yet.
    pub seen: Option<Seen>,
}

/// An object at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Its id.
    pub id: String,
    /// Its version; 0 for networks, which have none.
    pub version: u64,
}

/// Kinds of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    /// A network.
    Network,
    /// A secret.
    Secret,
    /// A config.
    Config,
    /// A service.
    Service,
    /// A node: no stack has one, and no deploy touches it.
    Node,
}

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It is made.
    Create,
    /// It is changed, and its tasks are replaced.
    Restart,
    /// It is changed, and its tasks go on.
    InPlace,
    /// It stays as it is.
    None,
    /// It is removed.
    Remove,
}

/// One difference. Values are shortened to what fits into a line; those that look secret are not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Where in the object, with dots: `TaskTemplate.ContainerSpec.Image`.
    pub path: String,
    /// What it is; none if it is not there.
    pub old: Option<String>,
    /// What it will be; none if it goes.
    pub new: Option<String>,
}

impl Thing {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Thing::Network => "network",
            Thing::Secret => "secret",
            Thing::Config => "config",
            Thing::Service => "service",
            Thing::Node => "node",
        }
    }
}

impl Effect {
    /// Its words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Effect::Create => "create",
            Effect::Restart => "restart",
            Effect::InPlace => "in place",
            Effect::None => "none",
            Effect::Remove => "remove",
        }
    }
}

impl Change {
    /// One that leaves the object as it is.
    #[must_use]
    pub fn none(kind: Thing, name: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            effect: Effect::None,
            fields: Vec::new(),
            tasks: None,
            why: String::new(),
            after: Vec::new(),
            seen: None,
        }
    }

    /// What a person calls the object.
    #[must_use]
    pub fn title(&self) -> String {
        match (self.kind, self.effect) {
            (Thing::Service, Effect::Remove) => format!("remove {}", self.name),
            (Thing::Service, _) => self.name.clone(),
            (kind, Effect::Remove) => format!("remove {} {}", kind.word(), self.name),
            (kind, _) => format!("{} {}", kind.word(), self.name),
        }
    }

    /// Whether two plans say the same of an object, whenever it was looked at.
    #[must_use]
    pub fn says_as(&self, other: &Change) -> bool {
        (self.kind, &self.name, self.effect, &self.fields) == (other.kind, &other.name, other.effect, &other.fields)
    }
}

impl Plan {
    /// Whether nothing would change, as far as it is known, and all is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.work().next().is_none() && self.unmade.is_empty()
    }

    /// The changes that change something.
    pub fn work(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.effect != Effect::None)
    }

    /// What another plan does of which this one does not tell, a line each.
    #[must_use]
    pub fn unannounced(&self, other: &Plan) -> Vec<String> {
        let known =
            |change: &&Change| self.change(change.kind, &change.name).is_some_and(|known| known.says_as(change));
        let line = |change: &Change| {
            let fields: Vec<&str> = change.fields.iter().map(|field| field.path.as_str()).collect();
            let fields = if fields.is_empty() { String::new() } else { format!(" ({})", fields.join(", ")) };
            format!("{}: {}{fields}", change.title(), change.effect.words())
        };
        other.work().filter(|change| !known(change)).map(line).collect()
    }

    /// How many of each effect there are.
    #[must_use]
    pub fn count(&self, effect: Effect) -> usize {
        self.changes.iter().filter(|change| change.effect == effect).count()
    }

    /// What is said of one object.
    #[must_use]
    pub fn change(&self, kind: Thing, name: &str) -> Option<&Change> {
        self.changes.iter().find(|change| change.kind == kind && change.name == name)
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'a> {
            kind: Thing,
            name: &'a str,
            effect: Effect,
            fields: &'a [Field],
            tasks: Option<u64>,
            why: &'a str,
        }
        let Change { kind, name, effect, fields, tasks, why, .. } = self;
        Row { kind: *kind, name, effect: *effect, fields, tasks: *tasks, why }.serialize(serializer)
    }
}

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'a> {
            name: &'a str,
            changes: &'a [Change],
            unmade: &'a [Unmade],
            faults: Vec<Told<'a>>,
            warnings: Vec<Told<'a>>,
            notes: Vec<Told<'a>>,
        }
        Row {
            name: &self.stack,
            changes: &self.changes,
            unmade: &self.unmade,
            faults: self.faults.iter().map(Told::of).collect(),
            warnings: self.warnings.iter().map(Told::of).collect(),
            notes: self.notes.iter().map(Told::of).collect(),
        }
        .serialize(serializer)
    }
}

/// A diagnostic as scripts read it.
#[derive(Serialize)]
struct Told<'a> {
    what: &'a str,
    place: &'a str,
    why: &'a [String],
    mend: &'a str,
}

impl<'a> Told<'a> {
    fn of(said: &'a Diagnostic) -> Self {
        Told { what: &said.what, place: &said.place, why: &said.why, mend: &said.mend }
    }
}
