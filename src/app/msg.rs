//! What can reach the console, and what it can ask for.

use std::sync::Arc;

use jiff::Timestamp;

use super::{AskId, LintId, LookId, Outlet, PlanId, PlanOffer, RunId};
use crate::action::undo::Back;
use crate::action::{Action, Board, Deed, History, JobId, Lane};
use crate::ask::{Answer, Question};
use crate::diag::{Diagnostic, Finding};
use crate::model::{Asked, Drifts, Inside, LogLine, LogQuery, NodeId, Picture, Ran, Survey};

/// The number of a log tail, so that lines of one that was left are not taken for those of the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct TailId(pub u64);

/// Something that has happened.
#[derive(Debug, Clone)]
pub enum Msg {
    /// A key, by the name it has in the key table: `j`, `ctrl-d`, `enter`, `esc`, `f5`, `space`, `pgdn`.
    Key(String),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this size now.
    Size {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// The swarm as it is now.
    Swarm(Arc<Picture>),
    /// How stacks stand to their files now.
    Drift(Arc<Drifts>),
    /// What was done, as the journal tells it now.
    Done(Arc<History>),
    /// The jobs as they are now.
    Board(Arc<Board>),
    /// Lines of a tail, oldest first.
    Lines {
        /// Which tail.
        tail: TailId,
        /// The lines.
        lines: Vec<LogLine>,
        /// Lines that were dropped before these, because they came faster than they could be taken.
        dropped: u64,
    },
    /// A tail ended, by itself or badly. One that follows is begun again by the session.
    TailEnded {
        /// Which tail.
        tail: TailId,
        /// Why, if it is a fault.
        fault: Option<Diagnostic>,
    },
    /// What the engines of nodes told so far.
    Seen {
        /// Which survey.
        look: LookId,
        /// All of it.
        survey: Arc<Survey>,
    },
    /// What a command said on machines so far.
    Ran {
        /// Which run.
        id: RunId,
        /// All of it.
        ran: Arc<Ran>,
    },
    /// The queue took an action, or was full.
    Submitted(Result<JobId, Diagnostic>),
    /// The plan of a stack was made, or could not be.
    Planned {
        /// Which question it answers.
        id: PlanId,
        /// The plan, or all faults of its file.
        answer: Result<Box<PlanOffer>, Vec<Diagnostic>>,
    },
    /// Name servers and monitors said what they lack of a stack.
    Outlook {
        /// Of which stack.
        stack: String,
        /// Outlet by outlet, or why nobody could be asked.
        answer: Result<Vec<Outlet>, Vec<Diagnostic>>,
    },
    /// Somebody looked through the folder.
    Linted {
        /// Which question it answers.
        id: LintId,
        /// What is wrong in it, or why nobody could look.
        answer: Result<Arc<[Finding]>, Diagnostic>,
    },
    /// Something below needs an answer. Answered by [`Effect::Answer`].
    Asked(AskId, Question),
    /// The shell in this container is over: with its code, if it is known.
    ShellEnded(String, Result<Option<i64>, Diagnostic>),
    /// The operator did not wait for the shell in this container.
    ShellGivenUp(String),
    /// Something to tell that belongs to no job.
    Fault(Diagnostic),
    /// Time passed: ages on screen may be out of date. Sent when [`crate::app::App::stays`] is over.
    Tick(Timestamp),
}

/// Something the console wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Put into the queue. Answered by [`Msg::Submitted`].
    Submit(Action),
    /// Cancel a job between two steps.
    Cancel(Vec<JobId>),
    /// Begin a tail; any other is ended.
    Tail {
        /// Its number.
        id: TailId,
        /// Which lines.
        query: LogQuery,
    },
    /// End the tail.
    StopTail,
    /// Ask the engines of nodes until another is asked or this is ended. Answered by [`Msg::Seen`], again and again.
    Look {
        /// Its number.
        id: LookId,
        /// What.
        asked: Asked,
        /// Of which node; of all where none is named.
        of: Option<NodeId>,
    },
    /// Ask them no more.
    StopLook,
    /// Run a line of shell on the machines of nodes. Answered by [`Msg::Ran`], again and again.
    Run {
        /// Its number.
        id: RunId,
        /// The line.
        line: String,
        /// Where.
        nodes: Vec<NodeId>,
    },
    /// Hang up on what runs there.
    StopRun,
    /// Open a shell in a container and hand the terminal to it. Answered by [`Msg::ShellEnded`].
    Shell(Inside),
    /// Make the plan of a stack. Answered by [`Msg::Planned`].
    Plan {
        /// The number of the question.
        id: PlanId,
        /// Which stack.
        stack: String,
        /// Secrets and configs with another content get another name.
        rotate: bool,
    },
    /// Make the plans of several stacks. Answered by [`Msg::Planned`].
    PlanSome {
        /// The number of the question.
        id: PlanId,
        /// Which stacks.
        stacks: Vec<String>,
    },
    /// Bring the checkout forward, and make the plan of what that changes. Answered by [`Msg::Planned`].
    Sync(PlanId),
    /// Ask name servers and monitors what they lack of this stack. Answered by [`Msg::Outlook`].
    Outlook(String),
    /// Look through the folder. Answered by [`Msg::Linted`].
    Lint(LintId),
    /// Make the plan that takes deeds back. Answered by [`Msg::Planned`].
    TakeBack {
        /// The number of the question.
        id: PlanId,
        /// Which.
        back: Back,
    },
    /// Make the plan that finishes a deed that broke off. Answered by [`Msg::Planned`].
    Finish {
        /// The number of the question.
        id: PlanId,
        /// Which.
        deed: Arc<Deed>,
    },
    /// Let a deed that broke off be.
    LetBe(String),
    /// Let the next job of this lane take its lock over from a holder who is gone.
    TakeOver(Lane),
    /// Put the deploy into the queue, as this plan showed it.
    RollOut {
        /// Which.
        id: PlanId,
        /// With every task that it leaves running.
        all_tasks: bool,
    },
    /// The answer to a question.
    Answer(AskId, Answer),
    /// Look at the swarm now, or try the connection now.
    Nudge,
    /// Put text on the clipboard of the terminal.
    Copy(String),
    /// Leave.
    Quit,
}
