// SPDX-License-Identifier: Apache-2.0
//! Block scalars, `|` and `>`.

use super::super::character::{END, is_blank, is_break};
use super::{Scanner, TokenKind};
use crate::Problem;
use crate::node::Style;

/// The treatment of the line breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    /// `-`: none is kept.
    Strip,
    /// One line break at the end is kept.
    Clip,
    /// `+`: all are kept.
    Keep,
}

impl Scanner {
    /// A block scalar with its header.
    pub(super) fn block_scalar(&mut self, style: Style) -> Result<(), Problem> {
        self.drop_key()?;
        self.key_allowed = true;
        let start = self.cursor.at();
        self.cursor.take();
        let (chomping, increment) = self.block_header()?;
        if !self.ends_line() {
            return Err(self.bad_header());
        }
        self.cursor.take_break();
        let mut indent = increment.map(|more| self.indent.unwrap_or(0) + more);
        let mut end = self.cursor.at();

        let mut text = String::new();
        let mut last_break: Option<char> = None;
        let mut other_breaks = self.block_breaks(&mut indent)?;
        // Lines that start with a blank keep their breaks.
        let mut was_blank = false;
        let column = indent.unwrap_or(0);
        while self.cursor.column() == column && self.cursor.peek() != END {
            let blank = is_blank(self.cursor.peek());
            let folds = style == Style::Folded && !was_blank && !blank;
            match last_break.take() {
                Some('\n') if folds => {
                    if other_breaks.is_empty() {
                        text.push(' ');
                    }
                }
                kept => text.extend(kept),
            }
            text.push_str(&other_breaks);
            was_blank = blank;
            self.cursor.take_until(is_break, &mut text);
            end = self.cursor.at();
            last_break = self.cursor.take_break();
            other_breaks = self.block_breaks(&mut indent)?;
        }
        if chomping != Chomping::Strip {
            text.extend(last_break);
        }
        if chomping == Chomping::Keep {
            text.push_str(&other_breaks);
        }
        self.push_until(TokenKind::Scalar { text, style }, start, end);
        Ok(())
    }

    /// Returns the chomping and indentation indicators, in either order.
    fn block_header(&mut self) -> Result<(Chomping, Option<usize>), Problem> {
        let mut chomping = None;
        let mut increment = None;
        for _ in 0..2 {
            match self.cursor.peek() {
                '-' if chomping.is_none() => chomping = Some(Chomping::Strip),
                '+' if chomping.is_none() => chomping = Some(Chomping::Keep),
                c @ '0'..='9' if increment.is_none() => {
                    increment = c.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
                    if increment == Some(0) {
                        return Err(self.bad_header());
                    }
                }
                _ => break,
            }
            self.cursor.take();
        }
        Ok((chomping.unwrap_or(Chomping::Clip), increment))
    }

    fn bad_header(&self) -> Problem {
        self.problem_here("after `|` or `>` the line must end")
            .with_help("put the text on the next line, indented, or put the value in quotes")
    }

    /// Takes indentation and the breaks of empty lines, and finds out the indentation if no line
    /// has shown it so far: that of the first line with text, or of the longest empty one before.
    fn block_breaks(&mut self, indent: &mut Option<usize>) -> Result<String, Problem> {
        let mut breaks = String::new();
        let mut longest = 0;
        loop {
            let inside = |column| indent.is_none_or(|indent| column < indent);
            while inside(self.cursor.column()) && self.cursor.peek() == ' ' {
                self.cursor.take();
            }
            longest = longest.max(self.cursor.column());
            if inside(self.cursor.column()) && self.cursor.peek() == '\t' {
                return Err(self.tab_indents());
            }
            match self.cursor.take_break() {
                Some(c) => breaks.push(c),
                None => break,
            }
        }
        if indent.is_none() {
            let least = self.indent.map_or(0, |indent| indent + 1);
            *indent = Some(longest.max(least).max(1));
        }
        Ok(breaks)
    }
}
