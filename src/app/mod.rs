//! What the keys mean. Pure: messages in, effects out; no network, no terminal, no clock of its own.

mod acts;
mod asked;
mod availability;
pub mod describe;
pub mod format;
mod heard;
pub mod keymap;
mod keys;
pub mod layout;
mod leaving;
mod linting;
pub mod list;
mod log_screen;
pub mod logs;
mod messages;
mod msg;
mod offers;
mod outside;
mod overview;
mod plan_rows;
mod plan_screen;
mod planning;
mod popup;
pub mod prompt;
mod prune;
pub mod redeploy;
mod running;
pub mod screen;
pub mod screens;
pub mod sheet;
pub mod shell;
mod snapshot;
mod subject;
mod survey;
mod ticks;
mod undo;
mod views;
mod whole;
pub mod wrap;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::action::{Board, History};
use crate::model::{Drifts, Picture};
use prompt::Prompt;
use screens::World;

pub use asked::{AskId, Asking, Hidden};
pub use describe::DescribeView;
pub use keymap::{Intent, LogIntent, Move};
pub use linting::LintId;
pub use log_screen::LogsScreen;
pub use logs::LogsView;
pub use messages::{Level, Message, Messages};
pub use msg::{Effect, Msg, TailId};
pub use outside::Outlet;
pub use overview::{OverviewView, Pane, Spot, machines};
pub use plan_screen::{ALL as PLAN_ALL, Offer as PlanOffer, PATH as PLAN_PATH, PlanId, PlanRow, PlanScreen};
pub use popup::{Confirm, Item, Popup, Rolls, Typing};
pub use running::RunId;
pub use screen::Screen;
pub use subject::Subject;
pub use survey::{Look, LookId};
pub use views::Views;
pub use whole::Whole;

/// What is decided before the console starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// Nothing may be changed.
    pub read_only: bool,
    /// What the platform is called, where the folder has no name for it.
    pub platform: String,
    /// Who said which engine is meant, such as `by DOCKER_HOST`; empty where that is not to be told.
    pub said_by: String,
    /// The present time.
    pub now: Timestamp,
}

/// The console of one operator: what is known, where the operator looks, and what lies over it.
#[derive(Debug)]
pub struct App {
    settings: Settings,
    picture: Arc<Picture>,
    board: Arc<Board>,
    drift: Arc<Drifts>,
    done: Arc<History>,
    now: Timestamp,
    size: (u16, u16),
    views: Views,
    popups: Vec<Popup>,
    /// Questions from below that wait until nothing is typed.
    held: std::collections::VecDeque<Asking>,
    /// Until then, what lies uppermost opened by itself and cannot have been read.
    unseen_until: Option<Timestamp>,
    prompt: Option<Prompt>,
    /// What was typed into the palette before, oldest first.
    history: Vec<String>,
    messages: Messages,
    /// The latency on screen; a slightly different one is no news.
    latency: Duration,
    /// Tails begun so far, and the one that runs.
    tails: u64,
    tail: Option<(TailId, (u64, crate::model::LogQuery))>,
    /// Plans asked for so far.
    plans: PlanId,
    /// What is asked of nodes.
    surveying: survey::Surveying,
    /// What is wrong in the folder.
    linting: linting::Linting,
    /// What runs on machines.
    running: running::Running,
    /// The last log that was read.
    last_log: Option<Subject>,
    /// What was copied last, and which part of it.
    copied: Option<(Subject, usize)>,
    /// The board was seen at least once.
    heard_board: bool,
    dirty: bool,
}

