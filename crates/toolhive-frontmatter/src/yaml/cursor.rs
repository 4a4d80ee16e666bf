// SPDX-License-Identifier: Apache-2.0
//! A place in the text that moves forward and knows its line and column.

use super::character::{Characters, END, is_blank, is_break, is_space};

/// The place of the next character.
#[derive(Debug)]
pub(crate) struct Cursor {
    characters: Characters,
    at: usize,
    line: usize,
    column: usize,
}

impl Cursor {
    /// Creates a cursor at the start of the text.
    pub(crate) fn new(characters: Characters) -> Self {
        Self { characters, at: 0, line: 0, column: 0 }
    }

    /// Returns the text.
    pub(crate) fn characters(&self) -> &Characters {
        &self.characters
    }

    /// Returns the text, given back.
    pub(crate) fn into_characters(self) -> Characters {
        self.characters
    }

    /// Returns the index of the next character.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Returns the line of the next character, from 0.
    pub(crate) fn line(&self) -> usize {
        self.line
    }

    /// Returns its column in characters, from 0.
    pub(crate) fn column(&self) -> usize {
        self.column
    }

    /// Returns the next character.
    pub(crate) fn peek(&self) -> char {
        self.characters.get(self.at)
    }

    /// Returns the character `ahead` places after the next one.
    pub(crate) fn peek_at(&self, ahead: usize) -> char {
        self.characters.get(self.at.saturating_add(ahead))
    }

    /// Takes the next character, which is no break.
    pub(crate) fn take(&mut self) -> char {
        let c = self.peek();
        if c != END {
            self.at += 1;
            self.column += 1;
        }
        c
    }

    /// Passes that many characters, none of them a break.
    pub(crate) fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.take();
        }
    }

    /// Takes a line break and gives what it counts for (FM-11): LF, but U+2028 and U+2029 stay.
    pub(crate) fn take_break(&mut self) -> Option<char> {
        let c = self.peek();
        if !is_break(c) {
            return None;
        }
        self.at += if c == '\r' && self.peek_at(1) == '\n' { 2 } else { 1 };
        self.line += 1;
        self.column = 0;
        Some(if matches!(c, '\u{2028}' | '\u{2029}') { c } else { '\n' })
    }

    /// Ends the last line at the end of the text, if nothing else does.
    pub(crate) fn end_line(&mut self) {
        if self.column > 0 {
            self.line += 1;
            self.column = 0;
        }
    }

    /// Takes characters up to one at which `ends` says so, as it must of every line break, and appends them.
    pub(crate) fn take_until(&mut self, ends: impl Fn(char) -> bool, text: &mut String) {
        let start = self.at;
        self.skip_until(ends);
        self.characters.append(start..self.at, text);
    }

    /// Takes characters as long as `is_meant` says so, as it must of no line break.
    pub(crate) fn take_while(&mut self, is_meant: impl Fn(char) -> bool) -> String {
        let mut text = String::new();
        self.take_until(|c| !is_meant(c), &mut text);
        text
    }

    /// Passes characters up to one at which `ends` says so, as it must of every line break.
    pub(crate) fn skip_until(&mut self, ends: impl Fn(char) -> bool) {
        let count = self.characters.run(self.at, ends);
        self.at += count;
        self.column += count;
    }

    /// Skips blanks.
    pub(crate) fn skip_blanks(&mut self) {
        self.skip_until(|c| !is_blank(c));
    }

    /// Passes everything up to the end of the line.
    pub(crate) fn skip_line_rest(&mut self) {
        self.skip_until(is_break);
    }

    /// Whether a document marker, `---` or `...`, stands here at the start of a line.
    pub(crate) fn is_at_marker(&self, mark: char) -> bool {
        self.column == 0 && (0..3).all(|n| self.peek_at(n) == mark) && is_space(self.peek_at(3))
    }
}
