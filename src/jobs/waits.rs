//! Which waiting job may begin: it stands behind earlier ones, its lane must be free, and a hand too. Looks only at jobs
//! that something has changed for, so that a thousand others cost nothing. Knows no clock and does nothing itself.

use std::collections::{BTreeMap, BTreeSet};

use super::batch::After;
use crate::action::{Board, JobId, JobState, Lane};

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
pub struct Waits {
    open: BTreeMap<JobId, Open>,
    lanes: BTreeMap<Lane, BTreeSet<JobId>>,
    /// Who stands behind a job.
    behind: BTreeMap<JobId, BTreeSet<JobId>>,
    /// Waits for nothing but a hand.
    ready: BTreeSet<JobId>,
    running: BTreeSet<JobId>,
    /// What something has changed for since the last turns.
    touched: BTreeSet<JobId>,
}

#[derive(Debug)]
struct Open {
    lane: Lane,
    well: BTreeSet<JobId>,
    over: BTreeSet<JobId>,
    is_deploy: bool,
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
    pub fn enter(
        &mut self,
        id: JobId,
        (lane, is_deploy): (Lane, bool),
        after: &After,
        board: &Board,
    ) -> Option<String> {
        let mut open = Open { lane: lane.clone(), well: BTreeSet::new(), over: BTreeSet::new(), is_deploy };
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
        for on in open.well.iter().chain(&open.over) {
            self.behind.entry(*on).or_default().insert(id);
        }
        self.open.insert(id, open);
        self.lanes.entry(lane).or_default().insert(id);
        self.touched.insert(id);
        self.touch_next(id);
        blocked
    }

    /// A job is over. Gives the jobs that stood on its ending well.
    pub fn leave(&mut self, id: JobId) -> Vec<JobId> {
        self.touch_next(id);
        let Some(gone) = self.open.remove(&id) else { return Vec::new() };
        self.ready.remove(&id);
        self.running.remove(&id);
        self.touched.remove(&id);
        if let Some(lane) = self.lanes.get_mut(&gone.lane) {
            lane.remove(&id);
            // Where it ran, whoever is first in the lane now may be earlier than it.
            self.touched.extend(lane.first());
            if lane.is_empty() {
                self.lanes.remove(&gone.lane);
            }
        }
        for on in gone.well.iter().chain(&gone.over) {
            if let Some(behind) = self.behind.get_mut(on) {
                behind.remove(&id);
            }
        }
        let mut stood = Vec::new();
        for other in self.behind.remove(&id).unwrap_or_default() {
            let Some(open) = self.open.get_mut(&other) else { continue };
            open.over.remove(&id);
            if open.well.remove(&id) {
                stood.push(other);
            }
            self.touched.insert(other);
        }
        stood
    }

    /// Jobs of a lane that are not over.
    pub fn in_lane(&self, lane: &Lane) -> impl Iterator<Item = JobId> {
        self.lanes.get(lane).into_iter().flatten().copied()
    }

    /// Another job stands behind this one.
    #[must_use]
    pub fn is_awaited(&self, id: JobId) -> bool {
        self.behind.get(&id).is_some_and(|behind| !behind.is_empty())
    }

    /// What becomes of the jobs that something has changed for, and of those that get a hand, in the order of their numbers.
    #[must_use]
    pub fn turns(&mut self, board: &Board, hands: Hands) -> Vec<(JobId, Turn)> {
        let title = |on: JobId| board.job(on).map(|job| job.action.title()).unwrap_or_default();
        let touched = std::mem::take(&mut self.touched);
        let mut turns = Vec::new();
        for id in &touched {
            let waits = board.job(*id).is_some_and(|job| matches!(job.state, JobState::Waiting { .. }));
            let Some(open) = self.open.get(id).filter(|_| waits && !self.running.contains(id)) else { continue };
            let stands_on = || open.well.iter().chain(&open.over).next().copied();
            match self.before(*id, &open.lane).or_else(stands_on) {
                Some(other) => {
                    self.ready.remove(id);
                    turns.push((*id, Turn::Behind(title(other))));
                }
                None => _ = self.ready.insert(*id),
            }
        }
        self.hand_out(hands, &touched, &mut turns);
        turns
    }

