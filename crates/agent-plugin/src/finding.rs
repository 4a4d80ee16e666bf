// SPDX-License-Identifier: Apache-2.0
//! Findings: what is wrong, or should be known; and how they are gathered.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use oci_artifact::Error;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use toolhive_diagnostics::{Diagnostic, Position};

use crate::document::without_mark;
use crate::inventory::RuleCode;
use crate::{Checker, Files, Profile, Rule, Severity, rule};

/// The most findings of one report; a person reads no more, and a machine stops caring.
pub const MAX_FINDINGS: usize = 2_000;

/// A place in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The number of the line, from 1.
    pub line: usize,
    /// The first byte, without a byte order mark before the text.
    pub start: usize,
    /// The byte behind the last one; 0 where only the line is known.
    pub end: usize,
}

impl At {
    /// Returns a line as a whole.
    pub(crate) fn line(line: usize) -> Self {
        Self { line, start: 0, end: 0 }
    }

    /// Returns the bytes, if they are known.
    pub fn bytes(self) -> Option<Range<usize>> {
        (self.end > self.start).then_some(self.start..self.end)
    }
}

/// One finding: a rule, a message and its place. In JSON it has the keys `severity`, `code`,
/// `message`, `path`, `line` and `ref`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Its rule, if that is one of [`RULES`](crate::rule::RULES).
    pub rule: Option<&'static Rule>,
    /// The weight under the profile.
    pub severity: Severity,
    /// The message and its place.
    pub diagnostic: Diagnostic,
    /// Its bytes, where the text was not at hand.
    pub at: Option<At>,
    /// The id of what it is about.
    pub reference: Option<String>,
}

impl Finding {
    /// Creates a finding about a file as a whole, as severe as its rule has it for Claude Code.
    pub fn new(code: RuleCode, message: impl Into<String>, path: &str) -> Self {
        let diagnostic = Diagnostic::new(message).with_rule(code).at_path(path);
        let severity = rule::severity(code, Profile::Claude).unwrap_or(Severity::Info);
        Self::of(severity, diagnostic)
    }

    fn of(severity: Severity, diagnostic: Diagnostic) -> Self {
        let rule = diagnostic.rule.and_then(rule::find);
        Self { rule, severity, diagnostic, at: None, reference: None }
    }

    /// Returns the finding with that place.
    #[must_use]
    pub(crate) fn placed(mut self, at: Option<At>) -> Self {
        self.diagnostic.position = at.map(|at| Position { line: at.line, column: 1 });
        Self { at, ..self }
    }

    /// Returns the rule's name.
    pub fn code(&self) -> RuleCode {
        self.diagnostic.rule.unwrap_or("other")
    }

    /// Returns the programs that check the rule.
    pub fn checkers(&self) -> &'static [Checker] {
        self.rule.map_or(&[Checker::Own], |rule| rule.checkers)
    }

    /// Returns the message, a sentence without a full stop; may hold outside text.
    pub fn message(&self) -> &str {
        &self.diagnostic.message
    }

    /// Returns the file that the finding is about.
    pub fn path(&self) -> Option<&str> {
        self.diagnostic.path.as_deref().and_then(Path::to_str)
    }

    /// Returns the number of the line, from 1.
    pub fn line(&self) -> Option<usize> {
        self.diagnostic.position.map(|position| position.line)
    }

    /// Returns the key of the order (S-80): severity, name, file, line.
    pub(crate) fn key(&self) -> impl Ord + '_ {
        let place = (self.severity, self.code(), self.path(), self.line());
        (place, self.message(), self.at, self.reference.as_deref())
    }

    /// Returns the diagnostic with its text in these files, and with advice.
    pub(crate) fn located(&self, files: &Files) -> Diagnostic {
        let mut diagnostic = self.diagnostic.clone();
        let advice = self.rule.map_or("", |rule| rule.advice);
        if diagnostic.help.is_none() && !advice.is_empty() {
            diagnostic = diagnostic.with_help(advice);
        }
        let (Some(at), Some(path)) = (self.at, self.path()) else { return diagnostic };
        // Nothing is counted before a byte order mark.
        let text = files.bytes(path).map(without_mark).unwrap_or_default();
        // The end of a text is a place, too.
        let bytes = at.bytes().filter(|bytes| bytes.start <= text.len() && !text.is_empty());
        let bytes = bytes.map(|bytes| bytes.start..bytes.end.min(text.len()));
        match bytes.or_else(|| span(text, at.line)) {
            Some(bytes) => diagnostic.at(text, bytes),
            None => diagnostic,
        }
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("severity", self.severity.as_str())?;
        map.serialize_entry("code", self.code())?;
        map.serialize_entry("message", self.message())?;
        map.serialize_entry("path", &self.path())?;
        map.serialize_entry("line", &self.line())?;
        map.serialize_entry("ref", &self.reference)?;
        map.end()
    }
}

/// Returns the bytes of a line, counted from 1, without the blanks around it.
fn span(text: &[u8], line: usize) -> Option<Range<usize>> {
    let mut start = 0;
    let mut lines = text.split_inclusive(|byte| *byte == b'\n');
    for _ in 1..line {
        start += lines.next()?.len();
    }
    let line = lines.next()?;
    let blank = line.len() - line.trim_ascii_start().len();
    let length = line.trim_ascii().len();
    (length > 0).then_some(start + blank..start + blank + length)
}

