//! The program in a terminal of its own: keys go in, the screen is read. Its process never outlives the test.

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

use super::lab::patience;
use super::verbs::nowhere;

/// What the terminal shows, row by row.
#[derive(Clone)]
pub struct Screen(Vec<String>);

/// The terminal's memory, and whether anybody still writes to it.
struct Terminal {
    parser: vt100::Parser,
    over: bool,
}

/// A console that runs.
pub struct Console {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    terminal: Arc<(Mutex<Terminal>, Condvar)>,
    pty: Box<dyn MasterPty + Send>,
    _home: TempDir,
}

impl Console {
    /// Opens it on this engine, on a wide terminal.
    pub fn open(engine: &str) -> Self {
        Self::sized(engine, 160, 45)
    }

    /// Opens it on a terminal of this size.
    pub fn sized(engine: &str, cols: u16, rows: u16) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_quarterdeck"));
        command.args(["-H", engine]);
        Self::start(command, cols, rows)
    }

    /// Starts any program on a terminal of this size, with a home of its own unless it has one.
    pub fn start(mut command: CommandBuilder, cols: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let home = nowhere();
        let kept: Vec<_> = command.iter_extra_env_as_str().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        command.env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", home.path());
        command.env("LANG", "C.UTF-8");
        command.env("TERM", "xterm-256color");
        for (name, value) in kept {
            command.env(name, value);
        }
        command.cwd(home.path());
        let child = pair.slave.spawn_command(command).expect("the console starts");
        drop(pair.slave);
        let keys = pair.master.take_writer().expect("keys");
        let reader = pair.master.try_clone_reader().expect("a screen");
        let some = |size: u16| NonZero::new(size).expect("a size");
        let parser = vt100::Parser::new(some(rows), some(cols), 0);
        let terminal = Arc::new((Mutex::new(Terminal { parser, over: false }), Condvar::new()));
        let shown = Arc::clone(&terminal);
        std::thread::spawn(move || show(reader, &shown));
        Self { child, keys, terminal, pty: pair.master, _home: home }
    }

    /// Presses keys one after another: each character is one, `\r` is enter, `\x1b` escape.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).expect("the console takes keys");
    }

    /// Some cell has a colour.
    pub fn has_colour(&self) -> bool {
        let terminal = self.terminal.0.lock().unwrap_or_else(PoisonError::into_inner);
        let screen = terminal.parser.screen();
        let (rows, cols) = (screen.size().0.get(), screen.size().1.get());
        (0..rows).any(|row| {
            (0..cols).any(|col| screen.cell(row, col).is_some_and(|cell| cell.fgcolor() != vt100::Color::Default))
        })
    }

    /// What it shows now.
    pub fn screen(&self) -> Screen {
        let terminal = self.terminal.0.lock().unwrap_or_else(PoisonError::into_inner);
        Screen::of(&terminal)
    }

    /// Waits until the screen is so, and gives it. Fails at once if the console ends.
    pub fn until(&self, what: &str, holds: impl Fn(&Screen) -> bool) -> Screen {
        self.until_within(patience(), what, holds)
    }

    /// The same, for what takes its time by design.
    pub fn until_within(&self, patience: Duration, what: &str, holds: impl Fn(&Screen) -> bool) -> Screen {
        let (lock, changed) = &*self.terminal;
        let end = Instant::now() + patience;
        let mut terminal = lock.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let screen = Screen::of(&terminal);
            if holds(&screen) {
                return screen;
            }
            assert!(!terminal.over, "the console ended before {what}; its last screen:\n{}", screen.text());
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited {patience:?} in vain until {what}; the screen:\n{}", screen.text());
            terminal = changed.wait_timeout(terminal, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until the screen says all of these.
    pub fn until_said(&self, words: &[&str]) -> Screen {
        self.until(&format!("the screen says {words:?}"), |screen| words.iter().all(|word| screen.says(word)))
    }

    /// Its terminal has another size now.
    pub fn resize(&self, cols: u16, rows: u16) {
        let mut terminal = self.terminal.0.lock().unwrap_or_else(PoisonError::into_inner);
        let some = |size: u16| NonZero::new(size).expect("a size");
        terminal.parser.screen_mut().set_size(some(rows), some(cols));
        drop(terminal);
        self.pty.resize(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }).expect("another size");
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("a process")
    }

    /// Waits until nothing runs on its terminal any more; gives the last screen and the exit code.
    pub fn ended(mut self) -> (Screen, u32) {
        let (lock, changed) = &*self.terminal;
        let end = Instant::now() + patience();
        let mut terminal = lock.lock().unwrap_or_else(PoisonError::into_inner);
        while !terminal.over {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "it did not end; its screen:\n{}", Screen::of(&terminal).text());
            terminal = changed.wait_timeout(terminal, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        assert!(!terminal.parser.screen().alternate_screen(), "the terminal was not given back");
        assert!(!terminal.parser.screen().hide_cursor(), "the cursor stayed hidden");
        let screen = Screen::of(&terminal);
        drop(terminal);
        (screen, self.child.wait().expect("an end").exit_code())
    }

    /// It is there and has not ended by itself.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Leaves it as an operator does; it must end well and give the terminal back.
    pub fn leave(mut self) {
        assert!(self.is_alive(), "the console had ended by itself:\n{}", self.screen().text());
        // Twice: where jobs are open, the first is answered with a question.
        self.press("\x03\x03");
        assert_eq!(self.ended().1, 0, "the console did not end well");
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        if self.is_alive() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

fn show(mut from: Box<dyn Read + Send>, terminal: &(Mutex<Terminal>, Condvar)) {
    let (lock, changed) = terminal;
    let mut piece = [0; 8192];
    loop {
        let read = from.read(&mut piece).unwrap_or(0);
        let mut terminal = lock.lock().unwrap_or_else(PoisonError::into_inner);
        match piece.get(..read) {
            Some(bytes) if read > 0 => terminal.parser.process(bytes),
            _ => terminal.over = true,
        }
        changed.notify_all();
        if terminal.over {
            return;
        }
    }
}

impl Screen {
    fn of(terminal: &Terminal) -> Self {
        let screen = terminal.parser.screen();
        Self(screen.rows(0, screen.size().1.into()).map(|row| row.trim_end().to_owned()).collect())
    }

    /// All of it.
    pub fn text(&self) -> String {
        self.0.join("\n")
    }

    /// It says this somewhere.
    pub fn says(&self, words: &str) -> bool {
        self.0.iter().any(|row| row.contains(words))
    }

    /// The first row, where the line's state stands.
    pub fn header(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    /// What is shown is the present.
    pub fn is_live(&self) -> bool {
        self.header().contains("live ") && !self.is_stale()
    }

    /// What is shown is said to be old.
    pub fn is_stale(&self) -> bool {
        self.header().contains("stale ")
    }

    /// The first row that says all of these.
    pub fn row(&self, words: &[&str]) -> Option<&str> {
        self.0.iter().map(String::as_str).find(|row| words.iter().all(|word| row.contains(word)))
    }
}
