//! Cuts YAML text into [`Token`]s. The hard part of it is a key without `?`: only the colon behind it tells that it
//! was one, so what may be a key is remembered, and the token before it is put in afterwards.

use std::collections::VecDeque;

use super::cursor::{Cursor, is_gap};
use super::token::{Kind, Token};
use super::{block, plain, quoted, tag};
use crate::stack::fault::Fault;
use crate::stack::place::Place;

/// A key on one line is no longer.
const LONGEST_KEY: usize = 1024;
/// So many tokens are read ahead, as yaml.v3 does: a fault that is near is told even behind the end of a document.
const AHEAD: usize = 2;

/// Cuts text into tokens.
pub struct Scanner {
    /// Where it stands.
    pub cursor: Cursor,
    tokens: VecDeque<Token>,
    /// Tokens that were taken out.
    taken: usize,
    ended: bool,
    /// The column of the block that is read, or -1 outside of all.
    pub indent: i64,
    outer: Vec<i64>,
    /// One for each open bracket, and one for the block outside of them.
    candidates: Vec<Option<Candidate>>,
    /// Whether what comes next may be a key.
    pub key_allowed: bool,
}

/// What is a key if a colon follows on the same line.
#[derive(Clone, Copy)]
struct Candidate {
    /// It stands where nothing but a key may stand.
    required: bool,
    token: usize,
    index: usize,
    place: Place,
    column: i64,
}

impl Scanner {
    /// At the beginning of a text.
    pub fn new(file: u16, text: &str) -> Self {
        Self {
            cursor: Cursor::new(file, text),
            tokens: VecDeque::new(),
            taken: 0,
            ended: false,
            indent: -1,
            outer: Vec::new(),
            candidates: vec![None],
            key_allowed: true,
        }
    }

    /// The next token, which stays where it is.
    pub fn peek(&mut self) -> Result<&Token, Fault> {
        while !self.ended && (self.tokens.len() <= AHEAD || self.head_may_be_key()?) {
            self.fetch()?;
        }
        if self.tokens.is_empty() {
            let place = self.cursor.place();
            self.tokens.push_back(Token { place, kind: Kind::StreamEnd });
        }
        self.tokens.front().ok_or_else(|| self.cursor.fault("the text has ended", "write the rest of it"))
    }

    /// The next token.
    pub fn take(&mut self) -> Result<Token, Fault> {
        self.peek()?;
        self.taken += 1;
        self.tokens.pop_front().ok_or_else(|| self.cursor.fault("the text has ended", "write the rest of it"))
    }

    /// Whether brackets are open.
    pub fn in_flow(&self) -> bool {
        self.candidates.len() > 1
    }

    fn head_may_be_key(&mut self) -> Result<bool, Fault> {
        let head = self.taken;
        match self.candidates.iter().position(|candidate| candidate.is_some_and(|candidate| candidate.token == head)) {
            Some(level) => Ok(self.valid_candidate(level)?.is_some()),
            None => Ok(false),
        }
    }

    /// The candidate of a level, if a colon may still make a key of it.
    fn valid_candidate(&mut self, level: usize) -> Result<Option<Candidate>, Fault> {
        let Some(slot) = self.candidates.get_mut(level) else { return Ok(None) };
        let Some(candidate) = *slot else { return Ok(None) };
        if candidate.place.line < self.cursor.line() || candidate.index + LONGEST_KEY < self.cursor.index {
            if candidate.required {
                return Err(no_colon(candidate.place));
            }
            *slot = None;
        }
        Ok(*slot)
    }

    fn fetch(&mut self) -> Result<(), Fault> {
        self.pass_gap();
        self.unroll(self.cursor.column);
        let place = self.cursor.place();
        let (sign, next) = (self.cursor.at(0), self.cursor.at(1));
        let flow = self.in_flow();
        match sign {
            '\0' => self.end(place),
            '%' if self.cursor.column == 0 => self.directive(place),
            '-' if self.cursor.at_document_sign('-') => self.document_sign(place, Kind::DocumentStart),
            '.' if self.cursor.at_document_sign('.') => self.document_sign(place, Kind::DocumentEnd),
            '[' => self.open(place, Kind::FlowList),
            '{' => self.open(place, Kind::FlowMap),
            ']' => self.close(place, Kind::FlowListEnd),
            '}' => self.close(place, Kind::FlowMapEnd),
            ',' => self.single(place, Kind::Comma, true),
            '-' if is_gap(next) => self.entry(place),
            '?' if flow || is_gap(next) => self.key(place),
            ':' if flow || is_gap(next) => self.colon(place),
            '*' | '&' | '!' => self.mark(place, sign),
            '|' | '>' if !flow => self.block_scalar(place, sign == '|'),
            '\'' | '"' => self.quoted_scalar(place, sign),
            '@' | '`' | '%' | '#' | '|' | '>' => Err(self.no_token(sign)),
            _ if is_gap(sign) => Err(self.no_token(sign)),
            _ => self.plain_scalar(place),
        }
    }

