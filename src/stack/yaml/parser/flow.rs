//! What stands within brackets: sequences, mappings, and pairs in sequences.

use super::{Form, Parser, State, nothing};
use crate::stack::fault::Fault;
use crate::stack::yaml::event::{Event, Marks, What};
use crate::stack::yaml::token::Kind;

impl Parser {
    pub(super) fn flow_entry(&mut self, first: bool) -> Result<Event, Fault> {
        if !self.next_is(&Kind::FlowListEnd)? {
            if !first {
                self.comma("list", "]")?;
            }
            if self.next_is(&Kind::Key)? {
                let place = self.scanner.take()?.place;
                self.state = State::PairKey;
                return Ok(Event { place, what: What::Map(Marks::default()) });
            }
            if !self.next_is(&Kind::FlowListEnd)? {
                self.after.push(State::FlowEntry { first: false });
                return self.node(Form::Flow);
            }
        }
        self.end()
    }

    fn comma(&mut self, what: &str, bracket: &str) -> Result<(), Fault> {
        if self.next_is(&Kind::Comma)? {
            self.scanner.take()?;
            return Ok(());
        }
        let place = self.scanner.peek()?.place;
        let mend = format!(
            "write `,` between two items or `{bracket}` at the end, and put values with `?`, `{{` or `[` in quotes"
        );
        Err(Fault::new(place, format!("a `,` or `{bracket}` is missing"), mend).because(self.begun(what)))
    }

    /// A pair in a sequence of one line. yaml.v3 loses the sign behind a `?` with no key; so do we.
    pub(super) fn pair_key(&mut self) -> Result<Event, Fault> {
        let token = self.scanner.peek()?;
        if matches!(token.kind, Kind::Colon | Kind::Comma | Kind::FlowListEnd) {
            let place = self.scanner.take()?.place;
            self.state = State::PairColon;
            return Ok(nothing(place));
        }
        self.after.push(State::PairColon);
        self.node(Form::Flow)
    }

    pub(super) fn pair_colon(&mut self) -> Result<Event, Fault> {
        if self.next_is(&Kind::Colon)? {
            return self.value_unless(Form::Flow, State::PairEnd, &[Kind::Comma, Kind::FlowListEnd]);
        }
        self.state = State::PairEnd;
        Ok(nothing(self.scanner.peek()?.place))
    }

    pub(super) fn flow_key(&mut self, first: bool) -> Result<Event, Fault> {
        if !self.next_is(&Kind::FlowMapEnd)? {
            if !first {
                self.comma("mapping", "}")?;
            }
            if self.next_is(&Kind::Key)? {
                return self.value_unless(Form::Flow, State::FlowColon, &[Kind::Colon, Kind::Comma, Kind::FlowMapEnd]);
            }
            if !self.next_is(&Kind::FlowMapEnd)? {
                self.after.push(State::FlowNothing);
                return self.node(Form::Flow);
            }
        }
        self.end()
    }

    pub(super) fn flow_colon(&mut self) -> Result<Event, Fault> {
        let then = State::FlowKey { first: false };
        if self.next_is(&Kind::Colon)? {
            return self.value_unless(Form::Flow, then, &[Kind::Comma, Kind::FlowMapEnd]);
        }
        self.state = then;
        Ok(nothing(self.scanner.peek()?.place))
    }
}
