// SPDX-License-Identifier: Apache-2.0
//! The check that a document is one JSON value (PJ-1 to PJ-3).

use super::complaint::complaint;
use super::{Value, scan};
use crate::Diagnostic;

/// The deepest nesting of arrays and objects; the outermost is level 1 (PJ-3).
pub const MAX_DEPTH: usize = 10_000;

/// Returns the one value of a document: strict RFC 8259 text, with JSON white space around it
/// (PJ-2) and nothing else. Strings may hold bytes that are not UTF-8.
///
/// # Errors
/// The place where the text stops being JSON, with advice on how to fix it.
#[allow(clippy::result_large_err, reason = "made once, on the way out")]
pub fn parse(document: &[u8]) -> Result<Value<'_>, Diagnostic> {
    parse_within(document, 0, document.len())
}

/// Parses a document with white space of any kind that Unicode knows around the value (PJ-1): a
/// no-break space or a form feed is tolerated there, a byte order mark is not.
///
/// # Errors
/// As of [`parse`].
#[allow(clippy::result_large_err, reason = "made once, on the way out")]
pub fn parse_trimmed(document: &[u8]) -> Result<Value<'_>, Diagnostic> {
    let head = document.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let start = head.len() - head.trim_start().len();
    let mut end = document.len();
    while let Some(last) = last_char(document.get(start..end).unwrap_or_default())
        && last.is_whitespace()
    {
        end -= last.len_utf8();
    }
    parse_within(document, start, end)
}

/// Returns the character that ends `text`, unless its last bytes are not UTF-8.
fn last_char(text: &[u8]) -> Option<char> {
    (1..=4).find_map(|length| {
        let tail = text.get(text.len().checked_sub(length)?..)?;
        std::str::from_utf8(tail).ok()?.chars().next()
    })
}

#[allow(clippy::result_large_err, reason = "made once, on the way out")]
fn parse_within(document: &[u8], start: usize, end: usize) -> Result<Value<'_>, Diagnostic> {
    let text = document.get(..end).unwrap_or(document);
    let mut reader = Reader { text, at: scan::white_space(text, start), open: Vec::new() };
    let from = reader.at;
    match reader.document() {
        Ok(to) => Ok(Value::new(document, from, to)),
        Err(fault) => Err(complaint(document, end, fault, &reader.open)),
    }
}

/// A fault of the text, at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) kind: FaultKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// No value starts here.
    Value,
    /// No key starts here.
    Key,
    /// No colon stands here.
    Colon,
    /// Neither a comma nor the bracket that closes the innermost array or object.
    Separator,
    /// Further text follows the value.
    Rest,
    /// The nesting is too deep here.
    Depth,
    /// The string that starts here never ends.
    OpenString,
    /// A control character in a string.
    Control,
    /// A backslash that starts no escape.
    Escape,
    /// A `\u` without four hexadecimal digits.
    UnicodeEscape,
    /// A number goes on after a leading zero.
    LeadingZero,
    /// A number lacks a digit here.
    Digit,
}

/// The kind of token that the grammar requires next.
enum Next {
    Value,
    Key,
    End,
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    /// The starts of the arrays and objects that are open, the innermost last.
    open: Vec<usize>,
}

type Checked<T> = Result<T, Fault>;

impl Reader<'_> {
    /// Checks the whole document; the end of its value.
    fn document(&mut self) -> Checked<usize> {
        let mut next = self.value()?;
        loop {
            next = match next {
                Next::Key => {
                    self.key()?;
                    self.value()?
                }
                Next::Value => self.value()?,
                Next::End if self.open.is_empty() => break,
                Next::End => self.separator()?,
            };
        }
        let end = self.at;
        self.skip_white_space();
        if self.peek().is_some() {
            return self.fault(FaultKind::Rest);
        }
        Ok(end)
    }

    /// Returns a scalar, an empty array or object, or the start of another.
    fn value(&mut self) -> Checked<Next> {
        match self.peek() {
            Some(b'"') => self.string()?,
            Some(b'{') => return self.nested(b'}', Next::Key),
            Some(b'[') => return self.nested(b']', Next::Value),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.literal(b"true")?,
            Some(b'f') => self.literal(b"false")?,
            Some(b'n') => self.literal(b"null")?,
            _ => return self.fault(FaultKind::Value),
        }
        Ok(Next::End)
    }

    fn nested(&mut self, close: u8, inside: Next) -> Checked<Next> {
        if self.open.len() >= MAX_DEPTH {
            return self.fault(FaultKind::Depth);
        }
        self.open.push(self.at);
        self.at += 1;
        self.skip_white_space();
        if self.peek() == Some(close) {
            self.at += 1;
            self.open.pop();
            return Ok(Next::End);
        }
        Ok(inside)
    }

    /// Reads the separator after a value inside an array or object.
    fn separator(&mut self) -> Checked<Next> {
        let is_object = self.open.last().is_some_and(|at| self.text.get(*at) == Some(&b'{'));
        self.skip_white_space();
        let next = match (self.peek(), is_object) {
            (Some(b','), true) => Next::Key,
            (Some(b','), false) => Next::Value,
            (Some(b'}'), true) | (Some(b']'), false) => {
                self.open.pop();
                self.at += 1;
                return Ok(Next::End);
            }
            _ => return self.fault(FaultKind::Separator),
        };
        self.at += 1;
        self.skip_white_space();
        Ok(next)
    }

    /// Returns a key, its colon, and the white space up to the value.
    fn key(&mut self) -> Checked<()> {
        if self.peek() != Some(b'"') {
            return self.fault(FaultKind::Key);
        }
        self.string()?;
        self.skip_white_space();
        if self.peek() != Some(b':') {
            return self.fault(FaultKind::Colon);
        }
        self.at += 1;
        self.skip_white_space();
        Ok(())
    }

    fn string(&mut self) -> Checked<()> {
        let start = self.at;
        self.at += 1;
        loop {
            self.at = scan::plain(self.text, self.at);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape(start)?,
                Some(_) => return self.fault(FaultKind::Control),
                None => return Err(Fault { at: start, kind: FaultKind::OpenString }),
            }
        }
    }

    fn escape(&mut self, string: usize) -> Checked<()> {
        match self.text.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let digits = self.text.get(self.at + 2..self.at + 6);
                if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                    return self.fault(FaultKind::UnicodeEscape);
                }
                self.at += 6;
            }
            Some(_) => return self.fault(FaultKind::Escape),
            None => return Err(Fault { at: string, kind: FaultKind::OpenString }),
        }
        Ok(())
    }

    fn number(&mut self) -> Checked<()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if let Some(b'0'..=b'9') = self.peek() {
                return self.fault(FaultKind::LeadingZero);
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// Reads at least one digit.
    fn digits(&mut self) -> Checked<()> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == start { self.fault(FaultKind::Digit) } else { Ok(()) }
    }

    fn literal(&mut self, word: &[u8]) -> Checked<()> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return self.fault(FaultKind::Value);
        }
        self.at += word.len();
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_white_space(&mut self) {
        self.at = scan::white_space(self.text, self.at);
    }

    fn fault<T>(&self, kind: FaultKind) -> Checked<T> {
        Err(Fault { at: self.at, kind })
    }
}