/// All findings of one check, in the order of their places.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The findings, in order.
    pub findings: Vec<Finding>,
    /// Whether there were more than [`MAX_FINDINGS`], or something could not be looked at.
    pub is_truncated: bool,
}

impl Report {
    /// Whether there is no error.
    pub fn is_valid(&self) -> bool {
        self.count(Severity::Error) == 0
    }

    /// Returns the number of findings of that severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.of(severity).count()
    }

    /// Returns the findings of that severity.
    pub fn of(&self, severity: Severity) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.severity == severity)
    }
}

/// Gathers findings under a profile.
#[derive(Clone, Debug)]
pub struct Findings {
    profile: Profile,
    all: Vec<Finding>,
    is_truncated: bool,
}

impl Findings {
    /// Creates an empty list of findings.
    pub fn new(profile: Profile) -> Self {
        Self { profile, all: Vec::new(), is_truncated: false }
    }

    /// Returns the profile under which the findings count.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Adds what breaks the rule that the diagnostic names, as severe as the profile has it. Under
    /// some profiles a rule does not count at all.
    pub fn add(&mut self, diagnostic: Diagnostic) {
        let severity = match diagnostic.rule.and_then(rule::find) {
            Some(rule) => rule.severity(self.profile),
            None => Some(Severity::Warning),
        };
        if let Some(severity) = severity {
            self.add_as(severity, diagnostic);
        }
    }

    /// Adds a finding that is as severe as the caller says.
    pub fn add_as(&mut self, severity: Severity, diagnostic: Diagnostic) {
        self.push(Finding::of(severity, diagnostic));
    }

    /// Adds why something cannot be packaged: errors, whatever the profile. Reasons without a rule
    /// get that one; a finding that is already there for the same place is not repeated.
    pub fn add_refusal(&mut self, error: &Error, rule: &'static str) {
        for reason in error.diagnostics() {
            let mut reason = reason.clone();
            reason.rule.get_or_insert(rule);
            let refusal = Finding::of(Severity::Error, reason);
            match self.all.iter_mut().find(|finding| place(finding) == place(&refusal)) {
                Some(known) => known.severity = Severity::Error,
                None => self.push(refusal),
            }
        }
    }

    /// Whether there is an error so far.
    pub fn has_error(&self) -> bool {
        self.all.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Returns the rules that were broken so far, each with its file.
    pub(crate) fn told(&self) -> BTreeSet<(&'static str, String)> {
        let one =
            |finding: &Finding| (finding.code(), finding.path().unwrap_or_default().to_owned());
        self.all.iter().map(one).collect()
    }

    /// Records that something could not be examined.
    pub fn truncate(&mut self) {
        self.is_truncated = true;
    }

    fn push(&mut self, finding: Finding) {
        if self.all.len() < MAX_FINDINGS {
            self.all.push(finding);
        } else {
            self.is_truncated = true;
        }
    }

    /// Returns all of them by path and place, each once.
    pub fn into_report(mut self) -> Report {
        self.all.sort_by(|a, b| key(a).cmp(&key(b)));
        // A finding of two checks is reported once, with the higher severity; two findings of one rule at one place
        // are two.
        self.all.dedup_by(|later, first| {
            place(later) == place(first)
                && (later.diagnostic.message == first.diagnostic.message
                    || later.severity != first.severity)
        });
        Report { findings: self.all, is_truncated: self.is_truncated }
    }
}

type Place<'a> = (Option<&'a Path>, Option<Position>, RuleCode);

fn place(finding: &Finding) -> Place<'_> {
    let Diagnostic { path, position, .. } = &finding.diagnostic;
    (path.as_deref(), *position, finding.code())
}

fn key(finding: &Finding) -> (Place<'_>, Severity, &str) {
    (place(finding), finding.severity, &finding.diagnostic.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(rule: &'static str, position: usize) -> Diagnostic {
        Diagnostic::new("x").with_rule(rule).at_path("f").at(b"a\nb\nc\n", position..position)
    }

    #[test]
    fn findings_are_sorted_and_told_once() {
        let mut findings = Findings::new(Profile::Claude);
        findings.add(at("name-missing", 4));
        findings.add(at("skill-lines", 2));
        findings.add_as(Severity::Error, at("name-missing", 4));
        findings.add(at("key-unknown-agentskills", 0));
        let report = findings.into_report();
        let told: Vec<_> = report.findings.iter().map(|f| (f.code(), f.severity)).collect();
        assert_eq!(told, [("skill-lines", Severity::Warning), ("name-missing", Severity::Error)]);
        assert!(!report.is_valid() && !report.is_truncated);
    }

    #[test]
    fn a_line_is_shown_without_the_blanks_around_it() {
        let text = b"a\n  bc \r\n\nd";
        assert_eq!(span(text, 1), Some(0..1));
        assert_eq!(span(text, 2), Some(4..6));
        assert_eq!(span(text, 3), None);
        assert_eq!(span(text, 4), Some(10..11));
        assert_eq!(span(text, 5), None);
    }

    #[test]
    fn there_is_an_end_to_findings() {
        let mut findings = Findings::new(Profile::Claude);
        for _ in 0..=MAX_FINDINGS {
            findings.add(at("skill-lines", 0));
        }
        assert!(findings.into_report().is_truncated);
    }
}
