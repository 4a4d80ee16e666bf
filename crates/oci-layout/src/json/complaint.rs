// SPDX-License-Identifier: Apache-2.0
//! Complaints about text that is not JSON: the mistake that a person made rather than the token
//! that the grammar missed (DEV-4).

use std::ops::Range;

use super::reader::{Fault, FaultKind, MAX_DEPTH};
use super::text::preview;
use crate::Diagnostic;

/// The finding for a fault in the first `end` bytes of `document`, where the brackets at `open` were
/// not closed.
#[cold]
pub(super) fn complaint(document: &[u8], end: usize, fault: Fault, open: &[usize]) -> Diagnostic {
    let text = document.get(..end).unwrap_or(document);
    let place = Place { document, text, at: fault.at.min(text.len()), open };
    match fault.kind {
        FaultKind::Value | FaultKind::Key | FaultKind::Colon | FaultKind::Separator
            if fault.at >= text.len() =>
        {
            place.end()
        }
        FaultKind::Value => place.foreign().unwrap_or_else(|| place.value()),
        FaultKind::Key => place.foreign().unwrap_or_else(|| place.key()),
        FaultKind::Colon => place.foreign().unwrap_or_else(|| place.colon()),
        FaultKind::Separator => place.foreign().unwrap_or_else(|| place.separator()),
        FaultKind::Rest => place.foreign().unwrap_or_else(|| place.rest()),
        FaultKind::LeadingZero | FaultKind::Digit => place.word(),
        FaultKind::Depth => place
            .here(format!("arrays and objects are nested more than {MAX_DEPTH} deep"))
            .with_help("flatten the document"),
        FaultKind::OpenString => place
            .about(place.at..text.len(), "this string never ends")
            .with_help("close it with '\"'"),
        FaultKind::Control => place.control(),
        FaultKind::Escape => place.escape(),
        FaultKind::UnicodeEscape => place
            .about(place.at..place.at + 2, "'\\u' needs four hexadecimal digits")
            .with_help("as in \\u00e9; a backslash itself is written \\\\"),
    }
}

struct Place<'a> {
    document: &'a [u8],
    /// The document without the white space after it.
    text: &'a [u8],
    at: usize,
    open: &'a [usize],
}

