// SPDX-License-Identifier: Apache-2.0
//! Bytes to characters (FM-10), each with the place of its first byte.

use std::ops::Range;

use crate::Problem;

/// Stands for the end of the text. NUL is no character of YAML, so nothing else looks like it.
pub(crate) const END: char = '\0';

/// Stands where a character was refused, so that the rest can still be read.
const REFUSED: char = '\u{fffd}';

/// Refused characters that are reported; a binary file has no use for a thousand findings.
const MAX_REPORTED: usize = 3;

const BOM_UTF8: &[u8] = b"\xef\xbb\xbf";
const BOM_UTF16_LE: &[u8] = b"\xff\xfe";
const BOM_UTF16_BE: &[u8] = b"\xfe\xff";

/// A decoded text.
#[derive(Debug)]
pub(crate) enum Characters {
    /// A text of ASCII alone, as nearly all are: a character is a byte, and its place follows from its index.
    Ascii {
        text: String,
        /// The place of the first byte in the file.
        base: usize,
    },
    /// A text with any characters.
    Any {
        list: Vec<char>,
        /// The start of each character, and the end of the last one.
        offsets: Vec<usize>,
    },
}

impl Characters {
    /// Decodes `text`, which starts at byte `base` of its file, and says what had to be refused.
    /// A byte order mark at the very start selects UTF-8 or UTF-16; else it is UTF-8.
    pub(crate) fn decode(text: &[u8], base: usize) -> (Self, Vec<Problem>) {
        if let Some(rest) = text.strip_prefix(BOM_UTF16_LE) {
            let decoder = Decoder::new(base + BOM_UTF16_LE.len(), rest.len() / 2);
            return decoder.utf16(rest, u16::from_le_bytes);
        }
        if let Some(rest) = text.strip_prefix(BOM_UTF16_BE) {
            let decoder = Decoder::new(base + BOM_UTF16_BE.len(), rest.len() / 2);
            return decoder.utf16(rest, u16::from_be_bytes);
        }
        let rest = text.strip_prefix(BOM_UTF8).unwrap_or(text);
        let base = base + (text.len() - rest.len());
        let is_plain = rest.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~'));
        if let Some(text) = str::from_utf8(rest).ok().filter(|_| is_plain) {
            return (Self::Ascii { text: text.to_owned(), base }, Vec::new());
        }
        Decoder::new(base, rest.len()).utf8(rest)
    }

    /// Returns the character at that index; [`END`] past the last.
    pub(crate) fn get(&self, index: usize) -> char {
        match self {
            Self::Ascii { text, .. } => {
                text.as_bytes().get(index).map_or(END, |byte| char::from(*byte))
            }
            Self::Any { list, .. } => list.get(index).copied().unwrap_or(END),
        }
    }

    /// Returns the number of characters.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Ascii { text, .. } => text.len(),
            Self::Any { list, .. } => list.len(),
        }
    }

    /// Returns the characters of that range.
    pub(crate) fn slice(&self, range: Range<usize>) -> impl Iterator<Item = char> {
        range.map(|index| self.get(index))
    }

    /// Returns the number of characters from that index on up to one at which `ends` says so, or the end of the text.
    pub(crate) fn run(&self, start: usize, ends: impl Fn(char) -> bool) -> usize {
        match self {
            Self::Ascii { text, .. } => {
                let rest = text.as_bytes().get(start..).unwrap_or_default();
                rest.iter().position(|byte| ends(char::from(*byte))).unwrap_or(rest.len())
            }
            Self::Any { list, .. } => {
                let rest = list.get(start..).unwrap_or_default();
                rest.iter().position(|c| ends(*c)).unwrap_or(rest.len())
            }
        }
    }

    /// Appends the characters of that range to a text.
    pub(crate) fn append(&self, range: Range<usize>, to: &mut String) {
        match self {
            Self::Ascii { text, .. } => to.push_str(text.get(range).unwrap_or_default()),
            Self::Any { list, .. } => to.extend(list.get(range).unwrap_or_default()),
        }
    }

    /// Replaces the characters of that range, but line breaks, with spaces.
    pub(crate) fn blank(&mut self, range: Range<usize>) {
        match self {
            Self::Ascii { text, .. } => {
                let blank = |(at, c)| if range.contains(&at) && !is_break(c) { ' ' } else { c };
                *text = text.char_indices().map(blank).collect();
            }
            Self::Any { list, .. } => {
                for c in list.get_mut(range).unwrap_or_default() {
                    if !is_break(*c) {
                        *c = ' ';
                    }
                }
            }
        }
    }

    /// The range up to the end of the first line in it, at least one character long.
    pub(crate) fn first_line(&self, range: Range<usize>) -> Range<usize> {
        let length = self.slice(range.clone()).position(is_break);
        let end = length.map_or(range.end, |length| range.start + length);
        range.start..end.max(range.start + 1)
    }

    /// Do only blanks stand before that character on its line?
    pub(crate) fn is_first_on_line(&self, at: usize) -> bool {
        let before = (0..at.min(self.len())).rev().map(|index| self.get(index));
        before.take_while(|c| !is_break(*c)).all(is_blank)
    }

    /// Returns the line that holds the character at that index, without its break.
    pub(crate) fn line_around(&self, at: usize) -> Vec<char> {
        let mut start = at.min(self.len());
        while start > 0 && !is_break(self.get(start - 1)) {
            start -= 1;
        }
        self.slice(start..start + self.run(start, is_break)).collect()
    }

    /// Returns the bytes of the file that hold those characters.
    pub(crate) fn bytes(&self, range: Range<usize>) -> Range<usize> {
        let offset = |index: usize| match self {
            Self::Ascii { text, base } => base + index.min(text.len()),
            Self::Any { offsets, .. } => {
                let last = offsets.last().copied().unwrap_or_default();
                offsets.get(index).copied().unwrap_or(last)
            }
        };
        let start = offset(range.start);
        start..offset(range.end).max(start)
    }

    /// Returns the character that starts at or holds that byte of the file.
    pub(crate) fn index_of(&self, byte: usize) -> usize {
        match self {
            Self::Ascii { text, base } => byte.saturating_sub(*base).min(text.len()),
            Self::Any { offsets, .. } => {
                offsets.partition_point(|offset| *offset <= byte).saturating_sub(1)
            }
        }
    }
}

