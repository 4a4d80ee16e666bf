// SPDX-License-Identifier: Apache-2.0
//! Characters to tokens.
//!
//! The hard part of YAML: block collections have no brackets, and a key is only known for one
//! when its `:` comes, perhaps after the whole key was read. So tokens wait in a queue as long as
//! a [`SimpleKey`] before them may still need a `Key` token, and an indentation stack makes the
//! starts and ends of block collections.

mod block;
mod directive;
mod flow;
mod indicator;
mod key;
mod plain;
mod property;
mod quoted;

use std::collections::VecDeque;
use std::ops::Range;

use super::MAX_DEPTH;
use super::character::{Characters, END, is_blank, is_break, is_break_or_end, is_space};
use super::cursor::Cursor;
use super::hint;
use super::token::{Token, TokenKind};
use crate::Problem;
use crate::node::Style;
use key::SimpleKey;

/// Makes tokens on demand.
#[derive(Debug)]
pub(crate) struct Scanner {
    cursor: Cursor,
    /// Tokens that were made and not yet taken.
    queue: VecDeque<Token>,
    /// The number of those that were taken.
    taken: usize,
    /// The start of the last token.
    last_start: usize,
    /// Open flow collections.
    flow_level: usize,
    /// The column of the innermost block collection.
    indent: Option<usize>,
    /// The indentations of the collections around it.
    indents: Vec<Option<usize>>,
    /// May a simple key start here?
    key_allowed: bool,
    /// Tokens that may turn out to be keys: at most one a flow level, outermost first.
    keys: VecDeque<SimpleKey>,
}

impl Scanner {
    /// A scanner at the start of that text.
    pub(crate) fn new(characters: Characters) -> Self {
        Self {
            cursor: Cursor::new(characters),
            queue: VecDeque::new(),
            taken: 0,
            last_start: 0,
            flow_level: 0,
            indent: None,
            indents: Vec::new(),
            key_allowed: true,
            keys: VecDeque::new(),
        }
    }

    /// Returns the text, given back.
    pub(crate) fn into_characters(self) -> Characters {
        self.cursor.into_characters()
    }

    /// Returns the bytes of the file that hold those characters.
    pub(crate) fn bytes(&self, span: Range<usize>) -> Range<usize> {
        self.cursor.characters().bytes(span)
    }

    /// Returns the next token, left where it is.
    pub(crate) fn peek(&mut self) -> Result<&Token, Problem> {
        self.fill()?;
        let here = self.cursor.at();
        if self.queue.is_empty() {
            self.queue.push_back(Token { kind: TokenKind::StreamEnd, span: here..here });
        }
        // It was filled just now.
        self.queue.front().ok_or_else(|| self.problem("the text ends here", here..here))
    }

    /// Takes the next token.
    pub(crate) fn take(&mut self) -> Result<Token, Problem> {
        if self.peek()?.kind == TokenKind::StreamEnd {
            return self.peek().cloned();
        }
        self.taken += 1;
        let here = self.cursor.at();
        self.queue.pop_front().ok_or_else(|| self.problem("the text ends here", here..here))
    }

    /// Returns the problem, which is about the next token, with the advice to quote the value on
    /// its line, if something stands before it there; else to check the indentation.
    pub(crate) fn quote_before_next(&self, problem: Problem) -> Problem {
        let start = self.queue.front().map_or(self.cursor.at(), |token| token.span.start);
        if self.cursor.characters().is_first_on_line(start) {
            return problem.with_help("check the indentation of this line and of those above");
        }
        hint::quote(problem, self.cursor.characters(), start)
    }

    /// Whether the next token stands on a later line than `start`, and this line starts at the left
    /// margin, as an entry of the outermost mapping does.
    pub(crate) fn is_next_in_entry_after(&self, start: usize) -> bool {
        let next = self.queue.front().map_or(self.cursor.at(), |token| token.span.start);
        let characters = self.cursor.characters();
        let is_later = characters.slice(start..next).any(is_break);
        let line = characters.line_around(next);
        is_later && line.first().is_some_and(|c| !is_blank(*c) && !matches!(c, ']' | '}'))
    }

    /// Scans until the first token in the queue is sure to be the next.
    fn fill(&mut self) -> Result<(), Problem> {
        loop {
            if !self.queue.is_empty() {
                self.drop_stale_keys()?;
                if self.keys.front().is_none_or(|key| key.token != self.taken) {
                    return Ok(());
                }
            }
            self.scan_token()?;
        }
    }

    fn scan_token(&mut self) -> Result<(), Problem> {
        self.skip_to_token();
        self.drop_stale_keys()?;
        self.unroll_indent(Some(self.cursor.column()));
        let in_flow = self.flow_level > 0;
        let followed_by_space = is_space(self.cursor.peek_at(1));
        match self.cursor.peek() {
            END => self.stream_end(),
            '%' if self.cursor.column() == 0 => self.directive(),
            '-' if self.cursor.is_at_marker('-') => self.document_marker(TokenKind::DocumentStart),
            '.' if self.cursor.is_at_marker('.') => self.document_marker(TokenKind::DocumentEnd),
            '[' => self.flow_start(TokenKind::FlowSequenceStart),
            '{' => self.flow_start(TokenKind::FlowMappingStart),
            ']' => self.flow_end(TokenKind::FlowSequenceEnd),
            '}' => self.flow_end(TokenKind::FlowMappingEnd),
            // Only the parser refuses it outside of flow collections.
            ',' => self.indicator(TokenKind::FlowEntry, 1, true),
            '-' if followed_by_space => self.block_entry(),
            '?' if in_flow || followed_by_space => self.key(),
            ':' if in_flow || followed_by_space => self.value(),
            '*' => self.reference(TokenKind::Alias),
            '&' => self.reference(TokenKind::Anchor),
            '!' => self.tag(),
            '|' if !in_flow => self.block_scalar(Style::Literal),
            '>' if !in_flow => self.block_scalar(Style::Folded),
            '\'' => self.quoted_scalar(Style::SingleQuoted),
            '"' => self.quoted_scalar(Style::DoubleQuoted),
            c @ ('|' | '>' | '%' | '@' | '`') => self.no_token(c),
            c if is_blank(c) => self.no_token(c),
            _ => self.plain_scalar(),
        }
    }

