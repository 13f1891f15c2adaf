//! Which screens are open: a stack to go down and up in, and the stacks that were open before.

use super::OverviewView;
use super::keymap::Place;
use super::screen::Screen;

/// How many earlier stacks are kept.
const KEPT: usize = 20;

/// The stacks of screens. There is always one, and it is never empty.
#[derive(Debug, Clone)]
pub struct Views {
    before: Vec<Vec<Screen>>,
    root: Screen,
    above: Vec<Screen>,
    after: Vec<Vec<Screen>>,
    /// `-` goes forward next, not back.
    returns: bool,
}

impl Default for Views {
    fn default() -> Self {
        Self {
            before: Vec::new(),
            root: Screen::Overview(OverviewView::default()),
            above: Vec::new(),
            after: Vec::new(),
            returns: false,
        }
    }
}

impl Views {
    /// The screen that is shown.
    #[must_use]
    pub fn top(&self) -> &Screen {
        self.above.last().unwrap_or(&self.root)
    }

    /// The screen that is shown, to change it.
    pub fn top_mut(&mut self) -> &mut Screen {
        self.above.last_mut().unwrap_or(&mut self.root)
    }

    /// The open screens, from the first to the one shown.
    pub fn open(&self) -> impl DoubleEndedIterator<Item = &Screen> {
        std::iter::once(&self.root).chain(&self.above)
    }

    /// The open screens, to change them.
    pub fn open_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Screen> {
        std::iter::once(&mut self.root).chain(&mut self.above)
    }

    /// One deeper.
    pub fn push(&mut self, screen: Screen) {
        self.above.push(screen);
    }

    /// One up. Says whether there was a way up.
    pub fn pop(&mut self) -> bool {
        self.above.pop().is_some()
    }

    /// To another place; where the operator stood there before, if that is remembered.
    pub fn jump(&mut self, place: Place, fresh: impl FnOnce() -> Screen) {
        if self.root.place() == Some(place) {
            self.above.clear();
            return;
        }
        let known = self.before.iter().chain(&self.after).rev().filter_map(|stack| stack.first());
        let root = known.filter(|screen| screen.place() == Some(place)).find(|s| !is_part(s)).cloned();
        self.replace(vec![root.unwrap_or_else(fresh)]);
        self.after.clear();
        self.returns = false;
    }

    /// One further back among the stacks. Says whether there was one.
    pub fn older(&mut self) -> bool {
        let Some(stack) = self.before.pop() else { return false };
        let now = self.set(stack);
        self.after.push(now);
        self.returns = true;
        true
    }

    /// One forward.
    pub fn newer(&mut self) -> bool {
        let Some(stack) = self.after.pop() else { return false };
        let now = self.set(stack);
        self.before.push(now);
        self.returns = false;
        true
    }

    /// Back, or forth again.
    pub fn last(&mut self) -> bool {
        if self.returns && self.newer() {
            return true;
        }
        self.older()
    }

    fn replace(&mut self, stack: Vec<Screen>) {
        let now = self.set(stack);
        self.before.push(now);
        if self.before.len() > KEPT {
            self.before.remove(0);
        }
    }

    fn set(&mut self, stack: Vec<Screen>) -> Vec<Screen> {
        let mut next = stack.into_iter();
        let root = std::mem::replace(&mut self.root, next.next().unwrap_or(Screen::Overview(OverviewView::default())));
        let above = std::mem::replace(&mut self.above, next.collect());
        std::iter::once(root).chain(above).collect()
    }
}

fn is_part(screen: &Screen) -> bool {
    matches!(screen, Screen::List(list) if list.what.of().is_some())
}
