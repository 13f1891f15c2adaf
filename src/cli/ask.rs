//! Questions from below, asked on the terminal of a verb. Where there is none, or nobody sits at it, all answers are
//! no. What is typed as a secret is neither shown nor kept.

use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use crate::ask::{Answer, Asked, Asker, Question, Wants};
use crate::model::text::clean;
use crate::session::{Hushed, is_drawn_elsewhere};
use crate::ssh::Settings;

const CTRL_C: u8 = 3;
const CTRL_D: u8 = 4;
const CTRL_U: u8 = 21;
const BACKSPACE: [u8; 2] = [8, 127];
const ENTER: [u8; 2] = [b'\r', b'\n'];

/// What SSH must know of the operator and this machine.
pub fn settings() -> Settings {
    let said = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let path = said("PATH").unwrap_or_default();
    Settings {
        home: said("HOME").map(PathBuf::from).unwrap_or_default(),
        user: said("USER").or_else(|| said("LOGNAME")).unwrap_or_else(|| "root".to_owned()),
        agent: said("SSH_AUTH_SOCK").map(PathBuf::from),
        ssh: std::env::split_paths(&path).map(|dir| dir.join("ssh")).find(|file| file.is_file()),
        config: None,
        variables: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
    }
}

/// An asker whose questions come to the terminal, one after the other.
pub fn on_terminal() -> Asker {
    let attended = std::env::var_os("CI").is_none_or(|ci| ci.is_empty() || ci == "false");
    if !attended || terminal().is_err() {
        return Asker::nobody();
    }
    let (asker, mut questions) = Asker::new();
    tokio::spawn(async move {
        while let Some(asked) = questions.recv().await {
            // A terminal is read by waiting for it.
            let _ = tokio::task::spawn_blocking(move || answer(asked)).await;
        }
    });
    asker
}

fn terminal() -> io::Result<File> {
    File::options().read(true).write(true).open("/dev/tty")
}

/// Who talks with the operator: one at a time, or one would take the keys that are meant for the other.
static TALKING: Mutex<()> = Mutex::new(());

fn talking() -> MutexGuard<'static, ()> {
    TALKING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks for a line on standard input, once no question is open on the terminal; nothing where there is none.
pub fn line(question: &str) -> String {
    let _talking = talking();
    let mut err = io::stderr().lock();
    let _ = write!(err, "{question}").and_then(|()| err.flush());
    let mut answer = String::new();
    let _ = io::stdin().lock().read_line(&mut answer);
    answer.trim().to_owned()
}

fn answer(asked: Asked) {
    let _talking = talking();
    // The screen of the console is no place for us.
    if is_drawn_elsewhere() {
        return;
    }
    // What could not be asked is a no.
    if let Ok(answer) = terminal().and_then(|mut tty| put(&mut tty, &asked.question)) {
        asked.answer(answer);
    }
}

fn put(tty: &mut File, question: &Question) -> io::Result<Answer> {
    writeln!(tty, "{}", clean(&question.title))?;
    for line in &question.lines {
        writeln!(tty, "  {}", clean(line))?;
    }
    match question.wants {
        Wants::Consent(word) => write!(tty, "{word}? (yes/no) ")?,
        Wants::Secret => write!(tty, "(not shown) ")?,
    }
    tty.flush()?;
    let shown = matches!(question.wants, Wants::Consent(_));
    let hushed = Hushed::take()?;
    let line = typed(tty, shown);
    drop(hushed);
    writeln!(tty)?;
    Ok(match (line?, &question.wants) {
        (Some(line), Wants::Secret) => Answer::Secret(line),
        (Some(line), Wants::Consent(_)) if line.trim().eq_ignore_ascii_case("yes") => Answer::Yes,
        (Some(_) | None, _) => Answer::No,
    })
}

/// One line, or nothing if it was called off.
fn typed(tty: &mut (impl Read + Write), shown: bool) -> io::Result<Option<Zeroizing<String>>> {
    let mut line = Zeroizing::new(Vec::with_capacity(256));
    let mut byte = [0];
    loop {
        if tty.read(&mut byte)? == 0 {
            return Ok(None);
        }
        match byte {
            [CTRL_C | CTRL_D] => return Ok(None),
            [CTRL_U] => {
                erase(tty, shown, &line)?;
                line.clear();
            }
            [c] if ENTER.contains(&c) => return Ok(String::from_utf8(line.to_vec()).ok().map(Zeroizing::new)),
            [c] if BACKSPACE.contains(&c) => {
                // A letter may be several bytes.
                while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
                if shown {
                    tty.write_all(b"\x08 \x08")?;
                }
            }
            [c] if c < b' ' => {}
            [c] => {
                line.push(c);
                if shown {
                    tty.write_all(&[c])?;
                }
            }
        }
    }
}

fn erase(tty: &mut impl Write, shown: bool, line: &[u8]) -> io::Result<()> {
    if shown {
        for _ in String::from_utf8_lossy(line).chars() {
            tty.write_all(b"\x08 \x08")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Keys(io::Cursor<Vec<u8>>, Vec<u8>);

    impl Read for Keys {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            self.0.read(buf)
        }
    }

    impl Write for Keys {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            self.1.write(buf)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_read_with_its_corrections_and_a_secret_leaves_no_trace() {
        for (keys, line) in [
            ("hunter2\r", Some("hunter2")),
            ("huntex\u{7f}r2\n", Some("hunter2")),
            ("wrong\u{15}hunter2\r", Some("hunter2")),
            ("ü\u{8}u\r", Some("u")),
            ("hunter2\u{3}", None),
            ("hunter2", None),
        ] {
            let mut tty = Keys(io::Cursor::new(keys.as_bytes().to_vec()), Vec::new());
            assert_eq!(typed(&mut tty, false).unwrap().as_deref().map(String::as_str), line, "{keys:?}");
            assert!(tty.1.is_empty());
        }
    }
}
