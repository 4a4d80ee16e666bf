// SPDX-License-Identifier: Apache-2.0
//! The start of a document: directives (FM-13) and `---`, or nothing.

use super::super::event::Event;
use super::super::token::TokenKind;
use super::node::Context;
use super::{Parser, State};
use crate::Problem;

/// The meanings of the handles of every document.
const DEFAULT_TAGS: [(&str, &str); 2] = [("!", "!"), ("!!", "tag:yaml.org,2002:")];

impl Parser {
    /// Returns the first event of the document, if it has one.
    pub(super) fn document_start(&mut self) -> Result<Option<Event>, Problem> {
        self.state = State::DocumentEnd;
        if self.directives()? {
            if !self.accept(&TokenKind::DocumentStart)? {
                return Err(self.problem("after a `%` line, `---` must follow")?);
            }
            let is_empty = matches!(
                self.scanner.peek()?.kind,
                TokenKind::VersionDirective { .. }
                    | TokenKind::TagDirective(_)
                    | TokenKind::DocumentStart
                    | TokenKind::DocumentEnd
                    | TokenKind::StreamEnd
            );
            if is_empty {
                return self.nothing(State::DocumentEnd).map(Some);
            }
        } else if self.at(&TokenKind::StreamEnd)? {
            return Ok(None);
        }
        self.states.push(State::DocumentEnd);
        self.node(Context::Block).map(Some)
    }

    /// After the root node. What follows is no part of the document, but must begin like YAML,
    /// unless `...` is before it (FM-6).
    pub(super) fn document_end(&mut self) -> Result<Option<Event>, Problem> {
        self.state = State::End;
        let start = self.scanner.peek()?.span.start;
        let has_rest = if self.accept(&TokenKind::DocumentEnd)? {
            self.at(&TokenKind::StreamEnd).map_or(true, |at_end| !at_end)
        } else {
            !self.at(&TokenKind::StreamEnd)?
        };
        self.rest = has_rest.then_some(start);
        Ok(None)
    }

    /// Reads directives; true if there are any, or a document marker instead.
    fn directives(&mut self) -> Result<bool, Problem> {
        let mut has_version = false;
        loop {
            match self.scanner.peek()?.kind.clone() {
                TokenKind::VersionDirective { major, minor } => {
                    if has_version {
                        return Err(self.problem("there is a second `%YAML` line")?);
                    }
                    if (major, minor) != (1, 1) {
                        return Err(self.problem("only YAML 1.1 can be declared")?);
                    }
                    has_version = true;
                }
                TokenKind::TagDirective(tag) => {
                    if self.tag_directives.iter().any(|known| known.handle == tag.handle) {
                        return Err(self.problem("there is a second `%TAG` line for this handle")?);
                    }
                    self.tag_directives.push(*tag);
                }
                TokenKind::DocumentStart => return Ok(true),
                _ => return Ok(has_version || !self.tag_directives.is_empty()),
            }
            self.scanner.take()?;
        }
    }

    /// Returns a tag's text, its handle replaced by what it stands for.
    pub(super) fn full_tag(&self, handle: &str, suffix: &str) -> Option<String> {
        if handle.is_empty() {
            return Some(suffix.to_owned());
        }
        let declared = self.tag_directives.iter().map(|d| (d.handle.as_str(), d.text.as_str()));
        let (_, prefix) = declared.chain(DEFAULT_TAGS).find(|(known, _)| *known == handle)?;
        Some(format!("{prefix}{suffix}"))
    }
}
