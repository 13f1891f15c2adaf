//! What a key can ask for. Knows no key.

use crate::action::Duty;
use crate::model::Asked;

/// A move of the cursor, or of what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// One screenful up.
    PageUp,
    /// One screenful down.
    PageDown,
    /// To the left.
    Left,
    /// To the right.
    Right,
}

impl Move {
    /// The row it leads to from this one, where so many make a page. The last row lies at `usize::MAX`: who knows how
    /// many there are holds it there.
    #[must_use]
    pub fn from(self, row: usize, page: usize) -> usize {
        match self {
            Move::Up => row.saturating_sub(1),
            Move::Down => row.saturating_add(1),
            Move::PageUp => row.saturating_sub(page),
            Move::PageDown => row.saturating_add(page),
            Move::Top => 0,
            Move::Bottom => usize::MAX,
            Move::Left | Move::Right => row,
        }
    }
}

/// What a key does to the lines of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogIntent {
    /// Stand at the newest line and go with it, or stand still.
    Follow,
    /// Break long lines, or let them run out of the screen.
    Wrap,
    /// Show or hide the times.
    Timestamps,
    /// Show or hide replica and node before each line.
    Names,
    /// To the next line that the search found.
    NextMatch,
    /// To the one before.
    PreviousMatch,
    /// Show only standard error, or all.
    ErrorsOnly,
    /// Show only the lines that the search found, or all.
    MatchesOnly,
    /// Set a mark line after the newest line.
    MarkLine,
    /// Forget the lines on screen.
    Clear,
    /// Ask for lines from further back.
    Longer,
    /// Show only graver lines: the next level, and after the gravest all.
    Level,
}

/// A place with a key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// What is wrong, who runs, what stands.
    Overview,
    /// Machines.
    Nodes,
    /// Stacks under their tiers.
    Stacks,
    /// Services.
    Services,
    /// Tasks.
    Tasks,
    /// Log lines.
    Logs,
    /// Jobs.
    Queue,
    /// What the engine told.
    Events,
    /// How much containers use.
    Usage,
    /// Volumes.
    Volumes,
    /// Images.
    Images,
    /// What lies on disks.
    Disk,
    /// What machines keep data on.
    Storage,
    /// What is wrong in the folder.
    Lint,
}

impl Place {
    /// All of them, in the order of their keys; the last ones are reached by name and from the nodes.
    pub const ALL: [Place; 14] = [
        Place::Overview,
        Place::Nodes,
        Place::Stacks,
        Place::Services,
        Place::Tasks,
        Place::Logs,
        Place::Queue,
        Place::Events,
        Place::Usage,
        Place::Volumes,
        Place::Images,
        Place::Disk,
        Place::Storage,
        Place::Lint,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Place::Overview => "overview",
            Place::Nodes => "nodes",
            Place::Stacks => "stacks",
            Place::Services => "services",
            Place::Tasks => "tasks",
            Place::Logs => "logs",
            Place::Queue => "queue",
            Place::Events => "events",
            Place::Usage => "usage",
            Place::Volumes => "volumes",
            Place::Images => "images",
            Place::Disk => "disk",
            Place::Storage => "storage",
            Place::Lint => "lint",
        }
    }
}

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Intent {
    /// Move.
    Move(Move),
    /// Go to a place.
    Go(Place),
    /// Open what is under the cursor.
    Open,
    /// One step back; never leaves.
    Back,
    /// Back, and out at the top.
    Quit,
    /// Out.
    QuitNow,
    /// Type a filter, or a search in text.
    Filter,
    /// Type which lines to show.
    Sift,
    /// Type where to go.
    Palette,
    /// Show the keys of this screen.
    Help,
    /// Show the messages.
    Messages,
    /// Show the program's own log.
    OwnLog,
    /// Show all about it.
    Describe,
    /// Show it as the engine sent it.
    Raw,
    /// Show its log.
    Logs,
    /// Show what a deploy would do.
    Plan,
    /// Show what a deploy of all stacks would do.
    PlanAll,
    /// Bring the checkout forward and show what that changes.
    Sync,
    /// Make the names and monitors of a stack known outside.
    MakeKnown,
    /// Give secrets and configs with another content another name, or not.
    Rotate,
    /// Show what a plan leaves as it is, too.
    Whole,
    /// Replace its tasks.
    Redeploy,
    /// Take every task along.
    AllTasks,
    /// Tell a node what to do.
    Duty(Duty),
    /// Cancel a job.
    Cancel,
    /// Bring back what was replaced.
    Undo,
    /// Finish what broke off.
    Finish,
    /// Let be what broke off.
    LetBe,
    /// Take a lock over from a holder who is gone.
    TakeOver,
    /// Open a shell in its container.
    Shell,
    /// Show what the engine of the node, or of all nodes, tells.
    Survey(Asked),
    /// Throw away what nothing needs.
    Prune,
    /// Take a snapshot of a dataset.
    Snapshot,
    /// Run a line of shell on machines.
    Run,
    /// Look again now.
    Refresh,
    /// Copy its id, name or image.
    Copy,
    /// Mark or unmark the row.
    Mark,
    /// Show only what is wrong.
    FaultsOnly,
    /// Show or hide the wide columns.
    Wide,
    /// Sort.
    Sort(Sort),
    /// Go through the views that were open.
    History(History),
    /// Something in a log.
    Log(LogIntent),
}

/// How to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    /// By the column to the right.
    Next,
    /// By the column to the left.
    Previous,
    /// The other way round.
    Flip,
    /// By name.
    Name,
    /// By state.
    State,
    /// By age.
    Age,
}

/// Which earlier view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum History {
    /// The one before this, and back again.
    Last,
    /// One further back.
    Older,
    /// One forward.
    Newer,
}