impl Place<'_> {
    /// The document ends too early.
    fn end(&self) -> Diagnostic {
        let Some(opener) = self.open.last() else {
            return self
                .here("the document is empty")
                .with_help("it must hold one JSON value, such as {}");
        };
        let (name, close) = self.innermost();
        let position = Diagnostic::new("").at(self.document, *opener..*opener).position;
        let (line, column) = position.map_or((1, 1), |at| (at.line, at.column));
        self.here(format!(
            "the document ends inside the {name} that starts at line {line}, column {column}"
        ))
        .with_help(format!("add the missing '{close}', or what was cut off before it"))
    }

    /// Things that other notations have and JSON does not, wherever they stand.
    fn foreign(&self) -> Option<Diagnostic> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with(b"//") || rest.starts_with(b"/*") || rest.starts_with(b"#") {
            let line = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
            return Some(
                self.about(self.at..self.at + line, "comments are not JSON")
                    .with_help("remove the comment"),
            );
        }
        if self.at == 0 && (rest.starts_with(b"\xff\xfe") || rest.starts_with(b"\xfe\xff"))
            || self.at <= 1 && rest.starts_with(b"\0")
        {
            return Some(
                self.here("the document is not UTF-8 but looks like UTF-16")
                    .with_help("save it as UTF-8"),
            );
        }
        let found = self.char()?;
        let code = u32::from(found);
        Some(match found {
            '\'' | '`' => self
                .here(format!("strings are quoted with double quotes, not with {found}"))
                .with_help("write \"text\""),
            '‘' | '’' | '‚' | '“' | '”' | '„' | '«' | '»' => self
                .here(format!("strings are quoted with plain double quotes, not with {found}"))
                .with_help("write \"text\"; a word processor may have changed the quotes"),
            '\u{feff}' => self
                .here("the document has a byte order mark (U+FEFF)")
                .with_help("save it as UTF-8 without a byte order mark"),
            c if c.is_whitespace() || ('\u{200b}'..='\u{200d}').contains(&c) => self
                .here(format!("U+{code:04X} is not white space in JSON"))
                .with_help("only spaces, tabs and line breaks are allowed between values"),
            _ => return None,
        })
    }

    fn value(&self) -> Diagnostic {
        match (self.byte(), self.before()) {
            (Some(b']' | b'}'), Some((comma, b','))) => self.trailing_comma(comma),
            (Some(b','), Some((_, b','))) => {
                self.here("two commas in a row").with_help("remove one, or write null between them")
            }
            (_, Some((_, b':'))) if self.is_word() => self.word(),
            (_, Some((_, b':'))) => self
                .here(format!("the key has no value: found {}", self.found()))
                .with_help("write a value after the colon, such as null"),
            _ if self.is_word() => self.word(),
            _ => self
                .here(format!("expected a value, found {}", self.found()))
                .with_help("a value is a string, a number, true, false, null, [...] or {...}"),
        }
    }

    fn key(&self) -> Diagnostic {
        match (self.byte(), self.before()) {
            (Some(b'}'), Some((comma, b','))) => self.trailing_comma(comma),
            (Some(b','), Some((_, b','))) => {
                self.here("two commas in a row").with_help("remove one")
            }
            _ if self.is_word() => {
                let word = self.token();
                let name = preview(self.text.get(word.clone()).unwrap_or_default());
                self.about(word, format!("expected a key in double quotes, found {name}"))
                    .with_help(format!("write \"{name}\""))
            }
            _ => self
                .here(format!("expected a key in double quotes, found {}", self.found()))
                .with_help("an object is {\"key\": value, ...}"),
        }
    }

    fn colon(&self) -> Diagnostic {
        self.here(format!("expected ':' after the key, found {}", self.found()))
            .with_help("an object is {\"key\": value, ...}")
    }

    fn separator(&self) -> Diagnostic {
        if let Some(diagnostic) = self.glued() {
            return diagnostic;
        }
        let (name, close) = self.innermost();
        let item = if close == '}' { "a member" } else { "an element" };
        let diagnostic =
            self.here(format!("expected ',' or '{close}' after {item}, found {}", self.found()));
        match self.byte() {
            Some(b']' | b'}') => diagnostic.with_help(format!("the {name} closes with '{close}'")),
            Some(b':') => diagnostic.with_help("keys belong in objects: {\"key\": value, ...}"),
            _ => diagnostic.with_help("put a comma between the two"),
        }
    }

    fn rest(&self) -> Diagnostic {
        if let Some(diagnostic) = self.glued() {
            return diagnostic;
        }
        let diagnostic = self.here(format!("expected the end, found {}", self.found()));
        match self.byte() {
            Some(b']' | b'}') => diagnostic.with_help("this bracket has no counterpart: remove it"),
            _ => diagnostic.with_help("a document is one value: remove what follows it"),
        }
    }

    /// Explains text that follows a value without a separator: a quote that should have been
    /// escaped, a word or number that goes on.
    fn glued(&self) -> Option<Diagnostic> {
        let before = self.text.get(self.at.checked_sub(1)?)?;
        match before {
            b'"' if self.is_word() => Some(
                self.here(format!("the string ended before {}", self.found()))
                    .with_help("a double quote inside a string is written \\\""),
            ),
            byte if self.is_word() && is_token(byte) => Some(self.word()),
            _ => None,
        }
    }

    /// Returns a word or number that JSON does not have.
    fn word(&self) -> Diagnostic {
        let span = self.token();
        let word = self.text.get(span.clone()).unwrap_or_default();
        let word = preview(word);
        let digits = word.trim_start_matches(['+', '-', '.']);
        let (message, help) = match word.to_ascii_lowercase().as_str() {
            literal @ ("true" | "false" | "null") => {
                (format!("{word} is not a JSON value"), format!("write {literal}"))
            }
            "yes" | "on" | "no" | "off" => {
                (format!("{word} is not a JSON value"), "write true or false".into())
            }
            "none" | "nil" | "undefined" => {
                (format!("{word} is not a JSON value"), "write null".into())
            }
            "nan" | "+nan" | "-nan" | "inf" | "+inf" | "-inf" | "infinity" | "+infinity"
            | "-infinity" => {
                (format!("{word} is not a JSON number"), "write null, or a string".into())
            }
            _ if digits.starts_with(|c: char| c.is_ascii_digit()) || digits.is_empty() => (
                format!("{word} is not a number as JSON writes it"),
                "a number has decimal digits, no zero or '+' before them, and digits on both \
                 sides of its point; anything else is a string and needs double quotes"
                    .into(),
            ),
            _ => (
                format!("expected a value, found {word}"),
                format!("text is written in double quotes: \"{word}\""),
            ),
        };
        self.about(span, message).with_help(help)
    }

    fn trailing_comma(&self, comma: usize) -> Diagnostic {
        self.about(comma..comma + 1, format!("trailing comma before {}", self.found()))
            .with_help("remove the comma")
    }

    fn control(&self) -> Diagnostic {
        match self.byte() {
            Some(b'\n' | b'\r') => self
                .here("a string cannot contain a line break")
                .with_help("close the string with '\"', or write the line break as \\n"),
            Some(b'\t') => self.here("a string cannot contain a raw tab").with_help("write \\t"),
            byte => {
                let code = byte.unwrap_or_default();
                self.here(format!("a string cannot contain the raw control character U+{code:04X}"))
                    .with_help(format!("write \\u{code:04x}"))
            }
        }
    }

    fn escape(&self) -> Diagnostic {
        let next = Place { at: self.at + 1, ..*self };
        let length = next.char().map_or(1, char::len_utf8);
        self.about(self.at..self.at + 1 + length, format!("'\\' before {}", next.found()))
            .with_help("a backslash itself is written \\\\; the escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX")
    }

    /// Returns the innermost open bracket's name, and what closes it.
    fn innermost(&self) -> (&'static str, char) {
        match self.open.last().and_then(|at| self.text.get(*at)) {
            Some(b'{') => ("object", '}'),
            _ => ("array", ']'),
        }
    }

    /// Describes the text at this place, for a sentence.
    fn found(&self) -> String {
        match self.char() {
            None if self.at >= self.text.len() => "the end".into(),
            None => "a byte that is not UTF-8".into(),
            Some('"') => "a string".into(),
            Some(_) if self.is_word() => preview(self.text.get(self.token()).unwrap_or_default()),
            Some(c) if c.is_control() => format!("U+{:04X}", u32::from(c)),
            Some(c) => format!("'{c}'"),
        }
    }

    fn byte(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn char(&self) -> Option<char> {
        let rest = self.text.get(self.at..)?;
        let start = rest.get(..4).unwrap_or(rest);
        start.utf8_chunks().next()?.valid().chars().next()
    }

    fn is_word(&self) -> bool {
        self.byte().is_some_and(|byte| is_token(&byte))
    }

    /// Returns the word or number around this place.
    fn token(&self) -> Range<usize> {
        let (before, after) = self.text.split_at_checked(self.at).unwrap_or((self.text, &[]));
        let back = before.iter().rev().take_while(|byte| is_token(byte)).count();
        let on = after.iter().take_while(|byte| is_token(byte)).count();
        before.len() - back..before.len() + on
    }

    /// Returns the last byte before this place that is not white space.
    fn before(&self) -> Option<(usize, u8)> {
        let before = self.text.get(..self.at)?.trim_ascii_end();
        Some((before.len().checked_sub(1)?, *before.last()?))
    }

    fn here(&self, message: impl Into<String>) -> Diagnostic {
        let length = self.char().map_or(1, char::len_utf8);
        self.about(self.at..(self.at + length).min(self.text.len()), message)
    }

    fn about(&self, span: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(message).at(self.document, span)
    }
}

fn is_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'+' | b'-' | b'.')
}
