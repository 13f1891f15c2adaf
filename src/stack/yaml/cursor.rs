//! Where the reader stands in the text. The end of the text reads as NUL, which no text may hold.

use crate::stack::fault::Fault;
use crate::stack::place::Place;

/// The text, and a place in it.
pub struct Cursor {
    file: u16,
    text: Vec<char>,
    /// Characters that were passed.
    pub index: usize,
    line: u32,
    /// Counted from 0.
    pub column: i64,
}

impl Cursor {
    /// At the beginning of a text. A byte order mark there is passed over.
    pub fn new(file: u16, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { file, text: text.chars().collect(), index: 0, line: 1, column: 0 }
    }

    /// The character so many after this one.
    pub fn at(&self, ahead: usize) -> char {
        self.text.get(self.index + ahead).copied().unwrap_or('\0')
    }

    /// Where this is.
    pub fn place(&self) -> Place {
        Place { file: self.file, line: self.line, column: u32::try_from(self.column + 1).unwrap_or(u32::MAX) }
    }

    /// The number of this line.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Passes one character, which is no line break.
    pub fn pass(&mut self) -> char {
        let passed = self.at(0);
        self.index += 1;
        self.column += 1;
        passed
    }

    /// Passes a line break, and says what it stands for in a value.
    pub fn pass_break(&mut self) -> char {
        let first = self.at(0);
        self.index += if first == '\r' && self.at(1) == '\n' { 2 } else { 1 };
        self.line += 1;
        self.column = 0;
        if matches!(first, '\u{2028}' | '\u{2029}') { first } else { '\n' }
    }

    /// Passes a comment if one begins here, up to its line break.
    pub fn pass_comment(&mut self) {
        if self.at(0) == '#' {
            while !is_break_or_end(self.at(0)) {
                self.pass();
            }
        }
    }

    /// Passes spaces and tabs.
    pub fn pass_blanks(&mut self) {
        while is_blank(self.at(0)) {
            self.pass();
        }
    }

    /// Whether the line begins here with three of this sign and nothing beside them.
    pub fn at_document_sign(&self, sign: char) -> bool {
        self.column == 0 && (0..3).all(|ahead| self.at(ahead) == sign) && is_gap(self.at(3))
    }

    /// A fault at this character.
    pub fn fault(&self, what: impl Into<String>, mend: impl Into<String>) -> Fault {
        Fault::new(self.place(), what, mend)
    }
}

/// A space or a tab.
pub fn is_blank(sign: char) -> bool {
    matches!(sign, ' ' | '\t')
}

/// What ends a line: YAML 1.1 has three more than are usual.
pub fn is_break(sign: char) -> bool {
    matches!(sign, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A line break, or the end of the text.
pub fn is_break_or_end(sign: char) -> bool {
    sign == '\0' || is_break(sign)
}

/// A blank, a line break, or the end of the text.
pub fn is_gap(sign: char) -> bool {
    is_blank(sign) || is_break_or_end(sign)
}

/// What names of anchors and handles are made of.
pub fn is_word(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-')
}
