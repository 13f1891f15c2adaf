//! THE table of keys. What is not here is not bound; what is here is shown.

use crate::action::Duty;
use crate::model::Asked;

use super::{History, Intent, LogIntent, Move, Place, Scope, Sort};

/// One key, or several that mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// Where it holds.
    pub scope: Scope,
    /// The keys, the one to show first.
    pub keys: &'static [&'static str],
    /// What it asks for.
    pub intent: Intent,
    /// One or two words for the footer.
    pub label: &'static str,
    /// One sentence for the help.
    pub help: &'static str,
    /// Place among the hints, 1 first; 0 stays out of the footer.
    pub rank: u8,
}

impl Binding {
    /// Changes something in the swarm.
    #[must_use]
    pub fn acts(&self) -> bool {
        matches!(
            (self.scope, self.intent),
            (
                _,
                Intent::Redeploy
                    | Intent::Cancel
                    | Intent::Undo
                    | Intent::Finish
                    | Intent::LetBe
                    | Intent::TakeOver
                    | Intent::Sync
                    | Intent::MakeKnown
                    | Intent::Shell
                    | Intent::Prune
                    | Intent::Snapshot
                    | Intent::Run
                    | Intent::Duty(_)
            ) | (Scope::Plan, Intent::Open)
        )
    }
}

const fn key(
    scope: Scope,
    keys: &'static [&'static str],
    intent: Intent,
    label: &'static str,
    help: &'static str,
) -> Binding {
    Binding { scope, keys, intent, label, help, rank: 0 }
}

impl Binding {
    const fn rank(mut self, rank: u8) -> Self {
        self.rank = rank;
        self
    }
}

