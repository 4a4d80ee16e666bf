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
pub(crate) struct Characters {
    list: Vec<char>,
    /// The start of each character, and the end of the last one.
    offsets: Vec<usize>,
}

impl Characters {
    /// Decodes `text`, which starts at byte `base` of its file, and says what had to be refused.
    /// A byte order mark at the very start selects UTF-8 or UTF-16; else it is UTF-8.
    pub(crate) fn decode(text: &[u8], base: usize) -> (Self, Vec<Problem>) {
        let mut decoder = Decoder {
            characters: Self { list: Vec::with_capacity(text.len()), offsets: Vec::new() },
            at: base,
            problems: Vec::new(),
        };
        if let Some(rest) = text.strip_prefix(BOM_UTF8) {
            decoder.at += BOM_UTF8.len();
            decoder.utf8(rest);
        } else if let Some(rest) = text.strip_prefix(BOM_UTF16_LE) {
            decoder.at += BOM_UTF16_LE.len();
            decoder.utf16(rest, u16::from_le_bytes);
        } else if let Some(rest) = text.strip_prefix(BOM_UTF16_BE) {
            decoder.at += BOM_UTF16_BE.len();
            decoder.utf16(rest, u16::from_be_bytes);
        } else {
            decoder.utf8(text);
        }
        decoder.characters.offsets.push(decoder.at);
        (decoder.characters, decoder.problems)
    }

    /// The character at that index; [`END`] past the last.
    pub(crate) fn get(&self, index: usize) -> char {
        self.list.get(index).copied().unwrap_or(END)
    }

    /// The number of characters.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// The characters of that range.
    pub(crate) fn slice(&self, range: Range<usize>) -> &[char] {
        self.list.get(range).unwrap_or_default()
    }

    /// Replaces the characters of that range, but line breaks, with spaces.
    pub(crate) fn blank(&mut self, range: Range<usize>) {
        for c in self.list.get_mut(range).unwrap_or_default() {
            if !is_break(*c) {
                *c = ' ';
            }
        }
    }

    /// The range up to the end of the first line in it, at least one character long.
    pub(crate) fn first_line(&self, range: Range<usize>) -> Range<usize> {
        let length = self.slice(range.clone()).iter().position(|c| is_break(*c));
        let end = length.map_or(range.end, |length| range.start + length);
        range.start..end.max(range.start + 1)
    }

    /// Do only blanks stand before that character on its line?
    pub(crate) fn is_first_on_line(&self, at: usize) -> bool {
        let before = self.list.get(..at).unwrap_or_default().iter().rev();
        before.take_while(|c| !is_break(**c)).all(|c| is_blank(*c))
    }

    /// The line that holds the character at that index, without its break.
    pub(crate) fn line_around(&self, at: usize) -> &[char] {
        let mut start = at.min(self.len());
        while start > 0 && !is_break(self.get(start - 1)) {
            start -= 1;
        }
        let rest = self.list.get(start..).unwrap_or_default();
        rest.split(|c| is_break(*c)).next().unwrap_or_default()
    }

    /// The bytes of the file that hold those characters.
    pub(crate) fn bytes(&self, range: Range<usize>) -> Range<usize> {
        let last = self.offsets.last().copied().unwrap_or_default();
        let start = self.offsets.get(range.start).copied().unwrap_or(last);
        let end = self.offsets.get(range.end).copied().unwrap_or(last);
        start..end.max(start)
    }

    /// The character that starts at or holds that byte of the file.
    pub(crate) fn index_of(&self, byte: usize) -> usize {
        self.offsets.partition_point(|offset| *offset <= byte).saturating_sub(1)
    }
}

/// Gathers characters and what is wrong with them.
struct Decoder {
    characters: Characters,
    at: usize,
    problems: Vec<Problem>,
}

impl Decoder {
    fn utf8(&mut self, text: &[u8]) {
        for chunk in text.utf8_chunks() {
            for c in chunk.valid().chars() {
                self.take(c, c.len_utf8());
            }
            if !chunk.invalid().is_empty() {
                self.refuse("this is not UTF-8".to_owned(), chunk.invalid().len());
            }
        }
    }

    fn utf16(&mut self, text: &[u8], unit: fn([u8; 2]) -> u16) {
        let (pairs, rest) = text.as_chunks::<2>();
        for c in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
            match c {
                Ok(c) => self.take(c, 2 * c.len_utf16()),
                Err(_) => self.refuse("this half of a surrogate pair stands alone".to_owned(), 2),
            }
        }
        if !rest.is_empty() {
            self.refuse("this UTF-16 text ends inside a character".to_owned(), rest.len());
        }
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
        self.characters.list.push(c);
        self.characters.offsets.push(self.at);
        self.at += width;
    }
}

/// FM-10.
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
