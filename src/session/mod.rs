//! The loop: the only place where the eye and the hand meet in time. It awaits channels and timers, never the network.

mod ending;
mod handover;
mod input;
mod lines;
mod lints;
mod looks;
mod opening;
mod outlooks;
mod plans;
mod questions;
mod runs;
mod stopping;
mod terminal;
mod typed;

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures_util::{Stream, StreamExt};
use ratatui::Terminal;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::layout::Rect;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::app::{App, Effect, Msg, Settings};
use crate::diag::Diagnostic;
use crate::hub::{Against, Done, Handle, Reader};
use crate::view::frame;
use crate::view::theme::Theme;
use handover::Opened;
use lines::Lines;
use lints::Lints;
use looks::Looks;
use opening::Opening;
use outlooks::Outlooks;
use plans::Plans;
use runs::Runs;

pub use ending::SessionError;
pub use handover::{give, size};
pub use questions::Questions;
pub use terminal::{Hushed, give_back, is_drawn_elsewhere, unhush};

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(30);
/// Time is told to the app no more often than this.
const TICK: Duration = Duration::from_secs(1);

/// Why a session stopped running.
#[derive(Debug)]
pub enum Left {
    /// The operator leaves, or the keys have ended.
    Over,
    /// A shell wants the terminal; the session goes on after it.
    Shell(Box<Opened>),
}

/// One operator at one terminal.
#[derive(Debug)]
pub struct Session<B: Backend> {
    terminal: Terminal<B>,
    app: App,
    handle: Handle,
    theme: Theme,
    lines: Lines,
    looks: Looks,
    runs: Runs,
    questions: Questions,
    plans: Plans,
    lints: Lints,
    outlooks: Outlooks,
    /// How stacks stand to their files; asked for when the session runs first.
    drift: Option<Against>,
    /// What was done; asked for at the same time.
    done: Option<Done>,
    opening: Option<Opening>,
    /// A shell that is there and waits for the terminal.
    opened: Option<Box<Opened>>,
    drawn: Option<Instant>,
    told_time: Instant,
    /// The process was stopped, and goes on.
    goes_on: Arc<Notify>,
    over: bool,
}

/// Runs the console on this process's terminal until the operator leaves or the process should end.
///
/// # Errors
/// If the terminal cannot be used. It is given back in every case.
pub async fn console(
    handle: Handle,
    settings: Settings,
    theme: Theme,
    faults: Vec<Diagnostic>,
    questions: Questions,
) -> Result<(), SessionError> {
    let broken = |error: std::io::Error| SessionError::Terminal(error.to_string());
    // Before the terminal is taken: whoever ends or stops it from then on finds it given back.
    let ending = ending::ending().map_err(broken)?;
    let goes_on = Arc::new(Notify::new());
    let stopping = stopping::stopping(Arc::clone(&goes_on)).map_err(broken)?;
    let mut taken = terminal::Taken::take().map_err(broken)?;
    let backend = CrosstermBackend::new(std::io::BufWriter::with_capacity(1 << 16, std::io::stdout()));
    let mut session =
        Session::new(Terminal::new(backend).map_err(broken)?, handle, settings, theme).answering(questions);
    session.goes_on = goes_on;
    for fault in faults {
        session.tell(Msg::Fault(fault));
    }
    let working = async {
        loop {
            match session.run(EventStream::new()).await? {
                Left::Over => return Ok(()),
                Left::Shell(opened) => {
                    let name = opened.inside.name.clone();
                    let ended = handover::lend(&mut taken, *opened).await;
                    session.is_back(name, ended)?;
                }
            }
        }
    };
    let result = tokio::select! {
        result = working => result,
        why = ending => {
            tracing::info!(?why, "the session ends");
            Ok(())
        }
        () = stopping => Ok(()),
    };
    drop(session);
    drop(taken);
    result
}

