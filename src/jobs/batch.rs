//! Wishes that enter the queue together, each with the jobs that it stands behind. Their numbers are drawn as they are
//! added, so that later ones can name earlier ones; nothing is queued before all of them are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::action::{Action, Course, JobId, Request};
use crate::model::Tier;

/// What a job stands behind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct After {
    /// Jobs that must have ended well; if one did not, this one is skipped.
    pub well: Vec<JobId>,
    /// Jobs that must be over, however they ended.
    pub over: Vec<JobId>,
}

/// A wish on its way into the queue.
#[derive(Debug)]
pub struct Wanted {
    /// Its number.
    pub id: JobId,
    /// What is to be done.
    pub action: Arc<Action>,
    /// What it stands behind.
    pub after: After,
    /// The course it is a leg of.
    pub course: Option<Course>,
}

/// Wishes that enter the queue together or not at all.
#[derive(Debug)]
pub struct Batch {
    next: Arc<AtomicU64>,
    pub(super) wanted: Vec<Wanted>,
    /// What all of it is and how it was asked for, where it is more than one thing.
    title: Option<(Arc<str>, Arc<Request>)>,
}

impl Batch {
    /// Nothing yet.
    #[must_use]
    pub(super) fn new(next: Arc<AtomicU64>) -> Self {
        Self { next, wanted: Vec::new(), title: None }
    }

    /// What is added to a tier from now on is shown as one course of this title.
    pub(super) fn begin_course(&mut self, title: String, request: Request) {
        self.title = Some((title.into(), Arc::new(request)));
    }

    /// Adds a wish, and gives the number that it will have.
    pub fn add(&mut self, action: Action, after: After) -> JobId {
        let id = JobId(self.next.fetch_add(1, Ordering::Relaxed));
        self.wanted.push(Wanted { id, action: Arc::new(action), after, course: None });
        id
    }

    /// Adds a wish to a tier of the course, if there is one.
    pub(super) fn add_to(&mut self, tier: &Tier, action: Action, after: After) -> JobId {
        let id = self.add(action, after);
        let first = self.wanted.first().map_or(id, |wanted| wanted.id);
        let course = self.title.clone().map(|(title, request)| Course { first, title, tier: tier.clone(), request });
        if let Some(wanted) = self.wanted.last_mut() {
            wanted.course = course;
        }
        id
    }

    /// Its numbers, in the order in which they were added.
    pub fn ids(&self) -> impl Iterator<Item = JobId> {
        self.wanted.iter().map(|wanted| wanted.id)
    }

    /// Puts a redeploy behind the deploy of its stack, or to the others where there is none.
    pub fn add_rest(&mut self, rest: Action) -> JobId {
        let deploy = |wanted: &&Wanted| wanted.action.is_deploy() && wanted.action.stack() == rest.stack();
        let well = self.wanted.iter().filter(deploy).map(|wanted| wanted.id).collect();
        let course = self.wanted.iter().find(deploy).and_then(|wanted| wanted.course.clone());
        let id = self.add(rest, After { well, over: Vec::new() });
        if let Some(wanted) = self.wanted.last_mut() {
            wanted.course = course;
        }
        id
    }

    /// What is wished.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.wanted.iter().map(|wanted| wanted.action.as_ref())
    }

    /// How many they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.wanted.len()
    }

    /// There is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }
}

/// What the queue is asked for.
pub(super) enum Wish {
    /// To take these.
    Submit(Vec<Wanted>),
    /// To let these end between two steps.
    Cancel(Vec<JobId>),
}

impl std::fmt::Debug for Wish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Wish::Submit(wanted) => write!(f, "submit {} actions", wanted.len()),
            Wish::Cancel(ids) => write!(f, "cancel {} jobs", ids.len()),
        }
    }
}
