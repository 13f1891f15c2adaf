//! The line discipline of a simulated terminal: echo, erase, end of line. Must never know what a line means.

/// What a byte came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// The line goes on.
    Nothing,
    /// A whole line.
    Line(String),
    /// The line was given up.
    Gone,
    /// Nothing more will be typed.
    End,
}

/// The line that is being typed.
#[derive(Debug, Default)]
pub(super) struct Editor {
    line: Vec<u8>,
    /// Within an escape sequence, which means nothing here.
    escape: Option<bool>,
}

impl Editor {
    /// Takes a byte; gives what is echoed, and what it came to.
    pub(super) fn byte(&mut self, byte: u8) -> (Vec<u8>, Typed) {
        if let Some(bracket) = self.escape {
            self.escape = match (bracket, byte) {
                (false, b'[' | b'O') => Some(true),
                (true, b'0'..=b'9' | b';' | b'?') => Some(true),
                _ => None,
            };
            return (Vec::new(), Typed::Nothing);
        }
        match byte {
            b'\r' | b'\n' => {
                let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
                (b"\r\n".to_vec(), Typed::Line(line))
            }
            0x1b => {
                self.escape = Some(false);
                (Vec::new(), Typed::Nothing)
            }
            0x03 => {
                self.line.clear();
                (b"^C\r\n".to_vec(), Typed::Gone)
            }
            0x04 if self.line.is_empty() => (b"\r\n".to_vec(), Typed::End),
            0x15 => {
                let gone = std::mem::take(&mut self.line).len();
                (b"\x08 \x08".repeat(gone), Typed::Nothing)
            }
            0x7f | 0x08 => {
                // A letter of several bytes goes as one.
                let mut gone = false;
                while let Some(last) = self.line.pop() {
                    gone = true;
                    if last & 0xc0 != 0x80 {
                        break;
                    }
                }
                (if gone { b"\x08 \x08".to_vec() } else { Vec::new() }, Typed::Nothing)
            }
            byte if byte < 0x20 => (Vec::new(), Typed::Nothing),
            byte => {
                self.line.push(byte);
                (vec![byte], Typed::Nothing)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_echoed_mended_and_given_whole() {
        let mut editor = Editor::default();
        let (mut echo, mut lines) = (Vec::new(), Vec::new());
        for byte in "lx\x7fs\x1b[A -é\x7fa\rgone\x03\x04".bytes() {
            let (shown, typed) = editor.byte(byte);
            echo.extend(shown);
            if typed != Typed::Nothing {
                lines.push(typed);
            }
        }
        assert_eq!(lines, [Typed::Line("ls -a".into()), Typed::Gone, Typed::End]);
        assert!(String::from_utf8_lossy(&echo).starts_with("lx\x08 \x08s -é\x08 \x08a\r\ngone^C"));
    }
}
