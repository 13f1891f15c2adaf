//! Which of several managers is asked, and why not the others. Pure: it never asks by itself.
//! Who is chosen stays chosen until it fails; who failed is asked again last.

use std::sync::Arc;

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::super::error::EngineError;
use crate::model::{Cluster, Passed};

/// The choice of one turn: made once, by whoever needs it first, while the others wait for it.
pub(super) type Choice = Arc<OnceCell<usize>>;

/// What is known of the managers.
#[derive(Debug)]
pub(super) struct Roster {
    /// Counts the choices, so that a failure of an earlier one is not held against the present one.
    turn: u64,
    choice: Choice,
    /// Who was in use last.
    current: Option<usize>,
    /// The swarm that all must belong to: that of the first that was chosen.
    swarm: Option<String>,
    /// For each: ends when it is left, so that no answer of it is waited for any longer.
    left: Vec<CancellationToken>,
    /// For each: the turn in which it failed last, and how.
    faults: Vec<Option<(u64, EngineError)>>,
}

impl Roster {
    /// So many managers, of which nothing is known.
    pub(super) fn new(managers: usize) -> Self {
        let left = (0..managers).map(|_| CancellationToken::new()).collect();
        Self { turn: 1, choice: Choice::default(), current: None, swarm: None, left, faults: vec![None; managers] }
    }

    /// The present turn and its choice.
    pub(super) fn present(&self) -> (u64, Choice) {
        (self.turn, Arc::clone(&self.choice))
    }

    /// Who was in use last.
    pub(super) fn current(&self) -> Option<usize> {
        self.current
    }

    /// In which order they are tried: who is in use, then those that never failed as they were given, then the others,
    /// whose failure is longest ago first.
    pub(super) fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.faults.len()).collect();
        let failed = |at: &usize| self.faults.get(*at).and_then(Option::as_ref).map_or(0, |(turn, _)| *turn);
        order.sort_by_key(|at| (failed(at), self.current != Some(*at), *at));
        order
    }

    /// Takes one that answered as a manager of this swarm.
    ///
    /// # Errors
    /// If it is one of another swarm.
    pub(super) fn admit(&mut self, at: usize, cluster: &Cluster) -> Result<(), EngineError> {
        match &self.swarm {
            Some(ours) if !cluster.id.is_empty() && *ours != cluster.id => {
                let (id, ours) = (cluster.id.clone(), ours.clone());
                return Err(EngineError::AnotherSwarm { at: cluster.endpoint.clone(), id, ours });
            }
            Some(_) => {}
            None => self.swarm = Some(cluster.id.clone()).filter(|id| !id.is_empty()),
        }
        self.current = Some(at);
        if let Some(fault) = self.faults.get_mut(at) {
            *fault = None;
        }
        Ok(())
    }

    /// This one cannot be used.
    pub(super) fn pass(&mut self, at: usize, error: EngineError) {
        let turn = self.turn;
        if let Some(fault) = self.faults.get_mut(at) {
            *fault = Some((turn, error));
        }
    }

    /// Chooses anew, beginning with who is in use.
    pub(super) fn renew(&mut self) {
        self.turn += 1;
        self.choice = Choice::default();
    }

    /// Leaves who was chosen in that turn; false if that is over already.
    pub(super) fn leave(&mut self, turn: u64, at: usize, error: &EngineError) -> bool {
        if turn != self.turn {
            return false;
        }
        self.pass(at, error.clone());
        if let Some(left) = self.left.get_mut(at) {
            std::mem::take(left).cancel();
        }
        self.renew();
        true
    }

    /// Ends when this one is left.
    pub(super) fn left(&self, at: usize) -> CancellationToken {
        self.left.get(at).cloned().unwrap_or_default()
    }

    /// Those that are no manager of this swarm, as far as is known: not merely out of reach, but the wrong address.
    pub(super) fn misfits(&self) -> Vec<Passed> {
        let faults = self.faults.iter().flatten();
        let passed = |error: &EngineError| {
            error.misfit().map(|why| Passed { endpoint: error.at().to_owned(), why: why.to_owned() })
        };
        faults.filter_map(|(_, error)| passed(error)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(at: &str) -> EngineError {
        EngineError::Unreachable { at: at.into(), kind: std::io::ErrorKind::Other, why: "gone".into() }
    }

    fn of(id: &str) -> Cluster {
        Cluster { id: id.into(), endpoint: "here".into(), ..Cluster::default() }
    }

    #[test]
    fn who_failed_is_tried_last_and_who_is_in_use_first() {
        let mut roster = Roster::new(3);
        assert_eq!(roster.order(), [0, 1, 2]);
        roster.admit(0, &of("a")).unwrap();
        let (turn, _) = roster.present();
        assert!(roster.leave(turn, 0, &lost("0")));
        assert_eq!(roster.order(), [1, 2, 0]);
        roster.admit(2, &of("a")).unwrap();
        // It stays, though others that were named before it are well.
        roster.renew();
        assert_eq!(roster.order(), [2, 1, 0]);
        let (turn, _) = roster.present();
        assert!(roster.leave(turn, 2, &lost("2")));
        assert_eq!(roster.order(), [1, 0, 2]);
    }

    #[test]
    fn an_old_failure_is_not_held_against_who_was_chosen_since() {
        let mut roster = Roster::new(2);
        let (old, _) = roster.present();
        roster.renew();
        assert!(!roster.leave(old, 1, &lost("1")));
        assert_eq!(roster.order(), [0, 1]);
    }

    #[test]
    fn the_first_swarm_is_the_swarm_and_another_one_is_told() {
        let mut roster = Roster::new(3);
        roster.admit(1, &of("ours")).unwrap();
        let other = roster.admit(0, &of("theirs")).unwrap_err();
        assert!(matches!(&other, EngineError::AnotherSwarm { id, ours, .. } if id == "theirs" && ours == "ours"));
        roster.pass(0, other);
        roster.pass(2, lost("2"));
        assert_eq!((roster.current(), roster.misfits().len()), (Some(1), 1));
        // A manager that has no leader cannot say which swarm it is of.
        roster.admit(2, &of("")).unwrap();
    }
}
