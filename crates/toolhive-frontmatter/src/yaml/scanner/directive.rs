// SPDX-License-Identifier: Apache-2.0
//! `%YAML` and `%TAG` (FM-13). In frontmatter they can stand, but the `---` they need cannot,
//! unless the text is UTF-16.

use super::super::character::{is_space, is_word};
use super::super::token::Tag;
use super::{Scanner, TokenKind};
use crate::Problem;

/// The most digits of a version number.
const MAX_DIGITS: usize = 9;

impl Scanner {
    /// `%` at the start of a line.
    pub(super) fn directive(&mut self) -> Result<(), Problem> {
        self.unroll_indent(None);
        self.drop_key()?;
        self.key_allowed = false;
        let start = self.cursor.at();
        self.cursor.take();
        let kind = match self.cursor.take_while(is_word).as_str() {
            "YAML" if is_space(self.cursor.peek()) => self.version(start)?,
            "TAG" if is_space(self.cursor.peek()) => self.tag_directive(start)?,
            _ => {
                let help = "put the value in quotes, or remove the line";
                return Err(self.bad_directive(start).with_help(help));
            }
        };
        let end = self.cursor.at();
        if !self.ends_line() {
            return Err(self.bad_directive(start));
        }
        self.push_until(kind, start, end);
        self.cursor.take_break();
        Ok(())
    }

    fn version(&mut self, start: usize) -> Result<TokenKind, Problem> {
        self.cursor.skip_blanks();
        let major = self.number(start)?;
        if self.cursor.take() != '.' {
            return Err(self.bad_directive(start));
        }
        let minor = self.number(start)?;
        Ok(TokenKind::VersionDirective { major, minor })
    }

    fn number(&mut self, start: usize) -> Result<u32, Problem> {
        let digits = self.cursor.take_while(|c| c.is_ascii_digit());
        let number = if digits.len() <= MAX_DIGITS { digits.parse().ok() } else { None };
        number.ok_or_else(|| self.bad_directive(start))
    }

    fn tag_directive(&mut self, start: usize) -> Result<TokenKind, Problem> {
        self.cursor.skip_blanks();
        let mut handle = String::new();
        if self.cursor.peek() == '!' {
            handle.push(self.cursor.take());
            handle += &self.cursor.take_while(is_word);
            if self.cursor.peek() == '!' {
                handle.push(self.cursor.take());
            }
        }
        let is_handle = handle == "!" || (handle.len() > 1 && handle.ends_with('!'));
        if !is_handle || !super::is_blank(self.cursor.peek()) {
            return Err(self.bad_directive(start));
        }
        self.cursor.skip_blanks();
        let prefix = self.uri(start)?;
        if prefix.is_empty() || !is_space(self.cursor.peek()) {
            return Err(self.bad_directive(start));
        }
        Ok(TokenKind::TagDirective(Box::new(Tag { handle, text: prefix })))
    }

    fn bad_directive(&self, start: usize) -> Problem {
        self.problem(
            "`%` begins a YAML directive, and this is not one",
            start..self.cursor.at() + 1,
        )
    }
}
