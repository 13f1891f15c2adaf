//! Time on screen: which ages are shown, and whether any of them reads differently now.

use jiff::{SignedDuration, Timestamp};

use super::format::{age, age_stays};
use super::list::Cell;
use super::{App, Effect, Popup, Screen, layout};
use crate::model::Link;

impl App {
    /// How long from now until something on screen reads differently by itself. None: time may stand still.
    #[must_use]
    pub fn stays(&self) -> Option<SignedDuration> {
        let counts = self.messages.is_passing(self.now)
            || matches!(self.picture.swarm.link, Link::Stale { retry_at: Some(at), .. } if self.now < at)
            || matches!(self.views.top(), Screen::Logs(log) if log.view.per_second > 0);
        let counts = counts || self.shows_own_log();
        let second = counts.then_some(SignedDuration::from_secs(1));
        let page = matches!(self.views.top(), Screen::Page(_)).then_some(SignedDuration::from_mins(1));
        self.moments().map(|moment| age_stays(moment, self.now)).chain(second).chain(page).min()
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
        self.dirty |= passed || aged || counts || self.shows_own_log();
        Vec::new()
    }

    fn shows_own_log(&self) -> bool {
        matches!(self.popups.last(), Some(Popup::OwnLog))
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
            Screen::Logs(_) | Screen::Page(_) | Screen::Plan(_) => {}
        }
        let stale = match &self.picture.swarm.link {
            Link::Stale { since, .. } => Some(*since),
            _ => None,
        };
        let told = matches!(self.popups.last(), Some(Popup::Messages { .. }));
        let messages = self.messages.newest_first().filter(move |_| told).map(|message| message.at);
        shown.into_iter().chain(about).chain(stale).chain(messages)
    }
}
