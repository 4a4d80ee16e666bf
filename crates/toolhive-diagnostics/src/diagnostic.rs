// SPDX-License-Identifier: Apache-2.0
//! A finding, and its place.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use crate::Help;

/// A place in a text; both numbers count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line; LF, CR LF and CR end one.
    pub line: usize,
    /// The column, in characters (a byte that is not UTF-8 counts as one).
    pub column: usize,
}

/// The line of text that a diagnostic points into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line (or, of a very long line, the part around the place), without its line break. It is
    /// outside data: the program that prints it must make control characters harmless.
    pub text: String,
    /// The bytes of `text` that are meant.
    pub span: Range<usize>,
}

/// The longest excerpt, in characters, on either side of the place.
const EXCERPT_REACH: usize = 120;

/// One finding: an error's reason, or a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The message, a sentence without a full stop.
    pub message: String,
    /// A stable name for this finding, in kebab case, where it has one.
    pub rule: Option<&'static str>,
    /// The file, relative to the packaged directory where it lies in it.
    pub path: Option<PathBuf>,
    /// The position in the text of that file.
    pub position: Option<Position>,
    /// The text there.
    pub excerpt: Option<Excerpt>,
    /// Advice on what to do about it.
    pub help: Option<Help>,
}

impl Diagnostic {
    /// Creates a finding with nothing but a message.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            rule: None,
            path: None,
            position: None,
            excerpt: None,
            help: None,
        }
    }

    /// Returns the diagnostic with the stable name of its rule.
    #[must_use]
    pub fn with_rule(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }

    /// Returns the diagnostic with the file that it is about; an empty path counts as none.
    #[must_use]
    pub fn at_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into()).filter(|path| !path.as_os_str().is_empty());
        self
    }

    /// Returns the diagnostic with the place of those bytes in `source`, the whole text of the
    /// file.
    #[must_use]
    pub fn at(mut self, source: &[u8], span: Range<usize>) -> Self {
        let start = span.start.min(source.len());
        // Inside `\r\n` is still the end of the line before it.
        let is_inside = source.get(..start).is_some_and(|before| before.ends_with(b"\r"))
            && source.get(start) == Some(&b'\n');
        let start = start - usize::from(is_inside);
        let end = span.end.clamp(start, source.len());
        let is_break = |b: &u8| *b == b'\n' || *b == b'\r';
        let before = source.get(..start).unwrap_or_default();
        let line_start = before.iter().rposition(is_break).map_or(0, |at| at + 1);
        let head = before.get(line_start..).unwrap_or_default();
        let rest = source.get(start..).unwrap_or_default();
        let line_rest =
            rest.iter().position(is_break).map_or(rest, |at| rest.get(..at).unwrap_or_default());

        let breaks = before.iter().enumerate();
        let line = 1 + breaks
            .filter(|(at, b)| **b == b'\n' || (**b == b'\r' && source.get(at + 1) != Some(&b'\n')))
            .count();
        let head_text: Vec<char> = decode(head);
        self.position = Some(Position { line, column: head_text.len() + 1 });

        let meant = line_rest.get(..(end - start).min(line_rest.len())).unwrap_or_default();
        let after = line_rest.get(meant.len()..).unwrap_or_default();
        let mut text: String =
            head_text.iter().skip(head_text.len().saturating_sub(EXCERPT_REACH)).collect();
        let from = text.len();
        text.extend(decode(meant).into_iter().take(EXCERPT_REACH));
        let to = text.len();
        text.extend(decode(after).into_iter().take(EXCERPT_REACH));
        self.excerpt = Some(Excerpt { text, span: from..to });
        self
    }

    /// Returns the diagnostic with advice on what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<Help>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Returns the characters of `bytes`, one U+FFFD for each byte that is not part of well-formed
/// UTF-8.
fn decode(bytes: &[u8]) -> Vec<char> {
    let mut chars = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        chars.extend(chunk.valid().chars());
        chars.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    chars
}

impl fmt::Display for Diagnostic {
    /// `path:line:column: message`, as far as these are known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}:", path.display())?;
            if let Some(Position { line, column }) = self.position {
                write!(f, "{line}:{column}:")?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_path_is_none() {
        let diagnostic = Diagnostic::new("it is gone").at_path("");
        assert_eq!((diagnostic.path.as_ref(), &*diagnostic.to_string()), (None, "it is gone"));
        assert_eq!(diagnostic.at_path("a/b").to_string(), "a/b: it is gone");
    }

    #[test]
    fn positions_count_lines_and_characters_dev_4() {
        let text = "a\r\nb\rc\nä\u{1F600}xyz\nlast".as_bytes();
        let x = text.windows(3).position(|w| w == b"xyz").expect("is there");
        let d = Diagnostic::new("m").at(text, x..x + 2);
        assert_eq!(d.position, Some(Position { line: 4, column: 3 }));
        let excerpt = d.excerpt.expect("has one");
        assert_eq!(excerpt.text, "ä\u{1F600}xyz");
        assert_eq!(&excerpt.text[excerpt.span], "xy");
    }

    #[test]
    fn inside_a_line_break_is_the_end_of_its_line_dev_4() {
        let at = |place| Diagnostic::new("m").at(b"ab\r\ncd", place..place).position;
        assert_eq!(at(2), Some(Position { line: 1, column: 3 }));
        assert_eq!(at(3), at(2));
        assert_eq!(at(4), Some(Position { line: 2, column: 1 }));
    }

    #[test]
    fn a_place_past_the_end_is_the_end_dev_4() {
        let d = Diagnostic::new("m").at(b"ab", 7..9);
        assert_eq!(d.position, Some(Position { line: 1, column: 3 }));
        assert_eq!(d.excerpt.map(|e| e.span), Some(2..2));
    }
}
