//! A log on screen: whose it is, which lines were asked for, and by which tail they come.

use super::logs::LogsView;
use super::screen::name;
use super::{App, Effect, Level, LogIntent, Screen, Subject, TailId};
use crate::diag::Diagnostic;
use crate::model::{LogLine, LogQuery, LogTarget, Picture};

/// A log on screen.
#[derive(Debug, Clone)]
pub struct LogsScreen {
    /// Whose.
    pub subject: Subject,
    /// The lines.
    pub view: LogsView,
    /// Which lines are asked for.
    pub query: LogQuery,
    /// Tails begun before it was opened: the same log may lie open twice, and each wants its lines.
    turn: u64,
}

impl LogsScreen {
    /// The log of a service or of a task; of nothing else.
    #[must_use]
    pub fn of(subject: Subject, picture: &Picture) -> Option<Self> {
        let tty = |id| picture.swarm.services.get(id).is_some_and(|service| service.tty);
        let target = match &subject {
            Subject::Service(id) => LogTarget::Service { id: id.clone(), tty: tty(id) },
            Subject::Task(service, id) => {
                LogTarget::Task { id: id.clone(), service: service.clone(), tty: tty(service) }
            }
            _ => return None,
        };
        let mut view = LogsView::new(target, name(&subject, picture));
        view.learn(picture);
        let query = view.query();
        Some(Self { subject, view, query, turn: 0 })
    }
}

impl App {
    pub(super) fn logs(&mut self) {
        match self.views.top().subject(&self.picture) {
            Some(subject) => self.logs_of(subject),
            None => self.tell(Level::Warning, "nothing is selected"),
        }
    }

    pub(super) fn logs_of(&mut self, subject: Subject) {
        if matches!(self.views.top(), Screen::Logs(log) if log.subject == subject) {
            return;
        }
        match LogsScreen::of(subject.clone(), &self.picture) {
            Some(mut screen) => {
                screen.turn = self.tails;
                self.last_log = Some(subject);
                self.views.push(Screen::Logs(Box::new(screen)));
                self.refresh();
            }
            None => {
                let text = format!("a {} has no log of its own: point at a service or a task", subject.kind());
                self.tell(Level::Warning, text);
            }
        }
    }

    pub(super) fn in_log(&mut self, intent: LogIntent) {
        let now = self.now;
        match self.views.top_mut() {
            Screen::Logs(screen) => {
                if let Some(query) = screen.view.apply(intent, now) {
                    screen.query = query;
                }
            }
            Screen::Page(page) if intent == LogIntent::NextMatch => page.go_to_found(true),
            Screen::Page(page) if intent == LogIntent::PreviousMatch => page.go_to_found(false),
            _ => {}
        }
    }

    /// The log that gets the lines: the uppermost of those open.
    fn open_log(&mut self) -> Option<&mut LogsScreen> {
        self.views.open_mut().rev().find_map(|screen| match screen {
            Screen::Logs(logs) => Some(logs.as_mut()),
            _ => None,
        })
    }

    fn is_log_shown(&self) -> bool {
        matches!(self.views.top(), Screen::Logs(_))
    }

    pub(super) fn on_lines(&mut self, tail: TailId, lines: Vec<LogLine>, dropped: u64) -> Vec<Effect> {
        if self.tail.as_ref().is_some_and(|(id, _)| *id == tail)
            && let Some(log) = self.open_log()
        {
            log.view.lines(lines, dropped);
            self.dirty |= self.is_log_shown();
        }
        Vec::new()
    }

    pub(super) fn on_tail_ended(&mut self, tail: TailId, fault: Option<Diagnostic>) -> Vec<Effect> {
        let now = self.now;
        if self.tail.as_ref().is_some_and(|(id, _)| *id == tail)
            && let Some(log) = self.open_log()
        {
            let why = fault.as_ref().map_or_else(|| "the log ends here".to_owned(), Diagnostic::line);
            log.view.ended(&why, Some(now));
            self.dirty |= self.is_log_shown();
        }
        Vec::new()
    }

    /// Begins the tail that the open screens want, and ends the one that none wants.
    pub(super) fn settle_tail(&mut self, effects: &mut Vec<Effect>) {
        let wanted = self.open_log().map(|log| (log.turn, log.query.clone()));
        if wanted.as_ref() == self.tail.as_ref().map(|(_, wanted)| wanted) {
            return;
        }
        match wanted {
            Some((turn, query)) => {
                self.tails += 1;
                let id = TailId(self.tails);
                if let Some(log) = self.open_log() {
                    // The lines come again from the start of the new tail.
                    log.view.clear();
                }
                self.tail = Some((id, (turn, query.clone())));
                effects.push(Effect::Tail { id, query });
            }
            None => {
                self.tail = None;
                effects.push(Effect::StopTail);
            }
        }
    }
}
