// SPDX-License-Identifier: Apache-2.0
//! Scalars in quotes and their escapes (FM-9).

use super::super::character::{END, is_blank, is_space};
use super::plain::Gap;
use super::{Scanner, TokenKind};
use crate::Problem;
use crate::node::Style;

impl Scanner {
    /// A scalar in single or double quotes, over any number of lines.
    pub(super) fn quoted_scalar(&mut self, style: Style) -> Result<(), Problem> {
        let start = self.begin()?;
        let quote = self.cursor.take();
        let mut text = String::new();
        loop {
            if self.cursor.is_at_marker('-') || self.cursor.is_at_marker('.') {
                return Err(self.unclosed(start));
            }
            let mut gap = Gap::default();
            if self.quoted_run(quote, &mut text, &mut gap)? {
                break;
            }
            if self.cursor.peek() == END {
                return Err(self.unclosed(start));
            }
            self.quoted_gap(&mut gap);
            gap.join(&mut text);
        }
        self.push(TokenKind::Scalar { text, style }, start);
        Ok(())
    }

    /// Takes text up to white space, an escaped line break, or the closing quote: then it is done.
    fn quoted_run(
        &mut self,
        quote: char,
        text: &mut String,
        gap: &mut Gap,
    ) -> Result<bool, Problem> {
        loop {
            self.cursor.take_until(|c| is_space(c) || c == quote || c == '\\', text);
            if is_space(self.cursor.peek()) {
                return Ok(false);
            }
            match self.cursor.take() {
                c if c == quote && quote == '\'' && self.cursor.peek() == '\'' => {
                    text.push(self.cursor.take());
                }
                c if c == quote => return Ok(true),
                '\\' if quote == '"' => {
                    if self.cursor.take_break().is_some() {
                        gap.broken = true;
                        return Ok(false);
                    }
                    text.push(self.escape()?);
                }
                c => text.push(c),
            }
        }
    }

    fn quoted_gap(&mut self, gap: &mut Gap) {
        loop {
            if let Some(c) = self.cursor.take_break() {
                gap.line_break(c);
            } else if is_blank(self.cursor.peek()) {
                gap.blank(self.cursor.take());
            } else {
                return;
            }
        }
    }

    /// Returns the meaning of the escape after a backslash.
    fn escape(&mut self) -> Result<char, Problem> {
        let start = self.cursor.at().saturating_sub(1);
        let c = self.cursor.peek();
        let width = match c {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return self.short_escape(start),
        };
        self.cursor.take();
        let mut code: u32 = 0;
        for _ in 0..width {
            let digit = self.cursor.peek().to_digit(16).ok_or_else(|| {
                let message = format!("`\\{c}` needs {width} hexadecimal digits");
                self.problem(message, start..self.cursor.at() + 1)
                    .with_help("write a backslash as `\\\\`, or use single quotes")
            })?;
            self.cursor.take();
            // Eight digits fill the 32 bits and no more.
            code = code << 4 | digit;
        }
        char::from_u32(code).ok_or_else(|| {
            self.problem("this escape does not give a character", start..self.cursor.at())
        })
    }

    fn short_escape(&mut self, start: usize) -> Result<char, Problem> {
        let meant = match self.cursor.peek() {
            '0' => '\0',
            'a' => '\u{7}',
            'b' => '\u{8}',
            't' | '\t' => '\t',
            'n' => '\n',
            'v' => '\u{b}',
            'f' => '\u{c}',
            'r' => '\r',
            'e' => '\u{1b}',
            c @ (' ' | '"' | '\'' | '\\') => c,
            'N' => '\u{85}',
            '_' => '\u{a0}',
            'L' => '\u{2028}',
            'P' => '\u{2029}',
            END => return Err(self.unclosed(start)),
            c => {
                let message = format!("`\\{c}` is not an escape in double-quoted text");
                let problem = self.problem(message, start..self.cursor.at() + 1);
                return Err(problem.with_help("write a backslash as `\\\\`, or use single quotes"));
            }
        };
        self.cursor.take();
        Ok(meant)
    }

    fn unclosed(&self, start: usize) -> Problem {
        let span = self.cursor.characters().first_line(start..self.cursor.at());
        self.problem("this quote is never closed", span)
            .with_help("close it; inside double quotes, write a quote as `\\\"`")
    }
}
