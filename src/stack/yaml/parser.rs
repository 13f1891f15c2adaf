//! Puts [`Token`]s together: which value belongs to which key, and where sequences and mappings end.
//! Reads one document; what stands behind it is left unread, as the docker CLI leaves it.

mod flow;

use std::collections::HashMap;

use super::event::{Event, Marks, What};
use super::scanner::Scanner;
use super::token::{Kind, Token};
use crate::stack::fault::Fault;
use crate::stack::place::Place;

/// What the handle `!!` stands for.
const CORE: &str = "tag:yaml.org,2002:";

/// The events of one document, one after the other.
pub struct Parser {
    scanner: Scanner,
    state: State,
    /// Where it goes on after the value that is read.
    after: Vec<State>,
    /// Where the collections begin that are open.
    opened: Vec<Place>,
    prefixes: HashMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Content,
    DocumentEnd,
    Done,
    BlockEntry,
    BareEntry,
    BlockKey,
    BlockColon,
    FlowEntry { first: bool },
    PairKey,
    PairColon,
    PairEnd,
    FlowKey { first: bool },
    FlowColon,
    FlowNothing,
}

/// Which forms a value may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Within brackets.
    Flow,
    /// Of several lines.
    Block,
    /// Of several lines, and a sequence need not be indented: the value of a key.
    Bare,
}

impl Iterator for Parser {
    type Item = Result<Event, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if step.is_err() {
            self.state = State::Done;
        }
        step.transpose()
    }
}

impl Parser {
    /// At the beginning of a text.
    pub fn new(file: u16, text: &str) -> Self {
        Self {
            scanner: Scanner::new(file, text),
            state: State::Start,
            after: Vec::new(),
            opened: Vec::new(),
            prefixes: HashMap::new(),
        }
    }

    fn step(&mut self) -> Result<Option<Event>, Fault> {
        match self.state {
            State::Start => self.start(),
            State::Content => self.content(),
            State::DocumentEnd => {
                self.scanner.peek()?;
                self.state = State::Done;
                Ok(None)
            }
            State::Done => Ok(None),
            State::BlockEntry => self.block_entry().map(Some),
            State::BareEntry => self.bare_entry().map(Some),
            State::BlockKey => self.block_key().map(Some),
            State::BlockColon => self.block_colon().map(Some),
            State::FlowEntry { first } => self.flow_entry(first).map(Some),
            State::PairKey => self.pair_key().map(Some),
            State::PairColon => self.pair_colon().map(Some),
            State::PairEnd => {
                self.state = State::FlowEntry { first: false };
                Ok(Some(Event { place: self.scanner.peek()?.place, what: What::End }))
            }
            State::FlowKey { first } => self.flow_key(first).map(Some),
            State::FlowColon => self.flow_colon().map(Some),
            State::FlowNothing => {
                self.state = State::FlowKey { first: false };
                let place = self.scanner.peek()?.place;
                Ok(Some(nothing(place)))
            }
        }
    }

    fn start(&mut self) -> Result<Option<Event>, Fault> {
        self.prefixes = HashMap::from([("!".to_owned(), "!".to_owned()), ("!!".to_owned(), CORE.to_owned())]);
        let mut version = false;
        let mut own: Vec<String> = Vec::new();
        let mut explicit = false;
        loop {
            let Token { place, kind } = self.scanner.peek()?.clone();
            match kind {
                Kind::StreamEnd if !explicit => {
                    self.state = State::Done;
                    return Ok(None);
                }
                Kind::Version(major, minor) => {
                    if version || (major, minor) != (1, 1) {
                        let what = format!("`%YAML {major}.{minor}` cannot be read");
                        return Err(Fault::new(place, what, "take the line away: it is not needed"));
                    }
                    version = true;
                }
                Kind::TagPrefix(handle, prefix) => {
                    if own.contains(&handle) {
                        return Err(Fault::new(
                            place,
                            format!("`%TAG {handle}` stands here twice"),
                            "keep one of the two",
                        ));
                    }
                    own.push(handle.clone());
                    self.prefixes.insert(handle, prefix);
                }
                Kind::DocumentStart => {
                    self.scanner.take()?;
                    self.state = State::Content;
                    self.after.push(State::DocumentEnd);
                    return self.content();
                }
                _ if explicit => {
                    let mend = "write `---` on a line between what begins with `%` and the document";
                    return Err(Fault::new(place, "the document begins without `---`", mend));
                }
                _ => {
                    self.after.push(State::DocumentEnd);
                    return self.node(Form::Block).map(Some);
                }
            }
            explicit = true;
            self.scanner.take()?;
        }
    }

