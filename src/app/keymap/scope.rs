//! Where a binding holds, and which of these places make up a screen.

use super::table::{BINDINGS, Binding};

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