    /// Blanks, comments and line breaks. A tab may not stand where indentation is counted.
    fn pass_gap(&mut self) {
        loop {
            if self.cursor.column == 0 && self.cursor.at(0) == '\u{feff}' {
                self.cursor.pass();
            }
            let tabs = self.in_flow() || !self.key_allowed;
            while self.cursor.at(0) == ' ' || (tabs && self.cursor.at(0) == '\t') {
                self.cursor.pass();
            }
            self.cursor.pass_comment();
            if !super::cursor::is_break(self.cursor.at(0)) {
                return;
            }
            self.cursor.pass_break();
            if !self.in_flow() {
                self.key_allowed = true;
            }
        }
    }

    fn push(&mut self, place: Place, kind: Kind) {
        self.tokens.push_back(Token { place, kind });
    }

    /// Opens a block if this column lies deeper than the one that is read. The token goes before the one of a number.
    fn roll(&mut self, column: i64, before: Option<usize>, place: Place, kind: Kind) {
        if self.in_flow() || self.indent >= column {
            return;
        }
        self.outer.push(self.indent);
        self.indent = column;
        let at = before.map_or(self.tokens.len(), |number| number.saturating_sub(self.taken));
        self.tokens.insert(at.min(self.tokens.len()), Token { place, kind });
    }

    /// Ends all blocks that lie deeper than this column.
    fn unroll(&mut self, column: i64) {
        if self.in_flow() {
            return;
        }
        while self.indent > column {
            let place = self.cursor.place();
            self.push(place, Kind::BlockEnd);
            self.indent = self.outer.pop().unwrap_or(-1);
        }
    }

    /// Remembers that what comes now may be a key.
    fn may_be_key(&mut self) -> Result<(), Fault> {
        if !self.key_allowed {
            return Ok(());
        }
        self.drop_candidate()?;
        let candidate = Candidate {
            required: !self.in_flow() && self.indent == self.cursor.column,
            token: self.taken + self.tokens.len(),
            index: self.cursor.index,
            place: self.cursor.place(),
            column: self.cursor.column,
        };
        if let Some(slot) = self.candidates.last_mut() {
            *slot = Some(candidate);
        }
        Ok(())
    }

    /// Forgets what might have been a key.
    fn drop_candidate(&mut self) -> Result<(), Fault> {
        match self.candidates.last_mut().and_then(Option::take) {
            Some(candidate) if candidate.required => Err(no_colon(candidate.place)),
            _ => Ok(()),
        }
    }

    fn end(&mut self, place: Place) -> Result<(), Fault> {
        self.unroll(-1);
        self.drop_candidate()?;
        self.ended = true;
        self.push(place, Kind::StreamEnd);
        Ok(())
    }

    fn directive(&mut self, place: Place) -> Result<(), Fault> {
        self.unroll(-1);
        self.drop_candidate()?;
        self.key_allowed = false;
        let kind = tag::directive(&mut self.cursor)?;
        self.push(place, kind);
        Ok(())
    }

    fn document_sign(&mut self, place: Place, kind: Kind) -> Result<(), Fault> {
        self.unroll(-1);
        self.drop_candidate()?;
        self.key_allowed = false;
        (0..3).for_each(|_| {
            self.cursor.pass();
        });
        self.push(place, kind);
        Ok(())
    }

    fn open(&mut self, place: Place, kind: Kind) -> Result<(), Fault> {
        self.may_be_key()?;
        self.candidates.push(None);
        self.key_allowed = true;
        self.cursor.pass();
        self.push(place, kind);
        Ok(())
    }

    fn close(&mut self, place: Place, kind: Kind) -> Result<(), Fault> {
        self.drop_candidate()?;
        if self.in_flow() {
            self.candidates.pop();
        }
        self.key_allowed = false;
        self.cursor.pass();
        self.push(place, kind);
        Ok(())
    }

