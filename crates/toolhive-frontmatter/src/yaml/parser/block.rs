// SPDX-License-Identifier: Apache-2.0
//! Block sequences and block mappings.

use super::super::event::{Event, EventKind};
use super::super::token::TokenKind;
use super::node::Context;
use super::{Parser, State};
use crate::Problem;

impl Parser {
    /// `- node`, or the end.
    pub(super) fn block_sequence_entry(&mut self) -> Result<Event, Problem> {
        if self.accept(&TokenKind::BlockEntry)? {
            let next = [TokenKind::BlockEntry, TokenKind::BlockEnd];
            return self.node_unless(&next, Context::Block, State::BlockSequenceEntry);
        }
        if self.at(&TokenKind::BlockEnd)? {
            self.pop();
            return self.take_as(EventKind::SequenceEnd);
        }
        Err(self
            .problem("this is in a list but is not an item of it")?
            .with_help("start it with `- `, or check the indentation"))
    }

    /// `- node`; anything else ends the sequence.
    pub(super) fn indentless_sequence_entry(&mut self) -> Result<Event, Problem> {
        if !self.accept(&TokenKind::BlockEntry)? {
            self.pop();
            let here = self.here()?;
            return Ok(self.event(EventKind::SequenceEnd, here));
        }
        let next = [TokenKind::BlockEntry, TokenKind::Key, TokenKind::Value, TokenKind::BlockEnd];
        self.node_unless(&next, Context::Block, State::IndentlessSequenceEntry)
    }

    /// `? node` or `node` before a `:`, or the end.
    pub(super) fn block_mapping_key(&mut self) -> Result<Event, Problem> {
        if self.accept(&TokenKind::Key)? {
            return self.block_mapping_node(State::BlockMappingValue);
        }
        if self.at(&TokenKind::BlockEnd)? {
            self.pop();
            return self.take_as(EventKind::MappingEnd);
        }
        let problem = self.problem("this follows a complete value")?;
        Err(self.scanner.quote_before_next(problem))
    }

    /// `: node`, or nothing.
    pub(super) fn block_mapping_value(&mut self) -> Result<Event, Problem> {
        if self.accept(&TokenKind::Value)? {
            return self.block_mapping_node(State::BlockMappingKey);
        }
        self.nothing(State::BlockMappingKey)
    }

    /// Returns the node after an indicator, which may be left out.
    fn block_mapping_node(&mut self, then: State) -> Result<Event, Problem> {
        let next = [TokenKind::Key, TokenKind::Value, TokenKind::BlockEnd];
        self.node_unless(&next, Context::BlockMapping, then)
    }
}
