//! A question that only the operator can answer (is this host known, what is the passphrase), asked from below while
//! the screen goes on. Whoever sits in front answers: the console with a popup, a verb on the terminal, or nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

/// Questions that wait to be shown; more than these wait at the asker.
const WAITING: usize = 16;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// In a few words, such as "barbary is not known yet".
    pub title: String,
    /// What there is to know before answering, a line each.
    pub lines: Vec<String>,
    /// What kind of answer is wanted.
    pub wants: Wants,
}

/// Kinds of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    /// Yes or no; the word for yes, such as "Trust".
    Consent(&'static str),
    /// A password or passphrase, not shown while it is typed.
    Secret,
}

/// What was answered.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// The secret.
    Secret(Zeroizing<String>),
    /// No, or nobody was there.
    No,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Answer::Yes => "Yes",
            Answer::Secret(_) => "Secret(…)",
            Answer::No => "No",
        })
    }
}

/// A question and the way back to who asked.
#[derive(Debug)]
pub struct Asked {
    /// What is asked.
    pub question: Question,
    reply: oneshot::Sender<Answer>,
}

impl Asked {
    /// Answers. Dropping it unanswered is a no.
    pub fn answer(self, answer: Answer) {
        // Who asked may have given up meanwhile.
        let _gone = self.reply.send(answer);
    }
}

/// The way to the operator. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Asker(Option<Way>);

#[derive(Debug, Clone)]
struct Way {
    to: mpsc::Sender<Asked>,
    open: Arc<AtomicUsize>,
}

/// A question that is open, until who asks has his answer or gives up.
struct Open<'a>(&'a AtomicUsize);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Asker {
    /// An asker, and where its questions come out. Full: who asks waits.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<Asked>) {
        let (to, from) = mpsc::channel(WAITING);
        (Self(Some(Way { to, open: Arc::default() })), from)
    }

    /// Nobody is there: every answer is no.
    #[must_use]
    pub fn nobody() -> Self {
        Self(None)
    }

    /// Somebody asks, and has no answer yet: no time that passes meanwhile is the network's.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.0.as_ref().is_some_and(|way| way.open.load(Ordering::Relaxed) > 0)
    }

    /// Asks and waits for the answer.
    pub async fn ask(&self, question: Question) -> Answer {
        let Some(Way { to, open }) = &self.0 else { return Answer::No };
        open.fetch_add(1, Ordering::Relaxed);
        let _open = Open(open);
        let (reply, answered) = oneshot::channel();
        if to.send(Asked { question, reply }).await.is_err() {
            return Answer::No;
        }
        answered.await.unwrap_or(Answer::No)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Question {
        Question { title: "who is there".to_owned(), lines: Vec::new(), wants: Wants::Secret }
    }

    #[tokio::test]
    async fn an_answer_comes_back_to_who_asked() {
        let (asker, mut asked) = Asker::new();
        let other = asker.clone();
        let waiting = tokio::spawn(async move { asker.ask(question()).await });
        let question = asked.recv().await.unwrap();
        assert!(other.is_asking());
        question.answer(Answer::Yes);
        assert_eq!(waiting.await.unwrap(), Answer::Yes);
        assert!(!other.is_asking());
    }

    #[tokio::test]
    async fn where_nobody_is_the_answer_is_no() {
        assert_eq!(Asker::nobody().ask(question()).await, Answer::No);
        let (asker, asked) = Asker::new();
        drop(asked);
        assert_eq!(asker.ask(question()).await, Answer::No);
    }
}
