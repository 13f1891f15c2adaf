//! Keys that were read too early, as the bytes they were: what is typed while a shell opens belongs to the shell.

use std::time::Duration;

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// The reader of keys lets go within this time after its stream was dropped. Not nothing: asked for what is there at
/// once, it does not look.
const LETS_GO: Duration = Duration::from_millis(50);

/// The bytes of an event; none for what is no input.
pub fn bytes(event: &Event) -> Vec<u8> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => of_key(*key),
        Event::Paste(text) => text.replace('\n', "\r").into_bytes(),
        _ => Vec::new(),
    }
}

/// What the reader of keys took before it let go. Call it after its stream was dropped.
pub fn left_over() -> Vec<u8> {
    let mut all = Vec::new();
    let mut quiet = 0;
    // The drop of the stream itself may be what wakes the reader once, so one silence is none.
    while quiet < 2 {
        match event::poll(LETS_GO) {
            Ok(true) => match event::read() {
                Ok(event) => {
                    quiet = 0;
                    all.extend(bytes(&event));
                }
                Err(_) => break,
            },
            Ok(false) => quiet += 1,
            Err(_) => break,
        }
    }
    all
}

fn of_key(key: KeyEvent) -> Vec<u8> {
    let mut bytes = Vec::new();
    if key.modifiers.contains(KeyModifiers::ALT) {
        bytes.push(0x1b);
    }
    let sequence = match key.code {
        KeyCode::Char(c) if key.modifiers.contains(KeyModifiers::CONTROL) => {
            bytes.extend(control(c));
            ""
        }
        KeyCode::Char(c) => {
            let mut letter = [0; 4];
            bytes.extend(c.encode_utf8(&mut letter).bytes());
            ""
        }
        KeyCode::Enter => "\r",
        KeyCode::Tab => "\t",
        KeyCode::Backspace => "\x7f",
        KeyCode::Esc => "\x1b",
        KeyCode::Up => "\x1b[A",
        KeyCode::Down => "\x1b[B",
        KeyCode::Right => "\x1b[C",
        KeyCode::Left => "\x1b[D",
        KeyCode::Home => "\x1b[H",
        KeyCode::End => "\x1b[F",
        KeyCode::Delete => "\x1b[3~",
        KeyCode::PageUp => "\x1b[5~",
        KeyCode::PageDown => "\x1b[6~",
        KeyCode::BackTab => "\x1b[Z",
        _ => "",
    };
    bytes.extend(sequence.bytes());
    bytes
}

/// The control character of a letter.
fn control(c: char) -> Option<u8> {
    match c.to_ascii_lowercase() {
        c @ 'a'..='z' => u8::try_from(c).ok().map(|byte| byte - b'a' + 1),
        ' ' | '@' | '2' => Some(0),
        '[' | '3' => Some(0x1b),
        '\\' | '4' => Some(0x1c),
        ']' | '5' => Some(0x1d),
        '^' | '6' => Some(0x1e),
        '_' | '7' => Some(0x1f),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_the_bytes_they_were() {
        let press = |code, modifiers| bytes(&Event::Key(KeyEvent::new(code, modifiers)));
        assert_eq!(press(KeyCode::Char('é'), KeyModifiers::NONE), "é".as_bytes());
        assert_eq!(press(KeyCode::Char('d'), KeyModifiers::CONTROL), [4]);
        assert_eq!(press(KeyCode::Char('x'), KeyModifiers::ALT), [0x1b, b'x']);
        assert_eq!(press(KeyCode::Enter, KeyModifiers::NONE), [b'\r']);
        assert_eq!(bytes(&Event::Paste("ls\npwd".into())), b"ls\rpwd");
        assert_eq!(bytes(&Event::Resize(1, 2)), b"");
    }
}
