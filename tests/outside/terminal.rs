//! The program on a terminal of its own: keys go in, the screen is read. Its process never outlives the test.

use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

/// How long a state may take to come; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

struct Shown {
    parser: vt100::Parser,
    raw: Vec<u8>,
    over: bool,
}

pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    shown: Arc<(Mutex<Shown>, Condvar)>,
}

impl Terminal {
    pub fn start(command: CommandBuilder) -> Self {
        let size = PtySize { rows: 40, cols: 140, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let some = |size: u16| std::num::NonZero::new(size).unwrap();
        let parser = vt100::Parser::new(some(size.rows), some(size.cols), 0);
        let shown = Arc::new((Mutex::new(Shown { parser, raw: Vec::new(), over: false }), Condvar::new()));
        let (mut from, to) = (pair.master.try_clone_reader().unwrap(), Arc::clone(&shown));
        let keys = pair.master.take_writer().unwrap();
        std::thread::spawn(move || {
            // The terminal lives as long as somebody reads it.
            let _master = pair.master;
            let mut some = [0; 4096];
            loop {
                // The other end of a terminal that is gone is an error, not an end.
                let length = from.read(&mut some).unwrap_or(0);
                let mut shown = to.0.lock().unwrap();
                shown.parser.process(&some[..length]);
                shown.raw.extend_from_slice(&some[..length]);
                shown.over = length == 0;
                to.1.notify_all();
                if shown.over {
                    return;
                }
            }
        });
        Self { child, keys, shown }
    }

    /// `\r` is enter, `\t` goes to the other button.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until this holds of what is on the screen; gives the screen.
    pub fn until(&self, holds: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        let mut shown = self.shown.0.lock().unwrap();
        loop {
            let screen = shown.parser.screen().contents();
            if holds(&screen) {
                return screen;
            }
            assert!(Instant::now() < end && !shown.over, "waited in vain; the screen:\n{screen}");
            // What is waited for may also change beside the screen.
            shown = self.shown.1.wait_timeout(shown, Duration::from_millis(50)).unwrap().0;
        }
    }

    pub fn until_said(&self, words: &[&str]) -> String {
        self.until(|screen| words.iter().all(|word| screen.contains(word)))
    }

    /// Waits for its end; gives the exit code and all that ever stood there.
    pub fn ended(mut self) -> (u32, String) {
        let code = self.child.wait().unwrap().exit_code();
        let mut shown = self.shown.0.lock().unwrap();
        while !shown.over {
            shown = self.shown.1.wait(shown).unwrap();
        }
        (code, String::from_utf8_lossy(&shown.raw).into_owned())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