/// The next of what is told; never where nobody tells it.
async fn newer<T>(reader: &mut Option<Reader<T>>) -> Arc<T> {
    match reader {
        Some(reader) => match reader.changed().await {
            Ok(newer) => newer,
            Err(_) => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}

impl<B: Backend> Session<B> {
    /// A session that has drawn nothing yet.
    pub fn new(terminal: Terminal<B>, handle: Handle, settings: Settings, theme: Theme) -> Self {
        let mut app = App::new(settings);
        app.update(Msg::Tick(handle.clock.now()));
        if let Ok(size) = terminal.size() {
            app.update(Msg::Size { width: size.width, height: size.height });
        }
        Self {
            terminal,
            app,
            handle,
            theme,
            lines: Lines::default(),
            looks: Looks::default(),
            runs: Runs::default(),
            questions: Questions::default(),
            plans: Plans::default(),
            lints: Lints::default(),
            outlooks: Outlooks::default(),
            drift: None,
            done: None,
            opening: None,
            opened: None,
            drawn: None,
            told_time: Instant::now(),
            goes_on: Arc::default(),
            over: false,
        }
    }

    /// The same session, which shows these questions and takes the answers.
    #[must_use]
    pub fn answering(mut self, questions: Questions) -> Self {
        self.questions = questions;
        self
    }

    /// What the session shows, for tests.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The terminal, for tests.
    pub fn terminal(&self) -> &Terminal<B> {
        &self.terminal
    }

    /// Runs until the operator leaves, the keys end, or a shell wants the terminal.
    ///
    /// # Errors
    /// If the terminal cannot be drawn on.
    pub async fn run(&mut self, keys: impl Stream<Item = std::io::Result<Event>>) -> Result<Left, SessionError> {
        let keys = keys.ready_chunks(64);
        tokio::pin!(keys);
        let picture = self.handle.swarm.snapshot();
        self.tell(Msg::Swarm(picture));
        // What has ended by now is no news; whatever ends from here on is, however quick it was.
        let board = self.handle.board.snapshot();
        self.tell(Msg::Board(board));
        let drift = self.drift.get_or_insert_with(|| self.handle.drift(self.handle.stop.clone())).snapshot();
        self.tell(Msg::Drift(drift));
        let done = self.done.get_or_insert_with(|| self.handle.history(self.handle.stop.clone())).snapshot();
        self.tell(Msg::Done(done));
        self.draw()?;
        while !self.over {
            self.step(&mut keys).await?;
            if let Some(opened) = self.opened.take() {
                return Ok(Left::Shell(opened));
            }
            if self.drawn.is_none_or(|at| at.elapsed() >= FRAME) {
                self.draw()?;
            }
        }
        Ok(Left::Over)
    }

    /// Takes the terminal up again after a shell.
    fn is_back(&mut self, name: String, ended: Result<Option<i64>, Diagnostic>) -> Result<(), SessionError> {
        self.begin_anew()?;
        self.tell(Msg::ShellEnded(name, ended));
        Ok(())
    }

    /// Nothing of what was drawn stands any more.
    fn begin_anew(&mut self) -> Result<(), SessionError> {
        let broken = |error: B::Error| SessionError::Terminal(error.to_string());
        // Not `clear`: it asks the terminal where its cursor is, and the answer would have to be picked out of the keys.
        let size = self.terminal.size().map_err(broken)?;
        self.terminal.resize(Rect::new(0, 0, size.width, size.height)).map_err(broken)?;
        self.tell_time();
        self.tell(Msg::Size { width: size.width, height: size.height });
        self.app.redraw();
        self.drawn = None;
        Ok(())
    }

    /// Waits for one thing to happen, and takes it in.
    async fn step(
        &mut self,
        keys: &mut (impl Stream<Item = Vec<std::io::Result<Event>>> + Unpin),
    ) -> Result<(), SessionError> {
        let due = self.drawn.map(|at| at + FRAME);
        let stays = self.app.stays().map(|stays| TICK.max(stays.unsigned_abs()));
        tokio::select! {
            biased;
            () = self.handle.stop.cancelled() => self.over = true,
            events = keys.next() => match events {
                None => self.over = true,
                Some(events) => for event in events {
                    self.tell_time();
                    self.on_event(event.map_err(|error| SessionError::Terminal(error.to_string()))?);
                },
            },
            () = self.goes_on.notified() => self.begin_anew()?,
            outcome = Opening::next(&mut self.opening) => {
                self.tell_time();
                match outcome {
                    Ok(opened) => self.opened = Some(Box::new(opened)),
                    Err((name, fault)) => self.tell(Msg::ShellEnded(name, Err(fault))),
                }
            }
            Ok(board) = self.handle.board.changed() => {
                self.tell_time();
                self.tell(Msg::Board(board));
            }
            swarm = self.handle.swarm.changed() => match swarm {
                Ok(swarm) => {
                    self.tell_time();
                    self.tell(Msg::Swarm(swarm));
                }
                Err(_) => return Err(SessionError::Bug),
            },
            Some(msg) = self.lines.next() => self.tell(msg),
            msg = self.looks.next() => self.tell(msg),
            msg = self.runs.next() => self.tell(msg),
            // What opens by itself is counted from now.
            msg = self.questions.next() => self.tell_now(msg),
            msg = self.plans.next() => self.tell_now(msg),
            msg = self.lints.next() => self.tell(msg),
            msg = self.outlooks.next() => self.tell_now(msg),
            drift = newer(&mut self.drift) => self.tell(Msg::Drift(drift)),
            done = newer(&mut self.done) => self.tell(Msg::Done(done)),
            () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if self.app.is_dirty() => {}
            () = tokio::time::sleep_until(self.told_time + stays.unwrap_or_default()), if stays.is_some() => {
                self.tell_time();
            }
        }
        Ok(())
    }

    /// What is typed goes to the shell that opens, unless a question has to be answered first.
    fn on_event(&mut self, event: Event) {
        if let (Some(opening), false) = (&mut self.opening, self.app.is_asked()) {
            match opening.take(&event) {
                opening::Took::Key => return,
                opening::Took::GaveUp(name) => {
                    self.opening = None;
                    self.tell(Msg::ShellGivenUp(name));
                    return;
                }
                opening::Took::Nothing => {}
            }
        }
        if let Some(msg) = input::message(event) {
            self.tell(msg);
        }
    }

    fn tell_time(&mut self) {
        self.told_time = Instant::now();
        self.tell(Msg::Tick(self.handle.clock.now()));
    }

    fn tell_now(&mut self, msg: Msg) {
        self.tell_time();
        self.tell(msg);
    }

    fn tell(&mut self, msg: Msg) {
        for effect in self.app.update(msg) {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Submit(action) => {
                self.outlooks.agree(&self.handle, &action);
                let submitted = self.handle.submit(action);
                self.tell(Msg::Submitted(submitted));
            }
            Effect::Cancel(jobs) => self.handle.cancel_all(jobs),
            Effect::Tail { id, query } => self.lines.begin(&self.handle, id, query),
            Effect::StopTail => self.lines.end(),
            Effect::Look { id, asked, of } => self.looks.begin(&self.handle, id, (asked, of)),
            Effect::StopLook => self.looks.end(),
            Effect::Run { id, line, nodes } => self.runs.begin(&self.handle, id, (&line, &nodes)),
            Effect::StopRun => self.runs.end(),
            Effect::Shell(inside) => self.opening = Some(Opening::begin(&self.handle, inside)),
            Effect::Answer(id, answer) => {
                self.questions.answer(id, answer);
                // Who asked goes on now; a look that gave up meanwhile is taken up again.
                self.handle.nudge();
            }
            Effect::Nudge => self.handle.nudge(),
            Effect::Copy(text) => {
                if let Err(error) = terminal::copy(&text) {
                    let fault = Diagnostic::new("the terminal took no copy", "mark the text with the mouse instead");
                    self.tell(Msg::Fault(fault.because(error.to_string())));
                }
            }
            Effect::TakeBack { id, back } => self.plans.take_back(&self.handle, id, back),
            Effect::Finish { id, deed } => self.plans.finish(&self.handle, id, deed),
            Effect::TakeOver(lane) => self.handle.may_take_over(lane),
            Effect::LetBe(job) => {
                if let Err(fault) = self.handle.let_be(&job) {
                    self.tell(Msg::Fault(fault));
                }
            }
            Effect::RollOut { id, all_tasks } => {
                let submitted = self.plans.roll_out(&self.handle, id, all_tasks);
                self.tell(Msg::Submitted(submitted));
            }
            Effect::Plan { id, stack, rotate } => self.plans.begin(&self.handle, id, stack, rotate),
            Effect::PlanSome { id, stacks } => self.plans.begin_some(&self.handle, id, stacks),
            Effect::Sync(id) => self.plans.sync(&self.handle, id),
            Effect::Outlook(stack) => self.outlooks.begin(&self.handle, stack),
            Effect::Lint(id) => self.lints.begin(&self.handle, id),
            Effect::Quit => self.over = true,
        }
    }

    /// Draws a frame if anything visible has changed since the last.
    fn draw(&mut self) -> Result<(), SessionError> {
        if !self.app.take_dirty() {
            return Ok(());
        }
        let (app, theme) = (&self.app, self.theme);
        self.terminal
            .draw(|target| {
                let area = target.area();
                frame(app, theme, area, target.buffer_mut());
            })
            .map_err(|error| SessionError::Terminal(error.to_string()))?;
        self.drawn = Some(Instant::now());
        Ok(())
    }
}
