//! Which lists there are: their columns, and their rows out of the picture. Rows are data; nothing is drawn here.

mod course;
mod disk;
mod events;
pub mod images;
pub mod lint;
pub mod nodes;
mod output;
mod past;
mod queue;
mod services;
mod silent;
mod stacks;
mod storage;
mod tasks;
mod usage;
mod volumes;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::Subject;
use super::keymap::{Place, Scopes};
use super::list::{Column, List};
use super::survey::Look;
use crate::action::{Board, History};
use crate::diag::Finding;
use crate::model::{Asked, Drifts, Picture, Ran, Reply, Survey, Told};

pub use course::tally;
pub use past::state as step_state;
pub use queue::took;
pub use tasks::task_state;

/// What a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Machines.
    Nodes,
    /// Stacks under their tiers.
    Stacks,
    /// Services: all, or those of a stack, a tier or a node.
    Services(Option<Subject>),
    /// Tasks: all, or those of a service, a stack or a node.
    Tasks(Option<Subject>),
    /// Jobs and their steps.
    Queue,
    /// What the engine told.
    Events,
    /// How much the containers of a node, or of all, use.
    Usage(Option<Subject>),
    /// The volumes of a node, or of all.
    Volumes(Option<Subject>),
    /// The images of a node, or of all.
    Images(Option<Subject>),
    /// What lies on the disks of all nodes.
    Disk,
    /// What a command says on machines.
    Output(Arc<Ran>),
    /// What the machine of a node, or of all, keeps data on.
    Storage(Option<Subject>),
    /// What is wrong in the folder.
    Lint,
}

/// Why there is nothing of a node.
#[derive(Debug, Clone, Copy)]
pub enum Unheard<'a> {
    /// It was asked just now.
    Waiting,
    /// It does not answer.
    Silent {
        /// Why.
        why: &'a str,
        /// What to do.
        mend: &'a str,
    },
}

/// What a node told, or why there is nothing.
fn told(reply: &Reply) -> Result<&Told, Unheard<'_>> {
    match reply {
        Reply::Told(told) => Ok(told),
        Reply::Waiting => Err(Unheard::Waiting),
        Reply::Silent { why, mend } => Err(Unheard::Silent { why, mend }),
    }
}

/// What rows are made of.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// The swarm.
    pub picture: &'a Picture,
    /// The jobs.
    pub board: &'a Board,
    /// What the engines of nodes told.
    pub survey: &'a Survey,
    /// How stacks stand to their files.
    pub drift: &'a Drifts,
    /// What is wrong in the folder; none before anybody has looked.
    pub lint: Option<&'a [Finding]>,
    /// What was done before.
    pub done: &'a History,
    /// The present time.
    pub now: Timestamp,
}

/// A list on screen.
#[derive(Debug, Clone)]
pub struct ListScreen {
    /// What it shows.
    pub what: What,
    /// Its rows and cursor.
    pub list: List,
    /// Rows that were unfolded (true) or folded (false) by hand.
    pub unfolded: BTreeMap<Subject, bool>,
}

impl ListScreen {
    /// An empty list that waits for the first rows.
    #[must_use]
    pub fn new(what: What) -> Self {
        Self { what, list: List::default(), unfolded: BTreeMap::new() }
    }

    /// Makes the rows anew. Says whether anything is different now.
    pub fn refresh(&mut self, world: World<'_>) -> bool {
        let rows = match &self.what {
            What::Nodes => nodes::rows(world),
            What::Stacks => stacks::rows(world, &self.unfolded),
            What::Services(of) => services::rows(world, of.as_ref()),
            What::Tasks(of) => tasks::rows(world, of.as_ref()),
            What::Queue => queue::rows(world, &self.unfolded),
            What::Events => events::rows(world),
            What::Usage(_) => usage::rows(world),
            What::Volumes(_) => volumes::rows(world),
            What::Images(_) => images::rows(world),
            What::Disk => disk::rows(world),
            What::Storage(_) => storage::rows(world),
            What::Lint => lint::rows(world),
            What::Output(ran) => output::rows(ran, world, &self.unfolded),
        };
        self.list.take(rows, self.what.columns(), (world.picture, world.board))
    }