/// Every key there is.
pub const BINDINGS: &[Binding] = {
    use Intent as I;
    use Scope as S;
    &[
        // Everywhere.
        key(S::Everywhere, &["j", "down"], I::Move(Move::Down), "down", "Go one row down."),
        key(S::Everywhere, &["k", "up"], I::Move(Move::Up), "up", "Go one row up."),
        key(S::Everywhere, &["g", "home"], I::Move(Move::Top), "top", "Go to the first row."),
        key(S::Everywhere, &["G", "end"], I::Move(Move::Bottom), "bottom", "Go to the last row."),
        key(S::Everywhere, &["pgdn", "ctrl-f", "ctrl-d"], I::Move(Move::PageDown), "page down", "Go one page down."),
        key(S::Everywhere, &["pgup", "ctrl-b", "ctrl-u"], I::Move(Move::PageUp), "page up", "Go one page up."),
        key(S::Everywhere, &["left", "h"], I::Move(Move::Left), "left", "Go to the left."),
        key(S::Everywhere, &["right"], I::Move(Move::Right), "right", "Go to the right."),
        key(S::Everywhere, &["esc"], I::Back, "back", "One step back; never leaves the console."),
        key(S::Everywhere, &["q"], I::Quit, "quit", "Back; on the first screen, leave."),
        key(S::Everywhere, &["ctrl-c"], I::QuitNow, "leave", "Leave the console from anywhere. Jobs end with it, so it asks first while there are some; again: at once."),
        key(S::Everywhere, &[":"], I::Palette, "go", "Go to a screen, a stack, a service or a node by name.").rank(81),
        key(S::Everywhere, &["?"], I::Help, "more", "Show all keys of this screen.").rank(99),
        key(S::Everywhere, &["E"], I::Messages, "messages", "Show all messages, newest first."),
        key(S::Everywhere, &["ctrl-o"], I::OwnLog, "own log", "Show what quarterdeck itself has logged."),
        key(S::Everywhere, &["R", "ctrl-r", "f5"], I::Refresh, "refresh", "Look at the swarm, or try the line, now."),
        key(S::Everywhere, &["1"], I::Go(Place::Overview), "overview", "Show the overview."),
        key(S::Everywhere, &["2"], I::Go(Place::Nodes), "nodes", "Show the nodes."),
        key(S::Everywhere, &["3"], I::Go(Place::Stacks), "stacks", "Show the stacks under their tiers."),
        key(S::Everywhere, &["4"], I::Go(Place::Services), "services", "Show the services."),
        key(S::Everywhere, &["5"], I::Go(Place::Tasks), "tasks", "Show the tasks."),
        key(S::Everywhere, &["6"], I::Go(Place::Logs), "logs", "Show the log of what is selected, or the last log."),
        key(S::Everywhere, &["7"], I::Go(Place::Queue), "queue", "Show the jobs: running, waiting, ended."),
        key(S::Everywhere, &["8"], I::Go(Place::Events), "events", "Show what the engine told lately."),
        key(S::Everywhere, &["F"], I::Go(Place::Lint), "faults of the folder", "Show what is wrong in the folder, the worst first."),
        key(S::Everywhere, &["-"], I::History(History::Last), "last view", "Change between this view and the last."),
        key(S::Everywhere, &["["], I::History(History::Older), "older", "Go to the view before."),
        key(S::Everywhere, &["]"], I::History(History::Newer), "newer", "Go to the view after."),
        // The overview.
        key(S::Overview, &["enter"], I::Open, "open", "Open what is under the cursor.").rank(10),
        key(S::Overview, &["r"], I::Redeploy, "redeploy", "Redeploy the service or stack; asks first.").rank(20),
        key(S::Overview, &["p"], I::Plan, "plan", "Show what a deploy of the stack would do.").rank(25),
        key(S::Overview, &["P"], I::PlanAll, "plan all", "Show what a deploy of all stacks would do, tier by tier."),
        key(S::Overview, &["l"], I::Logs, "logs", "Show the log of the service.").rank(30),
        key(S::Overview, &["s"], I::Shell, "shell", "Open a shell in the service; exit or ctrl-d comes back.").rank(35),
        key(S::Overview, &["d", "i"], I::Describe, "describe", "Show all about it."),
        key(S::Overview, &["y"], I::Raw, "raw", "Show it as the engine sent it."),
        key(S::Overview, &["c"], I::Copy, "copy", "Copy its id to the clipboard."),
        key(S::Overview, &["tab"], I::Move(Move::Right), "next pane", "Go to the next pane."),
        // Every list.
        key(S::List, &["enter"], I::Open, "open", "Open what is under the cursor: a stack's services, and so on.")
            .rank(10),
        key(S::List, &["d", "i"], I::Describe, "describe", "Show all about it."),
        key(S::List, &["y"], I::Raw, "raw", "Show it as the engine sent it."),
        key(S::List, &["c"], I::Copy, "copy", "Copy the id; again: the name, then the image."),
        key(S::List, &["/"], I::Filter, "filter", "Show only rows with these words. tier: state: node: stack: name: image: role: look in one field; ! inverts.").rank(60),
        key(S::List, &["space"], I::Mark, "mark", "Mark the row; actions then take all marked rows."),
        key(S::List, &["ctrl-z"], I::FaultsOnly, "faults", "Show only what is wrong, or all again."),
        key(S::List, &["ctrl-w", "w"], I::Wide, "wide", "Show or hide the wide columns."),
        key(S::List, &[">"], I::Sort(Sort::Next), "sort right", "Sort by the next column."),
        key(S::List, &["<"], I::Sort(Sort::Previous), "sort left", "Sort by the column before."),
        key(S::List, &["O"], I::Sort(Sort::Flip), "flip", "Sort the other way round."),
        key(S::List, &["N"], I::Sort(Sort::Name), "by name", "Sort by name."),
        key(S::List, &["S"], I::Sort(Sort::State), "by state", "Sort by state, worst first."),
        key(S::List, &["A"], I::Sort(Sort::Age), "by age", "Sort by age, newest first."),
        // What can be acted on.
        key(S::Acting, &["p"], I::Plan, "plan", "Show what a deploy of the stack would do.").rank(25),
        key(S::Acting, &["P"], I::PlanAll, "plan all", "Show what a deploy of all stacks would do, tier by tier."),
        key(S::Acting, &["r"], I::Redeploy, "redeploy", "Redeploy what is under the cursor, or all marked: a stack from its file, with the newest images and only what differs; a service with the same spec. Asks first.").rank(20),
        key(S::Acting, &["f"], I::Sync, "sync", "Bring the checkout forward from its remote, never merging, and show what that changes; enter deploys it."),
        key(S::Acting, &["m"], I::MakeKnown, "make known", "Show what name servers and monitors lack of the stack, and make it known there; asks first."),
        key(S::Acting, &["l"], I::Logs, "logs", "Show the log of the service or task.").rank(30),
        key(S::Acting, &["s"], I::Shell, "shell", "Open a shell in the task, or in the newest running one of the service.").rank(35),
        // Nodes, and what their engines tell.
        key(S::Machines, &["U"], I::Survey(Asked::Usage), "usage", "Show how much the containers of this node use; again: of all nodes.").rank(22),
        key(S::Machines, &["D"], I::Survey(Asked::Disk), "disk", "Show what lies on the disks of all nodes, and what of it nothing needs.").rank(24),
        key(S::Machines, &["V"], I::Survey(Asked::Volumes), "volumes", "Show the volumes of this node; again: of all nodes."),
        key(S::Machines, &["I"], I::Survey(Asked::Images), "images", "Show the images of this node; again: of all nodes."),
        key(S::Machines, &["M"], I::Survey(Asked::Storage), "mounts", "Show what the machine of this node keeps data on, asked over SSH: mounts, iSCSI, OCFS2, ZFS, NFS exports; again: of all nodes."),
        key(S::Nodes, &["x"], I::Run, "run", "Type a line of shell, and run it over SSH on the node under the cursor, or on all marked. While one runs: show its page.").rank(26),
        key(S::Nodes, &["e"], I::Duty(Duty::Drain), "drain", "Move every task off the node under the cursor, or off all marked. Shows first what moves, what can run nowhere else, and which data stays.").rank(28),
        key(S::Nodes, &["u"], I::Duty(Duty::Active), "activate", "Let the node, or all marked, take tasks again; asks first."),
        key(S::Nodes, &["z"], I::Duty(Duty::Pause), "pause", "Let the node, or all marked, keep its tasks and take no new ones; asks first."),
        key(S::Output, &["x"], I::Cancel, "stop", "Hang up on the command, where it still runs.").rank(20),
        key(S::Usage, &["s"], I::Shell, "shell", "Open a shell in the container.").rank(20),
        key(S::Usage, &["l"], I::Logs, "logs", "Show the log of the task."),
        key(S::Usage, &["r"], I::Redeploy, "redeploy", "Redeploy the service of the task; asks first."),
        key(S::Stores, &["P"], I::Prune, "prune", "Throw away what nothing needs, on all nodes or the marked ones; on volumes: unused volumes. Shows first what goes.").rank(20),
        key(S::Storage, &["T"], I::Snapshot, "snapshot", "Take a snapshot of the dataset under the cursor, or of all marked; asks first.").rank(20),
        // The queue.
        key(S::Queue, &["x"], I::Cancel, "cancel", "Cancel the job between two steps; what is done stays done.").rank(20),
        key(S::Queue, &["u"], I::Undo, "undo", "Show what it takes to bring back what this deed replaced, byte for byte; enter does it.").rank(25),
        key(S::Queue, &["f"], I::Finish, "finish", "Show what is left of a deed that broke off; enter finishes it.").rank(30),
        key(S::Queue, &["z"], I::LetBe, "let be", "Let a deed that broke off be; what it had done by then stays."),
        key(S::Queue, &["T"], I::TakeOver, "take over", "Let the next job of this stack take its lock over from a console that is gone; then ask for the job again."),
        // A plan.
        key(S::Plan, &["enter"], I::Open, "deploy", "Deploy the stack as planned; asks first.").rank(10),
        key(S::Plan, &["d"], I::Whole, "unchanged", "Show what stays as it is too, or hide it.").rank(20),
        key(S::Plan, &["o"], I::Rotate, "rotate", "Make secrets and configs with another content anew under another name.").rank(25),
        key(S::Plan, &["p"], I::Plan, "plan again", "Make the plan anew.").rank(30),
        key(S::Plan, &["r"], I::Redeploy, "redeploy", "Roll every task all the same; asks first.").rank(40),
        // Logs.
        key(S::Logs, &["/"], I::Filter, "search", "Search in the lines.").rank(10),
        key(S::Logs, &["&"], I::Sift, "only", "Show only lines with this word; ! before it: those without.").rank(15),
        key(S::Logs, &["L"], I::Log(LogIntent::Level), "level", "Show only graver lines: debug, info, warn, error, all."),
        key(S::Logs, &["s"], I::Log(LogIntent::Follow), "follow", "Go with the newest line, or stand still.").rank(20),
        key(S::Logs, &["n"], I::Log(LogIntent::NextMatch), "next", "Go to the next line found.").rank(30),
        key(S::Logs, &["N"], I::Log(LogIntent::PreviousMatch), "previous", "Go to the line found before."),
        key(S::Logs, &["f"], I::Log(LogIntent::MatchesOnly), "found only", "Show only lines found, or all."),
        key(S::Logs, &["w"], I::Log(LogIntent::Wrap), "wrap", "Break long lines, or let them run on.").rank(50),
        key(S::Logs, &["t"], I::Log(LogIntent::Timestamps), "times", "Show or hide the times.").rank(60),
        key(S::Logs, &["p"], I::Log(LogIntent::Names), "names", "Show or hide replica and node."),
        key(S::Logs, &["e"], I::Log(LogIntent::ErrorsOnly), "stderr", "Show only standard error, or all."),
        key(S::Logs, &["m"], I::Log(LogIntent::MarkLine), "mark", "Draw a line after the newest line."),
        key(S::Logs, &["C"], I::Log(LogIntent::Clear), "clear", "Forget the lines on screen."),
        key(S::Logs, &["+"], I::Log(LogIntent::Longer), "longer", "Ask for lines from further back."),
        key(S::Logs, &["c"], I::Copy, "copy", "Copy the lines on screen."),
        key(S::Logs, &["r"], I::Redeploy, "redeploy", "Redeploy the service; asks first."),
        // Text.
        key(S::Page, &["/"], I::Filter, "search", "Search in the text.").rank(60),
        key(S::Page, &["n"], I::Log(LogIntent::NextMatch), "next", "Go to the next place found."),
        key(S::Page, &["N"], I::Log(LogIntent::PreviousMatch), "previous", "Go to the place found before."),
        key(S::Page, &["d", "i"], I::Describe, "describe", "Show it in words.").rank(20),
        key(S::Page, &["y"], I::Raw, "raw", "Show it as the engine sent it.").rank(30),
        key(S::Page, &["l"], I::Logs, "logs", "Show the log of the service or task.").rank(40),
        key(S::Page, &["r"], I::Redeploy, "redeploy", "Redeploy the service or stack; asks first.").rank(50),
        key(S::Page, &["s"], I::Shell, "shell", "Open a shell in the task, or in the newest running one of the service."),
        key(S::Page, &["c"], I::Copy, "copy", "Copy the text."),
        // What lies over the screen.
        key(S::Dialog, &["tab", "shift-tab", "right", "l"], I::Move(Move::Right), "other button", "Go to the other button."),
        key(S::Dialog, &["left", "h"], I::Move(Move::Left), "other button", "Go to the other button."),
        key(S::Dialog, &["enter"], I::Open, "choose", "Do what the button under the cursor says."),
        key(S::Dialog, &["a"], I::AllTasks, "every task", "In the question of a redeploy: replace every task, whether anything differs or not; again: only what differs."),
        key(S::Dialog, &["esc", "q", "n", "?", "E"], I::Back, "close", "Close it; nothing is done."),
        key(S::Dialog, &["j", "down"], I::Move(Move::Down), "down", "Scroll down."),
        key(S::Dialog, &["k", "up"], I::Move(Move::Up), "up", "Scroll up."),
        key(S::Dialog, &["pgdn", "ctrl-f", "ctrl-d"], I::Move(Move::PageDown), "page down", "Scroll one page down."),
        key(S::Dialog, &["pgup", "ctrl-b", "ctrl-u"], I::Move(Move::PageUp), "page up", "Scroll one page up."),
        key(S::Dialog, &["g", "home"], I::Move(Move::Top), "top", "Scroll to the top."),
        key(S::Dialog, &["G", "end"], I::Move(Move::Bottom), "bottom", "Scroll to the end."),
    ]
};
