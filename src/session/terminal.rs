//! The terminal taken over and, whatever happens, given back: after quit, panic, signal, or a parent that died.

use std::io::{self, Write, stdout};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};

/// The terminal without echo, and with all keys for us, Ctrl-C included. Dropping it undoes that.
#[derive(Debug)]
pub struct Hushed(());

impl Hushed {
    /// Takes the keys.
    ///
    /// # Errors
    /// If there is no terminal.
    pub fn take() -> io::Result<Self> {
        enable_raw_mode().map(|()| Self(()))
    }
}

impl Drop for Hushed {
    fn drop(&mut self) {
        let _ = disable_raw_mode();
    }
}

/// The thread that draws on the terminal, while it is ours; the panic hook asks for it.
static OWNER: Mutex<Option<ThreadId>> = Mutex::new(None);

/// The terminal in raw mode on its alternate screen. Dropping it gives the terminal back.
#[derive(Debug)]
pub struct Taken(());

impl Taken {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// If the terminal does not go into raw mode; then it is left as it was.
    pub fn take() -> io::Result<Self> {
        enable_raw_mode()?;
        *owner() = Some(thread::current().id());
        let taken = Self(());
        execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide, SetTitle("quarterdeck"))?;
        Ok(taken)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

/// The terminal is ours at the moment, and another thread than this one draws on it.
#[must_use]
pub fn is_drawn_elsewhere() -> bool {
    owner().is_some_and(|owner| owner != thread::current().id())
}

fn owner() -> MutexGuard<'static, Option<ThreadId>> {
    OWNER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives the terminal back, once. Errors are not told: there may be no one left to tell.
pub fn give_back() {
    if owner().take().is_some() {
        let _ = execute!(stdout(), DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
        let _ = disable_raw_mode();
        let _ = stdout().flush();
    }
}

/// Puts text on the clipboard of the terminal the operator sits at, also through SSH (OSC 52).
///
/// # Errors
/// If the terminal cannot be written to.
pub fn copy(text: &str) -> io::Result<()> {
    execute!(stdout(), CopyToClipboard::to_clipboard_from(text))
}
