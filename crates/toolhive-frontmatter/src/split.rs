// SPDX-License-Identifier: Apache-2.0
//! The place of the frontmatter in a file (FM-1 to FM-4).

use std::ops::Range;

use crate::Problem;

/// The line that opens and closes frontmatter.
pub const DELIMITER: &[u8] = b"---";

/// The most bytes of frontmatter, without its delimiters (FM-4).
pub const MAX_SIZE: usize = 64 * 1024;

/// The most bytes of a character.
const MAX_CHAR: usize = 4;

/// The parts of a file with frontmatter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The bytes of the opening delimiter.
    pub opening: Range<usize>,
    /// The bytes of the YAML text between the delimiters.
    pub yaml: Range<usize>,
    /// The bytes of the closing delimiter.
    pub closing: Range<usize>,
    /// The form of the closing delimiter.
    pub close: Close,
}

/// The form of the closing delimiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// On a line of its own, as its author surely meant it.
    OwnLine,
    /// Inside a line: the frontmatter was cut there (FM-3, BUG-20).
    InsideLine,
}

/// Finds the frontmatter: after leading white space `---`, then everything up to the next `---`,
/// wherever that stands.
///
/// `text` is the file, or as much of its start as [`Source::read`](crate::Source::read) takes.
///
/// # Errors
///
/// The text does not start with `---`, no second `---` follows, or more than [`MAX_SIZE`] bytes
/// are between them.
pub fn split(text: &[u8]) -> Result<Split, Problem> {
    let start = white_space(text);
    let found = text.get(start..).unwrap_or_default();
    let Some(rest) = found.strip_prefix(DELIMITER) else {
        return Err(no_opening(found, start));
    };
    let opening_end = start + DELIMITER.len();
    let yaml_start = opening_end + usize::from(rest.first() == Some(&b'\n'));
    let rest = text.get(yaml_start..).unwrap_or_default();
    let reach = rest.get(..MAX_SIZE + DELIMITER.len()).unwrap_or(rest);
    let Some(length) = reach.windows(DELIMITER.len()).position(|bytes| bytes == DELIMITER) else {
        return Err(no_closing(rest.len(), start..opening_end));
    };
    let yaml = yaml_start..yaml_start + length;
    let closing = yaml.end..yaml.end + DELIMITER.len();
    let close = close(text, &yaml, &closing);
    Ok(Split { opening: start..opening_end, yaml, closing, close })
}

/// The length of the white space a text starts with (format.md, 0, WS). It ends at the first
/// byte that is not UTF-8.
pub(crate) fn white_space(text: &[u8]) -> usize {
    let mut length = 0;
    loop {
        let rest = text.get(length..).unwrap_or_default();
        let next = rest.get(..MAX_CHAR).unwrap_or(rest).utf8_chunks().next();
        match next.and_then(|chunk| chunk.valid().chars().next()) {
            Some(c) if c.is_whitespace() => length += c.len_utf8(),
            _ => return length,
        }
    }
}

fn close(text: &[u8], yaml: &Range<usize>, closing: &Range<usize>) -> Close {
    let before = text.get(yaml.clone()).unwrap_or_default();
    let after = text.get(closing.end..).unwrap_or_default();
    let is_break = |b: &u8| matches!(b, b'\n' | b'\r');
    let starts_line = before.last().is_none_or(is_break);
    let rest = after.split(is_break).next().unwrap_or_default();
    // A longer row of hyphens closes as well as three.
    let ends_line = rest.trim_ascii().iter().all(|b| *b == b'-');
    if starts_line && ends_line { Close::OwnLine } else { Close::InsideLine }
}

fn no_opening(found: &[u8], start: usize) -> Problem {
    let line = found.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(found.len());
    let problem = |message: &str| Problem::new("no-frontmatter", message, start..start + line);
    if found.is_empty() {
        return problem("the file is empty")
            .with_help("start it with YAML frontmatter between two lines `---`");
    }
    if found.starts_with("\u{feff}".as_bytes()) {
        return problem("the file starts with a byte order mark, not with `---`")
            .with_help("save the file as UTF-8 without a byte order mark");
    }
    problem("the file does not start with frontmatter")
        .with_help("start it with YAML frontmatter between two lines `---`")
}

fn no_closing(rest: usize, opening: Range<usize>) -> Problem {
    if rest > MAX_SIZE {
        let message = format!("the frontmatter is not closed within {MAX_SIZE} bytes");
        return Problem::new("frontmatter-too-large", message, opening)
            .with_help("put a line `---` after it, and long text below that line");
    }
    Problem::new("frontmatter-unclosed", "the frontmatter is not closed", opening)
        .with_help("put a line `---` after it")
}