    /// Lets those begin for whom there is a hand. That there is none is told once.
    fn hand_out(&mut self, hands: Hands, touched: &BTreeSet<JobId>, turns: &mut Vec<(JobId, Turn)>) {
        let deploys = self.running.iter().filter(|id| self.open.get(id).is_some_and(|open| open.is_deploy)).count();
        let (mut deploys, mut others) = (deploys, self.running.len() - deploys);
        let mut begin = Vec::new();
        for id in &self.ready {
            if deploys >= hands.deploys && others >= hands.others {
                break;
            }
            let is_deploy = self.open.get(id).is_some_and(|open| open.is_deploy);
            let (busy, most) = if is_deploy { (&mut deploys, hands.deploys) } else { (&mut others, hands.others) };
            if *busy < most {
                *busy += 1;
                begin.push(*id);
            }
        }
        for id in begin {
            self.ready.remove(&id);
            self.running.insert(id);
            turns.push((id, Turn::Begins));
        }
        for id in touched.iter().filter(|id| self.ready.contains(id)) {
            let is_deploy = self.open.get(id).is_some_and(|open| open.is_deploy);
            let words = match is_deploy {
                true => format!("{} other deploys", hands.deploys),
                false => format!("{} other jobs", hands.others),
            };
            turns.push((*id, Turn::Behind(words)));
        }
    }

    /// The job of its lane that comes directly before it: what runs comes before all.
    fn before(&self, id: JobId, lane: &Lane) -> Option<JobId> {
        let lane = self.lanes.get(lane)?;
        let earlier = lane.range(..id).next_back().copied();
        earlier.or_else(|| lane.iter().find(|other| **other != id && self.running.contains(other)).copied())
    }

    /// What comes directly after a job in its lane has another before it now.
    fn touch_next(&mut self, id: JobId) {
        let lane = self.open.get(&id).and_then(|open| self.lanes.get(&open.lane));
        let next = lane.and_then(|lane| lane.range(id..).find(|other| **other != id).copied());
        self.touched.extend(next);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;

    use super::*;
    use crate::action::{Action, Job, Scope};

    /// A board on which jobs wait, run and end as they are told.
    #[derive(Default)]
    struct Floor(Waits, Board);

    impl Floor {
        fn enter(&mut self, id: u64, lane: &str, well: &[u64]) {
            let after = After { well: well.iter().map(|id| JobId(*id)).collect(), over: Vec::new() };
            self.0.enter(JobId(id), (Lane(lane.into()), false), &after, &self.1);
            self.1.add(Job {
                id: JobId(id),
                action: Arc::new(Action::Redeploy { scope: Scope::Stack(id.to_string()), services: Vec::new() }),
                course: None,
                after: Vec::new(),
                past: Vec::new(),
                submitted: Timestamp::UNIX_EPOCH,
                started: None,
                ended: None,
                state: JobState::Waiting { behind: String::new() },
                steps: Vec::new(),
                why: String::new(),
            });
        }

        fn ends(&mut self, id: u64) {
            self.1.job_mut(JobId(id)).unwrap().state = JobState::Done;
            self.0.leave(JobId(id));
        }

        /// The turns, as `3` for a job that begins and `4<3` for one that waits behind another.
        fn turns(&mut self) -> String {
            let turns = self.0.turns(&self.1, Hands { deploys: 1, others: 2 });
            let said = turns.into_iter().map(|(id, turn)| match turn {
                Turn::Begins => {
                    self.1.job_mut(id).unwrap().state = JobState::Running;
                    id.0.to_string()
                }
                Turn::Behind(other) => format!("{}<{}", id.0, other.trim_start_matches("redeploy stack ")),
            });
            said.collect::<Vec<_>>().join(" ")
        }
    }

    #[test]
    fn only_what_something_has_changed_for_is_looked_at() {
        let mut floor = Floor::default();
        for (id, lane, well) in
            [(1, "a", &[][..]), (2, "a", &[]), (3, "a", &[]), (4, "b", &[]), (5, "c", &[1]), (6, "d", &[])]
        {
            floor.enter(id, lane, well);
        }
        assert_eq!(floor.turns(), "2<1 3<2 5<1 1 4 6<2 other jobs");
        assert_eq!(floor.turns(), "", "nothing has changed");
        floor.ends(4);
        assert_eq!(floor.turns(), "6");
        floor.ends(1);
        assert_eq!(floor.turns(), "2 5<2 other jobs");
        floor.ends(2);
        floor.ends(6);
        assert_eq!(floor.turns(), "3 5");
    }

    #[test]
    fn one_that_comes_late_with_an_early_number_waits_for_what_runs_in_its_lane() {
        let mut floor = Floor::default();
        floor.enter(7, "a", &[]);
        assert_eq!(floor.turns(), "7");
        floor.enter(5, "a", &[]);
        floor.enter(8, "a", &[]);
        assert_eq!(floor.turns(), "5<7 8<7");
        floor.ends(7);
        assert_eq!(floor.turns(), "8<5 5");
    }
}
