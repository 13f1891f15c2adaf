//! A shell that is being opened: the screen stays meanwhile, and what is typed is kept for the shell.

use crossterm::event::{Event, KeyCode, KeyModifiers};
use tokio_util::task::AbortOnDropHandle;

use super::handover::{self, Opened};
use super::typed;
use crate::diag::Diagnostic;
use crate::hub::Handle;
use crate::jobs::{Shell, ShellWish};
use crate::model::Inside;

/// What was typed ahead is kept up to so many bytes.
const AHEAD: usize = 64 * 1024;

/// A shell on its way. Dropping it gives it up.
#[derive(Debug)]
pub struct Opening {
    shell: AbortOnDropHandle<Result<Shell, Diagnostic>>,
    inside: Inside,
    node: String,
    typed: Vec<u8>,
}

/// What an event came to while a shell opens.
#[derive(Debug, PartialEq, Eq)]
pub enum Took {
    /// It was a key, and is kept for the shell.
    Key,
    /// The operator does not want the shell any more.
    GaveUp(String),
    /// It was no key.
    Nothing,
}

impl Opening {
    /// Begins to open one.
    pub fn begin(handle: &Handle, inside: Inside) -> Self {
        let node = handle.swarm.latest().swarm.hostname(&inside.node).to_owned();
        let wish =
            ShellWish { inside: inside.clone(), words: Vec::new(), terminal: Some(handover::size()), input: true };
        Self { shell: handle.shell(wish), inside, node, typed: Vec::new() }
    }

    /// Waits until it is there or will not be; for ever where none is opened.
    pub async fn next(opening: &mut Option<Self>) -> Result<Opened, (String, Diagnostic)> {
        let Some(waiting) = opening else { return std::future::pending().await };
        let outcome = (&mut waiting.shell).await;
        let Some(Self { inside, node, typed, .. }) = opening.take() else { return std::future::pending().await };
        match outcome {
            Ok(Ok(shell)) => Ok(Opened { shell, inside, node, typed }),
            Ok(Err(fault)) => Err((inside.name, fault)),
            Err(error) => {
                let fault =
                    Diagnostic::new("the opening of a shell broke off: this is a bug in quarterdeck", "try again");
                Err((inside.name, fault.because(error.to_string())))
            }
        }
    }

    /// Takes what was typed.
    pub fn take(&mut self, event: &Event) -> Took {
        if let Event::Key(key) = event
            && (key.code == KeyCode::Esc
                || (key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL)))
        {
            return Took::GaveUp(self.inside.name.clone());
        }
        let bytes = typed::bytes(event);
        if !matches!(event, Event::Key(_) | Event::Paste(_)) {
            return Took::Nothing;
        }
        if self.typed.len() + bytes.len() <= AHEAD {
            self.typed.extend(bytes);
        }
        Took::Key
    }
}