    fn content(&mut self) -> Result<Option<Event>, Fault> {
        let Token { place, kind } = self.scanner.peek()?.clone();
        match kind {
            Kind::Version(..) | Kind::TagPrefix(..) | Kind::DocumentStart | Kind::DocumentEnd | Kind::StreamEnd => {
                self.state = State::DocumentEnd;
                Ok(Some(nothing(place)))
            }
            _ => self.node(Form::Block).map(Some),
        }
    }

    /// A value. Where to go on after it lies on `after` already.
    fn node(&mut self, form: Form) -> Result<Event, Fault> {
        let place = self.scanner.peek()?.place;
        if matches!(self.scanner.peek()?.kind, Kind::Alias(_))
            && let Kind::Alias(name) = self.scanner.take()?.kind
        {
            self.go_on();
            return Ok(Event { place, what: What::Alias(name) });
        }
        let (marks, any) = self.marks()?;
        let token = self.scanner.peek()?;
        let block = form != Form::Flow;
        let (what, state) = match &token.kind {
            Kind::Entry if form == Form::Bare => (What::List(marks), State::BareEntry),
            Kind::FlowList => (What::List(marks), State::FlowEntry { first: true }),
            Kind::FlowMap => (What::Map(marks), State::FlowKey { first: true }),
            Kind::BlockList if block => (What::List(marks), State::BlockEntry),
            Kind::BlockMap if block => (What::Map(marks), State::BlockKey),
            Kind::Scalar(..) => return self.scalar(place, marks),
            _ if any => {
                self.go_on();
                return Ok(Event { place, what: What::Scalar { text: String::new(), plain: true, marks } });
            }
            kind => return Err(no_value(token.place, kind)),
        };
        if state != State::BareEntry {
            self.scanner.take()?;
        }
        self.opened.push(place);
        self.state = state;
        Ok(Event { place, what })
    }

    fn scalar(&mut self, place: Place, marks: Marks) -> Result<Event, Fault> {
        let (text, plain) = match self.scanner.take()?.kind {
            Kind::Scalar(text, plain) => (text, plain),
            _ => (String::new(), true),
        };
        self.go_on();
        Ok(Event { place, what: What::Scalar { text, plain, marks } })
    }

    /// Anchor and tag, in any order, and whether there was any.
    fn marks(&mut self) -> Result<(Marks, bool), Fault> {
        let mut marks = Marks::default();
        let (mut anchored, mut tagged) = (false, false);
        loop {
            let token = self.scanner.peek()?;
            match &token.kind {
                Kind::Anchor(name) if !anchored => {
                    anchored = true;
                    marks.anchor = Some(name.clone());
                }
                Kind::Tag(handle, suffix) if !tagged => {
                    tagged = true;
                    let full = match (handle.as_str(), self.prefixes.get(handle)) {
                        ("", _) => suffix.clone(),
                        (_, Some(prefix)) => format!("{prefix}{suffix}"),
                        (handle, None) => {
                            let what = format!("nobody says what the tag {handle} stands for");
                            return Err(Fault::new(token.place, what, "take the tag away, or put the value in quotes"));
                        }
                    };
                    marks.tag = match full.strip_prefix(CORE) {
                        Some(short) => Some(format!("!!{short}")),
                        None if full == "!" => None,
                        None => Some(full),
                    };
                }
                _ => return Ok((marks, anchored || tagged)),
            }
            self.scanner.take()?;
        }
    }

