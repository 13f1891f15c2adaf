//! A question that came from below (is this host known, what is the passphrase), and the answer being given.
//! A secret is never shown, printed or kept: it is typed, handed down and forgotten.

use std::fmt;

use zeroize::Zeroizing;

use super::keymap::{self, Intent, Move, Scope, Scopes};
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
}

/// A secret while it is typed. Overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(Zeroizing<String>);

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
    /// A question came: it lies above all else until it is answered.
    pub(super) fn on_asked(&mut self, id: AskId, question: Question) -> Vec<Effect> {
        self.popups.push(Popup::Ask(Asking { id, question, typed: Hidden::default(), on_yes: false }));
        self.dirty = true;
        Vec::new()
    }

    /// A key while a question is uppermost.
    pub(super) fn in_question(&mut self, key: &str) -> Vec<Effect> {
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
            (key, Wants::Consent(_)) => match keymap::intent(Scopes(&[Scope::Dialog]), key) {
                Some(Intent::Move(Move::Left | Move::Right)) => {
                    asking.on_yes = !asking.on_yes;
                    Vec::new()
                }
                Some(Intent::Back) => self.answer(Answer::No),
                _ => Vec::new(),
            },
        }
    }

    /// Pasted text goes into a secret that is being typed. Says whether it did.
    pub(super) fn paste_secret(&mut self, text: &str) -> bool {
        let Some(Popup::Ask(asking)) = self.popups.last_mut() else { return false };
        if asking.question.wants == Wants::Secret {
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

    #[test]
    fn a_host_is_trusted_only_after_the_cursor_was_moved_there() {
        assert_eq!(keys(&mut asked(Wants::Consent("Trust")), &["enter"]), [Effect::Answer(AskId(7), Answer::No)]);
        assert_eq!(
            keys(&mut asked(Wants::Consent("Trust")), &["tab", "enter"]),
            [Effect::Answer(AskId(7), Answer::Yes)]
        );
        assert_eq!(keys(&mut asked(Wants::Consent("Trust")), &["tab", "esc"]), [Effect::Answer(AskId(7), Answer::No)]);
    }

    #[test]
    fn a_secret_is_typed_corrected_and_handed_down_and_no_debug_print_shows_it() {
        let mut app = asked(Wants::Secret);
        assert_eq!(keys(&mut app, &["h", "q", "x", "backspace", "space", ":"]), []);
        assert!(!format!("{app:?}").contains("hq"), "a secret can be read in a debug print");
        let sent = keys(&mut app, &["enter"]);
        assert_eq!(sent, [Effect::Answer(AskId(7), Answer::Secret(Zeroizing::new("hq :".to_owned())))]);
        assert!(!format!("{sent:?}").contains("hq"));
        assert!(app.popups().is_empty());
    }
}