impl App {
    /// A console that has heard nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let now = settings.now;
        Self {
            settings,
            picture: Arc::default(),
            board: Arc::default(),
            drift: Arc::default(),
            done: Arc::default(),
            now,
            size: (80, 24),
            views: Views::default(),
            popups: Vec::new(),
            held: std::collections::VecDeque::new(),
            unseen_until: None,
            prompt: None,
            history: Vec::new(),
            messages: Messages::default(),
            latency: Duration::ZERO,
            tails: 0,
            tail: None,
            plans: PlanId::default(),
            surveying: survey::Surveying::default(),
            linting: linting::Linting::default(),
            running: running::Running::default(),
            last_log: None,
            copied: None,
            heard_board: false,
            dirty: true,
        }
    }

    /// Takes what has happened; gives what is to be done. Never waits, never fails.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let mut effects = match msg {
            Msg::Key(key) => self.on_key(&key),
            Msg::Paste(text) => self.on_paste(&text),
            Msg::Size { width, height } => self.on_size(width, height),
            Msg::Swarm(picture) => self.on_swarm(picture),
            Msg::Board(board) => self.on_board(board),
            Msg::Drift(drift) => self.on_drift(drift),
            Msg::Done(done) => self.on_done(done),
            Msg::Lines { tail, lines, dropped } => self.on_lines(tail, lines, dropped),
            Msg::TailEnded { tail, fault } => self.on_tail_ended(tail, fault),
            Msg::Seen { look, survey } => self.on_seen(look, &survey),
            Msg::Ran { id, ran } => self.on_ran(id, ran),
            Msg::Submitted(outcome) => self.on_submitted(outcome),
            Msg::Planned { id, answer } => self.on_planned(id, answer),
            Msg::Outlook { stack, answer } => self.on_outlook(&stack, answer),
            Msg::Linted { id, answer } => self.on_linted(id, answer),
            Msg::Asked(id, question) => self.on_asked(id, question),
            Msg::ShellEnded(name, ended) => self.on_shell_ended(&name, ended),
            Msg::ShellGivenUp(name) => self.on_shell_given_up(&name),
            Msg::Fault(fault) => self.on_fault(fault),
            Msg::Tick(now) => self.on_tick(now),
        };
        self.show_held();
        self.settle_tail(&mut effects);
        self.settle_survey(&mut effects);
        self.settle_lint(&mut effects);
        effects
    }

    /// Whether the screen is another than when it was last taken.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// What was drawn is gone.
    pub fn redraw(&mut self) {
        self.dirty = true;
    }

    /// Whether the screen is another than when this was asked last.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// The swarm that is shown.
    #[must_use]
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// The jobs that are shown.
    #[must_use]
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// How stacks stand to their files.
    #[must_use]
    pub fn drift(&self) -> &Drifts {
        &self.drift
    }

    /// What was done, as the journal tells it.
    #[must_use]
    pub fn done(&self) -> &History {
        &self.done
    }

    /// The present time, as ages are counted from.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What was decided before the console started.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The open screens.
    #[must_use]
    pub fn views(&self) -> &Views {
        &self.views
    }

    /// What lies over the screen, the uppermost last.
    #[must_use]
    pub fn popups(&self) -> &[Popup] {
        &self.popups
    }

    /// The line that is typed into.
    #[must_use]
    pub fn prompt(&self) -> Option<&Prompt> {
        self.prompt.as_ref()
    }

    /// What there is to tell.
    #[must_use]
    pub fn messages(&self) -> &Messages {
        &self.messages
    }

    /// How long a request takes, without its jitter.
    #[must_use]
    pub fn latency(&self) -> Duration {
        self.latency
    }

    /// Why what is typed cannot be read, if so.
    #[must_use]
    pub fn fault(&self) -> Option<&str> {
        match (self.views.top(), self.prompt.as_ref()?.kind) {
            (Screen::List(screen), prompt::Kind::Filter) => screen.list.filter.fault(),
            (Screen::Logs(log), prompt::Kind::Search | prompt::Kind::Sift) => log.view.fault.as_deref(),
            (Screen::Page(page), prompt::Kind::Search) => page.fault.as_deref(),
            _ => None,
        }
    }

    fn tell(&mut self, level: Level, text: impl Into<String>) {
        self.messages.add(self.now, level, text.into(), None);
        self.dirty = true;
    }

    /// Makes the rows of the screen that is shown anew. Says whether anything is different now.
    fn refresh(&mut self) -> bool {
        // The first row of every screen is its title.
        let room = layout::rows(self.size.1).body.saturating_sub(1);
        let survey = &self.surveying.told;
        let lint = self.linting.told.as_deref();
        let world = World {
            picture: &self.picture,
            board: &self.board,
            survey,
            drift: &self.drift,
            done: &self.done,
            lint,
            now: self.now,
        };
        match self.views.top_mut() {
            Screen::List(screen) => {
                screen.list.fit(usize::from(room));
                screen.refresh(world)
            }
            Screen::Logs(log) => {
                log.view.resize(self.size.0, room);
                true
            }
            Screen::Plan(plan) => {
                plan.resize(self.size.0, room);
                true
            }
            Screen::Page(page) => {
                page.resize(self.size.0, room);
                page.refresh(world);
                true
            }
            Screen::Overview(_) => true,
        }
    }

    /// Tells open logs the names of replicas and nodes.
    fn learn(&mut self) {
        for screen in self.views.open_mut() {
            if let Screen::Logs(log) = screen {
                log.view.learn(&self.picture);
            }
        }
    }

    /// Filters and sorts the list that is shown again.
    fn arrange(&mut self) {
        let world = (self.picture.as_ref(), self.board.as_ref());
        if let Screen::List(screen) = self.views.top_mut() {
            screen.list.arrange(world);
        }
    }
}

#[cfg(test)]
mod course_tests;
#[cfg(test)]
mod duty_tests;
#[cfg(test)]
mod folder_tests;
#[cfg(test)]
mod leaving_tests;
#[cfg(test)]
mod reach_tests;
#[cfg(test)]
mod redeploy_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trial;
