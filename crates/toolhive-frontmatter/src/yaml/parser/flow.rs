// SPDX-License-Identifier: Apache-2.0
//! Flow sequences and flow mappings.

use super::super::event::{Event, EventKind};
use super::super::token::TokenKind;
use super::node::Context;
use super::{Parser, State};
use crate::Problem;
use crate::node::Properties;

/// The position of an entry in a flow collection: whether a comma comes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    First,
    Later,
}

impl Parser {
    /// Returns a node or a pair, or the end.
    pub(super) fn flow_sequence_entry(&mut self, place: Place) -> Result<Event, Problem> {
        if !self.at(&TokenKind::FlowSequenceEnd)? {
            self.comma(place, "`,` or `]` is expected here")?;
        }
        if self.at(&TokenKind::FlowSequenceEnd)? {
            self.brackets.pop();
            self.pop();
            return self.take_as(EventKind::SequenceEnd);
        }
        if self.at(&TokenKind::Key)? {
            self.state = State::FlowPairKey;
            return self.take_as(EventKind::MappingStart(Properties::default()));
        }
        self.states.push(State::FlowSequenceEntry(Place::Later));
        self.node(Context::Flow)
    }

    /// Returns the key of a pair, which may be left out. That the `:` after a key that is left out
    /// goes with it, so that `[? : a]` is refused, is so in libyaml.
    pub(super) fn flow_pair_key(&mut self) -> Result<Event, Problem> {
        let next = [TokenKind::Value, TokenKind::FlowEntry, TokenKind::FlowSequenceEnd];
        if self.at_any(&next)? {
            let here = self.here()?;
            self.scanner.take()?;
            self.state = State::FlowPairValue;
            return Ok(self.empty_scalar(Properties::default(), here));
        }
        self.states.push(State::FlowPairValue);
        self.node(Context::Flow)
    }

    /// The end of a pair, which has no characters.
    pub(super) fn flow_pair_end(&mut self) -> Result<Event, Problem> {
        self.state = State::FlowSequenceEntry(Place::Later);
        let here = self.here()?;
        Ok(self.event(EventKind::MappingEnd, here))
    }

    /// Returns a key, or the end.
    pub(super) fn flow_mapping_key(&mut self, place: Place) -> Result<Event, Problem> {
        if !self.at(&TokenKind::FlowMappingEnd)? {
            self.comma(place, "`,` or `}` is expected here")?;
        }
        if self.accept(&TokenKind::Key)? {
            let next = [TokenKind::Value, TokenKind::FlowEntry, TokenKind::FlowMappingEnd];
            return self.node_unless(&next, Context::Flow, State::FlowMappingValue);
        }
        if self.at(&TokenKind::FlowMappingEnd)? {
            self.brackets.pop();
            self.pop();
            return self.take_as(EventKind::MappingEnd);
        }
        self.states.push(State::FlowMappingNoValue);
        self.node(Context::Flow)
    }

    /// Returns the value of a key, which may be left out.
    pub(super) fn flow_value(&mut self, end: TokenKind, then: State) -> Result<Event, Problem> {
        if !self.accept(&TokenKind::Value)? {
            return self.nothing(then);
        }
        self.node_unless(&[TokenKind::FlowEntry, end], Context::Flow, then)
    }

    fn comma(&mut self, place: Place, message: &str) -> Result<(), Problem> {
        if place == Place::First || self.accept(&TokenKind::FlowEntry)? {
            return Ok(());
        }
        let help = "close the bracket, or put the whole value in quotes if it is meant as text";
        Err(self.problem(message)?.with_help(help))
    }
}
