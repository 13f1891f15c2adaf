//! Wishes that were planned and wait for their job. They hold contents of secrets, so they lie here and not on the
//! board, and are gone when the job has taken them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use crate::action::{Action, Kept};
use crate::model::secret::Secrets;
use crate::plan::Image;
use crate::platform::{Checkout, Values};
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
    /// Where its files are read anew once its pre-flight is done; none where all of it is known.
    pub unread: Option<Checkout>,
}

/// What a pre-flight is done with: contents of secrets and files by name, and the folder's values.
#[derive(Clone, Default)]
pub struct Contents {
    all: BTreeMap<String, Zeroizing<Vec<u8>>>,
    values: BTreeMap<String, Zeroizing<String>>,
    secrets: Secrets,
}

impl std::fmt::Debug for Contents {
    /// Without any of it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contents").field("names", &self.all.keys()).finish_non_exhaustive()
    }
}

impl Contents {
    /// No contents, and these values.
    #[must_use]
    pub fn new(values: &Values) -> Self {
        let all = values.all().into_iter().map(|(name, value)| (name, Zeroizing::new(value))).collect();
        Self { all: BTreeMap::new(), values: all, secrets: values.secrets().clone() }
    }

    /// Adds one.
    pub fn put(&mut self, name: &str, content: Vec<u8>) {
        self.all.insert(name.to_owned(), Zeroizing::new(content));
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.all.get(name).map(|content| content.as_slice())
    }

    /// The folder's values.
    pub fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A text in which no secret of the folder stands.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        self.secrets.over(text)
    }
}

/// Where wishes wait. Clones are the same desk.
#[derive(Debug, Clone, Default)]
pub struct Desk(Arc<Mutex<Lying>>);

#[derive(Debug, Default)]
struct Lying {
    next: u64,
    wishes: BTreeMap<Kept, Prepared>,
    contents: BTreeMap<Kept, Contents>,
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

    /// What a deploy wishes for.
    #[must_use]
    pub fn wished(&self, action: &Action) -> Option<Prepared> {
        if let Action::Deploy { wish, .. } = action { self.look(*wish) } else { None }
    }

    /// A deploy that never began takes its wish with it.
    pub fn forget(&self, action: &Action) {
        match action {
            Action::Deploy { wish, .. } => drop(self.take(*wish)),
            Action::Prepare(prepare) => drop(self.take_contents(prepare.contents)),
            _ => {}
        }
    }

    /// Takes a wish up; it is not here any more then.
    #[must_use]
    pub fn take(&self, kept: Kept) -> Option<Prepared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).wishes.remove(&kept)
    }

    /// Lays down what a pre-flight is done with.
    #[must_use]
    pub fn keep_contents(&self, contents: Contents) -> Kept {
        let mut lying = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lying.next += 1;
        let kept = Kept(lying.next);
        lying.contents.insert(kept, contents);
        while lying.contents.len() > ROOM {
            lying.contents.pop_first();
        }
        kept
    }

    /// Takes it up; it is not here any more then.
    #[must_use]
    pub fn take_contents(&self, kept: Kept) -> Option<Contents> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contents.remove(&kept)
    }
}
