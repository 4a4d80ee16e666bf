// SPDX-License-Identifier: Apache-2.0
//! The text that holds frontmatter: a file, or as much of it as is needed.

use std::borrow::Cow;
use std::io::{self, Read};

use toolhive_diagnostics::{Diagnostic, Position};

use crate::Problem;
use crate::split::{DELIMITER, MAX_SIZE, white_space};

/// The bytes of a file that are kept from its opening delimiter on: both delimiters, the longest
/// frontmatter, and some text beyond, so that an excerpt shows the closing line.
const MAX_KEPT: usize = MAX_SIZE + 2 * DELIMITER.len() + 1_024;

/// A text and where in its file it starts.
#[derive(Clone, Debug)]
pub struct Source<'t> {
    text: Cow<'t, [u8]>,
    start: Position,
}

impl<'t> Source<'t> {
    /// Creates a source of a whole file.
    pub fn new(file: &'t [u8]) -> Self {
        Self { text: Cow::Borrowed(file), start: Position { line: 1, column: 1 } }
    }

    /// Reads as much of a file as its frontmatter can take, and no more than a read beyond:
    /// leading white space is passed and counted, then some 65 KiB are kept. Memory does not
    /// depend on the file's size.
    ///
    /// # Errors
    ///
    /// Those of the reader.
    pub fn read(mut reader: impl Read) -> io::Result<Source<'static>> {
        let mut start = Place::default();
        let mut text = Vec::new();
        loop {
            let wanted = MAX_KEPT.saturating_sub(text.len());
            let got = reader.by_ref().take(wanted as u64).read_to_end(&mut text)?;
            let space = white_space(&text);
            text.drain(..space).for_each(|byte| start.pass(byte));
            if space == 0 || got < wanted {
                return Ok(Source { text: Cow::Owned(text), start: start.position() });
            }
        }
    }

    /// Returns the text. Positions of problems are bytes of it.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Returns the finding for people: with the rule, the line, the column and the text there.
    pub fn diagnostic(&self, problem: Problem) -> Diagnostic {
        let Problem { message, rule, span, help } = problem;
        let mut diagnostic = Diagnostic::new(message).with_rule(rule).at(&self.text, span);
        diagnostic.help = help.map(Into::into);
        if let Some(position) = &mut diagnostic.position {
            if position.line == 1 {
                position.column += self.start.column - 1;
            }
            position.line += self.start.line - 1;
        }
        diagnostic
    }
}

/// Counts lines and columns of white space that is passed, as [`Diagnostic::at`] does.
#[derive(Default)]
struct Place {
    lines: usize,
    columns: usize,
    after_cr: bool,
}

impl Place {
    fn pass(&mut self, byte: u8) {
        match byte {
            b'\n' if self.after_cr => {}
            b'\n' | b'\r' => {
                self.lines += 1;
                self.columns = 0;
            }
            // Not the first byte of a character.
            0x80..=0xbf => {}
            _ => self.columns += 1,
        }
        self.after_cr = byte == b'\r';
    }

    fn position(&self) -> Position {
        Position { line: self.lines + 1, column: self.columns + 1 }
    }
}
