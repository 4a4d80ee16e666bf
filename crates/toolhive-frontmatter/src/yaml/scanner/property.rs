// SPDX-License-Identifier: Apache-2.0
//! `* & !`: aliases, anchors and tags.

use super::super::character::{END, is_space, is_word};
use super::super::token::Tag;
use super::{Scanner, TokenKind};
use crate::Problem;

/// The characters that may follow an anchor's or alias's name, besides white space.
const AFTER_NAME: [char; 8] = ['?', ':', ',', ']', '}', '%', '@', '`'];

impl Scanner {
    /// Scans an alias or an anchor, `*name` or `&name`.
    pub(super) fn reference(&mut self, kind: fn(String) -> TokenKind) -> Result<(), Problem> {
        let start = self.begin()?;
        let indicator = self.cursor.take();
        let name = self.cursor.take_while(is_word);
        let next = self.cursor.peek();
        if !name.is_empty() && (is_space(next) || AFTER_NAME.contains(&next)) {
            self.push(kind(name), start);
            return Ok(());
        }
        let message = format!("`{indicator}` begins a YAML reference, and this is not one");
        Err(self.quote(self.problem(message, start..self.cursor.at() + 1)))
    }

    /// `!`, `!suffix`, `!handle!suffix` or `!<verbatim>`.
    pub(super) fn tag(&mut self) -> Result<(), Problem> {
        let start = self.begin()?;
        self.cursor.take();
        let (handle, suffix) = if self.cursor.peek() == '<' {
            self.cursor.take();
            let uri = self.uri(start)?;
            if uri.is_empty() || self.cursor.peek() != '>' {
                return Err(self.bad_tag(start));
            }
            self.cursor.take();
            (String::new(), uri)
        } else {
            self.short_tag(start)?
        };
        if !is_space(self.cursor.peek()) {
            return Err(self.bad_tag(start));
        }
        self.push(TokenKind::Tag(Box::new(Tag { handle, text: suffix })), start);
        Ok(())
    }

    /// Returns a tag's handle and suffix, after its first `!`.
    fn short_tag(&mut self, start: usize) -> Result<(String, String), Problem> {
        let word = self.cursor.take_while(is_word);
        if self.cursor.peek() == '!' {
            self.cursor.take();
            let suffix = self.uri(start)?;
            if suffix.is_empty() {
                return Err(self.bad_tag(start));
            }
            return Ok((format!("!{word}!"), suffix));
        }
        let suffix = word + &self.uri(start)?;
        if suffix.is_empty() {
            return Ok((String::new(), "!".to_owned()));
        }
        Ok(("!".to_owned(), suffix))
    }

    /// Returns the characters of a URI, with `%` escapes decoded. It may be empty.
    pub(super) fn uri(&mut self, start: usize) -> Result<String, Problem> {
        let mut bytes = Vec::new();
        loop {
            let c = self.cursor.peek();
            if c == '%' {
                bytes.push(self.uri_byte(start)?);
            } else if is_word(c) || (c != END && ";/?:@&=+$,.!~*'()[]".contains(c)) {
                // All of them are ASCII.
                bytes.extend(u8::try_from(c));
                self.cursor.take();
            } else {
                return String::from_utf8(bytes).map_err(|_| self.bad_tag(start));
            }
        }
    }

    /// Scans an escaped byte, `%xx`.
    fn uri_byte(&mut self, start: usize) -> Result<u8, Problem> {
        let digits = self.cursor.peek_at(1).to_digit(16).zip(self.cursor.peek_at(2).to_digit(16));
        let byte = digits.and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        self.cursor.skip(3);
        byte.ok_or_else(|| self.bad_tag(start))
    }

    fn bad_tag(&self, start: usize) -> Problem {
        let message = "`!` begins a YAML tag, and this is not one";
        self.quote(self.problem(message, start..self.cursor.at() + 1))
    }
}
