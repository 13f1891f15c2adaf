//! All there is to know about one thing, in words: sections of labels and values. Drawn elsewhere.

mod course;
mod deed;
mod finding;
mod job;
mod local;
mod node;
mod page;
mod raw;
mod service;
mod stack;
mod task;

use jiff::Timestamp;

use super::Subject;
use super::format::age;
use super::screens::World;
use crate::model::{Deployed, State, secret};

pub use page::{DescribeView, Row, rows};
pub use raw::{raw, raw_yaml};

/// A thing, described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// What it is: `service monitoring_grafana`.
    pub title: String,
    /// How it is doing.
    pub state: Option<Stated>,
    /// What there is to know, most asked for first.
    pub sections: Vec<Section>,
}

/// A state, in the word that lists have for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// The state: its sign and its colour.
    pub state: State,
    /// The word.
    pub word: String,
}

impl From<State> for Stated {
    fn from(state: State) -> Self {
        (state, state.word()).into()
    }
}

impl From<(State, &str)> for Stated {
    fn from((state, word): (State, &str)) -> Self {
        Self { state, word: word.to_owned() }
    }
}

/// A part of a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it is about.
    pub title: String,
    /// The facts.
    pub fields: Vec<Field>,
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What is told; empty where it goes on with the one above.
    pub label: String,
    /// What it is.
    pub value: String,
    /// The state it stands for.
    pub state: Option<Stated>,
}

impl Section {
    fn new(title: &str) -> Self {
        Self { title: title.to_owned(), fields: Vec::new() }
    }

    /// Adds a fact, unless there is nothing to say.
    fn add(&mut self, label: &str, value: impl Into<String>) -> &mut Self {
        self.push(label, value, None)
    }

    /// Adds a fact with its state.
    fn stated(&mut self, label: &str, value: impl Into<String>, state: impl Into<Stated>) -> &mut Self {
        self.push(label, value, Some(state.into()))
    }

    /// Adds several facts under one label.
    fn each(&mut self, label: &str, values: impl IntoIterator<Item = String>) -> &mut Self {
        for (at, value) in values.into_iter().enumerate() {
            self.push(if at == 0 { label } else { "" }, value, None);
        }
        self
    }

    fn push(&mut self, label: &str, value: impl Into<String>, state: Option<Stated>) -> &mut Self {
        let value = value.into();
        if !value.is_empty() || state.is_some() {
            self.fields.push(Field { label: label.to_owned(), value, state });
        }
        self
    }
}

/// Describes a thing; none if it is gone, or is nothing that can be described.
#[must_use]
pub fn describe(subject: &Subject, world: World<'_>) -> Option<Description> {
    let mut description = match subject {
        Subject::Node(id) => node::describe(world.picture.swarm.nodes.get(id)?, world),
        Subject::Service(id) => service::describe(world.picture.swarm.services.get(id)?, world),
        Subject::Task(service, id) => {
            let task = world.picture.swarm.tasks_of(service).iter().find(|task| task.id == *id)?;
            task::describe(task, world)
        }
        Subject::Stack(name) => stack::stack(world.picture.stack(name)?, world),
        Subject::Tier(tier) => stack::tier(world.picture.tiers.iter().find(|health| health.tier == *tier)?, world),
        Subject::Quorum => stack::quorum(world),
        Subject::Course(id) => course::describe(*id, None, world)?,
        Subject::Leg(id, tier) => course::describe(*id, Some(tier), world)?,
        Subject::Job(id) | Subject::Step(id, _) => job::describe(world.board.job(*id)?, world),
        Subject::Deed(key) | Subject::Trodden(key, _) => deed::describe(world.done.find(key)?, world),
        Subject::Container(node, id) => local::container(node, id, world)?,
        Subject::Volume(node, name) => local::volume(node, name, world)?,
        Subject::Image(node, id) => local::image(node, id, world)?,
        Subject::Holding(node, holds, name) => local::holding((node, *holds, name), world)?,
        Subject::Finding(..) => finding::describe(subject, world)?,
        Subject::Event(_) | Subject::Message(_) | Subject::Line(..) => return None,
    };
    description.sections.retain(|section| !section.fields.is_empty());
    for field in description.sections.iter_mut().flat_map(|section| &mut section.fields) {
        field.value = world.picture.catalogue.secrets.over(&field.value);
    }
    Some(description)
}

/// The last deploy from here, as it left its record.
fn deployed(record: Option<&Deployed>, world: World<'_>) -> Section {
    let mut section = Section::new("deployed");
    if let Some(record) = record {
        section.add("by", record.by.clone()).add("when", when(Some(record.at), world.now));
        section.add("from", record.from()).add("deed", record.deed.clone());
    }
    section
}

/// A moment, and how long ago that is.
fn when(at: Option<Timestamp>, now: Timestamp) -> String {
    at.map(|at| format!("{} UTC, {} ago", at.strftime("%Y-%m-%d %H:%M:%S"), age(at, now))).unwrap_or_default()
}

/// Labels, secrets masked.
fn labels<'a>(title: &str, labels: impl IntoIterator<Item = (&'a String, &'a String)>) -> Section {
    let mut section = Section::new(title);
    for (key, value) in labels {
        let shown = secret::label(key, value);
        section.add(key, if shown.is_empty() { "\"\"".to_owned() } else { shown });
    }
    section
}

#[cfg(test)]
mod tests;