    /// Folds or unfolds the row under the cursor. Says whether it can be folded.
    pub fn fold(&mut self) -> bool {
        let Some((subject, open)) = self.list.current().and_then(|row| Some((row.subject.clone(), row.unfolds?)))
        else {
            return false;
        };
        self.unfolded.insert(subject, !open);
        true
    }
}

impl What {
    /// The columns, left to right.
    #[must_use]
    pub fn columns(&self) -> &'static [Column] {
        match self {
            What::Nodes => nodes::COLUMNS,
            What::Stacks => stacks::COLUMNS,
            What::Services(_) => services::COLUMNS,
            What::Tasks(_) => tasks::COLUMNS,
            What::Queue => queue::COLUMNS,
            What::Events => events::COLUMNS,
            What::Usage(_) => usage::COLUMNS,
            What::Volumes(_) => volumes::COLUMNS,
            What::Images(_) => images::COLUMNS,
            What::Disk => disk::COLUMNS,
            What::Storage(_) => storage::COLUMNS,
            What::Lint => lint::COLUMNS,
            What::Output(_) => output::COLUMNS,
        }
    }

    /// The keys that hold.
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        match self {
            What::Nodes => Scopes::NODES,
            What::Output(_) => Scopes::OUTPUT,
            What::Images(_) => Scopes::MACHINES,
            What::Events | What::Lint => Scopes::LIST,
            What::Usage(_) => Scopes::USAGE,
            What::Volumes(_) | What::Disk => Scopes::STORES,
            What::Storage(_) => Scopes::STORAGE,
            What::Stacks | What::Services(_) | What::Tasks(_) => Scopes::ACTING,
            What::Queue => Scopes::QUEUE,
        }
    }

    /// The place it belongs to.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            // It is no place of its own: it lies above the nodes it runs on.
            What::Nodes | What::Output(_) => Place::Nodes,
            What::Stacks => Place::Stacks,
            What::Services(_) => Place::Services,
            What::Tasks(_) => Place::Tasks,
            What::Queue => Place::Queue,
            What::Events => Place::Events,
            What::Usage(_) => Place::Usage,
            What::Volumes(_) => Place::Volumes,
            What::Images(_) => Place::Images,
            What::Disk => Place::Disk,
            What::Storage(_) => Place::Storage,
            What::Lint => Place::Lint,
        }
    }

    /// What it is a part of, if it is one.
    #[must_use]
    pub fn of(&self) -> Option<&Subject> {
        match self {
            What::Services(of) | What::Tasks(of) => of.as_ref(),
            What::Usage(of) | What::Volumes(of) | What::Images(of) | What::Storage(of) => of.as_ref(),
            _ => None,
        }
    }

    /// What it has to ask the engines of nodes, if anything.
    #[must_use]
    pub fn asked(&self) -> Option<Look> {
        let asked = match self {
            What::Usage(_) => Asked::Usage,
            What::Volumes(_) => Asked::Volumes,
            What::Images(_) => Asked::Images,
            What::Disk => Asked::Disk,
            What::Storage(_) => Asked::Storage,
            _ => return None,
        };
        let node = match self.of() {
            Some(Subject::Node(id)) => Some(id.clone()),
            _ => None,
        };
        Some((asked, node))
    }

    /// Why it is empty, and what to do, when there is nothing at all.
    #[must_use]
    pub fn empty(&self) -> &'static str {
        match self {
            What::Output(_) => "nothing runs",
            What::Nodes => "no node is known: the engine here is in no swarm",
            What::Stacks => "no stack is deployed, and the folder has none",
            What::Services(None) => "no service runs in this swarm",
            What::Services(_) => "no service is here: it may not be deployed yet",
            What::Tasks(None) => "no task was ever made here",
            What::Tasks(_) => "no task is here",
            What::Queue => "nothing was ever done from here: r on a stack or service puts a redeploy here",
            What::Events => "the engine has told nothing since this console began to listen",
            What::Usage(_) => "no container runs here",
            What::Volumes(_) => "no volume is here",
            What::Images(_) => "no image is here",
            What::Storage(_) => "this machine keeps data on nothing that is known here",
            What::Lint => "nothing is wrong in the folder",
            What::Disk => "no node is known: the engine here is in no swarm",
        }
    }
}
