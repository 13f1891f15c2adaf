//! Wishes that were planned and wait for their job. They hold contents of secrets, so they lie here and not on the
//! board, and are gone when the job has taken them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::action::{Action, Kept};
use crate::plan::Image;
use crate::stack::Wish;

/// More than these are not kept: the oldest goes.
const ROOM: usize = 4096;

/// A wish, and what was found out when it was planned.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// What is wished.
    pub wish: Arc<Wish>,
    /// What registries said: the images that were shown are the ones that are written.
    pub images: BTreeMap<String, Image>,
}

/// Where wishes wait. Clones are the same desk.
#[derive(Debug, Clone, Default)]
pub struct Desk(Arc<Mutex<Lying>>);

#[derive(Debug, Default)]
struct Lying {
    next: u64,
    wishes: BTreeMap<Kept, Prepared>,
}

impl Desk {
    /// Lays a wish down.
    #[must_use]
    pub fn keep(&self, prepared: Prepared) -> Kept {
        let mut lying = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lying.next += 1;
        let kept = Kept(lying.next);
        lying.wishes.insert(kept, prepared);
        while lying.wishes.len() > ROOM {
            lying.wishes.pop_first();
        }
        kept
    }

    /// Looks at a wish; it stays.
    #[must_use]
    pub fn look(&self, kept: Kept) -> Option<Prepared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).wishes.get(&kept).cloned()
    }

    /// Takes a wish up; it is not here any more then.
    #[must_use]
    pub fn take(&self, kept: Kept) -> Option<Prepared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).wishes.remove(&kept)
    }

    /// A deploy that never began takes its wish with it.
    pub fn forget(&self, action: &Action) {
        if let Action::Deploy { wish, .. } = action {
            drop(self.take(*wish));
        }
    }
}
