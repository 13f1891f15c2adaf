//! The terminal in the hands of a shell: raw bytes both ways, its size passed on, and afterwards everything as it was.
//! What the shell says is not made safe here: it is a terminal's own talk, and was asked for.

use std::io::{self, Write, stdout};

use crossterm::terminal;
use futures_util::stream::{self, Stream};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::unix::pipe;
use tokio::signal::unix::{SignalKind, signal};

use super::terminal::{Raw, Taken};
use super::typed;
use crate::diag::Diagnostic;
use crate::jobs::{Shell, relay};
use crate::model::Inside;

/// A shell that was opened for this session, and what was typed meanwhile.
#[derive(Debug)]
pub struct Opened {
    /// The shell.
    pub shell: Shell,
    /// Where it is.
    pub inside: Inside,
    /// The name of its node.
    pub node: String,
    /// Bytes that were typed before it was there.
    pub typed: Vec<u8>,
}

/// Lends the terminal to a shell until it ends; the console is back on it then, whatever happened.
///
/// # Errors
/// With why there is no shell, or why it broke off.
pub async fn lend(taken: &mut Taken, opened: Opened) -> Result<Option<i64>, Diagnostic> {
    let Opened { shell, inside, node, mut typed } = opened;
    typed.extend(typed::left_over());
    let _lent = taken.lend().map_err(|error| unusable(&error))?;
    let hint = format!("[quarterdeck] a shell in {} on {node} · exit or ^D comes back\r\n", inside.name);
    write(hint.as_bytes()).map_err(|error| unusable(&error))?;
    between(shell, typed).await
}

/// Gives this process's terminal to a command until it ends.
///
/// # Errors
/// As `lend`.
pub async fn give(shell: Shell) -> Result<Option<i64>, Diagnostic> {
    let _raw = Raw::take().map_err(|error| unusable(&error))?;
    between(shell, Vec::new()).await
}

/// The columns and rows of this process's terminal.
#[must_use]
pub fn size() -> (u16, u16) {
    terminal::size().unwrap_or((80, 24))
}

async fn between(shell: Shell, typed: Vec<u8>) -> Result<Option<i64>, Diagnostic> {
    let keys = keys().map_err(|error| unusable(&error))?;
    let sizes = sizes().map_err(|error| unusable(&error))?;
    let keys = io::Cursor::new(typed).chain(keys);
    relay(shell, keys, |bytes, _| write(bytes), Box::pin(sizes)).await
}

fn unusable(error: &io::Error) -> Diagnostic {
    Diagnostic::new("the terminal cannot be handed over", "give a command instead: quarterdeck exec NAME -- PROGRAM")
        .because(error.to_string())
}

fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// The keys of the terminal, opened anew: reading them can be given up at any moment, and no byte is taken that nobody
/// reads.
fn keys() -> io::Result<impl AsyncRead + Unpin> {
    let open = |path| pipe::OpenOptions::new().unchecked(true).open_receiver(path);
    open("/proc/self/fd/0").or_else(|_| open("/dev/tty"))
}

/// The sizes that the terminal takes from now on, the present one first: it may have changed while the shell opened.
fn sizes() -> io::Result<impl Stream<Item = (u16, u16)>> {
    let changes = signal(SignalKind::window_change())?;
    Ok(stream::unfold((changes, true), |(mut changes, first)| async move {
        if !first {
            changes.recv().await?;
        }
        Some((size(), (changes, false)))
    }))
}
