// SPDX-License-Identifier: Apache-2.0
//! Findings, gathered.

use std::collections::BTreeSet;
use std::path::Path;

use oci_artifact::Error;
use toolhive_diagnostics::Diagnostic;

use crate::{Checker, Profile, Rule, Severity, rule};

/// The most findings of one report; a person reads no more, and a machine stops caring.
pub const MAX_FINDINGS: usize = 2_000;

/// One finding.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// Its rule, if that is one of [`RULES`](crate::rule::RULES).
    pub rule: Option<&'static Rule>,
    /// How much it matters under the profile.
    pub severity: Severity,
    /// What is wrong, and where.
    pub diagnostic: Diagnostic,
}

impl Finding {
    /// The rule's name.
    pub fn code(&self) -> &'static str {
        self.diagnostic.rule.unwrap_or("other")
    }

    /// Who checks it.
    pub fn checkers(&self) -> &'static [Checker] {
        self.rule.map_or(&[Checker::Own], |rule| rule.checkers)
    }
}

/// All findings of one check, in the order of their places.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The findings.
    pub findings: Vec<Finding>,
    /// Whether there were more than [`MAX_FINDINGS`], or something could not be looked at.
    pub is_truncated: bool,
}

impl Report {
    /// Whether there is no error.
    pub fn is_valid(&self) -> bool {
        self.count(Severity::Error) == 0
    }

    /// How many findings of that severity there are.
    pub fn count(&self, severity: Severity) -> usize {
        self.of(severity).count()
    }

    /// The findings of that severity.
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
    /// None so far.
    pub fn new(profile: Profile) -> Self {
        Self { profile, all: Vec::new(), is_truncated: false }
    }

    /// The profile.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Adds what breaks the rule that the diagnostic names, as severe as the profile has it. Under
    /// some profiles a rule does not count at all.
    pub fn add(&mut self, diagnostic: Diagnostic) {
        let rule = diagnostic.rule.and_then(rule::find);
        match rule {
            Some(rule) => {
                if let Some(severity) = rule.severity(self.profile) {
                    self.push(Finding { rule: Some(rule), severity, diagnostic });
                }
            }
            None => self.add_as(Severity::Warning, diagnostic),
        }
    }

    /// Adds a finding that is as severe as the caller says.
    pub fn add_as(&mut self, severity: Severity, diagnostic: Diagnostic) {
        let rule = diagnostic.rule.and_then(rule::find);
        self.push(Finding { rule, severity, diagnostic });
    }

    /// Adds why something cannot be packaged: errors, whatever the profile. Reasons without a rule
    /// get that one.
    pub fn add_refusal(&mut self, error: &Error, rule: &'static str) {
        for reason in error.diagnostics() {
            let mut reason = reason.clone();
            reason.rule.get_or_insert(rule);
            self.add_as(Severity::Error, reason);
        }
    }

    /// Whether there is an error so far.
    pub fn has_error(&self) -> bool {
        self.all.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The rules that were broken so far, each with its file.
    pub(crate) fn told(&self) -> BTreeSet<(&'static str, String)> {
        let one = |finding: &Finding| {
            let path = finding.diagnostic.path.as_deref().unwrap_or_else(|| Path::new(""));
            (finding.code(), path.to_string_lossy().into_owned())
        };
        self.all.iter().map(one).collect()
    }

    /// Something could not be looked at.
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

    /// All of them by path and place, each once.
    pub fn into_report(mut self) -> Report {
        self.all.sort_by(|a, b| key(a).cmp(&key(b)));
        // What two look for is told once, as the more severe one has it; two findings of one rule at
        // one place are two.
        self.all.dedup_by(|later, first| {
            place(later) == place(first)
                && (later.diagnostic.message == first.diagnostic.message
                    || later.severity != first.severity)
        });
        Report { findings: self.all, is_truncated: self.is_truncated }
    }
}

type Place<'a> =
    (Option<&'a std::path::Path>, Option<toolhive_diagnostics::Position>, &'static str);

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
    fn there_is_an_end_to_findings() {
        let mut findings = Findings::new(Profile::Claude);
        for _ in 0..=MAX_FINDINGS {
            findings.add(at("skill-lines", 0));
        }
        assert!(findings.into_report().is_truncated);
    }
}
