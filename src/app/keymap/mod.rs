//! What a key means on which screen. Looks up the one table and derives footer, help and manual from it; adds no key.

mod table;

use std::fmt::Write as _;

use crate::action::Duty;
use crate::model::Asked;

pub use table::{BINDINGS, Binding};

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

/// Where a binding holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// On every screen.
    Everywhere,
    /// On the overview.
    Overview,
    /// On every list.
    List,
    /// On lists of what can be acted on: stacks, services, tasks.
    Acting,
    /// On nodes and what their engines tell.
    Machines,
    /// On what containers use.
    Usage,
    /// On what takes room: disks, volumes.
    Stores,
    /// On what machines keep data on.
    Storage,
    /// On the nodes themselves.
    Nodes,
    /// On what a command says.
    Output,
    /// On the queue.
    Queue,
    /// On log lines.
    Logs,
    /// On a page of text.
    Page,
    /// On a plan.
    Plan,
    /// In what lies over the screen: a question, the help, the messages.
    Dialog,
}

/// The scopes that hold on one screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scopes(pub &'static [Scope]);

impl Scopes {
    /// The overview.
    pub const OVERVIEW: Scopes = Scopes(&[Scope::Overview, Scope::Everywhere]);
    /// Events.
    pub const LIST: Scopes = Scopes(&[Scope::List, Scope::Everywhere]);
    /// Stacks, services and tasks.
    pub const ACTING: Scopes = Scopes(&[Scope::Acting, Scope::List, Scope::Everywhere]);
    /// Nodes.
    pub const NODES: Scopes = Scopes(&[Scope::Nodes, Scope::Machines, Scope::List, Scope::Everywhere]);
    /// What a command says.
    pub const OUTPUT: Scopes = Scopes(&[Scope::Output, Scope::List, Scope::Everywhere]);
    /// Images.
    pub const MACHINES: Scopes = Scopes(&[Scope::Machines, Scope::List, Scope::Everywhere]);
    /// What containers use.
    pub const USAGE: Scopes = Scopes(&[Scope::Usage, Scope::Machines, Scope::List, Scope::Everywhere]);
    /// Disks and volumes.
    pub const STORES: Scopes = Scopes(&[Scope::Stores, Scope::Machines, Scope::List, Scope::Everywhere]);
    /// What machines keep data on.
    pub const STORAGE: Scopes = Scopes(&[Scope::Storage, Scope::Machines, Scope::List, Scope::Everywhere]);
    /// Jobs.
    pub const QUEUE: Scopes = Scopes(&[Scope::Queue, Scope::List, Scope::Everywhere]);
    /// Log lines.
    pub const LOGS: Scopes = Scopes(&[Scope::Logs, Scope::Everywhere]);
    /// Text.
    pub const PAGE: Scopes = Scopes(&[Scope::Page, Scope::Everywhere]);
    /// A plan.
    pub const PLAN: Scopes = Scopes(&[Scope::Plan, Scope::Everywhere]);
    /// Every screen there is, with its name in the manual.
    pub const ALL: [(&'static str, Scopes); 13] = [
        ("overview", Scopes::OVERVIEW),
        ("nodes", Scopes::NODES),
        ("images", Scopes::MACHINES),
        ("output", Scopes::OUTPUT),
        ("events", Scopes::LIST),
        ("usage", Scopes::USAGE),
        ("disk, volumes", Scopes::STORES),
        ("storage", Scopes::STORAGE),
        ("stacks, services, tasks", Scopes::ACTING),
        ("queue", Scopes::QUEUE),
        ("plan", Scopes::PLAN),
        ("logs", Scopes::LOGS),
        ("text", Scopes::PAGE),
    ];

    /// The bindings that hold, those of the screen itself first.
    pub fn bindings(self) -> impl Iterator<Item = &'static Binding> {
        self.0.iter().flat_map(|scope| BINDINGS.iter().filter(move |binding| binding.scope == *scope))
    }
}

/// What a key means on a screen.
#[must_use]
pub fn intent(scopes: Scopes, key: &str) -> Option<Intent> {
    scopes.bindings().find(|binding| binding.keys.contains(&key)).map(|binding| binding.intent)
}

/// The hints of a screen, best first; without those that change something where nothing may be changed.
pub fn hints(scopes: Scopes, read_only: bool) -> Vec<&'static Binding> {
    let mut hints: Vec<_> = scopes.bindings().filter(|b| b.rank > 0 && !(read_only && b.acts())).collect();
    hints.sort_by_key(|binding| binding.rank);
    hints
}

/// A key as it is shown where room is dear: `ctrl-z` as `^z`.
#[must_use]
pub fn shown(key: &str) -> String {
    key.replace("ctrl-", "^")
}

/// All keys of all screens, as a page.
#[must_use]
pub fn manual() -> String {
    let mut page = String::from("# Keys\n\nMade from the key table; do not edit.\n");
    for (name, scope) in [
        ("Everywhere", Scope::Everywhere),
        ("Overview", Scope::Overview),
        ("Every list", Scope::List),
        ("Stacks, services and tasks", Scope::Acting),
        ("Nodes, usage, disk, volumes, images, storage", Scope::Machines),
        ("Nodes", Scope::Nodes),
        ("Output of a command", Scope::Output),
        ("Usage", Scope::Usage),
        ("Disk and volumes", Scope::Stores),
        ("Storage", Scope::Storage),
        ("Queue", Scope::Queue),
        ("Plan", Scope::Plan),
        ("Logs", Scope::Logs),
        ("Text", Scope::Page),
        ("Questions, help, messages", Scope::Dialog),
    ] {
        let _ = write!(page, "\n## {name}\n\n| key | does |\n| --- | --- |\n");
        for binding in BINDINGS.iter().filter(|binding| binding.scope == scope) {
            let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{}`", key.replace('|', "\\|"))).collect();
            let _ = writeln!(page, "| {} | {} |", keys.join(" "), binding.help);
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_key_means_two_things_on_one_screen() {
        for (name, scopes) in Scopes::ALL {
            let mut seen = BTreeSet::new();
            for key in scopes.bindings().flat_map(|binding| binding.keys) {
                assert!(seen.insert(key), "{key} means two things on {name}");
            }
        }
    }

    #[test]
    fn every_footer_fits_80_columns() {
        for (name, scopes) in Scopes::ALL {
            let hints = hints(scopes, false);
            let width: usize = hints.iter().map(|b| shown(b.keys[0]).len() + 1 + b.label.len() + 2).sum();
            assert!(width <= 80, "the hints of {name} take {width} columns");
            assert!(hints.iter().any(|binding| binding.intent == Intent::Help), "{name} does not lead to the help");
        }
    }

    #[test]
    fn a_reader_is_offered_nothing_that_changes_the_swarm() {
        for (_, scopes) in Scopes::ALL {
            assert!(hints(scopes, true).iter().all(|binding| !binding.acts()));
        }
    }

    #[test]
    fn the_manual_names_every_key() {
        let manual = manual();
        for binding in BINDINGS {
            assert!(manual.contains(binding.help), "{}", binding.help);
        }
    }
}