    /// Passes blanks, comments and line breaks. A tab is blank only where it cannot indent.
    fn skip_to_token(&mut self) {
        loop {
            let is_tab_blank = self.flow_level > 0 || !self.key_allowed;
            self.cursor.skip_until(|c| c != ' ' && !(c == '\t' && is_tab_blank));
            if self.cursor.peek() == '#' {
                self.cursor.skip_line_rest();
            }
            if self.cursor.take_break().is_none() {
                return;
            }
            if self.flow_level == 0 {
                self.key_allowed = true;
            }
        }
    }

    fn no_token(&self, c: char) -> Result<(), Problem> {
        let what = match c {
            '\t' => {
                let problem = self.problem_here("a tab cannot indent");
                return Err(problem.with_help("indent with spaces, or remove the tab"));
            }
            '`' => "a backtick".to_owned(),
            c => format!("`{c}`"),
        };
        let message = format!("a value cannot start with {what} unless it is quoted");
        Err(self.quote(self.problem_here(message)))
    }

    /// Appends a token of the next `width` characters, and passes them.
    fn push_next(&mut self, kind: TokenKind, width: usize) {
        let start = self.cursor.at();
        self.cursor.skip(width);
        self.push(kind, start);
    }

    /// Appends a token of the characters from `start` to here.
    fn push(&mut self, kind: TokenKind, start: usize) {
        self.push_until(kind, start, self.cursor.at());
    }

    fn push_until(&mut self, kind: TokenKind, start: usize, end: usize) {
        self.queue.push_back(Token { kind, span: start..end });
        self.last_start = start;
    }

    /// Appends a token of the next `width` characters, before which no key can wait for its value.
    fn indicator(
        &mut self,
        kind: TokenKind,
        width: usize,
        key_allowed: bool,
    ) -> Result<(), Problem> {
        self.drop_key()?;
        self.key_allowed = key_allowed;
        self.push_next(kind, width);
        Ok(())
    }

    /// Begins what may be a key, and returns its start.
    fn begin(&mut self) -> Result<usize, Problem> {
        self.save_key()?;
        self.key_allowed = false;
        Ok(self.cursor.at())
    }

    fn stream_end(&mut self) -> Result<(), Problem> {
        // No key outlives its line, so none is waited for any more.
        self.cursor.end_line();
        self.unroll_indent(None);
        self.indicator(TokenKind::StreamEnd, 0, false)
    }

    fn document_marker(&mut self, kind: TokenKind) -> Result<(), Problem> {
        self.unroll_indent(None);
        self.indicator(kind, 3, false)
    }

    /// Opens a block collection at that column if it is deeper than the one around it. `number`
    /// is the count of tokens before it.
    fn roll_indent(
        &mut self,
        column: usize,
        number: usize,
        kind: TokenKind,
        start: usize,
    ) -> Result<(), Problem> {
        if self.flow_level > 0 || self.indent >= Some(column) {
            return Ok(());
        }
        if self.indents.len() >= MAX_DEPTH {
            return Err(self.too_deep());
        }
        self.indents.push(self.indent);
        self.indent = Some(column);
        self.insert(number, Token { kind, span: start..start });
        Ok(())
    }

    /// Closes block collections until the innermost is at that column or left of it.
    fn unroll_indent(&mut self, column: Option<usize>) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.push_next(TokenKind::BlockEnd, 0);
            self.indent = self.indents.pop().flatten();
        }
    }

    /// Puts a token where `number` tokens are before it.
    fn insert(&mut self, number: usize, token: Token) {
        let at = number.saturating_sub(self.taken).min(self.queue.len());
        self.queue.insert(at, token);
    }

    /// Returns the number of tokens so far.
    fn token_count(&self) -> usize {
        self.taken + self.queue.len()
    }

    fn too_deep(&self) -> Problem {
        self.problem_here(format!("collections are nested more than {MAX_DEPTH} deep"))
    }

    fn problem(&self, message: impl Into<String>, span: Range<usize>) -> Problem {
        Problem::new("frontmatter-yaml", message, self.bytes(span))
    }

    fn problem_here(&self, message: impl Into<String>) -> Problem {
        self.problem(message, self.cursor.at()..self.cursor.at() + 1)
    }

    fn tab_indents(&self) -> Problem {
        self.problem_here("a tab cannot indent").with_help("indent with spaces")
    }

    /// Returns the problem with the advice to quote the value on this line.
    fn quote(&self, problem: Problem) -> Problem {
        hint::quote(problem, self.cursor.characters(), self.cursor.at())
    }

    /// Whether the next character ends its line.
    /// Passes blanks and a comment; whether the line ends there.
    fn ends_line(&mut self) -> bool {
        self.cursor.skip_blanks();
        if self.cursor.peek() == '#' {
            self.cursor.skip_line_rest();
        }
        is_break_or_end(self.cursor.peek())
    }
}
