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
        unhush();
    }
}

/// Gives the keys back, whoever took them and waits for one yet. Nothing is done where nobody did.
pub fn unhush() {
    let _ = disable_raw_mode();
}

/// What another program may have left behind is taken back: margins, modes, mouse, paste, focus, character sets, links,
/// colours, its alternate screen. Where the cursor stands stays as it is.
const RESET: &str = "\x1b7\x1b[r\x1b8\x1b[?1047l\x1b[?47l\x1b[!p\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1005l\x1b[?1006l\x1b[?1015l\
\x1b[?1004l\x1b[?2004l\x1b[?2026l\x1b[?1l\x1b>\x1b[4l\x1b[?6l\x1b[?7h\x1b(B\x0f\x1b]8;;\x1b\\\x1b[<u\x1b[0m\x1b[?25h";

/// Who writes to the terminal while it is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Face {
    /// The console, on the alternate screen.
    Console,
    /// Another program, as it likes.
    Lent,
}

/// The thread that draws on the terminal, while it is ours; the panic hook asks for it.
static OWNER: Mutex<Option<(ThreadId, Face)>> = Mutex::new(None);

/// The terminal in raw mode on its alternate screen. Dropping it gives the terminal back.
#[derive(Debug)]
pub struct Taken(());

/// The terminal in raw mode while another program writes to it. Dropping it brings the console back.
#[derive(Debug)]
pub struct Lent<'a>(#[expect(dead_code, reason = "it must not be taken or lent meanwhile")] &'a mut Taken);

/// The terminal in raw mode for another program alone. Dropping it gives the terminal back.
#[derive(Debug)]
pub struct Raw(());

impl Taken {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// If the terminal does not go into raw mode; then it is left as it was.
    pub fn take() -> io::Result<Self> {
        enable_raw_mode()?;
        own(Face::Console);
        let taken = Self(());
        enter()?;
        Ok(taken)
    }

    /// Leaves the alternate screen to another program; the terminal stays raw.
    ///
    /// # Errors
    /// If the terminal cannot be written to.
    pub fn lend(&mut self) -> io::Result<Lent<'_>> {
        own(Face::Lent);
        let lent = Lent(self);
        execute!(stdout(), DisableBracketedPaste, LeaveAlternateScreen, cursor::Show)?;
        Ok(lent)
    }
}

impl Raw {
    /// Takes the terminal as it is.
    ///
    /// # Errors
    /// If the terminal does not go into raw mode.
    pub fn take() -> io::Result<Self> {
        enable_raw_mode()?;
        own(Face::Lent);
        Ok(Self(()))
    }
}

fn enter() -> io::Result<()> {
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide, SetTitle("quarterdeck"))
}

fn own(face: Face) {
    *owner() = Some((thread::current().id(), face));
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        give_back();
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        // After a panic the terminal was given back already, and stays so.
        if owner().is_some() {
            own(Face::Console);
            let _ = stdout().write_all(RESET.as_bytes());
            let _ = enter();
        }
    }
}

/// The terminal is ours at the moment, and another thread than this one draws on it.
#[must_use]
pub fn is_drawn_elsewhere() -> bool {
    owner().is_some_and(|(owner, _)| owner != thread::current().id())
}

fn owner() -> MutexGuard<'static, Option<(ThreadId, Face)>> {
    OWNER.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives the terminal back, once. Errors are not told: there may be no one left to tell.
pub fn give_back() {
    let owner = owner().take();
    if let Some((_, face)) = owner {
        let _ = match face {
            Face::Console => execute!(stdout(), DisableBracketedPaste, LeaveAlternateScreen, cursor::Show),
            Face::Lent => stdout().write_all(RESET.as_bytes()),
        };
        let _ = disable_raw_mode();
        let _ = stdout().flush();
    }
}

/// Leaves the terminal as the shell wants it while this process is stopped.
pub fn step_aside() {
    let face = owner().map(|(_, face)| face);
    if face == Some(Face::Console) {
        let _ = execute!(stdout(), DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    }
    if face.is_some() {
        let _ = disable_raw_mode();
    }
}

/// Takes it again, whatever the shell has made of it.
pub fn step_back() {
    let face = owner().map(|(_, face)| face);
    if face.is_some() {
        let _ = disable_raw_mode();
        let _ = enable_raw_mode();
    }
    if face == Some(Face::Console) {
        let _ = enter();
    }
}

/// Puts text on the clipboard of the terminal the operator sits at, also through SSH (OSC 52).
///
/// # Errors
/// If the terminal cannot be written to.
pub fn copy(text: &str) -> io::Result<()> {
    execute!(stdout(), CopyToClipboard::to_clipboard_from(text))
}
