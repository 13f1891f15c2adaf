//! Time on screen: which ages are shown, and whether any of them reads differently now.

use jiff::Timestamp;

use super::format::age;
use super::list::Cell;
use super::{App, Effect, Screen, layout};
use crate::action::JobState;
use crate::model::Link;

impl App {
    /// Something on screen counts seconds: ticks are wanted, about one a second. Else time may stand still.
    #[must_use]
    pub fn wants_ticks(&self) -> bool {
        self.messages.is_passing(self.now)
            || matches!(self.picture.swarm.link, Link::Stale { .. })
            || matches!(self.views.top(), Screen::Logs(log) if log.view.per_second > 0)
            || self.moments().any(|moment| self.now.duration_since(moment).as_secs() < 60)
    }

    pub(super) fn on_tick(&mut self, now: Timestamp) -> Vec<Effect> {
        let before = self.now;
        let passed = self.messages.current(before).is_some() != self.messages.current(now).is_some()
            || self.messages.current(before).map(|m| m.at) != self.messages.current(now).map(|m| m.at);
        let aged = self.moments().any(|moment| age(moment, before) != age(moment, now));
        let counts = match &self.picture.swarm.link {
            Link::Stale { retry_at: Some(at), .. } => before < *at || now < *at,
            _ => false,
        };
        self.now = now;
        if let Screen::Logs(log) = self.views.top_mut() {
            let before = log.view.per_second;
            log.view.tick(now);
            self.dirty |= before != log.view.per_second;
        }
        // Ages in the text of a page go by minutes.
        if matches!(self.views.top(), Screen::Page(_)) && before.as_second() / 60 != now.as_second() / 60 {
            self.dirty |= self.refresh();
        }
        self.dirty |= passed || aged || counts;
        Vec::new()
    }

    /// The times whose ages are on screen.
    fn moments(&self) -> impl Iterator<Item = Timestamp> {
        let page = usize::from(layout::rows(self.size.1).body);
        let (mut shown, mut about) = (Vec::new(), Vec::new());
        match self.views.top() {
            Screen::List(screen) => {
                let cells = screen.list.on_screen(page).flat_map(|(_, row)| &row.cells);
                shown.extend(cells.filter_map(|cell| if let Cell::When(at) = cell { *at } else { None }));
            }
            Screen::Overview(_) => {
                about.extend(self.picture.troubles.iter().filter_map(|trouble| trouble.since));
            }
            Screen::Logs(_) | Screen::Page(_) => {}
        }
        let stale = match &self.picture.swarm.link {
            Link::Stale { since, .. } => Some(*since),
            _ => None,
        };
        let running = self.board.jobs.iter().filter(|job| matches!(job.state, JobState::Running));
        let running = running
            .filter_map(|job| job.started)
            .filter(|_| matches!(self.views.top(), Screen::List(s) if s.what == super::screens::What::Queue));
        shown.into_iter().chain(about).chain(stale).chain(running.collect::<Vec<_>>())
    }
}