    fn go_on(&mut self) {
        self.state = self.after.pop().unwrap_or(State::Done);
    }

    fn end(&mut self) -> Result<Event, Fault> {
        let place = self.scanner.take()?.place;
        self.opened.pop();
        self.go_on();
        Ok(Event { place, what: What::End })
    }

    /// Passes the sign before a value. Then the value, and on with the state; or nothing, if one of these comes next.
    fn value_unless(&mut self, form: Form, then: State, stops: &[Kind]) -> Result<Event, Fault> {
        let place = self.scanner.take()?.place;
        if stops.contains(&self.scanner.peek()?.kind) {
            self.state = then;
            return Ok(nothing(place));
        }
        self.after.push(then);
        self.node(form)
    }

    fn next_is(&mut self, kind: &Kind) -> Result<bool, Fault> {
        Ok(self.scanner.peek()?.kind == *kind)
    }

    fn block_entry(&mut self) -> Result<Event, Fault> {
        if self.next_is(&Kind::Entry)? {
            return self.value_unless(Form::Block, State::BlockEntry, &[Kind::Entry, Kind::BlockEnd]);
        }
        if self.next_is(&Kind::BlockEnd)? {
            return self.end();
        }
        let place = self.scanner.peek()?.place;
        Err(Fault::new(
            place,
            "this line does not belong to the list above it",
            "indent it as the list is, and begin it with `- `",
        )
        .because(self.begun("list")))
    }

    fn bare_entry(&mut self) -> Result<Event, Fault> {
        if self.next_is(&Kind::Entry)? {
            return self.value_unless(
                Form::Block,
                State::BareEntry,
                &[Kind::Entry, Kind::Key, Kind::Colon, Kind::BlockEnd],
            );
        }
        let place = self.scanner.peek()?.place;
        self.opened.pop();
        self.go_on();
        Ok(Event { place, what: What::End })
    }

    fn block_key(&mut self) -> Result<Event, Fault> {
        if self.next_is(&Kind::Key)? {
            return self.value_unless(Form::Bare, State::BlockColon, &[Kind::Key, Kind::Colon, Kind::BlockEnd]);
        }
        if self.next_is(&Kind::BlockEnd)? {
            return self.end();
        }
        let place = self.scanner.peek()?.place;
        let mend = "indent the line as its neighbours are, or close the quotes of the value above";
        Err(Fault::new(place, "a key is expected here", mend).because(self.begun("mapping")))
    }

    fn block_colon(&mut self) -> Result<Event, Fault> {
        if self.next_is(&Kind::Colon)? {
            return self.value_unless(Form::Bare, State::BlockKey, &[Kind::Key, Kind::Colon, Kind::BlockEnd]);
        }
        self.state = State::BlockKey;
        Ok(nothing(self.scanner.peek()?.place))
    }

    fn begun(&self, what: &str) -> String {
        let line = self.opened.last().map_or(0, |place| place.line);
        format!("the {what} it should belong to begins in line {line}")
    }
}

fn nothing(place: Place) -> Event {
    Event { place, what: What::Scalar { text: String::new(), plain: true, marks: Marks::default() } }
}

fn no_value(place: Place, kind: &Kind) -> Fault {
    let found = match kind {
        Kind::Comma => "`,`",
        Kind::Colon => "`:`",
        Kind::Entry => "`-`",
        Kind::FlowListEnd => "`]`",
        Kind::FlowMapEnd => "`}`",
        Kind::StreamEnd => "the end of the file",
        Kind::Anchor(_) => "a second `&`",
        Kind::Tag(..) => "a second `!`",
        Kind::DocumentStart | Kind::DocumentEnd => "the end of the document",
        _ => "something else",
    };
    Fault::new(
        place,
        format!("a value is expected here, and {found} comes"),
        "write the value; put it in quotes if it begins with a sign",
    )
}
