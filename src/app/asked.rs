//! A question that came from below (is this host known, what is the passphrase), and the answer being given.
//! A secret is never shown, printed or kept: it is typed, handed down and forgotten.

use std::fmt;

use jiff::SignedDuration;
use zeroize::Zeroizing;

use super::keymap::{Intent, Move};
use super::{App, Effect, Popup};
use crate::ask::{Answer, Question, Wants};

/// The number of a question, so that an answer finds its way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AskId(pub u64);

/// A question on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// Its number.
    pub id: AskId,
    /// What is asked.
    pub question: Question,
    /// What was typed, where a secret is wanted.
    pub typed: Hidden,
    /// The cursor is on the button that consents. It never is when the question opens.
    pub on_yes: bool,
    /// Rows scrolled away.
    pub scroll: usize,
}

/// A secret while it is typed. Overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(Zeroizing<String>);

/// For so long after it opened by itself, a question takes no answer: what is typed was meant for what it lies over.
const UNSEEN: SignedDuration = SignedDuration::from_millis(500);

/// Room for any passphrase, so that typing leaves no copies behind in memory.
const ROOM: usize = 512;

impl Default for Hidden {
    fn default() -> Self {
        Self(Zeroizing::new(String::with_capacity(ROOM)))
    }
}

impl Hidden {
    /// How many characters there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.chars().count()
    }

    /// Nothing was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn push(&mut self, c: char) {
        if self.0.len() + c.len_utf8() <= ROOM {
            self.0.push(c);
        }
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

impl App {
    /// A question came: it lies above all else until it is answered, but never over a line that is being typed.
    pub(super) fn on_asked(&mut self, id: AskId, question: Question) -> Vec<Effect> {
        self.held.push_back(Asking { id, question, typed: Hidden::default(), on_yes: false, scroll: 0 });
        self.dirty = true;
        Vec::new()
    }

    /// Shows the questions that were held back, once nothing is typed any more.
    pub(super) fn show_held(&mut self) {
        let typing = matches!(self.popups.last(), Some(Popup::Confirm(confirm)) if confirm.typing.is_some());
        if self.prompt.is_some() || typing {
            return;
        }
        while let Some(asking) = self.held.pop_front() {
            self.open_unbidden(Popup::Ask(asking));
        }
    }

    /// Questions wait until what is typed is sent or closed.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Opens what no key has asked for just now.
    pub(super) fn open_unbidden(&mut self, popup: Popup) {
        self.popups.push(popup);
        self.mark_unbidden();
        self.dirty = true;
    }

    /// What lies uppermost opened by itself just now.
    pub(super) fn mark_unbidden(&mut self) {
        self.unseen_until = self.now.checked_add(UNSEEN).ok();
    }

    /// This key would answer a question that nobody can have read yet. Going to the other button shows that it was.
    pub(super) fn is_too_early(&mut self, key: &str, intent: Option<Intent>) -> bool {
        let asks = match self.popups.last() {
            Some(Popup::Ask(asking)) => Some(asking.question.wants),
            Some(_) => None,
            None => {
                self.unseen_until = None;
                return false;
            }
        };
        if self.unseen_until.is_none_or(|until| until <= self.now) {
            return false;
        }
        if turns(key) && asks != Some(Wants::Secret) {
            self.unseen_until = None;
            return false;
        }
        if scrolls(key).is_some() {
            return false;
        }
        asks.is_some() || matches!(intent, Some(Intent::Open | Intent::Back | Intent::Move(Move::Left | Move::Right)))
    }

    /// A key while a question is uppermost.
    pub(super) fn in_question(&mut self, key: &str) -> Vec<Effect> {
        if let Some(step) = scrolls(key) {
            self.scroll(step);
            return Vec::new();
        }
        let Some(Popup::Ask(asking)) = self.popups.last_mut() else { return Vec::new() };
        self.dirty = true;
        match (key, asking.question.wants) {
            ("enter", Wants::Secret) => {
                let secret = std::mem::take(&mut asking.typed).0;
                self.answer(Answer::Secret(secret))
            }
            ("enter", Wants::Consent(_)) => {
                let answer = if asking.on_yes { Answer::Yes } else { Answer::No };
                self.answer(answer)
            }
            ("esc", _) => self.answer(Answer::No),
            (key, Wants::Secret) => {
                asking.key(key);
                Vec::new()
            }
            (key, Wants::Consent(_)) => {
                asking.on_yes ^= turns(key);
                Vec::new()
            }
        }
    }

