// SPDX-License-Identifier: Apache-2.0
//! Parses one node: properties, then an alias, a scalar or the start of a collection.

use std::ops::Range;

use super::super::event::{Event, EventKind};
use super::super::token::TokenKind;
use super::flow::Place;
use super::{Parser, State};
use crate::Problem;
use crate::node::Properties;

/// The place of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    /// A node in a block sequence, or at the root.
    Block,
    /// A node in a block mapping, in which a sequence needs no indentation.
    BlockMapping,
    Flow,
}

impl Parser {
    /// Returns the next node's first event.
    pub(super) fn node(&mut self, context: Context) -> Result<Event, Problem> {
        let (properties, place) = self.properties()?;
        let token = self.scanner.peek()?;
        let span = place.as_ref().map_or(token.span.start, |place| place.start)..token.span.end;
        let in_block = context != Context::Flow;
        let (kind, state) = match (&token.kind, place) {
            (TokenKind::Scalar { .. }, _) | (TokenKind::Alias(_), None) => {
                return self.leaf(properties, span);
            }
            (TokenKind::BlockEntry, _) if context == Context::BlockMapping => {
                let span = span.start..token.span.start;
                self.state = State::IndentlessSequenceEntry;
                return Ok(self.event(EventKind::SequenceStart(properties), span));
            }
            (TokenKind::FlowSequenceStart, _) => {
                (EventKind::SequenceStart(properties), State::FlowSequenceEntry(Place::First))
            }
            (TokenKind::FlowMappingStart, _) => {
                (EventKind::MappingStart(properties), State::FlowMappingKey(Place::First))
            }
            (TokenKind::BlockSequenceStart, _) if in_block => {
                (EventKind::SequenceStart(properties), State::BlockSequenceEntry)
            }
            (TokenKind::BlockMappingStart, _) if in_block => {
                (EventKind::MappingStart(properties), State::BlockMappingKey)
            }
            // Properties without a node are those of an empty scalar.
            (_, Some(place)) => {
                self.pop();
                return Ok(self.empty_scalar(properties, place));
            }
            (_, None) => return Err(self.problem("a value is missing before this")?),
        };
        let token = self.scanner.take()?;
        if matches!(token.kind, TokenKind::FlowSequenceStart | TokenKind::FlowMappingStart) {
            self.brackets.push(token.span);
        }
        self.state = state;
        Ok(self.event(kind, span))
    }

    /// Returns a scalar or an alias.
    fn leaf(&mut self, properties: Properties, span: Range<usize>) -> Result<Event, Problem> {
        self.pop();
        let kind = match self.scanner.take()?.kind {
            TokenKind::Alias(name) => EventKind::Alias(name),
            TokenKind::Scalar { text, style } => EventKind::Scalar { properties, text, style },
            _ => return Err(self.problem("a value is missing before this")?),
        };
        Ok(self.event(kind, span))
    }

    /// Reads at most one anchor and one tag, in either order, and returns their place.
    fn properties(&mut self) -> Result<(Properties, Option<Range<usize>>), Problem> {
        let mut properties = Properties::default();
        let mut place: Option<Range<usize>> = None;
        loop {
            let is_property = match &self.scanner.peek()?.kind {
                TokenKind::Anchor(_) => properties.anchor().is_none(),
                TokenKind::Tag(_) => properties.tag().is_none(),
                _ => false,
            };
            if !is_property {
                return Ok((properties, place));
            }
            let token = self.scanner.take()?;
            let start = place.map_or(token.span.start, |place| place.start);
            place = Some(start..token.span.end);
            match token.kind {
                TokenKind::Anchor(name) => properties.set_anchor(name),
                TokenKind::Tag(tag) => {
                    let tag = self.full_tag(&tag.handle, &tag.text);
                    properties.set_tag(tag.ok_or_else(|| self.undeclared(token.span))?);
                }
                _ => {}
            }
        }
    }

    fn undeclared(&self, span: Range<usize>) -> Problem {
        let message = "the handle of this tag is not declared";
        Problem::new("frontmatter-yaml", message, self.scanner.bytes(span))
            .with_help("put the value in quotes")
    }
}
