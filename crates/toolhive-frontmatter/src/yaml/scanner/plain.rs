// SPDX-License-Identifier: Apache-2.0
//! Scalars without quotes (FM-7, FM-8), and how lines of flow scalars are joined.

use super::super::character::{is_blank, is_break, is_space};
use super::{Scanner, TokenKind};
use crate::Problem;
use crate::node::Style;

/// White space inside a scalar, kept until it is known that more text follows.
#[derive(Default)]
pub(super) struct Gap {
    blanks: String,
    /// The first line break, then the others.
    first: Option<char>,
    others: String,
    /// Was there a break, or an escaped one?
    pub(super) broken: bool,
}

impl Gap {
    /// A blank counts only on the line where text was.
    pub(super) fn blank(&mut self, c: char) {
        if !self.broken {
            self.blanks.push(c);
        }
    }

    /// A line break.
    pub(super) fn line_break(&mut self, c: char) {
        if self.broken {
            self.others.push(c);
        } else {
            self.blanks.clear();
            self.first = Some(c);
            self.broken = true;
        }
    }

    /// Folds: one LF is a space, and of several the first is dropped. U+2028 and U+2029 stay.
    pub(super) fn join(&mut self, text: &mut String) {
        match (self.broken, self.first) {
            (false, _) => text.push_str(&self.blanks),
            (true, Some('\n')) if self.others.is_empty() => text.push(' '),
            (true, None | Some('\n')) => text.push_str(&self.others),
            (true, Some(c)) => {
                text.push(c);
                text.push_str(&self.others);
            }
        }
        *self = Self::default();
    }
}

impl Scanner {
    /// A plain scalar, over as many lines as are indented.
    pub(super) fn plain_scalar(&mut self) -> Result<(), Problem> {
        let start = self.begin()?;
        let mut end = start;
        let least_column = self.indent.map_or(0, |indent| indent + 1);
        let mut text = String::new();
        let mut gap = Gap::default();
        loop {
            if self.cursor.is_at_marker('-') || self.cursor.is_at_marker('.') {
                break;
            }
            if self.cursor.peek() == '#' {
                break;
            }
            let run = self.cursor.at();
            while self.goes_on_plain() {
                self.cursor.take();
                let in_flow = self.flow_level > 0;
                self.cursor.skip_until(|c| is_space(c) || may_end(c, in_flow));
                end = self.cursor.at();
            }
            if run < self.cursor.at() {
                gap.join(&mut text);
                self.cursor.characters().append(run..end, &mut text);
            }
            if !is_blank(self.cursor.peek()) && !is_break(self.cursor.peek()) {
                break;
            }
            self.plain_gap(&mut gap, least_column)?;
            if self.flow_level == 0 && self.cursor.column() < least_column {
                break;
            }
        }
        self.push_until(TokenKind::Scalar { text, style: Style::Plain }, start, end);
        // A line break came last, so what follows stands at the start of its line.
        if gap.broken {
            self.key_allowed = true;
        }
        Ok(())
    }

    /// Whether the next character belongs to the scalar.
    fn goes_on_plain(&self) -> bool {
        match self.cursor.peek() {
            ':' => !is_space(self.cursor.peek_at(1)),
            c => !is_space(c) && !may_end(c, self.flow_level > 0),
        }
    }

    fn plain_gap(&mut self, gap: &mut Gap, least_column: usize) -> Result<(), Problem> {
        loop {
            if let Some(c) = self.cursor.take_break() {
                gap.line_break(c);
                continue;
            }
            match self.cursor.peek() {
                '\t' if gap.broken && self.cursor.column() < least_column => {
                    return Err(self.tab_indents());
                }
                c if is_blank(c) => gap.blank(self.cursor.take()),
                _ => return Ok(()),
            }
        }
    }
}

/// May this character, which is no white space, end a plain scalar? A colon does so before white space.
fn may_end(c: char, in_flow: bool) -> bool {
    c == ':' || (in_flow && matches!(c, ',' | '?' | '[' | ']' | '{' | '}'))
}
