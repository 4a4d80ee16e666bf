// SPDX-License-Identifier: Apache-2.0
//! One node: properties, then an alias, a scalar or the start of a collection.

use std::ops::Range;

use super::super::event::{Event, EventKind, Properties};
use super::super::token::TokenKind;
use super::flow::Place;
use super::{Parser, State};
use crate::Problem;

/// Where a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    /// In a block sequence, or at the root.
    Block,
    /// In a block mapping, where a sequence needs no indentation.
    BlockMapping,
    Flow,
}

impl Parser {
    /// The next node's first event.
    pub(super) fn node(&mut self, context: Context) -> Result<Event, Problem> {
        if let TokenKind::Alias(name) = &self.scanner.peek()?.kind {
            let kind = EventKind::Alias(name.clone());
            self.pop();
            return self.take_as(kind);
        }
        let (properties, start) = self.properties()?;
        let span = self.scanner.peek()?.span.clone();
        let from_start = start.clone().map_or(span.start, |start| start.start)..span.end;
        let (kind, state) = match self.scanner.peek()?.kind.clone() {
            TokenKind::BlockEntry if context == Context::BlockMapping => {
                self.state = State::IndentlessSequenceEntry;
                let span = from_start.start..span.start;
                return Ok(self.event(EventKind::SequenceStart(properties), span));
            }
            TokenKind::Scalar { text, style } => {
                self.scanner.take()?;
                self.pop();
                let kind = EventKind::Scalar { properties, text, style };
                return Ok(self.event(kind, from_start));
            }
            TokenKind::FlowSequenceStart => {
                (EventKind::SequenceStart(properties), State::FlowSequenceEntry(Place::First))
            }
            TokenKind::FlowMappingStart => {
                (EventKind::MappingStart(properties), State::FlowMappingKey(Place::First))
            }
            TokenKind::BlockSequenceStart if context != Context::Flow => {
                (EventKind::SequenceStart(properties), State::BlockSequenceEntry)
            }
            TokenKind::BlockMappingStart if context != Context::Flow => {
                (EventKind::MappingStart(properties), State::BlockMappingKey)
            }
            _ => {
                let Some(span) = start else {
                    return Err(self.problem("a value is missing before this")?);
                };
                self.pop();
                return Ok(self.empty_scalar(properties, span));
            }
        };
        self.scanner.take()?;
        self.state = state;
        Ok(self.event(kind, from_start))
    }

    /// At most one anchor and one tag, in either order, and their place.
    fn properties(&mut self) -> Result<(Properties, Option<Range<usize>>), Problem> {
        let mut properties = Properties::default();
        let mut place: Option<Range<usize>> = None;
        loop {
            let token = self.scanner.peek()?.clone();
            match token.kind {
                TokenKind::Anchor(name) if properties.anchor.is_none() => {
                    properties.anchor = Some(name);
                }
                TokenKind::Tag { handle, suffix } if properties.tag.is_none() => {
                    let Some(tag) = self.full_tag(&handle, &suffix) else {
                        let message = "the handle of this tag is not declared";
                        return Err(self.problem(message)?.with_help("put the value in quotes"));
                    };
                    properties.tag = Some(tag);
                }
                _ => return Ok((properties, place)),
            }
            let start = place.map_or(token.span.start, |place| place.start);
            place = Some(start..token.span.end);
            self.scanner.take()?;
        }
    }
}
