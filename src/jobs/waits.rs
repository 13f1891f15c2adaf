//! Which waiting job may begin: it stands behind earlier ones, its lane must be free, and a hand too. Knows no clock and
//! does nothing itself.

use std::collections::{BTreeMap, BTreeSet};

use super::batch::After;
use crate::action::{Board, Job, JobId, JobState, Lane};

/// How many jobs run at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hands {
    /// Deploys of stacks.
    pub deploys: usize,
    /// Everything else.
    pub others: usize,
}

impl Default for Hands {
    fn default() -> Self {
        Self { deploys: 4, others: 8 }
    }
}

/// Jobs that are not over, with what each still waits for.
#[derive(Debug, Default)]
pub struct Waits(BTreeMap<JobId, Open>);

#[derive(Debug)]
struct Open {
    lane: Lane,
    well: BTreeSet<JobId>,
    over: BTreeSet<JobId>,
}

/// What becomes of a waiting job.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    /// It begins.
    Begins,
    /// It waits for this.
    Behind(String),
}

impl Waits {
    /// A new job. Gives why it is skipped at once, if something that it stands on has ended badly already.
    pub fn enter(&mut self, id: JobId, lane: Lane, after: &After, board: &Board) -> Option<String> {
        let mut open = Open { lane, well: BTreeSet::new(), over: BTreeSet::new() };
        let mut blocked = None;
        for on in &after.well {
            match board.job(*on) {
                Some(job) if !job.state.is_over() => _ = open.well.insert(*on),
                Some(job) => blocked = blocked.or_else(|| job.state.blocks(&job.action.title())),
                None => blocked = blocked.or_else(|| Some(format!("blocked by job {}, which is not known", on.0))),
            }
        }
        let runs = |on: &&JobId| board.job(**on).is_some_and(|job| !job.state.is_over());
        open.over = after.over.iter().filter(runs).copied().collect();
        self.0.insert(id, open);
        blocked
    }

    /// A job is over. Gives the jobs that stood on its ending well.
    pub fn leave(&mut self, id: JobId) -> Vec<JobId> {
        self.0.remove(&id);
        let mut stood = Vec::new();
        for (other, open) in &mut self.0 {
            open.over.remove(&id);
            if open.well.remove(&id) {
                stood.push(*other);
            }
        }
        stood
    }

    /// Jobs of a lane that are not over.
    pub fn in_lane(&self, lane: &Lane) -> impl Iterator<Item = JobId> {
        self.0.iter().filter(move |(_, open)| open.lane == *lane).map(|(id, _)| *id)
    }

    /// Another job stands behind this one.
    #[must_use]
    pub fn is_awaited(&self, id: JobId) -> bool {
        self.0.values().any(|open| open.well.contains(&id) || open.over.contains(&id))
    }

    /// What becomes of each waiting job, in the order of the board.
    #[must_use]
    pub fn turns(&self, board: &Board, hands: Hands) -> Vec<(JobId, Turn)> {
        let running = |deploy: bool| {
            let runs = |job: &&Job| matches!(job.state, JobState::Running) && job.action.is_deploy() == deploy;
            board.jobs.iter().filter(runs).count()
        };
        let (mut deploys, mut others) = (running(true), running(false));
        let lane = |job: &Job| self.0.get(&job.id).map(|open| &open.lane);
        let runs = board.jobs.iter().filter(|job| matches!(job.state, JobState::Running));
        let mut taken: BTreeMap<&Lane, &Job> = runs.filter_map(|job| Some((lane(job)?, job))).collect();
        let mut turns = Vec::new();
        for job in board.jobs.iter().filter(|job| !job.state.is_over()) {
            let Some(open) = self.0.get(&job.id) else { continue };
            let before = taken.get(&open.lane).copied();
            taken.entry(&open.lane).or_insert(job);
            if !matches!(job.state, JobState::Waiting { .. }) {
                continue;
            }
            let stands_on = open.well.iter().chain(&open.over).find_map(|on| board.job(*on));
            let (busy, most, noun) = match job.action.is_deploy() {
                true => (&mut deploys, hands.deploys, "deploys"),
                false => (&mut others, hands.others, "jobs"),
            };
            let turn = match before.or(stands_on) {
                Some(other) => Turn::Behind(other.action.title()),
                None if *busy >= most => Turn::Behind(format!("{most} other {noun}")),
                None => {
                    *busy += 1;
                    Turn::Begins
                }
            };
            turns.push((job.id, turn));
        }
        turns
    }
}
