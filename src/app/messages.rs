//! What the console has to tell: the newest on screen for a while, faults until they are seen, all of it kept.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use crate::diag::Diagnostic;

/// How many messages are kept.
const KEPT: usize = 200;
/// How long one that is no fault stays on screen.
const SHOWN_FOR: SignedDuration = SignedDuration::from_secs(6);

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something went as wished.
    Info,
    /// Something was refused, or is worth a look.
    Warning,
    /// Something went wrong.
    Error,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// When it came.
    pub at: Timestamp,
    /// How much it matters.
    pub level: Level,
    /// One line.
    pub text: String,
    /// All of it, if there is more to say.
    pub fault: Option<Diagnostic>,
    /// How often it came in a row.
    pub times: u64,
    seen: bool,
}

/// All messages.
#[derive(Debug, Clone, Default)]
pub struct Messages {
    kept: VecDeque<Message>,
}

impl Messages {
    /// Adds one; the same again only counts up.
    pub fn add(&mut self, at: Timestamp, level: Level, text: String, fault: Option<Diagnostic>) {
        if let Some(last) = self.kept.back_mut().filter(|last| last.text == text && last.level == level) {
            last.times += 1;
            last.at = at;
            last.seen = false;
            return;
        }
        while self.kept.len() >= KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(Message { at, level, text, fault, times: 1, seen: false });
    }

    /// The one to show now: the newest fault that nobody has seen, else what came just now.
    #[must_use]
    pub fn current(&self, now: Timestamp) -> Option<&Message> {
        let fault = self.kept.iter().rev().find(|message| !message.seen && message.level == Level::Error);
        let fresh = |message: &&Message| !message.seen && now.duration_since(message.at) < SHOWN_FOR;
        self.kept.back().filter(fresh).or(fault)
    }

    /// The message on screen goes by itself before long.
    #[must_use]
    pub fn is_passing(&self, now: Timestamp) -> bool {
        self.kept.back().is_some_and(|message| !message.seen && now.duration_since(message.at) < SHOWN_FOR)
    }

    /// Takes the message on screen as seen. Says whether there was one that would have stayed.
    pub fn dismiss(&mut self, now: Timestamp) -> bool {
        let stays = self.current(now).is_some_and(|message| message.level == Level::Error);
        if let Some(last) = self.kept.back_mut() {
            last.seen |= last.level != Level::Error || stays;
        }
        if stays && let Some(fault) = self.kept.iter_mut().rev().find(|m| !m.seen && m.level == Level::Error) {
            fault.seen = true;
        }
        stays
    }

    /// Takes everything as seen.
    pub fn see_all(&mut self) {
        for message in &mut self.kept {
            message.seen = true;
        }
    }

    /// How many nobody has seen.
    #[must_use]
    pub fn unseen(&self) -> usize {
        self.kept.iter().filter(|message| !message.seen).count()
    }

    /// All of them, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Message> {
        self.kept.iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::noon;

    fn later(seconds: i64) -> Timestamp {
        noon().checked_add(SignedDuration::from_secs(seconds)).unwrap()
    }

    #[test]
    fn a_fault_stays_until_it_is_seen_and_a_success_goes_by_itself() {
        let mut messages = Messages::default();
        messages.add(noon(), Level::Error, "lost".into(), None);
        messages.add(later(1), Level::Info, "done".into(), None);
        assert_eq!(messages.current(later(2)).map(|m| m.text.as_str()), Some("done"));
        assert_eq!(messages.current(later(60)).map(|m| m.text.as_str()), Some("lost"));
        assert!(messages.dismiss(later(60)));
        assert_eq!(messages.current(later(60)), None);
        assert_eq!(messages.newest_first().count(), 2, "what was seen is still kept");
    }

    #[test]
    fn the_same_message_again_only_counts_up() {
        let mut messages = Messages::default();
        messages.add(noon(), Level::Error, "lost".into(), None);
        messages.add(later(5), Level::Error, "lost".into(), None);
        assert_eq!(messages.newest_first().map(|m| m.times).collect::<Vec<_>>(), [2]);
    }
}
