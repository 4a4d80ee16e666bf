// SPDX-License-Identifier: Apache-2.0
//! What is wrong, or should be known (spec 6).

use serde::{Serialize, Serializer};
pub use toolhive_diagnostics::Severity;

use crate::profile::Profile;
use crate::rule;

fn name<S: Serializer>(severity: &Severity, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(severity.as_str())
}

/// A place in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The line, from 1.
    pub line: usize,
    /// The first byte, without a byte order mark before the text.
    pub start: usize,
    /// The byte behind the last one; 0 where only the line is known.
    pub end: usize,
}

impl At {
    /// A line as a whole.
    pub(crate) fn line(line: usize) -> Self {
        Self { line, start: 0, end: 0 }
    }

    /// The bytes, if they are known.
    pub fn bytes(self) -> Option<std::ops::Range<usize>> {
        (self.end > self.start).then_some(self.start..self.end)
    }
}

/// A finding. Its severity is that of its rule in [`RULES`](crate::rule::RULES).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Warning {
    /// How bad it is.
    #[serde(serialize_with = "name")]
    pub severity: Severity,
    /// A stable name.
    pub code: &'static str,
    /// What is found, as a sentence without a full stop; may hold outside text.
    pub message: String,
    /// The file.
    pub path: Option<String>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The place in full.
    #[serde(skip)]
    pub at: Option<At>,
    /// What to do, where that is more than its rule says.
    #[serde(skip)]
    pub help: Option<String>,
    /// The id of what it is about.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
}

impl Warning {
    /// A finding about a file as a whole, as severe as its rule has it for Claude Code.
    pub fn new(code: &'static str, message: impl Into<String>, path: &str) -> Self {
        Self {
            severity: rule::severity(code, Profile::Claude).unwrap_or(Severity::Info),
            code,
            message: message.into(),
            path: Some(path.to_owned()),
            line: None,
            at: None,
            help: None,
            reference: None,
        }
    }
}