    fn single(&mut self, place: Place, kind: Kind, key_allowed: bool) -> Result<(), Fault> {
        self.drop_candidate()?;
        self.key_allowed = key_allowed;
        self.cursor.pass();
        self.push(place, kind);
        Ok(())
    }

    fn entry(&mut self, place: Place) -> Result<(), Fault> {
        if !self.in_flow() {
            if !self.key_allowed {
                return Err(self
                    .cursor
                    .fault("a `-` cannot begin an item here", "put the `-` on a line of its own, below the key"));
            }
            self.roll(self.cursor.column, None, place, Kind::BlockList);
        }
        self.single(place, Kind::Entry, true)
    }

    fn key(&mut self, place: Place) -> Result<(), Fault> {
        if !self.in_flow() {
            if !self.key_allowed {
                return Err(self.cursor.fault("a key cannot begin here", "put it on a line of its own"));
            }
            self.roll(self.cursor.column, None, place, Kind::BlockMap);
        }
        let allowed = !self.in_flow();
        self.single(place, Kind::Key, allowed)
    }

    fn colon(&mut self, place: Place) -> Result<(), Fault> {
        let level = self.candidates.len() - 1;
        if let Some(candidate) = self.valid_candidate(level)? {
            let at = candidate.token.saturating_sub(self.taken).min(self.tokens.len());
            self.tokens.insert(at, Token { place: candidate.place, kind: Kind::Key });
            self.roll(candidate.column, Some(candidate.token), candidate.place, Kind::BlockMap);
            if let Some(slot) = self.candidates.last_mut() {
                *slot = None;
            }
            self.key_allowed = false;
        } else {
            if !self.in_flow() {
                if !self.key_allowed {
                    return Err(second_colon(&self.cursor));
                }
                self.roll(self.cursor.column, None, place, Kind::BlockMap);
            }
            self.key_allowed = !self.in_flow();
        }
        self.cursor.pass();
        self.push(place, Kind::Colon);
        Ok(())
    }

    fn mark(&mut self, place: Place, sign: char) -> Result<(), Fault> {
        self.may_be_key()?;
        self.key_allowed = false;
        let kind = if sign == '!' { tag::tag(&mut self.cursor)? } else { tag::anchor(&mut self.cursor, sign)? };
        self.push(place, kind);
        Ok(())
    }

    fn block_scalar(&mut self, place: Place, literal: bool) -> Result<(), Fault> {
        self.drop_candidate()?;
        self.key_allowed = true;
        let text = block::read(&mut self.cursor, self.indent, literal)?;
        self.push(place, Kind::Scalar(text, false));
        Ok(())
    }

    fn quoted_scalar(&mut self, place: Place, quote: char) -> Result<(), Fault> {
        self.may_be_key()?;
        self.key_allowed = false;
        let text = quoted::read(&mut self.cursor, quote)?;
        self.push(place, Kind::Scalar(text, false));
        Ok(())
    }

    fn plain_scalar(&mut self, place: Place) -> Result<(), Fault> {
        self.may_be_key()?;
        self.key_allowed = false;
        let flow = self.in_flow();
        let (text, ended_line) = plain::read(&mut self.cursor, self.indent, flow)?;
        if ended_line {
            self.key_allowed = true;
        }
        self.push(place, Kind::Scalar(text, true));
        Ok(())
    }

    fn no_token(&self, sign: char) -> Fault {
        match sign {
            '\t' => self
                .cursor
                .fault("a tab stands where the indentation is counted", "replace the tab by spaces")
                .because("YAML indents with spaces only"),
            sign => self
                .cursor
                .fault(format!("no value can begin with `{sign}`"), "put the whole value in quotes")
                .because(format!("YAML keeps `{sign}` for itself")),
        }
    }
}

fn no_colon(place: Place) -> Fault {
    Fault::new(
        place,
        "a `:` is missing behind this key",
        "write `key: value`, or indent the line if it belongs to the one above",
    )
    .because("in this column a key of the mapping must stand")
}

fn second_colon(cursor: &Cursor) -> Fault {
    cursor
        .fault("a second `: ` stands in one value", "put the value in quotes, or put the key on a line of its own")
        .because("a colon with a blank behind it ends a key, and none can begin here")
}
