// SPDX-License-Identifier: Apache-2.0
//! A problem, and the bytes that are meant.

use std::fmt::Display;
use std::ops::Range;

/// The most characters of a text that a message repeats.
const MAX_QUOTED: usize = 60;

/// Returns a text between backticks, shortened if it is long, for messages.
pub fn quoted(text: impl Display) -> String {
    let text = text.to_string();
    match text.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}

/// A finding in a text, as this crate makes it; [`Source::diagnostic`](crate::Source::diagnostic)
/// turns it into one that shows the line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The message, a sentence without a full stop.
    pub message: String,
    /// A stable name, in kebab case.
    pub rule: &'static str,
    /// The bytes that are meant, counted in the text that was given.
    pub span: Range<usize>,
    /// Advice on what to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// Creates a finding about those bytes.
    pub fn new(rule: &'static str, message: impl Into<String>, span: Range<usize>) -> Self {
        Self { message: message.into(), rule, span, help: None }
    }

    /// Returns the problem with advice that fixes it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
