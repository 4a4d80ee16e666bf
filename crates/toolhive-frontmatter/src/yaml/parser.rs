// SPDX-License-Identifier: Apache-2.0
//! Tokens to events: the grammar of YAML 1.1, for the first document (FM-6).
//!
//! A state machine with its own stack, so depth costs memory and never the thread's stack.

mod block;
mod document;
mod flow;
mod node;

use std::ops::Range;

use super::character::Characters;
use super::event::{Event, EventKind};
use super::scanner::Scanner;
use super::token::{Tag, TokenKind};
use crate::Problem;
use crate::node::{Properties, Style};
use flow::Place;
use node::Context;

/// The state of the parser: what it expects next.
#[derive(Clone, Copy, Debug)]
enum State {
    DocumentStart,
    BlockSequenceEntry,
    /// An entry of a sequence that stands in a mapping without indentation.
    IndentlessSequenceEntry,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequenceEntry(Place),
    /// The key of a pair without braces in a flow sequence, as in `[a: b]`.
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowMappingKey(Place),
    FlowMappingValue,
    /// After a key without `:`, as in `{a, b}`.
    FlowMappingNoValue,
    DocumentEnd,
    End,
}

/// Makes events on demand.
#[derive(Debug)]
pub(crate) struct Parser {
    scanner: Scanner,
    state: State,
    /// The states to go on in after the collections that are open.
    states: Vec<State>,
    /// The handles of `%TAG` lines, and what they stand for.
    tag_directives: Vec<Tag>,
    /// The brackets that are open.
    brackets: Vec<Range<usize>>,
    /// The start of text that follows the first document.
    rest: Option<usize>,
}

impl Parser {
    /// A parser at the start of that text.
    pub(crate) fn new(characters: Characters) -> Self {
        Self {
            scanner: Scanner::new(characters),
            state: State::DocumentStart,
            states: Vec::new(),
            tag_directives: Vec::new(),
            brackets: Vec::new(),
            rest: None,
        }
    }

    /// Returns the text, given back, and the bytes of the file that follow the first document.
    pub(crate) fn finish(self) -> (Characters, Option<Range<usize>>) {
        let rest = self.rest.map(|start| self.scanner.bytes(start..usize::MAX));
        (self.scanner.into_characters(), rest)
    }

    /// Returns the next event of the first document; `None` after its root node.
    pub(crate) fn next(&mut self) -> Result<Option<Event>, Problem> {
        let event = match self.state {
            State::DocumentStart => return self.document_start(),
            State::BlockSequenceEntry => self.block_sequence_entry(),
            State::IndentlessSequenceEntry => self.indentless_sequence_entry(),
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequenceEntry(place) => self.flow_sequence_entry(place),
            State::FlowPairKey => self.flow_pair_key(),
            State::FlowPairValue => self.flow_value(TokenKind::FlowSequenceEnd, State::FlowPairEnd),
            State::FlowPairEnd => self.flow_pair_end(),
            State::FlowMappingKey(place) => self.flow_mapping_key(place),
            State::FlowMappingValue => {
                self.flow_value(TokenKind::FlowMappingEnd, State::FlowMappingKey(Place::Later))
            }
            State::FlowMappingNoValue => self.nothing(State::FlowMappingKey(Place::Later)),
            State::DocumentEnd => return self.document_end(),
            State::End => return Ok(None),
        };
        event.map(Some)
    }

    /// Whether the next token is of that kind.
    fn at(&mut self, kind: &TokenKind) -> Result<bool, Problem> {
        Ok(self.scanner.peek()?.kind == *kind)
    }

    /// Whether the next token is of one of those kinds.
    fn at_any(&mut self, kinds: &[TokenKind]) -> Result<bool, Problem> {
        Ok(kinds.contains(&self.scanner.peek()?.kind))
    }

    /// Passes the next token if it is of that kind.
    fn accept(&mut self, kind: &TokenKind) -> Result<bool, Problem> {
        let is_here = self.at(kind)?;
        if is_here {
            self.scanner.take()?;
        }
        Ok(is_here)
    }

    /// Returns an event for the next token.
    fn take_as(&mut self, kind: EventKind) -> Result<Event, Problem> {
        let span = self.scanner.take()?.span;
        Ok(self.event(kind, span))
    }

    /// Returns the place between the last token and the next.
    fn here(&mut self) -> Result<Range<usize>, Problem> {
        let at = self.scanner.peek()?.span.start;
        Ok(at..at)
    }

    fn event(&self, kind: EventKind, span: Range<usize>) -> Event {
        Event { kind, span: self.scanner.bytes(span) }
    }

    /// Returns the scalar that is there where nothing is.
    fn empty_scalar(&mut self, properties: Properties, span: Range<usize>) -> Event {
        let kind = EventKind::Scalar { properties, text: String::new(), style: Style::Plain };
        self.event(kind, span)
    }

    /// Returns an empty scalar before the next token, without properties.
    fn nothing(&mut self, then: State) -> Result<Event, Problem> {
        self.state = then;
        let here = self.here()?;
        Ok(self.empty_scalar(Properties::default(), here))
    }

    /// Goes on with what is around the collection or node that ended.
    /// Returns the node after an indicator, or nothing where one of these follows.
    fn node_unless(
        &mut self,
        next: &[TokenKind],
        context: Context,
        then: State,
    ) -> Result<Event, Problem> {
        if self.at_any(next)? {
            return self.nothing(then);
        }
        self.states.push(then);
        self.node(context)
    }

    fn pop(&mut self) {
        self.state = self.states.pop().unwrap_or(State::DocumentEnd);
    }

    fn problem(&mut self, message: &str) -> Result<Problem, Problem> {
        let span = self.scanner.peek()?.span.clone();
        if let Some(bracket) = self.brackets.last().cloned() {
            // A bracket that is still open where the next entry starts was forgotten.
            let in_entry = self.scanner.is_next_in_entry_after(bracket.start);
            if self.at(&TokenKind::StreamEnd)? || (in_entry && self.at(&TokenKind::Value)?) {
                let bracket = self.scanner.bytes(bracket);
                let message = "this bracket is never closed";
                return Ok(Problem::new("frontmatter-yaml", message, bracket));
            }
        }
        let span = span.start..span.end.max(span.start + 1);
        Ok(Problem::new("frontmatter-yaml", message, self.scanner.bytes(span)))
    }
}