    /// Pasted text goes into a secret that is being typed. Says whether it did.
    pub(super) fn paste_secret(&mut self, text: &str) -> bool {
        let early = self.is_too_early("", None);
        let Some(Popup::Ask(asking)) = self.popups.last_mut() else { return false };
        if asking.question.wants == Wants::Secret && !early {
            text.chars().for_each(|c| asking.typed.push(c));
            self.dirty = true;
        }
        true
    }

    fn answer(&mut self, answer: Answer) -> Vec<Effect> {
        match self.popups.pop() {
            Some(Popup::Ask(asking)) => vec![Effect::Answer(asking.id, answer)],
            _ => Vec::new(),
        }
    }
}

/// The keys that scroll where letters may be part of a secret.
fn scrolls(key: &str) -> Option<Move> {
    match key {
        "up" => Some(Move::Up),
        "down" => Some(Move::Down),
        "pgup" => Some(Move::PageUp),
        "pgdn" => Some(Move::PageDown),
        _ => None,
    }
}

/// The keys that go to the other button of a question from below. No letters: those belong to what was being typed.
fn turns(key: &str) -> bool {
    matches!(key, "tab" | "shift-tab" | "left" | "right")
}

impl Asking {
    fn key(&mut self, key: &str) {
        let mut letters = key.chars();
        match (key, letters.next(), letters.next()) {
            ("space", ..) => self.typed.push(' '),
            ("backspace" | "ctrl-h", ..) => {
                self.typed.0.pop();
            }
            ("ctrl-u", ..) => self.typed = Hidden::default(),
            (_, Some(c), None) if !c.is_control() => self.typed.push(c),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Msg, Settings};
    use super::*;

    fn asked(wants: Wants) -> App {
        let mut app = App::new(Settings::default());
        let question = Question { title: "barbary".to_owned(), lines: vec!["SHA256:x".to_owned()], wants };
        app.update(Msg::Asked(AskId(7), question));
        app
    }

    fn keys(app: &mut App, keys: &[&str]) -> Vec<Effect> {
        keys.iter().flat_map(|key| app.update(Msg::Key((*key).to_owned()))).collect()
    }

    /// The operator has had the time to read it.
    fn read(mut app: App) -> App {
        let later = app.now().checked_add(UNSEEN).unwrap();
        app.update(Msg::Tick(later));
        app
    }

    #[test]
    fn a_host_is_trusted_only_after_the_cursor_was_moved_there() {
        let asked = || asked(Wants::Consent("Trust"));
        assert_eq!(keys(&mut read(asked()), &["enter"]), [Effect::Answer(AskId(7), Answer::No)]);
        assert_eq!(keys(&mut asked(), &["tab", "enter"]), [Effect::Answer(AskId(7), Answer::Yes)]);
        assert_eq!(keys(&mut asked(), &["tab", "esc"]), [Effect::Answer(AskId(7), Answer::No)]);
    }

    #[test]
    fn what_was_being_typed_answers_no_question_that_opens_by_itself() {
        for wants in [Wants::Consent("Trust"), Wants::Secret] {
            // On a screen: the keys come right after it.
            let mut app = asked(wants);
            assert_eq!(keys(&mut app, &["l", "h", "l", "enter", "esc"]), []);
            assert!(
                matches!(app.popups(), [Popup::Ask(asking)] if !asking.on_yes && asking.typed.is_empty()),
                "{wants:?}"
            );
            // In a line: it waits until the line is closed, and is told there.
            let mut app = App::new(Settings::default());
            keys(&mut app, &[":"]);
            let question = Question { title: "barbary".to_owned(), lines: Vec::new(), wants };
            app.update(Msg::Asked(AskId(8), question));
            assert!(app.popups().is_empty() && app.is_holding(), "{wants:?}");
            assert_eq!(keys(&mut app, &["q", "u", "e", "u", "e", "enter"]), []);
            assert!(matches!(app.popups(), [Popup::Ask(asking)] if asking.typed.is_empty()), "{wants:?}");
            assert!(!app.is_holding());
        }
    }

    #[test]
    fn a_secret_is_typed_corrected_and_handed_down_and_no_debug_print_shows_it() {
        let mut app = read(asked(Wants::Secret));
        assert_eq!(keys(&mut app, &["h", "q", "x", "backspace", "space", ":"]), []);
        assert!(!format!("{app:?}").contains("hq"), "a secret can be read in a debug print");
        let sent = keys(&mut app, &["enter"]);
        assert_eq!(sent, [Effect::Answer(AskId(7), Answer::Secret(Zeroizing::new("hq :".to_owned())))]);
        assert!(!format!("{sent:?}").contains("hq"));
        assert!(app.popups().is_empty());
    }
}
