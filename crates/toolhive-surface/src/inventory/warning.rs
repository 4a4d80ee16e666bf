// SPDX-License-Identifier: Apache-2.0
//! What is wrong, or should be known (spec 6).

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Something cannot work, or is refused.
    Error,
    /// Something is risky, or surely not meant.
    Warning,
    /// Something is good to know.
    Info,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Warning {
    /// How bad it is.
    pub severity: Severity,
    /// A stable name.
    pub code: &'static str,
    /// What is found, as a sentence without a full stop; may hold outside text.
    pub message: String,
    /// The file.
    pub path: Option<String>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The id of what it is about.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
}