/// Gathers characters and what is wrong with them.
struct Decoder {
    list: Vec<char>,
    offsets: Vec<usize>,
    at: usize,
    problems: Vec<Problem>,
}

impl Decoder {
    /// Creates a decoder of at most `most` characters, the first of which stands at that byte of
    /// the file.
    fn new(at: usize, most: usize) -> Self {
        let (list, offsets) = (Vec::with_capacity(most), Vec::with_capacity(most + 1));
        Self { list, offsets, at, problems: Vec::new() }
    }

    fn finish(mut self) -> (Characters, Vec<Problem>) {
        self.offsets.push(self.at);
        (Characters::Any { list: self.list, offsets: self.offsets }, self.problems)
    }

    fn utf8(mut self, text: &[u8]) -> (Characters, Vec<Problem>) {
        for chunk in text.utf8_chunks() {
            for c in chunk.valid().chars() {
                self.take(c, c.len_utf8());
            }
            if !chunk.invalid().is_empty() {
                self.refuse("this is not UTF-8".to_owned(), chunk.invalid().len());
            }
        }
        self.finish()
    }

    fn utf16(mut self, text: &[u8], unit: fn([u8; 2]) -> u16) -> (Characters, Vec<Problem>) {
        let (pairs, rest) = text.as_chunks::<2>();
        for c in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
            match c {
                Ok(c) => self.take(c, 2 * c.len_utf16()),
                Err(_) => {
                    self.refuse("this half of a surrogate pair has no other half".to_owned(), 2)
                }
            }
        }
        if !rest.is_empty() {
            self.refuse("this UTF-16 text ends inside a character".to_owned(), rest.len());
        }
        self.finish()
    }

    fn take(&mut self, c: char, width: usize) {
        if is_allowed(c) {
            self.push(c, width);
        } else {
            self.refuse(
                format!("the character U+{:04X} is not allowed in YAML", u32::from(c)),
                width,
            );
        }
    }

    fn refuse(&mut self, message: String, width: usize) {
        if self.problems.len() < MAX_REPORTED {
            let problem = Problem::new("frontmatter-yaml", message, self.at..self.at + width);
            self.problems.push(problem.with_help("save the file as UTF-8 text and remove it"));
        }
        self.push(REFUSED, width);
    }

    fn push(&mut self, c: char, width: usize) {
        self.list.push(c);
        self.offsets.push(self.at);
        self.at += width;
    }
}

/// Whether a character is allowed (FM-10).
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}'
        | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

/// Space or tab.
pub(crate) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

/// A line break, or the first half of one (FM-11).
pub(crate) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The end of a line or of the text.
pub(crate) fn is_break_or_end(c: char) -> bool {
    is_break(c) || c == END
}

/// Whether a character separates tokens: a blank, a break, or the end of the text.
pub(crate) fn is_space(c: char) -> bool {
    is_blank(c) || is_break_or_end(c)
}

/// Whether a character is one of those of anchors, tag handles and directives.
pub(crate) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}
