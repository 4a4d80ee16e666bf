// SPDX-License-Identifier: Apache-2.0
//! The severity of a finding.

/// The severity of a finding, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A problem that prevents something, or that is refused.
    Error,
    /// A risk, or something that works otherwise than it seems to.
    Warning,
    /// A remark that is good to know.
    Info,
}

impl Severity {
    /// Returns its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}
